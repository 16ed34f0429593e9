//! `config.json` → [`Config`]: the shapes of the encoder and what the logits mean.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::engine::Labels;

/// What an encoder's `config.json` says, with the field names of every family brought to BERT's.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The family: `bert`, `electra`, `distilbert`, `roberta`, `xlm-roberta`, `mpnet`, …
    pub model_type: String,
    /// Width of the encoder.
    pub hidden_size: usize,
    /// Width of the embeddings, which ELECTRA may project to `hidden_size`.
    pub embedding_size: usize,
    /// Number of layers.
    pub num_hidden_layers: usize,
    /// Attention heads of a layer; divides `hidden_size`.
    pub num_attention_heads: usize,
    /// Width inside the feed-forward block.
    pub intermediate_size: usize,
    /// Activation of the feed-forward block, as spelled in the file.
    pub hidden_act: String,
    /// Added to the variance in layer norms.
    pub layer_norm_eps: f32,
    /// Rows of the table of positions.
    pub max_position_embeddings: usize,
    /// Rows of the table of token types; 0 for families without one.
    pub type_vocab_size: usize,
    /// Number of token ids.
    pub vocab_size: usize,
    /// Id of the padding token; `RoBERTa` counts positions from one past it.
    pub pad_token_id: usize,
    /// Buckets of relative positions (`MPNet`); 0 without.
    pub relative_attention_num_buckets: usize,
    /// True when token types are to be word shapes.
    pub word_shapes: bool,
    /// Window in tokens the model was trained with, where the file says so.
    pub window: Option<usize>,
    /// Meaning of the logits' first columns.
    pub labels: Labels,
    /// A second head on the same encoder, read by the room of ties; `None` for any model but ours.
    pub ties: Option<TiesConfig>,
}

/// The second head: a few narrow layers over a mixture of what the encoder's layers say.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TiesConfig {
    /// Names of its columns, which follow the labels'.
    pub columns: Vec<String>,
    /// Width of its layers.
    pub hidden_size: usize,
    /// Number of its layers.
    pub num_hidden_layers: usize,
    /// Attention heads of a layer; divides `hidden_size`.
    pub num_attention_heads: usize,
    /// Width inside the feed-forward block.
    pub intermediate_size: usize,
    /// Weights of the decision on its columns, as the room of ties reads them.
    pub decision: serde_json::Value,
}

/// The file as it is written; aliases are the names `DistilBERT` uses.
#[derive(Deserialize)]
struct Raw {
    model_type: Option<String>,
    #[serde(alias = "dim")]
    hidden_size: Option<usize>,
    embedding_size: Option<usize>,
    #[serde(alias = "n_layers")]
    num_hidden_layers: Option<usize>,
    #[serde(alias = "n_heads")]
    num_attention_heads: Option<usize>,
    #[serde(alias = "hidden_dim")]
    intermediate_size: Option<usize>,
    #[serde(alias = "activation")]
    hidden_act: Option<String>,
    layer_norm_eps: Option<f32>,
    max_position_embeddings: Option<usize>,
    type_vocab_size: Option<usize>,
    vocab_size: Option<usize>,
    pad_token_id: Option<usize>,
    position_embedding_type: Option<String>,
    relative_attention_num_buckets: Option<usize>,
    id2label: Option<BTreeMap<String, String>>,
    sanctag_token_types: Option<String>,
    sanctag_window: Option<usize>,
    sanctag_scheme: Option<String>,
    sanctag_ties: Option<TiesConfig>,
}

