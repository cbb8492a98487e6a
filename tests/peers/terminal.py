"""A terminal of a given size, and the person at it: what is typed, and what the screen then shows."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import pyte

import harness

# Nothing here takes two seconds.
PATIENCE = 30

ESCAPE, ENTER, DOWN, CTRL_C = "\x1b", "\r", "\x1b[B", "\x03"


class Terminal:
    """A program on a terminal of its own. `screen` is what a person sees."""

    def __init__(self, command, environment, columns=80, rows=24):
        self.pyte = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.pyte)
        self.written = b""
        self.controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.modes_before = termios.tcgetattr(terminal)
        self.process = subprocess.Popen(
            command, env={**environment, "TERM": "xterm-256color"}, start_new_session=True,
            stdin=terminal, stdout=terminal, stderr=terminal,
            # Its own terminal, so that Ctrl-C and /dev/tty mean this one.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        # Kept open: what it is left like is looked at when the program has ended.
        self.terminal = terminal

    def __enter__(self):
        return self

    def __exit__(self, *_):
        harness.stop(self.process)
        os.close(self.terminal)
        os.close(self.controller)

    @property
    def screen(self):
        return "\n".join(line.rstrip() for line in self.pyte.display).rstrip()

    def read(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self.controller], [], [], min(left, 0.05))[0]:
                data = os.read(self.controller, 65536)
                self.written += data
                self.stream.feed(data)
                return

    def wait_for(self, text):
        """Reads on until the screen shows the text."""
        return self.wait_until(lambda: text in self.screen, f"{text!r} is not shown")

    def wait_until(self, is_so, otherwise):
        until = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > until:
                raise AssertionError(f"{otherwise}:\n{self.screen}")
            self.read(1)
        return self.screen

    def types(self, keys):
        os.write(self.controller, keys.encode())

    def ended(self):
        """Reads to the end, and how the program ended."""
        self.wait_until(lambda: self.process.poll() is not None, "it does not end")
        while select.select([self.controller], [], [], 0.1)[0]:
            self.read(0.1)
        return self.process.returncode

    @property
    def is_as_found(self):
        """Whether the terminal is fit for a shell: its modes are those of before, the cursor shows."""
        return termios.tcgetattr(self.terminal) == self.modes_before and not self.pyte.cursor.hidden
