"""Given a drill that is served, when boto3 reads its ECS call by call, then `oncall specs` says the same of
it in far fewer; and where calls fail, what is missing is said."""

import collections
import json
import re
import signal
import subprocess
import time
import unittest

import fleet
import harness
from fleet import short
from terminal import Terminal

BEHIND = ("time", "deployment_age_seconds", "findings", "stops")
OF_DEFINITIONS = ("cpu", "memory_mb", "registered", "registered_by")
ACCOUNT, REGION = "000000000000", "us-east-1"

# Rollouts at every stage, one that fails, one that was taken back, a moved tag, one that is scaled.
ROLLOUTS = """
name = "rollouts"
summary = "Rollouts at every stage."
seed = 11
page_lead = "4m"

[[clusters]]
name = "one"
hosts = 12
[[clusters]]
name = "two"
hosts = 4
[[clusters]]
name = "empty"
""" + "".join(
    f"""
[[services]]
name = "{name}"
cluster = "{cluster}"
desired = {desired}
launch_type = "{launch}"
[[services.containers]]
name = "app"
image = "{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/{name}:1.0"
[[services.containers]]
name = "proxy"
image = "public.ecr.aws/envoy/envoy:v1.31.2"
"""
    for name, cluster, desired, launch in (
        ("steady", "one", 7, "EC2"), ("begun", "one", 30, "EC2"), ("halfway", "one", 40, "FARGATE"),
        ("done", "one", 9, "EC2"), ("forced", "one", 12, "EC2"), ("failing", "one", 8, "FARGATE"),
        ("scaled", "one", 5, "EC2"), ("many", "one", 230, "FARGATE"), ("steady", "two", 3, "FARGATE"),
        ("none", "two", 0, "FARGATE"), ("crashing", "two", 10, "EC2"),
    )
) + "".join(
    f"""
[[timeline]]
at = "{at}"
{what}
"""
    for at, what in (
        ("-5m", 'deploy = { service = "one/begun", images = { app = "shop/begun:2.0" }, over = "60m" }'),
        ("-20m", 'deploy = { service = "halfway", images = { app = "shop/halfway:2.0" }, over = "50m" }'),
        ("-10m", 'deploy = { service = "halfway", images = { app = "shop/halfway:3.0" }, over = "50m" }'),
        ("-40m", 'deploy = { service = "done", images = { proxy = "public.ecr.aws/envoy/envoy:v1.32.0" }, over = "5m" }'),
        ("-9m", 'deploy = { service = "forced", force = true, over = "30m" }'),
        ("-12m", 'deploy = { service = "failing", images = { app = "shop/failing:bad" }, over = "5m", '
                 'fail = { container = "app", exit_code = 1, reason = "cannot read /etc/app.toml" } }'),
        ("-8m", 'scale = { service = "scaled", desired = 11 }'),
        ("-15m", 'deploy = { service = "many", images = { app = "shop/many:2.0" }, over = "40m" }'),
        ("-3m", 'stop = { service = "crashing", share = 0.6, exit_code = 137, '
                'reason = "OutOfMemoryError: Container killed due to memory usage" }'),
    )
).replace('"one/begun"', '"begun"')

NO_CLUSTERS = """
name = "bare"
summary = "No ECS at all."
seed = 1
[[log_groups]]
name = "/bare"
streams = { name = "s", rotate = "1h" }
templates = [{ every = "1m", message = "x" }]
"""

TEN_CLUSTERS = """
name = "ten"
summary = "Ten clusters, one of them closed."
seed = 3
""" + "".join(
    f"""
[[clusters]]
name = "c{number}"
{'denied = true' if number == 4 else ''}
[[services]]
name = "web"
cluster = "c{number}"
desired = {number + 1}
launch_type = "FARGATE"
[[services.containers]]
name = "web"
image = "example.com/web:{number}"
"""
    for number in range(10)
)


def without(record, *keys):
    return {key: value for key, value in record.items() if key not in keys}


class InADrill(harness.Spec):
    maxDiff = 6000

    @classmethod
    def drill(cls, text=None, **more):
        """A drill's cloud, and `oncall` in it."""
        home = cls.new_home()
        scenario = home.write("scenario.toml", text) if text else None
        drill = cls.use(harness.Drill(home, scenario, **more))
        return drill, harness.Oncall(cls.new_home(), **drill.variables)

    @staticmethod
    def reader(drill):
        return fleet.Reader(harness.client("ecs", drill.url), REGION, ACCOUNT)


