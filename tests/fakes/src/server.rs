//! The connections: takes requests, sends answers, notices who goes.

use crate::{
    http::{Connection, Gone},
    reply::{Reply, Stream, Whole},
    routes,
    state::{Open, State},
};
use std::{io::Write as _, sync::Arc};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Serves until it is dropped, and its connections with it.
pub(crate) async fn run(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, Arc::clone(&state)));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    // It is faster with it, and right without.
    let _ = stream.set_nodelay(true);
    let mut connection = Connection::new(stream);
    while let Ok(Some(request)) = connection.request().await {
        let open = state.opens();
        let (after, reply) = routes::reply(&state, &request);
        let sent = match connection.wait(after).await {
            Ok(()) if matches!(reply, Reply::Reset) => return connection.reset(),
            Ok(()) => send(&mut connection, reply, open, request.keep).await,
            Err(Gone) => {
                drop(open);
                Err(Gone)
            }
        };
        match sent {
            Ok(Next::Keeps) => {}
            Ok(Next::Closes) => return,
            Err(Gone) => return state.hung_up(),
        }
    }
}

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Keeps,
    Closes,
}

async fn send(connection: &mut Connection, reply: Reply, open: Open, keeps: bool) -> Result<Next, Gone> {
    let next = if keeps { Next::Keeps } else { Next::Closes };
    match reply {
        Reply::Whole(whole) => {
            // Who has the whole answer may ask at once whether the request is still open.
            drop(open);
            connection.write(&bytes_of(&whole, next, whole.body.len())).await?;
            Ok(next)
        }
        Reply::Half(whole) => {
            drop(open);
            connection.write(&bytes_of(&whole, next, whole.body.len() / 2)).await?;
            Ok(Next::Closes)
        }
        Reply::Stream(stream) => send_stream(connection, stream, open, next).await,
        Reply::Silence => {
            connection.gone().await;
            drop(open);
            Err(Gone)
        }
        Reply::Reset => Ok(Next::Closes),
    }
}

/// Head and as much of the body.
fn bytes_of(whole: &Whole, next: Next, body: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256 + body);
    write_head(&mut bytes, whole.status, "application/json; charset=utf-8", next);
    for (name, value) in &whole.headers {
        let _ = write!(bytes, "{name}: {value}\r\n");
    }
    let _ = write!(bytes, "content-length: {}\r\n\r\n", whole.body.len());
    bytes.extend_from_slice(&whole.body[..body]);
    bytes
}

/// Writing to memory does not fail.
fn write_head(bytes: &mut Vec<u8>, status: u16, content_type: &str, next: Next) {
    let _ = write!(bytes, "HTTP/1.1 {status} {}\r\ncontent-type: {content_type}\r\n", reason(status));
    if next == Next::Closes {
        bytes.extend_from_slice(b"connection: close\r\n");
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400..=499 => "Refused",
        _ => "Failed",
    }
}

/// Every event in a chunk of its own, written at once; or chunks of so many bytes.
async fn send_stream(
    connection: &mut Connection,
    stream: Stream,
    open: Open,
    next: Next,
) -> Result<Next, Gone> {
    let mut open = Some(open);
    let mut out = Vec::with_capacity(512);
    write_head(&mut out, 200, stream.content_type, next);
    out.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
    let mut held = Vec::new();
    let mut has_carried = false;
    let last = stream.pieces.len().saturating_sub(1);
    let sent = async {
        connection.write(&out).await?;
        for (at, piece) in stream.pieces.iter().enumerate() {
            if piece.carries && std::mem::replace(&mut has_carried, true) {
                connection.wait(stream.pace).await?;
            }
            held.extend_from_slice(&piece.bytes);
            let size = stream.split_bytes.unwrap_or(held.len()).max(1);
            let is_last = at == last;
            while held.len() >= size || (is_last && !held.is_empty()) {
                out.clear();
                let rest = held.split_off(size.min(held.len()));
                write_chunk(&mut out, &held);
                held = rest;
                if is_last && held.is_empty() {
                    drop(open.take());
                    out.extend_from_slice(if stream.is_cut { b"" } else { b"0\r\n\r\n" });
                }
                connection.write(&out).await?;
            }
        }
        Ok(if stream.is_cut { Next::Closes } else { next })
    }
    .await;
    drop(open);
    sent
}

fn write_chunk(out: &mut Vec<u8>, bytes: &[u8]) {
    let _ = write!(out, "{:x}\r\n", bytes.len());
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
}
