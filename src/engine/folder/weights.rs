//! `model.safetensors` → tensors as f32, whatever they are stored as.

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensors};

use super::mapped::Bytes;

/// The tensors of one file. Cheap to clone; nothing is read before it is asked for.
#[derive(Clone, Debug)]
pub struct Weights {
    bytes: Bytes,
    data: usize,
    index: std::sync::Arc<Metadata>,
}

/// One tensor where it lies in the file.
#[derive(Clone, Debug)]
pub struct Tensor {
    bytes: Bytes,
    range: std::ops::Range<usize>,
    dtype: Dtype,
    shape: Vec<usize>,
}

impl Weights {
    /// Reads the file's index and checks every tensor's extent against it.
    ///
    /// # Errors
    /// A sentence that says what is corrupt.
    pub(super) fn parse(bytes: Bytes) -> Result<Self, String> {
        let (header, index) = SafeTensors::read_metadata(&bytes)
            .map_err(|error| format!("model.safetensors is corrupt or cut off: {error}"))?;
        Ok(Self {
            data: header + 8,
            bytes,
            index: std::sync::Arc::new(index),
        })
    }

    /// True when there is a tensor of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.index.info(name).is_some()
    }

    /// Names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let mut names: Vec<String> = self.index.tensors().into_keys().collect();
        names.sort();
        names.into_iter()
    }

    /// Finds the tensor `name` of the given shape.
    ///
    /// # Errors
    /// A sentence that names the tensor when it is absent, of another shape, or not of f32, f16 or bf16.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Tensor, String> {
        let info = self.index.info(name).ok_or_else(|| {
            format!("model.safetensors has no tensor {name}; expected one of shape {shape:?}")
        })?;
        if info.shape != shape {
            return Err(format!(
                "model.safetensors: tensor {name} has the shape {:?}; config.json asks for {shape:?}",
                info.shape
            ));
        }
        let size = match info.dtype {
            Dtype::F32 => 4,
            Dtype::F16 | Dtype::BF16 => 2,
            other => {
                return Err(format!(
                    "model.safetensors: tensor {name} is stored as {other:?}; expected F32, F16 or BF16"
                ));
            }
        };
        let (start, end) = info.data_offsets;
        let range = self.data + start..self.data + end;
        let values: usize = shape.iter().product();
        if range.end > self.bytes.len() || range.len() != values * size {
            return Err(format!(
                "model.safetensors is corrupt: tensor {name} lies at {range:?} of {} bytes",
                self.bytes.len()
            ));
        }
        Ok(Tensor {
            bytes: self.bytes.clone(),
            range,
            dtype: info.dtype,
            shape: shape.to_vec(),
        })
    }
}

impl Tensor {
    /// Values of one row along the first dimension.
    fn row_len(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// All values, row-major.
    #[must_use]
    pub fn to_vec(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.shape.iter().product()];
        self.read(0, &mut values);
        values
    }

    /// Writes row `row` along the first dimension into `out`, which has the row's length.
    ///
    /// # Panics
    /// When the row is outside the tensor.
    pub fn row(&self, row: usize, out: &mut [f32]) {
        let width = self.row_len();
        self.read(row * width, &mut out[..width]);
    }

    fn read(&self, from: usize, out: &mut [f32]) {
        let bytes = &self.bytes[self.range.clone()];
        match self.dtype {
            Dtype::F32 => {
                let bytes = &bytes[from * 4..(from + out.len()) * 4];
                for (value, four) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
                    *value = f32::from_le_bytes(*four);
                }
            }
            dtype => halves(&bytes[from * 2..(from + out.len()) * 2], dtype, out),
        }
    }
}

/// Widens two-byte floats; in blocks, since the file may hold them at odd addresses.
fn halves(bytes: &[u8], dtype: Dtype, out: &mut [f32]) {
    const BLOCK: usize = 256;
    for (out, bytes) in out.chunks_mut(BLOCK).zip(bytes.chunks(BLOCK * 2)) {
        let mut block = [0_u16; BLOCK];
        for (value, two) in block.iter_mut().zip(bytes.as_chunks::<2>().0) {
            *value = u16::from_le_bytes(*two);
        }
        let mut wide = [0.0_f32; BLOCK];
        if dtype == Dtype::F16 {
            block.map(f16::from_bits).convert_to_f32_slice(&mut wide);
        } else {
            block.map(bf16::from_bits).convert_to_f32_slice(&mut wide);
        }
        let n = out.len();
        out.copy_from_slice(&wide[..n]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn file(dtype: Dtype, bytes: &[u8], shape: &[usize]) -> Vec<u8> {
        let view = safetensors::tensor::TensorView::new(dtype, shape.to_vec(), bytes).unwrap();
        safetensors::serialize(HashMap::from([("t", view)]), None).unwrap()
    }

    fn open(bytes: &[u8]) -> Result<Weights, String> {
        Weights::parse(Bytes::Owned(bytes.into()))
    }

    #[test]
    fn every_kind_of_float_gives_the_same_values() {
        let values: Vec<f32> = (0..600).map(|n| (n as f32 - 300.0) / 4.0).collect();
        let f32s: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let f16s: Vec<u8> = values
            .iter()
            .flat_map(|v| f16::from_f32(*v).to_le_bytes())
            .collect();
        for (dtype, bytes) in [(Dtype::F32, f32s), (Dtype::F16, f16s)] {
            let weights = open(&file(dtype, &bytes, &[2, 300])).unwrap();
            let tensor = weights.tensor("t", &[2, 300]).unwrap();
            assert_eq!(tensor.to_vec(), values);
            let mut row = [0.0; 300];
            tensor.row(1, &mut row);
            assert_eq!(row, values[300..]);
        }
        let small: Vec<f32> = (-8..8).map(|n| n as f32).collect();
        let bf16s: Vec<u8> = small
            .iter()
            .flat_map(|v| bf16::from_f32(*v).to_le_bytes())
            .collect();
        let weights = open(&file(Dtype::BF16, &bf16s, &[16])).unwrap();
        assert_eq!(weights.tensor("t", &[16]).unwrap().to_vec(), small);
    }

    #[test]
    fn a_file_cut_off_anywhere_is_an_error() {
        let whole = file(Dtype::F32, &[0; 32], &[2, 4]);
        assert!(open(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(
                open(&whole[..length]).is_err(),
                "{length} of {} bytes",
                whole.len()
            );
        }
    }

    #[test]
    fn a_tensor_that_does_not_fit_is_named() {
        let weights = open(&file(Dtype::F32, &[0; 32], &[2, 4])).unwrap();
        assert!(
            weights
                .tensor("u", &[1])
                .unwrap_err()
                .contains("no tensor u")
        );
        assert!(weights.tensor("t", &[4, 2]).unwrap_err().contains("[2, 4]"));
        let ints = open(&file(Dtype::I32, &[0; 32], &[2, 4])).unwrap();
        assert!(ints.tensor("t", &[2, 4]).unwrap_err().contains("I32"));
    }
}
