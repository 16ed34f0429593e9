//! Flags about how records are read.

use clap::{Args as ClapArgs, ValueEnum};
use sanctag::ingest;

/// Flags about how records are read.
#[derive(ClapArgs)]
#[command(next_help_heading = "Input")]
pub struct InputArgs {
    /// What the files and the members of archives hold, whatever their names.
    #[arg(long, value_enum)]
    format: Option<FormatArg>,
    /// JSON field or column with the record's id.
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "id")]
    id_field: Vec<String>,
    /// JSON field or column with the headline.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "title,headline"
    )]
    title_field: Vec<String>,
    /// JSON field or column with the text; of several, the first present.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "text,body,content"
    )]
    text_field: Vec<String>,
    /// JSON field or column with a page of HTML, of a record that has no text.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "html,raw_html"
    )]
    html_field: Vec<String>,
    /// JSON field or column with the date.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "date,published,published_at,date_published"
    )]
    date_field: Vec<String>,
    /// JSON field or column with the language.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "lang,language"
    )]
    lang_field: Vec<String>,
    /// JSON field or column with the address.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "url,link"
    )]
    url_field: Vec<String>,
    /// What to do with bytes that are no text of their encoding: make the record a fault, or replace them by U+FFFD.
    #[arg(long, value_enum, default_value = "fault")]
    invalid_utf8: InvalidArg,
    /// Encoding of text that is not UTF-8 and has no byte order mark, such as windows-1251, shift_jis or latin1.
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    encoding: Option<String>,
    /// A packed file is a fault when it unpacks to more than so many times its size, and to more than 64 MiB.
    #[arg(long, value_name = "TIMES", default_value_t = 250, value_parser = clap::value_parser!(u64).range(1..))]
    max_ratio: u64,
    /// A record with more bytes than this is a fault.
    #[arg(long, value_name = "BYTES", default_value_t = 256 << 20)]
    max_article_bytes: usize,
    /// Follow symbolic links met inside folders.
    #[arg(long)]
    follow_links: bool,
}

impl InputArgs {
    pub fn options(&self) -> ingest::Options {
        ingest::Options {
            fields: ingest::Fields {
                id: self.id_field.clone(),
                title: self.title_field.clone(),
                text: self.text_field.clone(),
                html: self.html_field.clone(),
                date: self.date_field.clone(),
                lang: self.lang_field.clone(),
                url: self.url_field.clone(),
            },
            format: self.format.map(|format| match format {
                FormatArg::Text => ingest::Format::Text,
                FormatArg::Html => ingest::Format::Html,
                FormatArg::Jsonl => ingest::Format::Jsonl,
                FormatArg::Json => ingest::Format::Json,
                FormatArg::Csv => ingest::Format::Csv,
                FormatArg::Tsv => ingest::Format::Tsv,
                FormatArg::Warc => ingest::Format::Warc,
                FormatArg::Parquet => ingest::Format::Parquet,
            }),
            replace_invalid: matches!(self.invalid_utf8, InvalidArg::Replace),
            encoding: self.encoding.clone(),
            max_article_bytes: self.max_article_bytes,
            max_ratio: self.max_ratio,
            follow_links: self.follow_links,
            leave_out: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    Text,
    Html,
    Jsonl,
    Json,
    Csv,
    Tsv,
    Warc,
    Parquet,
}

#[derive(Clone, Copy, ValueEnum)]
enum InvalidArg {
    Fault,
    Replace,
}

fn encoding(name: &str) -> Result<String, String> {
    let known = ingest::encoding_named(name).map(|encoding| encoding.name().to_lowercase());
    known.ok_or_else(|| "expected a name such as windows-1251, shift_jis or latin1".to_owned())
}
