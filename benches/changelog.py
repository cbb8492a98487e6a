"""What changed, in an organisation of 500 workspaces with 3,000 runs in seven days, 100 ms a call and the
published limits: how many calls it takes beside the least, and when the first line comes."""

import json
import time

import harness
import measure
import terraform

CALLS_LIMIT = 1.2
FIRST_LIMIT_S = 3


class Asked:
    """One run of the command, by somebody who never asked before, and what it took."""

    def __init__(self, server, since_hours, *flags):
        home = harness.Home()
        since = server.world.now - since_hours * terraform.HOUR_S
        command = [harness.binary(), "changelog", "--source", "terraform", "--since", f"{int(since * 1000)}", *flags]
        environment = home.environment(
            TFE_ADDRESS=server.url, TFE_TOKEN=terraform.TOKEN, TF_CLOUD_ORGANIZATION=terraform.ORGANIZATION)
        try:
            answer = measure.answer(command, environment)
        finally:
            home.remove()
        self.code, self.said, self.memory_mb = answer.code, answer.said, answer.memory_mb
        self.first, self.seconds = answer.first, answer.seconds
        records = [json.loads(line) for line in answer.lines]
        self.changes = [record for record in records if record["kind"] == "change"]
        self.least = server.world.least_calls(since)
        self.wanted = {run["id"] for run in server.world.findable(since)}
        self.calls = sum(server.calls.values())
        self.throttled = server.throttled


def asked(since_hours, *flags):
    with terraform.Server(time.time()) as server:
        return Asked(server, since_hours, *flags)


def changelog(table, _):
    two = asked(2)
    expect(two)
    table.below("changelog of two hours: the first change", two.first, FIRST_LIMIT_S, "s")
    table.row("changelog of two hours, wall", f"{two.seconds:.1f} s", "", f"{two.calls} calls")
    table.below("changelog of two hours: calls / the least", two.calls / two.least, CALLS_LIMIT, "x")

    week = asked(24 * terraform.DAYS, "--budget", "100")
    expect(week)
    what = f"{len(week.changes):,} changes of {terraform.RUNS:,} runs in a week"
    table.row(f"{what}, wall", f"{week.seconds:.0f} s", "", f"{week.calls:,} calls, {week.throttled} throttled")
    table.row("the first of them", f"{week.first:.1f} s")
    table.below("changelog of a week: calls / the least", week.calls / week.least, CALLS_LIMIT, "x")

    # At the usual share of the limits, it may be cut; then it says so.
    cut = asked(24 * terraform.DAYS, "--no-details", "--most-runs", "500")
    if cut.code != 3 or "only back to" not in cut.said:
        raise SystemExit(f"a list that was cut did not say so (exit code {cut.code})\n{cut.said[-2000:]}")
    table.row("five pages of a week, cut and said so", f"{cut.seconds:.1f} s", "", f"{cut.calls} calls")


def expect(asked):
    """A figure counts only when everything was read."""
    missing = asked.wanted - {change["id"] for change in asked.changes}
    if asked.code != 0 or missing:
        tail = asked.said[-2000:]
        raise SystemExit(f"exit code {asked.code}, {len(missing)} of {len(asked.wanted)} changes are missing\n{tail}")
