//! What stops a run. A bad article never does: it becomes a [`crate::article::Fault`].

use std::path::PathBuf;

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What stops a run. Each message names the place and what was being done; a remedy is a second sentence. What the system
/// said is the [`std::error::Error::source`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read, written or made.
    #[error("{}: {doing}", path.display())]
    Io {
        /// What it was about.
        path: PathBuf,
        /// What was being done, as in "opening the output".
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// An output could not be written; what the manifest speaks of is safe.
    #[error("{}: {doing}", path.display())]
    Output {
        /// The output, its faults file or its manifest.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// A model folder is incomplete or does not fit together.
    #[error("model {}: {what}", path.display())]
    Model {
        /// The model's folder, or `sanctag-en` for the shipped one.
        path: PathBuf,
        /// What is wrong and what is expected.
        what: String,
    },
    /// The engine failed on windows that were sound.
    #[error("engine: {0}")]
    Engine(String),
    /// A database refused what was asked of it.
    #[error("{database}: {doing}: {reason}")]
    Database {
        /// Its address, without a password.
        database: String,
        /// What was being done, as in "loading articles".
        doing: &'static str,
        /// What it said.
        reason: String,
    },
    /// Options that do not go together, or inputs that are not there.
    #[error("{0}")]
    Usage(String),
}

impl Error {
    /// An [`Error::Io`] in one call, for `map_err`.
    pub fn io(
        path: impl Into<PathBuf>,
        doing: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            path,
            doing,
            source,
        }
    }

    /// An [`Error::Output`] in one call, for `map_err`.
    pub fn output(
        path: impl Into<PathBuf>,
        doing: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Output {
            path,
            doing,
            source,
        }
    }

    /// What to do about it, where the message does not say so itself.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Output { .. } => Some(
                "What was made durable is kept: make room or mend the disk, then give the same command with --resume (and without --force)",
            ),
            _ => None,
        }
    }
}
