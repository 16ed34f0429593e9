//! `sanctag schema`: the output format, for machines.

use std::io::Write;

use anyhow::Result;
use clap::Args as ClapArgs;
use sanctag::write::JSON_SCHEMA;

use crate::exit::Exit;

/// Print the JSON Schema of the output lines.
#[derive(ClapArgs)]
#[command(after_help = "Example:\n  sanctag schema > sanctag-1.schema.json")]
pub struct Args {}

pub fn run(_: &Args) -> Result<Exit> {
    std::io::stdout().write_all(JSON_SCHEMA.as_bytes())?;
    Ok(Exit::Done)
}
