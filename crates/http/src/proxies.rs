//! Which proxy a request goes through: the environment's variables, read as curl reads them.

use std::fmt;
use std::sync::Arc;

use hyper::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

/// The proxies of an environment. Their addresses may have passwords in them, so none is ever shown.
#[derive(Clone, Default)]
pub struct Proxies(Option<Arc<Matcher>>);

impl Proxies {
    /// No proxy at all.
    pub fn none() -> Self {
        Self(None)
    }

    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` of an environment. The spelling in small
    /// letters goes first; `HTTP_PROXY` in capitals is not read, since a web server sets it from a header.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&str]| {
            let set = names.iter().filter_map(|name| variable(name));
            set.map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
        };
        let all = first(&["all_proxy", "ALL_PROXY"]);
        let https = first(&["https_proxy", "HTTPS_PROXY"]);
        let http = first(&["http_proxy"]);
        let none = first(&["no_proxy", "NO_PROXY"]);
        if all.is_none() && https.is_none() && http.is_none() {
            return Self::none();
        }
        let matcher = Matcher::builder()
            .all(all.unwrap_or_default())
            .https(https.unwrap_or_default())
            .http(http.unwrap_or_default())
            .no(none.unwrap_or_default());
        Self(Some(Arc::new(matcher.build())))
    }

    pub(crate) fn for_uri(&self, uri: &Uri) -> Option<Intercept> {
        self.0.as_ref()?.intercept(uri)
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Proxies(some)" } else { "Proxies(none)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&str, &str)], uri: &'static str) -> Option<String> {
        let proxies = Proxies::from_environment(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        proxies.for_uri(&Uri::from_static(uri)).map(|proxy| proxy.uri().to_string())
    }

    #[test]
    fn each_variable_is_for_its_scheme() {
        let https = [("HTTPS_PROXY", "http://proxy.example:3128")];
        assert_eq!(
            proxy(&https, "https://tfe.example/").as_deref(),
            Some("http://proxy.example:3128/")
        );
        assert_eq!(proxy(&https, "http://tfe.example/"), None);
        assert_eq!(proxy(&[("HTTP_PROXY", "http://p:1")], "http://tfe.example/"), None);
        assert!(proxy(&[("all_proxy", "p:1")], "http://tfe.example/").is_some());
        assert_eq!(proxy(&[], "https://tfe.example/"), None);
    }

    #[test]
    fn no_proxy_names_hosts_domains_and_networks() {
        let with = |none: &'static str| vec![("https_proxy", "http://p:1"), ("NO_PROXY", none)];
        assert_eq!(proxy(&with("tfe.example"), "https://tfe.example/"), None);
        assert_eq!(proxy(&with(".example"), "https://tfe.example/"), None);
        assert_eq!(proxy(&with("10.0.0.0/8"), "https://10.1.2.3/"), None);
        assert_eq!(proxy(&with("*"), "https://tfe.example/"), None);
        assert!(proxy(&with("other.example"), "https://tfe.example/").is_some());
    }

    #[test]
    fn a_password_is_not_shown() {
        let proxies = Proxies::from_environment(|_| Some("http://me:s3cret@p:1".to_owned()));
        assert_eq!(format!("{proxies:?}"), "Proxies(some)");
    }
}
