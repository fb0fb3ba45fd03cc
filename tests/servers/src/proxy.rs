//! A TCP proxy between a program and a server of its, which can slow the way, stop it, cut it and lead it elsewhere.

use crate::tls::Acceptor;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{self, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, timeout_at},
};

/// A running one, until it is dropped; connections end with it.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    way: watch::Sender<Way>,
    accepting: JoinHandle<()>,
}

/// How what is said gets through.
#[derive(Debug, Clone, Copy)]
struct Way {
    to: SocketAddr,
    delay: Duration,
    is_open: bool,
    /// Connections from before the last cut end.
    cuts: u64,
    /// Pieces of what clients said that came here.
    said: u64,
}

impl Proxy {
    /// In front of the server at this address, on a free port.
    pub async fn before(to: SocketAddr) -> Self {
        Self::start(to, None).await
    }

    /// The same, which clients reach by TLS only.
    pub async fn with_tls(to: SocketAddr, acceptor: Acceptor) -> Self {
        Self::start(to, Some(acceptor)).await
    }

    async fn start(to: SocketAddr, acceptor: Option<Acceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let way = watch::Sender::new(Way { to, delay: Duration::ZERO, is_open: true, cuts: 0, said: 0 });
        let of_all = way.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (way, acceptor) = (of_all.clone(), acceptor.clone());
                // A connection that breaks is the client's to notice.
                tokio::spawn(async move { connect(client, acceptor, &way).await.ok() });
            }
        });
        Self { address, way, accepting }
    }

    /// From now on each direction takes this much longer, also for what is on its way.
    pub fn slow(&self, delay: Duration) {
        self.way.send_modify(|way| way.delay = delay);
    }

    /// Nothing gets through any more, and nobody is told.
    pub fn stall(&self) {
        self.way.send_modify(|way| way.is_open = false);
    }

    /// As fast as it goes; what has waited comes at once.
    pub fn go_on(&self) {
        self.way.send_modify(|way| (way.is_open, way.delay) = (true, Duration::ZERO));
    }

    /// Ends every connection; new ones may come.
    pub fn cut(&self) {
        self.way.send_modify(|way| way.cuts += 1);
    }

    /// New connections lead to another server; those that there are end.
    pub fn lead_to(&self, to: SocketAddr) {
        self.way.send_modify(|way| {
            way.to = to;
            way.cuts += 1;
        });
    }

    /// Returns when clients have said something more than they had when this was called.
    pub fn heard(&self) -> impl Future<Output = ()> + use<> {
        let mut way = self.way.subscribe();
        let before = way.borrow().said;
        async move {
            way.wait_for(|way| way.said > before).await.unwrap();
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn connect(client: TcpStream, acceptor: Option<Acceptor>, way: &watch::Sender<Way>) -> io::Result<()> {
    let (to, cuts) = (way.borrow().to, way.borrow().cuts);
    client.set_nodelay(true)?;
    let mut news = way.subscribe();
    let cut = async { news.wait_for(|way| way.cuts > cuts).await.map(drop) };
    let through = async {
        let server = TcpStream::connect(to).await?;
        server.set_nodelay(true)?;
        match acceptor {
            Some(acceptor) => join(acceptor.accept(client).await?, server, way).await,
            None => join(client, server, way).await,
        }
    };
    tokio::select! {
        ended = through => ended,
        _ = cut => Ok(()),
    }
}

async fn join(
    client: impl AsyncRead + AsyncWrite,
    server: TcpStream,
    way: &watch::Sender<Way>,
) -> io::Result<()> {
    let ((from_client, to_client), (from_server, to_server)) = (io::split(client), io::split(server));
    let note = || way.send_modify(|way| way.said += 1);
    // Each side may still speak when the other has said all; when one breaks, both do.
    tokio::try_join!(pass(from_client, to_server, way, note), pass(from_server, to_client, way, || ()),)?;
    Ok(())
}

/// Passes on what comes, in order, each piece after the delay. Reading goes on meanwhile.
async fn pass(
    from: impl AsyncRead,
    to: impl AsyncWrite,
    way: &watch::Sender<Way>,
    note: impl Fn(),
) -> io::Result<()> {
    let (pieces, mut waiting) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let reading = async {
        let mut from = std::pin::pin!(from);
        loop {
            let mut piece = vec![0; 16 * 1024];
            let length = from.read(&mut piece).await?;
            note();
            piece.truncate(length);
            // The empty one is the end, which comes as late as the rest.
            if pieces.send((Instant::now(), piece)).is_err() || length == 0 {
                return std::future::pending::<io::Result<()>>().await;
            }
        }
    };
    let writing = async {
        let (mut to, mut way) = (std::pin::pin!(to), way.subscribe());
        while let Some((came, piece)) = waiting.recv().await {
            hold(came, &mut way).await;
            if piece.is_empty() {
                return to.shutdown().await;
            }
            to.write_all(&piece).await?;
            to.flush().await?;
        }
        Ok(())
    };
    tokio::select! {
        ended = reading => ended,
        ended = writing => ended,
    }
}

/// Returns when what came then may pass.
async fn hold(came: Instant, way: &mut watch::Receiver<Way>) {
    loop {
        let Way { delay, is_open, .. } = *way.borrow_and_update();
        let due = came + delay;
        if is_open && Instant::now() >= due {
            return;
        }
        let ended = if is_open {
            timeout_at(due, way.changed()).await.is_ok_and(|changed| changed.is_err())
        } else {
            way.changed().await.is_err()
        };
        if ended {
            return;
        }
    }
}
