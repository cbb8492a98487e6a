"""Given a served drill, when it is asked anything that it knows, then its raw answers, refusals too, are
of the shapes that AWS's own service models describe, to the last member."""

import http.client
import json
import urllib.parse
import xml.etree.ElementTree

import botocore.validate

import harness
import models

NOW = harness.millis(harness.DRILL_NOW)
MINUTE = 60_000
GROUP = "/ecs/prod-ingest"

TARGETS = {
    "logs": "Logs_20140328",
    "ecs": "AmazonEC2ContainerServiceV20141113",
    "ecr": "AmazonEC2ContainerRegistry_V20150921",
}

REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"

# What a fleet may have and the incident has not: old ARNs, a cluster that is closed, tasks with an address of their
# own, an image that is gone, one that is pinned by its digest, copies of a service.
ODD = f"""
name = "odd"
summary = "A fleet of every kind."
seed = 4
[[clusters]]
name = "old"
hosts = 3
short_arns = true
[[clusters]]
name = "closed"
hosts = 1
denied = true
[[clusters]]
name = "new"
[[services]]
name = "web"
copies = 12
cluster = "old"
desired = 3
[[services.containers]]
name = "app"
image = "{REGISTRY}/web/app-${{copy}}:1"
ports = [{{ port = 80, name = "http" }}, {{ port = 53, host_port = 53, protocol = "udp" }}]
[[services.containers]]
name = "pinned"
image = "{REGISTRY}/web/base@sha256:{'1' * 64}"
[[services]]
name = "{'n' * 255}"
cluster = "new"
desired = 2
launch_type = "FARGATE"
containers = [{{ name = "app", image = "{REGISTRY}/new/app:1", ports = [{{ port = 80 }}] }}]
[[services]]
name = "ledger"
cluster = "closed"
desired = 1
containers = [{{ name = "app", image = "{REGISTRY}/ledger/app:1" }}]
[[images]]
name = "{REGISTRY}/new/app:1"
missing = true
"""

# Errors that any service may answer and that stand in no service's model:
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html
COMMON_ERRORS = {
    "AccessDeniedException", "IncompleteSignatureException", "InvalidSignatureException",
    "MissingAuthenticationTokenException", "SerializationException", "ThrottlingException",
    "UnknownOperationException", "UnrecognizedClientException", "ValidationException",
}

# Said by the service and in no list of it: "… is of log-group-class INFREQUENT_ACCESS".
UNMODELLED = {"FilterLogEvents": {"InvalidOperationException"}, "GetLogEvents": {"InvalidOperationException"}}


