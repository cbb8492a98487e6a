//! Secrets that a spec plants, and looks for.

use std::path::Path;

use serde_json::{Value, json};

/// Makes secrets that nothing else looks like, and remembers them.
#[derive(Default)]
pub struct Planter(Vec<String>);

impl Planter {
    pub fn secret(&mut self) -> String {
        let secret = format!("planted{:04}secret", self.0.len());
        self.0.push(secret.clone());
        secret
    }

    /// Secrets as a value, in all shapes.
    pub fn tree(&mut self) -> Value {
        json!({ "password": self.secret(), "list": [self.secret(), { "deep": self.secret() }],
            "tags": { self.secret(): self.secret() } })
    }

    /// A value that would be harmless, were it not for what stands in it.
    pub fn attributes(&mut self) -> Value {
        json!({ "password": self.secret(), "output": self.tree(), "tags": self.tree(),
            "port": self.secret(), "engine_version": { "x": self.secret() },
            "environment": [{ "variables": { "TOKEN": self.secret() } }],
            "container_definitions": json!([{ "environment": [{ "name": "A", "value": self.secret() }] }]).to_string() })
    }

    /// That each is in what goes in.
    pub fn assert_planted(&self, text: &str) {
        for secret in &self.0 {
            assert!(text.contains(secret.as_str()), "{secret} was not planted");
        }
    }

    /// How many of all of them are in a text.
    pub fn count_in(&self, text: &str) -> (usize, usize) {
        let is_in = |secret: &&String| text.contains(secret.as_str());
        (self.0.iter().filter(is_in).count(), self.0.len())
    }

    /// That none is in what comes out.
    pub fn assert_hidden(&self, text: &str, whose: &str) {
        for secret in &self.0 {
            assert!(!text.contains(secret.as_str()), "{whose} has {secret}: {text}");
        }
    }
}

/// All files below a folder, as text.
pub fn kept(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.push_str(&path.display().to_string());
        match path.is_dir() {
            true => all.push_str(&kept(&path)),
            false => all.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap())),
        }
    }
    all
}
