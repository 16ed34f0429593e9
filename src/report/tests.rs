use std::collections::BTreeSet;

use super::articles::Sample;
use super::*;
use crate::output::Line;
use crate::write::Unit;

#[test]
fn every_state_has_one_tile_and_no_two_share_a_place() {
    let tiles = map::tiles();
    let places: BTreeSet<_> = tiles.iter().map(|tile| (tile.row, tile.column)).collect();
    let codes: BTreeSet<_> = tiles.iter().map(|tile| tile.code).collect();
    assert_eq!((places.len(), codes.len()), (tiles.len(), tiles.len()));
    let known: BTreeSet<_> = crate::entity::named()
        .map(|(code, _)| code.alpha2)
        .collect();
    assert!(codes.is_subset(&known), "{:?}", codes.difference(&known));
    let table = include_str!("../../data/countries/countries.tsv");
    let states = table
        .lines()
        .filter(|line| line.split('\t').nth(1) == Some("state"));
    let missing: Vec<&str> = states
        .filter_map(|line| line.split('\t').next())
        .filter(|code| !codes.contains(code))
        .collect();
    assert_eq!(missing, [""; 0]);
}

fn line(id: usize, relevant: bool) -> Line {
    serde_json::from_value(serde_json::json!({
        "schema": "sanctag/1", "id": format!("a{id}"), "source": {"path": "a.txt", "record": id}, "body": [],
        "published": format!("2023-01-{:02}", id % 28 + 1), "relevant": relevant, "entities": [], "measures": [],
        "stats": {"sentences": 0, "tokens": 0, "windows": 0, "tokens_read": 0}, "run": "r"}))
    .unwrap()
}

#[test]
fn the_articles_shown_are_the_same_for_any_order_of_the_lines_and_relevant_ones_come_first() {
    let lines: Vec<Line> = (0..100).map(|id| line(id, id % 10 == 0)).collect();
    let sampled = |order: &mut dyn Iterator<Item = usize>| {
        let mut sample = Sample::new(15);
        for id in order {
            let mut hash = [0; 16];
            hash[0] = u8::try_from(id * 37 % 101).unwrap();
            sample.add(&lines[id], &Article::new(&lines[id], Unit::Points), hash);
        }
        sample.into_articles()
    };
    let forward = sampled(&mut (0..100));
    assert_eq!(forward, sampled(&mut (0..100).rev()));
    let relevant = forward.iter().filter(|article| article["relevant"] == true);
    assert_eq!((forward.len(), relevant.count()), (15, 10));
    assert!(
        forward
            .windows(2)
            .all(|pair| pair[0]["published"].as_str() >= pair[1]["published"].as_str())
    );
    assert!(Sample::new(0).into_articles().is_empty());
}