class Asked(harness.Spec):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.drill = cls.use(harness.Drill(cls.new_home()))
        cls.address = urllib.parse.urlsplit(cls.drill.url).netloc

    def post(self, headers, body, scope):
        if scope:
            headers = headers | {"Authorization": (
                f"AWS4-HMAC-SHA256 Credential=DRILL/20261122/us-east-1/{scope}/aws4_request, "
                "SignedHeaders=host;x-amz-date, Signature=00")}
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            return response.status, dict(response.headers.items()), response.read()
        finally:
            connection.close()

    def raw(self, service, action, body, scope=None):
        headers = {"X-Amz-Target": f"{TARGETS[service]}.{action}", "Content-Type": "application/x-amz-json-1.1"}
        status, headers, body = self.post(headers, body, service if scope is None else scope)
        names = {name.lower(): value for name, value in headers.items()}
        self.assertEqual("application/x-amz-json-1.1", names.get("content-type"))
        self.assertRegex(names.get("x-amzn-requestid", ""), "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        return status, json.loads(body)

    def ask(self, service, action, /, **parameters):
        """A good request's answer, held against the model."""
        model = models.operation(service, action)
        report = botocore.validate.ParamValidator().validate(parameters, model.input_shape)
        self.assertFalse(report.has_errors(), report.generate_report())
        status, answer = self.raw(service, action, json.dumps(parameters))
        self.assertEqual(200, status, (action, parameters, answer))
        self.assertEqual([], models.problems(model.output_shape, answer, action))
        return answer

    def pages(self, service, action, /, token="nextToken", **parameters):
        """All pages of a good request, each held against the model."""
        answers = [self.ask(service, action, **parameters)]
        while answers[-1].get(token):
            answers.append(self.ask(service, action, **parameters, **{token: answers[-1][token]}))
            self.assertLess(len(answers), 500, "pages without end")
        return answers

    def all(self, member, *request, **parameters):
        found = [item for page in self.pages(*request, **parameters) for item in page[member]]
        self.assertTrue(found, "an empty list shows nothing")
        return found

    def refused(self, code, service, action, parameters, scope=None):
        """A bad request's answer, held against the model of that error."""
        body = parameters if isinstance(parameters, (str, bytes)) else json.dumps(parameters)
        status, answer = self.raw(service, action, body, scope)
        self.assertEqual((400, code), (status, answer.get("__type")), (action, parameters, answer))
        self.assertHonest(service, action, answer)

    def assertHonest(self, service, action, answer):
        code = answer.pop("__type")
        shape = next((s for s in models.service(service).error_shapes if s.name == code), None)
        known = shape is not None or code in COMMON_ERRORS
        self.assertTrue(known, f"{service} has no error {code}")
        if shape is not None and action in models.service(service).operation_names:
            modelled = {error.name for error in models.operation(service, action).error_shapes}
            self.assertIn(code, modelled | UNMODELLED.get(action, set()), f"{action} does not say {code}")
        message = answer.pop("message", None)
        self.assertTrue(message is None or isinstance(message, str) and message)
        self.assertEqual([], models.problems(shape, answer, code) if shape is not None else list(answer))


class CloudWatchLogs(Asked):
    def test_describe_log_groups(self):
        groups = self.all("logGroups", "logs", "DescribeLogGroups")
        names = [group["logGroupName"] for group in groups]
        self.assertEqual(sorted(names), names)
        self.assertEqual(names, [g["logGroupName"] for g in self.all("logGroups", "logs", "DescribeLogGroups", limit=3)])
        self.all("logGroups", "logs", "DescribeLogGroups", logGroupNamePrefix="/ecs/", limit=2)
        self.all("logGroups", "logs", "DescribeLogGroups", logGroupNamePattern="prod")
        self.all("logGroups", "logs", "DescribeLogGroups", logGroupClass="STANDARD")
        self.all("logGroups", "logs", "DescribeLogGroups", logGroupIdentifiers=[GROUP])
        self.ask("logs", "DescribeLogGroups", logGroupNamePrefix="/no/such/")

    def test_list_log_groups(self):
        self.all("logGroups", "logs", "ListLogGroups")
        self.all("logGroups", "logs", "ListLogGroups", limit=2)
        self.all("logGroups", "logs", "ListLogGroups", logGroupNamePattern="^/ecs|lambda")
        self.ask("logs", "ListLogGroups", logGroupClass="INFREQUENT_ACCESS")
        self.ask("logs", "ListLogGroups", logGroupClass="ESSENTIALS")

    def test_list_tags_for_resource(self):
        for group in self.all("logGroups", "logs", "DescribeLogGroups"):
            status, answer = self.raw("logs", "ListTagsForResource", json.dumps({"resourceArn": group["logGroupArn"]}))
            self.assertEqual(200, status)
            # The model has one map for requests and answers, with one tag at least; the service says
            # `{}` where there is none.
            if answer != {"tags": {}}:
                shape = models.operation("logs", "ListTagsForResource").output_shape
                self.assertEqual([], models.problems(shape, answer))

    def test_describe_log_streams(self):
        for group in self.all("logGroups", "logs", "DescribeLogGroups"):
            name = group["logGroupName"]
            self.pages("logs", "DescribeLogStreams", logGroupName=name)
            self.ask("logs", "DescribeLogStreams", logGroupIdentifier=group["logGroupArn"], orderBy="LastEventTime", descending=True, limit=5)
        self.all("logStreams", "logs", "DescribeLogStreams", logGroupName=GROUP, limit=7)
        self.all("logStreams", "logs", "DescribeLogStreams", logGroupName=GROUP, logStreamNamePrefix="ingest/api/", descending=True)

    def test_filter_log_events(self):
        hour = {"startTime": NOW - 60 * MINUTE, "endTime": NOW}
        for group in self.all("logGroups", "logs", "DescribeLogGroups"):
            if group.get("logGroupClass", "STANDARD") == "STANDARD":
                self.pages("logs", "FilterLogEvents", logGroupName=group["logGroupName"],
                           startTime=NOW - 10 * MINUTE, endTime=NOW)
        brief = {"startTime": NOW - MINUTE, "endTime": NOW}
        self.all("events", "logs", "FilterLogEvents", logGroupName=GROUP, limit=100, interleaved=True, **brief)
        self.all("events", "logs", "FilterLogEvents", logGroupName=GROUP, logStreamNamePrefix="ingest/api/", **brief)
        stream = self.all("logStreams", "logs", "DescribeLogStreams", logGroupName=GROUP)[0]["logStreamName"]
        self.ask("logs", "FilterLogEvents", logGroupName=GROUP, logStreamNames=[stream], **brief)
        self.all("events", "logs", "FilterLogEvents", logGroupName=GROUP, startFromHead=False, limit=500, **brief)
        newest = self.ask("logs", "FilterLogEvents", logGroupName=GROUP, startFromHead=False, limit=50, **brief)
        for said in ({}, {"startFromHead": True}, {"startFromHead": False}):
            older = self.ask(
                "logs", "FilterLogEvents", logGroupName=GROUP, limit=50, **brief, **said, nextToken=newest["nextToken"])
            self.assertLess(older["events"][0]["eventId"], newest["events"][-1]["eventId"])
        for pattern in ("timeout", '"i/o timeout"', "?timeout ?refused", "{ $.level = 50 }", "timeout -dedupe",
                        "%time.ut%", "{ $.level >= 40 && $.msg = %^l% || $.err NOT EXISTS }", "[first, ..., last = *timeout*]"):
            self.pages("logs", "FilterLogEvents", logGroupName=GROUP, filterPattern=pattern, **hour)
        self.ask("logs", "FilterLogEvents", logGroupName=GROUP)

    def test_get_log_events(self):
        streams = self.all("logStreams", "logs", "DescribeLogStreams", logGroupName=GROUP)
        seen = 0
        for stream in streams[:20]:
            for parameters in ({}, {"startFromHead": True, "startTime": NOW - 60 * MINUTE, "limit": 3}, {"endTime": NOW - MINUTE}):
                name = {"logGroupName": GROUP, "logStreamName": stream["logStreamName"]}
                page = self.ask("logs", "GetLogEvents", **name, **parameters)
                seen += len(page["events"])
                for token in (page["nextForwardToken"], page["nextBackwardToken"]):
                    self.ask("logs", "GetLogEvents", **name, **parameters, nextToken=token)
        self.assertGreater(seen, 0)

    def test_refusals(self):
        for code, action, parameters in (
            ("ResourceNotFoundException", "FilterLogEvents", {"logGroupName": "/no/such"}),
            ("ResourceNotFoundException", "GetLogEvents", {"logGroupName": GROUP, "logStreamName": "none"}),
            ("ResourceNotFoundException", "DescribeLogStreams", {"logGroupName": "/no/such"}),
            ("InvalidParameterException", "FilterLogEvents", {}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "limit": 10_001}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "limit": 0}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "nextToken": "made-up"}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "startTime": 2, "endTime": 1}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "filterPattern": "a@b"}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "filterPattern": "x" * 1025}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "startFromHead": False}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "startFromHead": False, "startTime": 1_704_067_199_999}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "filterPattern": "%something!%"}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "filterPattern": "%(a|b)%"}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "filterPattern": "ERROR %a%"}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "filterPattern": "{ $.a IS NOT NULL }"}),
            ("InvalidParameterException", "DescribeLogGroups", {"logGroupClass": "GOLD"}),
            ("InvalidParameterException", "FilterLogEvents", {"logGroupName": GROUP, "logStreamNames": ["a"], "logStreamNamePrefix": "a"}),
            ("InvalidParameterException", "GetLogEvents", {"logGroupName": GROUP}),
            ("InvalidParameterException", "DescribeLogGroups", {"limit": 51}),
            ("InvalidParameterException", "DescribeLogGroups", {"logGroupNamePrefix": "a", "logGroupNamePattern": "b"}),
            ("InvalidParameterException", "DescribeLogStreams", {"logGroupName": GROUP, "orderBy": "LastEventTime", "logStreamNamePrefix": "a"}),
            ("InvalidParameterException", "ListLogGroups", {"logGroupNamePattern": "x"}),
            ("InvalidOperationException", "FilterLogEvents", {"logGroupName": "/archive/audit"}),
            ("SerializationException", "FilterLogEvents", "{"),
            ("SerializationException", "FilterLogEvents", {"logGroupName": 7}),
            ("UnknownOperationException", "DescribeQueries", {}),
            ("UnknownOperationException", "MakeCoffee", {}),
        ):
            with self.subTest(action=action, parameters=parameters):
                self.refused(code, "logs", action, parameters)


