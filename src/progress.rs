//! What a person sees while something long goes on: a bar on a terminal, a line every 30 seconds elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressStyle};

/// Between two lines where standard error is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Tells how far the work is, in bytes of input.
pub struct Progress {
    bar: Option<ProgressBar>,
    total_bytes: u64,
    started: Instant,
    last_line: Instant,
}

impl Progress {
    /// Starts the clock; with a total of 0 the end is not known.
    #[must_use]
    pub fn new(total_bytes: u64, quiet: bool) -> Self {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| bar(total_bytes));
        let now = Instant::now();
        Self {
            bar,
            total_bytes,
            started: now,
            last_line: now,
        }
    }

    /// Shows where the work stands; `message` gets the seconds since its start, more than 0.
    pub fn show(&mut self, bytes: u64, message: impl FnOnce(f64) -> String) {
        let seconds = self.started.elapsed().as_secs_f64().max(1e-3);
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
            bar.set_message(message(seconds));
        } else if self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            tracing::info!(
                "{} of {}, {}{}",
                HumanBytes(bytes),
                HumanBytes(self.total_bytes),
                message(seconds),
                self.time_left(bytes)
            );
        }
    }

    fn time_left(&self, bytes: u64) -> String {
        if bytes == 0 || self.total_bytes <= bytes {
            return String::new();
        }
        let left = (self.total_bytes - bytes) as f64 / bytes as f64;
        format!(
            ", about {} left",
            HumanDuration(self.started.elapsed().mul_f64(left))
        )
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(total_bytes: u64) -> ProgressBar {
    const STYLE: &str = "{elapsed_precise} {wide_bar} {bytes}/{total_bytes} {msg}, {eta} left";
    let (bar, template) = match total_bytes {
        0 => (
            ProgressBar::new_spinner(),
            "{elapsed_precise} {spinner} {msg}",
        ),
        total => (ProgressBar::new(total), STYLE),
    };
    bar.set_style(
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}
