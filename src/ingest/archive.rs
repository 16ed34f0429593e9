//! Members of `.tar` and `.zip` archives, each read as the file that it is, in the order in which they stand.

use std::cell::Cell;
use std::io::Read;
use std::path::Path;

use super::stored::{Count, Unpacked};
use super::{File, Item, Options, Reading, kind};
use crate::article::Stage;

/// Archives within archives are read to this depth.
const MAX_DEPTH: usize = 3;

/// Reads all members of a tar archive.
pub(super) fn read_tar<'a>(
    file: &File,
    reader: Box<dyn Read + 'a>,
    reading: Reading<'_>,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let mut archive = tar::Archive::new(reader);
    let broken = |n_read: u64, error: std::io::Error| {
        let reason = format!("cannot be read beyond its member {n_read}: {error}");
        file.fault(n_read, Stage::Read, reason)
    };
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => return take(broken(0, error)),
    };
    for (n_read, entry) in (0..).zip(entries) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return take(broken(n_read, error)),
        };
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let size = entry.size();
        if !read_member(file, &name, size, Box::new(entry), reading, take) {
            return false;
        }
    }
    true
}

/// Reads all members of a zip archive.
pub(super) fn read_zip(
    file: &File,
    bytes: std::fs::File,
    reading: Reading<'_>,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let mut archive = match zip::ZipArchive::new(std::io::BufReader::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => {
            return take(file.fault(0, Stage::Read, format!("is no zip archive: {error}")));
        }
    };
    for number in 0..archive.len() {
        let go = match archive.by_index(number) {
            Ok(member) if !member.is_file() => true,
            Ok(member) => {
                let name = String::from_utf8_lossy(member.name_raw()).into_owned();
                let size = member.size();
                let count = Count::new(Cell::new(member.compressed_size()));
                let max_ratio = reading.options.max_ratio;
                let reading = Reading {
                    count: &count,
                    ..reading
                };
                let bytes = Unpacked::new(member, max_ratio, count.clone());
                read_member(file, &name, size, Box::new(bytes), reading, take)
            }
            Err(error) => {
                let reason = format!("its member {number} cannot be opened: {error}");
                take(file.fault(number as u64, Stage::Read, reason))
            }
        };
        if !go {
            return false;
        }
    }
    true
}

/// Reads one member, when its name or its first bytes say that it holds articles.
fn read_member(
    archive: &File,
    name: &str,
    size: u64,
    mut bytes: Box<dyn Read + '_>,
    reading: Reading<'_>,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let options: &Options = reading.options;
    let path = Path::new(name);
    let hidden = path
        .iter()
        .any(|part| part.as_encoded_bytes().starts_with(b".") && part != "." && part != "..");
    let (format, packing) = kind::of_name(path);
    let archived = format.filter(|format| format.is_archive());
    let mut member = File {
        shown: format!("{}!/{name}", archive.shown),
        relative: format!("{}!/{name}", archive.relative),
        bytes: size,
        format: archived.or(options.format).or(format),
        packing,
        ..archive.clone()
    };
    if member.format.is_none() && kind::says_nothing(path) && !hidden {
        let told = super::packing::unpack(packing, bytes, options.max_ratio, reading.count)
            .and_then(|unpacked| super::packing::peek(unpacked.reader, kind::HEAD_BYTES));
        (member.format, bytes) = match told {
            Ok((head, bytes)) => (kind::format(&head, &options.fields), bytes),
            Err(error) => {
                return take(member.fault(0, Stage::Read, format!("cannot be read: {error}")));
            }
        };
        member.packing = super::Packing::Plain;
    }
    if hidden || member.format.is_none() {
        reading.skipped.add_one();
        return true;
    }
    if archived.is_some() && MAX_DEPTH <= reading.depth {
        let reason =
            format!("archives are nested more than {MAX_DEPTH} deep; unpack this one first");
        return take(member.fault(0, Stage::Read, reason));
    }
    super::read_stream(
        &member,
        bytes,
        Reading {
            depth: reading.depth + 1,
            ..reading
        },
        take,
    )
}
