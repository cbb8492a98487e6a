//! The last thing that a request passes: what is not on the list of operations does not leave.
//!
//! It wraps the HTTP client, not one service's interceptors, so that no client can be built
//! without it.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::operations::Operation;

/// An operation that is not on the list was about to be sent.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not among the operations that oncall uses")]
pub(crate) struct Refused(String);

/// Wraps a client so that only listed operations pass.
pub(crate) fn guarded(inner: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Guarded { inner })
}

#[derive(Debug)]
struct Guarded {
    inner: SharedHttpClient,
}

impl HttpClient for Guarded {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(GuardedConnector { inner })
    }
}

#[derive(Debug)]
struct GuardedConnector {
    inner: SharedHttpConnector,
}

impl HttpConnector for GuardedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match operation_name(&request) {
            Some(name) if Operation::named(&name).is_none() => {
                let refusal = Box::new(Refused(name));
                HttpConnectorFuture::ready(Err(ConnectorError::user(refusal)))
            }
            _ => self.inner.call(request),
        }
    }
}

/// The operation that a request names: in `X-Amz-Target` (JSON protocols), in the path (RPC v2), in
/// the form body (query protocol), or with method and query together (S3). Requests without one are the credential providers' own (SSO,
/// instance metadata), which have no operation that writes.
fn operation_name(request: &HttpRequest) -> Option<String> {
    if let Some(target) = request.headers().get("x-amz-target") {
        return Some(target.rsplit('.').next().unwrap_or(target).to_owned());
    }
    if let Some((_, operation)) = request.uri().split_once("/operation/") {
        return Some(operation.split(['?', '/']).next().unwrap_or(operation).to_owned());
    }
    if is_for_s3(request) {
        return Some(s3_operation(request));
    }
    let body = std::str::from_utf8(request.body().bytes()?).ok()?;
    let form = request.headers().get("content-type")?.starts_with("application/x-www-form");
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="))?;
    form.then(|| action.to_owned())
}

/// Whether the signature is one for S3, which is REST and names no operation.
fn is_for_s3(request: &HttpRequest) -> bool {
    let signature = request.headers().get("authorization");
    signature.is_some_and(|signature| signature.contains("/s3/aws4_request"))
}

/// What a request to S3 does, as far as we do it; else its method, which is no operation.
fn s3_operation(request: &HttpRequest) -> String {
    let query = request.uri().split_once('?').map_or("", |(_, query)| query);
    let pairs = || query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let has = |wanted: &str| pairs().any(|(name, _)| name == wanted);
    let id = pairs().find(|(name, _)| *name == "x-id").map(|(_, id)| id);
    match (request.method(), id) {
        ("GET", Some(id)) => id.to_owned(),
        ("GET", None) if has("versions") => "ListObjectVersions".to_owned(),
        ("GET", None) if has("versioning") => "GetBucketVersioning".to_owned(),
        (method, _) => format!("{method} of S3"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::body::SdkBody;

    fn request(headers: &[(&'static str, &str)], body: &str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body));
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.to_string());
        }
        request
    }

    #[test]
    fn the_operation_is_found_in_each_protocol() {
        let json = request(&[("x-amz-target", "Logs_20140328.DeleteLogGroup")], "{}");
        assert_eq!(operation_name(&json).as_deref(), Some("DeleteLogGroup"));

        let target = "AmazonEC2ContainerRegistry_V20150921.BatchDeleteImage";
        let json = request(&[("x-amz-target", target)], "{}");
        assert_eq!(operation_name(&json).as_deref(), Some("BatchDeleteImage"));

        let form = [("content-type", "application/x-www-form-urlencoded")];
        let query = request(&form, "Action=AssumeRole&Version=2011-06-15");
        assert_eq!(operation_name(&query).as_deref(), Some("AssumeRole"));

        let mut rpc = request(&[], "");
        rpc.set_uri("http://localhost/service/Logs/operation/PutLogEvents").unwrap();
        assert_eq!(operation_name(&rpc).as_deref(), Some("PutLogEvents"));

        assert_eq!(operation_name(&request(&[], "")), None);
    }

    #[test]
    fn a_request_to_s3_is_told_by_method_and_query() {
        let signature = "AWS4-HMAC-SHA256 Credential=AKIA/20261124/us-east-1/s3/aws4_request, SignedHeaders=host";
        let said = |method: &str, uri: &str| {
            let mut request = request(&[("authorization", signature)], "");
            request.set_method(method).unwrap();
            request.set_uri(uri).unwrap();
            operation_name(&request).unwrap()
        };
        let known = [
            ("https://b.s3.amazonaws.com/?versions&prefix=a", "ListObjectVersions"),
            ("https://b.s3.amazonaws.com/?versioning", "GetBucketVersioning"),
            ("https://b.s3.amazonaws.com/k?x-id=GetObject&versionId=1", "GetObject"),
        ];
        for (uri, name) in known {
            assert_eq!(said("GET", uri), name);
            assert!(Operation::named(name).is_some());
        }
        for (method, uri) in [
            ("PUT", "https://b.s3.amazonaws.com/k?x-id=PutObject"),
            ("PUT", "https://b.s3.amazonaws.com/?versioning"),
            ("DELETE", "https://b.s3.amazonaws.com/k?x-id=GetObject"),
            ("GET", "https://b.s3.amazonaws.com/k?x-id=GetObjectAcl"),
            ("GET", "https://b.s3.amazonaws.com/?policy"),
        ] {
            assert_eq!(Operation::named(&said(method, uri)), None, "{method} {uri}");
        }
    }

    #[tokio::test]
    async fn an_operation_that_writes_never_leaves() {
        let reached = aws_smithy_runtime_api::client::http::http_client_fn(|_, _| {
            panic!("no connector is asked for by this test")
        });
        let _ = guarded(reached);
        let connector = GuardedConnector { inner: SharedHttpConnector::new(Unreachable) };
        for (target, name) in [
            ("Logs_20140328.PutLogEvents", "PutLogEvents"),
            ("AmazonEC2ContainerRegistry_V20150921.PutImage", "PutImage"),
            // It counts as a pull, and may fetch from upstream: no reading for us.
            ("AmazonEC2ContainerRegistry_V20150921.BatchGetImage", "BatchGetImage"),
        ] {
            let refusal =
                connector.call(request(&[("x-amz-target", target)], "{}")).await.unwrap_err();
            assert!(refusal.is_user());
            assert!(
                refusal.to_string().contains(name)
                    || refusal.into_source().to_string().contains(name)
            );
        }
    }

    #[derive(Debug)]
    struct Unreachable;

    impl HttpConnector for Unreachable {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            panic!("the request left")
        }
    }
}
