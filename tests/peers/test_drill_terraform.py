"""Given a served drill, when its HCP Terraform is asked, then every answer holds against the vendor's own
description of the API, to the last key; boto3 reads the states that it keeps in S3; and Jira knows the tickets."""

import base64
import http.client
import json
import re
import time
import unittest
import urllib.parse

import harness
import openapi

API = openapi.Description("hcp-terraform.json")

# Paths that the API has, and its description has not.
UNDESCRIBED = {"/ping", "/workspaces/{id}", "/runs/{id}/apply"}

# What the API says, and its description does not: `include` of the lists of runs and of a run brings `included`,
SIDE_LOADED = {"/organizations/{organization_name}/runs", "/workspaces/{workspace_id}/runs", "/runs/{run_id}",
               "/configuration-versions/{configuration_version_id}", "/runs/{run_id}/configuration-version",
               "/organizations/{organization_name}/workspaces/{workspace_name}"}
# and these resources come along, of which it only knows that they have an id.
UNDESCRIBED_RESOURCES = {"users", "projects", "organizations"}

# Every answer of JSON:API has its resource under `data`; of this one the description forgets it.
WITHOUT_ENVELOPE = {"/configuration-versions/{configuration_version_id}/ingress-attributes"}

INCLUDES = "plan,apply,created_by,configuration_version.ingress_attributes,workspace"


class Cloud(harness.Spec):
    scenario = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scenario = cls.home.write("scenario.toml", cls.scenario) if cls.scenario else None
        cls.drill = cls.use(harness.Drill(cls.home, scenario))
        cls.environment = cls.drill.variables

    def fetch(self, url, method="GET", body=None, **headers):
        """(status, headers, body) of one request; a redirect is an answer like any other."""
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        try:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        finally:
            connection.close()

    def get(self, path, token=None):
        """An answer of the Terraform API, held against its description."""
        address = self.environment["TFE_ADDRESS"]
        token = token or self.environment["TFE_TOKEN"]
        status = None
        while status in (None, 429):
            status, headers, body = self.fetch(f"{address}/api/v2{path}", Authorization=f"Bearer {token}")
            if status == 429:
                time.sleep(float(headers["x-ratelimit-reset"]))
        self.assertHonest(path.split("?")[0], status, headers, body)
        return status, headers, json.loads(body) if body else None

    def assertHonest(self, path, status, headers, body):
        known = API.path_of(path)
        if known is None:
            self.assertTrue(any(re.fullmatch(openapi.pattern(name), path) for name in UNDESCRIBED), path)
            return
        described = API.answer_of(path, status)
        self.assertIsNotNone(described, f"{known} has no answer {status}")
        if not described.get("content"):
            self.assertEqual(b"", body, f"{known}: a {status} has no body")
            return
        content = described["content"]
        self.assertIn(headers["content-type"].split(";")[0], content)
        answer = json.loads(body)
        included = answer.pop("included", None) if known in SIDE_LOADED else answer.get("included")
        if known in WITHOUT_ENVELOPE and status == 200:
            self.assertEqual(["data"], list(answer))
            answer = answer["data"]
        self.assertEqual([], API.problems(next(iter(content.values()))["schema"], answer, known))
        for resource in included or []:
            if resource["type"] not in UNDESCRIBED_RESOURCES:
                self.assertEqual([], API.problems(API.schema(resource["type"]), resource, resource["type"]))

    def good(self, path):
        status, _, answer = self.get(path)
        self.assertEqual(200, status, (path, answer))
        return answer

    def runs(self, query=""):
        return self.good(f"/organizations/example/runs?page%5Bsize%5D=100{query}")["data"]


