"""Given a frozen drill, served, when boto3 and the AWS CLI read it, then they read exactly the events
that `oncall logs` prints: of each group, through both ways of reading, to the edges of the window."""

import datetime
import json
import re
import subprocess

import harness

NOW = harness.millis(harness.DRILL_NOW)
MINUTE = 60_000

# An ordinary window, one with odd edges around the worst of it, and a quiet one days ago.
WINDOWS = [
    (NOW - 5 * MINUTE, NOW),
    (NOW - 11 * MINUTE + 7, NOW - 9 * MINUTE - 481),
    (NOW - 3 * 24 * 60 * MINUTE, NOW - 3 * 24 * 60 * MINUTE + MINUTE),
]


class Served(harness.Spec):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.drill = cls.use(harness.Drill(cls.new_home()))
        cls.logs = harness.client("logs", cls.drill.url)
        cls.oncall = harness.Oncall(cls.home, **cls.drill.variables)

    def read(self, target, since, until, *more):
        result = self.oncall(
            "-q", "--budget", "unlimited", "logs", target, "--since", since, "--until", until, *more)
        self.assertCode(0, result)
        return result

    @classmethod
    def groups(cls):
        """The groups that FilterLogEvents can read, with the ones of another class left out."""
        pages = cls.logs.get_paginator("describe_log_groups").paginate()
        groups = [group for page in pages for group in page["logGroups"]]
        return [group["logGroupName"] for group in groups if group.get("logGroupClass", "STANDARD") == "STANDARD"]


