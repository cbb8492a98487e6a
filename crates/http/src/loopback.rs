//! A small server on loopback for the tests: it says what it is told to, and keeps what it heard.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The head and the body of a request, as they came.
pub(crate) type Heard = Arc<Mutex<Vec<String>>>;

/// One server, which is one origin.
pub(crate) struct Server {
    pub(crate) url: String,
    heard: Heard,
}

impl Server {
    /// Answers request number `n` (from 0) with `answer(n, request)`, a whole answer with its head, after
    /// which the connection closes.
    pub(crate) async fn start(
        answer: impl Fn(usize, &str) -> String + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Heard::default();
        let hears = Arc::clone(&heard);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read_request(&mut stream).await;
                let number = {
                    let mut hears = hears.lock().unwrap();
                    hears.push(request.clone());
                    hears.len() - 1
                };
                let _ = stream.write_all(answer(number, &request).as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { url, heard }
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).await.unwrap_or(0);
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if count == 0 {
                return text;
            }
            continue;
        };
        let head = head.to_ascii_lowercase();
        let length = head.split_once("content-length: ").map(|(_, rest)| rest);
        let length = length.and_then(|rest| rest.lines().next()?.parse().ok()).unwrap_or(0);
        if body.len() >= length || count == 0 {
            return text;
        }
    }
}

/// An answer with a JSON body.
pub(crate) fn json(body: &str) -> String {
    answer("200 OK", "Content-Type: application/json\r\n", body)
}

pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

pub(crate) fn redirect(location: &str) -> String {
    answer("307 Temporary Redirect", &format!("Location: {location}\r\n"), "")
}
