"""What a person sees: lines that wrap, a choice among services, a pager, and progress."""

import json
import re
import shutil
import unittest

import harness
from terminal import CTRL_C, DOWN, ENTER, ESCAPE, Terminal

QUESTION = "Whose logs?"


class OnScreen(harness.Spec):
    def oncall(self, *arguments, columns=80, rows=24, home=None, **variables):
        """`oncall` on a terminal, in a drill whose clock stands still."""
        return self.shell_of([harness.binary(), *arguments], columns, rows, home, **variables)

    def shell_of(self, command, columns=80, rows=24, home=None, **variables):
        variables = {"ONCALL_DRILL_NOW": harness.DRILL_NOW, "ONCALL_PAGER": "", **variables}
        environment = (home or self.new_home()).environment(**variables)
        terminal = Terminal(command, environment, columns, rows)
        self.addCleanup(terminal.__exit__)
        return terminal


class Lines(OnScreen):
    def test_the_rest_of_a_long_line_stands_under_its_message(self):
        for columns, hang in [(80, 32), (200, 32), (40, 13)]:
            with self.subTest(columns=columns):
                terminal = self.oncall("--drill", "logs", "prod/api/api", "-n", "1", columns=columns)
                self.assertEqual(terminal.ended(), 0)
                lines = terminal.screen.split("\n")
                first = next(at for at, line in enumerate(lines) if re.match(r"\d\d:\d\d:\d\d", line))
                last = next(at for at, line in enumerate(lines) if line.startswith("1 record"))
                self.assertEqual(lines[first].find("request"), 32, terminal.screen)
                self.assertGreater(last, first + 1)
                for line in lines[first + 1:last]:
                    self.assertEqual(len(line) - len(line.lstrip()), hang, terminal.screen)

    def test_no_color_is_obeyed(self):
        plain = self.oncall("--drill", "logs", "api", "-n", "3", NO_COLOR="1")
        self.assertEqual(plain.ended(), 0)
        self.assertNotIn(b"\x1b", plain.written)
        coloured = self.oncall("--drill", "logs", "api", "-n", "3", "--color", "always", NO_COLOR="1")
        self.assertEqual(coloured.ended(), 0)
        self.assertIn(b"\x1b[", coloured.written)
        self.assertEqual(plain.screen, coloured.screen)


class Picker(OnScreen):
    def test_a_part_of_the_name_is_enough(self):
        terminal = self.oncall("--drill", "logs", "-n", "1")
        screen = terminal.wait_for("prod/webhooks")
        self.assertIn(QUESTION, screen)
        terminal.types("dedu")
        terminal.wait_until(lambda: "prod/webhooks" not in terminal.screen, "nothing is left out")
        terminal.types(ENTER)
        self.assertEqual(terminal.ended(), 0)
        self.assertIn("oncall --drill logs -n 1 prod/dedupe", terminal.screen)
        self.assertRegex(terminal.screen, r"\n\d\d:\d\d:\d\d\.\d+ +\w+ +dedupe")
        self.assertNotIn(QUESTION, terminal.screen)
        self.assertTrue(terminal.is_as_found)

    def test_arrows_choose_too(self):
        terminal = self.oncall("--drill", "logs", "-n", "1", NO_COLOR="1")
        terminal.wait_for("> edge/coredns")
        terminal.types(DOWN)
        terminal.wait_for("> edge/dashboard")
        terminal.types(ENTER)
        self.assertEqual(terminal.ended(), 0)
        self.assertIn("logs -n 1 edge/dashboard", terminal.screen)

    def test_nothing_is_chosen_and_nothing_is_left_behind(self):
        for key in [ESCAPE, CTRL_C]:
            # Few rows: the list would make the terminal scroll.
            for rows in [24, 8]:
                with self.subTest(key=key, rows=rows):
                    terminal = self.oncall("--drill", "logs", rows=rows)
                    terminal.wait_for(QUESTION)
                    terminal.types(DOWN)
                    terminal.wait_until(lambda: terminal.pyte.cursor.hidden, "the cursor shows")
                    terminal.types(key)
                    self.assertEqual(terminal.ended(), 130)
                    self.assertNotIn(QUESTION, terminal.screen)
                    self.assertNotIn("edge/", terminal.screen)
                    self.assertTrue(terminal.is_as_found)

    def test_stdout_may_be_a_pipe(self):
        if not shutil.which("jq"):
            harness.absent("there is no jq")
        line = f"{harness.binary()} --drill logs --since 1m | jq -r .service | sort | uniq"
        terminal = self.shell_of(["sh", "-c", line])
        terminal.wait_for(QUESTION)
        terminal.types("prod/api" + ENTER)
        self.assertEqual(terminal.ended(), 0)
        lines = terminal.screen.split("\n")
        self.assertIn("api", lines)
        self.assertTrue(terminal.is_as_found)

    def test_what_was_found_last_time_is_offered_and_found_anew(self):
        home = self.new_home()
        cloud = self.use(harness.Drill(self.new_home()))

        def choose():
            terminal = self.oncall("logs", "--until", harness.DRILL_NOW, "-n", "1", home=home,
                                   **cloud.variables)
            terminal.wait_for(QUESTION)
            return terminal

        terminal = choose()
        terminal.types(ESCAPE)
        self.assertEqual(terminal.ended(), 130)
        [cache] = [path for path in home.files() if path.name == "candidates.json"]
        kept = json.loads(cache.read_text())
        self.assertIn("prod/api", kept["value"]["services"])
        stale = {**kept, "value": {"services": ["old/service", "prod/api"], "groups": []}}
        cache.write_text(json.dumps(stale))
        terminal = choose()
        self.assertIn("old/service", terminal.screen)
        terminal.wait_until(lambda: json.loads(cache.read_text()) == kept, "it is not found anew")
        terminal.types("prod/api" + ENTER)
        self.assertEqual(terminal.ended(), 0)


