//! How a connection comes about: directly or through a proxy, in the clear or encrypted.

use std::error::Error as StdError;
use std::future::ready;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::Intercept;
use tower_service::Service;

use crate::certificates::Trust;
use crate::proxies::Proxies;

type BoxError = Box<dyn StdError + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// A proxy is set that we cannot use.
#[derive(Debug, thiserror::Error)]
#[error("only http:// and https:// proxies are known here")]
pub(crate) struct UnknownProxy;

/// Makes connections for the pool of hyper's client.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    tcp: HttpConnector<Names>,
    trust: Trust,
    proxies: Proxies,
}

impl Connector {
    pub(crate) fn new(trust: Trust, proxies: Proxies, names: Names, timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(names);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(timeout));
        Self { tcp, trust, proxies }
    }

    /// The proxy for this address, where there is one.
    pub(crate) fn proxy(&self, uri: &Uri) -> Option<Intercept> {
        self.proxies.for_uri(uri)
    }

    fn encrypted<T>(&self, below: T) -> Result<HttpsConnector<T>, BoxError> {
        let configuration = self.trust.configuration()?;
        Ok(HttpsConnectorBuilder::new()
            .with_tls_config(rustls::ClientConfig::clone(&configuration))
            .https_or_http()
            .enable_http1()
            .wrap_connector(below))
    }

    async fn connect(self, uri: Uri) -> Result<Line, BoxError> {
        let is_encrypted = uri.scheme_str() == Some("https");
        let Some(proxy) = self.proxy(&uri) else {
            return match is_encrypted {
                true => Ok(Line::new(self.encrypted(self.tcp.clone())?.call(uri).await?)),
                false => Ok(Line::new(self.tcp.clone().call(uri).await?)),
            };
        };
        let proxy_uri = proxy.uri().clone();
        let to_proxy = match proxy_uri.scheme_str() {
            Some("http") => ToProxy::Clear(self.tcp.clone()),
            Some("https") => ToProxy::Encrypted(self.encrypted(self.tcp.clone())?),
            _ => return Err(UnknownProxy.into()),
        };
        if !is_encrypted {
            let mut line = to_proxy.clone().call(proxy_uri).await?;
            line.is_read_by_proxy = true;
            return Ok(line);
        }
        let mut tunnel = Tunnel::new(proxy_uri, to_proxy);
        if let Some(authorization) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        Ok(Line::new(self.encrypted(tunnel)?.call(uri).await?))
    }
}

impl Service<Uri> for Connector {
    type Response = Line;
    type Error = BoxError;
    type Future = Connecting<Line>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

/// The way to a proxy.
#[derive(Clone)]
enum ToProxy {
    Clear(HttpConnector<Names>),
    Encrypted(HttpsConnector<HttpConnector<Names>>),
}

impl Service<Uri> for ToProxy {
    type Response = Line;
    type Error = BoxError;
    type Future = Connecting<Line>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        match self.clone() {
            Self::Clear(mut way) => Box::pin(async move { Ok(Line::new(way.call(uri).await?)) }),
            Self::Encrypted(mut way) => {
                Box::pin(async move { Ok(Line::new(way.call(uri).await?)) })
            }
        }
    }
}

/// A connection, whatever lies below it.
pub(crate) struct Line {
    stream: Box<dyn Wire>,
    /// Whether a proxy reads the requests, so that they name the whole address.
    is_read_by_proxy: bool,
}

trait Wire: Read + Write + Connection + Unpin + Send {}
impl<T: Read + Write + Connection + Unpin + Send> Wire for T {}

impl Line {
    fn new(stream: impl Wire + 'static) -> Self {
        Self { stream: Box::new(stream), is_read_by_proxy: false }
    }
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        let connected = self.stream.connected();
        if self.is_read_by_proxy { connected.proxy(true) } else { connected }
    }
}

impl Read for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// How names become addresses.
#[derive(Clone, Debug)]
pub(crate) enum Names {
    /// The system's resolver.
    System(GaiResolver),
    /// Every name is this machine: a drill asks no resolver.
    Loopback,
}

impl Service<Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, std::io::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), std::io::Error>> {
        match self {
            Self::System(resolver) => resolver.poll_ready(context),
            Self::Loopback => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, name: Name) -> Self::Future {
        match self {
            Self::System(resolver) => {
                let found = resolver.call(name);
                Box::pin(async move { Ok(found.await?.collect::<Vec<_>>().into_iter()) })
            }
            Self::Loopback => {
                let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
                Box::pin(ready(Ok(vec![here].into_iter())))
            }
        }
    }
}
