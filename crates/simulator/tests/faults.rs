//! Faults on the wire: what a client's socket sees.

#![allow(clippy::unwrap_used)]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use simulator::{Fault, Faults, Scenario, Server, World};

const START: i64 = 1_795_380_000_000;

fn serve(faults: Faults, check: impl FnOnce(SocketAddr) + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::new(Scenario::builtin("incident-8").unwrap(), START);
        let server = Server::start_with(world, Arc::new(|| START), 0, faults).await.unwrap();
        let address = server.address();
        tokio::task::spawn_blocking(move || check(address)).await.unwrap();
    });
}

fn with(faults: &[&str]) -> Faults {
    let faults = faults.iter().map(|text| text.parse().unwrap()).collect();
    Faults { faults, ..Faults::default() }
}

fn ask(address: SocketAddr, host: &str, operation: &str, body: &str) -> TcpStream {
    ask_of(address, host, ("logs", "Logs_20140328"), operation, body)
}

fn ask_of(
    address: SocketAddr,
    host: &str,
    (service, target): (&str, &str),
    operation: &str,
    body: &str,
) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\nx-amz-target: {target}.{operation}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=DRILL/20261122/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    stream
}

fn groups(address: SocketAddr) -> TcpStream {
    ask(address, "127.0.0.1", "DescribeLogGroups", "{}")
}

