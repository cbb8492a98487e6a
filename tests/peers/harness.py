"""What every spec of this folder stands on: `oncall` in an environment of its own, and the programs
that it is held against, each started here and stopped by its own process id."""

import contextlib
import datetime
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Nothing here takes a second; this only keeps a hang from holding the whole run.
PATIENCE = 120

# The clock of every frozen drill: some minutes after the page, on an evening in winter.
DRILL_NOW = "2026-11-22T20:40:00Z"


def binary():
    """The program under test: ONCALL, else what `cargo build` left behind."""
    chosen = os.environ.get("ONCALL")
    candidates = [pathlib.Path(chosen)] if chosen else [
        ROOT / "target" / profile / "oncall" for profile in ("release", "debug")
    ]
    for candidate in candidates:
        if candidate.exists():
            return str(candidate.resolve())
    raise RuntimeError("there is no oncall: run `cargo build --release`, or set ONCALL")


def absent(what):
    """Something is not installed: a skip on somebody's laptop, a failure in CI."""
    if os.environ.get("CI") == "true":
        raise RuntimeError(f"{what}, and CI has to have it")
    raise unittest.SkipTest(what)


def aws_cli():
    """The AWS CLI with `logs tail`, if it is here: `aws` on the PATH may be version 1, which has none."""
    folders = ["/usr/bin", "/usr/local/bin", *os.environ["PATH"].split(os.pathsep)]
    for candidate in (os.path.join(folder, "aws") for folder in folders):
        if os.access(candidate, os.X_OK):
            said = subprocess.run([candidate, "--version"], capture_output=True, text=True)
            if said.stdout.startswith("aws-cli/2"):
                return candidate
    return None