impl Config {
    /// Reads the bytes of a `config.json`.
    ///
    /// # Errors
    /// A sentence that names the field and what is expected.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let raw: Raw = serde_json::from_slice(json)
            .map_err(|error| format!("config.json is not the configuration of a model: {error}"))?;
        let labels = raw.labels()?;
        let model_type = raw
            .model_type
            .clone()
            .ok_or_else(|| missing("model_type"))?;
        if let Some(kind) = raw.position_embedding_type.as_deref()
            && kind != "absolute"
        {
            return Err(format!(
                "config.json: position_embedding_type is {kind:?}; only \"absolute\" is understood"
            ));
        }
        let hidden_size = size(raw.hidden_size, "hidden_size")?;
        let num_attention_heads = size(raw.num_attention_heads, "num_attention_heads")?;
        if hidden_size % num_attention_heads != 0 {
            return Err(format!(
                "config.json: hidden_size {hidden_size} cannot be divided among {num_attention_heads} heads"
            ));
        }
        let typeless = matches!(model_type.as_str(), "distilbert" | "mpnet");
        let type_vocab_size = if typeless {
            0
        } else {
            raw.type_vocab_size.unwrap_or(0)
        };
        Ok(Self {
            word_shapes: raw.word_shapes(&model_type)?,
            hidden_size,
            embedding_size: raw.embedding_size.unwrap_or(hidden_size),
            num_hidden_layers: size(raw.num_hidden_layers, "num_hidden_layers")?,
            num_attention_heads,
            intermediate_size: size(raw.intermediate_size, "intermediate_size")?,
            hidden_act: raw.hidden_act.unwrap_or_else(|| "gelu".to_owned()),
            layer_norm_eps: raw.layer_norm_eps.unwrap_or(1e-12),
            max_position_embeddings: size(raw.max_position_embeddings, "max_position_embeddings")?,
            type_vocab_size,
            vocab_size: size(raw.vocab_size, "vocab_size")?,
            pad_token_id: raw
                .pad_token_id
                .unwrap_or(usize::from(offset_family(&model_type))),
            relative_attention_num_buckets: match model_type.as_str() {
                "mpnet" => raw.relative_attention_num_buckets.unwrap_or(32),
                _ => 0,
            },
            window: raw.sanctag_window,
            labels,
            ties: raw.sanctag_ties.map(TiesConfig::checked).transpose()?,
            model_type,
        })
    }

    /// First row of the table of positions that a token uses: one past the padding's in `RoBERTa`'s families.
    #[must_use]
    pub fn first_position(&self) -> usize {
        if offset_family(&self.model_type) {
            self.pad_token_id + 1
        } else {
            0
        }
    }

    /// Number of columns of the logits, of both heads.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.labels.n() + self.ties.as_ref().map_or(0, |ties| ties.columns.len())
    }

    /// The second head's layers as a configuration of their own.
    #[must_use]
    pub fn of_ties(&self) -> Option<Self> {
        let ties = self.ties.as_ref()?;
        Some(Self {
            hidden_size: ties.hidden_size,
            embedding_size: ties.hidden_size,
            num_hidden_layers: ties.num_hidden_layers,
            num_attention_heads: ties.num_attention_heads,
            intermediate_size: ties.intermediate_size,
            relative_attention_num_buckets: 0,
            ..self.clone()
        })
    }

    /// Longest row in tokens, special tokens included.
    #[must_use]
    pub fn max_row(&self) -> usize {
        self.max_position_embeddings
            .saturating_sub(self.first_position())
    }
}

/// Families whose table of positions begins with rows that no token uses.
fn offset_family(model_type: &str) -> bool {
    matches!(
        model_type,
        "roberta" | "xlm-roberta" | "camembert" | "mpnet"
    )
}

fn missing(field: &str) -> String {
    format!(
        "config.json has no {field}; expected the configuration of a BERT-like model for token classification"
    )
}

fn size(value: Option<usize>, field: &str) -> Result<usize, String> {
    // A model larger than this is no CPU tagger; the bound keeps products of two sizes far from overflow.
    const LARGEST: usize = 1 << 24;
    match value {
        Some(value) if (1..=LARGEST).contains(&value) => Ok(value),
        Some(value) => Err(format!(
            "config.json: {field} is {value}; expected 1 to {LARGEST}"
        )),
        None => Err(missing(field)),
    }
}

impl TiesConfig {
    fn checked(self) -> Result<Self, String> {
        for (value, field) in [
            (self.hidden_size, "sanctag_ties.hidden_size"),
            (self.num_hidden_layers, "sanctag_ties.num_hidden_layers"),
            (self.num_attention_heads, "sanctag_ties.num_attention_heads"),
            (self.intermediate_size, "sanctag_ties.intermediate_size"),
        ] {
            size(Some(value), field)?;
        }
        if self.columns.is_empty() || !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Err(format!(
                "config.json: sanctag_ties has {} columns and a hidden_size of {} for {} heads; expected one or more columns, and a width that the heads divide",
                self.columns.len(),
                self.hidden_size,
                self.num_attention_heads
            ));
        }
        Ok(self)
    }
}

