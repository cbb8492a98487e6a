"""What it costs to follow two hundred events a second, and how soon they are there."""

import os
import pathlib
import re
import signal
import statistics
import subprocess
import threading
import time

import harness

SCENARIO = pathlib.Path(__file__).parent / "scenarios" / "river.toml"
GROUP = "/ecs/bench-river"
RATE = 200

MINUTES = 10
# What the first minute needs, the others have to get by with: a little is the allocator's.
GROWTH_LIMIT_MB = 3
MEMORY_LIMIT_MB = 60
CPU_LIMIT_PERCENT = 3
# Live Tail's updates come once a second, and without it a poll does.
DELAY_LIMIT_MS = {"auto": 1_200, "never": 1_000}
NAMES = {"auto": "live tail", "never": "polls"}

INGESTED = re.compile(rb'"ingested":"([^"]+)"')


class Following:
    """A follower under observation: the delay of every line, and each second its memory and CPU time."""

    def __init__(self, live, seconds):
        self.live, self.seconds = live, seconds
        self.lines = []
        self.samples = []
        self.failure = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        home = harness.Home()
        try:
            with harness.Drill(home, SCENARIO, frozen=False) as drill:
                self.observe(home.environment(**drill.variables))
        except Exception as error:  # noqa: BLE001: told by whoever waits for the thread
            self.failure = error
        finally:
            home.remove()

    def observe(self, environment):
        command = [harness.binary(), "logs", "-f", f"group:{GROUP}", "--since", "1m", "--live", self.live]
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        reader = threading.Thread(target=self.read, args=(process.stdout,))
        reader.start()
        self.began = time.time()
        while process.poll() is None and time.time() < self.began + self.seconds:
            self.samples.append((time.time() - self.began, resident_mb(process.pid), cpu_seconds(process.pid)))
            time.sleep(1)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read().decode()
        code = process.wait(30)
        reader.join(30)
        if code != 130:
            raise RuntimeError(f"{' '.join(command)}: exit code {code}\n{said}")
        self.said = said

    def read(self, stdout):
        for line in stdout:
            now = time.time()
            self.lines.append((now, harness.millis(INGESTED.search(line).group(1).decode()) / 1000))

    def wait(self):
        self.thread.join()
        if self.failure:
            raise SystemExit(f"{NAMES[self.live]}: {self.failure}")
        return self

    def delays(self):
        """From ingestion to here in milliseconds, of what was ingested while we looked."""
        lived = self.began + 5
        return sorted(1000 * (at - ingested) for at, ingested in self.lines if ingested > lived)

    def cpu_percent(self):
        """Of one core, once the beginning is over."""
        settled = [sample for sample in self.samples if sample[0] > 5]
        (from_, _, before), (to, _, after) = settled[0], settled[-1]
        return 100 * (after - before) / (to - from_)

    def memory(self):
        """The peak, and by how much what came after the first minute is above it."""
        first = max(memory for at, memory, _ in self.samples if at <= 60)
        later = [memory for at, memory, _ in self.samples if at > 60]
        return max([first, *later]), max(0, max(later) - first) if later else None


def resident_mb(pid):
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1_048_576


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def follow(table, minutes):
    """Both ways at once, each with a drill of its own: most of what they do is to wait."""
    followings = [Following(live, minutes * 60) for live in NAMES]
    table.row(f"following {RATE} events/s", f"{minutes} min")
    for following in followings:
        name = NAMES[following.wait().live]
        delays = following.delays()
        least = RATE * (following.seconds - 15)
        if len(delays) < least:
            raise SystemExit(f"{name}: {len(delays):,} events came in time, at least {least:,} were due\n{following.said}")
        table.below(f"{name}, delay, median", statistics.median(delays), DELAY_LIMIT_MS[following.live], "ms")
        table.row(f"{name}, delay, 99 of 100 below", f"{delays[len(delays) * 99 // 100]:,.0f} ms")
        table.row(f"{name}, delay, the longest", f"{delays[-1]:,.0f} ms")
        table.below(f"{name}, CPU of one core", following.cpu_percent(), CPU_LIMIT_PERCENT, "%")
        peak, growth = following.memory()
        table.below(f"{name}, peak memory", peak, MEMORY_LIMIT_MB, "MB")
        if growth is not None:
            table.below(f"{name}, growth after the first minute", growth, GROWTH_LIMIT_MB, "MB")
