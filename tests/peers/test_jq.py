"""`--jq`, held against jq itself: the same program over the same records."""

import json
import os
import shutil
import subprocess
import unittest

from harness import DRILL_NOW, Oncall, Spec, absent

PROGRAMS = [
    ".",
    ".message",
    ".message, .level",
    ".nothing",
    ".nothing.at.all?",
    ".fields.res.statusCode // \"none\"",
    "empty",
    "select(.level == \"error\") | .message",
    "select(.level == \"error\" or .level == \"warn\") | [.time, .service, .message] | @tsv",
    "[.time, .level, .message, null, true, 3] | @csv",
    "[.message] | @json",
    "\"\\(.time) \\(.level // \"-\") \\(.message)\"",
    "{time, level, where: \"\\(.cluster)/\\(.service)\"}",
    "keys",
    "keys_unsorted",
    "to_entries | map(select(.value | type == \"string\") | .key)",
    "with_entries(select(.key | startswith(\"t\")))",
    "del(.fields, .group, .id)",
    ".fields | type",
    ".fields | objects | keys | length",
    ".fields? // {} | paths(scalars) | map(tostring) | join(\".\")",
    "[.. | numbers] | add",
    "[.. | strings | length] | max",
    ".message | length",
    ".message | ascii_upcase",
    ".message | split(\" \") | first, last",
    ".message | test(\"time\"; \"i\")",
    ".message | [scan(\"[a-z]+\")] | join(\"-\")",
    ".message | sub(\"[0-9]+\"; \"N\") | gsub(\"[aeiou]\"; \"\")",
    ".message | capture(\"(?<first>\\\\w+) (?<second>\\\\w+)\")",
    ".task[:8]",
    ".stream | ltrimstr(\"ingest/\") | rtrimstr(\"x\")",
    ".message as $m | [.level, $m] | reverse",
    "if .level == \"error\" then 1 elif .level then 2 else 3 end",
    ".message | explode | implode",
    "[.level, .service] | map(select(. != null)) | @sh",
    ".message | @uri, @base64, @html",
    ".level | IN(\"error\", \"fatal\")",
    "reduce (.message | split(\"\") | .[]) as $c ({}; .[$c] += 1) | to_entries | max_by(.value) | .key",
    "try error(\"x\") catch .",
    "[limit(3; .message | split(\"\") | .[])] | add",
    ".ingested | .[0:19] + \"Z\" | fromdate | todate",
    "[.time, .ingested] | sort | unique | length",
    "[range(3)] | [.[] * 2] | add / 4",
    "[1, [2, [3]]] | flatten | tojson",
    "def twice(f): f, f; twice(.level)",
    "tojson | fromjson | .kind",
    "getpath([\"fields\", \"no\", \"path\"])",
    "[.fields | .. | select(type == \"boolean\")] | any, all",
    "[infinite, -infinite, nan] | tojson | length > 5",
]


def line_of(line):
    """A line for comparison: JSON by its value, since jq 1.6 spells numbers anew."""
    try:
        return json.dumps(json.loads(line), sort_keys=False)
    except ValueError:
        return line


class Jq(Spec):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not shutil.which("jq"):
            absent("jq is not installed")
        cls.oncall = Oncall(cls.home, ONCALL_DRILL_NOW=DRILL_NOW)
        targets = ["--drill", "logs", "api", "txn-writer", "/ecs/prod-mesh", "--since", "90s"]
        cls.arguments = targets
        cls.records = cls.oncall(*targets)
        if len(cls.records.records) < 300:
            raise RuntimeError(f"more records are wanted: {cls.records}")

    def jq(self, *arguments, stdin=None):
        ended = subprocess.run(["jq", *arguments], input=stdin, capture_output=True, check=True,
                               env={"PATH": os.environ["PATH"], "TZ": "UTC"})
        return ended.stdout

    def test_each_program_makes_the_same_of_each_record(self):
        for program in PROGRAMS:
            with self.subTest(program):
                expected = self.jq("-r", "-c", program, stdin=self.records.stdout).decode()
                made = self.oncall(*self.arguments, "--jq", program)
                self.assertCode(0, made)
                self.assertEqual(
                    [line_of(line) for line in expected.split("\n")],
                    [line_of(line) for line in made.text.split("\n")],
                )

    def test_what_it_prints_as_json_can_be_read_again(self):
        made = self.oncall(*self.arguments, "--jq", ".")
        self.assertEqual(self.records.stdout, made.stdout)
        self.assertEqual(self.jq("-c", ".kind", stdin=made.stdout).split(b"\n")[0], b'"log"')

    def test_where_jq_fails_it_fails_and_the_others_are_printed(self):
        program = ".message | tonumber"
        made = self.oncall(*self.arguments, "--jq", program + " | error")
        self.assertCode(3, made)
        self.assertEqual(b"", made.stdout)
        total = len(self.records.records)
        self.assertRegex(made.stderr, rf"missing: {total} records in all, on which the jq program failed\n$")
        self.assertEqual(6, made.stderr.count("missing:"), made.stderr)

    def test_the_environment_is_out_of_reach(self):
        for program in ["env", "$ENV", "env.HOME", "$ENV | keys", "input", "[inputs]", "include \"x\"; .",
                        "import \"x\" as $x; $x", "get_search_list", "$__prog_args"]:
            with self.subTest(program):
                made = self.oncall(*self.arguments, "--jq", program, AWS_SECRET_ACCESS_KEY="s3cret")
                self.assertTells(made, 2, "the jq program is wrong at column")
                self.assertNotIn("s3cret", made.stderr)


if __name__ == "__main__":
    unittest.main()
