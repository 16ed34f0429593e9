//! The shipped model, inside the program.

use std::path::PathBuf;

use crate::engine::folder::{ModelFolder, Source};
use crate::error::Result;

/// What [`ModelFolder::hash`] finds in the shipped files; a test holds it to that.
const HASH: &str = "4fa7b3122e6b8dcba6224c2ab227f9f7969551817b4c61703ddebf72a3f1e43f";

const SHIPPED: Source = Source::Embedded {
    name: "sanctag-en",
    config: include_bytes!("../models/sanctag-en/config.json"),
    tokenizer: include_bytes!("../models/sanctag-en/tokenizer.json"),
    weights: include_bytes!("../models/sanctag-en/model.safetensors"),
    hash: Some(HASH),
};

/// Opens a model folder, or the shipped model without one.
///
/// # Errors
/// As [`ModelFolder::open`].
pub fn open(dir: Option<PathBuf>) -> Result<ModelFolder> {
    ModelFolder::open(dir.map_or(SHIPPED, Source::Dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_model_has_the_hash_it_is_said_to_have() {
        let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/models/sanctag-en"));
        assert_eq!(open(Some(dir)).unwrap().hash(), HASH);
        assert_eq!(open(None).unwrap().hash(), HASH);
    }
}
