"""`oncall logs -f` beside a drill in some weather, and what both say at the end: the lines that were
printed, and the server's own ledger of what was written."""

import collections
import concurrent.futures
import contextlib
import functools
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import unittest

import harness

SCENARIOS = pathlib.Path(__file__).parent / "scenarios"

# Written so long, in seconds; the whole two minutes where time is no matter.
SHORT, LONG = 25, 120
SECONDS = LONG if os.environ.get("ONCALL_LONG") == "1" else SHORT

# No stream of these scenarios is later, where its own spec does not say so.
LONGEST_LAG = 8

# A sweep comes at least so often: what polls have missed is there by then.
SWEEP = 65


# ---------------------------------------------------------------- specs that run side by side

# Most of a spec's time is waiting, so as many run at once as two cores can bear.
POOL = concurrent.futures.ThreadPoolExecutor(18)
STARTED = {}


def meanwhile(spec):
    """Such a spec is started with its module, and beside the others; the test waits for its end."""

    @functools.wraps(spec)
    def wait(self):
        ended = STARTED.pop(self.id(), None) or POOL.submit(spec, self)
        ended.result()

    wait.spec = spec
    return wait


def chosen(suite):
    """The tests of a suite, whatever they are wrapped in."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from chosen(test)
        elif test is not None:  # a suite forgets what it has run
            yield test


def start_all(suite):
    for test in chosen(suite):
        spec = getattr(getattr(test, test._testMethodName), "spec", None)
        if spec:
            STARTED[test.id()] = POOL.submit(spec, test)


# ---------------------------------------------------------------- the two sides

Event = collections.namedtuple("Event", "group stream time text")


class Printed:
    """One line of stdout, and when it could be read."""

    def __init__(self, line):
        self.at = time.time() * 1000
        self.line = line

    @functools.cached_property
    def record(self):
        return json.loads(self.line)

    @functools.cached_property
    def event(self):
        moment, stream, text = harness.of_oncall(self.line)
        return Event(self.record["group"], stream, moment, text)

    @functools.cached_property
    def delay(self):
        """From ingestion to here, in milliseconds."""
        return self.at - harness.millis(self.record["ingested"])


def written(path):
    """The ledger: each event, the id and the moment of ingestion that the server gave it."""
    for line in path.read_text().split("\n"):
        if line:
            record = json.loads(line)
            event = Event(
                record["group"], record["stream"], harness.millis(record["time"]), harness.told(record["message"]))
            yield event, record["id"], harness.millis(record["ingestion_time"])


class Follower:
    """`oncall … logs … -f …`, read as it prints."""

    def __init__(self, environment, *arguments):
        self.arguments = [str(argument) for argument in arguments]
        self.process = subprocess.Popen(
            [harness.binary(), *self.arguments], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self.began = time.time() * 1000
        self.printed, self.said = [], []
        self.readers = [
            threading.Thread(target=self.read_lines, daemon=True),
            threading.Thread(target=self.read_talk, daemon=True),
        ]
        for reader in self.readers:
            reader.start()

    def read_lines(self):
        for line in self.process.stdout:
            self.printed.append(Printed(line))

    def read_talk(self):
        for line in self.process.stderr:
            self.said.append(line.decode(errors="replace"))

    @property
    def stderr(self):
        return "".join(self.said)

    def wait_for(self, is_there, patience, what):
        until = time.monotonic() + patience
        while not is_there():
            if self.process.poll() is not None:
                raise AssertionError(f"it ended with {self.process.returncode} before {what}\n{self.stderr}")
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True

    def signal(self, number):
        self.process.send_signal(number)

    def interrupt(self):
        """Ctrl-C, and the end."""
        if self.process.poll() is None:
            self.signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"Ctrl-C was not heard for 20 s\n{self.stderr}") from None
        finally:
            for reader in self.readers:
                reader.join(20)
        return self

    def close(self):
        harness.stop(self.process)
        for reader in self.readers:
            reader.join(20)
        self.process.stdout.close()
        self.process.stderr.close()

    @property
    def events(self):
        return [printed.event for printed in self.printed]

    def count(self, name):
        """A figure of the summary, which is the last line; 0 when it is not among them."""
        last = [line for line in self.said if re.match(r"[\d,]+ records?\b", line)]
        found = re.search(rf"([\d,]+) (?:{name})\b", last[-1]) if last else None
        return int(found.group(1).replace(",", "")) if found else 0

    def __repr__(self):
        return f"oncall {' '.join(self.arguments)}: {self.process.returncode}\n{self.stderr[-4000:]}"


class Place:
    """A drill with a home of its own, and whoever follows it."""

    def __init__(self, things, scenario, *faults, seconds=SHORT, lag=LONGEST_LAG):
        """`scenario` is TOML, or the path of it."""
        self.things, self.seconds, self.lag = things, seconds, lag
        self.home = harness.Home()
        things.callback(self.home.remove)
        path = scenario if isinstance(scenario, pathlib.Path) else self.home.write("scenario.toml", scenario)
        self.ledger = self.home.path / "ledger.jsonl"
        stopping = ["--stop-after", f"{seconds}s", "--ledger", str(self.ledger)]
        self.drill = things.enter_context(
            harness.Drill(self.home, path, frozen=False, flags=[*stopping, *map(str, faults)]))
        self.began = time.monotonic()
        self.environment = self.home.environment(**self.drill.variables)

    def follow(self, *arguments, **variables):
        follower = Follower({**self.environment, **variables}, *arguments)
        self.things.callback(follower.close)
        return follower

    def sleep_until(self, second):
        """So long after the drill's beginning."""
        time.sleep(max(0, self.began + second - time.monotonic()))

    def readable(self, groups):
        """How many events boto3 reads of the groups, however long it takes in this weather."""
        logs = harness.client("logs", self.drill.url)
        return sum(len(persistently(harness.by_filter_log_events, logs, group)) for group in groups)

    def settle(self, followers, groups, sweep=0):
        """Waits until the last event can be read, and then until all have printed them, or for so long
        that they never will. `sweep` seconds more show what is printed twice."""
        self.sleep_until(self.seconds + self.lag + 1)
        expected = self.readable(groups)
        for follower in followers:
            follower.wait_for(lambda f=follower: len(f.printed) >= expected, SWEEP + 25, "all was printed")
        time.sleep(max(2, sweep))

    def end(self, followers):
        for follower in followers:
            follower.interrupt()
        self.drill.interrupt()
        self.written = list(written(self.ledger))
        return self.written


