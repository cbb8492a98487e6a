//! The never-rules of docs/architecture.md, held against the workspace: the arrows between crates by
//! `cargo metadata`, the rest by the sources. clippy's `disallowed-methods` sees what these cannot.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Who may depend on whom.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "oncall",
        &[
            "aws",
            "changelog",
            "ecs",
            "http",
            "logs",
            "output",
            "record",
            "simulator",
            "specs",
            "spelling",
            "store",
            "timerange",
        ],
    ),
    ("logs", &["aws", "ecs", "pace", "record", "spelling", "store", "timerange"]),
    ("specs", &["aws", "ecs", "pace", "record", "spelling", "store", "timerange"]),
    ("changelog", &["aws", "ecs", "http", "pace", "record", "spelling", "store", "timerange"]),
    ("ecs", &["aws", "pace", "record", "spelling", "store"]),
    ("aws", &["pace", "spelling"]),
    ("http", &["pace"]),
    ("output", &["record"]),
    ("pace", &[]),
    ("record", &[]),
    ("simulator", &[]),
    ("spelling", &[]),
    ("store", &[]),
    ("timerange", &[]),
];

/// What the benchmarks hold `oncall` against: they know none of ours, and live outside `crates/`.
const PEERS: &[&str] = &["bare-loop"];

/// The one outward file of each crate: the only ones that may name an SDK client.
const OUTWARD: &[&str] = &[
    "crates/aws/src/account.rs",
    "crates/aws/src/mfa.rs",
    "crates/changelog/src/cloudtrail.rs",
    "crates/changelog/src/s3.rs",
    "crates/ecs/src/api.rs",
    "crates/ecs/src/api/shapes.rs",
    "crates/logs/src/cloudwatch.rs",
    "crates/specs/src/ecr.rs",
];

/// What may stand only in some places: the words, the places, and the rule.
const ONLY_IN: &[(&[&str], &[&str], &str)] = &[
    (
        &["println!", "print!(", "eprintln!", "eprint!(", "io::stdout()", "io::stderr()", "dbg!("],
        &["crates/output/"],
        "2: only output writes to stdout or stderr",
    ),
    (
        &["process::exit", "process::abort"],
        &["crates/oncall/src/main.rs"],
        "2: only main ends the process",
    ),
    (&["aws_sdk_"], OUTWARD, "3: SDK types stay in a crate's outward file"),
    (
        &["aws_config::defaults", "SdkConfig::builder", "aws_smithy_http_client"],
        &["crates/aws/"],
        "3: only aws builds an SDK configuration or an HTTP client for AWS",
    ),
    (
        &["hyper_util::client", "hyper_rustls", "ClientConfig", "reqwest", "ureq::"],
        &["crates/http/"],
        "3: only http builds another HTTP client",
    ),
    (
        &["hyper::", "hyper_util"],
        &["crates/http/", "crates/simulator/"],
        "3: the HTTP library stays in http, and in the simulator, which serves",
    ),
    (
        &["post_json("],
        &["crates/http/", "crates/changelog/src/jira/api.rs"],
        "7: outside of AWS, only Jira's questions are POSTs",
    ),
    (
        &["Method::PUT", "Method::PATCH", "Method::DELETE"],
        &["crates/simulator/"],
        "7: nothing of ours writes",
    ),
    (
        &["SystemTime::now", "Timestamp::now", "Zoned::now", "env::var", "getrandom", "rand::"],
        &["crates/oncall/src/context.rs"],
        "4: only context.rs reads the clock, the environment or randomness",
    ),
];

/// What may not be in some crates at all.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    ("simulator", &["aws-"], "5: the simulator shares nothing with the SDK"),
    ("changelog", &["clap", "anyhow"], "1: a capability knows no command line"),
    ("logs", &["clap", "anyhow"], "1: a capability knows no command line"),
    ("specs", &["clap", "anyhow"], "1: a capability knows no command line"),
    ("ecs", &["clap", "anyhow"], "1: a capability knows no command line"),
];

const NAMELESS: &[&str] = &["common", "util", "utils", "core", "helpers"];

struct House {
    /// Each crate and its dependencies (not those of its tests).
    crates: BTreeMap<String, BTreeSet<String>>,
    /// The folder of each crate, by its path in the workspace.
    folders: BTreeMap<String, String>,
    /// Each source file, by its path in the workspace, without its tests.
    files: BTreeMap<String, String>,
}