class ByBoto3(Served):
    def test_filter_log_events_of_every_group_and_window(self):
        events = 0
        for group in self.groups():
            for since, until in WINDOWS:
                with self.subTest(group=group, since=harness.rfc3339(since), until=harness.rfc3339(until)):
                    theirs = harness.by_filter_log_events(self.logs, group, startTime=since, endTime=until - 1)
                    ours = self.read(f"group:{group}", since, until)
                    self.assertEqual(
                        [harness.of_boto(event) for event in theirs],
                        [harness.of_oncall(line) for line in harness.lines(ours.stdout)],
                    )
                    self.assertEqual(
                        [(event["eventId"], harness.rfc3339(event["ingestionTime"])) for event in theirs],
                        [(record["id"], record["ingested"]) for record in ours.records],
                    )
                    events += len(theirs)
        self.assertGreater(events, 5_000, "too little to compare")

    def test_get_log_events_of_every_stream(self):
        since, until = WINDOWS[1]
        events = 0
        for group in self.groups():
            with self.subTest(group=group):
                pages = self.logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
                streams = [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
                theirs = [event for stream in streams for event in self.of_stream(group, stream, since, until)]
                ours = self.read(f"group:{group}", since, until)
                self.assertEqual(
                    sorted(theirs), sorted(harness.of_oncall(line) for line in harness.lines(ours.stdout)))
                events += len(theirs)
        self.assertGreater(events, 1_000, "too little to compare")

    def of_stream(self, group, stream, since, until):
        """GetLogEvents' end is excluded, and a token that comes back is the end."""
        token, events = None, []
        while True:
            parameters = {"nextToken": token} if token else {}
            page = self.logs.get_log_events(
                logGroupName=group, logStreamName=stream, startTime=since, endTime=until,
                startFromHead=True, **parameters)
            events += [harness.of_boto(event, stream) for event in page["events"]]
            if page["nextForwardToken"] == token:
                return events
            token = page["nextForwardToken"]

    def test_a_pattern_finds_the_same_on_the_server(self):
        since, until = NOW - 60 * MINUTE, NOW
        for pattern in (
            "timeout", '"i/o timeout"', "?timeout ?refused", "lookup -timeout", "{ $.level = 50 }",
            "%i/o time.ut%", "{ $.level >= 40 && $.msg = %^[Ll]ookup|timeout% }",
        ):
            with self.subTest(pattern=pattern):
                theirs = harness.by_filter_log_events(
                    self.logs, "/ecs/prod-ingest", startTime=since, endTime=until - 1, filterPattern=pattern)
                ours = self.read("group:/ecs/prod-ingest", since, until, "--filter-pattern", pattern)
                self.assertEqual(
                    [harness.of_boto(event) for event in theirs],
                    [harness.of_oncall(line) for line in harness.lines(ours.stdout)],
                )

    def test_an_expression_finds_what_python_finds(self):
        window = {"startTime": NOW - 60 * MINUTE, "endTime": NOW - 1}
        everything = harness.by_filter_log_events(self.logs, "/ecs/prod-ingest", **window)

        def has(event, condition):
            try:
                return condition(json.loads(event["message"]))
            except ValueError:
                return False

        expressions = [r"timeouts?", r"^.{1,40}\d{4}-", r"\x22level\x22:5[0-9]", r"10\.\d{1,3}\.\d+", r"[^ -z]$", r"ms|refused"]
        patterns = [(f"%{text}%", lambda event, text=text: re.search(text, event["message"])) for text in expressions]
        patterns += [
            ("{ $.msg = %time% && $.level = 50 }",
             lambda event: has(event, lambda said: re.search("time", said["msg"]) and said["level"] == 50)),
            ("{ ($.level = 30 || $.level = 40) && $.msg != %e[a-z]*d$% }",
             lambda event: has(event, lambda said: said["level"] in (30, 40) and not re.search("e[a-z]*d$", said["msg"]))),
            ("{ $.level > 30 && $.err NOT EXISTS }",
             lambda event: has(event, lambda said: said["level"] > 30 and "err" not in said)),
        ]
        found = 0
        for pattern, matches in patterns:
            with self.subTest(pattern=pattern):
                theirs = harness.by_filter_log_events(self.logs, "/ecs/prod-ingest", filterPattern=pattern, **window)
                expected = [event["eventId"] for event in everything if matches(event)]
                self.assertEqual(expected, [event["eventId"] for event in theirs])
                found += 0 < len(expected) < len(everything)
        self.assertGreater(found, len(patterns) / 2, "too little to compare")

    def test_newest_first_is_oldest_first_the_other_way_round(self):
        for more in ({}, {"filterPattern": "timeout", "limit": 97}, {"limit": 1000}):
            with self.subTest(**more):
                window = {"startTime": NOW - 30 * MINUTE, "endTime": NOW - 1, **more}
                oldest = harness.by_filter_log_events(self.logs, "/ecs/prod-ingest", **window)
                newest = harness.by_filter_log_events(
                    self.logs, "/ecs/prod-ingest", startFromHead=False, **window)
                self.assertGreater(len(oldest), 100)
                self.assertEqual(oldest[::-1], newest)

    def test_what_is_rendered_ahead_is_read_alike(self):
        window = {"startTime": NOW - 40 * MINUTE, "endTime": NOW, "filterPattern": "-completed"}
        with harness.Drill(self.new_home(), flags=["--render-ahead=20m"]) as drill:
            logs = harness.client("logs", drill.url)
            for group in ("/ecs/prod-ingest", "/ecs/platform/dns"):
                self.assertEqual(
                    harness.by_filter_log_events(self.logs, group, **window),
                    harness.by_filter_log_events(logs, group, **window))

    def test_the_newest_are_those_at_the_end(self):
        since, until = NOW - 30 * MINUTE, NOW
        theirs = harness.by_filter_log_events(self.logs, "/ecs/prod-ingest", startTime=since, endTime=until - 1)
        ours = self.read("group:/ecs/prod-ingest", since, until, "-n", 1234)
        self.assertEqual(
            [event["eventId"] for event in theirs[-1234:]], [record["id"] for record in ours.records])

    def test_a_service_is_found_by_its_task_definitions(self):
        ecs = harness.client("ecs", self.drill.url)
        service = ecs.describe_services(cluster="prod", services=["api"])["services"][0]
        definitions = {service["taskDefinition"]} | {d["taskDefinition"] for d in service["deployments"]}
        wanted = set()
        for definition in definitions:
            described = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
            for container in described["containerDefinitions"]:
                options = container["logConfiguration"]["options"]
                wanted.add((options["awslogs-group"], f"{options['awslogs-stream-prefix']}/{container['name']}/"))
        since, until = WINDOWS[0]
        theirs = []
        for group, prefix in wanted:
            theirs += harness.by_filter_log_events(
                self.logs, group, startTime=since, endTime=until - 1, logStreamNamePrefix=prefix)
        ours = self.read("prod/api", since, until)
        self.assertEqual(
            sorted(map(harness.of_boto, theirs)),
            sorted(harness.of_oncall(line) for line in harness.lines(ours.stdout)),
        )

    def test_the_registry_has_what_the_tasks_run(self):
        ecs, ecr = (harness.client(service, self.drill.url) for service in ("ecs", "ecr"))
        running = set()
        for page in ecs.get_paginator("list_tasks").paginate(cluster="prod"):
            for task in ecs.describe_tasks(cluster="prod", tasks=page["taskArns"])["tasks"]:
                running |= {(c["image"], c["imageDigest"]) for c in task["containers"] if ".dkr.ecr." in c["image"] and "imageDigest" in c}
        self.assertGreater(len(running), 5, "too little to compare")
        for image, digest in running:
            with self.subTest(image=image):
                registry, name = image.split(".", 1)[0], image.split("/", 1)[1].rsplit(":", 1)[0]
                pages = ecr.get_paginator("describe_images").paginate(repositoryName=name, registryId=registry, imageIds=[{"imageDigest": digest}])
                details = [detail for page in pages for detail in page["imageDetails"]]
                self.assertEqual([digest], [detail["imageDigest"] for detail in details])
                self.assertLess(details[0]["imagePushedAt"].timestamp() * 1000, NOW)

    def test_tasks_are_on_the_instances_that_the_cluster_has(self):
        ecs = harness.client("ecs", self.drill.url)
        for cluster in ecs.list_clusters()["clusterArns"]:
            pages = ecs.get_paginator("list_container_instances").paginate(cluster=cluster)
            arns = [arn for page in pages for arn in page["containerInstanceArns"]]
            counted = dict.fromkeys(arns, 0)
            for page in ecs.get_paginator("list_tasks").paginate(cluster=cluster):
                for task in ecs.describe_tasks(cluster=cluster, tasks=page["taskArns"])["tasks"]:
                    if task["lastStatus"] == "RUNNING" and task["launchType"] == "EC2":
                        counted[task["containerInstanceArn"]] += 1
            described = ecs.describe_container_instances(cluster=cluster, containerInstances=arns)["containerInstances"]
            self.assertEqual(counted, {i["containerInstanceArn"]: i["runningTasksCount"] for i in described})

    def test_the_drill_inside_the_program_is_the_one_that_is_served(self):
        since, until = WINDOWS[0]
        pinned = {"ONCALL_DRILL_NOW": harness.DRILL_NOW, "ONCALL_DRILL_START": harness.DRILL_NOW}
        inside = harness.Oncall(self.new_home(), **pinned)(
            "-q", "--drill", "logs", "prod/api", "--since", since, "--until", until)
        self.assertCode(0, inside)
        self.assertTrue(inside.stdout)
        self.assertEqual(inside.text, self.read("prod/api", since, until).text)

    def test_a_fleet_is_the_same_from_every_side(self):
        ecs = harness.client("ecs", self.drill.url)

        def every(operation, member, **parameters):
            return [item for page in ecs.get_paginator(operation).paginate(**parameters) for item in page[member]]

        def number(name):
            return name.rsplit("/", 1)[1]

        versions = 0
        for cluster in every("list_clusters", "clusterArns"):
            running, digests = {}, {}
            arns = every("list_tasks", "taskArns", cluster=cluster)
            for start in range(0, len(arns), 100):
                for task in ecs.describe_tasks(cluster=cluster, tasks=arns[start:start + 100])["tasks"]:
                    if task["lastStatus"] == "RUNNING":
                        of = number(task["startedBy"])
                        running[of] = running.get(of, 0) + 1
                        digests.setdefault(of, set()).add(tuple(
                            (container["name"], container["image"], container["imageDigest"]) for container in task["containers"]))
            names = every("list_services", "serviceArns", cluster=cluster)
            services = [
                service for start in range(0, len(names), 10)
                for service in ecs.describe_services(cluster=cluster, services=names[start:start + 10])["services"]]
            for service in services:
                with self.subTest(service=service["serviceName"]):
                    revisions = service.get("currentServiceRevisions", [])
                    sets = service["taskSets"] if service["deploymentController"]["type"] != "ECS" else []
                    told = {number(revision["arn"]): revision["runningTaskCount"] for revision in revisions}
                    told |= {number(of["id"]): of["runningCount"] for of in sets}
                    self.assertEqual(service["runningCount"], sum(told.values()))
                    self.assertEqual(told, {of: running.get(of, 0) for of in told})
                    for revision in revisions:
                        described = ecs.describe_service_revisions(serviceRevisionArns=[revision["arn"]])["serviceRevisions"][0]
                        images = tuple(
                            (image["containerName"], image["image"], image["imageDigest"]) for image in described["containerImages"])
                        self.assertLessEqual(digests.get(number(revision["arn"]), set()), {images})
                        versions += 1
        self.assertGreater(versions, 10, "too little to compare")

    def test_what_was_rolled_back_is_in_the_history_of_its_day(self):
        ecs = harness.client("ecs", self.drill.url)
        now = datetime.datetime.fromisoformat(harness.DRILL_NOW)
        day = {"after": now - datetime.timedelta(hours=24), "before": now}
        where = {"cluster": "prod", "service": "billing"}
        listed = ecs.list_service_deployments(**where, createdAt=day)["serviceDeployments"]
        self.assertEqual(["ROLLBACK_SUCCESSFUL"], [deployment["status"] for deployment in listed])
        told = ecs.describe_service_deployments(serviceDeploymentArns=[listed[0]["serviceDeploymentArn"]])["serviceDeployments"][0]
        service = ecs.describe_services(cluster="prod", services=["billing"])["services"][0]
        self.assertEqual(told["rollback"]["serviceRevisionArn"], service["currentServiceRevisions"][0]["arn"])
        self.assertEqual(told["rollback"]["startedAt"], service["deployments"][0]["createdAt"])
        self.assertLess(listed[0]["createdAt"], told["rollback"]["startedAt"])

    def test_an_account_elsewhere_is_empty(self):
        logs = harness.client("logs", self.drill.url, region="eu-west-1")
        self.assertEqual([], logs.describe_log_groups()["logGroups"])


class ByTheAwsCli(Served):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.aws = harness.aws_cli() or harness.absent("version 2 of the AWS CLI is not installed")

    def test_logs_tail_prints_what_oncall_prints(self):
        for group in ("/ecs/prod-ingest", "/ecs/prod-outbound", "/ecs/prod-ledger"):
            with self.subTest(group=group):
                ended = subprocess.run(
                    [self.aws, "logs", "tail", group, "--since", harness.rfc3339(NOW - 5 * MINUTE),
                     "--format", "detailed", "--endpoint-url", self.drill.url, "--color", "off"],
                    env=self.home.environment(**self.drill.variables, AWS_PAGER="", PYTHONIOENCODING="utf-8"),
                    stdin=subprocess.DEVNULL, capture_output=True, timeout=harness.PATIENCE,
                )
                self.assertEqual(0, ended.returncode, ended.stderr.decode())
                since, until = NOW - 5 * MINUTE, NOW + 1
                records = self.read(f"group:{group}", since, until).records
                texts = self.texts(group, since, until)
                self.assertEqual(len(texts), len(records))
                # The CLI takes white space off each event's end.
                expected = "".join(
                    f"{record['time'].removesuffix('Z')}000+00:00 {record['stream']} {text}".rstrip() + "\n"
                    for record, text in zip(records, texts)
                )
                self.assertGreater(len(records), 100)
                self.assertMultiLineEqual(expected, ended.stdout.decode())

    def texts(self, group, since, until):
        """The exact texts, one by one: `-o raw` runs them together where they hold line breaks."""
        theirs = harness.by_filter_log_events(self.logs, group, startTime=since, endTime=until - 1)
        texts = [event["message"] for event in theirs]
        raw = self.read(f"group:{group}", since, until, "-o", "raw")
        self.assertEqual("".join(text + "\n" for text in texts), raw.text)
        return texts
