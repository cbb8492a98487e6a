"""On a terminal, text from outside is shown and never obeyed, in every form."""

import json
import os
import pty
import re
import select
import subprocess
import time
import unittest

import fakecloud
import harness

# What a hostile line may hold: NUL, a screen wipe (both spellings), a new title, a bell, DEL, a
# bidirectional override, a carriage return that hides what came before.
HOSTILE = "a\x00b\x1b[2Jc\x9b2Jd\x1b]0;title\x07e\x7ff\u202eg\rh"
AS_FIELDS = json.dumps({"msg": HOSTILE, "note": "\x9b2J \u202e"}, ensure_ascii=False)
LONG = "x" * 1_000_000


def on_a_terminal(home, *arguments, **variables):
    """What `oncall` writes to a terminal, and how it ends."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [harness.binary(), *arguments], env=home.environment(**variables, TERM="xterm-256color", ONCALL_PAGER=""),
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
    )
    os.close(terminal)
    screen, until = b"", time.monotonic() + harness.PATIENCE
    while time.monotonic() < until:
        if not select.select([controller], [], [], 1)[0]:
            continue
        try:
            data = os.read(controller, 65536)
        except OSError:  # The terminal hangs up when its last user has gone.
            break
        if not data:
            break
        screen += data
    os.close(controller)
    return screen.decode(), process.wait(timeout=harness.PATIENCE)


class HostileLines(harness.Spec):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        texts = [HOSTILE, AS_FIELDS, LONG]
        events = [fakecloud.event(fakecloud.START + n, text, n) for n, text in enumerate(texts)]
        cls.cloud = fakecloud.FakeCloud(lambda request, times: {"events": events})
        cls.url = cls.use(fakecloud.serving(cls.cloud))

    def read(self, *flags):
        return on_a_terminal(
            self.new_home(), "logs", f"group:{fakecloud.GROUP}", "--since", str(fakecloud.START),
            "--until", str(fakecloud.START + 10), *flags, AWS_ENDPOINT_URL=self.url, **harness.KEYS,
        )

    def test_no_form_lets_them_through(self):
        for form in ["text", "raw", "json", "table"]:
            with self.subTest(form):
                screen, code = self.read("-o", form, "--color", "never")
                self.assertEqual(code, 0, screen[:2000])
                # The terminal itself writes CR LF for each line break.
                hidden = re.findall(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]|\r(?!\n)", screen)
                self.assertEqual(hidden, [])
                self.assertIn(LONG[:1000], re.sub(r"\r\n *", "", screen))

    def test_our_own_colours_are_all_that_is_obeyed(self):
        screen, code = self.read("-o", "text", "--highlight", "c")
        self.assertEqual(code, 0, screen[:2000])
        sequences = set(re.findall(r"\x1b(?:\[[0-9;]*[A-Za-z]|.)", screen))
        self.assertTrue(sequences)
        colours = {found for found in sequences if re.fullmatch(r"\x1b\[[0-9;]*m", found)}
        self.assertEqual(sequences, colours)

    def test_json_on_a_terminal_loses_nothing(self):
        screen, _ = self.read("-o", "json", "-q")
        records = [json.loads(line) for line in screen.split("\r\n") if line]
        self.assertEqual([record["message"] for record in records], [HOSTILE, HOSTILE, LONG])
        self.assertEqual(records[1]["fields"], json.loads(AS_FIELDS))

    def test_the_first_line_says_where_we_are(self):
        screen, _ = self.read("-o", "raw")
        self.assertRegex(screen.split("\r\n")[0], r"^.*account .*us-east-1.*times are")


if __name__ == "__main__":
    unittest.main()
