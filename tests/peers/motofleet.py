"""An account in moto with a fleet, made through boto3."""

import contextlib
import functools
import json
import urllib.request

import harness
from fleet import Reader, primary_of, short
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


class Fleet(Reader):
    """One region's fleet in moto, and the clients that made it."""

    def __init__(self, url, client, region=REGION, account=ACCOUNT):
        super().__init__(client("ecs"), region, account)
        self.url, self.ec2 = url, client("ec2")

    @functools.cached_property
    def network(self):
        return default_network(self.ec2)

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


def keep_as_they_are(url):
    """moto moves a task on each time somebody looks at it. Two who look would not see the same."""
    rule = {"model_name": "ecs::task", "transition": {"progression": "manual", "times": 1_000_000}}
    body = json.dumps(rule).encode()
    request = urllib.request.Request(
        f"{url}/moto-api/state-manager/set-transition", body, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with contextlib.closing(opener.open(request, timeout=30)) as answer:
        assert answer.status in (200, 201), answer.status
