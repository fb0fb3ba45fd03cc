//! The listening server: sockets, time-outs of connections, graceful end.

use crate::http::Api;
use actix_web::{HttpServer, dev::ServerHandle};
use anyhow::Context;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::time::Duration;

/// How long running requests may take to end after the server was told to: as long as jobs meanwhile.
pub const GRACE: Duration = crate::worker::GRACE;
/// A process that was told to end is gone by then, whatever hangs: after [`GRACE`], the end of its worker, its last figures and
/// spans, and what blocks a thread.
pub const ENDS_WITHIN: Duration = Duration::from_secs(30);
/// A client must have sent the head of its request by then.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// After the answer to a request whose body was refused, what still comes is thrown away for so long; closing at
/// once would reset the connection before the client has read why.
const LINGER: Duration = Duration::from_secs(1);

/// What bounds a server's connections.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How many threads answer.
    pub threads: usize,
    /// How many connections are open at once, rounded up to the same number for each thread; others wait in the system's
    /// queue. The head of a request may have 128 KiB, which is what each takes of memory at most before a request is admitted.
    pub connections: usize,
    /// A connection whose client takes nothing of what is sent for so long is cut, so that it holds neither its place nor its
    /// answer for ever. On Linux only, by its `TCP_USER_TIMEOUT` (tcp(7)), which closed receive windows run into as well.
    pub untaken: Duration,
}

impl Default for Bounds {
    /// A thread for each core, 4096 connections, and a minute, as nginx's `send_timeout`.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { threads, connections: 4096, untaken: Duration::from_secs(60) }
    }
}

/// A server that answers.
#[derive(Debug)]
pub struct Running {
    /// Where.
    pub address: SocketAddr,
    handle: ServerHandle,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// A socket at this address, which `settings` name.
///
/// # Errors
/// When it can't be had; says what is at fault.
pub fn listen((host, port): (&str, u16), settings: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind((host, port)).with_context(|| format!("can't listen on {host}:{port} ({settings})"))
}

impl Running {
    /// Stops accepting, lets running requests end within [`GRACE`], and returns when they have.
    ///
    /// # Errors
    /// What the server ended with, had it failed.
    pub async fn stop(self) -> std::io::Result<()> {
        self.handle.stop(true).await;
        self.task.await.unwrap_or_else(|error| Err(std::io::Error::other(error)))
    }
}

/// Answers on `listener` from now on; must be called inside a Tokio runtime.
///
/// # Errors
/// When the socket can't be served.
pub fn start(bounds: Bounds, listener: TcpListener, api: Api) -> std::io::Result<Running> {
    let address = listener.local_addr()?;
    // The sockets of its connections have it from the listening one.
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(&listener).set_tcp_user_timeout(Some(bounds.untaken))?;
    let server = HttpServer::new(move || crate::http::app(api.clone()))
        .workers(bounds.threads)
        .max_connections(bounds.connections.div_ceil(bounds.threads))
        .h1_allow_half_closed(false)
        .tcp_nodelay(true)
        .client_request_timeout(HEAD_WITHIN)
        .client_disconnect_timeout(LINGER)
        .shutdown_timeout(GRACE.as_secs())
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    Ok(Running { address, handle, task: tokio::spawn(server) })
}
