//! How labelled files are read, and what is lost on the way.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args as ClapArgs;
use sanctag::article::Fault;
use sanctag::eval::document::Document;
use sanctag::eval::labels::{Labels, Renaming};
use sanctag::eval::{self, Gold, Pairs};

use crate::exit::Exit;

/// Flags about labels.
#[derive(ClapArgs)]
#[command(next_help_heading = "Labels")]
pub struct LabelArgs {
    /// Labels that stand for others, as politician=PERSON,party=ORG. The usual spellings of person, organization and place are known.
    #[arg(long, value_name = "FROM=TO", value_delimiter = ',')]
    map: Vec<Renaming>,
    /// Labels that are not scored.
    #[arg(long, value_name = "LABEL", value_delimiter = ',')]
    ignore: Vec<String>,
    /// The only labels that are scored; without it those that the gold has.
    #[arg(long, value_name = "LABEL", value_delimiter = ',')]
    only: Vec<String>,
    /// Names of numbered tags in their order, as O,B-PER,I-PER, where the file does not hold them.
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    tag_names: Vec<String>,
}

impl LabelArgs {
    pub fn labels(&self) -> Labels {
        Labels {
            map: self.map.clone(),
            ignore: self.ignore.clone(),
            only: self.only.clone(),
        }
    }
}

/// What went wrong on the way; it is told at the end and decides the exit code.
#[derive(Default)]
pub struct Lost(pub Vec<Fault>);

impl Lost {
    pub fn tell(&self) {
        const SHOWN: usize = 20;
        for fault in self.0.iter().take(SHOWN) {
            eprintln!("{}: {}", fault.source, fault.reason);
        }
        if SHOWN < self.0.len() {
            eprintln!("… and {} more", self.0.len() - SHOWN);
        }
    }

    /// Tells what was lost, and how the command ends for it.
    pub fn exit(&self) -> Exit {
        self.tell();
        if self.0.is_empty() {
            Exit::Done
        } else {
            Exit::Faults
        }
    }
}

/// Reads labelled files; what could not be read is lost and told.
pub fn read(paths: &[PathBuf], labels: &LabelArgs, lost: &mut Lost) -> Result<Vec<Document>> {
    let Gold {
        documents,
        faults,
        left_out,
        in_pieces,
    } = eval::gold::read(paths, &labels.tag_names)?;
    lost.0.extend(faults);
    if 0 < left_out {
        eprintln!(
            "{left_out} records were rejected or skipped by whoever labelled them, and are left out"
        );
    }
    if 0 < in_pieces {
        eprintln!(
            "{in_pieces} labels stand in several pieces, and count as the stretch from the first to the last"
        );
    }
    Ok(documents)
}

/// Pairs gold with predictions; what cannot be compared is lost and told.
pub fn pair(gold: Vec<Document>, predicted: Vec<Document>, lost: &mut Lost) -> Pairs {
    let pairs = eval::pair(gold, predicted);
    lost.0.extend(pairs.faults.iter().cloned());
    pairs
}
