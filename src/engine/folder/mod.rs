//! A Hugging Face model folder: `config.json`, `tokenizer.json` or `vocab.txt`, `model.safetensors`.
//!
//! In: a directory, or the same files inside the program. Out: [`ModelFolder`], checked as far as the files
//! alone allow. Deliberately absent: tokenizing, arithmetic, the hub, formats that run code when read.

mod config;
mod mapped;
mod weights;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

pub use config::{Config, TiesConfig};
use mapped::Bytes;
pub use weights::{Tensor, Weights};

use crate::error::{Error, Result};

/// Where a model's files are.
#[derive(Clone, Debug)]
pub enum Source {
    /// A directory. Its files are mapped: they must not be shortened while the program runs.
    Dir(PathBuf),
    /// Part of the program.
    Embedded {
        /// What the model is called in messages.
        name: &'static str,
        /// `config.json`.
        config: &'static [u8],
        /// `tokenizer.json`.
        tokenizer: &'static [u8],
        /// `model.safetensors`.
        weights: &'static [u8],
        /// What [`ModelFolder::hash`] would find, when it is known; a test must hold it to that.
        hash: Option<&'static str>,
    },
}

/// The file that says how text becomes token ids.
#[derive(Clone, Copy, Debug)]
pub enum TokenizerFile<'a> {
    /// `tokenizer.json`, complete.
    Json(&'a [u8]),
    /// `vocab.txt`: word pieces, one a line.
    Vocab {
        /// The file's bytes.
        pieces: &'a [u8],
        /// True when text is lowercased and stripped of accents first.
        lowercase: bool,
    },
}

/// An opened model folder.
#[derive(Debug)]
pub struct ModelFolder {
    path: PathBuf,
    config_json: Bytes,
    config: Config,
    tokenizer: Bytes,
    vocab_lowercase: Option<bool>,
    weights_file: Bytes,
    weights: Weights,
    hash: OnceLock<String>,
}

impl ModelFolder {
    /// Opens the files and reads the configuration and the index of the weights.
    ///
    /// # Errors
    /// [`Error::Model`] names the file and what is expected; [`Error::Io`] when one cannot be read.
    pub fn open(source: Source) -> Result<Self> {
        match source {
            Source::Dir(path) => Self::open_dir(path),
            Source::Embedded {
                name,
                config,
                tokenizer,
                weights,
                hash,
            } => {
                let folder = Self::new(
                    PathBuf::from(name),
                    Bytes::Static(config),
                    (Bytes::Static(tokenizer), None),
                    Bytes::Static(weights),
                )?;
                if let Some(hash) = hash {
                    let _ = folder.hash.set(hash.to_owned());
                }
                Ok(folder)
            }
        }
    }

    fn open_dir(path: PathBuf) -> Result<Self> {
        if !path.is_dir() {
            return Err(model(
                &path,
                "no such folder. Expected a folder with config.json, tokenizer.json and model.safetensors",
            ));
        }
        let config = file(&path, "config.json")?.ok_or_else(|| {
            model(
                &path,
                "has no config.json. Expected the folder of a Hugging Face model",
            )
        })?;
        let weights =
            file(&path, "model.safetensors")?.ok_or_else(|| model(&path, &no_weights(&path)))?;
        let tokenizer = match file(&path, "tokenizer.json")? {
            Some(json) => (json, None),
            None => {
                let pieces = file(&path, "vocab.txt")?.ok_or_else(|| {
                    model(&path, "has neither tokenizer.json nor vocab.txt. Save the tokenizer next to the weights")
                })?;
                (pieces, Some(lowercase(&path)?))
            }
        };
        Self::new(path, config, tokenizer, weights)
    }

    fn new(
        path: PathBuf,
        config_json: Bytes,
        (tokenizer, vocab_lowercase): (Bytes, Option<bool>),
        weights_file: Bytes,
    ) -> Result<Self> {
        let config = Config::parse(&config_json).map_err(|what| model(&path, &what))?;
        let weights = Weights::parse(weights_file.clone()).map_err(|what| model(&path, &what))?;
        Ok(Self {
            path,
            config_json,
            config,
            tokenizer,
            vocab_lowercase,
            weights_file,
            weights,
            hash: OnceLock::new(),
        })
    }

    /// The folder's path, or the shipped model's name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The model's shapes and labels.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The bytes of `config.json`, for what [`Config`] leaves out.
    #[must_use]
    pub fn config_json(&self) -> &[u8] {
        &self.config_json
    }

    /// The file of the tokenizer.
    #[must_use]
    pub fn tokenizer(&self) -> TokenizerFile<'_> {
        match self.vocab_lowercase {
            None => TokenizerFile::Json(&self.tokenizer),
            Some(lowercase) => TokenizerFile::Vocab {
                pieces: &self.tokenizer,
                lowercase,
            },
        }
    }

    /// The tensors.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Size of the weights, in bytes.
    #[must_use]
    pub fn weight_bytes(&self) -> u64 {
        self.weights_file.len() as u64
    }

    /// SHA-256 of the configuration, tokenizer and weights, each preceded by its length in eight bytes
    /// (little-endian), as 64 hexadecimal digits. Read on first use.
    #[must_use]
    pub fn hash(&self) -> &str {
        self.hash.get_or_init(|| {
            let mut hasher = Sha256::new();
            for part in [&self.config_json, &self.tokenizer, &self.weights_file] {
                hasher.update((part.len() as u64).to_le_bytes());
                hasher.update(&part[..]);
            }
            hasher
                .finalize()
                .iter()
                .fold(String::new(), |mut text, byte| {
                    let _ = write!(text, "{byte:02x}");
                    text
                })
        })
    }

    /// An [`Error::Model`] about this folder.
    #[must_use]
    pub fn error(&self, what: &str) -> Error {
        model(&self.path, what)
    }
}

