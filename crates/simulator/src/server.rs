//! The loopback server: one port, every protocol.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::body::{Body, Severed};
use crate::faults::Faults;
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
    world: Arc<World>,
    accepting: AbortHandle,
}

impl Server {
    /// Binds 127.0.0.1 (`port` 0: any free port) and serves the world on the current tokio runtime, with
    /// the faults that its scenario asks for.
    ///
    /// # Errors
    ///
    /// When the port cannot be bound.
    pub async fn start(world: World, now: Now, port: u16) -> io::Result<Server> {
        let faults = world.scenario().faults().clone();
        Server::start_with(world, now, port, faults).await
    }

    /// The same, with these faults and no others. The flags of a command add to the scenario's own with
    /// [`Faults::overridden_by`].
    ///
    /// # Errors
    ///
    /// When the port cannot be bound.
    pub async fn start_with(
        world: World,
        now: Now,
        port: u16,
        faults: Faults,
    ) -> io::Result<Server> {
        Server::start_ahead(world, now, port, faults, None).await
    }

    /// The same, with the events of `ahead` before now put into words already, so that reading them costs
    /// little more than copying. It takes a moment, and about 1.3 times their messages and 150 bytes an event of
    /// memory. Only for a clock that is stopped: at any other moment it is of no use. The answers are the same.
    ///
    /// # Errors
    ///
    /// When the port cannot be bound.
    pub async fn start_ahead(
        world: World,
        now: Now,
        port: u16,
        faults: Faults,
        ahead: Option<Duration>,
    ) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let world = Arc::new(match faults.stop_after {
            Some(length) => world.stopping_after(length),
            None => world,
        });
        let cloud = Arc::new(Cloud::new(Arc::clone(&world), now, faults, ahead));
        let accepting = tokio::spawn(accept(listener, cloud)).abort_handle();
        Ok(Server { address, world, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The world that it serves; its ledger says what a reader should have seen.
    pub fn world(&self) -> &Arc<World> {
        &self.world
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
                connections.spawn(converse(stream, Arc::clone(&cloud)));
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// One connection, until either side ends it.
async fn converse(stream: TcpStream, cloud: Arc<Cloud>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(Arc::clone(&cloud), request));
    let mut connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    // The peer hanging up is how most connections end.
    let Err(error) = (&mut connection).await else { return };
    let reason = error.source().and_then(|source| source.downcast_ref::<Severed>());
    if reason == Some(&Severed::Reset) {
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

async fn answer(cloud: Arc<Cloud>, request: Request<Incoming>) -> Result<Response<Body>, Severed> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, LARGEST_REQUEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Ok(cloud.too_large()),
    };
    cloud.answer(&head, &body).await
}