class EcsAsked(Asked):
    def deployments(self, services):
        """All that can be asked of these services' deployments."""
        for service in services:
            if "currentServiceDeployment" not in service:
                continue
            revisions = [revision["arn"] for revision in service["currentServiceRevisions"]]
            found = self.ask("ecs", "DescribeServiceRevisions", serviceRevisionArns=revisions)
            self.assertEqual((len(revisions), []), (len(found["serviceRevisions"]), found["failures"]))
            where = {"cluster": service["clusterArn"], "service": service["serviceName"]}
            listed = self.all("serviceDeployments", "ecs", "ListServiceDeployments", **where)
            self.assertEqual(listed, self.all("serviceDeployments", "ecs", "ListServiceDeployments", **where, maxResults=1))
            arns = [deployment["serviceDeploymentArn"] for deployment in listed][:20]
            self.assertEqual(service["currentServiceDeployment"], arns[0])
            found = self.ask("ecs", "DescribeServiceDeployments", serviceDeploymentArns=arns)
            self.assertEqual((len(arns), []), (len(found["serviceDeployments"]), found["failures"]))
            for deployment in found["serviceDeployments"]:
                self.assertTrue(self.ask(
                    "ecs", "DescribeServiceRevisions", serviceRevisionArns=[deployment["targetServiceRevision"]["arn"]],
                )["serviceRevisions"])


