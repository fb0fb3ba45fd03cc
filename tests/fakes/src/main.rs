//! The fake as a program, for benchmarks and for callers in other languages. It prints its URL and runs until it is killed.
//!
//! `fake-models [PORT] [--pieces N] [--pace-ms M] [--text-bytes B]`: the default answer has a text of so many bytes (350),
//! which a stream cuts into so many pieces (1), so far apart (0 ms).

use fakes::{Answer, Fake, Turn};
use std::{process::ExitCode, time::Duration};

const USAGE: &str = "usage: fake-models [PORT] [--pieces N] [--pace-ms M] [--text-bytes B]";

struct Settings {
    port: u16,
    pieces: usize,
    pace: Duration,
    text_bytes: usize,
}

impl Settings {
    fn of(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        let mut settings = Self { port: 0, pieces: 1, pace: Duration::ZERO, text_bytes: 350 };
        while let Some(argument) = arguments.next() {
            let mut number = || arguments.next()?.parse::<u32>().ok();
            match argument.as_str() {
                "--pieces" => settings.pieces = usize::try_from(number()?).ok()?,
                "--pace-ms" => settings.pace = Duration::from_millis(number()?.into()),
                "--text-bytes" => settings.text_bytes = usize::try_from(number()?).ok()?,
                port => settings.port = port.parse().ok()?,
            }
        }
        Some(settings)
    }

    fn answer(&self) -> Answer {
        let text: String = "A sentence of the answer. ".chars().cycle().take(self.text_bytes).collect();
        Answer { pieces: self.pieces, pace: self.pace, ..Answer::text(&text) }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(settings) = Settings::of(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let fake = Fake::start_without_records(settings.port).await;
    fake.play_always(Turn::says(settings.answer()));
    println!("{}", fake.url());
    fake.serve().await;
    ExitCode::SUCCESS
}