impl House {
    fn ours() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let metadata = Command::new(env!("CARGO"))
            .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
            .current_dir(&root)
            .output()
            .unwrap();
        let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
        let (mut crates, mut places) = (BTreeMap::new(), BTreeMap::new());
        let canonical = root.canonicalize().unwrap();
        for package in metadata["packages"].as_array().unwrap() {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let real = dependencies.filter(|dependency| dependency["kind"].is_null());
            let names = real.map(|dependency| dependency["name"].as_str().unwrap().to_owned());
            let name = package["name"].as_str().unwrap().to_owned();
            crates.insert(name.clone(), names.collect());
            let manifest = Path::new(package["manifest_path"].as_str().unwrap());
            places.insert(name, short(&canonical, manifest.parent().unwrap()));
        }
        let mut files = BTreeMap::new();
        let mut folders = vec![root.join("crates")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    let name = short(&root, &path);
                    if name.contains("/src/") {
                        let text = std::fs::read_to_string(&path).unwrap();
                        files.insert(name, text);
                    }
                }
            }
        }
        let test_modules: Vec<String> =
            files.keys().flat_map(|path| test_modules(&files, path)).collect();
        files.retain(|path, _| !test_modules.contains(path));
        for text in files.values_mut() {
            *text = without_tests_and_comments(text);
        }
        assert!(files.len() > 50, "the sources were not found");
        Self { crates, folders: places, files }
    }

    fn broken_rules(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for (name, dependencies) in &self.crates {
            if NAMELESS.contains(&name.as_str()) {
                broken.push(format!("8: a crate called {name}"));
            }
            let peer = PEERS.contains(&name.as_str())
                && self.folders.get(name).is_some_and(|folder| folder.starts_with("benches/"));
            let allowed = match ARROWS.iter().find(|(known, _)| known == name) {
                Some((_, allowed)) => *allowed,
                None if peer => &[],
                None => {
                    broken.push(format!("{name} is not on the list of arrows"));
                    continue;
                }
            };
            let ours = dependencies.iter().filter(|name| self.crates.contains_key(*name));
            for dependency in ours.filter(|dependency| !allowed.contains(&dependency.as_str())) {
                broken.push(format!("1: {name} depends on {dependency}"));
            }
            for (crate_name, prefixes, rule) in FORBIDDEN {
                let found = dependencies.iter().find(|dependency| {
                    name == crate_name
                        && prefixes.iter().any(|prefix| dependency.starts_with(prefix))
                });
                broken.extend(found.map(|found| format!("{rule}: {name} depends on {found}")));
            }
        }
        for (path, text) in &self.files {
            for (words, places, rule) in ONLY_IN {
                if places.iter().any(|place| path.starts_with(place)) {
                    continue;
                }
                let found = words.iter().find(|word| says(text, word));
                broken.extend(found.map(|word| format!("{rule}: `{word}` in {path}")));
            }
        }
        broken.extend(self.drills_that_look_outside());
        broken.extend(self.operations_that_are_not_listed());
        broken
    }

    /// 6: the door to a drill is built without profiles, the environment or a proxy.
    fn drills_that_look_outside(&self) -> Vec<String> {
        let text = &self.files["crates/aws/src/configuration.rs"];
        let drill = text.split("pub(crate) fn drill(").nth(1).unwrap_or_default();
        let drill = drill.split("\n}\n").next().unwrap_or_default();
        assert!(drill.contains("endpoint_url"), "the drill's configuration was not found");
        let client = &self.files["crates/http/src/client.rs"];
        let client = client.split("pub fn to_drill(").nth(1).unwrap_or_default();
        let client = client.split("\n    }\n").next().unwrap_or_default();
        assert!(client.contains("Names::Loopback"), "the drill's client was not found");
        let outside = ["profiles", "environment", "ProxyConfig", "aws_config::", "https_client"];
        let outside = outside.iter().filter(|word| drill.contains(*word));
        let of_client = ["options.proxies", "ca_bundle", "platform", "System", "false"];
        let of_client = of_client.iter().filter(|word| client.contains(*word));
        outside.chain(of_client).map(|word| format!("6: a drill looks at `{word}`")).collect()
    }

    /// 7: every operation that an outward file sends is on the list, and is sent through the door.
    fn operations_that_are_not_listed(&self) -> Vec<String> {
        let list = &self.files["crates/aws/src/operations.rs"];
        let mut broken = Vec::new();
        for path in OUTWARD {
            let Some(text) = self.files.get(*path) else { continue };
            let flat: String = text.split_whitespace().collect();
            let calls =
                flat.match_indices("lient.").chain(flat.match_indices("Client::new(&config)."));
            for (at, word) in calls {
                let rest = &flat[at + word.len()..];
                let method: String =
                    rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                if !rest[method.len()..].starts_with("()") {
                    continue;
                }
                let camel: String =
                    method.split('_').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
                if !list.contains(&format!("Self::{camel},")) {
                    broken.push(format!("7: {camel} in {path} is not on the list of operations"));
                }
            }
        }
        broken
    }
}

/// Whether a text has this, and not as the end of a longer name: `operand::` is not `rand::`.
fn says(text: &str, word: &str) -> bool {
    let in_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(in_a_name))
}

fn short(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap().display().to_string()
}

