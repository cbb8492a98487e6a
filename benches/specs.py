"""A fleet of 500 services and 16,000 tasks at the published quotas: the first look at all of it, all of its
tasks beside the least that our half of the quota allows, and the same asked of the AWS CLI."""

import collections
import contextlib
import json
import pathlib
import re
import tempfile

import harness
import measure

SCENARIO = pathlib.Path(__file__).parent / "scenarios" / "fleet.toml"
LOOP = pathlib.Path(__file__).parent / "aws-specs"
LATENCY = "100ms"
CLUSTERS = ("web", "api", "worker", "batch", "edge")
SERVICES_A_CLUSTER = 100

# Our half of ListTasks' and DescribeTasks' shared bucket: 100 at once and 20 a second.
BURST, CALLS_A_SECOND = 50, 10

CALLS_LIMIT = 95
SECONDS_LIMIT = 3
MEMORY_LIMIT_MB = 80
TASKS_LIMIT = 1.2
# It leaves the SDK's defaults and retries alone, as whoever types it does.
LEAST = 5


class Calls:
    """The requests of a run, as `--debug` tells them."""

    LINE = re.compile(r'operation="(\w+)".* throttles=(\d+) failures=(\d+)')

    def __init__(self, said):
        lines = [(name, int(throttles)) for name, throttles, _ in self.LINE.findall(said)]
        self.by_name = collections.Counter(name for name, _ in lines)
        self.throttles = sum(throttles > 0 for _, throttles in lines)

    @property
    def all(self):
        return sum(self.by_name.values())

    @property
    def of_tasks(self):
        return self.by_name["ListTasks"] + self.by_name["DescribeTasks"]


def run(command, environment):
    """A run, watched, and the JSON documents that it printed."""
    with tempfile.TemporaryFile() as output:
        measured = measure.timed([str(word) for word in command], environment, output, watched=True)
        output.seek(0)
        return measured, list(documents(output.read().decode()))


def documents(text):
    decoder, place = json.JSONDecoder(), 0
    while (place := len(text) - len(text[place:].lstrip())) < len(text):
        document, place = decoder.raw_decode(text, place)
        yield document


@contextlib.contextmanager
def cloud():
    home = harness.Home()
    try:
        with harness.Drill(home, SCENARIO, flags=["--latency", LATENCY, "--tps", "published"]) as drill:
            yield drill
    finally:
        home.remove()


def ours(drill, clusters, *verb):
    """By somebody who never asked before: nothing is in the cache."""
    home = harness.Home()
    try:
        only = [flag for name in clusters for flag in ("--cluster", name)] if len(clusters) < len(CLUSTERS) else []
        command = [harness.binary(), "--debug", "specs", *verb, *only]
        measured, records = run(command, home.environment(**drill.variables))
        return measured, records, Calls(measured.said)
    finally:
        home.remove()


def theirs(aws, drill, clusters, what):
    home = harness.Home()
    try:
        command = [LOOP, aws, drill.url, what, *clusters]
        environment = home.environment(**drill.variables, AWS_PAGER="", PYTHONIOENCODING="utf-8")
        measured, answers = run(command, environment)
        things = [thing for answer in answers for thing in answer.get(what, [])]
        return measured, things, int(re.search(r"^calls (\d+)$", measured.said, re.MULTILINE)[1])
    finally:
        home.remove()


def specs(table, _, part):
    clusters = CLUSTERS[:max(1, round(len(CLUSTERS) * part))]
    with cloud() as drill:
        look, records, calls = ours(drill, clusters)
    services = {(r["cluster"], r["service"]): r["running"] + r["pending"] for r in records}
    expect(SERVICES_A_CLUSTER * len(clusters), len(services), "oncall specs", look)
    alive = sum(services.values())
    what = f"{len(services):,} services, {alive:,} tasks"
    table.below(f"{what}: oncall specs, calls", calls.all, CALLS_LIMIT + 1, "calls")
    table.below("oncall specs, wall", look.seconds, SECONDS_LIMIT, "s")
    table.below("oncall specs, peak memory", look.memory_mb, MEMORY_LIMIT_MB, "MB")
    table.below("oncall specs, throttled", calls.throttles, 1, "calls")

    # A bucket of its own, full as the other's was.
    with cloud() as drill:
        tasks, records, calls = ours(drill, clusters, "tasks")
    expect(alive, len(records), "oncall specs tasks", tasks)
    limit = max(calls.of_tasks - BURST, 1) / CALLS_A_SECOND
    table.row(f"{calls.of_tasks:,} calls at half of the quota", f"{limit:.1f} s")
    table.row("oncall specs tasks, wall", f"{tasks.seconds:.1f} s")
    table.below("oncall specs tasks / the quota's least", tasks.seconds / limit, TASKS_LIMIT, "x")
    table.below("oncall specs tasks, peak memory", tasks.memory_mb, MEMORY_LIMIT_MB, "MB")
    table.below("oncall specs tasks, throttled", calls.throttles, 1, "calls")
    beside(table, clusters, look, tasks, len(services), alive)


def beside(table, clusters, look, tasks, services, alive):
    """Who runs what is in two answers there: the counts in the services', the versions in the tasks'."""
    aws = harness.aws_cli()
    if aws is None:
        table.skipped("beside aws ecs")
        return
    with cloud() as drill:
        of_services, found, service_calls = theirs(aws, drill, clusters, "services")
        expect(services, len(found), "aws ecs describe-services", of_services)
        of_tasks, found, task_calls = theirs(aws, drill, clusters, "tasks")
        expect(alive, len(found), "aws ecs describe-tasks", of_tasks)
    table.row("aws ecs, services, one call after the other", f"{of_services.seconds:.1f} s", "", f"{service_calls:,} calls")
    table.row("aws ecs, tasks, one call after the other", f"{of_tasks.seconds:.1f} s", "", f"{task_calls:,} calls")
    whole = of_services.seconds + of_tasks.seconds
    table.row("aws ecs, services alone / oncall specs", f"{of_services.seconds / look.seconds:.1f} x")
    table.least("aws ecs, services and versions / oncall specs", whole / look.seconds, LEAST, "x")
    table.row("aws ecs, tasks / oncall specs tasks", f"{of_tasks.seconds / tasks.seconds:.1f} x")


def expect(wanted, found, name, measured):
    """A figure counts only when everything was read."""
    if wanted != found:
        raise SystemExit(f"{name}: {found:,} came out, {wanted:,} are there\n{measured.said[-2000:]}")
