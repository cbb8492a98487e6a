//! The host prefix of Live Tail, on hosts that cannot have one.
//!
//! StartLiveTail goes to `stream-logs.REGION.amazonaws.com`: the SDK puts `stream-` before whatever
//! host there is. Before an address, or before `localhost`, that names nothing.

use std::net::IpAddr;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// An interceptor for one StartLiveTail request: takes the prefix off an address.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHostPrefixOnLoopback;

impl Intercept for NoHostPrefixOnLoopback {
    fn name(&self) -> &'static str {
        "NoHostPrefixOnLoopback"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        if let Some(uri) = without_prefix(request.uri()) {
            request.set_uri(uri)?;
        }
        Ok(())
    }
}

/// The URI without the prefix, where that is all that its host has in front of an address.
fn without_prefix(uri: &str) -> Option<String> {
    const PREFIX: &str = "stream-";
    let (scheme, rest) = uri.split_once("://")?;
    let rest = rest.strip_prefix(PREFIX)?;
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = match authority.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or(six),
        None => authority.split(':').next().unwrap_or(authority),
    };
    let is_address = host == "localhost" || host.parse::<IpAddr>().is_ok();
    is_address.then(|| format!("{scheme}://{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_loses_the_prefix() {
        let cases = [
            ("http://stream-127.0.0.1:4566/", Some("http://127.0.0.1:4566/")),
            ("http://stream-localhost:4566", Some("http://localhost:4566")),
            ("http://stream-[::1]:80/x?y", Some("http://[::1]:80/x?y")),
            ("https://stream-logs.us-east-1.amazonaws.com/", None),
            ("http://127.0.0.1:4566/", None),
            ("http://stream-127.0.0.1.example/", None),
        ];
        for (uri, expected) in cases {
            assert_eq!(without_prefix(uri).as_deref(), expected, "{uri}");
        }
    }
}
