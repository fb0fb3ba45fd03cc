//! From a call and a turn to the bytes that answer it.

use crate::{
    Answer,
    turn::{Kind, Refusal, Turn},
};
use serde_json::Value;
use std::{borrow::Cow, time::Duration};

/// A request to a model that its wire has found good.
pub(crate) trait Call: Send {
    /// An error in the wire's envelope.
    fn refusal(&self, refusal: &Refusal) -> Whole;

    /// The whole answer.
    fn whole(&self, said: &Said<'_>) -> Value;

    /// The answer as a stream; `None` when the caller asked for none.
    fn stream(&self, _: &Said<'_>) -> Option<Vec<Piece>> {
        None
    }

    /// The error that breaks a stream.
    fn breaks(&self) -> Refusal;

    /// This error within a stream, before which there was nothing or something.
    fn break_bytes(&self, refusal: &Whole, _is_first: bool) -> Vec<u8> {
        refusal.body.clone()
    }

    /// Of a stream.
    fn content_type(&self) -> &'static str {
        "text/event-stream; charset=utf-8"
    }
}

/// What a wire puts into its own words.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    pub(crate) answer: Cow<'a, Answer>,
    pub(crate) blocked: bool,
    /// For the ids in the answer.
    pub(crate) id: usize,
}

impl Said<'_> {
    /// Nothing, as it is blocked; the prompt is paid.
    fn blocked(id: usize) -> Self {
        let mut answer = Answer { text: String::new(), ..Answer::default() };
        (answer.tokens.output, answer.tokens.reasoning) = (0, 0);
        Self { answer: Cow::Owned(answer), blocked: true, id }
    }
}

/// An event of a stream.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    /// It has a part of the answer: these are counted and paced.
    pub(crate) carries: bool,
}

impl Piece {
    pub(crate) fn carrying(bytes: Vec<u8>) -> Self {
        Self { bytes, carries: true }
    }

    pub(crate) fn framing(bytes: Vec<u8>) -> Self {
        Self { bytes, carries: false }
    }
}

/// `data: `, this JSON, an empty line.
pub(crate) fn data(value: &Value) -> Vec<u8> {
    let mut bytes = b"data: ".to_vec();
    write_json(&mut bytes, value);
    bytes.extend(b"\n\n");
    bytes
}

pub(crate) fn write_json(bytes: &mut Vec<u8>, value: &Value) {
    serde_json::to_writer(bytes, value).expect("a JSON value can be written to memory");
}

/// An answer of known length.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Whole {
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        let mut body = Vec::with_capacity(512);
        write_json(&mut body, value);
        Self { status, headers: Vec::new(), body }
    }

    pub(crate) fn with_header(mut self, header: Option<(&'static str, String)>) -> Self {
        self.headers.extend(header);
        self
    }
}

/// An answer that comes in pieces.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) content_type: &'static str,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) pace: Duration,
    pub(crate) split_bytes: Option<usize>,
    /// The connection is closed instead of the stream's end.
    pub(crate) is_cut: bool,
}

/// What the server does.
#[derive(Debug)]
pub(crate) enum Reply {
    Whole(Whole),
    /// The head, half the body, and no more.
    Half(Whole),
    Stream(Stream),
    Reset,
    Silence,
}

/// What this call gets on this turn.
pub(crate) fn to(call: &dyn Call, turn: &Turn, id: usize) -> Reply {
    let said = |answer| Said { answer: Cow::Borrowed(answer), blocked: false, id };
    match &turn.kind {
        Kind::Says(answer) => says(call, &said(answer)),
        Kind::Blocks => says(call, &Said::blocked(id)),
        Kind::Refuses(refusal) => Reply::Whole(call.refusal(refusal)),
        Kind::Breaks(answer, after) => breaks(call, &said(answer), *after),
        Kind::Cuts(answer, after) => cuts(call, &said(answer), *after),
        Kind::Garbles(answer, after) => garbles(call, &said(answer), *after),
        Kind::Resets => Reply::Reset,
        Kind::Silent => Reply::Silence,
    }
}

fn says(call: &dyn Call, said: &Said<'_>) -> Reply {
    match call.stream(said) {
        Some(pieces) => stream(call, &said.answer, pieces),
        None => Reply::Whole(Whole::json(200, &call.whole(said))),
    }
}

fn stream(call: &dyn Call, answer: &Answer, pieces: Vec<Piece>) -> Reply {
    Reply::Stream(Stream {
        content_type: call.content_type(),
        pieces,
        pace: answer.pace,
        split_bytes: answer.split_bytes,
        is_cut: false,
    })
}

fn breaks(call: &dyn Call, said: &Said<'_>, after: usize) -> Reply {
    let error = call.refusal(&call.breaks());
    let Some(mut pieces) = call.stream(said) else { return Reply::Whole(error) };
    pieces.truncate(end_of(&pieces, after));
    let bytes = call.break_bytes(&error, pieces.is_empty());
    pieces.push(Piece::framing(bytes));
    stream(call, &said.answer, pieces)
}

fn cuts(call: &dyn Call, said: &Said<'_>, after: usize) -> Reply {
    match says(call, said) {
        Reply::Whole(whole) => Reply::Half(whole),
        Reply::Stream(mut stream) => {
            stream.pieces.truncate(end_of(&stream.pieces, after));
            stream.is_cut = true;
            Reply::Stream(stream)
        }
        other => other,
    }
}

fn garbles(call: &dyn Call, said: &Said<'_>, after: usize) -> Reply {
    match says(call, said) {
        Reply::Whole(mut whole) => {
            whole.body.truncate(whole.body.len() / 2);
            Reply::Whole(whole)
        }
        Reply::Stream(mut stream) => {
            let end = end_of(&stream.pieces, after);
            let last = stream.pieces.len().saturating_sub(1);
            if let Some(piece) = stream.pieces.get_mut(end.min(last)) {
                garble(&mut piece.bytes);
            }
            Reply::Stream(stream)
        }
        other => other,
    }
}

/// Takes the last quarter of an event away, but not what ends it.
fn garble(bytes: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let content = text.trim_end_matches(['\r', '\n']);
    let mut kept = content.len() * 3 / 4;
    while !content.is_char_boundary(kept) {
        kept -= 1;
    }
    *bytes = [&text[..kept], &text[content.len()..]].concat().into_bytes();
}

/// How many events there are up to the next that carries something after so many that do; the events that close the stream
/// are never among them.
fn end_of(pieces: &[Piece], after: usize) -> usize {
    let carrying = || pieces.iter().enumerate().filter(|(_, piece)| piece.carries).map(|(at, _)| at);
    match carrying().nth(after) {
        Some(next) => next,
        None => carrying().next_back().map_or(0, |last| last + 1),
    }
}
