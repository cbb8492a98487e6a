"""`oncall schema`, held against what the commands print, by a JSON Schema validator of others."""

import json
import pathlib
import unittest

import jsonschema

from harness import DRILL_NOW, Drill, Oncall, Spec

# What Terraform 1.11.4 wrote.
FIXTURES = pathlib.Path(__file__).parents[2] / "crates/changelog/src/terraform/fixtures"

# Each kind, and the commands of a drill that print it.
COMMANDS = {
    "log": [
        ["logs", "grep", "-C", "2", "-m", "5", "timeout", "api"],
        ["logs", "api", "txn-writer", "webhooks", "--since", "10m"],
        ["logs", "/ecs/*", "/aws/lambda/*", "--since", "2m", "--link"],
        ["logs", "/ecs/platform/dns", "dashboard", "--since", "1h", "-n", "500"],
        ["logs", "grep", "-m", "50", "timeout", "api"],
    ],
    "log_group": [["logs", "groups"], ["logs", "groups", "--link"]],
    "log_stream": [["logs", "streams", "api", "--link"], ["logs", "streams", "/aws/lambda/invoice-mailer"]],
    "drill": [["drill", "list"]],
    "page": [["drill", "start"]],
    "hint": [["drill", "hint"]],
    "answer": [["drill", "answer", "the dashboard"], ["drill", "answer", "the coredns rollout", "and the txn-writer release"]],
    "count": [["logs", "grep", "-c", "timeout", "api"], ["logs", "grep", "-c", "no such thing", "api"]],
    "service": [
        ["specs", "--unhealthy"],
        ["specs", "--details", "--link"],
        ["specs", "--finding", "crash-loop", "--sort", "health"],
        ["specs", "edge/*", "--sort", "age"],
    ],
    "task": [["specs", "tasks", "txn-writer", "--stopped"], ["specs", "tasks", "--stopped", "--details", "--link"]],
    "difference": [["specs", "diff", "time:3h", "now"], ["specs", "diff", "cluster:edge", "cluster:prod"]],
    "service_page": [
        ["specs", "show", "coredns"],
        ["specs", "show", "prod/txn-writer", "--details", "--link"],
        ["specs", "show", "api"],
        ["specs", "show", "billing"],
    ],
    "change": [
        ["changelog", "--around", "19:56", "--rank"],
        ["changelog", "--since", "10d"],
        ["changelog", "--since", "10d", "--source", "terraform,ecs", "--who"],
        ["changelog", "--since", "400d", "--source", "s3-state"],
        ["changelog", "--since", "10d", "--source", "jira"],
        ["changelog", "check", "--forbid", "TICKETLESS,DESTROYS", "--since", "10d"],
        ["changelog", "plan", FIXTURES / "plan_second.json", "--system", "web"],
        ["changelog", "apply", FIXTURES / "apply_second.jsonl"],
        ["changelog", "apply", FIXTURES / "apply_failed.jsonl"],
    ],
}

# What changes is only seen while the clock runs: a drill that began so long ago has its next wave in a
# few seconds.
BEFORE_A_WAVE = "56s"


