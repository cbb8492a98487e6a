"""Given a job that reads again and again what is new, when it is killed at any moment, two hundred times, then its file
has every event of the server's ledger once; and a pipe has lost none, and repeats only what a killed run wrote last.

The oracles are the ledger (what was written while the drill ran) and boto3 (that, and the history before)."""

import collections
import concurrent.futures
import json
import pathlib
import random
import statistics
import subprocess
import threading
import time
import unittest

import following
import harness

KILLS = 100  # of each of two jobs
WRITING = 40  # seconds
LONGEST_LAG = 6
HISTORY = 240  # seconds before the drill began
GROUPS = ["/works/late", "/works/prompt"]

# So many records are written before a run keeps how far it came.
KEPT_EVERY = 10_000


class Job:
    """One job, started anew whenever it has ended or was killed."""

    def __init__(self, name, seed, environment, since, path=None):
        self.random, self.environment, self.path = random.Random(seed), environment, path
        more = ["--to", str(path)] if path else []
        self.arguments = ["logs", "/works/*", "--since", since, "--late", "15s", "--resume", name, *more]
        self.took, self.kills, self.torn, self.complaints = [], 0, 0, []
        self.written, self.tails = [], []

    def __call__(self):
        """At first it is killed on its way through the history; later each fourth run may end."""
        while self.kills < KILLS:
            usual = statistics.median(self.took[-20:]) if self.took else 1
            self.run(self.random.uniform(0, 1.2 * usual))
            if self.kills > 20 and self.kills % 3 == 0:
                self.run()
        return self

    def run(self, patience=None):
        """Runs until it ends or patience does. Whether it ended by itself."""
        began = time.monotonic()
        process = subprocess.Popen(
            [harness.binary(), *self.arguments], env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        got = {}
        readers = [
            threading.Thread(target=lambda name=name: got.update({name: getattr(process, name).read()}))
            for name in ("stdout", "stderr")
        ]
        for reader in readers:
            reader.start()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for reader in readers:
            reader.join()
        process.stdout.close()
        process.stderr.close()
        self.heed(process.returncode, got, time.monotonic() - began)
        return process.returncode == 0

    def heed(self, code, got, seconds):
        # A line that was cut by the kill is no line.
        lines = [json.loads(line)["id"] for line in got["stdout"].split(b"\n")[:-1]]
        self.written += lines
        if code == -9:
            self.kills += 1
            self.tails.append(lines[-KEPT_EVERY:])
            self.torn += self.is_torn()
        elif code == 0:
            self.took.append(seconds)
        if got["stderr"] or code not in (0, -9):
            self.complaints.append((code, got["stderr"].decode(errors="replace")))

    def is_torn(self):
        """Whether more is in the file than the checkpoint knows."""
        kept = pathlib.Path(self.environment["XDG_STATE_HOME"]) / "oncall" / "checkpoints" / "file.json"
        if self.path is None or not kept.exists():
            return False
        return self.path.stat().st_size > json.loads(kept.read_text())["value"]["file"]["length_bytes"]


class Killed(harness.Spec):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ledger = cls.home.path / "ledger.jsonl"
        flags = ["--stop-after", f"{WRITING}s", "--ledger", str(ledger), "--latency", "15ms+15ms"]
        drill = cls.use(harness.Drill(
            cls.home, following.SCENARIOS / "resume.toml", frozen=False, flags=flags))
        began = time.time()
        since = harness.rfc3339(round((began - HISTORY) * 1000))
        environment = cls.home.environment(**drill.variables)
        cls.path = cls.home.path / "events.jsonl"
        cls.file = Job("file", 1, environment, since, cls.path)
        cls.pipe = Job("pipe", 2, environment, since)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for job in [pool.submit(cls.file), pool.submit(cls.pipe)]:
                job.result()
        time.sleep(max(0, began + WRITING + LONGEST_LAG + 2 - time.time()))
        for job in (cls.file, cls.pipe):
            job.ended = [job.run(), job.run()]
        logs = harness.client("logs", drill.url)
        start = harness.millis(since)
        cls.expected = {
            event["eventId"]: event
            for group in GROUPS for event in harness.by_filter_log_events(logs, group, startTime=start)
        }
        drill.interrupt()
        cls.ledger = {id for _, id, _ in following.written(ledger)}
        cls.in_file = [json.loads(line) for line in cls.path.read_text().splitlines()]

    def test_enough_happened(self):
        for job in (self.file, self.pipe):
            self.assertGreaterEqual(job.kills, KILLS)
            self.assertEqual([True, True], job.ended, job.complaints)
            self.assertEqual([], job.complaints)
            self.assertGreater(len(job.took), 20)
        self.assertGreater(self.file.torn, 0, "no kill came between writing and keeping")
        self.assertGreater(len(self.ledger), 100 * (WRITING - 10))
        self.assertGreater(len(self.expected), len(self.ledger) + 100 * HISTORY)

    def test_the_file_has_every_event_once(self):
        counts = collections.Counter(record["id"] for record in self.in_file)
        twice = [id for id, count in counts.items() if count > 1]
        missing = self.expected.keys() - counts.keys()
        self.assertEqual((0, 0, 0), (len(twice), len(missing), len(counts.keys() - self.expected.keys())))
        self.assertFalse(self.ledger - counts.keys())

    def test_what_came_late_is_in_the_file_and_marked(self):
        late = [record for record in self.in_file if record.get("late")]
        self.assertGreater(len(late), 100)
        order = [record["time"] for record in self.in_file if not record.get("late")]
        self.assertEqual(sorted(order), order, "what is not late is in order")

    def test_the_pipe_lost_nothing_and_repeats_only_ends_of_killed_runs(self):
        counts = collections.Counter(self.pipe.written)
        self.assertEqual(self.expected.keys(), counts.keys())
        self.assertFalse(self.ledger - counts.keys())
        surplus = counts - collections.Counter(counts.keys())
        tails = collections.Counter(id for tail in self.pipe.tails for id in tail)
        # Whether a kill falls between writing and keeping is luck; for the file, which shows it, it is asked above.
        self.assertFalse(surplus - tails)


if __name__ == "__main__":
    unittest.main()
