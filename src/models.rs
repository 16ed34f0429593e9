//! The shipped model, inside the program.

use std::path::PathBuf;

use crate::engine::folder::{ModelFolder, Source};
use crate::error::Result;

/// What [`ModelFolder::hash`] finds in the shipped files; a test holds it to that.
const HASH: &str = "f3fb74d0f7161848286a320b76416824503a3bb318649077d80cb84a72703325";

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
