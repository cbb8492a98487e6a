"""A bucket with the states of a hundred configurations, on loopback: 2,000 versions of about 100 KB from ninety
days, with a lock that was written and deleted beside each, as Terraform does it. 100 ms an answer. It counts
who asked for what and when.

    benches/s3.py PORT     serves until it is interrupted
"""

import base64
import bisect
import collections
import datetime
import http.server
import itertools
import json
import random
import sys
import threading
import time
import urllib.parse
import zlib
from xml.sax.saxutils import escape

BUCKET = "acme-terraform-states"
STATES = 100
VERSIONS = 2_000
# One of them is applied by a machine, day and night; the others by people.
BUSY_VERSIONS = 600
DAYS = 90
RESOURCES = 52
PAGE = 1_000
LATENCY_S = 0.1
SECRET = "hunter2-swordfish"


class Entry:
    """A line of the list of versions. Of a state's, `serial` says what is in it; of a lock's there is none."""

    def __init__(self, key, at, serial=None, is_deletion=False):
        self.key, self.at, self.serial, self.is_deletion = key, at, serial, is_deletion
        self.id = f"{zlib.crc32(f'{key} {at} {is_deletion}'.encode()):08x}.{serial or 0}"
        self.is_latest = False


class World:
    """The same for the same seed and moment."""

    def __init__(self, now, seed=7):
        chance = random.Random(seed)
        self.now = now
        names = [f"prod/app-{n:02}/terraform.tfstate" for n in range(STATES * 4 // 5)]
        names += [f"env:/staging/app-{n:02}/terraform.tfstate" for n in range(STATES - len(names))]
        busy = names[len(names) // 2]
        counts = collections.Counter({name: 1 for name in names})
        counts[busy] = BUSY_VERSIONS
        others = [name for name in names if name != busy]
        counts.update(chance.choices(others, k=VERSIONS - counts.total()))
        # S3 lists by key, in bytes, and of each key the newest first.
        self.list = []
        for name in sorted(names):
            seconds = chance.sample(range(60, DAYS * 86_400, 10), counts[name])
            times = [int(now) - second for second in sorted(seconds)]
            states = [Entry(name, at, counts[name] - place) for place, at in enumerate(times)]
            lock = f"{name}.tflock"
            locks = [Entry(lock, at + late, None, late > 0) for at in times for late in (1, -4)]
            states[0].is_latest = locks[0].is_latest = True
            self.list += states + locks
        self.places = {(entry.key, entry.id): place for place, entry in enumerate(self.list)}
        self.keys = [entry.key for entry in self.list]

    def states(self):
        """The versions of each state, the newest first."""
        states = (entry for entry in self.list if entry.serial)
        return [list(versions) for _, versions in itertools.groupby(states, lambda entry: entry.key)]

    def within(self, since):
        """The versions that are changes of a window."""
        return [entry for entry in self.list if entry.serial and entry.at >= since]

    def wanted(self, since):
        """What has to be fetched: the versions of the window, and the one before the first of each state."""
        wanted = []
        for versions in self.states():
            inside = sum(entry.at >= since for entry in versions)
            wanted += versions[:inside + 1] if inside else []
        return wanted

    def least_pages(self, since):
        """As few pages of the list as somebody could do with who knew where to begin each. Of every state, its
        newest version has to be seen, and what has to be fetched, and that there is nothing before it."""
        wanted = {entry.id for entry in self.wanted(since)}
        covered, pages = 0, 0
        for place, entry in enumerate(self.list):
            if entry.serial and (entry.is_latest or entry.id in wanted) and place >= covered:
                covered, pages = place + PAGE, pages + 1
        return pages

    def least_calls(self, since):
        """What nobody can do without: these pages, and each content once."""
        return self.least_pages(since) + len(self.wanted(since))


def resource(number, serial):
    """Of each version, one resource is another one than before: that of its serial."""
    release = serial - (serial - number) % RESOURCES
    environment = [{"name": f"VARIABLE_{n}", "value": f"value {n} of {number}"} for n in range(16)]
    containers = [{"name": "web", "image": f"registry/web-{number}:{release}", "environment": environment}]
    return {
        "mode": "managed", "type": "aws_ecs_task_definition", "name": f"app_{number}",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{
            "schema_version": 1,
            "attributes": {
                "id": f"app-{number}", "family": f"app-{number}", "cpu": "256", "memory": "512",
                "network_mode": "awsvpc", "requires_compatibilities": ["FARGATE"],
                "container_definitions": json.dumps(containers), "password": SECRET,
                "tags": {"Name": f"app-{number}", "Team": "checkout"},
            },
            "sensitive_attributes": [[{"type": "get_attr", "value": "password"}]],
        }],
    }


def changed(serial):
    """The address of what a version changed."""
    return f"aws_ecs_task_definition.app_{serial % RESOURCES}"


def state(key, serial):
    return json.dumps({
        "version": 4, "terraform_version": "1.11.4", "serial": serial, "lineage": f"lineage-of-{key}",
        "outputs": {"password": {"value": SECRET, "type": "string", "sensitive": True}},
        "resources": [resource(number, serial) for number in range(RESOURCES)], "check_results": None,
    }, indent=2).encode()


class Server:
    """Serves a world, and counts its calls by what they ask for."""

    def __init__(self, now, port=0, latency=LATENCY_S):
        self.world, self.latency = World(now), latency
        self.calls, self.fetched = collections.Counter(), collections.Counter()
        self.times = []
        self.lock = threading.Lock()
        served = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Else the header waits for the client to say that it has the last packet.
            disable_nagle_algorithm = True

            def do_GET(self):
                served.answer(self)

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                served.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def calls_in_a_second(self):
        """The most calls to S3 that came within any second."""
        times = sorted(self.times)
        return max(bisect.bisect_left(times, at + 1) - place for place, at in enumerate(times))

    def answer(self, call):
        at = time.monotonic()
        address = urllib.parse.urlsplit(call.path)
        query = dict(urllib.parse.parse_qsl(address.query, keep_blank_values=True))
        kind, code, headers, body = self.find(call.command, urllib.parse.unquote(address.path), query)
        with self.lock:
            self.calls[kind] += 1
            if kind != "account":
                self.times.append(at)
        time.sleep(max(0, at + self.latency - time.monotonic()))
        call.send_response(code)
        for name, value in headers.items():
            call.send_header(name, value)
        call.send_header("Content-Length", str(len(body)))
        call.end_headers()
        call.wfile.write(body)

    def find(self, method, path, query):
        """What is asked for, and the answer: its code, its headers and its body."""
        _, bucket, *rest = path.split("/", 2)
        key = rest[0] if rest else ""
        if method == "POST" and path == "/":
            return "account", 200, XML, IDENTITY
        if method == "GET" and bucket == BUCKET:
            if key:
                return self.content(key, query.get("versionId"))
            if "versioning" in query:
                return "versioning", 200, XML, VERSIONING
            if "versions" in query:
                return "pages", 200, XML, self.page(query)
        return "other", 501, XML, refusal("NotImplemented")

    def content(self, key, version):
        place = self.world.places.get((key, version))
        if place is None:
            return "other", 404, XML, refusal("NoSuchVersion")
        entry = self.world.list[place]
        if not entry.serial:
            return "other", 405, XML, refusal("MethodNotAllowed")
        with self.lock:
            self.fetched[entry.id] += 1
        body = state(key, entry.serial)
        checksum = base64.b64encode(zlib.crc32(body).to_bytes(4)).decode()
        headers = {
            "Content-Type": "application/json", "ETag": etag(entry), "x-amz-version-id": entry.id,
            "x-amz-checksum-crc32": checksum, "x-amz-checksum-type": "FULL_OBJECT",
        }
        return "contents", 200, headers, body

    def page(self, query):
        first = 0
        if marker := query.get("key-marker"):
            version = query.get("version-id-marker")
            behind = bisect.bisect_right(self.world.keys, marker)
            first = self.world.places[marker, version] + 1 if version else behind
        prefix = query.get("prefix", "")
        listed = (entry for entry in itertools.islice(self.world.list, first, None) if entry.key.startswith(prefix))
        # One more says whether there are more.
        page = list(itertools.islice(listed, PAGE + 1))
        is_truncated, page = len(page) > PAGE, page[:PAGE]
        parts = [f"<Name>{BUCKET}</Name><MaxKeys>{PAGE}</MaxKeys><EncodingType>url</EncodingType>"
                 f"<IsTruncated>{str(is_truncated).lower()}</IsTruncated>"]
        if is_truncated:
            parts.append(f"<NextKeyMarker>{urllib.parse.quote(page[-1].key)}</NextKeyMarker>"
                         f"<NextVersionIdMarker>{page[-1].id}</NextVersionIdMarker>")
        parts += map(listed_as, page)
        return document("ListVersionsResult", "".join(parts))


XML = {"Content-Type": "application/xml"}


def document(name, inner):
    return f'<?xml version="1.0"?><{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inner}</{name}>'.encode()


VERSIONING = document("VersioningConfiguration", "<Status>Enabled</Status>")
IDENTITY = (
    b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    b"<Arn>arn:aws:iam::000000000000:user/bench</Arn><UserId>AIDABENCH</UserId><Account>000000000000</Account>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>")


def refusal(code):
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{escape(code)}</Message></Error>'.encode()


def etag(entry):
    return f'"{zlib.crc32(entry.id.encode()):032x}"'


def listed_as(entry):
    moment = datetime.datetime.fromtimestamp(entry.at, datetime.timezone.utc)
    written = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    common = (f"<Key>{urllib.parse.quote(entry.key)}</Key><VersionId>{entry.id}</VersionId>"
              f"<IsLatest>{str(entry.is_latest).lower()}</IsLatest><LastModified>{written}</LastModified>")
    if entry.is_deletion:
        return f"<DeleteMarker>{common}</DeleteMarker>"
    return (f"<Version>{common}<ETag>{escape(etag(entry))}</ETag><Size>{SIZE}</Size>"
            "<StorageClass>STANDARD</StorageClass></Version>")


# As the list says it, of each; they differ by a few digits.
SIZE = len(state("prod/app-00/terraform.tfstate", 100))


if __name__ == "__main__":
    with Server(time.time(), int(sys.argv[1])) as server:
        print(server.url, flush=True)
        try:
            server.thread.join()
        except KeyboardInterrupt:
            print(dict(server.calls), file=sys.stderr)
