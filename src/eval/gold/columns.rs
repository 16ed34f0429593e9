//! Files of one token a line: the token first, its tag last, columns apart by tabs or blanks.
//!
//! A blank line ends a sentence; `-DOCSTART-`, `# doc …` and `# newdoc …` begin a document. A file without such marks is
//! read as one document a sentence, since nothing says which sentences stand together. The text is the tokens joined by one blank,
//! sentences by a blank line, which no reader of text takes for a wrapped line.

use super::scheme;
use crate::article::Place;
use crate::eval::document::{Document, Mark};
use crate::span::Span;

/// What stands between two sentences.
const BETWEEN_SENTENCES: &str = "\n\n";

/// One sentence: tokens and their tags.
type Sentence<'a> = Vec<(&'a str, &'a str)>;

/// Reads a file's documents; `shown` is its path as messages show it.
///
/// # Errors
/// A sentence that names the line which is no token with a tag.
pub fn read(text: &str, shown: &str) -> Result<Vec<Document>, String> {
    let mut documents: Vec<Vec<Sentence<'_>>> = vec![Vec::new()];
    let mut rows: Sentence<'_> = Vec::new();
    let mut marked = false;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in (1..).zip(text.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        match kind(line) {
            Line::Blank => close(&mut documents, &mut rows),
            Line::Comment => {}
            Line::Document => {
                close(&mut documents, &mut rows);
                documents.push(Vec::new());
                marked = true;
            }
            Line::Token(token, tag) => rows.push((token, tag)),
            Line::Other => {
                return Err(format!(
                    "line {number}: {line:?} is no token with a tag. Expected 2 to 4 columns, the token first, its tag (O, B-ORG, …) last"
                ));
            }
        }
    }
    close(&mut documents, &mut rows);
    if !marked {
        documents = documents
            .into_iter()
            .flatten()
            .map(|sentence| vec![sentence])
            .collect();
    }
    documents.retain(|document| !document.is_empty());
    let documents = (0..).zip(&documents);
    Ok(documents
        .map(|(record, sentences)| document(sentences, shown, record))
        .collect())
}

/// Ends a sentence, where one is open.
fn close<'a>(documents: &mut [Vec<Sentence<'a>>], rows: &mut Sentence<'a>) {
    if let (false, Some(document)) = (rows.is_empty(), documents.last_mut()) {
        document.push(std::mem::take(rows));
    }
}

enum Line<'a> {
    Blank,
    Comment,
    Document,
    Token(&'a str, &'a str),
    Other,
}

fn kind(line: &str) -> Line<'_> {
    if line.trim().is_empty() {
        return Line::Blank;
    }
    if line.starts_with("-DOCSTART-") {
        return Line::Document;
    }
    let (first, last) = if line.contains('\t') {
        let mut columns = line.split('\t');
        (columns.next(), columns.next_back())
    } else {
        let mut columns = line.split_whitespace();
        (columns.next(), columns.next_back())
    };
    match (first.map(str::trim), last.map(str::trim)) {
        (Some(token), Some(tag)) if !token.is_empty() && scheme::is_tag(tag) => {
            Line::Token(token, tag)
        }
        _ if ["# doc", "#doc", "# newdoc"]
            .iter()
            .any(|mark| line.starts_with(mark)) =>
        {
            Line::Document
        }
        _ if line.starts_with('#') => Line::Comment,
        _ => Line::Other,
    }
}

fn document(sentences: &[Sentence<'_>], shown: &str, record: u64) -> Document {
    let mut text = String::new();
    let mut words = Vec::new();
    let mut marks = Vec::new();
    for sentence in sentences {
        if !text.is_empty() {
            text.push_str(BETWEEN_SENTENCES);
        }
        append(
            sentence.iter().map(|row| row.0),
            &sentence.iter().map(|row| row.1).collect::<Vec<_>>(),
            &mut text,
            &mut words,
            &mut marks,
        );
    }
    Document {
        id: format!("{shown}#{record}"),
        place: Place {
            path: shown.to_owned(),
            record,
            offset: None,
        },
        text: Some(text),
        words: Some(words),
        marks: Some(marks),
        article: None,
    }
}

/// Appends one sentence's tokens to a text, with the spans of the tokens and of what is labelled.
pub(super) fn append<'a>(
    tokens: impl Iterator<Item = &'a str>,
    tags: &[&str],
    text: &mut String,
    words: &mut Vec<Span>,
    marks: &mut Vec<Mark>,
) {
    let first = words.len();
    for (at, token) in tokens.enumerate() {
        if at > 0 {
            text.push(' ');
        }
        words.push(Span::new(text.len(), text.len() + token.len()));
        text.push_str(token);
    }
    for (range, label) in scheme::runs(tags) {
        marks.push(Mark {
            span: Span::new(
                words[first + range.start].start,
                words[first + range.end - 1].end,
            ),
            label,
            score: None,
            form: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let documents = read(text, "a.conll").unwrap();
        let of = |document: &Document| {
            let text = document.text.as_deref().unwrap();
            let marks = document.marks.iter().flatten();
            let marks: Vec<_> = marks
                .map(|mark| format!("{}/{}", mark.span.of(text), mark.label))
                .collect();
            format!("{}: {}", text.replace('\n', "|"), marks.join(", "))
        };
        documents.iter().map(of).collect()
    }

    #[test]
    fn tokens_are_joined_and_labelled_by_offsets() {
        struct Case(&'static str, &'static [&'static str]);
        for Case(text, expected) in [
            Case(
                "-DOCSTART- -X- O O\n\nAnn NNP I-NP B-PER\nLee NNP I-NP I-PER\nspoke VB O O\n\nBo NNP O B-PER\n",
                &["Ann Lee spoke||Bo: Ann Lee/PER, Bo/PER"],
            ),
            Case(
                "# doc 1\nÜnal\tB-PER\n# doc 2 region=x\r\n#\tO\r\nAcme\tB-ORG\r\n",
                &["Ünal: Ünal/PER", "# Acme: Acme/ORG"],
            ),
            Case("Ann B-PER\n\nBo B-PER\n", &["Ann: Ann/PER", "Bo: Bo/PER"]),
            Case("", &[]),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn a_line_without_a_tag_is_told_by_its_number() {
        let error = read("Ann\tB-PER\nno tag here\n", "x").unwrap_err();
        assert!(
            error.contains("line 2") && error.contains("columns"),
            "{error}"
        );
    }
}
