//! What `make bench` and `make soak` measure with, beside wrk and pgbench. Figures go to standard output, one a line.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the scripts read what is printed")]

mod account;
mod first_token;
mod jobs;
mod references;
mod start;
mod stories;

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// The parts of the measurements that shell and wrk can't do.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Serves a bare actix handler at the port
    Bare { port: u16 },
    /// Serves one row of `workspaces` at the port: without tokens, scopes and row-level security
    Row { port: u16, url: String },
    /// Makes an account with so many workspaces; prints its token, its id, and each workspace's id
    Account { base: String, outbox: PathBuf, workspaces: usize },
    /// Prints the cursor of that page of 20 of the workspace's campaigns
    Cursor { base: String, token: String, workspace: String, page: usize },
    /// Prints how many no-op jobs a worker does in a second
    Jobs {
        count: usize,
        /// The app's and the system's URL; without them on SQLite
        urls: Vec<String>,
    },
    /// Asks for so many streamed chat completions at a time, again and again; prints the milliseconds until the first token, the
    /// median
    FirstToken {
        base: String,
        streams: usize,
        body: String,
        #[arg(long, default_value = "key")]
        token: String,
        #[arg(long)]
        workspace: Option<String>,
    },
    /// Starts the embedded server some times; prints the milliseconds of the first start and the median of later ones until
    /// it was ready, and its idle memory in KiB
    Start { binary: PathBuf },
    /// Goes through the main job again and again, so many people at a time, for so long; prints how often
    Stories { base: String, outbox: PathBuf, seconds: u64, people: usize },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().what {
        What::Bare { port } => references::bare(port).await,
        What::Row { port, url } => references::row(port, &url).await,
        What::Account { base, outbox, workspaces } => account::make(&base, outbox, workspaces).await,
        What::Cursor { base, token, workspace, page } => {
            account::cursor(&base, &token, &workspace, page).await
        }
        What::Jobs { count, urls } => jobs::measure(count, &urls).await,
        What::FirstToken { base, streams, body, token, workspace } => {
            let asked =
                first_token::Asked { url: format!("{base}/v1/chat/completions"), body, token, workspace };
            first_token::measure(asked, streams).await
        }
        What::Start { binary } => start::measure(&binary).await,
        What::Stories { base, outbox, seconds, people } => {
            stories::tell(&base, &outbox, seconds, people).await
        }
    }
}
