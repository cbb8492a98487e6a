"""Given `oncall drill serve`, when other tools take the environment that it prints, then they are in the
drill; and it goes when it is told to, or when nobody listens any more."""

import json
import signal
import subprocess
import sys

import harness

# boto3 as a person would use it: it knows nothing but its environment.
LISTS_GROUPS = """
import boto3
print(*(group["logGroupName"] for group in boto3.client("logs").describe_log_groups()["logGroups"]))
"""


class Serve(harness.Spec):
    def serve(self, *more):
        process = subprocess.Popen(
            [harness.binary(), "drill", "serve", *more], env=self.home.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self.addCleanup(lambda: (harness.stop(process), process.stdout.close(), process.stderr.close()))
        return process, json.loads(process.stdout.readline())

    def test_the_first_line_is_a_record_that_says_where(self):
        _, endpoint = self.serve()
        self.assertEqual(["time", "kind"], list(endpoint)[:2])
        self.assertEqual("endpoint", endpoint["kind"])
        self.assertEqual(endpoint["url"], endpoint["env"]["AWS_ENDPOINT_URL"])
        self.assertRegex(endpoint["url"], r"^http://127\.0\.0\.1:\d+$")

    def test_its_environment_is_all_that_boto3_needs(self):
        _, endpoint = self.serve()
        environment = self.home.environment(**endpoint["env"])
        ended = subprocess.run(
            [sys.executable, "-c", LISTS_GROUPS], env=environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(0, ended.returncode, ended.stderr)
        self.assertIn("/ecs/prod-ingest", ended.stdout.split())

    def test_its_environment_is_all_that_oncall_needs(self):
        _, endpoint = self.serve()
        result = harness.Oncall(self.home, **endpoint["env"])("logs", "prod/api", "--since", "5m", "-n", 3)
        self.assertCode(0, result)
        self.assertEqual(["000000000000"] * 3, [record["account"] for record in result.records])

    def test_a_port_can_be_chosen(self):
        port = harness.free_port()
        _, endpoint = self.serve("--port", str(port))
        self.assertEqual(f"http://127.0.0.1:{port}", endpoint["url"])

    def test_ctrl_c_ends_it_quietly(self):
        process, endpoint = self.serve()
        harness.client("logs", endpoint["url"]).describe_log_groups()
        process.send_signal(signal.SIGINT)
        self.assertEqual(130, process.wait(10))
        self.assertEqual(b"", process.stderr.read())

    def test_it_goes_when_its_reader_has_gone(self):
        process, _ = self.serve()
        process.stdout.close()
        self.assertEqual(0, process.wait(10))
