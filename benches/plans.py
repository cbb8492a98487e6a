"""A plan of 200 MB through the pipe of `changelog plan -`: how long that takes, and that it is not held in memory."""

import json
import statistics
import subprocess
import tempfile

import harness
import measure
from plan import SECRET, tell

MEGABYTES = 200
SECONDS_LIMIT = 2
MEMORY_LIMIT_MB = 150
RUNS = 3


def plans(table, home):
    for kind, only_changes in (("a tenth changed", False), ("all changed", True)):
        with tempfile.NamedTemporaryFile(dir=home.path) as file:
            with open(file.name, "w", encoding="utf-8") as out:
                replaced = tell(out, MEGABYTES, only_changes)
            answers = [read(file.name, home) for _ in range(RUNS)]
        for answer in answers:
            expect(replaced, answer)
        seconds = [answer.seconds for answer in answers]
        table.row(f"{MEGABYTES} MB, {kind}: resources replaced", f"{replaced:,}")
        table.row(f"{MEGABYTES} MB, {kind}: fastest of {RUNS}", f"{min(seconds):.2f} s")
        table.below(f"{MEGABYTES} MB, {kind}: median of {RUNS}", statistics.median(seconds), SECONDS_LIMIT, "s")
        memory = max(answer.memory_mb for answer in answers)
        table.below(f"{MEGABYTES} MB, {kind}: peak memory", memory, MEMORY_LIMIT_MB, "MB")


def read(path, home):
    """Through a pipe, as Terraform writes into it."""
    cat = subprocess.Popen(["cat", path], stdout=subprocess.PIPE)
    try:
        return measure.answer([harness.binary(), "changelog", "plan", "-"], home.environment(), cat.stdout)
    finally:
        cat.stdout.close()
        cat.wait()


def expect(replaced, answer):
    """A figure counts only when all of it was read, and nothing else."""
    counts = [json.loads(line)["counts"].get("replace", 0) for line in answer.lines]
    if answer.code != 0 or counts != [replaced]:
        raise SystemExit(f"exit code {answer.code}, {counts} replaced of {replaced:,}\n{answer.said[-2000:]}")
    if any(SECRET.encode() in line for line in answer.lines) or SECRET in answer.said:
        raise SystemExit("a secret came out")
