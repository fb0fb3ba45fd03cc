//! A provider that answers as it is told.

use agents::{
    dispatch::{
        Delta, Embeddings, FailureKind, Finish, Model, ModelFailure, ModelRequest, Part, Provider, Reply,
        ServiceTier, Usage,
    },
    ports::models::{Deadlines, LanguageModel, ReplyStream},
};
use async_trait::async_trait;
use futures_util::{StreamExt, future, stream};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

/// What the known call of the facts takes: 1,042,500,000 pico-dollars at Gemini Flash.
pub(crate) const KNOWN: Usage =
    Usage { fresh: 600, cache_read: 400, cache_write_5m: 0, cache_write_1h: 0, output: 150, reasoning: 50 };
pub(crate) const KNOWN_COST: i64 = 1_042_500_000;

pub(crate) enum Turn {
    Says(Reply),
    /// Answers when it is asked for once more.
    Later(Reply),
    Fails(ModelFailure),
    /// Never answers.
    Hangs,
    /// These pieces, and then nothing more, without an end.
    Pieces(Vec<Result<Delta, ModelFailure>>),
}

/// Answers the turns one after the other, and the last reply again and again.
pub(crate) struct Scripted {
    provider: Provider,
    turns: Mutex<VecDeque<Turn>>,
    pub(crate) asked: Mutex<Vec<(String, ModelRequest, Deadlines)>>,
    /// Answers that are open and were not dropped.
    open: Arc<AtomicUsize>,
}

impl Scripted {
    pub(crate) fn new(provider: Provider) -> Arc<Self> {
        let (turns, asked) = (Mutex::default(), Mutex::default());
        Arc::new(Self { provider, turns, asked, open: Arc::default() })
    }

    pub(crate) fn play(&self, turns: impl IntoIterator<Item = Turn>) {
        self.turns.lock().unwrap().extend(turns);
    }

    pub(crate) fn times(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    fn turn(&self, model: &Model, request: &ModelRequest, within: Deadlines) -> (Turn, Open) {
        self.asked.lock().unwrap().push((model.id.clone(), request.clone(), within));
        let turn = self.turns.lock().unwrap().pop_front().unwrap_or_else(|| Turn::Says(reply("Yes.")));
        self.open.fetch_add(1, Ordering::SeqCst);
        (turn, Open(self.open.clone()))
    }
}

struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(crate) fn reply(text: &str) -> Reply {
    Reply {
        parts: vec![Part::Text(text.to_owned())],
        finish: Finish::Stop,
        usage: Some(KNOWN),
        served_by: Some("exactly-this-one".to_owned()),
        id: None,
        tier: ServiceTier::Standard,
    }
}

pub(crate) fn fails(kind: FailureKind) -> Turn {
    Turn::Fails(ModelFailure::new(kind, "the provider's own words"))
}

/// Each provider answers under a name of its own, so each model must be one that it serves.
#[async_trait]
impl LanguageModel for Scripted {
    fn provider(&self) -> Provider {
        self.provider
    }

    async fn generate(
        &self,
        model: &Model,
        request: &ModelRequest,
        within: Deadlines,
    ) -> Result<Reply, ModelFailure> {
        assert!(model.served_as.contains_key(&self.provider), "{} is not served here", model.id);
        let (turn, _open) = self.turn(model, request, within);
        match turn {
            Turn::Says(reply) => Ok(reply),
            Turn::Later(reply) => {
                futures_util::pending!();
                Ok(reply)
            }
            Turn::Fails(failure) => Err(failure),
            Turn::Hangs | Turn::Pieces(_) => future::pending().await,
        }
    }

    async fn stream(
        &self,
        model: &Model,
        request: &ModelRequest,
        within: Deadlines,
    ) -> Result<ReplyStream, ModelFailure> {
        let (turn, open) = self.turn(model, request, within);
        let pieces = match turn {
            Turn::Says(reply) | Turn::Later(reply) => {
                let text = Delta::Text(reply.text());
                vec![Ok(text), Ok(Delta::End(Box::new(reply)))]
            }
            Turn::Fails(failure) => return Err(failure),
            Turn::Hangs => Vec::new(),
            Turn::Pieces(pieces) => pieces,
        };
        let hold = move |piece| {
            let _open = &open;
            piece
        };
        Ok(stream::iter(pieces).chain(stream::pending()).map(hold).boxed())
    }

    async fn count(&self, _: &Model, request: &ModelRequest, _: Deadlines) -> Result<u64, ModelFailure> {
        Ok(request.estimated_input())
    }

    async fn embed(
        &self,
        model: &Model,
        texts: &[String],
        within: Deadlines,
    ) -> Result<Embeddings, ModelFailure> {
        let (turn, _open) = self.turn(model, &ModelRequest::default(), within);
        match turn {
            Turn::Says(_) | Turn::Later(_) => Ok(Embeddings {
                vectors: texts.iter().map(|_| vec![0.5, 1.0]).collect(),
                usage: Some(Usage { fresh: 1_000, ..Usage::NONE }),
            }),
            Turn::Fails(failure) => Err(failure),
            Turn::Hangs | Turn::Pieces(_) => future::pending().await,
        }
    }
}
