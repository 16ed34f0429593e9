//! The epsilon of layer norms, where rust-bert has 1e-12 written into its code (BERT, RoBERTa, ELECTRA).
//!
//! A norm forgets the scale of its input but for epsilon: `norm(s·x, s²·e) = norm(x, e)`. So a model whose
//! configuration says `e` computes the same with epsilon 1e-12 when the input of every norm is scaled by
//! `s = sqrt(1e-12 / e)`. The input of a norm is a sum of linear outputs and of an earlier norm's output, so the
//! scale goes into those weights, and whatever else reads a norm's output is scaled back. RoBERTa's 1e-5 gives
//! s = 3.2e-4; what is lost to rounding the weights anew is below 1e-7 of each.

/// What rust-bert adds to the variance.
const WRITTEN: f64 = 1e-12;

/// The scale `s` that makes rust-bert's epsilon act as `epsilon`; 1 when it is the same.
pub(super) fn scale(epsilon: f32) -> f64 {
    let scale = (WRITTEN / f64::from(epsilon)).sqrt();
    if (scale - 1.0).abs() < 1e-6 {
        1.0
    } else {
        scale
    }
}

/// The factor for the tensor `name` of a BERT-like model under the scale `scale`.
pub(super) fn factor(name: &str, scale: f64) -> f64 {
    let ends = |tails: &[&str]| tails.iter().any(|tail| name.ends_with(tail));
    // Inputs of a norm, its own weights (they make its output, which the next norm takes in), and biases
    // that are added to it. `embeddings_project.weight` already reads a scaled output.
    if name.contains("LayerNorm.")
        || name.contains("_embeddings.")
        || name.contains("output.dense.")
        || ends(&["embeddings_project.bias"])
    {
        scale
    } else if ends(&[
        "self.query.weight",
        "self.key.weight",
        "self.value.weight",
        "intermediate.dense.weight",
        "classifier.weight",
    ]) {
        1.0 / scale
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_of_norms_are_scaled_and_readers_of_norms_are_scaled_back() {
        let layer = "bert.encoder.layer.3.";
        for (name, expected) in [
            ("bert.embeddings.word_embeddings.weight".to_owned(), 0.5),
            ("bert.embeddings.LayerNorm.bias".to_owned(), 0.5),
            (format!("{layer}attention.output.dense.bias"), 0.5),
            (format!("{layer}output.LayerNorm.weight"), 0.5),
            (format!("{layer}attention.self.key.weight"), 2.0),
            (format!("{layer}attention.self.key.bias"), 1.0),
            (format!("{layer}intermediate.dense.weight"), 2.0),
            (format!("{layer}intermediate.dense.bias"), 1.0),
            ("electra.embeddings_project.weight".to_owned(), 1.0),
            ("electra.embeddings_project.bias".to_owned(), 0.5),
            ("classifier.weight".to_owned(), 2.0),
            ("classifier.bias".to_owned(), 1.0),
        ] {
            assert_eq!(factor(&name, 0.5), expected, "{name}");
        }
    }

    #[test]
    fn the_written_epsilon_needs_no_scale() {
        assert_eq!(scale(1e-12), 1.0);
        assert!((scale(1e-5) - 3.162_277e-4).abs() < 1e-9);
    }
}
