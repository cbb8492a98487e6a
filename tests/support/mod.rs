//! The hermetic runner: a home of its own, an environment of its own, a clock that stands still;
//! and one text that shows all of what a command did.

pub mod cloud;
pub mod planter;
pub mod states;

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// When the drills of the specs are: 20:00 UTC; the page rang at 19:56.
pub const NOW: &str = "2026-11-22T20:00:00Z";

/// A machine that has nothing but oncall.
pub struct Machine {
    home: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// What a command did.
#[derive(Debug)]
#[must_use = "look at what it did"]
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Machine {
    /// A machine on which every `--drill` is at [`NOW`].
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut machine = Self { home, variables: Vec::new() };
        machine.set("ONCALL_DRILL_NOW", NOW);
        machine
    }

    /// A machine whose AWS is another server, with keys.
    pub fn with_endpoint(url: &str) -> Self {
        let mut machine = Self::new();
        machine.set("AWS_ENDPOINT_URL", url);
        machine.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
        machine.set("AWS_SECRET_ACCESS_KEY", "secret-example");
        machine.set("AWS_REGION", "us-east-1");
        machine
    }

    /// Sets a variable of the environment.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file under the home, and returns its path.
    pub fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The name of an SSO session's token file: the SHA-1 of the session's name, as the AWS CLI and
    /// the SDKs have it.
    pub fn sso_token_name(&self, session: &str) -> String {
        let path = self.file("session-name", session);
        let output = Command::new("sha1sum").arg(path).output().unwrap();
        String::from_utf8(output.stdout).unwrap()[..40].to_owned()
    }

    /// The home.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The command, ready to run: words separated by white space, `'…'` for words with some.
    pub fn command(&self, line: &str) -> Command {
        let words = words(line);
        let (program, arguments) = words.split_first().unwrap();
        assert_eq!(program, "oncall");
        let mut command = Command::new(env!("CARGO_BIN_EXE_oncall"));
        command.args(arguments).env_clear().current_dir(self.home());
        command.env("HOME", self.home()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("TZ", "UTC").env("AWS_EC2_METADATA_DISABLED", "true");
        command.stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Types a line, and waits for its end.
    pub fn types(&self, line: &str) -> Ran {
        self.ran(self.command(line).output().unwrap())
    }

    /// Types a line behind a pipe that brings `input`, and waits for its end.
    pub fn pipes(&self, input: &[u8], line: &str) -> Ran {
        let mut command = self.command(line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // One that refuses its input does not read it to the end.
        let writer = std::thread::spawn(move || stdin.write_all(&input).is_ok());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        self.ran(output)
    }

    fn ran(&self, output: Output) -> Ran {
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            text.replace(&self.home().display().to_string(), "HOME")
        };
        Ran {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            code: output.status.code().unwrap_or(-1),
        }
    }
}

/// A drill that is served to other commands, until it is dropped.
pub struct Served {
    pub url: String,
    child: Child,
    /// It ends when nobody reads it.
    _stdout: BufReader<ChildStdout>,
}

impl Served {
    /// Serves what `oncall … drill serve …` says, on this machine.
    pub fn by(machine: &Machine, line: &str) -> Self {
        let mut child = machine.command(line).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        stdout.read_line(&mut first).unwrap();
        let endpoint: serde_json::Value = serde_json::from_str(&first).expect(&first);
        let url = endpoint["url"].as_str().unwrap().to_owned();
        Self { url, child, _stdout: stdout }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ran {
    /// The lines of stdout as JSON.
    pub fn records(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// Fails unless it ended well, without a word on stderr.
    pub fn well(self) -> Self {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{self}");
        self
    }
}

/// stdout, then stderr and the exit code where there is something to say.
impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            write!(f, "------- stderr -------\n{}", self.stderr)?;
        }
        match self.code {
            0 => Ok(()),
            code => writeln!(f, "[exit {code}]"),
        }
    }
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('\'') {
            Some(quoted) => quoted.split_once('\'').expect("a closing quote"),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}
