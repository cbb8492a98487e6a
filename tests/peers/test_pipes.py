"""Given the drill, when I put `oncall` into a pipe with the tools that every shell has, then they get
what they expect, and whoever leaves early is not complained about."""

import json
import pathlib
import shutil
import signal
import subprocess
import threading
import time

import harness


class Pipes(harness.Spec):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.environment = cls.home.environment(
            ONCALL_DRILL_NOW=harness.DRILL_NOW, ONCALL_DRILL_START=harness.DRILL_NOW)
        folder = cls.home.path / "bin"
        folder.mkdir()
        (folder / "oncall").symlink_to(harness.binary())
        cls.environment["PATH"] = f"{folder}:{cls.environment['PATH']}"

    def bash(self, script, tools=()):
        for tool in tools:
            if not shutil.which(tool):
                harness.absent(f"{tool} is not installed")
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail; {script}"], env=self.environment, cwd=self.home.path,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=harness.PATIENCE,
        )

    def assertQuiet(self, ended):
        self.assertEqual((0, b""), (ended.returncode, ended.stderr), ended.args)

    def assertInOrder(self, times):
        self.assertEqual(sorted(times), times)
        self.assertGreater(len(times), 10)

    def test_jq_takes_every_line_and_time_comes_first_in_order(self):
        ended = self.bash("oncall --drill logs api --since 1h | jq -c .", ["jq"])
        self.assertQuiet(ended)
        lines = harness.lines(ended.stdout)
        for line in lines:
            self.assertTrue(line.startswith('{"time":"'), line)
            self.assertEqual(["time", "kind"], list(json.loads(line))[:2])
        self.assertInOrder([json.loads(line)["time"] for line in lines])

    def test_jq_finds_the_errors(self):
        ended = self.bash(
            "oncall --drill logs api --since 15m | jq -r 'select(.level==\"error\") | .message'", ["jq"])
        self.assertQuiet(ended)
        self.assertTrue(harness.lines(ended.stdout))

    def test_head_ends_it_at_once_and_quietly(self):
        began = time.monotonic()
        ended = self.bash('oncall --drill logs api --since 14d | head -1; echo "${PIPESTATUS[*]}" >&2')
        self.assertLess(time.monotonic() - began, 30)
        self.assertEqual(b"0 0\n", ended.stderr)
        self.assertEqual(1, len(harness.lines(ended.stdout)))

    def test_a_reader_that_leaves_at_once(self):
        ended = self.bash('oncall --drill logs api --since 1d | true; echo "${PIPESTATUS[*]}" >&2')
        self.assertEqual(b"0 0\n", ended.stderr)

    def test_grep_says_what_logs_grep_says(self):
        theirs = self.bash("oncall --drill logs api --since 1h | grep -c timeout")
        ours = self.bash("oncall --drill logs grep timeout api --since 1h | wc -l")
        self.assertQuiet(theirs)
        self.assertQuiet(ours)
        self.assertGreater(int(ours.stdout), 0)
        self.assertEqual(int(ours.stdout), int(theirs.stdout))

    def test_cut_takes_columns_of_text(self):
        ended = self.bash("oncall --drill logs api --since 15m -o text | cut -f1,6 | sort -u")
        self.assertQuiet(ended)
        rows = [line.split("\t") for line in harness.lines(ended.stdout)]
        self.assertEqual({"api"}, {service for _, service in rows})
        self.assertInOrder([harness.millis(moment) for moment, _ in rows])

    def test_every_row_of_text_has_the_same_columns_whatever_the_message_holds(self):
        ended = self.bash("oncall -q --drill logs '/ecs/*' --since 15m -o text | awk -F'\\t' '{print NF}' | sort -u")
        self.assertQuiet(ended)
        self.assertEqual([b"10"], ended.stdout.split())

    def test_sort_merges_the_output_of_two_commands_in_time_order(self):
        one, two = "oncall --drill logs api --since 15m", "oncall --drill logs prod/coredns --since 15m"
        ended = self.bash(f"{{ {one}; {two}; }} | LC_ALL=C sort -s -t, -k1,1")
        self.assertQuiet(ended)
        merged = [json.loads(line) for line in harness.lines(ended.stdout)]
        self.assertInOrder([record["time"] for record in merged])
        self.assertEqual({"api", "coredns"}, {record["service"] for record in merged})
        together = self.bash("oncall --drill logs api prod/coredns --since 15m")
        key = lambda record: (record["time"], record["stream"], record["message"])
        theirs = sorted(map(key, merged))
        self.assertEqual(theirs, sorted(key(json.loads(line)) for line in harness.lines(together.stdout)))

    def test_tee_and_a_file_get_the_same(self):
        ended = self.bash("oncall --drill logs api --since 15m | tee kept.jsonl | cat > passed.jsonl;"
                          "oncall --drill logs api --since 15m > direct.jsonl")
        self.assertQuiet(ended)
        kept, passed, direct = (
            (self.home.path / name).read_bytes() for name in ("kept.jsonl", "passed.jsonl", "direct.jsonl")
        )
        self.assertTrue(kept)
        self.assertTrue(kept == passed == direct)

    def test_ctrl_c_ends_a_long_reading_at_whatever_moment_it_comes(self):
        for trial in range(12):
            process = subprocess.Popen(
                [harness.binary(), "--drill", "logs", "api", "--since", "14d"], env=self.environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
            drain = threading.Thread(target=process.stdout.read)
            drain.start()
            try:
                time.sleep(0.3 + trial / 10)
                process.send_signal(signal.SIGINT)
                # A second more for a reader that takes nothing; the whole reading takes a minute.
                self.assertEqual(130, process.wait(10), f"trial {trial}")
                self.assertIn(b"interrupted", process.stderr.read())
            except subprocess.TimeoutExpired:
                self.fail(f"trial {trial}: Ctrl-C was not heard")
            finally:
                harness.stop(process)
                drain.join()
                process.stdout.close()
                process.stderr.close()

    def test_a_full_disk_is_told(self):
        if not pathlib.Path("/dev/full").exists():
            self.skipTest("this system has no /dev/full")
        ended = self.bash("oncall --drill logs api --since 15m > /dev/full")
        self.assertEqual(3, ended.returncode)
        self.assertRegex(ended.stderr.decode(), "(?m)^error: ")

    def test_the_same_drill_twice_is_the_same_to_the_byte(self):
        ended = self.bash("diff <(oncall -q --drill logs '/ecs/*' --since 15m) <(oncall -q --drill logs '/ecs/*' --since 15m)")
        self.assertQuiet(ended)

    def test_nothing_is_found_by_a_no(self):
        ended = self.bash("oncall --drill logs grep 'no such line' api --since 15m")
        self.assertEqual((1, b"", b""), (ended.returncode, ended.stdout, ended.stderr))
