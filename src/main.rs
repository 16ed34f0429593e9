//! The program: exit codes, broken pipe, the error chain; nothing else.

mod cli;
mod exit;

use std::process::ExitCode;

use exit::Exit;

fn main() -> ExitCode {
    let exit = cli::run().unwrap_or_else(|error| {
        if !broken_pipe(&error) {
            let remedy = error
                .downcast_ref::<sanctag::Error>()
                .and_then(sanctag::Error::remedy);
            eprintln!(
                "sanctag: {error:#}{}{}",
                if remedy.is_some() { ". " } else { "" },
                remedy.unwrap_or_default()
            );
        }
        Exit::Failed
    });
    ExitCode::from(exit.code())
}

/// True when whoever read our output went away, as `head` does: no message, and no success either.
fn broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