impl Raw {
    fn word_shapes(&self, model_type: &str) -> Result<bool, String> {
        match self.sanctag_token_types.as_deref() {
            Some("word_shape") => Ok(true),
            Some("none") => Ok(false),
            Some(other) => Err(format!(
                "config.json: sanctag_token_types is {other:?}; expected \"word_shape\" or \"none\""
            )),
            None => Ok(model_type == "bert" && self.type_vocab_size == Some(8)),
        }
    }

    /// The labels in column order.
    fn labels(&self) -> Result<Labels, String> {
        let map = self.id2label.as_ref().ok_or_else(|| missing("id2label"))?;
        let mut columns = vec![""; map.len()];
        for (column, label) in map {
            let at = column.parse::<usize>().ok().filter(|at| *at < map.len());
            let at = at.ok_or_else(|| {
                format!(
                    "config.json: id2label has the column {column:?}; expected 0 to {}",
                    map.len() - 1
                )
            })?;
            columns[at] = label;
        }
        let labels = Labels::parse(&columns).map_err(|what| format!("config.json: {what}"))?;
        match self.sanctag_scheme.as_deref() {
            None => Ok(labels),
            Some("iob2") => Ok(labels.strict()),
            Some(other) => Err(format!(
                "config.json: sanctag_scheme is {other:?}; expected \"iob2\" or no such field"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(extra: &str) -> Vec<u8> {
        format!(
            r#"{{"model_type":"bert","hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,
            "intermediate_size":16,"max_position_embeddings":32,"vocab_size":10,"type_vocab_size":8,
            "id2label":{{"0":"O","1":"B-PER","2":"I-PER"}}{extra}}}"#
        )
        .into_bytes()
    }

    #[test]
    fn eight_token_types_of_bert_are_word_shapes_unless_the_file_says_otherwise() {
        assert!(Config::parse(&json("")).unwrap().word_shapes);
        let off = json(r#","sanctag_token_types":"none""#);
        assert!(!Config::parse(&off).unwrap().word_shapes);
    }

    #[test]
    fn the_scheme_decides_whether_an_inside_tag_may_open_a_name() {
        let loose = Config::parse(&json("")).unwrap().labels;
        let strict = Config::parse(&json(r#","sanctag_scheme":"iob2""#))
            .unwrap()
            .labels;
        assert!(loose.may_follow(Some(0), Some(2)));
        assert!(!strict.may_follow(Some(0), Some(2)));
    }

    #[test]
    fn roberta_starts_its_positions_past_the_padding() {
        let text = String::from_utf8(json(""))
            .unwrap()
            .replace("\"bert\"", "\"roberta\"");
        let config = Config::parse(text.as_bytes()).unwrap();
        assert_eq!((config.first_position(), config.max_row()), (2, 30));
    }

    #[test]
    fn a_wrong_field_is_named_with_what_is_expected() {
        let good = String::from_utf8(json("")).unwrap();
        for (from, to, part) in [
            ("\"hidden_size\":8", "\"hidden_size\":0", "hidden_size is 0"),
            (
                "\"hidden_size\":8",
                "\"hidden_size\":7",
                "cannot be divided",
            ),
            ("\"vocab_size\":10,", "", "no vocab_size"),
            ("\"2\":\"I-PER\"", "\"5\":\"I-PER\"", "column \"5\""),
            ("\"0\":\"O\"", "\"0\":\"B-ORG\"", "no outside label"),
            ("\"model_type\":\"bert\",", "", "no model_type"),
            ("{", "", "config.json is not"),
        ] {
            let error = Config::parse(good.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        let relative = json(r#","position_embedding_type":"relative_key""#);
        assert!(
            Config::parse(&relative)
                .unwrap_err()
                .contains("relative_key")
        );
    }
}
