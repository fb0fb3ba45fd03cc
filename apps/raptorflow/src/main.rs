//! The process; everything it does is in the library.

use mimalloc::MiMalloc;
use std::io::Write;
use std::process::ExitCode;

/// Each request makes and frees a few hundred small things on whichever thread it is; the C library's allocator took a tenth
/// of its time (`docs/performance.md`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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
