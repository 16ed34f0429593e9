//! `sanctag model`: what a model folder holds, and whether it can be used.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use sanctag::engine::folder::ModelFolder;
use sanctag::engine::{self, Batch, Choice, Logits};
use sanctag::{models, run};

use super::engine::EngineArgs;
use crate::exit::Exit;

/// Show or check a model folder.
#[derive(Subcommand)]
#[command(after_help = "Examples:\n  sanctag model show\n  sanctag model verify path/to/folder")]
pub enum Command {
    /// Print what the model is: architecture, sizes, labels, hash.
    #[command(after_help = "Example:\n  sanctag model show path/to/folder")]
    Show {
        /// The model's folder; the shipped model without it.
        dir: Option<PathBuf>,
    },
    /// Load the model with an engine and run it once; exit 0 when it can be used.
    #[command(after_help = "Example:\n  sanctag model verify path/to/folder --engine native")]
    Verify {
        /// The model's folder; the shipped model without it.
        dir: Option<PathBuf>,
        #[command(flatten)]
        engine: EngineArgs,
    },
}

pub fn run(command: Command) -> Result<Exit> {
    match command {
        Command::Show { dir } => show(&models::open(dir)?),
        Command::Verify { dir, engine } => verify(&models::open(dir)?, engine.choice())?,
    }
    Ok(Exit::Done)
}

fn show(folder: &ModelFolder) {
    let config = folder.config();
    let lines = [
        ("model", folder.path().display().to_string()),
        ("sha256", folder.hash().to_owned()),
        ("architecture", config.model_type.clone()),
        ("layers", config.num_hidden_layers.to_string()),
        ("hidden size", config.hidden_size.to_string()),
        ("heads", config.num_attention_heads.to_string()),
        ("vocabulary", config.vocab_size.to_string()),
        ("longest row", format!("{} tokens", config.max_row())),
        (
            "window",
            config
                .window
                .map_or("not named".to_owned(), |window| format!("{window} tokens")),
        ),
        (
            "word shapes",
            if config.word_shapes {
                "read as token types"
            } else {
                "not read"
            }
            .to_owned(),
        ),
        ("kinds", config.labels.kinds().join(" ")),
        ("labels", config.labels.n().to_string()),
    ];
    for (name, value) in lines {
        println!("{name:13} {value}");
    }
}

/// Tokenizes a line and sends it through the engine.
fn verify(folder: &ModelFolder, choice: Choice) -> Result<()> {
    const PROBE: &str = "The Treasury imposed sanctions on Iran.";
    let tokenizer = run::tokenizer(folder)?;
    let model = engine::load(folder, choice)?;
    let tokens = tokenizer
        .tokens(PROBE, &[sanctag::span::Span::new(0, PROBE.len())])
        .map_err(|what| folder.error(&what))?;
    let edges = tokenizer.edges();
    let inner = tokens.ids.iter().copied().zip(tokens.types.iter().copied());
    let mut batch = Batch::default();
    batch.push(
        edges
            .before
            .iter()
            .copied()
            .chain(inner)
            .chain(edges.after.iter().copied()),
    );
    let mut logits = Logits::default();
    model.engine()?.forward(&batch, &mut logits)?;
    if let Some(bad) = logits.values.iter().find(|value| !value.is_finite()) {
        return Err(folder
            .error(&format!(
                "the weights give {bad} on a plain sentence; they are damaged"
            ))
            .into());
    }
    println!(
        "{} can be used: {} labels, {} tokens read",
        folder.path().display(),
        model.labels().n(),
        tokens.len()
    );
    Ok(())
}
