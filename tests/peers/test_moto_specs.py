"""Given a fleet in moto, when I ask `oncall specs`, then each field says what boto3 reads there.

What moto lacks, so that the drill has to show it: service revisions (so digests come from images' own
text, and what runs is had from task definitions, the fallback), several deployments at a time, service
deployments and their history, events, circuit breakers and alarms of a service, capacity providers,
counts of task sets, who registered a definition and when, a container beyond a task's first, a task's CPU,
memory, zone and times, stop codes, listing tasks by service (it lists all of the cluster), pages (it gives
everything at once), and limits (ten services, a hundred tasks). Its services have as many tasks running as
MOTO_ECS_SERVICE_RUNNING says, whatever tasks there are."""

import collections
import fnmatch
import json
import re
import unittest

import harness
import motofleet
from fleet import ImageName, dropping_none, primary_of, short, time_of
from motofleet import LONG, RUNNING

BEHIND = ("time", "deployment_age_seconds", "findings")


def setUpModule():
    """One account for all specs: `oncall` only reads."""
    harness.binary()
    url = unittest.enterModuleContext(harness.moto(MOTO_ECS_SERVICE_RUNNING=str(RUNNING)))
    OnMoto.url, OnMoto.fleet = url, motofleet.Prod(url)


def without(record, *keys):
    return {key: value for key, value in record.items() if key not in keys}


class OnMoto(harness.Spec):
    maxDiff = 6000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.oncall = harness.Oncall(cls.home, AWS_ENDPOINT_URL=cls.url, **harness.KEYS)

    def specs(self, *arguments):
        result = self.oncall("specs", *arguments)
        self.assertCode(0, result)
        # A long reading says what it took.
        self.assertRegex(result.stderr, r"\A(\d+ requests, 0 throttles, 0 retries, complete\n)?\Z")
        return result.records

    def assertSameRecords(self, expected, printed, *key):
        """The same records in the same order, told apart by these keys."""
        def names(records):
            return [tuple(record.get(k) for k in key) for record in records]
        self.assertTrue(expected, "an empty comparison compares nothing")
        self.assertEqual(names(expected), names(printed))
        for theirs, ours in zip(expected, printed):
            with self.subTest(**{k: theirs.get(k, "")[:40] for k in key}):
                self.assertEqual(theirs, ours)