class Pager(OnScreen):
    MANY = ["--drill", "logs", "api", "--since", "10m"]

    def test_q_ends_it_quietly(self):
        if not shutil.which("less"):
            harness.absent("there is no less")
        terminal = self.oncall(*self.MANY, ONCALL_PAGER=None)
        terminal.wait_until(lambda: terminal.screen.endswith("\n:"), "less does not wait")
        terminal.types("q")
        self.assertEqual(terminal.ended(), 0)
        self.assertNotIn(" pages", terminal.screen)
        self.assertTrue(terminal.is_as_found)

    def test_ctrl_c_ends_the_reading_and_not_the_pager(self):
        if not shutil.which("less"):
            harness.absent("there is no less")
        terminal = self.oncall(*self.MANY, ONCALL_PAGER="less -FRX")
        terminal.wait_until(lambda: terminal.screen.endswith("\n:"), "less does not wait")
        terminal.types(CTRL_C)
        # A key that less was not ready for is lost.
        to_the_end = lambda: "(END)" in terminal.screen or terminal.types("G")
        terminal.wait_until(to_the_end, "less does not go to the end")
        self.assertNotIn("interrupted", terminal.screen)
        terminal.types("q")
        self.assertEqual(terminal.ended(), 130)
        self.assertRegex(terminal.screen, r"records, .*interrupted$")
        self.assertTrue(terminal.is_as_found)

    def test_what_is_said_waits_until_it_has_ended(self):
        pager = "sed -n '1s/^.*$/the pager began/p'; sleep 0.5; echo the pager ended"
        terminal = self.oncall(*self.MANY, ONCALL_PAGER="nonsense", PAGER="nonsense")
        self.assertEqual(terminal.ended(), 2)
        self.assertIn("error: the pager `nonsense` cannot be started\nhint: --no-pager", terminal.screen)
        terminal = self.oncall(*self.MANY, ONCALL_PAGER=None, PAGER=pager)
        self.assertEqual(terminal.ended(), 0)
        self.assertRegex(terminal.screen, r"the pager began\nthe pager ended\n[\d,]+ records, .* complete$")

    def test_it_is_for_long_output_only_and_can_be_switched_off(self):
        short = ["--drill", "logs", "api", "-n", "2"]
        for arguments, variables in [
            (short, {"ONCALL_PAGER": "nonsense"}),
            ([*self.MANY, "--no-pager"], {"ONCALL_PAGER": "nonsense"}),
            (self.MANY, {"ONCALL_PAGER": "", "PAGER": "nonsense"}),
            (self.MANY, {"ONCALL_PAGER": "cat", "PAGER": "nonsense"}),
        ]:
            with self.subTest(arguments=arguments, variables=variables):
                terminal = self.oncall(*arguments, **variables)
                self.assertEqual(terminal.ended(), 0, terminal.screen)
                self.assertIn("complete", terminal.screen)


class Progress(OnScreen):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloud = cls.use(harness.Drill(cls.home, flags=["--latency", "300ms"]))

    def read(self, *arguments):
        until = ["--since", "2026-11-22T19:00:00Z", "--until", harness.DRILL_NOW]
        return self.oncall("logs", *arguments, *until, **self.cloud.variables)

    def test_it_says_how_far_the_reading_is_and_goes(self):
        terminal = self.read("grep", "-c", "no such text", "api")
        terminal.wait_for("looking for api")
        screen = terminal.wait_for(" pages, at ")
        self.assertRegex(screen.split("\n")[-1], r"^. 0 records, \d+ pages, at 11-22 (19|20):\d\d:\d\d$")
        self.assertEqual(terminal.ended(), 1)
        self.assertNotRegex(terminal.screen, "looking|pages, at")
        self.assertRegex(terminal.screen, r"\n0\n0 records, .* complete$")

    def test_it_is_gone_when_records_come(self):
        terminal = self.read("api", "--no-pager", "-n", "20")
        terminal.wait_for("looking for api")
        self.assertEqual(terminal.ended(), 0)
        self.assertNotRegex(terminal.screen, "looking|pages, at")
        # Nothing is drawn among the records, and nothing after them.
        first = terminal.written.index(b"request completed")
        self.assertNotIn(b"\x1b[2K", terminal.written[first:])

    def test_ctrl_c_erases_it(self):
        terminal = self.read("api")
        terminal.wait_for("looking for api")
        terminal.types(CTRL_C)
        self.assertEqual(terminal.ended(), 130)
        self.assertEqual(terminal.screen, "")

    def test_quiet_has_none(self):
        terminal = self.read("grep", "-q", "-c", "no such text", "api")
        self.assertEqual(terminal.ended(), 1)
        self.assertEqual(terminal.written, b"0\r\n")


if __name__ == "__main__":
    unittest.main()
