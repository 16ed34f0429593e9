//! A fast look at the raw text for places where the vocabulary may be found.
//!
//! Invariant: whatever the vocabulary finds in the folded text has a candidate inside it. Inside one word folding changes
//! nothing but the case, unless a mark is dropped; so a candidate is a stem of the vocabulary in any case, or a
//! soft hyphen, a zero-width mark or a hyphen at a line's end right after a letter or digit. Text is put in lower case
//! block by block, in the first-level cache, and searched there by a packed (SIMD) searcher, which knows no case.

use aho_corasick::packed;

/// Bytes put in lower case at a time.
const BLOCK: usize = 16 << 10;

/// Stems that one packed searcher takes.
const MOST_STEMS: usize = 60;

/// The screen over raw text.
pub(super) struct Screen {
    groups: Vec<Group>,
    /// Bytes of the longest stem.
    longest: usize,
}

/// As many stems as one packed searcher takes.
struct Group {
    stems: packed::Searcher,
    /// For each stem: it begins a word, it ends one.
    edges: Vec<(bool, bool)>,
}

impl Screen {
    /// Builds the screen; `None` where the machine does not allow a packed searcher.
    pub(super) fn new(stems: &[String]) -> Option<Self> {
        Some(Self {
            longest: stems.iter().map(|stem| stem.trim().len()).max()?,
            groups: stems
                .chunks(MOST_STEMS)
                .map(Group::new)
                .collect::<Option<_>>()?,
        })
    }

    /// True when `check` says yes to some candidate, a byte of the text; candidates come in no fixed order.
    pub(super) fn any(&self, text: &str, mut check: impl FnMut(usize) -> bool) -> bool {
        let bytes = text.as_bytes();
        let mut lower = [0_u8; BLOCK];
        let mut from = 0;
        while from < bytes.len() {
            let block = &bytes[from..bytes.len().min(from + BLOCK)];
            let lower = &mut lower[..block.len()];
            lower.copy_from_slice(block);
            lower.make_ascii_lowercase();
            for group in &self.groups {
                if group.any(bytes, from, lower, &mut check) {
                    return true;
                }
            }
            if from + block.len() == bytes.len() {
                break;
            }
            from += BLOCK - self.longest;
        }
        dropped_marks(bytes).any(check)
    }
}

impl Group {
    fn new(stems: &[String]) -> Option<Self> {
        // The searcher shows one stem where two begin at the same byte; such stems are taken without their edges.
        let shares_start = |stem: &str| {
            let same = |other: &&String| {
                other.trim().starts_with(stem.trim()) || stem.trim().starts_with(other.trim())
            };
            stems.iter().filter(same).count() > 1
        };
        let edges = |stem: &String| {
            if shares_start(stem) {
                (false, false)
            } else {
                (stem.starts_with(' '), stem.ends_with(' '))
            }
        };
        Some(Self {
            stems: packed::Searcher::new(stems.iter().map(|stem| stem.trim()))?,
            edges: stems.iter().map(edges).collect(),
        })
    }

    /// The same for one block: `lower` is what stands at `from`, in lower case.
    fn any(
        &self,
        bytes: &[u8],
        from: usize,
        lower: &[u8],
        check: &mut impl FnMut(usize) -> bool,
    ) -> bool {
        let word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
        let mut at = 0;
        // Searched again from the next byte: a stem may hide another that overlaps it.
        while let Some(found) = self.stems.find_in(lower, (at..lower.len()).into()) {
            at = found.start() + 1;
            let place = from + found.start();
            let (begins, ends) = self.edges[found.pattern().as_usize()];
            let off =
                (begins && place > 0 && word(place - 1)) || (ends && word(from + found.end()));
            if !off && check(place) {
                return true;
            }
        }
        false
    }
}

/// Where folding may drop a mark right after a letter or digit.
fn dropped_marks(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let after_word = |&at: &usize| at > 0 && bytes[at - 1].is_ascii_alphanumeric();
    let marks = memchr::memchr3_iter(0xC2, 0xE2, 0xEF, bytes).filter(|&at| {
        matches!(
            bytes[at..],
            [0xC2, 0xAD, ..]
                | [0xE2, 0x80, 0x8B..=0x91, ..]
                | [0xE2, 0x81, 0xA0, ..]
                | [0xEF, 0xBB, 0xBF, ..]
        )
    });
    let hyphens = memchr::memchr_iter(b'-', bytes)
        .filter(|&at| bytes.get(at + 1).is_some_and(u8::is_ascii_whitespace));
    marks.chain(hyphens).filter(after_word)
}