fn model(path: &Path, what: &str) -> Error {
    Error::Model {
        path: path.to_owned(),
        what: what.to_owned(),
    }
}

fn file(folder: &Path, name: &str) -> Result<Option<Bytes>> {
    let path = folder.join(name);
    match Bytes::map(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(path, "opening the model")(error)),
    }
}

fn no_weights(folder: &Path) -> String {
    let other = [
        "model.safetensors.index.json",
        "pytorch_model.bin",
        "tf_model.h5",
        "rust_model.ot",
    ]
    .into_iter()
    .find(|name| folder.join(name).exists());
    match other {
        Some(name) => format!(
            "has no model.safetensors, but {name}. Save the model again with save_pretrained(folder, safe_serialization=True, max_shard_size=\"10GB\")"
        ),
        None => "has no model.safetensors. A model folder holds config.json, tokenizer.json (or vocab.txt) and model.safetensors".to_owned(),
    }
}

/// Whether a `vocab.txt` is of lowercased text: `do_lower_case` of `tokenizer_config.json`, BERT's default else.
fn lowercase(folder: &Path) -> Result<bool> {
    let Some(bytes) = file(folder, "tokenizer_config.json")? else {
        return Ok(true);
    };
    let config: serde_json::Value = serde_json::from_slice(&bytes)
        .map_err(|error| model(folder, &format!("tokenizer_config.json: {error}")))?;
    Ok(config["do_lower_case"].as_bool().unwrap_or(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"{"model_type":"bert","hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,
        "intermediate_size":16,"max_position_embeddings":32,"vocab_size":10,"type_vocab_size":2,
        "id2label":{"0":"O","1":"B-PER","2":"I-PER"}}"#;
    /// A file without tensors: the length of the header, then `{}`.
    const EMPTY: &[u8] = b"\x02\0\0\0\0\0\0\0{}";

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(dir.path().join(name), bytes).unwrap();
        }
        dir
    }

    fn open(files: &[(&str, &[u8])]) -> Result<ModelFolder> {
        ModelFolder::open(Source::Dir(folder(files).path().to_owned()))
    }

    #[test]
    fn each_missing_file_is_named() {
        let config = ("config.json", CONFIG.as_bytes());
        let weights = ("model.safetensors", EMPTY);
        for (files, part) in [
            (vec![], "no config.json"),
            (vec![config], "no model.safetensors"),
            (
                vec![config, ("pytorch_model.bin", EMPTY)],
                "but pytorch_model.bin",
            ),
            (
                vec![config, weights],
                "neither tokenizer.json nor vocab.txt",
            ),
            (
                vec![config, ("model.safetensors", b"xx"), ("vocab.txt", b"a")],
                "corrupt",
            ),
        ] {
            let error = open(&files).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let missing = ModelFolder::open(Source::Dir("/nowhere/at/all".into())).unwrap_err();
        assert!(missing.to_string().contains("no such folder"));
    }

    #[test]
    fn the_same_files_have_the_same_hash_on_disk_and_in_the_program() {
        let weights = ("model.safetensors", EMPTY);
        let files = [
            ("config.json", CONFIG.as_bytes()),
            weights,
            ("tokenizer.json", b"{}"),
        ];
        let dir = folder(&files);
        let on_disk = ModelFolder::open(Source::Dir(dir.path().to_owned())).unwrap();
        let embedded = |hash| {
            ModelFolder::open(Source::Embedded {
                name: "own",
                config: CONFIG.as_bytes(),
                tokenizer: b"{}",
                weights: EMPTY,
                hash,
            })
            .unwrap()
        };
        assert_eq!(on_disk.hash(), embedded(None).hash());
        assert_eq!(on_disk.hash().len(), 64);
        assert_eq!(embedded(Some("known")).hash(), "known");
        let other = open(&[files[0], files[1], ("tokenizer.json", b"{ }")]).unwrap();
        assert_ne!(on_disk.hash(), other.hash());
    }

    #[test]
    fn a_bare_vocabulary_knows_its_case() {
        let base = [
            ("config.json", CONFIG.as_bytes()),
            ("model.safetensors", EMPTY),
            ("vocab.txt", b"a"),
        ];
        let cased = ("tokenizer_config.json", &br#"{"do_lower_case":false}"#[..]);
        for (files, expected) in [
            (base.to_vec(), true),
            ([&base[..], &[cased]].concat(), false),
        ] {
            let folder = open(&files).unwrap();
            assert!(
                matches!(folder.tokenizer(), TokenizerFile::Vocab { lowercase, .. } if lowercase == expected)
            );
        }
    }
}
