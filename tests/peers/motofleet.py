"""An account in moto with a fleet, made through boto3: what `oncall specs` has to say of it is worked out
from what boto3 reads back, by rules of our records' documentation that are written down here anew."""

import contextlib
import json
import re
import urllib.request

import harness
from motoworld import default_network

ACCOUNT = "123456789012"
REGION = "us-east-1"
# What moto says of every service that was not scaled since.
RUNNING = 2
LONG = "n" * 255
DIGEST = "sha256:" + "ab" * 32
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"

# Every way in which an image can be written, one container each.
IMAGES = {
    "api": [
        ("web", f"{REGISTRY}/shop/api:v7@{DIGEST}"),
        ("envoy", "public.ecr.aws/appmesh/envoy:v1.29.12.0-prod"),
        ("audit", f"registry.example.com:5000/tools/audit@{DIGEST}"),
        ("cache", "redis"),
        ("local", "localhost:5000/cache:stable"),
    ],
    "worker": [("worker", f"{REGISTRY}/shop/worker:2026.11.20-7c1f9ae")],
    "edge-api": [("web", "docker.io/library/nginx:1.27")],
    "odd": [("odd", "Not An Image"), ("port", "host:port/x:1"), ("dots", "a..b/c:tag:tag")],
    "gone": [("gone", f"{REGISTRY}/shop/gone:latest")],
    LONG: [(LONG, "r" * 255 + ":" + "t" * 128)],
}