class Ecs(EcsAsked):
    def test_clusters(self):
        arns = self.all("clusterArns", "ecs", "ListClusters")
        self.assertEqual(arns, self.all("clusterArns", "ecs", "ListClusters", maxResults=1))
        every = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"]
        self.ask("ecs", "DescribeClusters", clusters=arns + ["nope"], include=every)
        self.ask("ecs", "DescribeClusters", clusters=["prod"])
        self.ask("ecs", "DescribeClusters")

    def test_services(self):
        for cluster in self.all("clusterArns", "ecs", "ListClusters"):
            arns = self.all("serviceArns", "ecs", "ListServices", cluster=cluster)
            self.assertEqual(arns, self.all("serviceArns", "ecs", "ListServices", cluster=cluster, maxResults=3))
            for start in range(0, len(arns), 10):
                described = self.ask("ecs", "DescribeServices", cluster=cluster, services=arns[start:start + 10], include=["TAGS"])
                self.assertEqual([], described["failures"])
                self.assertTrue(all(service["deployments"] or service["taskSets"] for service in described["services"]))
                self.deployments(described["services"])
        found = self.ask("ecs", "DescribeServices", cluster="prod", services=["api", "nope"])
        self.assertEqual((1, 1), (len(found["services"]), len(found["failures"])))
        self.ask("ecs", "ListServices", cluster="prod", schedulingStrategy="DAEMON")

    def test_tasks(self):
        for cluster in self.all("clusterArns", "ecs", "ListClusters"):
            for more in ({}, {"desiredStatus": "STOPPED"}, {"maxResults": 9}):
                arns = [arn for page in self.pages("ecs", "ListTasks", cluster=cluster, **more) for arn in page["taskArns"]]
                for start in range(0, len(arns), 100):
                    self.ask("ecs", "DescribeTasks", cluster=cluster, tasks=arns[start:start + 100], include=["TAGS"])
        running = self.all("taskArns", "ecs", "ListTasks", cluster="prod", serviceName="api")
        self.all("taskArns", "ecs", "ListTasks", cluster="prod", desiredStatus="STOPPED")
        described = self.ask("ecs", "DescribeTasks", cluster="prod", tasks=[running[0].rsplit("/", 1)[1], "nope"])
        self.assertEqual((1, 1), (len(described["tasks"]), len(described["failures"])))

    def test_task_definitions(self):
        arns = self.all("taskDefinitionArns", "ecs", "ListTaskDefinitions", maxResults=10)
        for arn in arns:
            self.ask("ecs", "DescribeTaskDefinition", taskDefinition=arn, include=["TAGS"])
        self.ask("ecs", "ListTaskDefinitions", familyPrefix="api", sort="DESC", status="ACTIVE")

    def test_refusals(self):
        for code, action, parameters in (
            ("ClusterNotFoundException", "ListServices", {}),
            ("ClusterNotFoundException", "ListTasks", {"cluster": "nope"}),
            ("ClusterNotFoundException", "DescribeServices", {"cluster": "nope", "services": ["a"]}),
            ("ServiceNotFoundException", "ListTasks", {"cluster": "prod", "serviceName": "nope"}),
            ("InvalidParameterException", "DescribeServices", {"cluster": "prod", "services": ["a"] * 11}),
            ("InvalidParameterException", "DescribeServices", {"cluster": "prod", "services": []}),
            ("InvalidParameterException", "DescribeTasks", {"cluster": "prod", "tasks": []}),
            ("InvalidParameterException", "ListTasks", {"cluster": "prod", "maxResults": 101}),
            ("InvalidParameterException", "ListTasks", {"cluster": "prod", "desiredStatus": "RESTING"}),
            ("InvalidParameterException", "ListClusters", {"nextToken": "made-up"}),
            ("ClientException", "DescribeTaskDefinition", {"taskDefinition": "nope:1"}),
            ("ClusterNotFoundException", "ListContainerInstances", {}),
            ("InvalidParameterException", "ListContainerInstances", {"cluster": "prod", "status": "RESTING"}),
            ("InvalidParameterException", "ListContainerInstances", {"cluster": "prod", "maxResults": 0}),
            ("InvalidParameterException", "ListContainerInstances", {"cluster": "prod", "filter": "agentConnected == true"}),
            ("ClusterNotFoundException", "DescribeContainerInstances", {"cluster": "nope", "containerInstances": ["a"]}),
            ("InvalidParameterException", "DescribeContainerInstances", {"cluster": "prod", "containerInstances": []}),
            ("InvalidParameterException", "DescribeContainerInstances", {"cluster": "prod", "containerInstances": ["a"] * 101}),
            ("SerializationException", "ListTasks", "[]"),
            ("UnknownOperationException", "RunTask", {}),
            ("InvalidParameterException", "ListServiceDeployments", {"cluster": "prod"}),
            ("InvalidParameterException", "ListServiceDeployments", {"cluster": "prod", "service": "api", "status": ["DONE"]}),
            ("InvalidParameterException", "ListServiceDeployments", {"cluster": "prod", "service": "api", "maxResults": 0}),
            ("InvalidParameterException", "ListServiceDeployments", {"cluster": "prod", "service": "api", "nextToken": "made-up"}),
            ("ClusterNotFoundException", "ListServiceDeployments", {"cluster": "nope", "service": "api"}),
            ("ServiceNotFoundException", "ListServiceDeployments", {"cluster": "prod", "service": "nope"}),
            ("UnsupportedFeatureException", "ListServiceDeployments", {"cluster": "prod", "service": "docs"}),
            ("InvalidParameterException", "DescribeServiceDeployments", {"serviceDeploymentArns": []}),
            ("InvalidParameterException", "DescribeServiceDeployments", {"serviceDeploymentArns": ["nope"]}),
            ("InvalidParameterException", "DescribeServiceRevisions", {}),
            ("InvalidParameterException", "DescribeServiceRevisions", {"serviceRevisionArns": ["arn:aws:ecs:us-east-1:0:service-revision/a/b/1"] * 21}),
            ("SerializationException", "DescribeServiceRevisions", {"serviceRevisionArns": 7}),
        ):
            with self.subTest(action=action, parameters=parameters):
                self.refused(code, "ecs", action, parameters)


    def test_container_instances(self):
        found = 0
        for cluster in self.all("clusterArns", "ecs", "ListClusters"):
            arns = self.all("containerInstanceArns", "ecs", "ListContainerInstances", cluster=cluster)
            self.assertEqual(arns, self.all("containerInstanceArns", "ecs", "ListContainerInstances", cluster=cluster, maxResults=7))
            every = ["TAGS", "CONTAINER_INSTANCE_HEALTH"]
            described = self.ask("ecs", "DescribeContainerInstances", cluster=cluster, containerInstances=arns, include=every)
            self.assertEqual(arns, [instance["containerInstanceArn"] for instance in described["containerInstances"]])
            found += sum(instance["runningTasksCount"] for instance in described["containerInstances"])
        self.assertGreater(found, 100)
        one = self.ask("ecs", "DescribeContainerInstances", cluster=cluster, containerInstances=[arns[0].rsplit("/", 1)[1], "nope"])
        self.assertEqual((1, 1), (len(one["containerInstances"]), len(one["failures"])))
        self.ask("ecs", "ListContainerInstances", cluster="prod", status="DRAINING")

    def test_ports_are_in_the_definition_and_on_the_host(self):
        service = self.ask("ecs", "DescribeServices", cluster="prod", services=["api"])["services"][0]
        definition = self.ask("ecs", "DescribeTaskDefinition", taskDefinition=service["taskDefinition"])["taskDefinition"]
        self.assertEqual(["http", "pprof"], [port["name"] for port in definition["containerDefinitions"][0]["portMappings"]])
        arns = self.all("taskArns", "ecs", "ListTasks", cluster="prod", serviceName="api")
        for task in self.ask("ecs", "DescribeTasks", cluster="prod", tasks=arns)["tasks"]:
            bound = [binding["containerPort"] for binding in task["containers"][0]["networkBindings"]]
            self.assertEqual([8080, 6060] if task["lastStatus"] in ("RUNNING", "STOPPING") else [], bound)


