use super::*;

const VOCABULARY: &str =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\niran\n##ian\nsan\n##ctions\n.\n-\nbacked\ncafe\n'\ns\n";

fn tokenizer() -> Tokenizer {
    Tokenizer::from_vocabulary(VOCABULARY, true, TokenTypes::Shapes).unwrap()
}

fn whole(text: &str) -> Tokens {
    tokenizer()
        .tokens(text, &[Span::new(0, text.len())])
        .unwrap()
}

#[test]
fn every_token_stands_for_the_bytes_it_came_from() {
    let text = "Iranian-backed Café's SANCTIONS.";
    let tokens = whole(text);
    let pieces: Vec<&str> = tokens.spans.iter().map(|span| span.of(text)).collect();
    assert_eq!(
        pieces,
        [
            "Iran", "ian", "-", "backed", "Café", "'", "s", "SAN", "CTIONS", "."
        ]
    );
    let starts: Vec<bool> = (0..tokens.len()).map(|at| tokens.starts_word(at)).collect();
    assert_eq!(
        starts,
        [true, false, true, true, true, true, true, true, false, true]
    );
    assert_eq!(tokens.types, [1, 1, 6, 0, 1, 6, 0, 2, 2, 6]);
}

#[test]
fn odd_text_keeps_spans_on_character_borders() {
    for text in [
        "\u{feff}Iran\r\n",
        "e\u{301}\u{301}",
        "\0Iran\0",
        "🇮🇷 🏴‍☠️",
        "إيران",
        "制裁Iran",
        "\u{ad}i\u{ad}ran",
        "x\u{200b}",
    ] {
        for span in whole(text).spans {
            assert!(
                text.is_char_boundary(span.start) && text.is_char_boundary(span.end),
                "{text:?} {span:?}"
            );
        }
    }
}

#[test]
fn a_word_of_300_000_characters_is_one_unknown_token() {
    let text = "x".repeat(300_000);
    let tokens = whole(&text);
    assert_eq!((tokens.len(), tokens.ids[0]), (1, 1));
    assert_eq!(tokens.spans[0], Span::new(0, 300_000));
}

#[test]
fn sentences_are_marked_and_what_stands_between_them_is_not_read() {
    let text = "Iran. MENU Iran.";
    let tokens = tokenizer()
        .tokens(text, &[Span::new(0, 5), Span::new(11, 16)])
        .unwrap();
    let starts: Vec<bool> = (0..tokens.len())
        .map(|at| tokens.starts_sentence(at))
        .collect();
    assert_eq!(starts, [true, false, true, false]);
    assert_eq!(tokens.spans[2], Span::new(11, 15));
}

#[test]
fn rows_are_framed_as_the_models_own_template_has_it() {
    let edges = tokenizer().edges().clone();
    assert_eq!(
        edges,
        Edges {
            before: vec![(2, 6)],
            after: vec![(3, 6)]
        }
    );
}

#[test]
fn shapes_follow_the_letters_with_case() {
    for (word, shape) in [
        ("iran", Shape::Lower),
        ("إيران", Shape::Lower),
        ("Iran", Shape::Title),
        ("OFAC", Shape::Upper),
        ("iPhone", Shape::Mixed),
        ("McDonald", Shape::Mixed),
        ("U", Shape::Capital),
        ("É", Shape::Capital),
        ("Su24", Shape::Digit),
        ("…", Shape::Punctuation),
        ("", Shape::Punctuation),
    ] {
        assert_eq!(Shape::of(word), shape, "{word}");
    }
}

#[test]
fn a_sentence_without_end_is_tokenized_in_pieces_that_keep_words_whole() {
    let text = "iranian sanctions. ".repeat(5_000);
    let tokens = whole(&text);
    assert_eq!(tokens.len(), 25_000);
    let unknown = tokens.ids.iter().filter(|&&id| id == 1).count();
    assert_eq!(unknown, 0);
    let opening = (0..tokens.len()).filter(|&at| tokens.starts_sentence(at));
    assert_eq!(opening.collect::<Vec<_>>(), [0]);
    for text in ["ж".repeat(50_000), "!".repeat(50_000)] {
        let tokens = whole(&text);
        assert!(
            tokens
                .spans
                .iter()
                .all(|span| text.get(span.start..span.end).is_some())
        );
        let covered: usize = tokens.spans.iter().map(|span| span.end - span.start).sum();
        assert_eq!(covered, text.len());
    }
}
