use std::io::Read;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::loopback::{self, Server, answer, redirect};
use crate::{Address, Quota, Secret};

const TOKEN: &str = "s3cret-token";

fn options() -> Options {
    Options {
        timeout: Duration::from_secs(30),
        user_agent: "oncall/0".to_owned(),
        proxies: Proxies::none(),
        ca_bundle: None,
        budget: Budget::Usual,
        random: || 0.0,
        now: || "2026-11-24T12:00:00Z".parse().unwrap(),
    }
}

fn client() -> Client {
    Client::to_drill(&options())
}

fn get(server: &Server, path: &str) -> Request {
    let address = Address::parse(&format!("{}{path}", server.url)).unwrap();
    Request::get(address.query("q", "s3cret-query")).bearer(&Secret::new(TOKEN))
}

async fn cause_of(answer: String) -> Cause {
    let server = Server::start(move |_, _| answer.clone()).await;
    let asked = tokio::time::timeout(Duration::from_secs(600), async {
        client().json::<Value>(&get(&server, "/x")).await
    });
    let error = asked.await.unwrap().unwrap_err();
    let shown = format!("{error} {error:?} {:?}", error.hint());
    assert!(!shown.contains("s3cret"), "{shown}");
    error.cause
}

#[tokio::test]
async fn a_question_and_its_answer_are_json() {
    let server = Server::start(|_, _| loopback::json(r#"{"a":1}"#)).await;
    let address = Address::parse(&server.url).unwrap().join(&["rest", "x y"]);
    let request = Request::post_json(address, &json!({"keys": ["OPS-1"]})).unwrap();
    let answer: Value = client().json(&request.bearer(&Secret::new(TOKEN))).await.unwrap();
    assert_eq!(answer, json!({"a": 1}));
    let heard = server.heard().remove(0);
    assert!(heard.starts_with("POST /rest/x%20y HTTP/1.1\r\n"), "{heard}");
    for header in ["authorization: Bearer s3cret-token", "user-agent: oncall/0"] {
        assert!(heard.contains(header), "{heard}");
    }
    assert!(heard.contains("accept: application/json"), "{heard}");
    assert!(heard.ends_with("\r\n\r\n{\"keys\":[\"OPS-1\"]}"), "{heard}");
}

#[tokio::test]
async fn a_token_goes_along_on_its_origin_and_never_arrives_at_another() {
    let archivist = Server::start(|_, _| loopback::json("[1]")).await;
    let location = format!("{}/v1/object/s3cret-link", archivist.url);
    let server = Server::start(move |number, _| match number {
        0 => redirect("/moved"),
        _ => redirect(&location),
    })
    .await;
    let answer: Value = client().json(&get(&server, "/plan")).await.unwrap();
    assert_eq!(answer, json!([1]));
    let at_home = server.heard();
    assert_eq!(at_home.len(), 2);
    assert!(at_home.iter().all(|request| request.contains(TOKEN)), "{at_home:?}");
    let elsewhere = archivist.heard();
    assert_eq!(elsewhere.len(), 1);
    let elsewhere = elsewhere[0].to_ascii_lowercase();
    for word in ["authorization", "cookie", "referer", TOKEN, "s3cret-query"] {
        assert!(!elsewhere.contains(word), "{elsewhere}");
    }
}

#[tokio::test]
async fn a_token_that_left_its_origin_does_not_arrive_when_it_is_sent_back() {
    let home = Arc::new(std::sync::OnceLock::<String>::new());
    let back = Arc::clone(&home);
    let away = Server::start(move |_, _| redirect(&format!("{}/back", back.get().unwrap()))).await;
    let to = format!("{}/away", away.url);
    let server = Server::start(move |number, _| match number {
        0 => redirect(&to),
        _ => loopback::json("{}"),
    })
    .await;
    home.set(server.url.clone()).unwrap();
    client().json::<Value>(&get(&server, "/")).await.unwrap();
    let heard = server.heard();
    assert!(heard[0].contains(TOKEN) && !heard[1].contains(TOKEN), "{heard:?}");
}

#[tokio::test]
async fn an_expired_link_is_told_from_a_refused_token_and_is_not_shown() {
    let archivist =
        Server::start(|_, _| answer("403 Forbidden", "", r#"{"message":"s3cret"}"#)).await;
    let location = format!("{}/v1/object/s3cret-link?sig=s3cret", archivist.url);
    let server = Server::start(move |_, _| redirect(&location)).await;
    let error = client().bytes(&get(&server, "/plan")).await.unwrap_err();
    assert_eq!(error.cause, Cause::LinkExpired { status: 403 });
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
    assert_eq!(error.gravity(), crate::Gravity::Unavailable);
}

#[tokio::test]
async fn a_drill_asks_this_machine_only_also_when_it_is_redirected() {
    let server = Server::start(|_, _| redirect("http://192.0.2.1/x")).await;
    let error = client().json::<Value>(&get(&server, "/")).await.unwrap_err();
    assert_eq!(error.cause, Cause::OutsideDrill);
    let answers = Server::start(|_, _| loopback::json("1")).await;
    let named = answers.url.replace("127.0.0.1", "archivist.localhost");
    let request = Request::get(Address::parse(&named).unwrap());
    let answer: u32 = client().json(&request).await.unwrap();
    assert_eq!(answer, 1, "a name below localhost is this machine, and no resolver is asked");
}

#[tokio::test(start_paused = true)]
async fn a_throttle_is_waited_out_for_as_long_as_it_says() {
    for (header, milliseconds) in [
        ("Retry-After: 7\r\n", 7_000),
        ("X-RateLimit-Reset: 2.25\r\n", 2_250),
        ("X-RateLimit-Reset: 2026-11-24T12:00:45Z\r\n", 45_000),
        ("Retry-After: Tue, 24 Nov 2026 12:01:00 GMT\r\n", 60_000),
    ] {
        let server = Server::start(move |number, _| match number {
            0 => answer("429 Too Many Requests", header, "{}"),
            _ => loopback::json("{}"),
        })
        .await;
        let client = client();
        let began = Instant::now();
        client.json::<Value>(&get(&server, "/runs")).await.unwrap();
        let took = began.elapsed().as_millis();
        // Then the next token of the halved rate (7.5 a second) is waited for.
        assert!((milliseconds..milliseconds + 200).contains(&took), "{header}: {took}");
        assert_eq!(client.usage(), Usage { requests: 2, throttled: 1, retried: 0 });
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_that_asks_for_longer_than_anybody_waits_is_final() {
    let cause = cause_of(answer("429 Too Many", "Retry-After: 3600\r\n", "{}")).await;
    assert_eq!(cause, Cause::Throttled { said: Some(Duration::from_secs(3600)) });
    assert_eq!(cause.to_string(), "the rate limit stayed used up; it wants 3600 s of rest");
}

#[tokio::test(start_paused = true)]
async fn a_lane_keeps_its_pace() {
    let server = Server::start(|_, _| loopback::json("{}")).await;
    let lane = Lane { name: "runs", quota: Quota { per_second: 0.5, burst: 10.0 } };
    let client = client();
    let began = Instant::now();
    for _ in 0..7 {
        client.json::<Value>(&get(&server, "/runs").lane(lane)).await.unwrap();
    }
    assert_eq!(began.elapsed().as_secs(), 8, "five at once, and two at one in four seconds");
}

#[tokio::test(start_paused = true)]
async fn a_failing_service_is_asked_again_with_patience_and_then_it_is_said() {
    let server = Server::start(|number, _| match number {
        0 => answer("502 Bad Gateway", "Content-Type: text/html\r\n", "<html>"),
        1 => answer("503 Service Unavailable", "Retry-After: 5\r\n", ""),
        _ => loopback::json("{}"),
    })
    .await;
    let client = client();
    let began = Instant::now();
    client.json::<Value>(&get(&server, "/")).await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 5);
    assert_eq!(client.usage(), Usage { requests: 3, throttled: 0, retried: 2 });
    let body = r#"{"errors":[{"status":"500","title":"down: s3cret-token"}]}"#;
    let cause = cause_of(answer("500 Oops", "Content-Type: application/json\r\n", body)).await;
    assert_eq!(cause, Cause::Service { status: 500, message: "down: (hidden)".to_owned() });
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let json = "Content-Type: application/vnd.api+json\r\n";
    let html = "Content-Type: text/html; charset=utf-8\r\n";
    let not_found = r#"{"errors":[{"status":"404","title":"not found"}]}"#;
    assert_eq!(cause_of(answer("401 Unauthorized", html, "<p>")).await, Cause::Unauthorized);
    assert_eq!(cause_of(answer("404 Not Found", json, not_found)).await, Cause::NotFound);
    let denied = cause_of(answer("403 Forbidden", json, r#"{"message":"no s3cret-token"}"#)).await;
    assert_eq!(denied, Cause::Denied { message: "no (hidden)".to_owned() });
    let login = cause_of(answer("200 OK", html, "<html>Sign in, s3cret</html>")).await;
    assert_eq!(
        login,
        Cause::NotTheApi { status: 200, content_type: "text/html; charset=utf-8".to_owned() }
    );
    let wall = cause_of(answer("403 Forbidden", html, "<html>")).await;
    assert!(matches!(wall, Cause::NotTheApi { status: 403, .. }));
    let disguised = cause_of(answer("200 OK", json, " <!doctype html>")).await;
    assert!(matches!(disguised, Cause::NotTheApi { .. }));
    let refused = cause_of(answer("422 Unprocessable", json, "{}")).await;
    assert_eq!(refused, Cause::Refused { status: 422, message: String::new() });
    assert!(matches!(cause_of(answer("407 Proxy", "", "")).await, Cause::Proxy { .. }));
    assert!(matches!(cause_of(answer("200 OK", json, "[\"s3cret\"")).await, Cause::Truncated));
    assert!(matches!(cause_of(answer("200 OK", json, "s3cret")).await, Cause::Undecodable { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_cut_is_asked_for_again() {
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":";
    let server = Server::start(move |number, _| match number {
        0 => cut.to_owned(),
        _ => loopback::json("{}"),
    })
    .await;
    let client = client();
    client.json::<Value>(&get(&server, "/")).await.unwrap();
    assert_eq!(client.usage().retried, 1);
    assert_eq!(cause_of(cut.to_owned()).await, Cause::Truncated);
    assert!(matches!(cause_of(String::new()).await, Cause::Connection { .. }));
}

#[tokio::test]
async fn a_body_has_a_bound_whether_it_says_its_length_or_not() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n5\r\n67890\r\n0\r\n\r\n";
    for long in [loopback::json("1234567890"), chunked.to_owned()] {
        let server = Server::start(move |_, _| long.clone()).await;
        let bytes = client().bytes(&get(&server, "/").at_most(9)).await;
        assert_eq!(bytes.unwrap_err().cause, Cause::TooLarge { limit: 9 });
        let bytes = client().bytes(&get(&server, "/").at_most(10)).await.unwrap();
        assert_eq!(bytes.as_deref(), Some(b"1234567890".as_slice()));
    }
}

#[tokio::test]
async fn no_content_is_none() {
    let server = Server::start(|_, _| "HTTP/1.1 204 No Content\r\n\r\n".to_owned()).await;
    assert_eq!(client().bytes(&get(&server, "/")).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_read_with_a_reader_and_its_cut_is_an_error() {
    let server = Server::start(|number, _| match number {
        0 => loopback::json(&"x".repeat(300_000)),
        _ => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_owned(),
    })
    .await;
    let read = async |mut reader: Reader| {
        tokio::task::spawn_blocking(move || {
            let mut text = String::new();
            reader.read_to_string(&mut text).map(|_| text)
        })
        .await
        .unwrap()
    };
    let whole = client().open_stream(&get(&server, "/")).await.unwrap().into_reader();
    assert_eq!(read(whole).await.unwrap().len(), 300_000);
    let cut = client().open_stream(&get(&server, "/")).await.unwrap().into_reader();
    let error = read(cut).await.unwrap_err();
    let error = error.get_ref().unwrap().downcast_ref::<Error>().unwrap();
    assert_eq!(error.cause, Cause::Truncated);
}

#[tokio::test(start_paused = true)]
async fn nobody_there_and_nobody_answering_are_two_things() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let ask = async || {
        let request = Request::get(Address::parse(&url).unwrap());
        client().json::<Value>(&request).await.unwrap_err().cause
    };
    assert_eq!(ask().await, Cause::TimedOut);
    drop(listener);
    assert_eq!(ask().await, Cause::ConnectionRefused);
}

#[tokio::test]
async fn a_proxy_reads_what_is_in_the_clear_and_is_asked_for_a_tunnel_otherwise() {
    let proxy = Server::start(|number, _| match number {
        0 => loopback::json("{}"),
        _ => answer("407 Proxy Authentication Required", "", ""),
    })
    .await;
    let with_password = proxy.url.replace("http://", "http://me:s3cret@");
    let proxies =
        Proxies::from_environment(|name| (name == "all_proxy").then(|| with_password.clone()));
    let client = Client::open(&Options { proxies, ..options() }).unwrap();
    let ask = async |url: &str| {
        let request = Request::get(Address::parse(url).unwrap()).bearer(&Secret::new(TOKEN));
        client.json::<Value>(&request).await
    };
    ask("http://tfe.example/x").await.unwrap();
    let error = ask("https://tfe.example/x").await.unwrap_err();
    assert_eq!(error.cause, Cause::Proxy { problem: "it wants a user name and a password" });
    assert!(!format!("{error} {error:?} {client:?}").contains("s3cret"));
    let heard = proxy.heard();
    assert!(heard[0].starts_with("GET http://tfe.example/x HTTP/1.1\r\n"), "{heard:?}");
    assert!(heard[1].starts_with("CONNECT tfe.example:443 HTTP/1.1\r\n"), "{heard:?}");
    assert!(
        heard
            .iter()
            .all(|request| request.to_ascii_lowercase().contains("proxy-authorization: basic"))
    );
    assert!(!heard[1].contains(TOKEN), "the proxy sees no token of a tunnel");
}

#[tokio::test]
async fn a_proxy_of_another_kind_is_said_and_not_passed_by() {
    let proxies = Proxies::from_environment(|name| {
        (name == "all_proxy").then(|| "socks5://me:s3cret@127.0.0.1:1080".to_owned())
    });
    let client = Client::open(&Options { proxies, ..options() }).unwrap();
    for url in ["http://tfe.example/", "https://tfe.example/"] {
        let request = Request::get(Address::parse(url).unwrap());
        let error = client.json::<Value>(&request).await.unwrap_err();
        assert!(matches!(error.cause, Cause::Proxy { .. }), "{error:?}");
    }
}

#[test]
fn a_bundle_that_cannot_be_used_is_said_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let open = || {
        let options = Options { ca_bundle: Some(path.clone()), ..options() };
        Client::open(&options).unwrap_err()
    };
    assert!(open().to_string().contains("ca.pem cannot be used"));
    std::fs::write(&path, "no certificate").unwrap();
    assert!(open().to_string().ends_with("it holds no certificate"), "{}", open());
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    std::fs::write(&path, broken).unwrap();
    assert_eq!(open().gravity(), crate::Gravity::Usage);
}

/// Takes all that is logged, at every level, by whichever library.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn no_log_has_a_token_a_query_or_a_private_link_in_it() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // For the whole process: other tests' requests are looked through as well, and what one thread logs
    // first is remembered for all as wanted or not.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let archivist = Server::start(|_, _| answer("500 Oops", "", "s3cret")).await;
    let location = format!("{}/v1/object/s3cret-link?sig=s3cret", archivist.url);
    let server = Server::start(move |_, _| redirect(&location)).await;
    client().json::<Value>(&get(&server, "/plan")).await.unwrap_err();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("a private link at http://127.0.0.1"), "{log}");
    assert!(log.contains("/plan"), "{log}");
    assert!(!log.contains("s3cret"), "{log}");
}
