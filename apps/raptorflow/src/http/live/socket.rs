//! WebSockets (RFC 6455): the messages of server-sent events, as text frames.

use super::{
    following::{End, Following, Heard},
    handshake,
    places::Place,
};
use crate::http::{credentials::SUBPROTOCOL, problem::Problem, query};
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use actix_ws::{CloseCode, CloseReason, Closed, Message, MessageStream, ProtocolError, Session};
use kernel::Event;
use serde::{Deserialize, Serialize};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

/// The largest frame that is taken: clients have nothing to say but that they are there.
const FRAME: usize = 1024;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Resume {
    /// The number of the fact that the client had last.
    #[param(minimum = 0)]
    last_event_id: Option<i64>,
}

/// The number of the fact that the client had last: browsers can't send headers along.
///
/// # Errors
/// `invalid_query`.
pub(in crate::http) fn last_event_id(request: &HttpRequest) -> Result<Option<i64>, Problem> {
    let read: Resume = query::read(&query::pairs::<Resume>(request)?)?;
    Ok(read.last_event_id)
}

/// Becomes a WebSocket that tells what is followed, until it is over.
///
/// # Errors
/// `websocket_required` when the client has not asked for one as the standard says.
pub(in crate::http) fn upgrade(
    request: &HttpRequest,
    payload: web::Payload,
    (following, place): (Following, Place),
) -> Result<HttpResponse, Problem> {
    let (answer, session, frames) = actix_ws::handle_with_protocols(request, payload, &[SUBPROTOCOL])
        .map_err(|error| handshake::wanted(&format!("The handshake is not that of a WebSocket: {error}.")))?;
    actix_web::rt::spawn(serve(session, frames.max_frame_size(FRAME), following));
    Ok(answer.map_body(|_, body| BoxBody::new(Held { body, _place: place })))
}

/// The answer's body. The place is free again when that is dropped, and not when the last message was given to it: the
/// connection of a client that takes nothing has its memory so long.
struct Held {
    body: BoxBody,
    _place: Place,
}

impl MessageBody for Held {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

/// What is sent.
#[derive(Serialize)]
struct Told<'a> {
    id: i64,
    event: &'a str,
    data: &'a Event,
}

/// Why nothing more is said.
enum Parting {
    /// We close.
    Close(CloseReason),
    /// The peer is gone, or takes nothing any more.
    Gone,
}

fn close(code: CloseCode, why: &str) -> Parting {
    Parting::Close(CloseReason { code, description: Some(why.to_owned()) })
}

async fn serve(session: Session, frames: MessageStream, mut following: Following) {
    let silence = following.silence();
    let mut pulse = interval_at(Instant::now() + silence, silence);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut peer = Peer { session, frames, pulse, is_there: true, patience: 2 * silence };
    let parting = loop {
        let told = match peer.listen(following.next()).await {
            Ok(Heard::Facts(facts)) => peer.tell(&facts).await,
            // The pulse is the sign of life here.
            Ok(Heard::Nothing) => Ok(()),
            Ok(Heard::End(end)) => Err(parting(end)),
            Err(parting) => Err(parting),
        };
        if let Err(parting) = told {
            break parting;
        }
    };
    drop(following);
    if let Parting::Close(reason) = parting {
        // Whoever does not take it is gone.
        let _ = timeout(peer.patience, peer.session.close(Some(reason))).await;
    }
}

fn parting(end: End) -> Parting {
    match end {
        End::Complete => close(CloseCode::Normal, "everything was told"),
        End::GoingAway => close(CloseCode::Away, "the server ends; connect again"),
        End::Refused => close(CloseCode::Policy, "you may not follow this any more"),
        End::Failed => close(CloseCode::Error, "the facts can't be had; connect again"),
    }
}

/// The client at the other end.
struct Peer {
    session: Session,
    frames: MessageStream,
    pulse: Interval,
    /// Whether it was heard of since the last beat.
    is_there: bool,
    /// How long it may take to take a message.
    patience: Duration,
}

impl Peer {
    /// Waits for what is to be told, and answers what the client sends meanwhile.
    async fn listen(&mut self, next: impl Future<Output = Heard>) -> Result<Heard, Parting> {
        let mut next = pin!(next);
        loop {
            tokio::select! {
                // First what came: a beat that is late must not miss an answer that is there.
                biased;
                heard = &mut next => return Ok(heard),
                frame = self.frames.recv() => self.hear(frame).await?,
                _ = self.pulse.tick() => self.beat().await?,
            }
        }
    }

    async fn hear(&mut self, frame: Option<Result<Message, ProtocolError>>) -> Result<(), Parting> {
        self.is_there = true;
        match frame {
            None | Some(Err(ProtocolError::Io(_))) => Err(Parting::Gone),
            Some(Ok(Message::Ping(bytes))) => taken(self.patience, self.session.pong(&bytes)).await,
            Some(Ok(Message::Pong(_) | Message::Nop)) => Ok(()),
            Some(Ok(Message::Close(_))) => Err(close(CloseCode::Normal, "as you wish")),
            Some(Ok(Message::Text(_) | Message::Binary(_) | Message::Continuation(_))) => {
                Err(close(CloseCode::Unsupported, "clients have nothing to send here"))
            }
            Some(Err(ProtocolError::Overflow)) => Err(close(CloseCode::Size, "a frame is too large")),
            Some(Err(_)) => Err(close(CloseCode::Protocol, "a frame is not one of the protocol's")),
        }
    }

    /// Asks whether the client is still there, unless it has not answered the last time.
    async fn beat(&mut self) -> Result<(), Parting> {
        if !std::mem::take(&mut self.is_there) {
            return Err(Parting::Gone);
        }
        taken(self.patience, self.session.ping(b"")).await
    }

    /// Sends facts, each when there is room for it.
    async fn tell(&mut self, facts: &[Event]) -> Result<(), Parting> {
        for fact in facts {
            let told = Told { id: fact.number, event: &fact.event_type, data: fact };
            let text = serde_json::to_string(&told).map_err(|error| {
                tracing::error!(%error, "a stream of facts broke off");
                parting(End::Failed)
            })?;
            taken(self.patience, self.session.text(text)).await?;
        }
        Ok(())
    }
}

async fn taken(patience: Duration, sending: impl Future<Output = Result<(), Closed>>) -> Result<(), Parting> {
    match timeout(patience, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Closed)) | Err(_) => Err(Parting::Gone),
    }
}
