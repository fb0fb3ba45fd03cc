//! A hundred sudden deaths in the middle of the main job: what was acknowledged is there, what was accepted ends, and
//! the sums agree.
//!
//! Founders go through the main job over HTTP, several at a time, while the process that answers them is killed and started
//! anew on the same data. Each death is between two and some ten writes after the process got ready, and some
//! microseconds after the last of them was sent. `KILLS_SEED` repeats the drawing.

#![expect(clippy::print_stderr, reason = "a failure is looked into with the seed of its run")]

mod aftermath;
mod founder;

use super::{
    data_file::DataFile,
    server::{Database, Process, Server},
};
use aftermath::Book;
use founder::{Founder, PASSWORD, Stage};
use std::{path::Path, time::Duration};
use tokio::task::JoinSet;

const FOUNDERS: usize = 4;

/// No limit that a client would meet.
const SETTINGS: [(&str, &str); 2] =
    [("RATE_LIMIT_PER_MINUTE", "1000000"), ("RATE_LIMIT_AUTH_PER_MINUTE", "1000000")];

/// Random enough to kill by: SplitMix64.
struct Dice(u64);

impl Dice {
    #[expect(clippy::disallowed_methods, reason = "a test's own switch")]
    fn new() -> Self {
        let given = std::env::var("KILLS_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| kernel::Environment::system().ids.uuid().as_u64_pair().1);
        eprintln!("KILLS_SEED={seed}");
        Self(seed)
    }

    /// Less than `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// All processes over one database.
enum Installation<'d> {
    Embedded { folder: &'d Path, server: Server },
    Pair { database: &'d Database, redis: &'d str, server: Server, worker: Option<Process> },
}

impl Installation<'_> {
    fn server(&self) -> &Server {
        let (Self::Embedded { server, .. } | Self::Pair { server, .. }) = self;
        server
    }

    /// Kills the process, or on a server database one or both of the two. Answers whether nobody serves now.
    fn dies(&mut self, dice: &mut Dice) -> bool {
        match self {
            Self::Embedded { server, .. } => {
                server.kill();
                true
            }
            Self::Pair { server, worker, .. } => {
                let whom = dice.below(3);
                if whom != 0 {
                    *worker = None;
                }
                if whom != 1 {
                    server.kill();
                }
                whom != 1
            }
        }
    }

    /// Starts again what is dead.
    async fn comes_back(&mut self, serves_nobody: bool) {
        match self {
            Self::Embedded { folder, server } => *server = Server::embedded_with(folder, &SETTINGS).await,
            Self::Pair { database, redis, server, worker } => {
                let settings = with(redis);
                worker.get_or_insert_with(|| database.worker_with(&settings));
                if serves_nobody {
                    *server = database.server_with(&settings).await;
                }
            }
        }
    }
}

/// Returns some microseconds after some more writes were sent.
async fn the_moment(stage: &Stage, dice: &mut Dice) {
    let mut writes = stage.writes.subscribe();
    let sent = *writes.borrow() + 2 + dice.below(10);
    let busy = writes.wait_for(|writes| *writes >= sent);
    drop(tokio::time::timeout(Duration::from_secs(60), busy).await.expect("the founders write").unwrap());
    let rest = Duration::from_micros(dice.below(12_000));
    tokio::task::spawn_blocking(move || std::thread::park_timeout(rest)).await.unwrap();
}

/// Lets founders work while `installation` is killed so often, then looks whether everything is well.
async fn are_survived(kills: u32, mut installation: Installation<'_>, folder: &Path, mut book: Book) {
    let mut dice = Dice::new();
    let stage = Stage::at(&installation.server().base);
    let mut founders = JoinSet::new();
    for n in 0..FOUNDERS {
        let email = format!("founder{n}@example.com");
        installation.server().client(folder).join(&email, PASSWORD).await.unwrap();
        founders.spawn(Founder::new(email, &stage).live());
    }
    for _ in 0..kills {
        the_moment(&stage, &mut dice).await;
        let serves_nobody = installation.dies(&mut dice);
        if serves_nobody {
            stage.base.send_replace(String::new());
        }
        installation.comes_back(serves_nobody).await;
        stage.base.send_replace(installation.server().base.clone());
    }
    stage.is_over.send_replace(true);
    let lives = founders.join_all().await;
    book.is_quiet().await;
    let told: usize = lives.iter().map(|(_, stories)| stories.len()).sum();
    eprintln!("{kills} kills, {} writes sent, {told} stories", *stage.writes.borrow());
    for (mut founder, stories) in lives {
        founder.log_in().await;
        aftermath::is_there(&founder, &stories, folder).await;
    }
    book.adds_up().await;
}

/// A hundred of them, of the one process that does everything.
pub(crate) async fn of_an_embedded_server(folder: &Path) {
    let server = Server::embedded_with(folder, &SETTINGS).await;
    let book = Book::File(DataFile::of(folder));
    are_survived(100, Installation::Embedded { folder, server }, folder, book).await;
}

/// A hundred, each of the server, the worker, or both, which share this Redis. It and the database live on.
pub(crate) async fn of_server_and_worker(folder: &Path, redis: &str) {
    let database = Database::fresh(folder).await;
    let settings = with(redis);
    let (worker, server) = (Some(database.worker_with(&settings)), database.server_with(&settings).await);
    let book = Book::Server(Box::new(database.system().await));
    are_survived(100, Installation::Pair { database: &database, redis, server, worker }, folder, book).await;
}

fn with(redis: &str) -> [(&str, &str); 3] {
    [SETTINGS[0], SETTINGS[1], ("REDIS_URL", redis)]
}
