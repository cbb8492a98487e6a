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

TARGETS = {"logs": "Logs_20140328", "ecs": "AmazonEC2ContainerServiceV20141113"}

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
        for service, action in (("logs", "DescribeLogGroups"), ("ecs", "ListClusters")):
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