class Schemas(Spec):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.oncall = Oncall(cls.home, ONCALL_DRILL_NOW=DRILL_NOW)
        cls.kinds = cls.oncall("schema").text.split()
        cls.schemas = {kind: json.loads(cls.oncall("schema", kind).text) for kind in cls.kinds}

    def validator(self, kind):
        schema = self.schemas[kind]
        jsonschema.Draft202012Validator.check_schema(schema)
        return jsonschema.Draft202012Validator(schema)

    def test_every_record_that_is_printed_is_what_its_schema_says(self):
        for kind, commands in COMMANDS.items():
            validator = self.validator(kind)
            for arguments in commands:
                with self.subTest(arguments):
                    records = self.oncall("--drill", *arguments).records
                    self.assertTrue(records, arguments)
                    for record in records:
                        self.assertEqual(kind, record["kind"])
                        wrong = [error.message for error in validator.iter_errors(record)]
                        self.assertEqual([], wrong[:3], record)
                        self.assertEqual(["time", "kind"], list(record)[:2])

    def test_keys_come_in_the_order_of_the_schema(self):
        for kind, commands in COMMANDS.items():
            order = list(self.schemas[kind]["properties"])
            for record in self.oncall("--drill", *commands[0]).records:
                self.assertEqual([key for key in order if key in record], list(record))

    def test_a_change_that_is_watched_is_what_its_schema_says(self):
        oncall = Oncall(self.home, ONCALL_DRILL_START=BEFORE_A_WAVE)
        said = oncall("--drill", "specs", "watch", "--interval", "1s", "--for", "12s", "--link")
        self.assertCode(0, said)
        self.assertLessEqual({"task_stopped", "counts"}, {record["what"] for record in said.records})
        order = list(self.schemas["service_change"]["properties"])
        for record in said.records:
            self.validator("service_change").validate(record)
            self.assertEqual([key for key in order if key in record], list(record))

    def test_where_a_drill_is_served_is_what_its_schema_says(self):
        with Drill(self.home) as drill:
            self.validator("endpoint").validate(drill.endpoint)

    def test_a_summary_is_what_its_schema_says(self):
        for arguments in (["api"], ["/archive/audit"], ["/archive/audit", "webhooks"], ["-n", "1", "api", "--jq", ".[0]"]):
            said = self.oncall("--drill", "logs", *arguments, "--summary", "json")
            lines = [line for line in said.stderr.splitlines() if line.startswith("{")]
            self.assertEqual(1, len(lines), said)
            summary = json.loads(lines[0])
            self.validator("summary").validate(summary)
            self.assertEqual(list(self.schemas["summary"]["properties"]), list(summary))
            self.assertEqual(said.code, summary["exit_code"])
            self.assertEqual(said.code == 0, summary["complete"])

    def test_the_summary_of_a_changelog_is_what_its_schema_says(self):
        order = list(self.schemas["changelog_summary"]["properties"])
        # Everything read; nothing changed; a bucket that keeps no versions; no token.
        for arguments, code in (
            (["--drill", "changelog", "--around", "19:56"], 0),
            (["--drill", "changelog", "--source", "terraform", "--since", "2026-11-10T03:00Z", "--until", "2026-11-10T03:01Z"], 1),
            (["--drill", "changelog", "--source", "s3-state", "--since", "400d"], 3),
            (["changelog", "--source", "terraform"], 4),
        ):
            said = self.oncall(*arguments, "--summary", "json", TF_CLOUD_ORGANIZATION="acme")
            self.assertCode(code, said)
            lines = [line for line in said.stderr.splitlines() if line.startswith("{")]
            self.assertEqual(1, len(lines), said)
            summary = json.loads(lines[0])
            self.validator("changelog_summary").validate(summary)
            self.assertEqual([key for key in order if key in summary], list(summary))
            self.assertEqual(code in (0, 1), summary["complete"])

    def test_every_kind_is_printed_by_some_command(self):
        others = {"summary", "changelog_summary", "endpoint", "task_stopped", "service_change"}
        self.assertEqual(set(self.kinds), {*COMMANDS, *others})

    def test_a_schema_notices_what_is_new_and_what_is_absent(self):
        for kind in self.kinds:
            validator = self.validator(kind)
            self.assertFalse(validator.is_valid({"time": DRILL_NOW, "kind": kind}), kind)
        record = self.oncall("--drill", "logs", "api", "-n", "1").records[0]
        self.assertTrue(self.validator("log").is_valid(record))
        self.assertFalse(self.validator("log").is_valid({**record, "new": 1}))
        self.assertFalse(self.validator("log").is_valid({**record, "time": "2026-11-22T20:40:00Z"}))


if __name__ == "__main__":
    unittest.main()
