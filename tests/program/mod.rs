//! The program as a user starts it.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub mod corpus;
pub mod tiny;

/// How the program ended and what it said.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Starts the program from the repository's root and waits for its end.
pub fn sanctag(args: &[&str]) -> Ended {
    sanctag_reading(args, b"")
}

/// The same, with bytes on its standard input.
pub fn sanctag_reading(args: &[&str], input: &[u8]) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sanctag"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    ended(child)
}

/// Waits for the end of a program whose outputs are pipes.
pub fn ended(child: Child) -> Ended {
    let ended = child.wait_with_output().unwrap();
    Ended {
        code: ended.status.code().unwrap_or(-1),
        stdout: String::from_utf8(ended.stdout).unwrap(),
        stderr: String::from_utf8(ended.stderr).unwrap(),
    }
}

/// The JSON lines of a file.
pub fn lines(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
