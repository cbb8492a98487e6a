//! Where a redirect leads, and what may go along (pure).

use hyper::Method;
use url::Origin;

use crate::address::Address;
use crate::error::Cause;

/// Redirects that one request follows at most.
const MOST: u32 = 5;

/// One sending of a request: the first, or what a redirect made of it.
#[derive(Clone, Debug)]
pub(crate) struct Hop {
    pub(crate) address: Address,
    pub(crate) method: Method,
    /// Whether the Authorization header goes along. Once it is left behind, it stays there.
    pub(crate) carries_token: bool,
    /// Redirects so far.
    pub(crate) redirects: u32,
}

impl Hop {
    pub(crate) fn first(address: Address, method: Method) -> Self {
        Self { address, method, carries_token: true, redirects: 0 }
    }

    /// The next sending, or why there is none.
    ///
    /// A token stays with its origin: scheme, host and port. So does the body of a POST, and nothing goes
    /// from https to http at all.
    pub(crate) fn follow(&self, status: u16, location: Option<&str>) -> Result<Self, Cause> {
        let refuse = |problem: &'static str| Cause::Redirect { problem };
        if self.redirects >= MOST {
            return Err(refuse("it was followed five times, and there was one more"));
        }
        let location = location.ok_or_else(|| refuse("it says no location"))?;
        let address = self.address.redirected(location).map_err(refuse)?;
        if self.address.is_encrypted() && !address.is_encrypted() {
            return Err(refuse("it leads from https to http"));
        }
        let stays = same(&self.address.origin(), &address.origin());
        let method = match (status, &self.method) {
            (303, _) => Method::GET,
            (_, method) => method.clone(),
        };
        if method == Method::POST && !stays {
            return Err(refuse("it leads a POST to another host"));
        }
        Ok(Self {
            address,
            method,
            carries_token: self.carries_token && stays,
            redirects: self.redirects + 1,
        })
    }
}

/// Origins of URLs without a host are all different, so they carry nothing either.
fn same(one: &Origin, other: &Origin) -> bool {
    one == other
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hop(address: &str) -> Hop {
        Hop::first(Address::parse(address).unwrap(), Method::GET)
    }

    fn carries(from: &str, location: &str) -> bool {
        hop(from).follow(307, Some(location)).unwrap().carries_token
    }

    #[test]
    fn a_token_stays_with_scheme_host_and_port() {
        assert!(carries("https://a.example/x", "/y"));
        assert!(carries("https://a.example/x", "https://A.example:443/y"));
        assert!(!carries("https://a.example/x", "https://b.example/x"));
        assert!(!carries("https://a.example/x", "https://a.example:8443/x"));
        assert!(!carries("https://a.example/x", "https://sub.a.example/x"));
        assert!(!carries("http://a.example/x", "https://a.example/x"));
        assert!(!carries("https://a.example/x", "//b.example/x"));
    }

    #[test]
    fn a_token_that_was_left_behind_does_not_come_back() {
        let away = hop("https://a.example/").follow(302, Some("https://b.example/")).unwrap();
        let back = away.follow(302, Some("https://a.example/")).unwrap();
        assert!(!back.carries_token);
    }

    #[test]
    fn some_redirects_are_refused() {
        let problem = |hop: &Hop, location| match hop.follow(307, location).unwrap_err() {
            Cause::Redirect { problem } => problem,
            other => panic!("{other:?}"),
        };
        let https = hop("https://a.example/");
        assert_eq!(problem(&https, Some("http://a.example/")), "it leads from https to http");
        assert_eq!(problem(&https, None), "it says no location");
        assert!(problem(&https, Some("https://me:pw@a.example/")).contains("password"));
        assert!(problem(&https, Some("file:///etc/passwd")).contains("begins with neither"));
        let post = Hop { method: Method::POST, ..https.clone() };
        assert_eq!(problem(&post, Some("https://b.example/")), "it leads a POST to another host");
        assert_eq!(post.follow(303, Some("https://b.example/")).unwrap().method, Method::GET);
        let mut around = https;
        for _ in 0..MOST {
            around = around.follow(302, Some("/again")).unwrap();
        }
        assert!(problem(&around, Some("/again")).contains("five times"));
    }

    fn an_address() -> impl Strategy<Value = String> {
        (prop::sample::select(vec!["http", "https"]), "[ab]\\.example", 80_u16..82, "[a-c]{0,3}")
            .prop_map(|(scheme, host, port, path)| format!("{scheme}://{host}:{port}/{path}"))
    }

    proptest! {
        #[test]
        fn no_chain_takes_a_token_off_its_origin_or_out_of_https(
            start in an_address(),
            locations in prop::collection::vec(an_address(), 1..8),
        ) {
            let mut here = hop(&start);
            let origin = here.address.origin();
            let mut left = false;
            for location in &locations {
                let Ok(next) = here.follow(307, Some(location)) else { break };
                prop_assert!(!here.address.is_encrypted() || next.address.is_encrypted());
                left |= next.address.origin() != origin;
                prop_assert_eq!(next.carries_token, !left);
                let shown = format!("{next:?}");
                prop_assert!(shown.contains("a private link"));
                here = next;
            }
            prop_assert!(here.redirects <= MOST);
        }
    }
}
