//! Where a request goes, and how much of it may be shown.

use std::fmt;

use url::{Host, Origin, Url};

use crate::error::{Cause, Error};

/// An `http` or `https` URL. Its `Debug` and `Display` forms leave the query out; those of a private link
/// show its origin only.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    /// Whether the URL itself is a key to what it names.
    private: bool,
}

impl Address {
    /// Reads an address that may be shown, such as `https://app.terraform.io`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text, false)
    }

    /// Reads a link that is itself a key, such as the `log-read-url` of a run.
    pub fn private(text: &str) -> Result<Self, Error> {
        Self::read(text, true)
    }

    fn read(text: &str, private: bool) -> Result<Self, Error> {
        let unusable = |problem: &'static str| Error::setup(Cause::NotAnAddress { problem });
        let url = Url::parse(text.trim()).map_err(|_| unusable("it is no URL"))?;
        let address = Self { url, private };
        address.check().map_err(unusable)?;
        Ok(address)
    }

    fn check(&self) -> Result<(), &'static str> {
        if !matches!(self.url.scheme(), "http" | "https") {
            return Err("it begins with neither https:// nor http://");
        }
        if !self.url.username().is_empty() || self.url.password().is_some() {
            return Err("it has a user name or a password in it");
        }
        match self.url.host() {
            Some(_) => Ok(()),
            None => Err("it names no host"),
        }
    }

    /// The address below this one: each segment is one part of the path, whatever is in it.
    #[must_use]
    pub fn join(&self, segments: &[&str]) -> Self {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        Self { url, private: self.private }
    }

    /// The same address with one more parameter of its query.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// The host, without its port.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The host, and its port where that is not the usual one of its scheme.
    pub fn authority(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    pub(crate) fn origin(&self) -> Origin {
        self.url.origin()
    }

    /// Whether it is an `https` address.
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(crate) fn is_private(&self) -> bool {
        self.private
    }

    /// Whether it leads to this machine. Names below `localhost` do, by RFC 6761.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }

    /// Where a redirect from here leads. What a server redirects to may be a key: it is private.
    pub(crate) fn redirected(&self, location: &str) -> Result<Self, &'static str> {
        let url = self.url.join(location).map_err(|_| "its location is no URL")?;
        let mut address = Self { url, private: true };
        address.url.set_fragment(None);
        address.check()?;
        Ok(address)
    }

    /// The whole URL, for the request line and for nothing else.
    pub(crate) fn expose(&self) -> &str {
        self.url.as_str()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin().ascii_serialization();
        match self.private {
            true => write!(f, "a private link at {origin}"),
            false => write!(f, "{origin}{}", self.url.path()),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_and_parameters_are_encoded_where_they_go() {
        let base = Address::parse("https://tfe.example.org/proxied/").unwrap();
        let runs = base.join(&["api", "v2", "a/b", "runs"]).query("page[size]", "100");
        assert_eq!(
            runs.expose(),
            "https://tfe.example.org/proxied/api/v2/a%2Fb/runs?page%5Bsize%5D=100"
        );
    }

    #[test]
    fn a_query_is_not_shown_and_of_a_private_link_only_its_origin_is() {
        let shown = Address::parse("https://a.example:8443/x").unwrap().query("token", "s3cret");
        assert_eq!(
            format!("{shown} {shown:?}"),
            "https://a.example:8443/x Address(https://a.example:8443/x)"
        );
        let link = Address::private("https://archivist.example/v1/object/s3cret?x=s3cret").unwrap();
        assert_eq!(link.to_string(), "a private link at https://archivist.example");
        assert!(!format!("{link:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        for text in
            ["tfe.example", "ftp://tfe.example", "https://me:s3cret@tfe.example", "https://"]
        {
            let error = Address::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
    }

    #[test]
    fn loopback_is_this_machine_by_number_or_by_a_name_below_localhost() {
        let loopback = |text: &str| Address::parse(text).unwrap().is_loopback();
        assert!(loopback("http://127.0.0.1:80") && loopback("http://127.8.8.8"));
        assert!(loopback("http://[::1]:80") && loopback("http://archivist.localhost:9"));
        assert!(!loopback("http://10.0.0.1") && !loopback("http://localhost.example.org"));
    }
}
