//! Tags the people, organizations and countries tied to sanctions in article corpora.
//!
//! The modules stand in the order in which an article flows through them; a module uses only those above it.

pub mod error;
pub mod span;
pub mod article;
pub mod ingest;
pub mod body;
pub mod gate;
pub mod sentence;
pub mod tokenize;
pub mod window;
pub mod engine;
pub mod models;
pub mod decode;
pub mod entity;
pub mod ties;
pub mod write;
pub mod progress;
pub mod run;
pub mod eval;
pub mod output;
pub mod tables;
pub mod load;
pub mod export;
pub mod report;

pub use error::{Error, Result};
