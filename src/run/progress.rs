//! What a person sees while a run goes on: a bar on a terminal, a line every 30 seconds elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};

use super::Counts;

/// Between two lines where standard error is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Tells how far a run is.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    total_bytes: u64,
    started: Instant,
    last_line: Instant,
}

impl Progress {
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

    /// Shows where the run stands.
    pub fn show(&mut self, counts: &Counts, input_bytes: u64) {
        let seconds = self.started.elapsed().as_secs_f64().max(1e-3);
        let per_second = |count: u64| HumanCount((count as f64 / seconds) as u64);
        if let Some(bar) = &self.bar {
            bar.set_position(input_bytes);
            bar.set_message(format!(
                "{} articles, {} tokens/s, {} faults",
                HumanCount(counts.read),
                per_second(counts.tokens),
                HumanCount(counts.faults)
            ));
        } else if self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            tracing::info!(
                "{} articles, {} of {}, {} tokens/s, {} faults{}",
                HumanCount(counts.read),
                HumanBytes(input_bytes),
                HumanBytes(self.total_bytes),
                per_second(counts.tokens),
                HumanCount(counts.faults),
                self.time_left(input_bytes)
            );
        }
    }

    fn time_left(&self, input_bytes: u64) -> String {
        if input_bytes == 0 || self.total_bytes <= input_bytes {
            return String::new();
        }
        let left = (self.total_bytes - input_bytes) as f64 / input_bytes as f64;
        format!(
            ", about {} left",
            HumanDuration(self.started.elapsed().mul_f64(left))
        )
    }

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