class Home:
    """A home folder without a past: no profile, no cache, no variable of whoever runs the tests."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="oncall-peers-"))
        (self.path / "tmp").mkdir()

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def environment(self, **more):
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "dumb",
            "HOME": str(self.path),
            "TMPDIR": str(self.path / "tmp"),
            "XDG_CONFIG_HOME": str(self.path / "config"),
            "XDG_CACHE_HOME": str(self.path / "cache"),
            "XDG_STATE_HOME": str(self.path / "state"),
            "XDG_DATA_HOME": str(self.path / "data"),
            "AWS_CONFIG_FILE": str(self.path / "aws" / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.path / "aws" / "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
        }
        environment.update({key: str(value) for key, value in more.items() if value is not None})
        return environment

    def files(self):
        return [path for path in self.path.rglob("*") if path.is_file()]

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAPEERSPEERSPEERS0",
    "AWS_SECRET_ACCESS_KEY": "peers-secret",
    "AWS_REGION": "us-east-1",
}


class Result:
    """How a run of `oncall` ended, and what it said."""

    def __init__(self, arguments, code, stdout, stderr, seconds):
        self.arguments, self.code, self.stdout, self.seconds = arguments, code, stdout, seconds
        self.stderr = stderr.decode(errors="replace")

    @property
    def text(self):
        return self.stdout.decode()

    @property
    def records(self):
        return [json.loads(line) for line in self.stdout.split(b"\n") if line]

    def __repr__(self):
        stdout = self.stdout[:400].decode(errors="replace")
        return f"oncall {' '.join(self.arguments)}: {self.code}\nstdout: {stdout}\nstderr: {self.stderr[:4000]}"


class Oncall:
    """`oncall`, as typed in a pipe, with an environment of its own."""

    def __init__(self, home, **variables):
        self.home = home
        self.environment = home.environment(**variables)

    def __call__(self, *arguments, timeout=PATIENCE, stdin=subprocess.DEVNULL, **variables):
        environment = {**self.environment, **{k: str(v) for k, v in variables.items()}}
        arguments = [str(argument) for argument in arguments]
        began = time.monotonic()
        ended = subprocess.run(
            [binary(), *arguments], env=environment, stdin=stdin, capture_output=True, timeout=timeout
        )
        seconds = time.monotonic() - began
        return Result(arguments, ended.returncode, ended.stdout, ended.stderr, seconds)


class Spec(unittest.TestCase):
    """A spec with a home, which goes when the spec is over."""

    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        binary()
        cls.things = contextlib.ExitStack()
        cls.addClassCleanup(cls.things.close)
        cls.home = cls.new_home()

    @classmethod
    def new_home(cls):
        home = Home()
        cls.things.callback(home.remove)
        return home

    @classmethod
    def use(cls, thing):
        """Keeps a program running until the specs of the class are over."""
        return cls.things.enter_context(thing)

    def assertCode(self, code, result):
        self.assertEqual(code, result.code, result)
        self.assertReadable(result.stderr)

    def assertReadable(self, stderr):
        """What is said is said for people: no Rust debug output, no panic, no trace."""
        debug = re.search(r"\w+ ?\{ ?\w+: |Some\(|Err\(|\bError \{|panicked at|RUST_BACKTRACE", stderr)
        self.assertIsNone(debug, stderr)

    def assertTells(self, result, code, error, hint=None, least=("error", "hint")):
        """One sentence on what could not be done, a hint on what to type, and the right code."""
        self.assertCode(code, result)
        said = result.stderr.splitlines()
        for word in least:
            lines = [line for line in said if line.startswith(f"{word}:")]
            self.assertEqual(1, len(lines), f"one line `{word}:` wanted\n{result}")
        told = "\n".join(line for line in said if line.startswith(("error:", "caused by:", "missing:")))
        self.assertRegex(told, error, result)
        if hint:
            hints = "\n".join(line for line in said if line.startswith("hint:"))
            self.assertRegex(hints, hint, result)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def stop(process):
    """Ends a process that was started here; it may have ended already."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def moto(**variables):
    """moto, an implementation of AWS by others, on a free port of loopback; its URL. `variables` are
    those of moto itself, such as MOTO_ECS_SERVICE_RUNNING."""
    with tempfile.TemporaryFile() as log:
        # Somebody may take a free port before moto does: then there is another.
        for _ in range(3):
            port = free_port()
            process = subprocess.Popen(
                [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
                env={**os.environ, **variables}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
            url = f"http://127.0.0.1:{port}"
            if answers(f"{url}/moto-api/data.json", process):
                break
            stop(process)
        else:
            log.seek(0)
            raise RuntimeError(f"moto does not start: {log.read().decode(errors='replace')[-2000:]}")
        try:
            yield url
        finally:
            stop(process)


def answers(url, process, patience=60):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + patience
    while time.monotonic() < until and process.poll() is None:
        try:
            with opener.open(url, timeout=5):
                return True
        except OSError:
            time.sleep(0.1)
    return False


class Drill:
    """`oncall drill serve`, for as long as its specs last."""

    def __init__(self, home, scenario=None, now=DRILL_NOW, start=None, frozen=True, flags=(), patience=30):
        drill = f"--drill={scenario}" if scenario else "--drill"
        command = [binary(), drill, "drill", "serve", *(["--frozen"] if frozen else []), *flags]
        pinned = {"ONCALL_DRILL_NOW": now, "ONCALL_DRILL_START": start or now} if frozen else {}
        self.now = now
        self.said = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command, env=home.environment(**pinned), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self.said,
        )
        ready, _, _ = select.select([self.process.stdout], [], [], patience)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            stop(self.process)
            self.said.seek(0)
            raise RuntimeError(f"{' '.join(command)}: {self.said.read().decode(errors='replace')}")
        self.endpoint = json.loads(line)
        self.url = self.endpoint["url"]
        self.variables = self.endpoint["env"]

    def interrupt(self):
        """Ctrl-C, after which the ledger is there."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process)
        self.process.stdout.close()
        self.said.close()


def client(service, url, region="us-east-1"):
    """A boto3 client of that endpoint which tries once, and never with anybody's own keys."""
    import boto3
    from botocore.config import Config

    session = boto3.session.Session(
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        region_name=region,
    )
    once = Config(retries={"max_attempts": 0}, read_timeout=PATIENCE, proxies={})
    return session.client(service, endpoint_url=url, config=once)


def millis(text):
    """Epoch milliseconds of an RFC 3339 time."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


def rfc3339(epoch_millis):
    whole = datetime.datetime.fromtimestamp(epoch_millis // 1000, datetime.timezone.utc)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{epoch_millis % 1000:03}Z"


# ---------------------------------------------------------------- events, as both sides tell them


def object_of(text):
    """A JSON object as its pairs, numbers as they are spelt; None where the text is none."""
    try:
        value = json.loads(
            text, object_pairs_hook=lambda pairs: ("object", tuple(pairs)),
            parse_float=str, parse_int=lambda digits: "int " + digits,
        )
    except ValueError:
        return None
    return value if isinstance(value, tuple) else None


def told(text):
    """An event's text for comparison: an object counts by its pairs, since white space may fold."""
    found = object_of(text)
    return repr(found) if found else text


def of_boto(event, stream=None):
    """(time, stream, text) of an event that boto3 read."""
    return event["timestamp"], stream or event["logStreamName"], told(event["message"])


def of_oncall(line):
    """(time, stream, text) of a line that oncall printed."""
    record = json.loads(line)
    text = told(record["message"])
    if "fields" in record:
        # `fields` as written, not as Python would write it again.
        pairs = dict(json.loads(
            line, object_pairs_hook=lambda pairs: ("object", tuple(pairs)),
            parse_float=str, parse_int=lambda digits: "int " + digits,
        )[1])
        text = repr(pairs["fields"])
    return millis(record["time"]), record["stream"], text


def lines(stdout):
    return [line for line in stdout.decode().split("\n") if line]


def by_filter_log_events(logs, group, **parameters):
    """What boto3 reads of a group, page by page until there is no token. Its own paginator gives up
    when a token comes back, which the service may do."""
    parameters = {"logGroupName": group, "interleaved": True} | parameters
    events, token = [], {}
    while True:
        page = logs.filter_log_events(**parameters, **token)
        events += page["events"]
        if not page.get("nextToken"):
            return events
        token = {"nextToken": page["nextToken"]}


def by_get_log_events(logs, group, stream, **parameters):
    """What boto3 reads of one stream, oldest first, until the same token comes back."""
    parameters = {"logGroupName": group, "logStreamName": stream, "startFromHead": True} | parameters
    events, token = [], {}
    while True:
        page = logs.get_log_events(**parameters, **token)
        events += page["events"]
        if page["nextForwardToken"] == token.get("nextToken"):
            return events
        token = {"nextToken": page["nextForwardToken"]}


def in_some_order(raw, events):
    """Whether `-o raw` printed these events in order of time, equal times in any order. Returns what
    is wrong, or None. Texts may hold line breaks, so the output is consumed text by text."""
    waiting = sorted(((event["timestamp"], event["message"]) for event in events), reverse=True)
    place = 0
    while waiting:
        now = waiting[-1][0]
        texts = []
        while waiting and waiting[-1][0] == now:
            texts.append(waiting.pop()[1].encode() + b"\n")
        texts.sort(key=len, reverse=True)
        while texts:
            found = next((text for text in texts if raw.startswith(text, place)), None)
            if found is None:
                return f"at byte {place}: {raw[place:place + 120]!r} is none of {texts[:3]!r}"
            texts.remove(found)
            place += len(found)
    return None if place == len(raw) else f"more than was asked for: {raw[place:place + 120]!r}"
