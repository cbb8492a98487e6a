//! A small server on loopback for the tests of calls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Budget, Client, Options, Proxies};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What came: the request line, the head and the body.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    /// Method and target, decoded.
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A server, which is one origin.
pub(crate) struct Server {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Server {
    /// Answers each request with a status, a head and a body.
    pub(crate) async fn start(
        answer: impl Fn(&Heard) -> (u16, String, String) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&heard);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut text = String::new();
                let mut buffer = [0; 8192];
                while !is_whole(&text) {
                    let count = stream.read(&mut buffer).await.unwrap();
                    text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
                }
                let (head, body) = text.split_once("\r\n\r\n").unwrap();
                let line = head.lines().next().unwrap().replace("%5B", "[").replace("%5D", "]");
                let request = Heard {
                    line: line.replace("%2C", ",").trim_end_matches(" HTTP/1.1").to_owned(),
                    head: head.to_owned(),
                    body: body.to_owned(),
                };
                let (status, head, body) = answer(&request);
                hears.lock().unwrap().push(request);
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} X\r\n{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { url, heard }
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.heard().into_iter().map(|heard| heard.line).collect()
    }
}

fn is_whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let head = head.to_ascii_lowercase();
    let length = head.split_once("content-length: ").map_or("0", |(_, rest)| rest);
    body.len() >= length.lines().next().unwrap_or("0").parse().unwrap_or(0)
}

pub(crate) fn json(body: &serde_json::Value) -> (u16, String, String) {
    (200, "Content-Type: application/json\r\n".to_owned(), body.to_string())
}

pub(crate) fn status(status: u16) -> (u16, String, String) {
    (status, "Content-Type: application/json\r\n".to_owned(), "{}".to_owned())
}

pub(crate) fn client() -> Client {
    Client::to_drill(&Options {
        timeout: Duration::from_secs(5),
        user_agent: "oncall/0".to_owned(),
        proxies: Proxies::none(),
        ca_bundle: None,
        budget: Budget::Usual,
        random: || 0.0,
        now: || "2026-11-24T12:00:00Z".parse().unwrap(),
    })
}
