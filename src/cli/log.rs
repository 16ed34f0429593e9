//! Messages to standard error: plain or as JSON, more or fewer; never an article's text.

use clap::{Args as ClapArgs, ValueEnum};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// Flags about messages.
#[derive(ClapArgs)]
#[command(next_help_heading = "Messages")]
pub struct LogArgs {
    /// Errors alone: no progress and no summary.
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Also tell of checkpoints and faults as they come.
    #[arg(short, long)]
    verbose: bool,

    /// How messages are written: lines for people, or one JSON object a line.
    #[arg(long, value_enum, default_value = "text")]
    log_format: LogFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// Sends what a command tells from here on to standard error as plain lines, or errors alone.
pub fn start(quiet: bool) {
    let args = LogArgs {
        quiet,
        verbose: false,
        log_format: LogFormat::Text,
    };
    args.start();
}

impl LogArgs {
    /// True where a bar may be drawn among the messages.
    pub fn bar(&self) -> bool {
        self.log_format == LogFormat::Text
    }

    /// Sends what the program tells from here on to standard error.
    pub fn start(&self) {
        let level = match (self.quiet, self.verbose) {
            (true, _) => Level::ERROR,
            (_, true) => Level::DEBUG,
            _ => Level::INFO,
        };
        // Libraries tell of what is odd in a page; only what the program itself says is for its users.
        let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
        let messages = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_target(false)
            .with_writer(std::io::stderr);
        match self.log_format {
            LogFormat::Json => messages
                .json()
                .flatten_event(true)
                .with_current_span(false)
                .with_span_list(false)
                .finish()
                .with(own)
                .init(),
            LogFormat::Text => messages
                .without_time()
                .with_level(false)
                .with_ansi(false)
                .finish()
                .with(own)
                .init(),
        }
        // What a panic says may hold an article's text; the fault has it, the messages do not.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            tracing::warn!("panicked at {}", place.unwrap_or_default());
        }));
    }
}
