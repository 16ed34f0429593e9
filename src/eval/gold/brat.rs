//! brat's standoff: `NAME.txt` with `NAME.ann` beside it.
//!
//! Read are the text-bound lines (`T1\tPER 0 5\tAnn L`); relations, events and notes are not ours. A label in several pieces counts
//! as the stretch from the first to the last, and is told.

use super::offsets::Offsets;
use crate::article::Place;
use crate::eval::document::{Document, Mark, stem};

/// Reads one annotation file's text; the second value is the number of labels in several pieces.
///
/// # Errors
/// A sentence that names the line which does not fit the text.
pub fn read(ann: &str, text: String, shown: &str) -> Result<(Document, usize), String> {
    let offsets = Offsets::of(&text);
    let (mut marks, mut in_pieces) = (Vec::new(), 0);
    for (number, line) in (1..).zip(ann.lines()) {
        if !line.starts_with('T') {
            continue;
        }
        let wrong = |what: String| format!("line {number}: {what}");
        let mut fields = line.split('\t');
        let (label, ranges) = fields
            .nth(1)
            .and_then(|field| field.split_once(' '))
            .ok_or_else(|| wrong(format!("{line:?} has no label and range")))?;
        let covered = fields.next();
        let numbers: Vec<u64> = ranges
            .split([' ', ';'])
            .filter_map(|number| number.parse().ok())
            .collect();
        let (Some(&start), Some(&end)) = (numbers.first(), numbers.last()) else {
            return Err(wrong(format!("{ranges:?} is no range")));
        };
        let pieces = ranges.contains(';');
        in_pieces += usize::from(pieces);
        // brat writes a line break inside a label as a blank.
        let flat = |covered: &str| covered.to_owned();
        let broken = offsets.span(start, end, None).ok().is_some_and(|span| {
            let found = span.of(&text).replace(['\n', '\r'], " ");
            covered.is_none_or(|covered| found == flat(covered))
        });
        let covered = covered.filter(|_| !pieces && !broken);
        marks.push(Mark {
            span: offsets.span(start, end, covered).map_err(wrong)?,
            label: label.to_owned(),
            score: None,
            form: None,
        });
    }
    marks.sort_by_key(|mark| mark.span);
    let name = stem(shown);
    let document = Document {
        id: name.strip_suffix(".ann").unwrap_or(name).to_owned(),
        place: Place {
            path: shown.to_owned(),
            record: 0,
            offset: None,
        },
        text: Some(text),
        words: None,
        marks: Some(marks),
        article: None,
    };
    Ok((document, in_pieces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_bound_lines_are_labels_and_others_are_not() {
        let text = "Ünal of Acme\nBank spoke.".to_owned();
        let ann = "T1\tPER 0 4\tÜnal\n#1\tAnnotatorNotes T1\tx\nT2\tORG 8 17\tAcme Bank\nT3\tMISC 0 4;18 23\tÜnal spoke\nR1\tX Arg1:T1\n";
        let (document, in_pieces) = read(ann, text.clone(), "dir/a.ann").unwrap();
        let marks = document.marks.unwrap();
        let shown: Vec<_> = marks
            .iter()
            .map(|mark| (mark.span.of(&text), mark.label.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("Ünal", "PER"),
                ("Ünal of Acme\nBank spoke", "MISC"),
                ("Acme\nBank", "ORG")
            ]
        );
        assert_eq!((document.id.as_str(), in_pieces), ("a", 1));
        assert!(read("T1\tPER 0 4\tOther", text, "a.ann").is_err());
    }
}
