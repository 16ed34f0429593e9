//! What stands in for the engine in a build without the feature `rust-bert`.

use crate::engine::{Engine, Labels, Model, ModelFolder};
use crate::error::{Error, Result};

/// A model that this build cannot make.
#[derive(Debug)]
pub enum RustBertModel {}

impl RustBertModel {
    /// Says how to build the engine.
    ///
    /// # Errors
    /// [`Error::Engine`], always.
    pub fn load(_: &ModelFolder) -> Result<Self> {
        Err(Error::Engine(
            "this build has no rust-bert engine. Build it with --features rust-bert, after scripts/libtorch"
                .to_owned(),
        ))
    }
}

impl Model for RustBertModel {
    fn labels(&self) -> &Labels {
        match *self {}
    }

    fn max_row(&self) -> usize {
        match *self {}
    }

    fn engine(&self) -> Result<Box<dyn Engine>> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Source;

    #[test]
    fn a_build_without_the_engine_says_how_to_get_it() {
        let folder = ModelFolder::open(Source::Embedded {
            name: "own",
            config: br#"{"model_type":"bert","hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,
                "intermediate_size":16,"max_position_embeddings":32,"vocab_size":10,
                "id2label":{"0":"O","1":"B-PER"}}"#,
            tokenizer: b"{}",
            weights: b"\x02\0\0\0\0\0\0\0{}",
            hash: None,
        })
        .unwrap();
        let error = RustBertModel::load(&folder).unwrap_err();
        assert!(error.to_string().contains("--features rust-bert"));
    }
}
