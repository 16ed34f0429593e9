//! What all workers share: the loaded model and every room's tables.

use std::time::Duration;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::body;
use crate::decode::{Decoder, Voice};
use crate::engine::folder::{ModelFolder, TokenizerFile};
use crate::engine::{self, Choice, Model};
use crate::entity;
use crate::error::Result;
use crate::gate::Gate;
use crate::ingest;
use crate::ties::{self, Decision, Lexicon};
use crate::tokenize::{TokenTypes, Tokenizer};
use crate::window::Limit;
use crate::write;

/// Which articles the model reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Those that the gate admits.
    Sanctions,
    /// All.
    All,
}

/// Options that change what is written.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Options {
    /// How records are read.
    pub ingest: ingest::Options,
    /// Which articles the model reads.
    pub scope: Scope,
    /// Whether page chrome is left out.
    pub body: body::Mode,
    /// Which engine computes, and how.
    pub engine: Choice,
    /// Most tokens of a window, special tokens counted; `None`: what the model's folder says.
    pub window: Option<usize>,
    /// Tokens of context on either side of what a window owns.
    pub context: usize,
    /// What a line holds.
    pub write: write::Options,
    /// Bytes of memory the run may take, about; an article may need half of it. `None`: 2 GiB for articles, and what the
    /// model and the workers take.
    pub memory_bytes: Option<u64>,
    /// Longest time for one article, looked at between steps and batches; without it the same input gives the same bytes.
    pub timeout: Option<Duration>,
}

/// Most tokens sent at once.
const BATCH_TOKENS: usize = 1024;
/// Memory for articles on their way, where the user says nothing.
const ARTICLE_BYTES: u64 = 2 << 30;
/// Window of a model whose folder names none: what the field's models were trained on.
const DEFAULT_WINDOW: usize = 256;

/// The loaded model with every room's tables, shared by all workers.
pub struct Pipeline {
    pub(super) scope: Scope,
    pub(super) body: body::Mode,
    pub(super) gate: Gate,
    pub(super) tokenizer: Tokenizer,
    pub(super) limit: Limit,
    pub(super) batch_tokens: usize,
    pub(super) model: Box<dyn Model>,
    pub(super) decoder: Decoder,
    pub(super) names: entity::Lexicon,
    pub(super) lexicon: Lexicon,
    /// The first column of the ties head, and how to decide on it, of a model that was trained for ties.
    pub(super) ties_head: Option<(usize, Decision)>,
    pub(super) write: write::Options,
    pub(super) timeout: Option<Duration>,
    article_bytes: u64,
    run: String,
}

impl Pipeline {
    /// Loads the model and the tables.
    ///
    /// # Errors
    /// When the folder does not hold what the engine expects.
    pub fn load(folder: &ModelFolder, options: &Options) -> Result<Self> {
        let model = engine::load(folder, options.engine)?;
        Self::with_model(folder, model, options)
    }

    /// As [`Pipeline::load`], with a model already made.
    ///
    /// # Errors
    /// When the tokenizer cannot be read or the window does not fit the model.
    pub fn with_model(
        folder: &ModelFolder,
        model: Box<dyn Model>,
        options: &Options,
    ) -> Result<Self> {
        let tokenizer = tokenizer(folder)?;
        let edges = tokenizer.edges().before.len() + tokenizer.edges().after.len();
        let config = folder.config();
        let wished = options.window.or(config.window).unwrap_or(DEFAULT_WINDOW);
        let window = wished.min(model.max_row()).saturating_sub(edges);
        if window < 8
            || options
                .window
                .is_some_and(|wished| wished > model.max_row())
        {
            return Err(folder.error(&format!(
                "reads at most {} tokens at once; a window of {wished} does not fit. Take --window 16 to {}",
                model.max_row(),
                model.max_row()
            )));
        }
        let run = fingerprint(folder, options, window);
        let ties_head = ties_head(folder, model.n_columns())?;
        Ok(Self {
            scope: options.scope,
            body: options.body,
            gate: Gate::new()?,
            limit: Limit {
                window,
                context: options.context,
            },
            batch_tokens: BATCH_TOKENS,
            decoder: Decoder::new(model.labels(), Voice::default()),
            names: entity::Lexicon::new(),
            lexicon: Lexicon::new(),
            ties_head,
            write: write::Options {
                run: run.clone(),
                ..options.write.clone()
            },
            timeout: options.timeout,
            article_bytes: options
                .memory_bytes
                .map_or(ARTICLE_BYTES, |bytes| bytes / 2),
            tokenizer,
            model,
            run,
        })
    }

