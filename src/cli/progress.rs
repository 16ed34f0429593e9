//! How far a command is: a bar on a terminal, a line every 30 seconds elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Between two lines where standard error is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);

pub struct Progress {
    bar: Option<ProgressBar>,
    quiet: bool,
    total: u64,
    what: &'static str,
    last_line: Mutex<Instant>,
}

impl Progress {
    pub fn new(total: u64, what: &'static str, quiet: bool) -> Self {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new(total);
            let template =
                format!("{{elapsed_precise}} {{wide_bar}} {{pos}}/{{len}} {what}, {{eta}} left");
            bar.set_style(
                ProgressStyle::with_template(&template)
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar
        });
        Self {
            bar,
            quiet,
            total,
            what,
            last_line: Mutex::new(Instant::now()),
        }
    }

    /// Shows that `done` are done.
    pub fn show(&self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        } else if let (false, Ok(mut last)) = (self.quiet, self.last_line.lock())
            && LINE_EVERY <= last.elapsed()
        {
            *last = Instant::now();
            eprintln!("{done} of {} {}", self.total, self.what);
        }
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
