"""Given a profile whose role wants a code from a device, when I type the code on a terminal, then I read
the logs; and neither the code nor what it buys is kept anywhere."""

import os
import pty
import re
import select
import subprocess
import time

import harness

DEVICE = "arn:aws:iam::123456789012:mfa/me"
CODE = "804213"
SECRET = "base-secret-which-nobody-prints"

PROFILES = f"""\
[profile base]
aws_access_key_id = AKIABASEBASEBASEBASE
aws_secret_access_key = {SECRET}

[profile ops]
role_arn = arn:aws:iam::123456789012:role/ops
source_profile = base
mfa_serial = {DEVICE}
region = us-east-1
"""


class WithADevice(harness.Spec):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.url = cls.use(harness.moto())
        logs = harness.client("logs", cls.url)
        logs.create_log_group(logGroupName="/ecs/api")
        logs.create_log_stream(logGroupName="/ecs/api", logStreamName="s")
        now = int(time.time() * 1000)
        cls.messages = [f"event {number}" for number in range(50)]
        logs.put_log_events(logGroupName="/ecs/api", logStreamName="s", logEvents=[
            {"timestamp": now - 60_000 + number, "message": text} for number, text in enumerate(cls.messages)
        ])

    def setUp(self):
        self.home = self.new_home()
        self.home.write("aws/config", PROFILES)

    def oncall(self, **variables):
        return harness.Oncall(self.home, **variables)

    def services(self):
        """Each service by its own variable, since a generic endpoint would get the tokens too."""
        names = ("STS", "CLOUDWATCH_LOGS", "ECS")
        return {f"AWS_ENDPOINT_URL_{name}": self.url for name in names}


class OnATerminal(WithADevice):
    def test_the_code_is_asked_for_and_the_logs_are_read(self):
        code, stdout, screen = self.typed(
            ["--profile", "ops", "logs", "group:/ecs/api", "-o", "raw"], CODE, **self.services())
        self.assertEqual(0, code, screen)
        self.assertIn(f"code of the MFA device {DEVICE}: ", screen)
        self.assertEqual(self.messages, stdout.decode().splitlines())

    def test_the_code_and_the_keys_are_kept_nowhere(self):
        code, stdout, screen = self.typed(
            ["--profile", "ops", "--debug", "logs", "group:/ecs/api"], CODE, **self.services())
        self.assertEqual(0, code, screen)
        # The terminal itself may echo what is typed; oncall may not say it.
        said = screen.replace(f"{DEVICE}: {CODE}", "", 1) + stdout.decode()
        for secret in (CODE, SECRET):
            # Within a longer number, a time or an id, it would be a coincidence.
            alone = rf"(?<!\d){re.escape(secret)}(?!\d)"
            self.assertNotRegex(said, alone)
            for path in self.home.files():
                if path.parent.name != "aws":
                    self.assertNotRegex(path.read_text(errors="replace"), alone, path)
        kept = {path.parent.name for path in self.home.files() if b"ASIA" in path.read_bytes()}
        self.assertEqual(set(), kept, "temporary keys were written to a file")

    def test_a_line_without_a_code_is_no_code(self):
        code, stdout, screen = self.typed(
            ["--profile", "ops", "logs", "group:/ecs/api"], "", most=3, **self.services())
        self.assertEqual((4, b""), (code, stdout), screen)
        self.assertIn("hint:", screen)

    def typed(self, arguments, line, most=1, **variables):
        """Runs it with stdin and stderr on a terminal and stdout in a pipe; types when asked, which may
        happen `most` times: a code counts once, and the next one is half a minute away."""
        controller, terminal = pty.openpty()
        process = subprocess.Popen(
            [harness.binary(), *arguments], env=self.home.environment(**variables),
            stdin=terminal, stderr=terminal, stdout=subprocess.PIPE, start_new_session=True,
        )
        os.close(terminal)
        screen, stdout, answered = b"", b"", 0
        until = time.monotonic() + 60
        sources = [controller, process.stdout.fileno()]
        while sources and time.monotonic() < until:
            for source in select.select(sources, [], [], 1)[0]:
                try:
                    data = os.read(source, 65536)
                except OSError:  # The terminal hangs up when its last user has gone.
                    data = b""
                if not data:
                    sources.remove(source)
                elif source == controller:
                    screen += data
                    asked = screen.count(b"code of the MFA device")
                    if asked > most:
                        harness.stop(process)
                        process.stdout.close()
                        self.fail(f"asked for a code once too often:\n{screen.decode()}")
                    if asked > answered:
                        os.write(controller, line.encode() + b"\n")
                        answered = asked
                else:
                    stdout += data
        harness.stop(process) if time.monotonic() >= until else process.wait()
        process.stdout.close()
        os.close(controller)
        return process.returncode, stdout, screen.decode(errors="replace")


class WithoutATerminal(WithADevice):
    def test_no_code_can_be_asked_for(self):
        result = self.oncall(**self.services())("--profile", "ops", "logs", "group:/ecs/api")
        self.assertTells(result, 4, "MFA device", "credential_process")
        self.assertEqual(b"", result.stdout)

    def test_a_generic_endpoint_would_get_the_tokens_and_is_refused(self):
        oncall = self.oncall(AWS_ENDPOINT_URL=self.url)
        result = oncall("--profile", "ops", "logs", "group:/ecs/api")
        self.assertTells(result, 2, "generic endpoint", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS")
        self.assertEqual(b"", result.stdout)
