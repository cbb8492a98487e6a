"""A Terraform Enterprise of 500 workspaces and 3,000 runs in seven days, on loopback: 100 ms an answer, and
the real limits: 30 calls a second, and 30 a minute for lists of runs. It counts who asked for what.

    benches/terraform.py PORT     serves until it is interrupted
"""

import collections
import datetime
import http.server
import json
import random
import sys
import threading
import time
import urllib.parse

ORGANIZATION = "acme"
TOKEN = "bench-token"
WORKSPACES = 500
RUNS = 3_000
DAYS = 7
LATENCY_S = 0.1
PAGE = 100
HOUR_S = 3_600
DAY_S = 24 * HOUR_S


def written(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Bucket:
    """So many at once, and so many a second from then on."""

    def __init__(self, burst, per_second):
        self.burst, self.per_second = burst, per_second
        self.left, self.at = burst, time.monotonic()
        self.lock = threading.Lock()

    def take(self):
        """Seconds until there is one again; nothing when there was one."""
        with self.lock:
            now = time.monotonic()
            self.left = min(self.burst, self.left + (now - self.at) * self.per_second)
            self.at = now
            if self.left < 1:
                return (1 - self.left) / self.per_second
            self.left -= 1
            return None


class World:
    """The same for the same seed and moment. Six runs of ten change something, three find nothing to do, and one
    fails before it begins; every hundredth fails in the middle, and every hundredth is confirmed days later."""

    def __init__(self, now, seed=7):
        chance = random.Random(seed)
        self.now = now
        self.runs, self.current = [], {}
        # A workspace has one run at a time: who waits to be confirmed keeps the others waiting.
        free = [0.0] * WORKSPACES
        for number in range(RUNS):
            created = now - 60 - (RUNS - 1 - number + chance.random()) * DAYS * DAY_S / RUNS
            workspace = chance.choice([one for one in range(WORKSPACES) if free[one] <= created])
            run = self.run(number, created, chance) | {"workspace": workspace}
            free[workspace] = run["applied"]
            self.current[workspace] = run
            self.runs.insert(0, run)
        self.by_id = {run["id"]: run for run in self.runs}

    def run(self, number, created, chance):
        kind = chance.choices(["applied", "same", "failed", "partial", "late"], [60, 28, 10, 1, 1])[0]
        applying = created + (chance.uniform(1, 3) * DAY_S if kind == "late" else chance.uniform(20, 600))
        applied = applying + chance.uniform(20, 240)
        if kind in ("applied", "late", "partial") and applied > self.now:
            kind = "waiting"
        return {
            "id": f"run-{number:016}", "created": created, "applying": applying, "applied": applied, "kind": kind,
            "changes": chance.randint(1, 12),
        }

    def within(self, since):
        """The runs that are changes of a window: those that took effect in it, and those in flight."""
        def took_effect(run):
            return run["applying"] if run["kind"] == "partial" else run["applied"]
        return [
            run for run in self.runs
            if run["kind"] == "waiting" or run["kind"] in ("applied", "late", "partial") and took_effect(run) >= since
        ]

    def findable(self, since):
        """Of these, those that the API can show without all of its past: the runs that were created since an
        hour before, and the current ones of their workspaces."""
        return [
            run for run in self.within(since)
            if run["created"] >= since - HOUR_S or self.current[run["workspace"]] is run
        ]

    def least_calls(self, since):
        """What nobody can do without: the pages of the runs that were created in the window, those of the
        workspaces, and each change's own details."""
        created = sum(run["created"] >= since for run in self.runs)
        return -(-created // PAGE) + WORKSPACES // PAGE + len(self.findable(since))


STATUS = {"applied": "applied", "late": "applied", "same": "planned_and_finished", "failed": "errored",
          "partial": "errored", "waiting": "planned"}


def resource(kind, name, attributes, **relationships):
    linked = {
        key.replace("_", "-"): {"data": {"id": value[1], "type": value[0]}} for key, value in relationships.items()}
    return {"id": name, "type": kind, "attributes": attributes, "relationships": linked}


def run_of(run):
    times = {"planned-at": written(run["created"] + 15)}
    if run["kind"] in ("applied", "late", "partial"):
        times |= {"confirmed-at": written(run["applying"] - 1), "applying-at": written(run["applying"])}
    if run["kind"] in ("applied", "late"):
        times["applied-at"] = written(run["applied"])
    elif run["kind"] in ("partial", "failed"):
        times["errored-at"] = written(run["applied"])
    name = run["id"]
    return resource(
        "runs", name,
        {"status": STATUS[run["kind"]], "created-at": written(run["created"]), "status-timestamps": times,
         "message": f"OPS-{int(name[4:]) + 1} change {name}", "source": "tfe-configuration-version",
         "plan-only": False, "refresh-only": False, "auto-apply": False, "is-destroy": False,
         "has-changes": run["kind"] != "same", "trigger-reason": "manual", "terraform-version": "1.11.4"},
        workspace=("workspaces", f"ws-{run['workspace']:03}"), plan=("plans", f"plan-{name}"),
        apply=("applies", f"apply-{name}"), created_by=("users", "user-1"), confirmed_by=("users", "user-2"),
        configuration_version=("configuration-versions", f"cv-{name}"))


def along(run):
    """What a run refers to."""
    name = run["id"]
    counts = 0 if run["kind"] == "same" else run["changes"]
    of_plan = {"status": "finished", "resource-additions": 0, "resource-changes": counts,
               "resource-destructions": 0, "resource-imports": 0, "structured-run-output-enabled": False}
    done = run["kind"] in ("applied", "late", "partial")
    return [
        resource("plans", f"plan-{name}", of_plan),
        resource("applies", f"apply-{name}", {**of_plan, "status": "finished"} if done else {"status": "pending"}),
        resource("configuration-versions", f"cv-{name}", {"source": "github"},
                 ingress_attributes=("ingress-attributes", f"ia-{name}")),
        resource("ingress-attributes", f"ia-{name}",
                 {"branch": "main", "on-default-branch": True, "commit-sha": f"{int(name[4:]):040x}",
                  "commit-message": f"change {name}", "identifier": "acme/infra", "sender-username": "mei"}),
    ]


def workspace_of(number, current=None):
    linked = {"project": ("projects", "prj-1")}
    if current:
        linked["current_run"] = ("runs", current["id"])
    attributes = {"name": f"prod-{number:03}", "execution-mode": "remote", "tag-names": ["team:one"]}
    return resource("workspaces", f"ws-{number:03}", attributes, **linked)


def plan_of(run):
    changes = [
        {"address": f"aws_ecs_service.app_{number}", "mode": "managed", "type": "aws_ecs_service",
         "name": f"app_{number}",
         "change": {"actions": ["update"], "before": {"desired_count": 1, "token": "hidden-1"},
                    "after": {"desired_count": 2, "token": "hidden-2"}, "after_unknown": {},
                    "before_sensitive": {"token": True}, "after_sensitive": {"token": True}}}
        for number in range(run["changes"])
    ]
    return {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes}


class Server:
    """Serves a world, and counts its calls by what they ask for."""

    def __init__(self, now, port=0, latency=LATENCY_S):
        self.world, self.latency = World(now), latency
        self.calls, self.throttled = collections.Counter(), 0
        self.usual, self.lists = Bucket(30, 30), Bucket(30, 0.5)
        self.lock = threading.Lock()
        served = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
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

    def answer(self, call):
        address = urllib.parse.urlsplit(call.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        parts = address.path.strip("/").split("/")[2:]
        kind, answer = self.find(parts, query)
        wait = (self.lists if kind == "runs" else self.usual).take()
        with self.lock:
            self.calls[kind] += 1
            self.throttled += wait is not None
        time.sleep(self.latency)
        if call.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.send(call, 401, {"errors": [{"status": "401", "title": "unauthorized"}]})
        if wait is not None:
            errors = [{"detail": "You have exceeded the API's rate limit.", "status": 429,
                       "title": "Too many requests"}]
            return self.send(call, 429, {"errors": errors}, {"X-RateLimit-Reset": f"{wait:.3f}"})
        if answer is None:
            return self.send(call, 404, {"errors": [{"status": "404", "title": "not found"}]})
        return self.send(call, 200, answer())

    def send(self, call, status, answer, headers=()):
        body = json.dumps(answer).encode()
        call.send_response(status)
        call.send_header("Content-Type", "application/vnd.api+json")
        call.send_header("Content-Length", str(len(body)))
        for name, value in dict(headers).items():
            call.send_header(name, value)
        call.end_headers()
        call.wfile.write(body)

    def find(self, parts, query):
        """What is asked for, and how to answer it; nothing where there is no such thing."""
        number = int(query.get("page[number]", 1))
        match parts:
            case ["organizations", name, "runs"] if name == ORGANIZATION:
                return "runs", lambda: self.runs(number)
            case ["organizations", name, "workspaces"] if name == ORGANIZATION:
                return "workspaces", lambda: self.workspaces(number)
            case ["runs", name] if name in self.world.by_id:
                return "run", lambda: self.one(self.world.by_id[name])
            case ["plans", name, "json-output-redacted"] if name.removeprefix("plan-") in self.world.by_id:
                return "details", lambda: plan_of(self.world.by_id[name.removeprefix("plan-")])
            case _:
                return "other", None

    def runs(self, number):
        page = self.world.runs[(number - 1) * PAGE:number * PAGE]
        included = [thing for run in page for thing in along(run)]
        included += [workspace_of(workspace) for workspace in sorted({run["workspace"] for run in page})]
        included.append(resource("users", "user-1", {"username": "ana", "is-service-account": False}))
        following = number + 1 if number * PAGE < RUNS else None
        pagination = {"current-page": number, "next-page": following, "page-size": PAGE}
        return {"data": [run_of(run) for run in page], "included": included, "meta": {"pagination": pagination}}

    def workspaces(self, number):
        page = range((number - 1) * PAGE, min(number * PAGE, WORKSPACES))
        data = [workspace_of(one, self.world.current.get(one)) for one in page]
        runs = [self.world.current[one] for one in page if one in self.world.current]
        included = [run_of(run) for run in runs] + [thing for run in runs for thing in along(run)]
        included.append(resource("projects", "prj-1", {"name": "Platform"}))
        following = number + 1 if number * PAGE < WORKSPACES else None
        return {"data": data, "included": included, "meta": {"pagination": {"next-page": following}}}

    def one(self, run):
        user = resource("users", "user-1", {"username": "ana", "is-service-account": False})
        return {"data": run_of(run), "included": [*along(run), workspace_of(run["workspace"]), user]}


if __name__ == "__main__":
    with Server(time.time(), int(sys.argv[1])) as server:
        print(server.url, flush=True)
        try:
            server.thread.join()
        except KeyboardInterrupt:
            print(dict(server.calls), file=sys.stderr)
