//! What the key of an object says (pure).

/// What the S3 backend puts before the key of every workspace but the default one, unless
/// `workspace_key_prefix` says another word.
pub(super) const WORKSPACES: &str = "env:/";

/// The key of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The key.
    pub(super) text: String,
    pub(super) name: Name,
}

/// What an object is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// `network/terraform.tfstate`
    State,
    /// Any name may be a state's: its content says it.
    Perhaps,
    /// No state.
    Other,
}

/// Endings of what stands beside states and is none.
const OTHERS: [&str; 22] = [
    ".tflock", ".tfplan", ".plan", ".zip", ".gz", ".tgz", ".tar", ".log", ".txt", ".md", ".html",
    ".csv", ".yaml", ".yml", ".tf", ".tfvars", ".hcl", ".sh", ".py", ".png", ".backup", "/",
];

impl Key {
    /// The key of an object.
    pub(super) fn of(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let name = match lower.ends_with(".tfstate") {
            true => Name::State,
            false if OTHERS.iter().any(|ending| lower.ends_with(ending)) => Name::Other,
            false => Name::Perhaps,
        };
        Self { text: text.to_owned(), name }
    }

    /// Whether it is under a prefix, in whatever workspace.
    pub(super) fn is_under(&self, prefix: &str) -> bool {
        self.in_workspace().map_or(self.text.as_str(), |(_, key)| key).starts_with(prefix)
    }

    fn in_workspace(&self) -> Option<(&str, &str)> {
        let (workspace, key) = self.text.strip_prefix(WORKSPACES)?.split_once('/')?;
        (!workspace.is_empty() && !key.is_empty()).then_some((workspace, key))
    }

    /// The key as the configuration says it, and the workspace where it is not the default one:
    /// `network/terraform.tfstate (workspace staging)`.
    pub(super) fn system(&self) -> String {
        match self.in_workspace() {
            Some((workspace, key)) => format!("{key} (workspace {workspace})"),
            None => self.text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_is_read_out_of_the_key() {
        let system = |key: &str| Key::of(key).system();
        assert_eq!(system("network/terraform.tfstate"), "network/terraform.tfstate");
        assert_eq!(
            system("env:/staging/network/terraform.tfstate"),
            "network/terraform.tfstate (workspace staging)"
        );
        assert_eq!(system("env:/terraform.tfstate"), "env:/terraform.tfstate");
    }

    #[test]
    fn what_may_be_a_state_is_told_by_its_ending() {
        let name = |key: &str| Key::of(key).name;
        assert_eq!(name("a/terraform.tfstate"), Name::State);
        assert_eq!(name("a/network"), Name::Perhaps);
        assert_eq!(name("a/state.json"), Name::Perhaps);
        assert_eq!(name("a/b.tfplan"), Name::Other);
        assert_eq!(name("a/"), Name::Other);
        assert_eq!(name("a/terraform.tfstate.tflock"), Name::Other);
    }

    #[test]
    fn a_prefix_holds_in_every_workspace() {
        assert!(Key::of("network/a.tfstate").is_under("network/"));
        assert!(Key::of("env:/staging/network/a.tfstate").is_under("network/"));
        assert!(!Key::of("env:/network/app/a.tfstate").is_under("network/"));
    }
}