fn text(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_throttle_and_an_error_have_the_shape_of_the_api() {
    serve(with(&["throttle:2", "error:3"]), |address| {
        assert!(text(groups(address)).starts_with("HTTP/1.1 200 "));
        let throttled = text(groups(address));
        assert!(throttled.starts_with("HTTP/1.1 400 ") && throttled.contains("x-amzn-requestid: "));
        assert!(throttled.contains(r#""__type":"ThrottlingException""#), "{throttled}");
        assert!(throttled.contains(r#""message":"Rate exceeded""#), "{throttled}");
        let failed = text(groups(address));
        assert!(failed.starts_with("HTTP/1.1 500 "), "{failed}");
        assert!(failed.contains(r#""__type":"InternalFailure""#), "{failed}");
    });
}

#[test]
fn a_cut_body_is_shorter_than_it_says() {
    serve(with(&["cut:1"]), |address| {
        let answer = text(groups(address));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let (_, length) = head.split_once("content-length: ").unwrap();
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        assert!(!body.is_empty() && body.len() == length / 2, "{} of {length}", body.len());
    });
}

#[test]
fn a_reset_is_a_reset() {
    serve(with(&["reset:1"]), |address| {
        let mut answer = Vec::new();
        let error = groups(address).read_to_end(&mut answer).unwrap_err();
        assert_eq!((error.kind(), answer.len()), (ErrorKind::ConnectionReset, 0));
    });
}

#[test]
fn what_hangs_never_answers_and_keeps_nobody_else_waiting() {
    serve(with(&["hang:1@FilterLogEvents"]), |address| {
        let mut hanging = ask(address, "127.0.0.1", "FilterLogEvents", "{}");
        hanging.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        assert!(text(groups(address)).starts_with("HTTP/1.1 200 "));
        let error = hanging.read(&mut [0]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    });
}

#[test]
fn latency_keeps_nobody_else_waiting() {
    let faults = Faults { latency: "300ms".parse().unwrap(), ..Faults::default() };
    serve(faults, |address| {
        let began = Instant::now();
        let asked: Vec<TcpStream> = (0..8).map(|_| groups(address)).collect();
        for stream in asked {
            assert!(text(stream).starts_with("HTTP/1.1 200 "));
        }
        let took = began.elapsed();
        assert!(
            took >= Duration::from_millis(300) && took < Duration::from_millis(2_000),
            "{took:?}"
        );
    });
}

#[test]
fn a_rate_throttles_what_is_above_it() {
    let rate = "DescribeLogGroups=0.001,burst=2".parse().unwrap();
    serve(Faults { rates: vec![rate], ..Faults::default() }, |address| {
        let status = |_: &u32| text(groups(address)).starts_with("HTTP/1.1 200 ");
        assert_eq!((0..6).filter(status).count(), 2);
    });
}

#[test]
fn a_scenario_brings_its_own_faults_and_flags_add_to_them() {
    let builtin = include_str!("../scenarios/incident-8.toml");
    let text = format!("{builtin}\n[faults]\nfault = [\"throttle:1\"]\n");
    let scenario = Scenario::parse("faulty.toml", &text).unwrap();
    let flags = with(&["cut:9"]);
    let both = scenario.faults().clone().overridden_by(flags);
    assert_eq!(
        both.faults.iter().map(Fault::to_string).collect::<Vec<_>>(),
        ["throttle:1", "cut:9"]
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::new(scenario, START);
        let server = Server::start(world, Arc::new(|| START), 0).await.unwrap();
        let address = server.address();
        let answer =
            tokio::task::spawn_blocking(move || self::text(groups(address))).await.unwrap();
        assert!(answer.contains("ThrottlingException"), "{answer}");
    });
}

#[test]
fn what_is_denied_names_the_action_and_the_resource() {
    serve(with(&["deny@StartLiveTail,FilterLogEvents,DescribeImages"]), |address| {
        let ecr = ("ecr", "AmazonEC2ContainerRegistry_V20150921");
        let named = r#"{"repositoryName":"ingest/api"}"#;
        let images = text(ask_of(address, "127.0.0.1", ecr, "DescribeImages", named));
        assert!(
            images.contains(
                "is not authorized to perform: ecr:DescribeImages on resource: \
                 arn:aws:ecr:us-east-1:000000000000:repository/ingest/api because"
            ),
            "{images}"
        );
        let live = text(ask(address, "127.0.0.1", "StartLiveTail", LIVE));
        assert!(live.starts_with("HTTP/1.1 400 "), "{live}");
        assert!(live.contains(r#""__type":"AccessDeniedException""#), "{live}");
        assert!(
            live.contains(
                "User: arn:aws:sts::000000000000:assumed-role/drill/oncall is not authorized to perform: \
                 logs:StartLiveTail on resource: arn:aws:logs:us-east-1:000000000000:log-group:/ecs/prod-ingest \
                 because no identity-based policy allows the logs:StartLiveTail action"
            ),
            "{live}"
        );
        let named = r#"{"logGroupName":"/x"}"#;
        let filter = text(ask(address, "127.0.0.1", "FilterLogEvents", named));
        assert!(filter.contains("000000000000:log-group:/x:log-stream: because"), "{filter}");
        assert!(text(groups(address)).starts_with("HTTP/1.1 200 "));
    });
}

#[test]
fn what_is_absent_is_no_operation() {
    serve(with(&["absent@StartLiveTail"]), |address| {
        let live = text(ask(address, "127.0.0.1", "StartLiveTail", LIVE));
        assert!(live.starts_with("HTTP/1.1 400 "), "{live}");
        assert!(live.contains(r#"{"__type":"UnknownOperationException"}"#), "{live}");
    });
}

#[test]
fn keys_expire_in_mid_flight() {
    let faults = Faults { expire_after: Some(Duration::from_millis(400)), ..Faults::default() };
    serve(faults, |address| {
        assert!(text(groups(address)).starts_with("HTTP/1.1 200 "));
        let mut live = ask(address, "127.0.0.1", "StartLiveTail", LIVE);
        std::thread::sleep(Duration::from_millis(500));
        let expired = text(groups(address));
        assert!(expired.starts_with("HTTP/1.1 400 "), "{expired}");
        assert!(expired.contains(r#""__type":"ExpiredTokenException""#), "{expired}");
        assert!(expired.contains("The security token included in the request is expired"));
        let mut said = vec![0; 4_096];
        let mut session = Vec::new();
        while count(&session, "sessionUpdate") == 0 {
            let read = live.read(&mut said).unwrap();
            assert!(read > 0, "a session that is open runs on");
            session.extend_from_slice(&said[..read]);
        }
    });
}

const LIVE: &str =
    r#"{"logGroupIdentifiers":["arn:aws:logs:us-east-1:000000000000:log-group:/ecs/prod-ingest"]}"#;

/// How often the bytes of `word` stand in the answer.
fn count(answer: &[u8], word: &str) -> usize {
    answer.windows(word.len()).filter(|window| *window == word.as_bytes()).count()
}

#[test]
fn live_tail_has_two_doors() {
    serve(with(&["drop:1"]), |address| {
        for host in ["stream-logs.us-east-1.amazonaws.com", "stream-127.0.0.1", "127.0.0.1"] {
            let mut answer = Vec::new();
            ask(address, host, "StartLiveTail", LIVE).read_to_end(&mut answer).unwrap();
            assert_eq!(count(&answer, "content-type: application/vnd.amazon.eventstream"), 1);
            assert_eq!((count(&answer, "sessionStart"), count(&answer, "sessionUpdate")), (1, 1));
            assert!(!answer.ends_with(b"0\r\n\r\n"), "a dropped connection has no end of its body");
        }
    });
}

#[test]
fn live_tail_ends_with_its_time() {
    let faults = Faults {
        live_limit: Some(Duration::from_millis(1_500)),
        live_sessions: Some(1),
        ..Faults::default()
    };
    serve(faults, |address| {
        let mut first = ask(address, "127.0.0.1", "StartLiveTail", LIVE);
        first.read_exact(&mut [0; 16]).unwrap();
        let second = text(ask(address, "127.0.0.1", "StartLiveTail", LIVE));
        assert!(second.contains("LimitExceededException"), "{second}");
        let mut answer = Vec::new();
        first.read_to_end(&mut answer).unwrap();
        assert_eq!(
            (count(&answer, "sessionUpdate"), count(&answer, "SessionTimeoutException")),
            (1, 1)
        );
        assert!(answer.ends_with(b"0\r\n\r\n"));
    });
}
