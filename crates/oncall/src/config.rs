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
    /// `[target.NAME]` and `[system.NAME]`: sets with a name.
    pub(crate) targets: BTreeMap<String, TargetSet>,
    /// `[changelog]`
    pub(crate) changelog: ChangelogConfig,
    /// `[terraform]`
    pub(crate) terraform: TerraformConfig,
    /// `[jira]`
    pub(crate) jira: JiraConfig,
    /// `[[s3_state]]`: where states are kept.
    pub(crate) s3_states: Vec<StatePlace>,
}

/// A named set: a target of logs and specs, a system of changelog.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TargetSet {
    /// `services = ["prod/api"]`
    pub(crate) services: Vec<String>,
    /// `groups = ["/aws/lambda/*"]`: names, globs and ARNs.
    pub(crate) groups: Vec<String>,
    /// `workspaces = ["api-prod"]`: of Terraform, or the states of its workspaces.
    pub(crate) workspaces: Vec<String>,
    /// `tags = ["team:ingest"]`: of Terraform's workspaces.
    pub(crate) tags: Vec<String>,
    /// `environment = "prod"`
    pub(crate) environment: Option<String>,
}

/// What `oncall changelog` does where no flag says it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ChangelogConfig {
    /// `sources = ["terraform", "ecs"]`: as `--source`.
    pub(crate) sources: Vec<String>,
}

/// HCP Terraform or Terraform Enterprise. Tokens are where Terraform keeps them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TerraformConfig {
    /// `address = "https://tfe.example.org"`
    pub(crate) address: Option<String>,
    /// `organizations = ["acme"]`
    pub(crate) organizations: Vec<String>,
}

/// Jira. The token is in the environment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct JiraConfig {
    /// `address = "https://acme.atlassian.net"`
    pub(crate) address: Option<String>,
    /// `email = "ada@example.org"`
    pub(crate) email: Option<String>,
    /// `deployment = "cloud"` or `"data-center"`, where that cannot be told.
    pub(crate) deployment: Option<String>,
    /// `projects = ["OPS"]`: whose keys are tickets.
    pub(crate) projects: Vec<String>,
    /// `types = ["Change"]`: which issues are changes.
    pub(crate) types: Vec<String>,
    /// `approved_statuses = ["Approved"]`
    pub(crate) approved_statuses: Vec<String>,
    /// `approval_field`, `window_start_field`, …: the names of fields, by what they say.
    pub(crate) fields: BTreeMap<&'static str, String>,
}

/// Where states are kept in S3.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StatePlace {
    /// `bucket = "acme-states"`
    pub(crate) bucket: String,
    /// `prefix = "prod/"`: of the keys, or a whole key.
    pub(crate) prefix: Option<String>,
    /// `profile = "audit"`
    pub(crate) profile: Option<String>,
    /// `region = "eu-west-1"`
    pub(crate) region: Option<String>,
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
    #[error("the configuration {} has both a target and a system called `{name}`", path.display())]
    NamedTwice { path: PathBuf, name: String },
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

const KEYS: [&str; 12] = [
    "profile",
    "region",
    "output",
    "timezone",
    "budget",
    "default_target",
    "target",
    "system",
    "changelog",
    "terraform",
    "jira",
    "s3_state",
];
const TARGET_KEYS: [&str; 5] = ["services", "groups", "workspaces", "tags", "environment"];
const CHANGELOG_KEYS: [&str; 1] = ["sources"];
const TERRAFORM_KEYS: [&str; 3] = ["address", "organization", "organizations"];
/// The keys of `[jira]` that name a field of a ticket.
pub(crate) const JIRA_FIELDS: [&str; 5] =
    ["approval_field", "effect_field", "rollback_field", "window_start_field", "window_end_field"];
const JIRA_KEYS: [&str; 11] = [
    "address",
    "email",
    "deployment",
    "projects",
    "types",
    "approved_statuses",
    JIRA_FIELDS[0],
    JIRA_FIELDS[1],
    JIRA_FIELDS[2],
    JIRA_FIELDS[3],
    JIRA_FIELDS[4],
];
const S3_STATE_KEYS: [&str; 4] = ["bucket", "prefix", "profile", "region"];

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
            changelog: reader.changelog(&table)?,
            terraform: reader.terraform(&table)?,
            jira: reader.jira(&table)?,
            s3_states: reader.s3_states(&table)?,
            targets: BTreeMap::new(),
        };
        for kind in ["target", "system"] {
            let Some(sets) = table.get(kind) else { continue };
            for (name, set) in reader.table(sets, kind)? {
                let set = reader.target_set(set, &format!("{kind}.{name}"))?;
                if config.targets.insert(name.clone(), set).is_some() {
                    return Err(ConfigError::NamedTwice {
                        path: path.to_owned(),
                        name: name.clone(),
                    });
                }
            }
        }
        Ok(config)
    }
}

struct Reader<'a> {
    path: &'a Path,
}