    /// Bytes of memory for articles on their way.
    pub(super) fn article_bytes(&self) -> u64 {
        self.article_bytes
    }

    /// Bytes of memory that a text of so many bytes needs on its way: its tokens and their logits, were there one for every
    /// two bytes, and the text with its line. 1.25 MB took 100 MB with 39 columns, against 148 by this.
    pub(super) fn need(&self, text_bytes: usize) -> u64 {
        self.need_of(text_bytes / 2, text_bytes)
    }

    /// The same with the number of tokens known.
    pub(super) fn need_of(&self, n_tokens: usize, text_bytes: usize) -> u64 {
        const TOKEN_BYTES: usize = 40;
        const TEXT_BYTES: usize = 20;
        let token = self.model.n_columns() * size_of::<f32>() + TOKEN_BYTES;
        (n_tokens as u64)
            .saturating_mul(token as u64)
            .saturating_add(text_bytes as u64 * TEXT_BYTES as u64)
    }

    /// Why an article that needs so much cannot be taken.
    pub(super) fn too_large(&self, need: u64) -> Option<String> {
        let mib = |bytes: u64| bytes.div_ceil(1 << 20);
        (need > self.article_bytes()).then(|| {
            format!(
                "needs about {} MiB, and one article may take {}; give --memory {}M",
                mib(need),
                mib(self.article_bytes),
                mib(need.saturating_mul(2))
            )
        })
    }

    /// The job's fingerprint: 8 hex digits of the hash of the program's version, the model and every option that
    /// changes what is written.
    #[must_use]
    pub fn run(&self) -> &str {
        &self.run
    }
}

/// Reads a folder's tokenizer.
///
/// # Errors
/// [`crate::Error::Model`] when it cannot be read, or knows more ids than the model.
pub fn tokenizer(folder: &ModelFolder) -> Result<Tokenizer> {
    let config = folder.config();
    let types = if config.word_shapes {
        TokenTypes::Shapes
    } else {
        TokenTypes::Zero
    };
    let tokenizer = match folder.tokenizer() {
        TokenizerFile::Json(json) => Tokenizer::from_json(json, types),
        TokenizerFile::Vocab { pieces, lowercase } => std::str::from_utf8(pieces)
            .map_err(|_| "vocab.txt is not UTF-8".to_owned())
            .and_then(|pieces| Tokenizer::from_vocabulary(pieces, lowercase, types)),
    };
    let tokenizer = tokenizer.map_err(|what| folder.error(&what))?;
    let (known, rows) = (tokenizer.vocabulary_size(), config.vocab_size);
    if known > rows {
        return Err(folder.error(&format!(
            "the tokenizer knows {known} tokens and the model {rows}; expected a tokenizer and weights of one model"
        )));
    }
    Ok(tokenizer)
}

/// Where the scores of the ties head are, and its decision; `None` where the model has no such head or the engine does not run it.
fn ties_head(folder: &ModelFolder, n_columns: usize) -> Result<Option<(usize, Decision)>> {
    let config = folder.config();
    let Some(head) = config
        .ties
        .as_ref()
        .filter(|_| n_columns == config.n_columns())
    else {
        return Ok(None);
    };
    if head.columns != ties::columns() {
        return Err(folder.error(&format!(
            "config.json: the columns of sanctag_ties are {:?}; this version reads {:?}",
            head.columns,
            ties::columns()
        )));
    }
    let decision = Decision::parse(&head.decision).map_err(|what| folder.error(&what))?;
    Ok(Some((config.labels.n(), decision)))
}

fn fingerprint(folder: &ModelFolder, options: &Options, window: usize) -> String {
    let options = serde_json::json!(options).to_string();
    let parts = [
        env!("CARGO_PKG_VERSION"),
        folder.hash(),
        &options,
        &format!("{window} {BATCH_TOKENS}"),
    ];
    let mut hash = Sha256::new();
    hash.update(parts.join("\n").as_bytes());
    hash.finalize()
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
