//! What stops a run. A bad article never does: it becomes a [`crate::article::Fault`].

use std::path::PathBuf;

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What stops a run. Each message names the place and what was being done; a remedy is a second sentence.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read, written or made.
    #[error("{}: {doing}: {source}", path.display())]
    Io {
        /// What it was about.
        path: PathBuf,
        /// What was being done, as in "opening the output".
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
}