class TheJudge(unittest.TestCase):
    def test_nothing_that_is_not_described_passes(self):
        good = {"id": "run-1", "type": "runs", "attributes": {"status": "applied", "created-at": "2026-11-22T20:00:00Z"}}
        runs = API.schema("runs")
        self.assertEqual([], API.problems(runs, good, "run"))
        for attributes, says in (
                ({"colour": "red"}, "run.attributes.colour: unknown key"),
                ({"status": "napping"}, "run.attributes.status: 'napping' is none of"),
                ({"created-at": "yesterday"}, "is no moment"),
                ({"message": None}, "run.attributes.message: null"),
                ({"has-changes": 1}, "is no boolean"),
                ({"variables": [{"key": 1}]}, "run.attributes.variables[0].key: 1 is no string")):
            problems = API.problems(runs, {**good, "attributes": attributes}, "run")
            self.assertEqual((1, True), (len(problems), says in problems[0]), problems)
        self.assertEqual(["run.attributes: required, and missing"],
                         API.problems(runs, {"id": "run-1", "type": "runs"}, "run"))
        self.assertEqual([], API.problems(API.schema("projects-has-one"), {"data": None}))


class Terraform(Cloud):
    def test_runs_of_an_organization_and_of_a_workspace(self):
        whole = self.good(f"/organizations/example/runs?page%5Bsize%5D=100&include={INCLUDES}")
        kinds = {resource["type"] for resource in whole["included"]}
        self.assertEqual(
            {"plans", "applies", "users", "configuration-versions", "ingress-attributes", "workspaces"}, kinds)
        created = [run["attributes"]["created-at"] for run in whole["data"]]
        self.assertEqual(sorted(created, reverse=True), created)
        self.assertLess(12, len(created))
        pages, page = [], 1
        while page:
            answer = self.good(f"/organizations/example/runs?page%5Bsize%5D=7&page%5Bnumber%5D={page}")
            pages += [run["id"] for run in answer["data"]]
            page = answer["meta"]["pagination"]["next-page"]
        self.assertEqual([run["id"] for run in whole["data"]], pages)
        workspace = whole["data"][0]["relationships"]["workspace"]["data"]["id"]
        own = self.good(f"/workspaces/{workspace}/runs")
        self.assertIn(pages[0], [run["id"] for run in own["data"]])
        self.assertIn("total-count", own["meta"]["pagination"])

    def test_every_run_and_all_that_is_of_it(self):
        seen = set()
        for run in self.runs():
            identity, related = run["id"], run["relationships"]
            whole = self.good(f"/runs/{identity}?include={INCLUDES}")
            self.assertEqual(run, whole["data"])
            self.good(f"/runs/{identity}/comments")
            plan, apply, version = (related[name]["data"]["id"] for name in ("plan", "apply", "configuration-version"))
            plan = self.good(f"/plans/{plan}")["data"]
            self.assertEqual(plan, self.good(f"/runs/{identity}/plan")["data"])
            self.good(f"/applies/{apply}")
            self.good(f"/runs/{identity}/apply")
            self.good(f"/configuration-versions/{version}?include=ingress_attributes")
            self.good(f"/runs/{identity}/configuration-version")
            seen.add(self.get(f"/configuration-versions/{version}/ingress-attributes")[0])
            for kind in ("json-output", "json-output-redacted"):
                status, headers, _ = self.get(f"/plans/{plan['id']}/{kind}")
                self.assertEqual(status == 307, "location" in headers)
                seen.add((kind, status))
            self.get(f"/runs/{identity}/plan/json-output")
        self.assertEqual({200, 404} | {(kind, status) for kind in ("json-output", "json-output-redacted")
                                       for status in (307, 404)}, seen)

    def test_workspaces_and_their_states(self):
        current = "current_run.plan,current_run.apply,current_run.configuration_version.ingress_attributes,project"
        listed = self.good(f"/organizations/example/workspaces?sort=-current-run.created-at&include={current}")
        self.assertEqual({"runs", "plans", "applies", "configuration-versions", "ingress-attributes", "projects"},
                         {resource["type"] for resource in listed["included"]})
        serials = {}
        for workspace in listed["data"]:
            name = workspace["attributes"]["name"]
            self.assertEqual(workspace, self.good(f"/organizations/example/workspaces/{name}")["data"])
            self.assertEqual(workspace, self.good(f"/workspaces/{workspace['id']}")["data"])
            filters = f"filter%5Bworkspace%5D%5Bname%5D={name}&filter%5Borganization%5D%5Bname%5D=example"
            states = self.good(f"/state-versions?{filters}")["data"]
            serials[name] = [state["attributes"]["serial"] for state in states]
            for state in states:
                self.assertEqual(state, self.good(f"/state-versions/{state['id']}")["data"])
        self.assertEqual([4, 3, 2, 1][-len(serials["ledger-prod"]):], serials["ledger-prod"])
        # It has no runs, and states all the same.
        self.assertEqual([2, 1], serials["warehouse"])

    def test_refusals(self):
        self.assertEqual(401, self.get("/organizations/example/runs", token="other")[0])
        for path in ("/organizations/nobody/runs", "/runs/run-0000000000000000", "/plans/plan-0000000000000000",
                     "/organizations/nobody/workspaces", "/state-versions/sv-0000000000000000"):
            self.assertEqual(404, self.get(path)[0], path)
        self.assertEqual(400, self.get("/organizations/example/runs?include=everything")[0])
        self.assertEqual(400, self.get("/organizations/example/runs?filter%5Btimeframe%5D=2h")[0])

    def test_ping_says_who_answers(self):
        status, headers, _ = self.get("/ping")
        self.assertEqual((204, "HCP Terraform", "30"), (status, headers["tfp-appname"], headers["x-ratelimit-limit"]))

    def test_the_rest_of_an_answer_is_at_another_host_that_takes_no_token(self):
        run = next(run for run in self.runs() if "offsets" in run["attributes"]["message"])
        plan = run["relationships"]["plan"]["data"]["id"]
        _, headers, _ = self.get(f"/plans/{plan}/json-output-redacted")
        api, archive = (urllib.parse.urlsplit(url) for url in (self.environment["TFE_ADDRESS"], headers["location"]))
        self.assertNotEqual(api.hostname, archive.hostname)
        status, _, body = self.fetch(headers["location"])
        changes = json.loads(body)["resource_changes"]
        self.assertEqual((200, ["aws_ecs_task_definition.txn_writer", "aws_ecs_service.txn_writer"]),
                         (status, [change["address"] for change in changes]))
        self.assertNotIn(b"not-a-secret", body)
        self.assertEqual(400, self.fetch(headers["location"], Authorization="Bearer drill")[0])
        log = self.good(f"/plans/{plan}")["data"]["attributes"]["log-read-url"]
        _, _, body = self.fetch(log)
        self.assertEqual((2, 3), (body[0], body[-1]))
        lines = [json.loads(line) for line in body[1:-1].splitlines()]
        self.assertEqual("change_summary", lines[-1]["type"])
        self.assertEqual(body[5:15], self.fetch(f"{log}?offset=5&limit=10")[2])


