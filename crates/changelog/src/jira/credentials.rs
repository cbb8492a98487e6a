//! Whom to ask and how to log in: the variables that Jira's other tools read (pure).

use http::{Address, Secret};

/// What the user said on the command line or in the configuration.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// An address, such as `https://acme.atlassian.net`.
    pub address: Option<String>,
    /// The e-mail address of the login, for Cloud.
    pub email: Option<String>,
    /// A token.
    pub token: Option<Secret>,
    /// Which Jira it is, where that cannot be told.
    pub deployment: Option<Deployment>,
}

/// Which Jira.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployment {
    /// Atlassian's own, with version 3 of the API.
    Cloud,
    /// One's own, with version 2.
    DataCenter,
}

/// How to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// An e-mail address (or, in Data Center, a name) and an API token: `Basic`.
    Basic {
        /// Whose.
        name: String,
        /// The token.
        token: Secret,
    },
    /// A personal access token: `Bearer`.
    Bearer(Secret),
}

/// Whom to ask, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The address, without `/rest`.
    pub address: Address,
    /// How to log in.
    pub login: Login,
    /// Which Jira it is.
    pub deployment: Deployment,
}

/// Why there is no access.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Nobody said where Jira is.
    #[error("no address of Jira is set")]
    NoAddress,
    /// The address is none.
    #[error("the address of Jira: {0}")]
    Address(http::Error),
    /// There is no token.
    #[error("there is no token for Jira at {host}")]
    NoToken {
        /// The host.
        host: String,
    },
    /// Cloud knows a token only with the e-mail address that it belongs to.
    #[error("there is no e-mail address for the token of Jira at {host}")]
    NoEmail {
        /// The host.
        host: String,
    },
}

impl CredentialsError {
    /// The next thing to type.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoAddress | Self::Address(_) => {
                "set JIRA_BASE_URL, such as https://acme.atlassian.net"
            }
            Self::NoToken { .. } => {
                "set JIRA_EMAIL and JIRA_API_TOKEN (Cloud), or JIRA_PAT (Data Center)"
            }
            Self::NoEmail { .. } => "set JIRA_EMAIL",
        }
    }
}

/// Whom to ask and how: what was said, then `JIRA_BASE_URL`, `JIRA_EMAIL`, `JIRA_API_TOKEN` and `JIRA_PAT`.
///
/// A host of Atlassian's is Cloud. Elsewhere, an e-mail address is Cloud's way of logging in, and a token
/// alone is Data Center's, unless it is said which Jira it is.
pub fn access(
    said: &Said,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Access, CredentialsError> {
    let set = |name: &str| {
        variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let text = said.address.clone().or_else(|| set("JIRA_BASE_URL"));
    let text = text.ok_or(CredentialsError::NoAddress)?;
    let text = if text.contains("://") { text } else { format!("https://{text}") };
    let address = Address::parse(&text).map_err(CredentialsError::Address)?;
    let host = address.authority();
    let email = said.email.clone().or_else(|| set("JIRA_EMAIL"));
    let is_of_atlassian = ["atlassian.net", "jira.com"].iter().any(|domain| {
        let name = address.host().strip_suffix(domain);
        name.is_some_and(|name| name.ends_with('.'))
    });
    let deployment = said.deployment.unwrap_or(match is_of_atlassian || email.is_some() {
        true => Deployment::Cloud,
        false => Deployment::DataCenter,
    });
    let names = match deployment {
        Deployment::Cloud => ["JIRA_API_TOKEN", "JIRA_PAT"],
        Deployment::DataCenter => ["JIRA_PAT", "JIRA_API_TOKEN"],
    };
    let token =
        said.token.clone().or_else(|| names.iter().find_map(|name| set(name)).map(Secret::new));
    let token = token.filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| CredentialsError::NoToken { host: host.clone() })?;
    let login = match (deployment, email) {
        (_, Some(name)) => Login::Basic { name, token },
        (Deployment::DataCenter, None) => Login::Bearer(token),
        (Deployment::Cloud, None) => return Err(CredentialsError::NoEmail { host }),
    };
    Ok(Access { address, login, deployment })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(said: &Said, variables: &[(&str, &str)]) -> Result<Access, CredentialsError> {
        access(said, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn cloud_logs_in_with_an_address_and_a_token() {
        let variables = [
            ("JIRA_BASE_URL", "https://acme.atlassian.net"),
            ("JIRA_EMAIL", "me@acme.example"),
            ("JIRA_API_TOKEN", "t"),
        ];
        let found = find(&Said::default(), &variables).unwrap();
        let name = "me@acme.example".to_owned();
        assert_eq!(found.login, Login::Basic { name, token: Secret::new("t") });
        assert_eq!(found.deployment, Deployment::Cloud);
        let no_email = [variables[0], variables[2]];
        let error = find(&Said::default(), &no_email).unwrap_err();
        assert_eq!(error, CredentialsError::NoEmail { host: "acme.atlassian.net".to_owned() });
    }

    #[test]
    fn data_center_logs_in_with_a_token_alone() {
        let variables = [("JIRA_BASE_URL", "https://jira.acme.example/jira"), ("JIRA_PAT", "t")];
        let found = find(&Said::default(), &variables).unwrap();
        assert_eq!(found.login, Login::Bearer(Secret::new("t")));
        assert_eq!(found.deployment, Deployment::DataCenter);
    }

    #[test]
    fn what_was_said_wins_over_the_environment_and_over_guesses() {
        let variables = [("JIRA_BASE_URL", "https://acme.atlassian.net"), ("JIRA_API_TOKEN", "t")];
        let said = Said {
            address: Some("jira.example".to_owned()),
            email: Some("me".to_owned()),
            token: Some(Secret::new("s3cret")),
            deployment: Some(Deployment::DataCenter),
        };
        let found = find(&said, &variables).unwrap();
        assert_eq!(found.address.to_string(), "https://jira.example/");
        assert_eq!(found.deployment, Deployment::DataCenter);
        assert!(!format!("{said:?} {found:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_missing_is_said_with_the_variable_to_set() {
        let error = find(&Said::default(), &[]).unwrap_err();
        assert!(error.hint().contains("JIRA_BASE_URL"));
        let error = find(&Said::default(), &[("JIRA_BASE_URL", "jira.example")]).unwrap_err();
        assert_eq!(error, CredentialsError::NoToken { host: "jira.example".to_owned() });
        let lookalike = [("JIRA_BASE_URL", "https://evilatlassian.net"), ("JIRA_PAT", "t")];
        let found = find(&Said::default(), &lookalike).unwrap();
        assert_eq!(found.deployment, Deployment::DataCenter);
    }
}