/// The files of the modules that a file declares for tests only.
fn test_modules(files: &BTreeMap<String, String>, path: &str) -> Vec<String> {
    let folder =
        path.trim_end_matches("/lib.rs").trim_end_matches("/mod.rs").trim_end_matches(".rs");
    let declared = files[path].split("#[cfg(test)]\nmod ").skip(1);
    declared
        .filter_map(|rest| rest.split_once(';'))
        .filter(|(name, _)| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .map(|(name, _)| format!("{folder}/{name}.rs"))
        .collect()
}

/// Rules are about the product: tests may do what they need, and comments may name things.
fn without_tests_and_comments(text: &str) -> String {
    let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = product.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn no_rule_is_broken() {
    assert_eq!(House::ours().broken_rules(), Vec::<String>::new());
}

#[test]
fn each_rule_notices_when_it_is_broken() {
    let broken = |change: &dyn Fn(&mut House)| {
        let mut house = House::ours();
        change(&mut house);
        house.broken_rules().join("\n")
    };
    let arrow = |from: &'static str, to: &'static str| {
        broken(&move |house: &mut House| {
            house.crates.get_mut(from).unwrap().insert(to.to_owned());
        })
    };
    let line = |path: &'static str, text: &'static str| {
        broken(&move |house: &mut House| house.files.get_mut(path).unwrap().push_str(text))
    };
    assert_eq!(arrow("logs", "output"), "1: logs depends on output");
    assert!(arrow("logs", "clap").starts_with("1: "));
    assert_eq!(arrow("record", "aws"), "1: record depends on aws");
    assert_eq!(arrow("bare-loop", "aws"), "1: bare-loop depends on aws");
    assert_eq!(arrow("logs", "bare-loop"), "1: logs depends on bare-loop");
    let moved = broken(&|house: &mut House| {
        house.folders.insert("bare-loop".to_owned(), "crates/bare-loop".to_owned());
    });
    assert_eq!(moved, "bare-loop is not on the list of arrows");
    assert!(arrow("simulator", "aws-smithy-types").starts_with("5: "));
    assert!(line("crates/logs/src/stream.rs", "println!(\"x\")").starts_with("2: "));
    assert!(line("crates/logs/src/stream.rs", "eprint!(\"x\")").starts_with("2: "));
    assert!(line("crates/logs/src/stream.rs", "std::process::exit(1)").starts_with("2: "));
    assert!(line("crates/logs/src/stream.rs", "use aws_sdk_ecs::Client;").starts_with("3: "));
    assert!(line("crates/ecs/src/fleet.rs", "aws_config::defaults()").starts_with("3: "));
    assert!(line("crates/logs/src/stream.rs", "use reqwest::Client;").starts_with("3: "));
    assert!(line("crates/aws/src/door.rs", "hyper_util::client::legacy").starts_with("3: "));
    assert!(line("crates/simulator/src/lib.rs", "hyper_util::client::legacy").starts_with("3: "));
    assert!(line("crates/changelog/src/lib.rs", "use hyper::Uri;").starts_with("3: "));
    assert!(line("crates/logs/src/stream.rs", "Timestamp::now()").starts_with("4: "));
    assert!(line("crates/aws/src/door.rs", "std::env::var(\"X\")").starts_with("4: "));
    assert!(line("crates/aws/src/door.rs", "rand::random()").starts_with("4: "));
    assert_eq!(line("crates/aws/src/door.rs", "operand::parse()"), "");
    assert!(
        line("crates/logs/src/cloudwatch.rs", "self.client.delete_log_group().send()")
            .starts_with("7: DeleteLogGroup")
    );
    assert!(
        line("crates/specs/src/ecr.rs", "client.batch_get_image().send()")
            .starts_with("7: BatchGetImage")
    );
    assert!(
        line("crates/changelog/src/tfe/api.rs", "Request::post_json(address)").starts_with("7: ")
    );
    assert!(line("crates/http/src/request.rs", "method: Method::DELETE").starts_with("7: "));
    assert_eq!(arrow("specs", "logs"), "1: specs depends on logs");
    assert_eq!(arrow("changelog", "specs"), "1: changelog depends on specs");
    assert_eq!(arrow("http", "aws"), "1: http depends on aws");
    let outside = broken(&|house: &mut House| {
        let text = house.files.get_mut("crates/aws/src/configuration.rs").unwrap();
        let proxy = ".endpoint_url(endpoint).proxy(ProxyConfig::from_env())";
        *text = text.replace(".endpoint_url(endpoint)", proxy);
    });
    assert!(outside.starts_with("6: "), "{outside}");
    let outside = broken(&|house: &mut House| {
        let text = house.files.get_mut("crates/http/src/client.rs").unwrap();
        *text = text.replace("Proxies::none()", "options.proxies.clone()");
    });
    assert!(outside.starts_with("6: "), "{outside}");
    let room = broken(&|house: &mut House| {
        house.crates.insert("util".to_owned(), BTreeSet::new());
    });
    assert!(room.contains("8: a crate called util"));
}
