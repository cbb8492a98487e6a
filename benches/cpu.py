"""What a record costs, with no network and no quota in the way: beside a bare loop over the same SDK,
and beside the AWS CLI."""

import fetch
import harness
import measure
import quota

ROUNDS = 3
# Of the processor time of the bare loop, which prints the message and nothing else.
RAW_LIMIT = 1.3
JSON_LIMIT = 2.2
LEAST = 5


def best(command, environment, events, rounds=ROUNDS):
    """The shortest wall time, and the least processor time, of some runs: what more there is, others did."""
    runs = [measure.counted(command, environment) for _ in range(rounds)]
    for run in runs:
        measure.expect(events, **{command[0]: run})
    return min(run.seconds for run in runs), min(run.cpu_seconds for run in runs)


def cpu(table, home, part):
    since, events = fetch.window(part)
    aws = harness.aws_cli()
    with quota.drill(home, fetch.SCENARIO, fetch.AHEAD) as drill:
        environment = home.environment(**drill.variables, AWS_PAGER="", PYTHONIOENCODING="utf-8")
        bare = measure.bare_loop(drill.url, fetch.GROUP, since, fetch.NOW)
        oncall = [*fetch.ours(since), "--budget", "unlimited"]
        bare_wall, bare_cpu = best(bare, environment, events)
        raw_wall, raw_cpu = best([*oncall, "-o", "raw"], environment, events)
        json_wall, json_cpu = best([*oncall, "-o", "json"], environment, events)
        tail = best(fetch.theirs(aws, drill.url, since), environment, events, rounds=1)[0] if aws else None
    table.row(f"{events:,} events, bare loop", f"{bare_wall:.2f} s", "", f"{bare_cpu:.2f} s of a processor")
    table.row("oncall logs -o raw", f"{raw_wall:.2f} s", "", f"{raw_cpu:.2f} s of a processor")
    table.row("oncall logs", f"{json_wall:.2f} s", "", f"{json_cpu:.2f} s of a processor")
    table.below("processor, oncall logs -o raw / bare loop", raw_cpu / bare_cpu, RAW_LIMIT, "x")
    table.below("processor, oncall logs / bare loop", json_cpu / bare_cpu, JSON_LIMIT, "x")
    if tail is None:
        table.skipped("beside aws logs tail")
        return
    table.row("aws logs tail", f"{tail:.2f} s")
    table.least("wall, aws logs tail / oncall logs", tail / json_wall, LEAST, "x")