class Rates(Cloud):
    def test_runs_are_listed_thirty_times_a_minute(self):
        for _ in range(30):
            self.good("/organizations/example/runs?page%5Bsize%5D=1")
        address, token = self.environment["TFE_ADDRESS"], self.environment["TFE_TOKEN"]
        status, headers, body = self.fetch(
            f"{address}/api/v2/organizations/example/runs", Authorization=f"Bearer {token}")
        self.assertEqual(429, status)
        wait = float(headers["x-ratelimit-reset"])
        self.assertTrue(0 < wait <= 2, wait)
        # Here, against the description, the status is a number: so it is in life.
        self.assertEqual(["answer.errors[0].status: 429 is no string"],
                         API.problems(API.schema("errors"), json.loads(body)))
        # What is not a list of runs has a rate of its own.
        self.good("/organizations/example/workspaces")


class States(Cloud):
    BUCKET = "example-terraform-state"

    def setUp(self):
        self.s3 = harness.client("s3", self.environment["AWS_ENDPOINT_URL_S3"])

    def test_versions_of_states_are_listed_and_read(self):
        page = self.s3.list_object_versions(Bucket=self.BUCKET, Prefix="web/docs.tfstate")
        versions = [version for version in page["Versions"] if version["Key"] == "web/docs.tfstate"]
        states = [json.load(self.s3.get_object(
            Bucket=self.BUCKET, Key=version["Key"], VersionId=version["VersionId"])["Body"]) for version in versions]
        self.assertEqual([3, 2, 1], [state["serial"] for state in states])
        self.assertEqual([True, False, False], [version["IsLatest"] for version in versions])
        self.assertEqual(1, len({state["lineage"] for state in states}))
        sizes = [self.s3.head_object(Bucket=self.BUCKET, Key=v["Key"], VersionId=v["VersionId"])["ContentLength"]
                 for v in versions]
        self.assertEqual([version["Size"] for version in versions], sizes)
        self.assertIn("env:/staging/web/docs.tfstate", {
            version["Key"] for version in self.s3.list_object_versions(Bucket=self.BUCKET)["Versions"]})

    def test_locks_come_and_go(self):
        page = self.s3.list_object_versions(Bucket=self.BUCKET, Prefix="web/docs.tfstate.tflock")
        self.assertEqual((2, 2), (len(page["Versions"]), len(page["DeleteMarkers"])))
        with self.assertRaises(self.s3.exceptions.NoSuchKey):
            self.s3.get_object(Bucket=self.BUCKET, Key="web/docs.tfstate.tflock")

    def test_pages_have_everything_once(self):
        pages = self.s3.get_paginator("list_object_versions").paginate(
            Bucket=self.BUCKET, PaginationConfig={"PageSize": 2})
        entries = [entry for page in pages for kind in ("Versions", "DeleteMarkers") for entry in page.get(kind, [])]
        whole = self.s3.list_object_versions(Bucket=self.BUCKET)
        self.assertEqual(sorted(e["VersionId"] for e in whole["Versions"] + whole["DeleteMarkers"]),
                         sorted(e["VersionId"] for e in entries))

    def test_buckets(self):
        self.assertEqual(["example-legacy-state", self.BUCKET], sorted(b["Name"] for b in self.s3.list_buckets()["Buckets"]))
        self.assertEqual("Enabled", self.s3.get_bucket_versioning(Bucket=self.BUCKET)["Status"])
        self.assertNotIn("Status", self.s3.get_bucket_versioning(Bucket="example-legacy-state"))
        self.s3.head_bucket(Bucket=self.BUCKET)
        with self.assertRaises(self.s3.exceptions.NoSuchBucket):
            self.s3.list_object_versions(Bucket="nobody-has-this-bucket")
        ranged = self.s3.get_object(Bucket="example-legacy-state", Key="finance/invoice-mailer.tfstate", Range="bytes=0-0")
        self.assertEqual(b"{", ranged["Body"].read())