class Ecr(Asked):
    REPOSITORY = "ingest/api"

    def test_repositories(self):
        found = self.all("repositories", "ecr", "DescribeRepositories")
        self.assertEqual(found, self.all("repositories", "ecr", "DescribeRepositories", maxResults=2))
        names = [repository["repositoryName"] for repository in found]
        self.assertIn(self.REPOSITORY, names)
        again = self.ask("ecr", "DescribeRepositories", repositoryNames=names[:100], registryId="000000000000")
        self.assertEqual(found[:100], again["repositories"])
        self.assertEqual([], self.ask("ecr", "DescribeRepositories", registryId="111122223333")["repositories"])

    def test_images(self):
        for repository in self.all("repositories", "ecr", "DescribeRepositories"):
            name = repository["repositoryName"]
            details = self.all("imageDetails", "ecr", "DescribeImages", repositoryName=name)
            self.assertEqual(details, self.all("imageDetails", "ecr", "DescribeImages", repositoryName=name, maxResults=1))
            ids = [{"imageDigest": detail["imageDigest"]} for detail in details]
            ids += [{"imageTag": tag} for detail in details for tag in detail.get("imageTags", [])]
            self.assertEqual(details, self.ask("ecr", "DescribeImages", repositoryName=name, imageIds=ids)["imageDetails"])
            got = self.ask("ecr", "BatchGetImage", repositoryName=name, imageIds=ids)
            self.assertEqual((ids, []), ([self.asked(image, ids) for image in got["images"]], got["failures"]))
        for status in ("TAGGED", "UNTAGGED", "ANY"):
            self.ask("ecr", "DescribeImages", repositoryName=self.REPOSITORY, filter={"tagStatus": status})

    @staticmethod
    def asked(image, ids):
        """The id by which an image was asked for: one with a tag is shown with its digest, too."""
        tag = image["imageId"].get("imageTag")
        return {"imageTag": tag} if tag else image["imageId"]

    def test_failures_of_a_batch(self):
        ids = [
            {"imageTag": "nope"}, {"imageDigest": "sha256:" + "0" * 64}, {"imageDigest": "sha256:nope"}, {},
        ]
        failures = self.ask("ecr", "BatchGetImage", repositoryName=self.REPOSITORY, imageIds=ids)["failures"]
        self.assertEqual(ids, [failure["imageId"] for failure in failures])
        self.assertEqual(
            ["ImageNotFound", "ImageNotFound", "InvalidImageDigest", "MissingDigestAndTag"],
            [failure["failureCode"] for failure in failures])

    def test_refusals(self):
        name = {"repositoryName": self.REPOSITORY}
        for code, action, parameters in (
            ("RepositoryNotFoundException", "DescribeImages", {"repositoryName": "no/such"}),
            ("RepositoryNotFoundException", "DescribeImages", name | {"registryId": "111122223333"}),
            ("RepositoryNotFoundException", "BatchGetImage", {"repositoryName": "no/such", "imageIds": [{"imageTag": "1"}]}),
            ("RepositoryNotFoundException", "DescribeRepositories", {"repositoryNames": ["no/such"]}),
            ("ImageNotFoundException", "DescribeImages", name | {"imageIds": [{"imageTag": "nope"}]}),
            ("InvalidParameterException", "DescribeImages", {}),
            ("InvalidParameterException", "DescribeImages", {"repositoryName": "No/Such"}),
            ("InvalidParameterException", "DescribeImages", name | {"registryId": "me"}),
            ("InvalidParameterException", "DescribeImages", name | {"imageIds": []}),
            ("InvalidParameterException", "DescribeImages", name | {"imageIds": [{"imageTag": "1"}] * 101}),
            ("InvalidParameterException", "DescribeImages", name | {"maxResults": 1001}),
            ("InvalidParameterException", "DescribeImages", name | {"nextToken": "made-up"}),
            ("InvalidParameterException", "DescribeImages", name | {"filter": {"tagStatus": "NONE"}}),
            ("InvalidParameterException", "BatchGetImage", name),
            ("SerializationException", "DescribeImages", "[]"),
            ("UnknownOperationException", "PutImage", {}),
        ):
            with self.subTest(action=action, parameters=parameters):
                self.refused(code, "ecr", action, parameters)


