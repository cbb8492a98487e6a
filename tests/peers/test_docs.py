"""Given README.md and docs/*.md, when somebody types what stands behind a `$` in a console block, then
they see what stands below it: in bash, with jq, cut, sort and uniq, in a folder of their own.

- `export NAME=VALUE`, indented as code or behind a `$`, holds for the rest of the page.
- A ```toml block behind a line that ends with `NAME.toml`: is a file of the page.
- <!-- on a terminal --> before a block: its commands are typed on one, 100 columns wide, without colour.
- <!-- not replayed: WHY --> before a block: nothing is typed.
"""

import collections
import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest

import harness

COLUMNS = 100

EXPORT = re.compile(r"(?:    |\$ )(export [A-Z_]+=.*)")
FILE = re.compile(r"`([\w.-]+\.toml)`:$")
COMMENT = re.compile(r"<!-- (.*) -->$")

Command = collections.namedtuple("Command", "line exports typed shows terminal")


def pages():
    found = [harness.ROOT / "README.md", *sorted((harness.ROOT / "docs").glob("*.md"))]
    return [page for page in found if "```console" in page.read_text()]


def read(text):
    """The files that a page defines, and its commands with what each of them shows."""
    files, commands, exports = {}, [], []
    before, said = "", ""
    lines = enumerate(text.split("\n"), 1)
    for _, line in lines:
        if line.startswith("```"):
            block = []
            for inside, more in lines:
                if more == "```":
                    break
                block.append((inside, more))
            if line == "```toml" and FILE.search(said):
                files[FILE.search(said)[1]] = "\n".join(more for _, more in block) + "\n"
            if line == "```console":
                comment = COMMENT.match(before)
                why = comment[1] if comment else ""
                if not why.startswith("not replayed: "):
                    commands += typed_in(block, exports, why == "on a terminal")
        elif EXPORT.match(line):
            exports.append(EXPORT.match(line)[1])
        before = line
        said = line if line.strip() else said
    return files, commands


def typed_in(block, exports, terminal):
    """The commands of one block. What it exports is added to `exports`."""
    commands = []
    for number, line in block:
        if line.startswith("$ "):
            if EXPORT.match(line):
                exports.append(EXPORT.match(line)[1])
            commands.append(Command(number, list(exports), [line[2:]], [], terminal))
        elif line.startswith("> ") and commands and not commands[-1].shows:
            commands[-1].typed.append(line[2:])
        elif commands:
            commands[-1].shows.append(line)
        else:
            raise ValueError(f"line {number}: a console block begins with `$ `")
    return commands


def in_a_pipe(script, **how):
    """What stdout and stderr got: their lines, each in order."""
    ended = subprocess.run(
        ["bash", "-c", script], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=harness.PATIENCE, **how,
    )
    return ended.stdout.splitlines(), ended.stderr.splitlines()


def on_a_terminal(script, **how):
    """What a terminal shows."""
    ours, theirs = pty.openpty()
    subprocess.run(["stty", "cols", str(COLUMNS), "rows", "50", "-echo"], stdin=theirs, check=True)
    process = subprocess.Popen(["bash", "-c", script], stdin=theirs, stdout=theirs, stderr=theirs, **how)
    os.close(theirs)
    shown, until = b"", time.monotonic() + harness.PATIENCE
    try:
        while time.monotonic() < until:
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                more = os.read(ours, 65536)
            except OSError:  # Linux says so when nobody has the other end any more
                break
            if not more:
                break
            shown += more
    finally:
        harness.stop(process)
        os.close(ours)
    return shown.decode().replace("\r\n", "\n").splitlines()


class Docs(harness.Spec):
    """One test a page; they are made below."""

    def replay(self, page):
        for program in ("bash", "jq"):
            if not shutil.which(program):
                harness.absent(f"{program} is not installed")
        home = self.new_home()
        folder = home.path / "page"
        programs = home.path / "bin"
        folder.mkdir()
        programs.mkdir()
        (programs / "oncall").symlink_to(harness.binary())
        files, commands = read(page.read_text())
        self.assertTrue(commands, "a page with console blocks has commands")
        for name, text in files.items():
            (folder / name).write_text(text)
        environment = home.environment(PATH=f"{programs}{os.pathsep}{os.environ['PATH']}", NO_COLOR="1")
        # Somebody else may have the port that a page names.
        port = str(harness.free_port())
        for command in commands:
            with self.subTest(page=page.name, line=command.line, command=command.typed[0]):
                self.assertShows(command, port, env=environment, cwd=folder)

    def assertShows(self, command, port, **how):
        own = lambda line: re.sub(r"\b8000\b", port, line)
        script = "\n".join(command.exports + [own(line) for line in command.typed])
        expected = [own(line) for line in command.shows]
        if command.terminal:
            # What is blank at the end of a line, nobody sees.
            shown = [line.rstrip() for line in on_a_terminal(script, **how)]
            self.assertEqual([line.rstrip() for line in expected], shown)
            return
        stdout, stderr = in_a_pipe(script, **how)
        # How lines of stderr fall between those of the end of a pipe is nobody's promise.
        for line in stderr:
            self.assertIn(line, expected, "stderr")
            expected.remove(line)
        self.assertEqual(expected, stdout)


def test_of(page):
    def test(self):
        self.replay(page)

    return test


for page in pages():
    name = re.sub(r"\W+", "_", page.stem.lower())
    setattr(Docs, f"test_{name}_shows_what_is_seen", test_of(page))


class Reading(unittest.TestCase):
    """What this file makes of a page."""

    PAGE = "\n".join([
        "Type", "", "    export A=1", "", "and have, in `x.toml`:", "", "```toml", "name = 1", "```", "",
        "```console", "$ one |", "> two", "out", "$ export B=2", "$ three", "```", "",
        "<!-- not replayed: it takes a day -->", "```console", "$ never", "```", "",
        "<!-- on a terminal -->", "```console", "$ four", "```",
    ])

    def test_commands_files_and_marks_are_found(self):
        files, commands = read(self.PAGE)
        self.assertEqual({"x.toml": "name = 1\n"}, files)
        one, export, three, four = commands
        self.assertEqual((["one |", "two"], ["out"], ["export A=1"], 12), (one.typed, one.shows, one.exports, one.line))
        self.assertEqual(["export B=2"], export.typed)
        self.assertEqual(["export A=1", "export B=2"], three.exports)
        self.assertEqual([False, False, False, True], [command.terminal for command in commands])
        self.assertEqual(["four"], four.typed)

    def test_every_page_can_be_read(self):
        for page in pages():
            with self.subTest(page=page.name):
                self.assertTrue(read(page.read_text())[1])


if __name__ == "__main__":
    unittest.main()
