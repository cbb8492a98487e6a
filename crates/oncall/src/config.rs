//! `config.toml`: defaults, and names for sets of targets. Every key is known; another is an error
//! with the nearest name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// What the configuration says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Config {
    /// `profile`: the AWS profile where no flag and no `AWS_PROFILE` says one.
    pub(crate) profile: Option<String>,
    /// `region`: the region where no flag, environment or profile says one.
    pub(crate) region: Option<String>,
    /// `output`: the form on a terminal. A pipe always gets JSON Lines.
    pub(crate) output: Option<String>,
    /// `timezone`: an IANA name.
    pub(crate) timezone: Option<String>,
    /// `budget`: as `--budget`.
    pub(crate) budget: Option<String>,
    /// `default_target`: what `oncall logs` reads when nothing is named.
    pub(crate) default_target: Option<String>,
    /// `[target.NAME]`: sets of targets.
    pub(crate) targets: BTreeMap<String, TargetSet>,
}

/// A named set of targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TargetSet {
    /// `services = ["prod/api"]`
    pub(crate) services: Vec<String>,
    /// `groups = ["/aws/lambda/*"]`: names, globs and ARNs.
    pub(crate) groups: Vec<String>,
}

/// A configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("the configuration {} cannot be read: {problem}", path.display())]
    Unreadable { path: PathBuf, problem: String },
    #[error("the configuration {} is not TOML at line {line}, column {column}: {problem}", path.display())]
    NotToml { path: PathBuf, line: usize, column: usize, problem: String },
    #[error("the configuration {} has an unknown key `{key}`", path.display())]
    UnknownKey { path: PathBuf, key: String, nearest: Option<String> },
    #[error("in the configuration {}, `{key}` must be {expected}", path.display())]
    WrongType { path: PathBuf, key: String, expected: &'static str },
}

impl ConfigError {
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey { nearest: Some(nearest), .. } => {
                Some(format!("did you mean `{nearest}`?"))
            }
            _ => None,
        }
    }
}

const KEYS: [&str; 7] =
    ["profile", "region", "output", "timezone", "budget", "default_target", "target"];
const TARGET_KEYS: [&str; 2] = ["services", "groups"];

impl Config {
    /// Reads the file; one that does not exist says nothing.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => {
                Err(ConfigError::Unreadable { path: path.to_owned(), problem: error.to_string() })
            }
        }
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let table: Table = toml::from_str(text).map_err(|error| not_toml(path, text, &error))?;
        let reader = Reader { path };
        reader.only(&table, "", &KEYS)?;
        let mut config = Self {
            profile: reader.text(&table, "profile")?,
            region: reader.text(&table, "region")?,
            output: reader.text(&table, "output")?,
            timezone: reader.text(&table, "timezone")?,
            budget: reader.text(&table, "budget")?,
            default_target: reader.text(&table, "default_target")?,
            targets: BTreeMap::new(),
        };
        if let Some(targets) = table.get("target") {
            for (name, set) in reader.table(targets, "target")? {
                let prefix = format!("target.{name}.");
                let set = reader.table(set, &format!("target.{name}"))?;
                reader.only(set, &prefix, &TARGET_KEYS)?;
                let set = TargetSet {
                    services: reader.texts(set, &prefix, "services")?,
                    groups: reader.texts(set, &prefix, "groups")?,
                };
                config.targets.insert(name.clone(), set);
            }
        }
        Ok(config)
    }
}

struct Reader<'a> {
    path: &'a Path,
}

impl Reader<'_> {
    fn only(&self, table: &Table, prefix: &str, known: &[&str]) -> Result<(), ConfigError> {
        let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) else {
            return Ok(());
        };
        let nearest = spelling::nearest(key, known.iter().copied());
        Err(ConfigError::UnknownKey {
            path: self.path.to_owned(),
            key: format!("{prefix}{key}"),
            nearest: nearest.map(|nearest| format!("{prefix}{nearest}")),
        })
    }

    fn text(&self, table: &Table, key: &str) -> Result<Option<String>, ConfigError> {
        match table.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Integer(number)) if key == "budget" => Ok(Some(number.to_string())),
            Some(_) => Err(self.wrong(key, "a text")),
        }
    }

    fn texts(&self, table: &Table, prefix: &str, key: &str) -> Result<Vec<String>, ConfigError> {
        let wrong = || self.wrong(&format!("{prefix}{key}"), "a list of texts");
        let Some(value) = table.get(key) else { return Ok(Vec::new()) };
        let list = value.as_array().ok_or_else(wrong)?;
        list.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
    }

    fn table<'v>(&self, value: &'v Value, key: &str) -> Result<&'v Table, ConfigError> {
        value.as_table().ok_or_else(|| self.wrong(key, "a table"))
    }

    fn wrong(&self, key: &str, expected: &'static str) -> ConfigError {
        ConfigError::WrongType { path: self.path.to_owned(), key: key.to_owned(), expected }
    }
}

fn not_toml(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let offset = error.span().map_or(0, |span| span.start);
    let before = text.get(..offset).unwrap_or_default();
    ConfigError::NotToml {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
        problem: error.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(Path::new("config.toml"), text)
    }

    #[test]
    fn a_set_of_targets_has_a_name() {
        let config = parse("region = \"eu-west-1\"\n[target.shop]\nservices = [\"prod/api\"]\n");
        let config = config.unwrap();
        assert_eq!(config.region.as_deref(), Some("eu-west-1"));
        assert_eq!(config.targets["shop"].services, ["prod/api"]);
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let error = parse("[target.shop]\nservice = [\"api\"]\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the configuration config.toml has an unknown key `target.shop.service`"
        );
        assert_eq!(error.hint().as_deref(), Some("did you mean `target.shop.services`?"));
    }

    #[test]
    fn a_mistake_in_the_toml_has_a_line_and_a_column() {
        let error = parse("region = \"x\"\nprofile = \n").unwrap_err();
        assert!(error.to_string().contains("line 2, column"), "{error}");
    }

    #[test]
    fn a_wrong_type_says_what_is_expected() {
        let error = parse("region = 5").unwrap_err();
        assert_eq!(error.to_string(), "in the configuration config.toml, `region` must be a text");
    }
}