class OddFleets(Asked):
    @classmethod
    def setUpClass(cls):
        super(Asked, cls).setUpClass()
        path = cls.new_home().write("odd.toml", ODD)
        cls.drill = cls.use(harness.Drill(cls.new_home(), path))
        cls.address = urllib.parse.urlsplit(cls.drill.url).netloc

    def test_every_listing_and_description(self):
        tasks = 0
        for cluster in ("old", "new"):
            services = self.all("serviceArns", "ecs", "ListServices", cluster=cluster)
            for start in range(0, len(services), 10):
                described = self.ask("ecs", "DescribeServices", cluster=cluster, services=services[start:start + 10])
                self.assertEqual([], described["failures"])
                for service in described["services"]:
                    self.ask("ecs", "DescribeTaskDefinition", taskDefinition=service["taskDefinition"])
            arns = self.all("taskArns", "ecs", "ListTasks", cluster=cluster)
            described = self.ask("ecs", "DescribeTasks", cluster=cluster, tasks=arns)["tasks"]
            self.assertEqual(arns, [task["taskArn"] for task in described])
            tasks += len(described)
            hosts = self.pages("ecs", "ListContainerInstances", cluster=cluster)[0]["containerInstanceArns"]
            if hosts:
                self.ask("ecs", "DescribeContainerInstances", cluster=cluster, containerInstances=hosts)
            slashes = 1 if cluster == "old" else 2
            self.assertEqual({slashes}, {arn.count("/") for arn in services + arns + hosts})
        self.assertEqual(12 * 3 + 2, tasks)

    def test_tasks_with_an_address_of_their_own(self):
        arns = self.all("taskArns", "ecs", "ListTasks", cluster="new")
        for task in self.ask("ecs", "DescribeTasks", cluster="new", tasks=arns)["tasks"]:
            details = {detail["name"]: detail["value"] for detail in task["attachments"][0]["details"]}
            self.assertEqual(details["privateIPv4Address"], task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"])

    def test_a_closed_cluster(self):
        self.assertEqual(3, len(self.all("clusterArns", "ecs", "ListClusters")))
        for action, parameters in (
            ("DescribeClusters", {"clusters": ["new", "closed"]}),
            ("ListServices", {"cluster": "closed"}),
            ("DescribeServices", {"cluster": "closed", "services": ["ledger"]}),
            ("ListTasks", {"cluster": "arn:aws:ecs:us-east-1:000000000000:cluster/closed"}),
            ("DescribeTasks", {"cluster": "closed", "tasks": ["a"]}),
            ("ListContainerInstances", {"cluster": "closed"}),
            ("DescribeContainerInstances", {"cluster": "closed", "containerInstances": ["a"]}),
        ):
            with self.subTest(action=action):
                self.refused("AccessDeniedException", "ecs", action, parameters)

    def test_images(self):
        details = self.all("imageDetails", "ecr", "DescribeImages", repositoryName="web/base")
        self.assertEqual(["sha256:" + "1" * 64], [detail["imageDigest"] for detail in details])
        self.assertNotIn("imageTags", details[0])
        self.all("imageDetails", "ecr", "DescribeImages", repositoryName="web/app-012")
        self.refused("ImageNotFoundException", "ecr", "DescribeImages", {
            "repositoryName": "new/app", "imageIds": [{"imageTag": "1"}]})
        self.assertEqual([], self.ask("ecr", "DescribeImages", repositoryName="new/app")["imageDetails"])


class EcsDeployments(EcsAsked):
    """The same of a world in which deployments go in every way there is, at the moments in which they do."""

    SCENARIO = harness.ROOT / "crates/simulator/tests/deployments.toml"
    START = "2026-11-22T20:00:00Z"  # so that the page is at 19:56
    MOMENTS = {
        "2026-11-22T18:50:00Z": {"COMPLETED"},
        "2026-11-22T18:56:01Z": {"COMPLETED", "IN_PROGRESS"},
        "2026-11-22T18:56:55Z": {"COMPLETED", "IN_PROGRESS", "FAILED"},
        "2026-11-22T19:27:00Z": {"COMPLETED", "IN_PROGRESS", "FAILED"},
        "2026-11-22T19:29:00Z": {"COMPLETED", "IN_PROGRESS", "FAILED"},
        "2026-11-22T20:00:00Z": {"COMPLETED", "IN_PROGRESS", "FAILED"},
    }

    def test_every_way_in_which_a_deployment_can_go(self):
        seen = set()
        for moment, states in self.MOMENTS.items():
            with self.subTest(moment=moment), harness.Drill(self.new_home(), self.SCENARIO, moment, self.START) as drill:
                self.address = urllib.parse.urlsplit(drill.url).netloc
                names = self.all("serviceArns", "ecs", "ListServices", cluster="prod", maxResults=100)
                services = [
                    service for start in range(0, len(names), 10)
                    for service in self.ask("ecs", "DescribeServices", cluster="prod", services=names[start:start + 10])["services"]]
                self.deployments(services)
                rollouts = {deployment["rolloutState"] for service in services for deployment in service["deployments"]}
                self.assertLessEqual(rollouts, states)
                seen |= rollouts | {set_["status"] for service in services for set_ in service["taskSets"]}
                tasks = self.all("taskArns", "ecs", "ListTasks", cluster="prod")
                tasks += self.ask("ecs", "ListTasks", cluster="prod", desiredStatus="STOPPED")["taskArns"]
                for start in range(0, len(tasks), 100):
                    self.ask("ecs", "DescribeTasks", cluster="prod", tasks=tasks[start:start + 100])
                for service in services:
                    if service["deployments"] and "currentServiceDeployment" in service:
                        where = {"cluster": "prod", "service": service["serviceArn"]}
                        listed = self.ask("ecs", "ListServiceDeployments", **where)["serviceDeployments"]
                        seen |= {deployment["status"] for deployment in listed}
        self.assertLessEqual(
            {"COMPLETED", "IN_PROGRESS", "FAILED", "PRIMARY", "ACTIVE", "SUCCESSFUL", "STOPPED",
             "PENDING", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"}, seen)


class Signatures(Asked):
    def test_who_does_not_sign_is_refused(self):
        for service, action in (("logs", "DescribeLogGroups"), ("ecs", "ListClusters"), ("ecr", "DescribeRepositories")):
            self.refused("MissingAuthenticationTokenException", service, action, {}, scope="")
            self.refused("InvalidSignatureException", service, action, {}, scope="s3")


class Sts(Asked):
    NAMESPACE = "{https://sts.amazonaws.com/doc/2011-06-15/}"

    def query(self, action, scope="sts"):
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        status, _, body = self.post(headers, f"Action={action}&Version=2011-06-15", scope)
        root = xml.etree.ElementTree.fromstring(body)
        self.assertTrue(all(element.tag.startswith(self.NAMESPACE) for element in root.iter()))
        return status, root

    def name(self, element):
        return element.tag.removeprefix(self.NAMESPACE)

    def flat(self, element):
        self.assertTrue(all(len(child) == 0 for child in element))
        return {self.name(child): child.text for child in element}

    def test_get_caller_identity(self):
        status, root = self.query("GetCallerIdentity")
        self.assertEqual((200, "GetCallerIdentityResponse"), (status, self.name(root)))
        result, metadata = root
        shape = models.operation("sts", "GetCallerIdentity").output_shape
        self.assertEqual(shape.serialization["resultWrapper"], self.name(result))
        answer = self.flat(result)
        self.assertEqual([], models.problems(shape, answer))
        self.assertEqual({"Account", "Arn", "UserId"}, set(answer))
        self.assertEqual("ResponseMetadata", self.name(metadata))
        self.assertEqual(["RequestId"], list(self.flat(metadata)))

    def test_refusals(self):
        for action, scope, code in (
            ("AssumeRole", "sts", "InvalidAction"),
            ("GetCallerIdentity", "", "MissingAuthenticationToken"),
        ):
            status, root = self.query(action, scope)
            self.assertIn(status, (400, 403))
            self.assertEqual(["ErrorResponse", "Error", "RequestId"], [self.name(e) for e in (root, *root)])
            error = self.flat(root[0])
            self.assertEqual({"Type", "Code", "Message"}, set(error))
            self.assertEqual(("Sender", code), (error["Type"], error["Code"]))


class TheJudgeItself(harness.Spec):
    """A judge that finds nothing may be blind."""

    def test_each_kind_of_liberty_is_noticed(self):
        filtered = models.operation("logs", "FilterLogEvents").output_shape
        described = models.operation("logs", "DescribeLogGroups").output_shape
        got = models.operation("logs", "GetLogEvents").input_shape
        for shape, answer, problem in (
            (filtered, {"evnts": []}, "unknown member"),
            (filtered, {"events": {}}, "no list"),
            (filtered, {"events": [{"timestamp": "1"}]}, "no whole number"),
            (filtered, {"events": [{"timestamp": True}]}, "no whole number"),
            (filtered, {"events": [{"timestamp": 2**63}]}, "does not fit"),
            (filtered, {"events": [{"logStreamName": "a:b"}]}, "not of the form"),
            (filtered, {"events": [{"logStreamName": "a" * 513}]}, "longer than"),
            (filtered, {"events": [{"logStreamName": ""}]}, "shorter than"),
            (filtered, {"nextToken": None}, "no string"),
            (described, {"logGroups": [{"logGroupClass": "GOLD"}]}, "none of"),
            (described, {"logGroups": [{"retentionInDays": 1.0}]}, "no whole number"),
            (got, {}, "required, and missing"),
        ):
            with self.subTest(answer=str(answer)[:60]):
                found = models.problems(shape, answer)
                self.assertTrue(any(problem in said for said in found), found)
