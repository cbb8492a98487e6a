//! Whom to ask and with which token: where Terraform's own tools keep them (pure).

use std::path::{Path, PathBuf};

use http::{Address, Secret};
use serde::Deserialize;

use super::hcl;

/// Where Terraform goes when nobody says otherwise.
const USUAL_HOST: &str = "app.terraform.io";

/// What the user said on the command line or in the configuration.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// An address (`https://tfe.example.org`) or a host alone.
    pub address: Option<String>,
    /// A token.
    pub token: Option<Secret>,
}

/// The world around: the whole environment, in its order, and the files that it names. Injected.
pub struct Files<'a> {
    /// The environment's variables. Of two with one meaning the last wins.
    pub variables: &'a [(String, String)],
    /// The home directory.
    pub home: Option<PathBuf>,
    /// Reads a file; `None` where there is none.
    pub read: &'a dyn Fn(&Path) -> std::io::Result<Option<String>>,
}

/// Whom to ask, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The address, without `/api/v2`.
    pub address: Address,
    /// The token.
    pub token: Secret,
    /// Where it was found.
    pub source: TokenSource,
}

/// Where a token was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// On the command line or in the configuration.
    Said,
    /// In this variable of the environment.
    Variable(String),
    /// In this file.
    File(PathBuf),
}

/// Why there is no access.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// No token for the host anywhere.
    #[error("there is no Terraform token for {host}")]
    NoToken {
        /// The host.
        host: String,
    },
    /// The address is none.
    #[error("{setting}: {error}")]
    Address {
        /// Which setting says it.
        setting: &'static str,
        /// Why not.
        error: http::Error,
    },
    /// A token would travel in the clear.
    #[error("{host} is asked over http, where everybody on the way can read the token")]
    InTheClear {
        /// The host.
        host: String,
    },
    /// A file of credentials cannot be read. What is in it is not repeated.
    #[error("{} cannot be read: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl CredentialsError {
    /// The next thing to type.
    pub fn hint(&self) -> String {
        match self {
            Self::NoToken { host } => format!("terraform login {host}, or set TFE_TOKEN"),
            Self::Address { error, .. } => error.hint().unwrap_or_default().to_owned(),
            Self::InTheClear { host } => format!("write it as https://{host}"),
            Self::File { .. } => "terraform login writes such a file anew".to_owned(),
        }
    }
}

/// Whom to ask and with what: what was said, then the environment, then Terraform's files.
pub fn access(said: &Said, files: &Files<'_>) -> Result<Access, CredentialsError> {
    let address = address(said, files)?;
    let host = address.authority();
    // A test's or a drill's server on this machine has no certificate.
    if !address.is_encrypted() && !address.is_loopback() {
        return Err(CredentialsError::InTheClear { host });
    }
    match token(&host, said, files)? {
        Some((token, source)) => Ok(Access { address, token, source }),
        None => Err(CredentialsError::NoToken { host }),
    }
}

/// The organisation: what was said, then what the `tfe` provider and the `cloud` block read.
pub fn organisation(said: Option<&str>, variables: &[(String, String)]) -> Option<String> {
    let said = said.map(str::to_owned).filter(|name| !name.is_empty());
    let names = ["TFE_ORGANIZATION", "TF_CLOUD_ORGANIZATION"];
    said.or_else(|| names.iter().find_map(|name| variable(variables, name)))
}

fn address(said: &Said, files: &Files<'_>) -> Result<Address, CredentialsError> {
    let settings = [
        ("the Terraform address", said.address.clone()),
        ("TFE_ADDRESS", variable(files.variables, "TFE_ADDRESS")),
        ("TFE_HOSTNAME", variable(files.variables, "TFE_HOSTNAME")),
        ("TF_CLOUD_HOSTNAME", variable(files.variables, "TF_CLOUD_HOSTNAME")),
    ];
    let set = settings.into_iter().find_map(|(setting, value)| Some((setting, value?)));
    let (setting, text) = set.unwrap_or(("the usual address", USUAL_HOST.to_owned()));
    let text = if text.contains("://") { text } else { format!("https://{text}") };
    Address::parse(&text).map_err(|error| CredentialsError::Address { setting, error })
}