class SaysWhatBoto3Reads:
    """The same of every scenario."""

    TEXT = None
    # `oncall` keeps to its share of quotas, which this server does not have.
    FLAGS = ("--budget", "unlimited")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloud, cls.oncall = cls.drill(cls.TEXT)
        cls.boto = cls.reader(cls.cloud)
        cls.tasks = cls.boto.task_list(stopped=True)
        cls.services = cls.boto.services()
        cls.alive = collections.defaultdict(list)
        for task in cls.tasks:
            if task["lastStatus"] == "RUNNING":
                cls.alive[short(task["clusterArn"]), task["group"]].append(task)

    def specs(self, *arguments):
        result = self.oncall(*self.FLAGS, "specs", *arguments)
        self.assertCode(0, result)
        return result.records

    def test_every_field_of_every_service(self):
        expected = [row for service in self.services for row in self.boto.expected_of(service)]
        printed = [without(record, *BEHIND) for record in self.specs("--details")]
        self.assertGreater(len(expected), 10)
        key = lambda record: (record["cluster"], record["service"], record["container"])
        self.assertEqual([key(row) for row in expected], [key(row) for row in printed])
        for theirs, ours in zip(expected, printed):
            with self.subTest(service=key(theirs)):
                # In which order versions of equal counts come is nobody's to say.
                for record in (theirs, ours):
                    record["versions"] = sorted(record["versions"], key=json.dumps)
                for version in theirs["versions"]:
                    self.add_digest_of_tasks(theirs, version)
                of_image = [v for v in theirs["versions"] if v.get("image") == theirs.get("image")]
                if "digest" not in theirs and len(of_image) == 1 and "digest" in of_image[0]:
                    theirs["digest"] = of_image[0]["digest"]
                self.assertEqual(theirs, ours)

    def add_digest_of_tasks(self, row, version):
        """Where no revision says the digest, the running tasks do, which --details reads."""
        tasks = self.alive[row["cluster"], f"service:{row['service']}"]
        digests = {container["imageDigest"] for task in tasks for container in task["containers"]
                   if container["name"] == row["container"] and "imageDigest" in container}
        if "digest" not in version and len(digests) == 1:
            version["digest"] = digests.pop()

    def test_the_versions_are_what_the_tasks_run(self):
        """Not by revisions, which `specs` reads, but by each task's own containers."""
        rows = self.specs()
        compared = 0
        for row in rows:
            tasks = self.alive[row["cluster"], f"service:{row['service']}"]
            self.assertEqual(row["running"], len(tasks), row)
            self.assertEqual(row["running"], sum(v["running"] for v in row["versions"]), row)
            running = collections.Counter()
            for task in tasks:
                for container in task["containers"]:
                    if container["name"] == row["container"]:
                        image = fleet.ImageName(container["image"])
                        running[image.tag, container.get("imageDigest") or image.digest] += 1
            said = collections.Counter()
            for version in row["versions"]:
                said[version.get("tag"), version.get("digest")] += version["running"]
            # Service revisions say digests where tasks may not, and the other way round.
            by_tag = lambda counts: sorted(
                (tag or "", sum(n for (t, _), n in counts.items() if t == tag)) for tag, _ in counts if counts)
            self.assertEqual([x for x in by_tag(+running)], [x for x in by_tag(+said)], row)
            if all(digest for _, digest in [*running, *said]):
                self.assertEqual(+running, +said, row)
                compared += 1
        self.assertGreater(compared, len(rows) / 2, "too little to compare")

    def test_no_task_is_asked_for_in_the_first_look(self):
        said = self.oncall("specs", "--debug").stderr
        calls = collections.Counter(re.findall(r'operation="(\w+)"', said))
        self.assertEqual(0, calls["ListTasks"] + calls["DescribeTasks"])
        clusters = collections.Counter(short(service["clusterArn"]) for service in self.services)
        self.assertEqual(sum(-(-number // 10) for number in clusters.values()), calls["DescribeServices"])

    def test_every_field_of_every_task(self):
        expected = [self.boto.expected_task(task) for task in self.tasks]
        printed = [without(record, "time") for record in self.specs("tasks", "--stopped")]
        self.assertGreater(len(expected), 50)
        self.assertTrue(any(task["status"] == "STOPPED" for task in expected))
        key = lambda task: (task["cluster"], task["task"])
        self.assertEqual(sorted(map(key, expected)), sorted(map(key, printed)))
        for theirs, ours in zip(sorted(expected, key=key), sorted(printed, key=key)):
            self.assertEqual(theirs, ours)

    def test_the_tasks_of_each_service(self):
        for service in self.services:
            place = f"{short(service['clusterArn'])}/{service['serviceName']}"
            expected = {short(t["taskArn"]) for t in self.tasks if t["desiredStatus"] == "RUNNING"
                        and (short(t["clusterArn"]), t["group"]) == (place.split("/")[0], f"service:{service['serviceName']}")}
            with self.subTest(service=place):
                self.assertEqual(expected, {record["task"] for record in self.specs("tasks", place)})

    def test_the_same_in_process(self):
        """`--drill` and the served drill are one world."""
        drill = "--drill" if not self.TEXT else f"--drill={self.cloud_scenario()}"
        variables = {"ONCALL_DRILL_NOW": harness.DRILL_NOW, "ONCALL_DRILL_START": harness.DRILL_NOW}
        inside = harness.Oncall(self.new_home(), **variables)
        for arguments in (["specs"], ["specs", "tasks", "--stopped"]):
            ours, served = inside(drill, *arguments), self.oncall(*arguments)
            self.assertCode(0, ours)
            # The served drill's clock stands still, `oncall`'s own does not; and what its cache knows of task
            # definitions depends on what was asked for before.
            behind = (*BEHIND[:3], *OF_DEFINITIONS)
            self.assertEqual([without(r, *behind) for r in served.records], [without(r, *behind) for r in ours.records])

    def cloud_scenario(self):
        return self.home.write("again.toml", self.TEXT)

    def test_a_page_has_what_the_parts_have(self):
        rows = collections.defaultdict(list)
        for row in self.specs("--details"):
            rows[row["cluster"], row["service"]].append(row)
        for service in self.services:
            cluster, name = short(service["clusterArn"]), service["serviceName"]
            with self.subTest(service=f"{cluster}/{name}"):
                [page] = self.specs("show", f"{cluster}/{name}")
                container = ("container", "image", "tag", "digest", "versions", "cpu", "memory_mb")
                self.assertEqual([{k: row.get(k) for k in container} for row in rows[cluster, name]],
                                 [{k: said.get(k) for k in container} for said in page["containers"]])
                of_it = [t for t in self.tasks if (short(t["clusterArn"]), t["group"]) == (cluster, f"service:{name}")]
                alive = {short(t["taskArn"]) for t in of_it if t["desiredStatus"] == "RUNNING"}
                self.assertEqual(alive, {task["task"] for task in page["tasks"]})
                self.assertEqual({short(t["taskArn"]) for t in of_it} - alive, {t["task"] for t in page["stopped"]})
                self.assertEqual(len(service["deployments"]) + len(service.get("taskSets", [])), len(page["deployments"]))
                self.assertHistory(service, page)
                self.assertEvents(service, page)

    def assertHistory(self, service, page):
        if not service.get("currentServiceRevisions"):
            return
        briefs = self.boto.ecs.list_service_deployments(
            cluster=service["clusterArn"], service=service["serviceName"])["serviceDeployments"]
        briefs.sort(key=lambda brief: brief["createdAt"], reverse=True)
        self.assertEqual([(brief["status"], fleet.time_of(brief["createdAt"])) for brief in briefs[:5]],
                         [(past["status"], past["created"]) for past in page["history"]])

    def assertEvents(self, service, page):
        """Each event once, the newest first; those that came again are counted."""
        times = sorted((fleet.time_of(event["createdAt"]) for event in service["events"]), reverse=True)
        self.assertEqual(len(times), sum(event["count"] for event in page["events"]))
        self.assertEqual(times[:1], [event["time"] for event in page["events"]][:1])
        self.assertEqual(times[-1:], [event.get("since", event["time"]) for event in page["events"]][-1:])


class BuiltIn(SaysWhatBoto3Reads, InADrill):
    pass


class Rollouts(SaysWhatBoto3Reads, InADrill):
    TEXT = ROLLOUTS

    def test_there_are_several_versions_to_tell_apart(self):
        mixed = {row["service"] for row in self.specs("--finding", "mixed-versions")}
        self.assertLessEqual({"begun", "halfway", "many"}, mixed)
        versions = [len(row["versions"]) for row in self.specs("halfway") if row["container"] == "app"]
        self.assertEqual([3], versions)


class Thousands(SaysWhatBoto3Reads, InADrill):
    """500 services and 16,000 tasks, a dozen rollouts among them."""

    TEXT = (harness.ROOT / "benches" / "scenarios" / "fleet.toml").read_text()

    # 500 times each; the smaller drills have them.
    test_a_page_has_what_the_parts_have = test_the_tasks_of_each_service = test_the_same_in_process = None
    test_every_field_of_every_task = None

    def test_all_of_them_are_there(self):
        rows = self.specs()
        self.assertEqual(500, len({(row["cluster"], row["service"]) for row in rows}))
        tasks = self.specs("tasks")
        self.assertEqual(16_000, len(tasks))
        self.assertEqual({short(task["taskArn"]) for task in self.tasks if task["desiredStatus"] == "RUNNING"},
                         {task["task"] for task in tasks})
        three = [row["service"] for row in rows if len(row["versions"]) == 3]
        self.assertEqual(3, len(set(three)), three)


class Missing(InADrill):
    """Calls that fail: what is missing is said, and the rest is shown."""

    def setUp(self):
        self.whole = {}

    def served(self, *faults, text=None):
        flags = [flag for fault in faults for flag in ("--fault", fault)]
        return self.drill(text, flags=flags)[1]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        _, cls.fine = cls.drill()

    def sound(self, *arguments):
        result = self.fine(*arguments)
        self.assertCode(0, result)
        return [without(record, *BEHIND) for record in result.records]

    def test_throttles_and_errors_are_waited_out(self):
        for faults in (["throttle:3"], ["error:4"], ["reset:5"], ["throttle:4", "error:7", "cut:9"]):
            oncall = self.served(*faults)
            for arguments in (["specs"], ["specs", "tasks", "--stopped"]):
                with self.subTest(faults=faults, arguments=arguments):
                    result = oncall(*arguments)
                    self.assertCode(0, result)
                    self.assertEqual(self.sound(*arguments), [without(r, *BEHIND) for r in result.records])

    def test_without_the_revisions_the_definitions_answer_and_the_digests_are_missed(self):
        for fault in ("deny@DescribeServiceRevisions", "error:1@DescribeServiceRevisions"):
            with self.subTest(fault=fault):
                result = self.served(fault)("specs")
                self.assertCode(3, result)
                self.assertRegex(result.stderr, "(?m)^missing: .*digests")
                rows = [without(row, *BEHIND, "digest", "versions") for row in result.records]
                self.assertEqual(
                    [without(row, "digest", "versions", *OF_DEFINITIONS) for row in self.sound("specs")],
                    [without(row, *OF_DEFINITIONS) for row in rows])
                for row in result.records:
                    self.assertEqual(row["running"], sum(version["running"] for version in row["versions"]))
                if fault.startswith("deny"):
                    self.assertRegex(result.stderr, "(?m)^hint: .*ecs:DescribeServiceRevisions")

    def test_everything_denied(self):
        for fault, arguments in (
            ("deny@ListClusters", ["specs"]), ("deny@DescribeServices", ["specs"]),
            ("deny@ListServices", ["specs"]), ("deny@ListClusters", ["specs", "tasks"]),
            ("deny@ListTasks", ["specs", "tasks"]), ("deny@DescribeTasks", ["specs", "tasks"]),
            ("deny@DescribeServices", ["specs", "show", "prod/api"]), ("deny@ListClusters", ["specs", "api"]),
        ):
            with self.subTest(fault=fault, arguments=arguments):
                result = self.served(fault)(*arguments)
                self.assertCode(4, result)
                self.assertEqual(b"", result.stdout)
                operation = fault.split("@")[1]
                self.assertRegex(result.stderr, f"(?m)^hint: .*ecs:{operation}")

    def test_what_was_asked_for_beyond_the_first_look_is_missed_alone(self):
        for fault, arguments in (
            ("deny@ListTasks", ["--unhealthy"]), ("deny@DescribeTasks", ["--finding", "unhealthy-tasks"]),
            ("error:1@ListTasks", ["--unhealthy"]), ("deny@DescribeTaskDefinition", ["--finding", "not-deployed"]),
        ):
            with self.subTest(fault=fault, arguments=arguments):
                result = self.served(fault)("specs", *arguments)
                self.assertCode(3, result)
                self.assertRegex(result.stderr, "(?m)^missing: ")
        result = self.served("deny@ListTasks")("specs", "show", "prod/api")
        self.assertCode(3, result)
        [page] = result.records
        self.assertEqual((24, []), (page["running"], page["tasks"]))
        self.assertRegex(result.stderr, "(?m)^missing: .*tasks of prod")
        result = self.served("deny@ListServiceDeployments")("specs", "show", "prod/api")
        self.assertCode(3, result)
        self.assertRegex(result.stderr, "(?m)^missing: .*deployments of prod/api")

    def test_an_endpoint_that_is_always_ill(self):
        # A throttle that never ends is given up after minutes, which is too long for here.
        result = self.served("error:1@DescribeServices")("specs")
        self.assertTells(result, 3, "DescribeServices in us-east-1", "try again")
        self.assertEqual(b"", result.stdout)
        self.assertLess(result.seconds, 60)

    def test_one_cluster_of_ten_is_closed(self):
        _, oncall = self.drill(TEN_CLUSTERS)
        nine = [f"c{number}" for number in range(10) if number != 4]
        for arguments in (["specs"], ["specs", "tasks"], ["specs", "--unhealthy", "--details"], ["specs", "web"],
                          ["specs", "tasks", "web"]):
            with self.subTest(arguments=arguments):
                result = oncall(*arguments)
                self.assertCode(3, result)
                self.assertRegex(result.stderr, r"(?m)^missing: .*\bc4\b")
                if "--unhealthy" not in arguments:
                    self.assertEqual(nine, sorted({record["cluster"] for record in result.records}))
        self.assertCode(0, oncall("specs", *(flag for name in nine for flag in ("--cluster", name))))
        self.assertCode(4, oncall("specs", "--cluster", "c4"))
        result = oncall("specs", "wbe")
        self.assertCode(3, result)
        self.assertIn("no service `wbe` was found where there is an answer", result.stderr)

    def test_clusters_and_services_that_do_not_exist(self):
        for arguments, error, near in (
            (["--cluster", "prodd"], "no cluster `prodd`", "`prod`"),
            (["--cluster", "prod", "--cluster", "egde"], "no cluster `egde`", "`edge`"),
            (["core-dns"], "no service `core-dns`", "coredns"),
            (["prod/dashboards"], "no service `prod/dashboards`", "edge/dashboard|dashboard"),
            (["prodd/api"], "no service `prodd/api`", "prod/api"),
        ):
            with self.subTest(arguments=arguments):
                result = self.fine("specs", *arguments)
                self.assertTells(result, 2, error, near)
                self.assertEqual(b"", result.stdout)

    def test_no_clusters_at_all(self):
        _, oncall = self.drill(NO_CLUSTERS)
        for arguments in ([], ["--unhealthy"], ["tasks"]):
            result = oncall("specs", *arguments)
            self.assertCode(0, result)
            self.assertEqual(b"", result.stdout)
            self.assertIn("no clusters in us-east-1", result.stderr)


class Leaving(InADrill):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.slow, _ = cls.drill(flags=["--latency", "700ms"])

    def test_head_ends_it_quietly(self):
        environment = self.home.environment(**self.slow.variables)
        for arguments in ("specs", "specs tasks --stopped", "specs show prod/coredns"):
            script = f'{harness.binary()} {arguments} | head -1; echo "${{PIPESTATUS[*]}}" >&2'
            ended = subprocess.run(["bash", "-c", script], env=environment, stdin=subprocess.DEVNULL,
                                   capture_output=True, timeout=harness.PATIENCE)
            self.assertEqual(b"0 0\n", ended.stderr, arguments)
            self.assertEqual(1, len(harness.lines(ended.stdout)))

    def test_ctrl_c_ends_it_at_once(self):
        environment = self.home.environment(**self.slow.variables)
        for arguments in (["specs"], ["specs", "tasks"], ["specs", "show", "prod/coredns"]):
            process = subprocess.Popen([harness.binary(), *arguments], env=environment, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.addCleanup(harness.stop, process)
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            began = time.monotonic()
            _, said = process.communicate(timeout=30)
            self.assertEqual(130, process.returncode, said)
            self.assertLess(time.monotonic() - began, 3)
            self.assertReadable(said.decode())


class OnATerminal(InADrill):
    """A table: no line is wider than the terminal, and each container is one line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clouds = [cls.drill(), cls.drill(ROLLOUTS)]

    def table(self, drill, columns, *arguments):
        environment = self.new_home().environment(**drill.variables, ONCALL_PAGER="", NO_COLOR="1")
        with Terminal([harness.binary(), *arguments], environment, columns, rows=400) as terminal:
            self.assertEqual(0, terminal.ended(), terminal.screen)
            written = terminal.written.decode()
            shown = [line.rstrip("\r") for line in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r(?!\n)", "", written).split("\n")]
            return terminal.screen.split("\n"), shown

    def test_services_at_every_width(self):
        for drill, oncall in self.clouds:
            rows = oncall("specs").records
            for columns in (80, 200):
                with self.subTest(columns=columns):
                    screen, written = self.table(drill, columns, "specs")
                    self.assertLessEqual(max(len(line) for line in written), columns)
                    # A line that was wrapped would be two on the screen.
                    self.assertEqual([line.rstrip() for line in written if line.strip()],
                                     [line for line in screen if line.strip()])
                    for row in rows:
                        self.assertTrue(self.lines_of(row, screen), f"{row['service']} is not shown:\n" + "\n".join(screen))
                    self.assertGreaterEqual(len(screen), len(rows))

    @staticmethod
    def lines_of(row, screen):
        """The lines that begin with a service's name, or a part of it that is long enough to know it by."""
        return [line for line in screen if re.match(rf"\s*(\S+/)?{re.escape(row['service'][:10])}", line)]

    def test_each_container_is_one_line(self):
        drill, oncall = self.clouds[0]
        rows = oncall("specs").records
        for columns in (80, 200):
            screen, _ = self.table(drill, columns, "specs")
            counts = [line for line in screen if re.search(r"\b\d+/\d+\b", line)]
            services = {(row["cluster"], row["service"]) for row in rows}
            self.assertIn(len(counts), (len(services), len(rows)), "\n".join(screen))
        # Wide enough for all that people look for first.
        screen = "\n".join(screen)
        for row in rows:
            self.assertIn(row["tag"], screen)
            self.assertIn(row["container"], screen)

    def test_tasks_at_every_width(self):
        drill, oncall = self.clouds[0]
        tasks = oncall("specs", "tasks", "prod/txn-writer", "--stopped").records
        self.assertGreater(len(tasks), 10)
        for columns in (80, 200):
            with self.subTest(columns=columns):
                screen, written = self.table(drill, columns, "specs", "tasks", "prod/txn-writer", "--stopped")
                self.assertLessEqual(max(len(line) for line in written), columns)
                self.assertEqual([line.rstrip() for line in written if line.strip()],
                                 [line for line in screen if line.strip()])
                for task in tasks:
                    self.assertEqual(1, sum(task["task"][:8] in line for line in screen), task["task"])

    def test_a_page_at_every_width(self):
        drill, _ = self.clouds[0]
        for columns in (80, 200):
            with self.subTest(columns=columns):
                screen, written = self.table(drill, columns, "specs", "show", "prod/coredns")
                links = re.compile(r"https?://|\boncall |aws ecs ")
                wide = [line for line in written if len(line) > columns and not links.search(line)]
                self.assertEqual([], wide)
                self.assertIn("OutOfMemory", "\n".join(screen))

    def test_names_of_255_characters_give_way(self):
        name = "n" * 255
        text = TEN_CLUSTERS.replace('denied = true', '').replace('name = "web"\ncluster = "c1"', f'name = "{name}"\ncluster = "c1"')
        drill, oncall = self.drill(text)
        self.assertIn(name, [row["service"] for row in oncall("specs").records])
        for columns in (80, 200):
            screen, written = self.table(drill, columns, "specs")
            self.assertLessEqual(max(len(line) for line in written), columns)
            self.assertEqual(1, sum("nnnnnnnn" in line for line in screen), "\n".join(screen))


if __name__ == "__main__":
    unittest.main()
