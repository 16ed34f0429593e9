//! The program: exit codes, broken pipe, the error chain; nothing else.

mod cli;
mod exit;

use std::process::ExitCode;

use exit::Exit;

fn main() -> ExitCode {
    let exit = cli::run().unwrap_or_else(|error| {
        if !broken_pipe(&error) {
            tell(&error);
        }
        Exit::Failed
    });
    ExitCode::from(exit.code())
}

/// Says what went wrong and what to do about it.
fn tell(error: &anyhow::Error) {
    let remedy = error.downcast_ref::<sanctag::Error>();
    let remedy = remedy.and_then(sanctag::Error::remedy);
    let (stop, remedy) = remedy.map_or(("", ""), |remedy| (". ", remedy));
    if tracing::enabled!(tracing::Level::ERROR) {
        tracing::error!("sanctag: {error:#}{stop}{remedy}");
    } else {
        eprintln!("sanctag: {error:#}{stop}{remedy}");
    }
}

/// True when whoever read our output went away, as `head` does: no message, and no success either.
fn broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
