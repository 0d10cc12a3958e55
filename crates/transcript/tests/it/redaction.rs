//! What redaction promises of every text and every call.

use crate::assert_invariants;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::time::Instant;
use transcript::redact::{RedactKind, RedactKinds, Redactor, found_in_raw, redact, redact_text};
use transcript::{Format, parse_text};

/// What lines with numbers in them are made of.
const FRAGMENTS: &[&str] = &[
    " ",
    " ",
    " ",
    ", ",
    ". ",
    "? ",
    "-",
    ":",
    "/",
    "4",
    "1234",
    "412",
    "4111 1111 1111 1111",
    "123-45-6789",
    "2030",
    "four",
    "one",
    "oh",
    "double",
    "triple",
    "forty",
    "two",
    "nineteen",
    "hundred",
    "and",
    "um",
    "my",
    "is",
    "the",
    "PIN",
    "cvv",
    "security code",
    "card number",
    "account number",
    "social",
    "passport",
    "phone",
    "order",
    "A",
    "b",
    "D1234567",
    "at",
    "dollars",
    "$",
    "€",
    "%",
    "(",
    ")",
    "+",
    "@",
    "ann",
    "example.com",
    "dot com",
    "[CARD]",
    "[CVV]",
    "[",
    "]",
    "my name is",
    "Ann",
    "Lee",
    "this is",
    "speaking",
    "street",
    "12 Main Road",
    "zip",
    "what's your",
    "can I have",
    "yes",
    "mm-hm",
    "it's",
    "Grüße",
    "…",
    "é",
    "'",
    "’s",
    "x",
    "Mr.",
    "email",
    "卡号",
    "密码是",
    "，",
    "多少？",
    "身份证11010519491231002X",
    "１２３４",
    "一二",
    "\u{200B}",
    "4111/1111/1111/1111",
    "_",
    "code",
    "expires 12 27",
    "last four of your",
    "iban",
    "gb29 nwbk 6016 1331 9268 19",
    "ann.lee@example.com",
    "Ann's",
    "555-867-5309",
];

/// How the digits of a card may be said or written.
fn say(digits: &[u8], style: usize, pause: &str) -> String {
    const WORDS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let word = |digit: u8| WORDS[usize::from(digit)].to_owned();
    let group = |group: &[u8]| match style {
        0 => group.iter().map(ToString::to_string).collect::<String>(),
        1 => group.iter().map(|d| word(*d)).collect::<Vec<_>>().join(" "),
        2 => group.iter().map(|d| if *d == 0 { "oh".to_owned() } else { word(*d) }).collect::<Vec<_>>().join("-"),
        3 => group.chunks(2).map(|pair| format!("{}{}", pair[0], pair[1])).collect::<Vec<_>>().join(" "),
        4 if group[0] == group[1] => format!("double {} {} {}", word(group[0]), group[2], group[3]),
        _ => group.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
    };
    digits.chunks(4).map(group).collect::<Vec<_>>().join(pause)
}

/// Sixteen digits with a right check digit.
fn card() -> impl Strategy<Value = Vec<u8>> {
    (select(vec![4_u8, 5, 6, 2]), vec(0_u8..10, 14)).prop_map(|(first, rest)| {
        let mut digits = vec![first];
        digits.extend(rest);
        let doubled = digits.iter().enumerate().map(|(at, d)| if at % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { *d });
        let sum: u32 = doubled.map(u32::from).sum();
        digits.push(((10 - sum % 10) % 10) as u8);
        digits
    })
}

fn has_digits(text: &str) -> bool {
    const SPOKEN: [&str; 12] =
        ["zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double"];
    let lower = text.to_lowercase();
    lower.bytes().any(|b| b.is_ascii_digit())
        || lower.split(|c: char| !c.is_alphabetic()).any(|word| SPOKEN.contains(&word))
}

/// A word that went into an address is no part of a phrase: "account number" asked for nothing here.
#[test]
fn phrases_end_where_something_was_found() {
    let text = "Ann: account number_ann.lee@example.com.\nAnn: 身份证11010519491231002X1234.";
    let mut call = parse_text(text, Some(Format::Text)).unwrap();
    redact(&mut call, RedactKinds::ALL);
    let once = call.clone();
    redact(&mut call, RedactKinds::ALL);
    assert_eq!(call, once);
}

