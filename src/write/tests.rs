use super::*;
use crate::article::Place;
use crate::entity::{Code, EntityMention, Form};
use crate::ties::{Measure, Roles, Status};

fn article(text: &str) -> Article {
    Article {
        id: "a1".to_owned(),
        place: Place {
            path: "x/a.txt".to_owned(),
            record: 0,
            offset: None,
        },
        title: None,
        published: Some("2023-03-21".to_owned()),
        lang: None,
        url: None,
        text: text.to_owned(),
    }
}

fn options() -> Options {
    Options {
        unit: Unit::Points,
        text: true,
        types: vec![EntityType::Person, EntityType::Org, EntityType::Country],
        min_score: 0.0,
        run: "r".to_owned(),
    }
}

fn entity(text: &str, word: &str, kind: EntityType) -> Entity {
    let start = text.find(word).unwrap();
    Entity {
        kind,
        name: word.to_owned(),
        country: (kind == EntityType::Country).then_some(Code {
            alpha2: "IR",
            alpha3: "IRN",
        }),
        score: 0.123_46,
        mentions: vec![EntityMention {
            span: Span::new(start, start + word.len()),
            score: 0.123_44,
            form: (kind == EntityType::Country).then_some(Form::Name),
        }],
    }
}

fn parsed(text: &str, found: &Found, options: &Options) -> serde_json::Value {
    serde_json::from_str(&line(&article(text), found, options).unwrap()).unwrap()
}

#[test]
fn ranges_count_code_points_or_bytes_and_cover_their_text() {
    let text = "«Größe» 😀 sanctions Iran";
    let found = Found {
        entities: vec![entity(text, "Iran", EntityType::Country)],
        ..Found::default()
    };
    let line = parsed(text, &found, &options());
    let mention = &line["entities"][0]["mentions"][0];
    assert_eq!(
        (mention["start"].as_u64(), mention["end"].as_u64()),
        (Some(20), Some(24))
    );
    assert_eq!(mention["score"], 0.1234);
    let bytes = parsed(
        text,
        &found,
        &Options {
            unit: Unit::Bytes,
            ..options()
        },
    );
    assert_eq!(
        bytes["entities"][0]["mentions"][0]["start"].as_u64(),
        text.find("Iran").map(|at| at as u64)
    );
}

#[test]
fn measures_name_the_entities_that_are_written() {
    let text = "Alp sanctions Iran over Bern";
    let entities = vec![
        entity(text, "Bern", EntityType::Loc),
        entity(text, "Alp", EntityType::Org),
        entity(text, "Iran", EntityType::Country),
    ];
    let measure = Measure {
        status: Status::Imposed,
        imposers: vec![1],
        targets: vec![0, 2],
        trigger: Span::new(4, 13),
        evidence: Span::new(0, text.len()),
        score: 0.5,
    };
    let roles = vec![
        Roles::default(),
        Roles {
            imposer: true,
            ..Roles::default()
        },
        Roles {
            target: true,
            ..Roles::default()
        },
    ];
    let found = Found {
        entities,
        ties: Ties {
            relevant: true,
            roles,
            measures: vec![measure],
        },
        ..Found::default()
    };
    let line = parsed(text, &found, &options());
    assert_eq!(line["entities"].as_array().unwrap().len(), 2);
    assert_eq!(line["measures"][0]["targets"], serde_json::json!(["e2"]));
    assert_eq!(line["entities"][1]["roles"], serde_json::json!(["target"]));
    assert_eq!(line["measures"][0]["trigger"]["text"], "sanctions");
}

#[test]
fn a_wrong_range_or_an_unread_token_holds_the_line_back() {
    let text = "Größe";
    let mut broken = entity(text, "Größe", EntityType::Org);
    broken.mentions[0].span = Span::new(3, 4);
    let found = Found {
        entities: vec![broken],
        ..Found::default()
    };
    assert!(line(&article(text), &found, &options()).is_err());
    let unread = Found {
        stats: Stats {
            tokens: 2,
            ..Stats::default()
        },
        ..Found::default()
    };
    assert!(
        line(&article(text), &unread, &options())
            .unwrap_err()
            .contains("0 of 2")
    );
}

#[test]
fn the_text_can_be_left_out() {
    let line = parsed(
        "Iran",
        &Found::default(),
        &Options {
            text: false,
            ..options()
        },
    );
    assert_eq!(line.get("text"), None);
    assert_eq!(line["schema"], SCHEMA);
}
