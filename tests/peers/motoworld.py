"""An account in moto, filled through boto3: two clusters, three services, 20,000 events."""

import random
import time

import harness

EVENTS = 20_000

WINDOW_MS = 2 * 3600 * 1000

# A batch of PutLogEvents: 10,000 events and 1 MB, each event counted with 26 bytes more.
BATCH_EVENTS, BATCH_BYTES, EVENT_OVERHEAD = 10_000, 1_048_576, 26

MESSAGES = [
    lambda r: f"GET /v1/items/{r.randrange(9999)} 200 {r.randrange(900)}ms",
    lambda r: f"upstream timeout after {r.randrange(30)}s, attempt {r.randrange(5)}",
    lambda r: f"Timeout: gave up on peer-{r.randrange(40)}",
    lambda r: f"ERROR could not write [batch {r.randrange(99)}] (disk a+b.c full)",
    lambda r: f"timeouts={r.randrange(9)} pool_timeout_ms=250",
    lambda r: '{"level":"error","msg":"lookup failed","n":1.0,"big":12345678901234567890,"peer":"p-%d"}'
    % r.randrange(50),
    lambda r: '{ "time": "x", "level": 30, "message": "took %d ms", "a": {"b": [1, 2.50, 1e3]}, "a": null }'
    % r.randrange(500),
    lambda r: '{\n  "msg": "pretty",\n  "id": %d\n}' % r.randrange(10_000),
    lambda r: '["a list is text", %d]' % r.randrange(100),
    lambda r: f"panic: nil map\n\ngoroutine {r.randrange(99)} [running]:\n\tmain.go:12\n\tmain.go:40\n",
    lambda r: f"naïve café Zażółć 🚒 \u202e{r.randrange(9)}\u2028 end",
    lambda r: f"\x1b[31mred\x1b[0m \x00\x07 tab\there \\n stays, \"quoted\" {r.randrange(9)}\r",
    lambda r: f"   surrounded by white space {r.randrange(9)}   ",
    lambda r: f"{r.randrange(100)}",
]


class World:
    """What was made, and what the specs ask about it."""

    def __init__(self, url, seed=8):
        self.logs = harness.client("logs", url)
        self.ecs = harness.client("ecs", url)
        self.network = default_network(harness.client("ec2", url))
        self.random = random.Random(seed)
        # moto, as the real service, takes nothing older than a fortnight or from the future.
        self.until = int(time.time()) * 1000 - 60_000
        self.since = self.until - WINDOW_MS
        self.written = 0
        self.make_services()
        self.make_events()
        self.read = {group: self.by_boto(group) for group in self.groups}

    def make_services(self):
        for cluster in ("prod", "edge"):
            self.ecs.create_cluster(clusterName=cluster)
        self.define("api", [
            container("web", "awslogs", {"awslogs-group": "/ecs/api", "awslogs-stream-prefix": "api"}),
            container("envoy", "awslogs", {"awslogs-group": "/ecs/mesh", "awslogs-stream-prefix": "api"}),
            container("audit", "splunk", {"splunk-url": "https://splunk.invalid", "splunk-token": "hush"}),
        ])
        self.define("worker", [
            container("worker", "awslogs", {"awslogs-group": "/ecs/worker", "awslogs-stream-prefix": "w"}),
        ])
        self.define("edge-api", [
            container("web", "awslogs", {"awslogs-group": "/ecs/edge", "awslogs-stream-prefix": "edge"}),
        ])
        self.define("silent", [container("only", "splunk", {"splunk-url": "https://splunk.invalid"})])
        self.tasks = {}
        for cluster, service, family, count in (
            ("prod", "api", "api", 3),
            ("prod", "worker", "worker", 2),
            ("edge", "api", "edge-api", 2),
            ("prod", "silent", "silent", 1),
        ):
            self.ecs.create_service(
                cluster=cluster, serviceName=service, taskDefinition=family, desiredCount=count,
                launchType="FARGATE", networkConfiguration=self.network,
            )
            ran = self.ecs.run_task(
                cluster=cluster, taskDefinition=family, count=count, launchType="FARGATE",
                group=f"service:{service}", networkConfiguration=self.network,
            )
            ids = [task["taskArn"].rsplit("/", 1)[1] for task in ran["tasks"]]
            self.tasks[f"{cluster}/{service}"] = ids

    def define(self, family, containers):
        self.ecs.register_task_definition(
            family=family, requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256",
            memory="512", containerDefinitions=containers,
        )

    def make_events(self):
        api, worker, edge = (self.tasks[name] for name in ("prod/api", "prod/worker", "edge/api"))
        self.groups = {
            "/ecs/api": [f"api/web/{task}" for task in api]
            # Another job writes to the same group: it is none of the service's.
            + ["cron/nightly/" + "c" * 32, "api-archive/web/" + "d" * 32],
            "/ecs/mesh": [f"api/envoy/{task}" for task in api],
            "/ecs/worker": [f"w/worker/{task}" for task in worker],
            "/ecs/edge": [f"edge/web/{task}" for task in edge],
            "/aws/lambda/resize": ["2026/11/22/[$LATEST]" + "e" * 32],
            "notes": ["by-hand"],
            "/ecs/empty": ["never/used/" + "f" * 32],
        }
        busy = [(g, s) for g, streams in self.groups.items() for s in streams if g != "/ecs/empty"]
        for group, streams in self.groups.items():
            self.logs.create_log_group(logGroupName=group)
            for stream in streams:
                self.logs.create_log_stream(logGroupName=group, logStreamName=stream)
        each = {place: [] for place in busy}
        # A few hundred moments that many events share, streams and groups apart.
        shared = [self.random.randrange(WINDOW_MS) for _ in range(300)]
        for _ in range(EVENTS):
            place = self.random.choice(busy)
            offset = self.random.choice(shared) if self.random.random() < 0.2 else self.random.randrange(WINDOW_MS)
            text = self.random.choice(MESSAGES)(self.random)
            each[place].append({"timestamp": self.since + offset, "message": text})
        for (group, stream), events in each.items():
            events.sort(key=lambda event: event["timestamp"])
            for batch in batches(events):
                self.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch)
                self.written += len(batch)

    def by_boto(self, group, **parameters):
        return harness.by_filter_log_events(self.logs, group, **parameters)

    def all_of(self, *groups, within=None, where=lambda event: True):
        """What boto3 read of these groups, in order of time."""
        since, until = within or (self.since, self.until)
        events = [
            event for group in groups for event in self.read[group]
            if since <= event["timestamp"] < until and where(event)
        ]
        return sorted(events, key=lambda event: event["timestamp"])


def default_network(ec2):
    """moto wants a subnet and a security group that exist; an account has some of each."""
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    return {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group]}}


def container(name, driver, options):
    return {
        "name": name, "image": f"example.invalid/{name}:1", "essential": True, "memory": 128,
        "logConfiguration": {
            "logDriver": driver,
            "options": options | ({"awslogs-region": "us-east-1"} if driver == "awslogs" else {}),
        },
    }


def batches(events):
    batch, size = [], 0
    for event in events:
        cost = len(event["message"].encode()) + EVENT_OVERHEAD
        if batch and (len(batch) == BATCH_EVENTS or size + cost > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += cost
    if batch:
        yield batch
