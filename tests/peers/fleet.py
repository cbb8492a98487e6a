"""A fleet as boto3 reads it, and what `oncall specs` has to say of it: worked out by the rules of our
records' documentation, which are written down here anew."""

import functools
import re

import harness


class Reader:
    """One region's ECS, read through boto3."""

    def __init__(self, ecs, region, account):
        self.ecs, self.region, self.account = ecs, region, account

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

    def expected_services(self):
        return [record for service in self.services() for record in self.expected_of(service)]

    @functools.cache
    def revision(self, arn):
        described = self.ecs.describe_service_revisions(serviceRevisionArns=[arn])
        assert not described["failures"], described["failures"]
        return described["serviceRevisions"][0]

    def expected_of(self, service):
        """A record for each container that the PRIMARY deployment has, and for those of others."""
        primary = primary_of(service) or {}
        definition = self.definition(primary.get("taskDefinition") or service["taskDefinition"])
        rows = [
            self.expected_row(service, primary, definition, container)
            for container in definition["containerDefinitions"]
        ]
        return sorted(rows, key=lambda row: row["container"].encode())

    def expected_row(self, service, primary, definition, container):
        text, digest = self.image_of(service, primary, container)
        image, configuration = ImageName(text), service.get("deploymentConfiguration", {})
        breaker, alarms = configuration.get("deploymentCircuitBreaker"), configuration.get("alarms", {})
        providers = [item["capacityProvider"] for item in service.get("capacityProviderStrategy", [])]
        return dropping_none({
            "kind": "service",
            "account": self.account,
            "region": self.region,
            "cluster": short(service["clusterArn"]),
            "service": service["serviceName"],
            "container": container["name"],
            "image": text,
            "registry": image.registry,
            "repository": image.repository,
            "tag": image.tag,
            "digest": digest or image.digest,
            "desired": service["desiredCount"],
            "running": service["runningCount"],
            "pending": max(service["pendingCount"], 0),
            "versions": self.expected_versions(service, primary, container["name"]),
            "status": service["status"],
            "rollout": primary.get("rolloutState"),
            "rollout_reason": primary.get("rolloutStateReason"),
            "failed_tasks": primary.get("failedTasks") or None,
            "circuit_breaker": breaker and {"enabled": breaker["enable"], "rollback": breaker["rollback"]},
            "alarms": (alarms.get("enable") and alarms["alarmNames"]) or None,
            "deployment": primary.get("id"),
            "deployed": time_of(primary.get("createdAt")),
            "launch_type": ",".join(providers) or service.get("launchType"),
            "scheduling": service["schedulingStrategy"],
            "controller": service.get("deploymentController", {"type": "ECS"})["type"],
            "task_definition": short(definition["taskDefinitionArn"]),
            "cpu": container.get("cpu") or integer(definition.get("cpu")),
            "memory_mb": container.get("memory") or container.get("memoryReservation")
            or integer(definition.get("memory")),
            "registered_by": definition.get("registeredBy"),
            "registered": time_of(definition.get("registeredAt")),
        })

    def image_of(self, service, primary, container):
        """The image of the PRIMARY deployment's revision, and its digest; else that of its definition."""
        for live in service.get("currentServiceRevisions", []):
            revision = self.revision(live["arn"])
            if number(live["arn"]) == number(primary.get("id", "")):
                images = {image["containerName"]: image for image in revision["containerImages"]}
                if container["name"] in images:
                    image = images[container["name"]]
                    return image["image"], image.get("imageDigest")
        return container["image"], None

    def expected_versions(self, service, primary, container):
        """By service revisions; without them by deployments and task sets. What they leave of the running
        tasks is a version of which nobody says what it is; what they have too many are PRIMARY's, since
        there are no others where that happens (moto)."""
        parts = []
        for live in service.get("currentServiceRevisions", []):
            revision = self.revision(live["arn"])
            images = [i for i in revision["containerImages"] if i["containerName"] == container]
            counts = (live["requestedTaskCount"], live["runningTaskCount"], live["pendingTaskCount"])
            parts.append((number(live["arn"]) == number(primary.get("id", "")), revision["taskDefinition"],
                          [(i["image"], i.get("imageDigest")) for i in images], counts))
        if not any(is_primary for is_primary, *_ in parts):
            for one in service["deployments"] + service.get("taskSets", []):
                is_primary = one["status"] == "PRIMARY"
                counts = tuple(max(one.get(key, 0), 0) for key in (
                    "desiredCount" if "desiredCount" in one else "computedDesiredCount", "runningCount", "pendingCount"))
                if is_primary or (not parts and counts[1]):
                    definition = self.definition(one["taskDefinition"])
                    images = [c["image"] for c in definition["containerDefinitions"] if c["name"] == container]
                    parts.append((is_primary, one["taskDefinition"], [(i, None) for i in images], counts))
        left, versions = service["runningCount"], []
        for is_primary, definition, images, (desired, running, pending) in sorted(
                parts, key=lambda part: (not part[0], -part[3][1])):
            here = min(running, left)
            left -= here
            for image, digest in images:
                if is_primary or here:
                    versions.append(dropping_none({
                        "task_definition": short(definition), "image": image, "tag": ImageName(image).tag,
                        "digest": digest or ImageName(image).digest, "desired": desired, "running": here,
                        "pending": pending,
                    }))
        if left:
            versions.append({"desired": 0, "running": left, "pending": 0})
        return merged(versions)

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
            "reason": reason_of(task),
            "exit_code": teller_of(task).get("exitCode"),
            "containers": containers,
            "launch_type": task.get("launchType"),
            "capacity_provider": task.get("capacityProviderName"),
            "zone": task.get("availabilityZone"),
            "container_instance": host and short(host),
            "instance": instances.get(host) if instances else None,
            "address": details.get("privateIPv4Address"),
            "cpu": task.get("cpu") and int(task["cpu"]),
            "memory_mb": task.get("memory") and int(task["memory"]),
        })


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


def merged(versions):
    """Versions of the same image and digest are one, with the definition of the first."""
    found = {}
    for version in versions:
        key = (version.get("image"), version.get("digest"))
        if key not in found:
            found[key] = version
            continue
        for count in ("desired", "running", "pending"):
            found[key][count] += version[count]
    return list(found.values())


def teller_of(task):
    """The container that says how a task ended: the first that failed, else the first that exited."""
    exited = [container for container in task["containers"] if "exitCode" in container]
    return next((container for container in exited if container["exitCode"]), exited[0] if exited else {})


def reason_of(task):
    """The words of the container that tells, else of any that has some, else the task's, else its code."""
    words = [teller_of(task).get("reason"), *(container.get("reason") for container in task["containers"]),
             task.get("stoppedReason"), task.get("stopCode")]
    return next((word for word in words if word), None)


def primary_of(service):
    all_of_them = service["deployments"] + service.get("taskSets", [])
    return next((one for one in all_of_them if one["status"] == "PRIMARY"), None)


def number(arn):
    """A service revision and its deployment end in the same number."""
    return arn.rsplit("/", 1)[-1]


def integer(text):
    return text and int(text)


def said_health(thing):
    return thing.get("healthStatus") if thing.get("healthStatus") != "UNKNOWN" else None


def short(arn):
    return arn.rsplit("/", 1)[1]


def time_of(moment):
    return moment and harness.rfc3339(round(moment.timestamp() * 1000))


def dropping_none(record):
    return {key: value for key, value in record.items() if value is not None}
