//! The loopback server: one port, every protocol.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use crate::protocols::Cloud;
use crate::world::World;

/// What the drill's clock says, in milliseconds since the epoch. The simulator never reads the wall clock.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// No request of these protocols is larger: 100 stream names of 512 characters, and some.
const LARGEST_REQUEST: usize = 1 << 20;

/// The simulated cloud, listening on 127.0.0.1. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepting: AbortHandle,
}

impl Server {
    /// Binds 127.0.0.1 (`port` 0: any free port) and serves the world on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When the port cannot be bound.
    pub async fn start(world: World, now: Now, port: u16) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let cloud = Arc::new(Cloud::new(world, now));
        let accepting = tokio::spawn(accept(listener, cloud)).abort_handle();
        Ok(Server { address, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Accepts until aborted; the connections end with it, since the set owns them.
async fn accept(listener: TcpListener, cloud: Arc<Cloud>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A connection that failed before it was ours is no reason to stop listening.
                let Ok((stream, _)) = accepted else { continue };
                let _ = stream.set_nodelay(true);
                let cloud = Arc::clone(&cloud);
                connections.spawn(async move {
                    let service = service_fn(|request| answer(Arc::clone(&cloud), request));
                    // The peer hanging up is how most connections end.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .timer(TokioTimer::new())
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn answer(
    cloud: Arc<Cloud>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, LARGEST_REQUEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Ok(cloud.too_large()),
    };
    Ok(cloud.answer(&head, &body))
}