class Tickets(Cloud):
    def ask(self, path, body, authorization):
        url = self.environment["JIRA_BASE_URL"] + path
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        status, _, body = self.fetch(url, "POST", json.dumps(body), **headers)
        return status, json.loads(body)

    def basic(self):
        pair = f"{self.environment['JIRA_EMAIL']}:{self.environment['JIRA_API_TOKEN']}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def test_tickets_are_fetched_by_their_keys(self):
        asked = {"issueIdsOrKeys": ["OPS-2114", "LEDGER-431", "OPS-2077", "SEC-299"], "fields": ["summary", "status"]}
        status, answer = self.ask("/rest/api/3/issue/bulkfetch", asked, self.basic())
        self.assertEqual((200, ["OPS-2114", "LEDGER-431", "NET-86"]),
                         (status, [issue["key"] for issue in answer["issues"]]))
        self.assertEqual({"summary", "status"}, answer["issues"][0]["fields"].keys())

    def test_data_center_searches_with_a_token_alone(self):
        asked = {"jql": "project = OPS", "fields": ["summary"]}
        status, answer = self.ask("/jira/rest/api/2/search", asked, f"Bearer {self.environment['JIRA_API_TOKEN']}")
        self.assertEqual((200, 2), (status, answer["total"]))
        self.assertEqual(401, self.ask("/jira/rest/api/2/search", asked, "Bearer other")[0])


if __name__ == "__main__":
    unittest.main()
