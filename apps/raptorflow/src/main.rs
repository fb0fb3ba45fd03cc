//! The process; everything it does is in the library.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match raptorflow::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell when standard error is closed too.
            let _ = writeln!(std::io::stderr(), "raptorflow: {error:#}");
            ExitCode::FAILURE
        }
    }
}
