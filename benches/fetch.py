"""A day of a group, at the speed of the account's quota: beside the AWS CLI, which asks for one page
after the other, and beside the least that the quota allows."""

import pathlib

import harness
import measure
import quota
import summary

SCENARIO = pathlib.Path(__file__).parent / "scenarios" / "day.toml"
GROUP = "/ecs/bench-day"
EVENTS_A_DAY = 500_000
DAY_MS = 86_400_000
NOW = harness.millis(harness.DRILL_NOW)
AHEAD = "25h"

LIMIT = 1.25
LEAST = 5


def window(part):
    """The beginning of the window, and how many events there are from there to now."""
    return NOW - int(DAY_MS * part), int(EVENTS_A_DAY * part)


def ours(since):
    # The AWS CLI knows no end: it reads to the clock's, that millisecond included.
    return [harness.binary(), "logs", *summary.flags(), f"group:{GROUP}",
            "--since", str(since), "--until", str(NOW + 1)]


def theirs(aws, url, since):
    return [aws, "logs", "tail", GROUP, "--since", harness.rfc3339(since), "--format", "detailed",
            "--color", "off", "--endpoint-url", url]


def fetch(table, home, part):
    since, events = window(part)
    with quota.drill(home, SCENARIO, AHEAD) as drill:
        pages = quota.pages(drill.url, GROUP, since, NOW)
    limit = quota.least_seconds(pages)
    table.row(f"{events:,} events in one reading", f"{pages:,} pages")
    table.row(f"{pages:,} pages at {quota.SHARE:.0%} of {quota.CALLS_A_SECOND} a second", f"{limit:.1f} s")
    aws = harness.aws_cli()
    with quota.drill(home, SCENARIO, AHEAD, quota.WEATHER) as drill:
        environment = home.environment(**drill.variables, AWS_PAGER="", PYTHONIOENCODING="utf-8")
        run = measure.counted(ours(since), environment)
        measure.expect(events, oncall=run)
        table.row("oncall logs", f"{run.seconds:.1f} s")
        table.row("oncall logs, what it took", str(summary.Taken(run.said)))
        table.below("oncall logs / the quota's least", run.seconds / limit, LIMIT, "x")
        if aws is None:
            table.skipped("beside aws logs tail")
            return
        tail = measure.counted(theirs(aws, drill.url, since), environment)
        measure.expect(events, aws=tail)
    table.row("aws logs tail", f"{tail.seconds:.1f} s")
    table.least("aws logs tail / oncall logs", tail.seconds / run.seconds, LEAST, "x")
