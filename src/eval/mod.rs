//! How good a prediction is on labelled documents, and how sure that is.
//!
//! In: labelled files (`gold`) and predictions, read from files of any of those forms or made by the whole path (`predict`). Out: an
//! [`Evaluation`], a [`Contrast`] of two, an `agreement` of two annotators, a `sample` to label, a `page` for people. Labels are compared by
//! byte offsets into the same text, articles by their entities. It reads output lines, as every user of them does, and not the memory
//! of a run. Deliberately absent: flags, and any tuning of what is measured.

pub mod agreement;
pub mod article;
pub mod bootstrap;
pub mod calibration;
pub mod document;
pub mod evaluation;
pub mod gold;
pub mod labels;
pub mod marks;
pub mod mistakes;
pub mod page;
pub mod pairing;
pub mod predict;
pub mod sample;
pub mod tally;

pub use evaluation::{Contrast, Evaluation, Options, Score, contrast, evaluate};
pub use gold::Gold;
pub use pairing::{Pair, Pairs, pair};