class Fleet:
    """One region's fleet, and the clients that made it."""

    def __init__(self, url, client, region=REGION, account=ACCOUNT):
        self.url, self.region, self.account = url, region, account
        self.ecs, self.ec2 = client("ecs"), client("ec2")
        self.network = default_network(self.ec2)
        self.tasks = {}

    def cluster(self, *names):
        for name in names:
            self.ecs.create_cluster(clusterName=name)

    def define(self, family, images, **more):
        containers = [
            {
                "name": name, "image": image, "memoryReservation": 64 + place, "memory": 128 + place,
                "essential": place == 0, **({"cpu": 32 * place} if place else {}),
                "environment": [
                    {"name": "LOG_LEVEL", "value": "debug"}, {"name": "DB_PASSWORD", "value": "hunter2"}],
                "secrets": [{"name": "API_TOKEN", "valueFrom": "arn:aws:ssm:us-east-1:1:parameter/hush"}],
                "portMappings": [{"containerPort": 8000 + place, "protocol": "tcp"}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {"awslogs-group": f"/ecs/{name[:20]}", "awslogs-region": self.region,
                                "awslogs-stream-prefix": "p"},
                },
            }
            for place, (name, image) in enumerate(images)
        ]
        return self.ecs.register_task_definition(
            family=family, containerDefinitions=containers, networkMode="awsvpc", cpu="1024", memory="2048",
            requiresCompatibilities=["EC2", "FARGATE"], **more,
        )["taskDefinition"]

    def service(self, cluster, name, definition, desired, **more):
        more = {"launchType": "FARGATE"} | more
        return self.ecs.create_service(
            cluster=cluster, serviceName=name, taskDefinition=definition, desiredCount=desired,
            networkConfiguration=self.network, **more,
        )["service"]

    def run(self, cluster, definition, count, stopped=0, launch="FARGATE", **more):
        ran = self.ecs.run_task(
            cluster=cluster, taskDefinition=definition, count=count, launchType=launch,
            networkConfiguration=self.network, **more,
        )["tasks"]
        for task in ran[:stopped]:
            self.ecs.stop_task(cluster=cluster, task=task["taskArn"], reason="Scaling activity initiated by test")
        return ran

    def host(self, cluster):
        """An EC2 instance that is a container instance."""
        image = self.ec2.describe_images()["Images"][0]["ImageId"]
        instance = self.ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        document = json.dumps({"instanceId": instance})
        self.ecs.register_container_instance(cluster=cluster, instanceIdentityDocument=document)
        return instance

    # ------------------------------------------------------------ what boto3 reads

    def clusters(self):
        pages = self.ecs.get_paginator("list_clusters").paginate()
        return sorted(arn.rsplit("/", 1)[1] for page in pages for arn in page["clusterArns"])

    def services(self):
        """All that are not gone, by cluster and name."""
        found = []
        for cluster in self.clusters():
            pages = self.ecs.get_paginator("list_services").paginate(cluster=cluster)
            names = sorted(arn.rsplit("/", 1)[1] for page in pages for arn in page["serviceArns"])
            for place in range(0, len(names), 10):
                described = self.ecs.describe_services(cluster=cluster, services=names[place:place + 10])
                assert not described["failures"], described["failures"]
                found += described["services"]
        found = [service for service in found if service["status"] != "INACTIVE"]
        return sorted(found, key=lambda service: (short(service["clusterArn"]), service["serviceName"]))

    def definition(self, name):
        return self.ecs.describe_task_definition(taskDefinition=name)["taskDefinition"]

    def task_list(self, stopped=False):
        found = []
        for cluster in self.clusters():
            for status in ("RUNNING", "STOPPED") if stopped else ("RUNNING",):
                pages = self.ecs.get_paginator("list_tasks").paginate(cluster=cluster, desiredStatus=status)
                arns = [arn for page in pages for arn in page["taskArns"]]
                for place in range(0, len(arns), 100):
                    found += self.ecs.describe_tasks(cluster=cluster, tasks=arns[place:place + 100])["tasks"]
        return found

    # ------------------------------------------------------------ what `oncall` has to say of it

    def expected_services(self):
        return [record for service in self.services() for record in self.expected_of(service)]

    def expected_of(self, service):
        primary = primary_of(service) or {}
        arn = primary.get("taskDefinition") or service["taskDefinition"]
        definition = self.definition(arn)
        containers = sorted(definition["containerDefinitions"], key=lambda container: container["name"].encode())
        return [self.expected_row(service, primary, definition, container) for container in containers]

    def expected_row(self, service, primary, definition, container):
        image = ImageName(container["image"])
        return dropping_none({
            "kind": "service",
            "account": self.account,
            "region": self.region,
            "cluster": short(service["clusterArn"]),
            "service": service["serviceName"],
            "container": container["name"],
            "image": container["image"],
            "registry": image.registry,
            "repository": image.repository,
            "tag": image.tag,
            "digest": image.digest,
            "desired": service["desiredCount"],
            "running": service["runningCount"],
            "pending": max(service["pendingCount"], 0),
            "versions": expected_versions(service, primary, container["image"]),
            "status": service["status"],
            "rollout": primary.get("rolloutState"),
            "rollout_reason": primary.get("rolloutStateReason"),
            "failed_tasks": primary.get("failedTasks") or None,
            "deployment": primary.get("id"),
            "deployed": time_of(primary.get("createdAt")),
            "launch_type": service.get("launchType"),
            "scheduling": service["schedulingStrategy"],
            "controller": service["deploymentController"]["type"],
            "task_definition": short(definition["taskDefinitionArn"]),
            "cpu": container.get("cpu") or int(definition["cpu"]),
            "memory_mb": container.get("memory") or int(definition["memory"]),
            # A circuit breaker, alarms, capacity providers, who registered a definition and when: moto
            # keeps none of them. When it does, the comparison says so.
            "circuit_breaker": service.get("deploymentConfiguration"),
            "registered_by": definition.get("registeredBy"),
            "registered": time_of(definition.get("registeredAt")),
        })

    def expected_task(self, task, instances=None):
        group = task.get("group", "")
        details = {detail["name"]: detail["value"] for attached in task.get("attachments", [])
                   for detail in attached["details"]}
        containers = [
            dropping_none({
                "container": container["name"],
                "image": container["image"],
                "tag": ImageName(container["image"]).tag,
                "digest": container.get("imageDigest") or ImageName(container["image"]).digest,
                "status": container["lastStatus"],
                "health": said_health(container),
                "exit_code": container.get("exitCode"),
                "reason": container.get("reason"),
            })
            for container in task["containers"]
        ]
        host = task.get("containerInstanceArn")
        return dropping_none({
            "kind": "task",
            "account": self.account,
            "region": self.region,
            "cluster": short(task["clusterArn"]),
            "service": group.removeprefix("service:") if group.startswith("service:") else None,
            "group": None if group.startswith("service:") else group,
            "task": short(task["taskArn"]),
            "task_definition": short(task["taskDefinitionArn"]),
            "started_by": task.get("startedBy"),
            "status": task["lastStatus"],
            "desired_status": task["desiredStatus"],
            "health": said_health(task),
            "created": time_of(task.get("createdAt")),
            "started": time_of(task.get("startedAt")),
            "stopping": time_of(task.get("stoppingAt")),
            "stopped": time_of(task.get("stoppedAt")),
            "stop_code": task.get("stopCode"),
            "reason": task.get("stoppedReason") or None,
            "exit_code": next((c["exitCode"] for c in task["containers"] if "exitCode" in c), None),
            "containers": containers,
            "launch_type": task.get("launchType"),
            "capacity_provider": task.get("capacityProviderName"),
            "zone": task.get("availabilityZone"),
            "container_instance": host and short(host),
            "instance": instances and instances.get(host),
            "address": details.get("privateIPv4Address"),
            "cpu": task.get("cpu") and int(task["cpu"]),
            "memory_mb": task.get("memory") and int(task["memory"]),
        })


