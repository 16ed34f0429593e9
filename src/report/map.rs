//! The world as tiles.

use serde::Serialize;

const TILES: &str = include_str!("tiles.txt");

/// A state's place on the map.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Tile {
    /// ISO 3166-1 alpha-2.
    pub code: &'static str,
    /// Column from the left, from 0.
    pub column: usize,
    /// Row from the top, from 0.
    pub row: usize,
}

/// All tiles, row by row.
pub(super) fn tiles() -> Vec<Tile> {
    let rows = TILES.lines().filter(|line| !line.starts_with('#'));
    let tiles = rows.enumerate().flat_map(|(row, line)| {
        let codes = line.split_whitespace().enumerate();
        codes.map(move |(column, code)| Tile { code, column, row })
    });
    tiles.filter(|tile| tile.code != "..").collect()
}