impl Reader<'_> {
    fn target_set(&self, value: &Value, name: &str) -> Result<TargetSet, ConfigError> {
        let prefix = format!("{name}.");
        let set = self.table(value, name)?;
        self.only(set, &prefix, &TARGET_KEYS)?;
        Ok(TargetSet {
            services: self.texts(set, &prefix, "services")?,
            groups: self.texts(set, &prefix, "groups")?,
            workspaces: self.texts(set, &prefix, "workspaces")?,
            tags: self.texts(set, &prefix, "tags")?,
            environment: self.text_of(set, &prefix, "environment")?,
        })
    }

    fn changelog(&self, table: &Table) -> Result<ChangelogConfig, ConfigError> {
        let Some(own) = self.section(table, "changelog", &CHANGELOG_KEYS)? else {
            return Ok(ChangelogConfig::default());
        };
        Ok(ChangelogConfig { sources: self.texts(own, "changelog.", "sources")? })
    }

    fn terraform(&self, table: &Table) -> Result<TerraformConfig, ConfigError> {
        let Some(own) = self.section(table, "terraform", &TERRAFORM_KEYS)? else {
            return Ok(TerraformConfig::default());
        };
        let mut organizations = self.texts(own, "terraform.", "organizations")?;
        organizations.extend(self.text_of(own, "terraform.", "organization")?);
        let address = self.text_of(own, "terraform.", "address")?;
        Ok(TerraformConfig { address, organizations })
    }

    fn jira(&self, table: &Table) -> Result<JiraConfig, ConfigError> {
        let Some(own) = self.section(table, "jira", &JIRA_KEYS)? else {
            return Ok(JiraConfig::default());
        };
        let text = |key: &str| self.text_of(own, "jira.", key);
        let texts = |key: &str| self.texts(own, "jira.", key);
        let mut fields = BTreeMap::new();
        for key in JIRA_FIELDS {
            fields.extend(text(key)?.map(|name| (key, name)));
        }
        let deployment = text("deployment")?;
        if deployment.as_deref().is_some_and(|word| !matches!(word, "cloud" | "data-center")) {
            return Err(self.wrong("jira.deployment", "`cloud` or `data-center`"));
        }
        Ok(JiraConfig {
            address: text("address")?,
            email: text("email")?,
            deployment,
            projects: texts("projects")?,
            types: texts("types")?,
            approved_statuses: texts("approved_statuses")?,
            fields,
        })
    }

    fn s3_states(&self, table: &Table) -> Result<Vec<StatePlace>, ConfigError> {
        let Some(value) = table.get("s3_state") else { return Ok(Vec::new()) };
        let places = match value {
            Value::Array(places) => places.iter().collect(),
            one => vec![one],
        };
        places.into_iter().map(|place| self.s3_state(place)).collect()
    }

    fn s3_state(&self, value: &Value) -> Result<StatePlace, ConfigError> {
        let place = self.table(value, "s3_state")?;
        self.only(place, "s3_state.", &S3_STATE_KEYS)?;
        let text = |key: &str| self.text_of(place, "s3_state.", key);
        let bucket = text("bucket")?.filter(|bucket| !bucket.is_empty());
        Ok(StatePlace {
            bucket: bucket.ok_or_else(|| self.wrong("s3_state.bucket", "the name of a bucket"))?,
            prefix: text("prefix")?,
            profile: text("profile")?,
            region: text("region")?,
        })
    }

    /// A table at the top, with known keys only.
    fn section<'v>(
        &self,
        table: &'v Table,
        name: &str,
        known: &[&str],
    ) -> Result<Option<&'v Table>, ConfigError> {
        let Some(value) = table.get(name) else { return Ok(None) };
        let own = self.table(value, name)?;
        self.only(own, &format!("{name}."), known)?;
        Ok(Some(own))
    }

    fn text_of(
        &self,
        table: &Table,
        prefix: &str,
        key: &str,
    ) -> Result<Option<String>, ConfigError> {
        match table.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(&format!("{prefix}{key}"), "a text")),
        }
    }

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
    fn a_system_is_a_set_too_and_has_one_name() {
        let config =
            parse("[system.ledger]\nworkspaces = [\"ledger-prod\"]\nenvironment = \"prod\"\n");
        assert_eq!(config.unwrap().targets["ledger"].workspaces, ["ledger-prod"]);
        let error = parse("[system.x]\n[target.x]\n").unwrap_err();
        assert!(error.to_string().contains("both a target and a system called `x`"), "{error}");
    }

    #[test]
    fn the_sources_of_changelog_are_configured_without_their_tokens() {
        let config = parse(
            "[terraform]\norganization = \"acme\"\n[jira]\nprojects = [\"OPS\"]\n\
             rollback_field = \"Back-out\"\n[[s3_state]]\nbucket = \"states\"\n",
        );
        let config = config.unwrap();
        assert_eq!(config.terraform.organizations, ["acme"]);
        assert_eq!(config.jira.fields["rollback_field"], "Back-out");
        assert_eq!(config.s3_states[0].bucket, "states");
        for (text, key) in [
            ("[jira]\ntoken = \"x\"\n", "jira.token"),
            ("[[s3_state]]\nprefix = \"x\"\n", "s3_state.bucket"),
            ("[jira]\ndeployment = \"server\"\n", "jira.deployment"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
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
