"""One process under observation: how long it took, what it needed, and what came out of it."""

import dataclasses
import os
import pathlib
import subprocess
import tempfile
import threading
import time

import harness


@dataclasses.dataclass
class Run:
    """A process that has succeeded."""

    seconds: float
    # User and system time of the process.
    cpu_seconds: float
    # The most that was resident at once; 0 where nobody looked.
    memory_mb: float
    # Lines on stdout; 0 where nobody counted.
    lines: int
    # What it said on stderr.
    said: str


class Failed(SystemExit):
    """A process that has not: it ends the benchmark, unless somebody expects it."""

    def __init__(self, command, code, said):
        super().__init__(f"{' '.join(command)}: exit code {code}\n{said}")
        self.said = said


class Peak:
    """The peak of a process's resident memory. `wait4` knows one too, but counts what this script had
    itself when it started the process; the kernel's own mark of the process does not."""

    def __init__(self, pid):
        self.path = f"/proc/{pid}/status"
        self.kilobytes = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        # The mark never falls: only what grew after the last look is missed.
        while not self.over.wait(0.02):
            try:
                with open(self.path) as status:
                    mark = next((line for line in status if line.startswith("VmHWM:")), None)
            except OSError:
                return
            if mark is None:  # it has ended, and waits for us
                return
            self.kilobytes = max(self.kilobytes, int(mark.split()[1]))

    def megabytes(self):
        self.over.set()
        self.thread.join()
        return self.kilobytes / 1024


def timed(command, environment, stdout=None, watched=False):
    """Runs it to its end, without anything to read."""
    with open(os.devnull, "wb") as nothing, tempfile.TemporaryFile() as said:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, (stdout or nothing).fileno(), 1),
            (os.POSIX_SPAWN_DUP2, said.fileno(), 2),
        ]
        began = time.perf_counter()
        pid = os.posix_spawn(command[0], command, environment, file_actions=actions)
        peak = Peak(pid) if watched else None
        _, status, usage = os.wait4(pid, 0)
        seconds = time.perf_counter() - began
        memory = peak.megabytes() if peak else 0
        said.seek(0)
        words = said.read().decode(errors="replace")
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        raise Failed(command, code, words)
    return Run(seconds, usage.ru_utime + usage.ru_stime, memory, 0, words)


def counted(command, environment):
    """As `timed`, with its memory watched and its lines counted at the other end of a pipe."""
    counter = subprocess.Popen(["wc", "-l"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        run = timed(command, environment, counter.stdin, watched=True)
    finally:
        counter.stdin.close()
        lines = counter.stdout.read()
        counter.stdout.close()
        counter.wait()
    run.lines = int(lines)
    return run


@dataclasses.dataclass
class Answer:
    """What a process wrote, line by line, however it ended."""

    code: int
    seconds: float
    # Seconds until its first line; None where it wrote none.
    first: float | None
    # The most that was resident at once.
    memory_mb: float
    lines: list
    # What it said on stderr.
    said: str


def answer(command, environment, stdin=subprocess.DEVNULL):
    """Runs it to its end, and keeps what it wrote."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=said)
        peak = Peak(process.pid)
        first, lines = None, []
        for line in process.stdout:
            first = first or time.perf_counter() - began
            lines.append(line)
        code = process.wait()
        seconds = time.perf_counter() - began
        process.stdout.close()
        said.seek(0)
        return Answer(code, seconds, first, peak.megabytes(), lines, said.read().decode(errors="replace"))


def expect(lines, **runs):
    """A figure counts only when everything was read."""
    for name, run in runs.items():
        if run.lines != lines:
            raise SystemExit(f"{name}: {run.lines:,} lines came out, {lines:,} are there\n{run.said}")


def bare_loop(url, group, since, until, *pattern):
    """The command of the bare loop, which is built beside the program under test, with its profile."""
    path = pathlib.Path(harness.binary()).with_name("bare-loop")
    if not path.exists():
        raise SystemExit(f"{path} is not there: run `cargo build --release -p oncall -p bare-loop`")
    return [str(path), url, "us-east-1", group, str(since), str(until), *pattern]
