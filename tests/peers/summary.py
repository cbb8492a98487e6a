"""What a reading took of the account's quota, as it says itself on stderr."""

import functools
import json
import re
import subprocess

import harness


@functools.cache
def flags():
    """What to type for a summary that programs read, with a binary that has one."""
    helped = subprocess.run([harness.binary(), "logs", "tail", "--help"], capture_output=True, text=True)
    return ["--summary", "json"] if "--summary" in helped.stdout else []


class Taken:
    """What a reading took of the quota, as its summary on stderr says."""

    TEXT = re.compile(r"([\d,]+) pages?.*?, ([\d,]+) throttles?, ([\d,]+) retr(?:y|ies)")

    def __init__(self, said):
        records = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        found = next((record for record in records if record.get("kind") == "summary"), None)
        if found:
            self.pages = found["pages"]
            self.calls, self.throttles = found["requests"], found["throttled"]
        elif text := self.TEXT.search(said):
            self.pages, self.throttles, retries = (int(number.replace(",", "")) for number in text.groups())
            self.calls = self.pages + self.throttles + retries
        else:
            raise RuntimeError(f"there is no summary on stderr:\n{said}")

    def __str__(self):
        return f"{self.calls:,} calls, {self.throttles:,} throttled"

    @property
    def throttled_percent(self):
        return 100 * self.throttles / self.calls