class Services(OnMoto):
    def assertServices(self, expected, printed):
        printed = [without(record, *BEHIND) for record in printed]
        self.assertSameRecords(expected, printed, "cluster", "service", "container")

    def test_every_field_of_every_container_of_every_service(self):
        expected = self.fleet.expected_services()
        self.assertGreater(len(expected), 50)
        self.assertServices(expected, self.specs())

    def test_the_versions_of_each_add_up_to_what_runs(self):
        for record in self.specs():
            self.assertEqual(record["running"], sum(v["running"] for v in record["versions"]), record)

    def test_time_and_kind_come_first_and_the_age_is_that_of_the_deployment(self):
        for record in self.specs():
            self.assertEqual(["time", "kind", "account", "region", "cluster"], list(record)[:5])
            if "deployed" in record:
                age = (harness.millis(record["time"]) - harness.millis(record["deployed"])) // 1000
                self.assertEqual(age, record["deployment_age_seconds"])

    def test_a_service_that_is_gone_is_not_shown(self):
        gone = self.fleet.ecs.describe_services(cluster="prod", services=["retired"])["services"][0]
        self.assertEqual("INACTIVE", gone["status"])
        self.assertNotIn("retired", {record["service"] for record in self.specs()})
        self.assertTells(self.oncall("specs", "retired"), 2, "no service `retired`", "")

    def test_names_of_every_spelling_select_what_they_mean(self):
        everything = self.fleet.expected_services()
        def expected(where):
            return [r for r in everything if where(r["cluster"], r["service"])]
        account, region = motofleet.ACCOUNT, motofleet.REGION
        for typed, where in {
            ("api",): lambda c, s: s == "api",
            ("service:api",): lambda c, s: s == "api",
            ("prod/api",): lambda c, s: (c, s) == ("prod", "api"),
            (f"arn:aws:ecs:{region}:{account}:service/prod/api",): lambda c, s: (c, s) == ("prod", "api"),
            (f"arn:aws:ecs:{region}:{account}:service/api",): lambda c, s: s == "api",
            ("many-1*",): lambda c, s: fnmatch.fnmatchcase(s, "many-1*"),
            ("e?ge/*",): lambda c, s: c == "edge",
            ("worker", "edge/dns"): lambda c, s: s in ("worker", "dns"),
            ("--cluster", "edge"): lambda c, s: c == "edge",
            ("--cluster", "c*"): lambda c, s: c.startswith("c"),
            ("--cluster", f"arn:aws:ecs:{region}:{account}:cluster/edge", "api"):
                lambda c, s: (c, s) == ("edge", "api"),
            (LONG,): lambda c, s: s == LONG,
        }.items():
            with self.subTest(typed=[text[:60] for text in typed]):
                self.assertServices(expected(where), self.specs(*typed))

    def test_a_name_in_two_clusters_is_shown_in_both(self):
        found = {(record["cluster"], record["service"]) for record in self.specs("api")}
        self.assertEqual({("prod", "api"), ("edge", "api")}, found)

    def test_a_cluster_without_services_is_no_failure(self):
        result = self.oncall("specs", "--cluster", "idle")
        self.assertCode(0, result)
        self.assertEqual(b"", result.stdout)
        self.assertRegex(result.stderr, "(?m)^note: .*idle")

    def test_what_does_not_exist_gets_the_nearest_name(self):
        for typed, error, near in (
            (("wrker",), "no service `wrker`", "worker"),
            (("prod/ap",), "no service `prod/ap`", "prod/api"),
            (("--cluster", "prd"), "no cluster `prd`", "prod"),
            (("tasks", "--cluster", "prd"), "no cluster `prd`", "prod"),
            (("tasks", "wrker"), "no service `wrker`", "worker"),
            (("show", "wrker"), "no service `wrker`", "worker"),
        ):
            with self.subTest(typed=typed):
                self.assertTells(self.oncall("specs", *typed), 2, error, near)

    def test_globs_of_images_select_containers(self):
        everything = self.fleet.expected_services()
        for glob in ("*/shop/*", "shop/api", "redis", "*:v1.29*", "sha256:abab*", "v7", "*.dkr.ecr.*", "shop/*:v7"):
            with self.subTest(glob=glob):
                def is_it(record):
                    texts = [record.get(key) for key in ("image", "repository", "tag", "digest")]
                    texts.append(f"{record.get('repository')}:{record.get('tag')}")
                    return any(text and fnmatch.fnmatchcase(text, glob) for text in texts)
                self.assertServices([r for r in everything if is_it(r)], self.specs("--image", glob))

    def test_details_add_why_tasks_stopped_and_nothing_else(self):
        printed = self.specs("--details")
        stops = collections.Counter(
            (short(task["clusterArn"]), task["group"], task["stoppedReason"])
            for task in self.fleet.task_list(stopped=True) if task["lastStatus"] == "STOPPED")
        self.assertEqual(3, len(stops))
        for record in printed:
            of_it = [(reason, number) for (cluster, group, reason), number in stops.items()
                     if (cluster, group) == (record["cluster"], f"service:{record['service']}")]
            said = [(stop["reason"], stop["tasks"]) for stop in record.pop("stops", [])]
            self.assertEqual(of_it, said, record)
        self.assertServices(self.fleet.expected_services(), printed)

    def test_the_second_time_definitions_come_from_the_disk(self):
        home = self.new_home()
        oncall = harness.Oncall(home, AWS_ENDPOINT_URL=self.url, **harness.KEYS)
        calls = [collections.Counter(re.findall(r'operation="(\w+)"', oncall("--debug", "specs").stderr))
                 for _ in range(2)]
        definitions = {d["taskDefinition"] for s in self.fleet.services()
                       for d in (primary_of(s) or {}, s) if "taskDefinition" in d}
        self.assertEqual(len(definitions), calls[0]["DescribeTaskDefinition"])
        # A name that would be too long for a file is kept, too.
        self.assertTrue([name for name in definitions if len(short(name)) > 200])
        self.assertEqual(0, calls[1]["DescribeTaskDefinition"])
        self.assertEqual(0, calls[0]["ListTasks"] + calls[0]["DescribeTasks"])
        in_cluster = collections.Counter(short(s["clusterArn"]) for s in self.fleet.services())
        in_cluster["prod"] += 1  # the one that is gone is listed
        self.assertEqual(sum(-(-n // 10) for n in in_cluster.values()), calls[0]["DescribeServices"])
        cached = b"".join(path.read_bytes() for path in home.files())
        self.assertNotIn(b"hunter2", cached, "no secret is kept")


class Found(OnMoto):
    def found(self, finding, *more):
        records = self.specs("--finding", finding, *more)
        for record in records:
            self.assertIn(finding, [said["finding"] for said in record["findings"]])
        return {(r["cluster"], r["service"], r["container"]) for r in records}

    def rows(self, where):
        return {(r["cluster"], r["service"], r["container"]) for r in self.fleet.expected_services() if where(r)}

    def test_under_desired(self):
        expected = self.rows(lambda r: r["running"] < r["desired"])
        self.assertGreater(len(expected), 5)
        self.assertEqual(expected, self.found("under-desired"))
        unhealthy = {(r["cluster"], r["service"], r["container"]) for r in self.specs("--unhealthy")}
        self.assertEqual(expected, unhealthy, "and nothing else is wrong here")

    def test_a_tag_that_moves(self):
        def moves(record):
            image = ImageName(record["image"])
            return not image.digest and image.repository and image.tag in (None, "latest", "stable")
        expected = self.rows(moves)
        found = self.found("mutable-tag")
        self.assertTrue(expected)
        self.assertEqual(expected, {row for row in found if row[1] != "odd"})

    def test_a_newer_revision_that_is_not_deployed(self):
        families = collections.defaultdict(list)
        for arn in self.fleet.ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]:
            family, revision = short(arn).split(":")
            families[family].append(int(revision))
        def is_behind(record):
            family, revision = record["task_definition"].split(":")
            # moto gives the newest of a family, ACTIVE or not, where AWS gives the newest ACTIVE one.
            newest = int(short(self.fleet.definition(family)["taskDefinitionArn"]).split(":")[1])
            self.assertGreaterEqual(newest, max(families[family], default=0))
            return newest > int(revision)
        expected = self.rows(is_behind)
        self.assertTrue(expected)
        self.assertEqual(expected, self.found("not-deployed"))

    def test_findings_that_are_not_there_select_nothing_and_say_so(self):
        for finding in ("mixed-versions", "rolled-back", "tag-moved"):
            result = self.oncall("specs", "--finding", finding)
            self.assertCode(0, result)
            self.assertEqual(b"", result.stdout, finding)
            self.assertIn("note: ", result.stderr)
        self.assertTells(self.oncall("specs", "--finding", "stuk"), 2, "mixed-versions", least=("error",))


class OfHosts(OnMoto):
    @classmethod
    def instances(cls):
        """The EC2 instance of each container instance (ARN), as boto3 reads it."""
        found = {}
        for cluster in cls.fleet.instances:
            arns = cls.fleet.ecs.list_container_instances(cluster=cluster)["containerInstanceArns"]
            described = cls.fleet.ecs.describe_container_instances(cluster=cluster, containerInstances=arns)
            found |= {host["containerInstanceArn"]: host["ec2InstanceId"] for host in described["containerInstances"]}
        return found


class Tasks(OfHosts):
    def assertTasks(self, expected, printed):
        key = lambda record: (record["cluster"], record["task"])
        printed = [without(record, "time") for record in printed]
        self.assertSameRecords(sorted(expected, key=key), sorted(printed, key=key), "cluster", "task")

    def test_every_field_of_every_task_that_runs(self):
        expected = [self.fleet.expected_task(task) for task in self.fleet.task_list()]
        self.assertGreater(len(expected), 100)
        self.assertTasks(expected, self.specs("tasks"))

    def test_the_stopped_ones_and_why(self):
        expected = [self.fleet.expected_task(task) for task in self.fleet.task_list(stopped=True)]
        printed = self.specs("tasks", "--stopped")
        self.assertTasks(expected, printed)
        stopped = [record for record in printed if record["status"] == "STOPPED"]
        self.assertEqual(17, len(stopped))
        self.assertEqual({"Scaling activity initiated by test"}, {record["reason"] for record in stopped})

    def test_those_of_a_service_and_no_other(self):
        everything = [self.fleet.expected_task(task) for task in self.fleet.task_list(stopped=True)]
        for typed, where in (
            ("worker", lambda t: t.get("service") == "worker"),
            ("api", lambda t: t.get("service") == "api"),
            ("edge/api", lambda t: (t["cluster"], t.get("service")) == ("edge", "api")),
            ("a*", lambda t: t.get("service", "").startswith("a")),
        ):
            with self.subTest(typed=typed):
                self.assertTasks([t for t in everything if where(t)], self.specs("tasks", typed, "--stopped"))

    def test_the_host_of_each_with_details(self):
        instances = self.instances()
        self.assertEqual(set(self.fleet.instances.values()), set(instances.values()))
        expected = [self.fleet.expected_task(task, instances) for task in self.fleet.task_list()]
        self.assertTrue(any("instance" in task for task in expected))
        self.assertTasks(expected, self.specs("tasks", "--details"))

    def test_a_cluster_without_tasks(self):
        result = self.oncall("specs", "tasks", "--cluster", "idle")
        self.assertCode(0, result)
        self.assertEqual(b"", result.stdout)


class Pages(OfHosts):
    def test_every_service_has_a_page_with_the_same_facts(self):
        rows = collections.defaultdict(list)
        for row in self.fleet.expected_services():
            rows[row["cluster"], row["service"]].append(row)
        instances = self.instances()
        tasks = [self.fleet.expected_task(task, instances) for task in self.fleet.task_list(stopped=True)]
        services = {(short(s["clusterArn"]), s["serviceName"]): s for s in self.fleet.services()}
        chosen = [place for place in services if not place[1].startswith("many-")]
        self.assertGreater(len(chosen), 10)
        for cluster, name in chosen:
            with self.subTest(service=f"{cluster[:20]}/{name[:40]}"):
                [page] = self.specs("show", f"{cluster}/{name}")
                self.assertPage(page, rows[cluster, name], services[cluster, name], [
                    task for task in tasks if (task["cluster"], task.get("service")) == (cluster, name)])

    def assertPage(self, page, rows, service, tasks):
        whole = ("account", "region", "cluster", "service", "status", "desired", "running", "pending", "launch_type",
                 "scheduling", "controller", "task_definition")
        self.assertEqual("service_page", page["kind"])
        self.assertEqual({k: rows[0].get(k) for k in whole}, {k: page.get(k) for k in whole})
        container = ("container", "image", "tag", "digest", "versions", "cpu", "memory_mb")
        self.assertEqual([{k: row.get(k) for k in container} for row in rows],
                         [{k: said.get(k) for k in container} for said in page["containers"]])
        self.assertDefinitions(page)
        self.assertDeployments(page, service)
        key = lambda task: task["task"]
        alive = [t for t in tasks if t["desired_status"] != "STOPPED"]
        for expected, printed in ((alive, page["tasks"]), ([t for t in tasks if t not in alive], page["stopped"])):
            self.assertEqual(sorted(expected, key=key),
                             sorted((without(task, "time") for task in printed), key=key))
        self.assertEqual([], page["events"] + page["history"])

    def assertDefinitions(self, page):
        """The definition's part of each container: environment by name, values only of harmless ones."""
        definition = self.fleet.definition(page["task_definition"])
        theirs = {c["name"]: c for c in definition["containerDefinitions"]}
        for said in page["containers"]:
            container = theirs[said["container"]]
            self.assertEqual(container["essential"], said["essential"])
            self.assertEqual([m["containerPort"] for m in container["portMappings"]], said["ports"])
            self.assertEqual({"LOG_LEVEL": "debug", "DB_PASSWORD": None}, said["environment"])
            self.assertEqual(["API_TOKEN"], said["secrets"])
            log = container["logConfiguration"]
            self.assertEqual({"driver": log["logDriver"], "options": log["options"]}, said["log"])
        self.assertNotIn("hunter2", json.dumps(page))

    def assertDeployments(self, page, service):
        theirs = service["deployments"] + service.get("taskSets", [])
        theirs.sort(key=lambda one: (one["status"] != "PRIMARY", -one["createdAt"].timestamp()))
        said = [
            dropping_none({
                "deployment": one["id"], "status": one["status"], "task_definition": short(one["taskDefinition"]),
                "desired": one.get("desiredCount", 0), "running": one.get("runningCount", 0),
                "pending": max(one.get("pendingCount", 0), 0), "failed_tasks": one.get("failedTasks", 0),
                "rollout": one.get("rolloutState"), "rollout_reason": one.get("rolloutStateReason"),
                "created": time_of(one["createdAt"]), "updated": time_of(one["updatedAt"]),
            })
            for one in theirs
        ]
        self.assertEqual(said, [without(one, "images") for one in page["deployments"]])
        for one in page["deployments"]:
            if one["status"] == "PRIMARY":
                definition = self.fleet.definition(one["task_definition"])
                images = [(c["name"], c["image"]) for c in definition["containerDefinitions"]]
                self.assertEqual(images, [(i["container"], i["image"]) for i in one["images"]])


class Deleted(harness.Spec):
    """A task definition that was deleted while its service lives on."""

    def test_the_service_is_shown_and_what_is_not_known_is_said(self):
        with harness.moto(MOTO_ECS_SERVICE_RUNNING=str(RUNNING)) as url:
            fleet = motofleet.Fleet(url, lambda service: harness.client(service, url))
            fleet.cluster("prod")
            for family in ("doomed", "fine"):
                fleet.define(family, motofleet.IMAGES["worker"])
                fleet.service("prod", family, family, 3)
            fleet.ecs.deregister_task_definition(taskDefinition="doomed:1")
            deleted = fleet.ecs.delete_task_definitions(taskDefinitions=["doomed:1"])
            self.assertEqual([], deleted["failures"])
            result = harness.Oncall(self.home, AWS_ENDPOINT_URL=url, **harness.KEYS)("specs")
            self.assertCode(3, result)
            self.assertRegex(result.stderr, r"(?m)^missing: .*doomed:1.*prod/doomed")
            doomed, fine = result.records
            expected = {"service": "doomed", "desired": 3, "running": RUNNING, "task_definition": "doomed:1"}
            self.assertEqual(expected, {key: doomed[key] for key in expected})
            self.assertEqual(RUNNING, sum(v["running"] for v in doomed["versions"]))
            self.assertNotIn("image", doomed)
            [row] = fleet.expected_of(fleet.services()[1])
            self.assertEqual(row, without(fine, *BEHIND))


class Nothing(harness.Spec):
    def test_an_account_without_clusters(self):
        with harness.moto() as url:
            oncall = harness.Oncall(self.home, AWS_ENDPOINT_URL=url, **harness.KEYS)
            for arguments in (["specs"], ["specs", "tasks"], ["specs", "--unhealthy", "--details"]):
                result = oncall(*arguments)
                self.assertCode(0, result)
                self.assertEqual(b"", result.stdout)
                self.assertRegex(result.stderr, "no clusters")
            self.assertTells(oncall("specs", "api"), 2, "no service `api`", "")
            self.assertTells(oncall("specs", "--cluster", "prod"), 2, "no cluster `prod`", "no clusters")


class Registries(harness.Spec):
    """The fleet of the drill, and moto's ECR as its registry: moto's ECS knows no digests, and the drill's
    ECR is our own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        url = cls.use(harness.moto())
        drill = cls.use(harness.Drill(cls.new_home()))
        cls.ecr = harness.client("ecr", url)
        cls.oncall = harness.Oncall(
            cls.home, **{**drill.variables, "AWS_ENDPOINT_URL_ECR": url})
        records = cls.oncall("specs").records
        cls.rows = [r for r in records if ".dkr.ecr.us-east-1." in r.get("registry", "") and "tag" in r]
        cls.fill()

    @classmethod
    def fill(cls):
        """Every fourth tag points elsewhere, every fourth is not there, every fourth repository is not."""
        digests = {(r["registry"][:12], r["repository"], r["tag"]): r.get("digest") for r in cls.rows}
        cls.fate = {}
        gone = set(sorted({repository for _, repository, _ in digests})[::4])
        for number, ((registry, repository, tag), digest) in enumerate(sorted(digests.items())):
            fate = "gone" if repository in gone else ("same", "moved", "missing")[number % 3]
            # Where it is not known what runs, nobody can say that the tag moved.
            if digest is None and fate == "moved":
                fate = "same"
            digest = digest or "sha256:" + "dd" * 32
            cls.fate[repository, tag] = fate
            if fate == "gone":
                continue
            cls.make(registry, repository)
            # The image that runs is there in any case; what its tag points to is another thing.
            cls.put(repository, digest, tag if fate == "same" else f"was-{number}", f"{number}")
            if fate == "moved":
                cls.put(repository, digest, tag, f"{number} old")
                cls.put(repository, "sha256:" + "ee" * 32, tag, f"{number} new")

    @classmethod
    def make(cls, registry, repository):
        try:
            cls.ecr.create_repository(registryId=registry, repositoryName=repository)
        except cls.ecr.exceptions.RepositoryAlreadyExistsException:
            pass

    @classmethod
    def put(cls, repository, digest, tag, word):
        manifest = {
            "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": digest},
            "layers": [], "annotations": {"word": word},
        }
        cls.ecr.put_image(repositoryName=repository, imageManifest=json.dumps(manifest), imageTag=tag, imageDigest=digest)

    def expected(self, *fates):
        return {(r["cluster"], r["service"], r["container"]) for r in self.rows
                if self.fate[r["repository"], r["tag"]] in fates}

    def found(self, finding):
        result = self.oncall("specs", "--finding", finding)
        self.assertCode(0, result)
        return {(r["cluster"], r["service"], r["container"]): said["says"]
                for r in result.records for said in r["findings"] if said["finding"] == finding}

    def test_every_fate_is_there(self):
        self.assertEqual({"same", "moved", "missing", "gone"}, set(self.fate.values()))

    def test_a_tag_that_moved_is_what_describe_images_says_of_it(self):
        self.assertEqual(self.expected("moved"), set(self.found("tag-moved")))
        for record in self.rows:
            if self.fate[record["repository"], record["tag"]] == "moved":
                [image] = self.ecr.describe_images(
                    registryId=record["registry"][:12], repositoryName=record["repository"],
                    imageIds=[{"imageTag": record["tag"]}])["imageDetails"]
                self.assertNotEqual(record["digest"], image["imageDigest"])

    def test_an_image_that_is_missing(self):
        found = self.found("image-missing")
        self.assertEqual(self.expected("missing", "gone"), set(found))

    def test_both_at_once_and_with_details(self):
        both = self.oncall("specs", "--finding", "image-missing", "--finding", "tag-moved")
        self.assertCode(0, both)
        names = {(r["cluster"], r["service"], r["container"]) for r in both.records}
        self.assertEqual(self.expected("missing", "gone", "moved"), names)


class Places(harness.Spec):
    """Two accounts, each with two regions: a fleet in each of the four."""

    ACCOUNTS = {"prod": "111111111111", "staging": "222222222222"}
    REGIONS = ("us-east-1", "eu-west-1")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        url = cls.use(harness.moto(MOTO_ECS_SERVICE_RUNNING=str(RUNNING)))
        sections, cls.fleets = [], {}
        for profile, account in cls.ACCOUNTS.items():
            keys = harness.client("sts", url).assume_role(
                RoleArn=f"arn:aws:iam::{account}:role/read", RoleSessionName="specs")["Credentials"]
            sections.append(
                f"[profile {profile}]\nregion = us-east-1\nendpoint_url = {url}\n"
                f"aws_access_key_id = {keys['AccessKeyId']}\naws_secret_access_key = {keys['SecretAccessKey']}\n"
                f"aws_session_token = {keys['SessionToken']}\n")
            for region in cls.REGIONS:
                cls.fleets[profile, region] = cls.make(url, keys, profile, account, region)
        motofleet.keep_as_they_are(url)
        cls.home.write("aws/config", "".join(sections))
        cls.oncall = harness.Oncall(cls.home)

    @classmethod
    def make(cls, url, keys, profile, account, region):
        import boto3

        session = boto3.session.Session(
            aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"], region_name=region)
        fleet = motofleet.Fleet(url, lambda service: session.client(service, endpoint_url=url), region, account)
        fleet.cluster("main")
        fleet.define("web", [("web", f"example.com/{profile}/{region}:1")])
        fleet.service("main", "web", "web", 2)
        if profile == "prod":
            fleet.service("main", "till", "web", 3)
        fleet.run("main", "web", 2, group="service:web")
        return fleet

    def assertReads(self, sites, *arguments, code=0):
        result = self.oncall("specs", *arguments)
        self.assertCode(code, result)
        expected = [row for site in sites for row in self.fleets[site].expected_services()]
        key = lambda r: (r["account"], r["region"], r["cluster"], r["service"])
        printed = [without(record, *BEHIND) for record in result.records]
        self.assertEqual(sorted(expected, key=key), sorted(printed, key=key))
        return result

    def test_every_profile_in_every_region(self):
        self.assertReads(list(self.fleets), "--profile", "prod,staging", "--region", "us-east-1,eu-west-1")

    def test_two_regions_of_one_account(self):
        self.assertReads([("staging", region) for region in self.REGIONS],
                         "--profile", "staging", "--region", "us-east-1", "--region", "eu-west-1")

    def test_an_unknown_profile_costs_its_part_only(self):
        result = self.assertReads([("prod", "us-east-1")], "--profile", "prod,stagin", code=3)
        self.assertIn("--profile staging", result.stderr)

    def test_a_name_that_is_in_one_account_only(self):
        result = self.oncall("specs", "till", "--profile", "prod,staging")
        self.assertCode(0, result)
        self.assertEqual([("111111111111", "till")], [(r["account"], r["service"]) for r in result.records])

    def test_an_arn_is_in_its_own_account_and_region(self):
        for account in self.ACCOUNTS.values():
            arn = f"arn:aws:ecs:eu-west-1:{account}:service/main/web"
            result = self.oncall("specs", arn, "--profile", "prod,staging")
            self.assertCode(0, result)
            self.assertEqual([(account, "eu-west-1", "web")],
                             [(r["account"], r["region"], r["service"]) for r in result.records])

    def test_tasks_of_every_place(self):
        result = self.oncall("specs", "tasks", "--profile", "prod,staging", "--region", ",".join(self.REGIONS))
        self.assertCode(0, result)
        expected = sorted((task["account"], task["region"], task["task"]) for fleet in self.fleets.values()
                          for task in map(fleet.expected_task, fleet.task_list()))
        self.assertEqual(8, len(expected))
        self.assertEqual(expected, sorted((r["account"], r["region"], r["task"]) for r in result.records))

    def test_a_page_of_each(self):
        result = self.oncall("specs", "show", "web", "--profile", "prod,staging")
        self.assertCode(0, result)
        self.assertEqual(set(self.ACCOUNTS.values()), {page["account"] for page in result.records})


if __name__ == "__main__":
    unittest.main()
