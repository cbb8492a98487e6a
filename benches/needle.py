"""Forty events among two million: the server looks at 10,000 for a page, so most pages are empty."""

import pathlib

import harness
import measure
import quota
import summary

SCENARIO = pathlib.Path(__file__).parent / "scenarios" / "haystack.toml"
GROUP = "/ecs/bench-haystack"
NEEDLE = "LEDGER-4107"
PATTERN = f'"{NEEDLE}"'
NEEDLES_AN_HOUR = 40
EVENTS_AN_HOUR = 2_000_000
HOUR_MS = 3_600_000
NOW = harness.millis(harness.DRILL_NOW)
AHEAD = "2h"

LIMIT = 1.5


def needle(table, home, part):
    since = NOW - int(HOUR_MS * part)
    needles = int(NEEDLES_AN_HOUR * part)
    scan = ["--scan-limit", "10000"]
    with quota.drill(home, SCENARIO, AHEAD, scan) as drill:
        pages = quota.pages(drill.url, GROUP, since, NOW, PATTERN)
    limit = quota.least_seconds(pages)
    table.row(f"{needles} of {int(EVENTS_AN_HOUR * part) + needles:,} events, one reading", f"{pages:,} pages")
    table.row(f"{pages:,} pages at {quota.SHARE:.0%} of {quota.CALLS_A_SECOND} a second", f"{limit:.1f} s")
    aws = harness.aws_cli()
    with quota.drill(home, SCENARIO, AHEAD, [*quota.WEATHER, *scan]) as drill:
        environment = home.environment(**drill.variables, AWS_PAGER="", PYTHONIOENCODING="utf-8")
        grep = [harness.binary(), "logs", *summary.flags(), "grep", NEEDLE, f"group:{GROUP}",
                "--since", str(since), "--until", str(NOW + 1)]
        run = measure.counted(grep, environment)
        measure.expect(needles, oncall=run)
        table.row("oncall logs grep", f"{run.seconds:.1f} s")
        table.row("oncall logs grep, what it took", str(summary.Taken(run.said)))
        table.below("oncall logs grep / the quota's least", run.seconds / limit, LIMIT, "x")
        bare = measure.counted(measure.bare_loop(drill.url, GROUP, since, NOW, PATTERN), environment)
        measure.expect(needles, bare_loop=bare)
        table.row("bare loop, one page after the other", f"{bare.seconds:.1f} s")
        table.row("bare loop / oncall logs grep", f"{bare.seconds / run.seconds:.1f} x")
        if aws is None:
            table.skipped("beside aws logs tail")
            return
        try:
            tail = measure.counted(
                [aws, "logs", "tail", GROUP, "--since", harness.rfc3339(since), "--filter-pattern", PATTERN,
                 "--color", "off", "--endpoint-url", drill.url], environment)
        except measure.Failed as failed:
            # The service may hand a token back; the AWS CLI takes that for an error.
            table.row("aws logs tail --filter-pattern", "gave up", "", failed.said.strip().split(":")[1].strip())
            return
        measure.expect(needles, aws=tail)
    table.row("aws logs tail --filter-pattern", f"{tail.seconds:.1f} s")
