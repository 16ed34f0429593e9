//! Bytes → text: UTF-8, what a byte order mark says, or the encoding that the user names.
//!
//! Invariants: text that is UTF-8 is untouched, its mark kept; nothing is replaced unless the user asks for it.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::Options;

/// True where a byte order mark says UTF-16, in which a line does not end with a byte.
pub(super) fn is_utf16(start: &[u8]) -> bool {
    matches!(start, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..])
}

/// Bytes → text, by the user's choice for what is not in its encoding.
pub(super) fn decode(bytes: Vec<u8>, options: &Options) -> Result<String, String> {
    if is_utf16(&bytes) {
        let encoding = if bytes[0] == 0xFF { UTF_16LE } else { UTF_16BE };
        return convert(&bytes[2..], encoding, options);
    }
    String::from_utf8(bytes).or_else(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        if bytes.iter().take(8192).any(|&byte| byte == 0) {
            return Err(
                "holds binary data; name the files to read, or leave this one out".to_owned(),
            );
        }
        match options.encoding.as_deref().and_then(named) {
            Some(encoding) if encoding != UTF_8 => convert(&bytes, encoding, options),
            _ if options.replace_invalid => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            _ => Err(format!(
                "is not UTF-8 at byte {at}; name its encoding with --encoding, or take --invalid-utf8 replace"
            )),
        }
    })
}

/// The encoding of a label of the Encoding Standard, such as `windows-1251`, `shift_jis` or `latin1`.
#[must_use]
pub fn named(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.as_bytes())
}

fn convert(bytes: &[u8], encoding: &'static Encoding, options: &Options) -> Result<String, String> {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    if had_errors && !options.replace_invalid {
        return Err(format!(
            "is not sound {}; mend it, or take --invalid-utf8 replace",
            encoding.name()
        ));
    }
    Ok(text.into_owned())
}