fn token(
    host: &str,
    said: &Said,
    files: &Files<'_>,
) -> Result<Option<(Secret, TokenSource)>, CredentialsError> {
    let is_some = |token: &Secret| !token.is_empty();
    if let Some(token) = said.token.clone().filter(is_some) {
        return Ok(Some((token, TokenSource::Said)));
    }
    if let Some(token) = variable(files.variables, "TFE_TOKEN").map(Secret::new).filter(is_some) {
        return Ok(Some((token, TokenSource::Variable("TFE_TOKEN".to_owned()))));
    }
    let wanted = comparable(host);
    let of_host = files.variables.iter().rev().find(|(name, value)| {
        let decoded = decode_variable(name);
        !value.trim().is_empty() && decoded.is_some_and(|host| host == wanted)
    });
    if let Some((name, value)) = of_host {
        return Ok(Some((Secret::new(value), TokenSource::Variable(name.clone()))));
    }
    for path in credential_files(files) {
        let failed = |problem: String| CredentialsError::File { path: path.clone(), problem };
        let text = (files.read)(&path).map_err(|error| failed(error.to_string()))?;
        let Some(text) = text else { continue };
        let tokens = tokens_in(&text).map_err(failed)?;
        let found = tokens.into_iter().rev().find(|(host, _)| comparable(host) == wanted);
        if let Some((_, token)) = found.filter(|(_, token)| !token.is_empty()) {
            return Ok(Some((token, TokenSource::File(path))));
        }
    }
    Ok(None)
}

/// What Terraform reads: the file of `TF_CLI_CONFIG_FILE` and nothing else, or what `terraform login`
/// wrote, and then the user's own.
fn credential_files(files: &Files<'_>) -> Vec<PathBuf> {
    if let Some(path) = variable(files.variables, "TF_CLI_CONFIG_FILE") {
        return vec![PathBuf::from(path)];
    }
    let Some(home) = &files.home else { return Vec::new() };
    vec![home.join(".terraform.d").join("credentials.tfrc.json"), home.join(".terraformrc")]
}