class Prod(Fleet):
    """Five clusters with everything that moto can hold."""

    def __init__(self, url):
        super().__init__(url, lambda service: harness.client(service, url))
        self.cluster("prod", "edge", "batch", "idle", "c" * 255)
        for family, images in IMAGES.items():
            self.define(family, images)
        # Two more revisions of each of these: `api:2` is deployed, `api:3` is only registered.
        for family in ("api", "worker"):
            for _ in range(2):
                self.define(family, IMAGES[family])
        self.ecs.deregister_task_definition(taskDefinition="worker:3")
        self.make_services()
        self.make_tasks()

    def make_services(self):
        self.service("prod", "api", "api:2", 3)
        self.service("prod", "worker", "worker:1", 2)
        self.service("prod", "odd", "odd", 2)
        # A definition may go to INACTIVE while its service lives.
        self.service("prod", "gone", "gone", 2)
        self.ecs.deregister_task_definition(taskDefinition="gone:1")
        # moto scales the service, and leaves its deployment behind.
        self.service("prod", "scaled-up", "api:1", 2)
        self.ecs.update_service(cluster="prod", service="scaled-up", desiredCount=7)
        self.service("prod", "scaled-down", "worker:1", 2)
        self.ecs.update_service(cluster="prod", service="scaled-down", desiredCount=1)
        self.service("prod", "zero", "worker:1", 2)
        self.ecs.update_service(cluster="prod", service="zero", desiredCount=0)
        # moto gives the service its new definition, and leaves the deployment's as it was.
        self.service("prod", "updated", "api:1", 2)
        updated = self.definition("api:3")["taskDefinitionArn"]
        self.ecs.update_service(cluster="prod", service="updated", taskDefinition=updated, forceNewDeployment=True)
        self.service("prod", "retired", "worker:1", 0)
        self.ecs.delete_service(cluster="prod", service="retired", force=True)
        self.service("prod", LONG, LONG, 4)
        for number in range(25):
            self.service("prod", f"many-{number:02}", "worker:2", number % 4)
        self.service("edge", "api", "edge-api", 2)
        self.service("edge", "dns", "edge-api", 2, launchType="EC2", schedulingStrategy="DAEMON")
        self.service("edge", "blue", "worker:2", 2, deploymentController={"type": "EXTERNAL"})
        sets = [
            self.ecs.create_task_set(
                cluster="edge", service="blue", taskDefinition=definition, launchType="FARGATE",
                networkConfiguration=self.network)["taskSet"]["id"]
            for definition in ("worker:1", "worker:2")
        ]
        self.ecs.update_service_primary_task_set(cluster="edge", service="blue", primaryTaskSet=sets[1])
        self.service("c" * 255, "alone", "worker:2", 2)

    def make_tasks(self):
        keep_as_they_are(self.url)
        primary = {
            (short(service["clusterArn"]), service["serviceName"]): (primary_of(service) or {}).get("id", "")
            for service in self.services()
        }
        def of(cluster, service):
            return {"group": f"service:{service}", "startedBy": primary[cluster, service]}
        self.run("prod", "api:2", 3, stopped=1, **of("prod", "api"))
        self.run("prod", "worker:1", 120, stopped=15, **of("prod", "worker"))
        self.run("prod", "odd", 1, **of("prod", "odd"))
        self.run("edge", "edge-api", 2, **of("edge", "api"))
        self.run("prod", "worker:2", 2, startedBy="somebody")
        self.instances = {"edge": self.host("edge")}
        self.run("edge", "edge-api", 2, launch="EC2", stopped=1, **of("edge", "dns"))
        self.run("c" * 255, LONG, 1, group="g" * 255, startedBy="s" * 128)


