//! What the connections share with the test.

use crate::{Seen, TokenTurn, Turn};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};
use tokio::sync::watch;

#[derive(Debug)]
pub(crate) struct State {
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    records: bool,
    turns: Mutex<Turns>,
    tokens: Mutex<VecDeque<TokenTurn>>,
    answered: AtomicUsize,
    granted: AtomicUsize,
    open: AtomicUsize,
    pub(crate) seen: watch::Sender<Vec<Seen>>,
    pub(crate) hang_ups: watch::Sender<usize>,
}

#[derive(Debug)]
struct Turns {
    next: VecDeque<Arc<Turn>>,
    always: Arc<Turn>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(crate) fn new(url: String, records: bool) -> Self {
        Self {
            url,
            records,
            turns: Mutex::new(Turns { next: VecDeque::new(), always: Arc::default() }),
            tokens: Mutex::default(),
            answered: AtomicUsize::new(0),
            granted: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            seen: watch::Sender::default(),
            hang_ups: watch::Sender::default(),
        }
    }

    pub(crate) fn play(&self, turn: Turn) {
        locked(&self.turns).next.push_back(Arc::new(turn));
    }

    pub(crate) fn play_always(&self, turn: Turn) {
        locked(&self.turns).always = Arc::new(turn);
    }

    pub(crate) fn next_turn(&self) -> Arc<Turn> {
        let mut turns = locked(&self.turns);
        turns.next.pop_front().unwrap_or_else(|| Arc::clone(&turns.always))
    }

    pub(crate) fn play_token(&self, turn: TokenTurn) {
        locked(&self.tokens).push_back(turn);
    }

    pub(crate) fn next_token_turn(&self) -> TokenTurn {
        locked(&self.tokens).pop_front().unwrap_or_default()
    }

    /// A number that no answer had yet.
    pub(crate) fn next_id(&self) -> usize {
        self.answered.fetch_add(1, Relaxed) + 1
    }

    /// `token-1`, `token-2` and so on.
    pub(crate) fn next_token(&self) -> String {
        format!("token-{}", self.granted.fetch_add(1, Relaxed) + 1)
    }

    pub(crate) fn saw(&self, seen: impl FnOnce() -> Seen) {
        if self.records {
            self.seen.send_modify(|all| all.push(seen()));
        }
    }

    pub(crate) fn hung_up(&self) {
        self.hang_ups.send_modify(|hang_ups| *hang_ups += 1);
    }

    pub(crate) fn open(&self) -> usize {
        self.open.load(Relaxed)
    }

    pub(crate) fn opens(self: &Arc<Self>) -> Open {
        self.open.fetch_add(1, Relaxed);
        Open(Arc::clone(self))
    }
}

/// A request that is being answered, until it is dropped.
#[derive(Debug)]
pub(crate) struct Open(Arc<State>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}
