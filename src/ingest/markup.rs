//! Markup → the text that it shows, block by block; and how deeply it nests, told before it is parsed.

use std::collections::HashMap;

use trafilatura::dom::{Document, NodeId};

/// Elements that show nothing of an article.
const UNSEEN: &[&str] = &[
    "button", "canvas", "head", "iframe", "noscript", "object", "script", "select", "style", "svg",
    "template", "textarea",
];
/// Elements that stand in a paragraph of their own.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];
/// Elements without an end.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// Elements that end by themselves where the next of their kind begins.
const SELF_ENDING: &[&str] = &[
    "body", "colgroup", "dd", "dt", "head", "html", "li", "option", "p", "rp", "rt", "tbody", "td",
    "tfoot", "th", "thead", "tr",
];
/// Elements whose content is no markup.
const RAW: &[&str] = &["script", "style", "textarea", "title"];

/// A step of the walk through a tree.
enum Step {
    Enter(NodeId),
    /// The end of a block.
    Break(&'static str),
}

/// The text that a document shows: white space as a browser collapses it, an empty line between blocks, a line end
/// for `<br>`, a tab between the cells of a row.
pub(super) fn visible_text(document: &Document) -> String {
    let mut text = Text::default();
    let mut steps = vec![Step::Enter(document.root())];
    while let Some(step) = steps.pop() {
        let node = match step {
            Step::Break(with) => {
                text.owe(with);
                continue;
            }
            Step::Enter(node) => node,
        };
        if document.is_text(node) {
            text.push(&document.outer_html(node));
            continue;
        }
        let name = document.tag_name(node);
        if UNSEEN.contains(&name) {
            continue;
        }
        let around = match name {
            "br" => "\n",
            "td" | "th" => "\t",
            name if BLOCKS.contains(&name) => "\n\n",
            _ => "",
        };
        text.owe(around);
        steps.push(Step::Break(around));
        steps.extend(
            document
                .child_nodes(node)
                .into_iter()
                .rev()
                .map(Step::Enter),
        );
    }
    text.out
}

/// Text that grows, and the white space that it owes before the next word.
#[derive(Default)]
struct Text {
    out: String,
    owed: &'static str,
}

impl Text {
    /// The stronger of two separators is kept; none stands at the start.
    fn owe(&mut self, separator: &'static str) {
        let rank = |separator: &str| match separator {
            "" => 0,
            " " => 1,
            "\t" => 2,
            "\n" => 3,
            _ => 4,
        };
        if rank(self.owed) < rank(separator) {
            self.owed = separator;
        }
    }

    fn push(&mut self, piece: &str) {
        // Not the no-break space, which a browser shows.
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
        if piece.starts_with(is_space) {
            self.owe(" ");
        }
        for word in piece.split(is_space).filter(|word| !word.is_empty()) {
            if !self.out.is_empty() {
                self.out.push_str(self.owed);
            }
            self.owed = " ";
            self.out.push_str(word);
        }
        if !piece.ends_with(is_space) && piece.contains(|c| !is_space(c)) {
            self.owed = "";
        }
    }
}

/// A depth over `limit` when tags nest so deeply, counted without parsing; `None` when they do not.
///
/// Tags are paired by name alone, so that it is the depth of well-formed markup, and of markup with ends left out an upper bound.
pub(super) fn deeper_than(html: &str, limit: usize) -> Option<usize> {
    let bytes = html.as_bytes();
    let mut open: HashMap<Vec<u8>, usize> = HashMap::new();
    let (mut depth, mut at) = (0, 0);
    while let Some(found) = memchr::memchr(b'<', &bytes[at..]) {
        at += found + 1;
        let rest = &bytes[at..];
        let ends = rest.first() == Some(&b'/');
        let start = usize::from(ends);
        let length = rest[start..]
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric())
            .unwrap_or(rest.len() - start);
        let name = rest[start..start + length].to_ascii_lowercase();
        at += start + length;
        let is_in = |list: &[&str]| list.iter().any(|entry| entry.as_bytes() == name);
        if name.is_empty() || is_in(VOID) || is_in(SELF_ENDING) {
            continue;
        }
        if is_in(RAW) && !ends {
            at = end_of_raw(bytes, at, &name);
            continue;
        }
        let count = open.entry(name).or_default();
        if !ends {
            (*count, depth) = (*count + 1, depth + 1);
        } else if 0 < *count {
            (*count, depth) = (*count - 1, depth - 1);
        }
        if limit < depth {
            return Some(depth);
        }
    }
    None
}

/// Where the end tag of a raw element begins, looked for from `at`.
fn end_of_raw(bytes: &[u8], at: usize, name: &[u8]) -> usize {
    memchr::memmem::find_iter(&bytes[at..], b"</")
        .map(|found| at + found)
        .find(|&end| {
            bytes
                .get(end + 2..end + 2 + name.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(name))
        })
        .unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_shows_its_blocks_apart_and_its_inline_text_together() {
        for (html, text) in [
            (
                "<p>One <b>bold</b>, <i>two</i>.</p>\n <p>Three</p>",
                "One bold, two.\n\nThree",
            ),
            (
                "<div>a<div>b</div>c<br>d</div><ul><li>e<li>f</ul>",
                "a\n\nb\n\nc\nd\n\ne\n\nf",
            ),
            (
                "<table><tr><td>1</td><td>2</td></tr><tr><th>3</th></tr></table>",
                "1\t2\n\n3",
            ),
            (
                "<title>no</title><script>no()</script>yes<style>no</style> <span> and </span>yes",
                "yes and yes",
            ),
            ("A&amp;B&nbsp;C &lt;d&gt;", "A&B\u{a0}C <d>"),
            ("", ""),
        ] {
            assert_eq!(visible_text(&Document::parse(html)), text, "{html}");
        }
    }

    #[test]
    fn depth_is_told_for_open_tags_and_not_for_what_ends_by_itself_or_is_no_markup() {
        let deep = |n: usize| format!("{}x{}", "<div>".repeat(n), "</div>".repeat(n));
        for (html, deeper) in [
            (deep(50), false),
            (deep(51), true),
            (deep(40).repeat(9), false),
            ("<p>one<br><li>two<td>".repeat(99), false),
            (format!("<script>{}</SCRIPT>", deep(99)), false),
            (format!("{}{}", "</b>".repeat(99), deep(51)), true),
            ("<FONT></b>".repeat(51), true),
            ("< < <".repeat(99), false),
            ("<div".to_owned(), false),
        ] {
            assert_eq!(deeper_than(&html, 50).is_some(), deeper, "{html:.60}");
        }
    }
}