class ImageName:
    """`[host[:port]/]path[:tag][@digest]` by the regular expressions that the distribution project's
    `reference` package documents. What does not match has no parts."""

    LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
    HOST = rf"(?:{LABEL}(?:\.{LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
    COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
    GRAMMAR = re.compile(
        rf"(?:(?P<registry>{HOST})/)?(?P<repository>{COMPONENT}(?:/{COMPONENT})*)"
        r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?",
        re.ASCII)

    def __init__(self, text):
        found = self.GRAMMAR.fullmatch(text)
        parts = found.groupdict() if found else {}
        registry, repository = parts.get("registry"), parts.get("repository")
        # Docker's rule: only what looks like a host is one.
        if registry and not (re.search(r"[.:A-Z]", registry) or registry == "localhost"):
            registry, repository = None, f"{registry}/{repository}"
        self.registry, self.repository = registry, repository
        self.tag, self.digest = parts.get("tag"), parts.get("digest")


def expected_versions(service, primary, image):
    """The PRIMARY deployment's tasks, as many as the service has, and the others, of which nobody says
    what they run. moto has one deployment at most; its task sets have no tasks."""
    name = ImageName(image)
    counted = primary.get("runningCount", 0)
    running = min(counted, service["runningCount"])
    versions = []
    if primary:
        versions.append(dropping_none({
            "task_definition": short(primary["taskDefinition"]), "image": image, "tag": name.tag,
            "digest": name.digest, "desired": primary.get("desiredCount", 0), "running": running,
            "pending": max(primary.get("pendingCount", 0), 0),
        }))
    if service["runningCount"] > running:
        versions.append({"desired": 0, "running": service["runningCount"] - running, "pending": 0})
    return versions


def primary_of(service):
    all_of_them = service["deployments"] + service.get("taskSets", [])
    return next((one for one in all_of_them if one["status"] == "PRIMARY"), None)


def said_health(thing):
    return thing.get("healthStatus") if thing.get("healthStatus") != "UNKNOWN" else None


def short(arn):
    return arn.rsplit("/", 1)[1]


def time_of(moment):
    return moment and harness.rfc3339(round(moment.timestamp() * 1000))


def dropping_none(record):
    return {key: value for key, value in record.items() if value is not None}


def keep_as_they_are(url):
    """moto moves a task on each time somebody looks at it. Two who look would not see the same."""
    rule = {"model_name": "ecs::task", "transition": {"progression": "manual", "times": 1_000_000}}
    body = json.dumps(rule).encode()
    request = urllib.request.Request(
        f"{url}/moto-api/state-manager/set-transition", body, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with contextlib.closing(opener.open(request, timeout=30)) as answer:
        assert answer.status in (200, 201), answer.status
