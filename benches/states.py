"""What changed, by the states of a bucket with 2,000 versions, 100 ms a call: only what is within the window is
fetched, and one version before it of each state, each once and within our pace."""

import json
import time

import harness
import measure
import s3

CALLS_LIMIT = 1.1
FIRST_LIMIT_S = 3
SECONDS_LIMIT = 10
MEMORY_LIMIT_MB = 100
# Half of what we take S3 to give to one who reads states: 200 a second, and 40 at once.
CALLS_A_SECOND = 100 + 20


class Asked:
    """One run of the command, and what it took."""

    def __init__(self, server, since):
        home = harness.Home()
        home.write("config/oncall/config.toml", f'[[s3_state]]\nbucket = "{s3.BUCKET}"\n')
        command = [harness.binary(), "changelog", "--source", "s3-state", "--since", f"{since * 1000:.0f}"]
        environment = home.environment(**harness.KEYS, AWS_ENDPOINT_URL=server.url)
        try:
            self.answer = measure.answer(command, environment)
        finally:
            home.remove()
        self.records = [json.loads(line) for line in self.answer.lines]
        self.calls = server.calls.total() - server.calls["account"]
        self.by_kind, self.fetched = server.calls, server.fetched
        self.calls_in_a_second = server.calls_in_a_second()
        self.wanted, self.within = server.world.wanted(since), server.world.within(since)
        self.least = server.world.least_calls(since)


def asked(days):
    with s3.Server(time.time()) as server:
        asked = Asked(server, server.world.now - days * 86_400)
    expect(asked)
    return asked


def states(table, _):
    week = asked(7)
    what = f"{len(week.within):,} of {s3.VERSIONS:,} versions"
    table.below(f"{what}: the first change", week.answer.first, FIRST_LIMIT_S, "s")
    table.below(f"{what}: wall", week.answer.seconds, SECONDS_LIMIT, "s")
    row(table, what, week)

    # All that there is: memory may not grow with it.
    past = asked(s3.DAYS + 1)
    what = f"all {s3.VERSIONS:,} versions"
    table.row(f"{what}: wall", f"{past.answer.seconds:.1f} s")
    row(table, what, past)


def row(table, what, asked):
    pages, contents = asked.by_kind["pages"], asked.by_kind["contents"]
    table.row(f"{what}: calls", f"{asked.calls:,}", "", f"{pages} pages, {contents:,} contents")
    table.below(f"{what}: calls / the least", asked.calls / asked.least, CALLS_LIMIT, "x")
    table.below(f"{what}: the most in a second", asked.calls_in_a_second, CALLS_A_SECOND + 1, "calls")
    table.below(f"{what}: peak memory", asked.answer.memory_mb, MEMORY_LIMIT_MB, "MB")


def expect(asked):
    """A figure counts only when all of it was read, rightly, and nothing else."""
    answer = asked.answer
    found = {
        change["id"]: [resource["address"] for resource in change["resources"]]
        for change in asked.records if change["kind"] == "change"}
    # Of the first version of all, everything is new.
    wrong = [one for one in asked.within if one.serial > 1 and found.get(one.id) != [s3.changed(one.serial)]]
    if answer.code != 0 or wrong or found.keys() != {one.id for one in asked.within}:
        raise SystemExit(
            f"exit code {answer.code}, {len(found):,} changes of {len(asked.within):,}, {len(wrong):,} of them "
            f"with other resources than were changed\n{answer.said[-2000:]}")
    if asked.fetched.keys() - {one.id for one in asked.wanted}:
        raise SystemExit("contents were fetched that nobody needs")
    if any(s3.SECRET.encode() in line for line in answer.lines) or s3.SECRET in answer.said:
        raise SystemExit("a secret came out")
