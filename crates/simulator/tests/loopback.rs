//! The server on its port: routing, headers, regions, STS, and its end.

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use simulator::{ACCOUNT, Scenario, Server, World};

const START: i64 = 1_795_380_000_000;

fn serve(check: impl FnOnce(SocketAddr) + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::new(Scenario::builtin("incident-8").unwrap(), START);
        let server = Server::start(world, Arc::new(|| START), 0).await.unwrap();
        let address = server.address();
        tokio::task::spawn_blocking(move || check(address)).await.unwrap();
    });
}

fn post(address: SocketAddr, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn signed(region: &str, service: &str) -> String {
    format!(
        "authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/{region}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0\r\n"
    )
}

fn json(address: SocketAddr, target: &str, region: &str, service: &str, body: &str) -> String {
    let headers = format!("{}x-amz-target: {target}\r\n", signed(region, service));
    post(address, &headers, body)
}

#[test]
fn requests_are_routed_by_target() {
    serve(|address| {
        let logs = json(address, "Logs_20140328.DescribeLogGroups", "us-east-1", "logs", "{}");
        assert!(
            logs.starts_with("HTTP/1.1 200 OK\r\n") && logs.contains("/ecs/prod-ingest"),
            "{logs}"
        );
        assert!(
            logs.contains("content-type: application/x-amz-json-1.1\r\n")
                && logs.contains("x-amzn-requestid: ")
        );
        let target = "AmazonEC2ContainerServiceV20141113.ListClusters";
        let ecs = json(address, target, "us-east-1", "ecs", "{}");
        assert!(ecs.contains("arn:aws:ecs:us-east-1:000000000000:cluster/prod"), "{ecs}");
        let target = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
        let ecr = json(address, target, "us-east-1", "ecr", "{}");
        assert!(ecr.contains("arn:aws:ecr:us-east-1:000000000000:repository/ingest/api"), "{ecr}");
        let misdirected = json(address, target, "us-east-1", "ecs", "{}");
        assert!(misdirected.contains("InvalidSignatureException"), "{misdirected}");
        let elsewhere = json(address, target, "eu-west-1", "ecr", "{}");
        assert!(elsewhere.ends_with(r#"{"repositories":[]}"#), "{elsewhere}");
        let unknown = json(address, "Logs_20140328.Nonsense", "us-east-1", "logs", "{}");
        assert!(
            unknown.starts_with("HTTP/1.1 400 ") && unknown.contains("UnknownOperationException"),
            "{unknown}"
        );
        let nowhere = json(address, "DynamoDB_20120810.ListTables", "us-east-1", "dynamodb", "{}");
        assert!(nowhere.contains("UnknownOperationException"), "{nowhere}");
    });
}

#[test]
fn errors_have_the_shape_of_the_api() {
    serve(|address| {
        let body = r#"{"logGroupName":"/nope"}"#;
        let answer = json(address, "Logs_20140328.FilterLogEvents", "us-east-1", "logs", body);
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("x-amzn-requestid: "));
        assert!(answer.ends_with(
            r#"{"__type":"ResourceNotFoundException","message":"The specified log group does not exist."}"#
        ), "{answer}");
    });
}

#[test]
fn the_scope_decides_what_is_seen() {
    serve(|address| {
        let elsewhere = json(address, "Logs_20140328.DescribeLogGroups", "eu-west-1", "logs", "{}");
        assert!(elsewhere.ends_with(r#"{"logGroups":[]}"#), "{elsewhere}");
        let unsigned = post(address, "x-amz-target: Logs_20140328.DescribeLogGroups\r\n", "{}");
        assert!(unsigned.contains("MissingAuthenticationTokenException"), "{unsigned}");
        let misdirected =
            json(address, "Logs_20140328.DescribeLogGroups", "us-east-1", "ecs", "{}");
        assert!(
            misdirected.contains("Credential should be scoped to correct service: 'logs'."),
            "{misdirected}"
        );
    });
}

#[test]
fn sts_says_who_is_calling() {
    serve(|address| {
        let form = "content-type: application/x-www-form-urlencoded; charset=utf-8\r\n";
        let headers = format!("{}{form}", signed("us-east-1", "sts"));
        let answer = post(address, &headers, "Action=GetCallerIdentity&Version=2011-06-15");
        assert!(answer.contains("content-type: text/xml"));
        assert!(answer.contains(&format!("<Account>{ACCOUNT}</Account>")), "{answer}");
        let other = post(address, &headers, "Action=AssumeRole&Version=2011-06-15");
        assert!(
            other.starts_with("HTTP/1.1 400 ") && other.contains("<Code>InvalidAction</Code>"),
            "{other}"
        );
        assert!(post(address, form, "Action=GetCallerIdentity").starts_with("HTTP/1.1 403 "));
    });
}

#[test]
fn a_dropped_server_stops() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::new(Scenario::builtin("incident-8").unwrap(), START);
        let server = Server::start(world, Arc::new(|| START), 0).await.unwrap();
        let address = server.address();
        drop(server);
        tokio::task::yield_now().await;
        assert!(TcpStream::connect(address).is_err());
    });
}