fn variable(variables: &[(String, String)], name: &str) -> Option<String> {
    let of_name = variables.iter().rev().find(|(known, _)| known == name);
    of_name.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The host of a variable `TF_TOKEN_<host>`, as [`comparable`] writes it: `__` stands for a dash, and `_`
/// for a dot.
fn decode_variable(name: &str) -> Option<String> {
    let host = name.strip_prefix("TF_TOKEN_").filter(|host| !host.is_empty())?;
    Some(comparable(&host.replace("__", "-").replace('_', ".")))
}

/// A host so that two spellings of it are equal: in small letters and punycode, its usual port left out.
/// A variable cannot have a colon in its name, so that a port is written like one more part of the name.
fn comparable(host: &str) -> String {
    let host = host.trim().trim_end_matches(":443");
    if host.is_ascii() {
        return host.to_ascii_lowercase().replace(':', ".");
    }
    match Address::parse(&format!("https://{host}")) {
        Ok(address) => address.authority().replace(':', "."),
        Err(_) => host.to_lowercase(),
    }
}

/// The tokens of a file of Terraform's, which is JSON or HCL, in their order. An error never repeats what
/// the file says.
fn tokens_in(text: &str) -> Result<Vec<(String, Secret)>, String> {
    if !text.trim_start().starts_with('{') {
        return Ok(hcl::credentials(text));
    }
    let file: CredentialsFile = serde_json::from_str(text).map_err(|error| {
        format!("it is no JSON of credentials (line {}, column {})", error.line(), error.column())
    })?;
    let hosts = file.credentials.into_iter();
    Ok(hosts
        .filter_map(|(host, entry)| Some((host, Secret::new(entry.get("token")?.as_str()?))))
        .collect())
}

#[derive(Deserialize)]
struct CredentialsFile {
    #[serde(default)]
    credentials: serde_json::Map<String, serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use proptest::prelude::*;

    const LOGIN: &str = "/home/me/.terraform.d/credentials.tfrc.json";

    fn find(
        said: &Said,
        variables: &[(&str, &str)],
        files: &[(&str, &str)],
    ) -> Result<Access, CredentialsError> {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let files: BTreeMap<PathBuf, String> =
            files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect();
        access(
            said,
            &Files {
                variables: &variables,
                home: Some(PathBuf::from("/home/me")),
                read: &|path| Ok(files.get(path).cloned()),
            },
        )
    }

    fn login(host: &str, token: &str) -> String {
        serde_json::json!({"credentials": {host: {"token": token}}}).to_string()
    }

    fn source(found: &Result<Access, CredentialsError>) -> &TokenSource {
        &found.as_ref().unwrap().source
    }

    #[test]
    fn what_was_said_goes_first_then_the_environment_then_the_files() {
        let files = [(LOGIN, login(USUAL_HOST, "d"))];
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let said = Said { token: Some(Secret::new("a")), ..Said::default() };
        let all = [("TFE_TOKEN", "b"), ("TF_TOKEN_app_terraform_io", "c")];
        assert_eq!(find(&said, &all, &files).unwrap().token, Secret::new("a"));
        let found = find(&Said::default(), &all, &files).unwrap();
        assert_eq!(
            (found.token, found.source),
            (Secret::new("b"), TokenSource::Variable("TFE_TOKEN".into()))
        );
        assert_eq!(find(&Said::default(), &all[1..], &files).unwrap().token, Secret::new("c"));
        let found = find(&Said::default(), &[("TFE_TOKEN", " ")], &files);
        assert_eq!(*source(&found), TokenSource::File(LOGIN.into()));
        assert_eq!(found.unwrap().token, Secret::new("d"));
    }

    #[test]
    fn the_address_is_what_was_said_or_set_or_the_usual_one() {
        let address = |said: Option<&str>, variables: &[(&str, &str)]| {
            let token = Some(Secret::new("t"));
            let said = Said { address: said.map(str::to_owned), token };
            find(&said, variables, &[]).unwrap().address.to_string()
        };
        assert_eq!(address(None, &[]), "https://app.terraform.io/");
        assert_eq!(address(Some("app.eu.terraform.io"), &[]), "https://app.eu.terraform.io/");
        let set = [("TFE_ADDRESS", "https://tfe.example:8443"), ("TFE_HOSTNAME", "other.example")];
        assert_eq!(address(None, &set), "https://tfe.example:8443/");
        assert_eq!(address(None, &set[1..]), "https://other.example/");
    }

    #[test]
    fn a_token_does_not_travel_in_the_clear_except_within_this_machine() {
        let said = |address: &str| Said {
            address: Some(address.to_owned()),
            token: Some(Secret::new("t")),
        };
        assert!(find(&said("http://127.0.0.1:8080"), &[], &[]).is_ok());
        let clear = find(&said("http://tfe.example"), &[], &[]).unwrap_err();
        assert_eq!(clear, CredentialsError::InTheClear { host: "tfe.example".to_owned() });
    }

    #[test]
    fn variables_of_a_host_are_decoded_as_terraform_does() {
        let finds = |host: &str, name: &str| {
            let said = Said { address: Some(host.to_owned()), token: None };
            find(&said, &[(name, "t")], &[]).is_ok()
        };
        assert!(finds("tfe.example.org", "TF_TOKEN_tfe_example_org"));
        assert!(finds("tfe.example.org", "TF_TOKEN_TFE_Example_org"));
        assert!(finds("my-tfe.example", "TF_TOKEN_my__tfe_example"));
        assert!(finds("my-tfe.example", "TF_TOKEN_my-tfe_example"));
        assert!(finds("tfe.example:8443", "TF_TOKEN_tfe_example_8443"));
        assert!(finds("tfe.example:443", "TF_TOKEN_tfe_example"));
        assert!(finds(
            "bücher.example",
            "TF_TOKEN_xn____bcher--kva_example".replace("--", "__").as_str()
        ));
        assert!(finds("bücher.example", "TF_TOKEN_bücher_example"));
        assert!(!finds("tfe.example", "TF_TOKEN_other_example"));
        assert!(!finds("tfe.example", "TF_TOKEN_"));
    }

    #[test]
    fn of_two_variables_with_one_meaning_the_last_wins() {
        let variables = [("TF_TOKEN_app_terraform_io", "a"), ("TF_TOKEN_APP_terraform_io", "b")];
        assert_eq!(find(&Said::default(), &variables, &[]).unwrap().token, Secret::new("b"));
    }

    #[test]
    fn the_cli_configuration_file_replaces_the_usual_files_and_may_be_hcl() {
        let hcl = "credentials \"app.terraform.io\" {\n  token = \"x\"\n}\n";
        let login = login(USUAL_HOST, "y");
        let files = [("/etc/tf.rc", hcl), (LOGIN, login.as_str())];
        let set = [("TF_CLI_CONFIG_FILE", "/etc/tf.rc")];
        assert_eq!(find(&Said::default(), &set, &files).unwrap().token, Secret::new("x"));
        let elsewhere = [("TF_CLI_CONFIG_FILE", "/etc/none.rc")];
        assert!(find(&Said::default(), &elsewhere, &files).is_err());
        let own = [("/home/me/.terraformrc", hcl)];
        assert_eq!(find(&Said::default(), &[], &own).unwrap().token, Secret::new("x"));
    }

    #[test]
    fn a_broken_file_is_said_without_what_is_in_it() {
        let broken = r#"{"credentials": {"app.terraform.io": {"token": "s3cret"}}"#;
        let error = find(&Said::default(), &[], &[(LOGIN, broken)]).unwrap_err();
        let shown = format!("{error} {error:?} {}", error.hint());
        assert!(shown.contains("line 1") && !shown.contains("s3cret"), "{shown}");
        let odd = r#"{"credentials": "s3cret"}"#;
        let error = find(&Said::default(), &[], &[(LOGIN, odd)]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }

    #[test]
    fn without_a_token_the_hint_is_to_log_in() {
        let error = find(&Said::default(), &[], &[]).unwrap_err();
        assert_eq!(error.to_string(), "there is no Terraform token for app.terraform.io");
        assert_eq!(error.hint(), "terraform login app.terraform.io, or set TFE_TOKEN");
    }

    #[test]
    fn an_access_does_not_show_its_token() {
        let said = Said { token: Some(Secret::new("s3cret")), ..Said::default() };
        let shown = format!("{said:?} {:?}", find(&said, &[], &[]));
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn the_organisation_is_said_or_set() {
        let variables = [("TF_CLOUD_ORGANIZATION".to_owned(), "acme".to_owned())];
        assert_eq!(organisation(None, &variables).as_deref(), Some("acme"));
        assert_eq!(organisation(Some("other"), &variables).as_deref(), Some("other"));
        assert_eq!(organisation(None, &[]), None);
    }

    proptest! {
        #[test]
        fn each_host_is_found_by_its_encoding(host in "[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5})?(\\.[a-z]{2,6}){1,3}") {
            let name = format!("TF_TOKEN_{}", host.replace('-', "__").replace('.', "_"));
            prop_assert_eq!(decode_variable(&name), Some(host));
        }

        #[test]
        fn no_variable_and_no_file_panics(name in ".{0,40}", text in ".{0,80}") {
            decode_variable(&format!("TF_TOKEN_{name}"));
            let _ = tokens_in(&text);
        }
    }
}
