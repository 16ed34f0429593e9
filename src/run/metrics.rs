//! The state of a run as a Prometheus text file, for a node exporter's textfile collector.
//!
//! It is replaced as a whole, so that no collector reads half of one. A file that cannot be written is told and costs
//! nothing else. The format: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use std::fmt::Write as _;
use std::path::Path;

use super::manifest::Manifest;

/// Replaces the file at `path`.
pub(super) fn write(path: &Path, manifest: &Manifest, input_bytes: u64, now_unix: u64) {
    let text = text(manifest, input_bytes, now_unix);
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let written = std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, path));
    if let Err(error) = written {
        tracing::warn!(path = %path.display(), "the metrics file cannot be written: {error}");
    }
}

fn text(manifest: &Manifest, input_bytes: u64, now_unix: u64) -> String {
    let shard = manifest.job.shard.as_deref().unwrap_or("");
    let labels = format!(
        "run=\"{}\",shard=\"{}\"",
        escaped(&manifest.run),
        escaped(shard)
    );
    let (counts, stages) = (&manifest.counts, &manifest.worker_seconds);
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, values: &[(&str, f64)]| {
        let _ = writeln!(
            text,
            "# HELP sanctag_{name} {help}\n# TYPE sanctag_{name} {kind}"
        );
        for (label, value) in values {
            let comma = if label.is_empty() { "" } else { "," };
            let _ = writeln!(text, "sanctag_{name}{{{labels}{comma}{label}}} {value}");
        }
    };
    family(
        "records_read_total",
        "counter",
        "Records read.",
        &[("", counts.read as f64)],
    );
    family(
        "lines_written_total",
        "counter",
        "Articles annotated.",
        &[("", counts.written as f64)],
    );
    family(
        "faults_total",
        "counter",
        "Records that could not be annotated.",
        &[("", counts.faults as f64)],
    );
    family(
        "relevant_total",
        "counter",
        "Articles that speak of sanctions.",
        &[("", counts.relevant as f64)],
    );
    family(
        "tokens_total",
        "counter",
        "Tokens that the model read.",
        &[("", counts.tokens as f64)],
    );
    family(
        "resumes_total",
        "counter",
        "Times that the run was resumed.",
        &[("", f64::from(manifest.resumes))],
    );
    family(
        "input_bytes",
        "gauge",
        "Bytes of the input as stored.",
        &[("", manifest.job.input.bytes as f64)],
    );
    family(
        "input_done_bytes",
        "gauge",
        "Bytes of the input that are done.",
        &[("", input_bytes as f64)],
    );
    family(
        "run_seconds_total",
        "counter",
        "Seconds of the run and those that it resumes.",
        &[("", manifest.seconds)],
    );
    family(
        "stage_seconds_total",
        "counter",
        "Seconds by stage, summed over the threads.",
        &[
            ("stage=\"read\"", stages.read),
            ("stage=\"prepare\"", stages.prepare),
            ("stage=\"model\"", stages.model),
            ("stage=\"finish\"", stages.finish),
            ("stage=\"write\"", stages.write),
        ],
    );
    family(
        "finished",
        "gauge",
        "1 once the run has come to its end.",
        &[("", f64::from(u8::from(manifest.finished)))],
    );
    family(
        "updated_seconds",
        "gauge",
        "Unix time of this file.",
        &[("", now_unix as f64)],
    );
    text
}

/// A label's value.
fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