def persistently(call, *arguments):
    for _ in range(60):
        try:
            return call(*arguments)
        except Exception as error:  # noqa: BLE001: whatever the weather does, again
            last = error
            time.sleep(0.3)
    raise last


class Following(unittest.TestCase):
    """What every follower is held to."""

    maxDiff = 2000

    def assertSameEvents(self, expected, follower, only_among=False):
        printed, wanted = collections.Counter(follower.events), collections.Counter(expected)
        missing = collections.Counter() if only_among else wanted - printed
        surplus = printed - wanted
        twice = {event for event in surplus if event in wanted}
        if missing or surplus:
            self.fail(
                f"{sum(wanted.values())} written, {sum(printed.values())} printed; missing "
                f"{sum(missing.values())}: {list(missing)[:3]}; surplus {sum(surplus.values())} "
                f"({len(twice)} of them twice): {list(surplus)[:3]}\n{follower!r}")
        self.assertGreater(len(follower.printed), 50, f"too little to compare\n{follower!r}")

    def assertFollowed(self, place, follower, *, only_among=False):
        """Every event of the ledger once, ids right where there are any, 130, and a summary that says so."""
        self.assertSameEvents([event for event, _, _ in place.written], follower, only_among)
        self.assertEqual(130, follower.process.returncode, follower)
        records = [printed.record for printed in follower.printed]
        ids = [record["id"] for record in records if "id" in record]
        self.assertEqual(len(ids), len(set(ids)), "an id was printed twice")
        known = {id for _, id, _ in place.written}
        self.assertFalse(set(ids) - known, "an id that the server never gave")
        self.assertEqual(len(records), follower.count("records?"), follower)
        self.assertEqual(sum(record.get("late", False) for record in records), follower.count("late"), follower)
        self.assertEqual(0, follower.count("after the guarantee"), follower)
        self.assertIn("interrupted", follower.said[-1], follower)
        self.assertReadable(follower.stderr)

    assertReadable = harness.Spec.assertReadable

    def assertSays(self, pattern, follower):
        self.assertRegex(follower.stderr, pattern, follower)

    def assertSaysOnce(self, pattern, follower):
        self.assertEqual(1, len(re.findall(pattern, follower.stderr)), follower)


@contextlib.contextmanager
def stage():
    with contextlib.ExitStack() as things:
        yield things