proptest! {
    #[test]
    fn redacting_twice_is_redacting_once(parts in vec(select(FRAGMENTS), 0..40), previous in vec(select(FRAGMENTS), 0..12)) {
        let (text, previous) = (parts.concat(), previous.concat());
        for kinds in [RedactKinds::ALL, RedactKinds::DEFAULT, RedactKinds::NONE.with(RedactKind::Pin)] {
            let once = redact_text(&text, Some(&previous), kinds);
            let twice = redact_text(&once.text, Some(&previous), kinds);
            prop_assert_eq!(&twice.text, &once.text, "{:?} after {:?}", text, previous);
        }
    }

    #[test]
    fn what_is_outside_of_spans_is_unchanged(parts in vec(select(FRAGMENTS), 0..40)) {
        let text = parts.concat();
        let redacted = redact_text(&text, None, RedactKinds::ALL);
        let (mut old, mut new) = (0, 0);
        for span in &redacted.spans {
            prop_assert_eq!(&redacted.text[new..span.start], &text[old..span.original.start]);
            prop_assert_eq!(&redacted.text[span.start..span.end], span.kind.placeholder());
            prop_assert!(span.original.start < span.original.end);
            (old, new) = (span.original.end, span.end);
        }
        prop_assert_eq!(&redacted.text[new..], &text[old..]);
    }

    #[test]
    fn no_digit_of_a_card_is_left(digits in card(), style in 0_usize..6, pause in select(vec![" ", ", ", "-", ". ", " um ", " and then "])) {
        let text = format!("Sure, it is {} if that helps.", say(&digits, style, pause));
        let redacted = redact_text(&text, None, RedactKinds::default()).text;
        prop_assert!(!has_digits(&redacted), "{} became {}", text, redacted);
    }

    #[test]
    fn no_digit_of_a_dictated_card_is_left(
        digits in card(),
        style in 0_usize..6,
        listener in vec(select(vec!["Mm-hm.", "Okay.", "Yes, go ahead.", "Right.", "Got it, thanks."]), 3),
        size in 4_usize..9,
    ) {
        let mut lines = Vec::new();
        for (at, part) in digits.chunks(size / 4 * 4).enumerate() {
            lines.push(format!("B: {}{}", if at > 0 { "then " } else { "" }, say(part, style, " ")));
            lines.extend(listener.get(at).map(|said| format!("A: {said}")));
        }
        let mut transcript = parse_text(&lines.join("\n"), Some(Format::Text)).unwrap();
        let ids: Vec<u32> = transcript.segments.iter().map(|segment| segment.id).collect();
        let counts = redact(&mut transcript, RedactKinds::default());
        assert_invariants(&transcript);
        prop_assert_eq!(counts.of(RedactKind::Card), digits.chunks(size / 4 * 4).count());
        prop_assert_eq!(ids, transcript.segments.iter().map(|segment| segment.id).collect::<Vec<_>>());
        for segment in &transcript.segments {
            prop_assert!(!has_digits(&segment.text), "{:?}", lines);
        }
    }

    #[test]
    fn calls_keep_their_invariants_and_stay_when_redacted_again(lines in vec((0_usize..2, vec(select(FRAGMENTS), 1..8)), 1..30)) {
        let line = |(speaker, parts): &(usize, Vec<&str>)| format!("{}: {}.", ["Ann Lee", "Bo"][*speaker], parts.concat().replace(':', ""));
        let text: Vec<String> = lines.iter().map(line).collect();
        let Ok(mut transcript) = parse_text(&text.join("\n"), Some(Format::Text)) else { return Ok(()) };
        let before = transcript.clone();
        let counts = redact(&mut transcript, RedactKinds::ALL);
        assert_invariants(&transcript);
        prop_assert_eq!(transcript.segments.len(), before.segments.len());
        prop_assert_eq!(counts.total() == 0, transcript == before);
        let once = transcript.clone();
        redact(&mut transcript, RedactKinds::ALL);
        prop_assert_eq!(transcript, once);
    }
}

proptest! {
    #[test]
    fn what_is_redacted_is_not_found_in_the_file(lines in vec((0_usize..2, vec(select(FRAGMENTS), 1..8)), 1..30), digits in card()) {
        let line = |(speaker, parts): &(usize, Vec<&str>)| format!("{}: {}.", ["Ann Lee", "Bo"][*speaker], parts.concat().replace(':', ""));
        let text: Vec<String> = lines.iter().map(line).collect();
        let text = text.join("\n");
        let Ok(mut transcript) = parse_text(&text, Some(Format::Text)) else { return Ok(()) };
        let redactor = Redactor::of(&transcript, RedactKinds::DEFAULT);
        redactor.call(&mut transcript);
        let json = serde_json::to_string(&transcript::write::to_json(&transcript)).unwrap();
        let secret = say(&digits, 0, " ");
        prop_assert!(!json.contains(&secret));
        let json = json.replacen('{', &format!("{{\"unread\": {{\"note\": \"{secret}\"}}, "), 1);
        prop_assert!(redactor.found_in_raw(&json), "{json}");
    }
}

#[test]
fn the_time_is_linear_in_the_length() {
    let patterns = [
        "1",
        "4 ",
        "4111 ",
        "four one ",
        "a1",
        "1.",
        "oh ",
        "double ",
        "pin 1 ",
        "a@",
        "card 4 x ",
        "at dot com ",
        "12-",
        "GB29",
        "one, ",
        "卡",
        "１ ",
        "4111/",
        "Ann Lee ",
        "Ann 412 code ",
        "iban gb 29 ",
        "\n4",
    ];
    for (at, pattern) in patterns.into_iter().enumerate() {
        let length = if at < 2 { 1 << 18 } else { 1 << 15 };
        let time = |size: usize| {
            let text = pattern.repeat(size / pattern.len());
            let start = Instant::now();
            std::hint::black_box(redact_text(&text, None, RedactKinds::ALL));
            std::hint::black_box(found_in_raw(&text, RedactKinds::ALL));
            start.elapsed().as_secs_f64()
        };
        let (small, large) = (time(length / 4), time(length));
        println!("{pattern:?}: {small:.3} s, {large:.3} s");
        assert!(large < 12.0 * small.max(0.05), "{pattern:?}: {small} s for a quarter, {large} s for all");
    }
}
