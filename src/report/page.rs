//! The page: one file, with its style, program and data inside.

use serde_json::{Value, json};

use super::{Reported, Tally};
use crate::error::{Error, Result};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const PROGRAM: &str = include_str!("page.js");

/// Puts the page together.
pub(super) fn html(tally: &Tally, articles: &[Value], reported: &Reported) -> Result<String> {
    let mut data = tally.shown();
    data["articles"] = json!(articles);
    data["faults"] = json!(reported.faults);
    data["version"] = json!(env!("CARGO_PKG_VERSION"));
    let data = serde_json::to_string(&data)
        .map_err(|error| Error::Usage(format!("bug: the report's data are no JSON: {error}")))?;
    // Within a script nothing but `<` can end it or begin a comment, and JSON has `<` in texts alone.
    let data = data.replace('<', "\\u003c");
    let mut html = String::with_capacity(PAGE.len() + STYLE.len() + PROGRAM.len() + data.len());
    let mut rest = PAGE;
    for (mark, part) in [
        ("{style}", STYLE),
        ("{data}", data.as_str()),
        ("{program}", PROGRAM),
    ] {
        let (before, after) = rest
            .split_once(mark)
            .expect("bug: the page has its three marks");
        html.push_str(before);
        html.push_str(part);
        rest = after;
    }
    html.push_str(rest);
    Ok(html)
}
