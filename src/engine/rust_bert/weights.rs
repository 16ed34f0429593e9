//! The folder's tensors, by the names and in the shapes that the network asks for.

use std::collections::{BTreeMap, HashMap};

use tch::{Device, Tensor};

use super::epsilon;
use crate::engine::ModelFolder;
use crate::engine::folder::Weights;

/// Reads the value of every variable of a network.
///
/// `variables` are the network's, with the shapes that the configuration asks for; `scale` is
/// [`epsilon::scale`]'s.
///
/// # Errors
/// A sentence that names the tensor: absent, of another shape or kind, or of no use to this network.
pub(super) fn read(
    folder: &ModelFolder,
    variables: HashMap<String, Tensor>,
    scale: f64,
    device: Device,
) -> Result<HashMap<String, Tensor>, String> {
    let weights = folder.weights();
    let variables: BTreeMap<String, Tensor> = variables.into_iter().collect();
    let mut tensors = HashMap::with_capacity(variables.len());
    let mut names = Vec::with_capacity(variables.len());
    for (name, variable) in variables {
        let stored = stored_name(weights, &name);
        let shape = variable.size();
        let sizes: Vec<usize> = shape
            .iter()
            .map(|size| size.unsigned_abs() as usize)
            .collect();
        let values = weights.tensor(&stored, &sizes)?.to_vec();
        let tensor = Tensor::f_from_slice(&values)
            .and_then(|flat| flat.f_reshape(&shape))
            .map_err(|error| format!("tensor {stored}: {}", super::enabled::first_line(&error)))?;
        let factor = epsilon::factor(&name, scale);
        let tensor = if factor == 1.0 {
            tensor
        } else {
            tensor * factor
        };
        tensors.insert(name, tensor.to_device(device));
        names.push(stored);
    }
    match weights
        .names()
        .find(|name| !names.iter().any(|known| known == name) && !spare(name))
    {
        Some(name) => Err(format!(
            "model.safetensors has a tensor {name} that a {} model of this config.json does not use. The two files do not belong together, or the model has parts that this engine does not know",
            folder.config().model_type
        )),
        None => Ok(tensors),
    }
}

/// The name of a variable in the file: checkpoints from TensorFlow call a norm's weight and bias gamma and beta.
fn stored_name(weights: &Weights, name: &str) -> String {
    let old = name
        .replace("LayerNorm.weight", "LayerNorm.gamma")
        .replace("LayerNorm.bias", "LayerNorm.beta");
    if !weights.has(name) && weights.has(&old) {
        old
    } else {
        name.to_owned()
    }
}

/// Parts of a checkpoint that a token classifier leaves aside, as the Python original does.
fn spare(name: &str) -> bool {
    const HEADS: &[&str] = &[
        "cls.",
        "discriminator_predictions.",
        "generator_",
        "lm_head.",
        "lm_predictions.",
        "mask_predictions.",
        "vocab_",
    ];
    HEADS.iter().any(|head| name.starts_with(head))
        || name.contains(".pooler.")
        || name.starts_with("pooler.")
        // The second head, which the native engine alone runs.
        || name.starts_with("ties.")
        || name.ends_with("position_ids")
        || name.ends_with("token_type_ids")
        // DeBERTa's of pretraining, when the encoder takes no absolute positions.
        || name == "deberta.embeddings.position_embeddings.weight"
}
