//! Sentiment against the Python package, and what holds for any text.

use proptest::prelude::*;
use signals::sentiment::{Scores, spoken, vader};

/// Lines with the scores of vaderSentiment 3.3.2, written by `bench/peers/vader_golden.py`.
const GOLDEN: &str = include_str!("../golden/vader.tsv");

#[test]
fn vader_equals_the_python_package() {
    let mut lines = 0;
    let mut different = Vec::new();
    for row in GOLDEN.split_terminator('\n') {
        let [line, compound, pos, neu, neg] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("five columns in {row:?}");
        };
        let number = |text: &str| text.parse::<f64>().unwrap();
        let expected = Scores { compound: number(compound), pos: number(pos), neu: number(neu), neg: number(neg) };
        lines += 1;
        if vader(line) != expected {
            different.push(format!("{line:?}: {expected:?}, but {:?}", vader(line)));
        }
    }
    assert!(lines >= 6_000, "{lines} lines");
    assert!(different.is_empty(), "{} of {lines} differ:\n{}", different.len(), different.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_scores_in_range(text in any_text()) {
        let Scores { compound, pos, neu, neg } = vader(&text);
        prop_assert!((-1.0..=1.0).contains(&compound));
        prop_assert!([pos, neu, neg].iter().all(|share| (0.0..=1.0).contains(share)));
        let total = pos + neu + neg;
        prop_assert!(total == 0.0 || (total - 1.0).abs() < 0.002, "{total}");
        prop_assert!((-1.0..=1.0).contains(&spoken(&text)));
    }

    #[test]
    fn white_space_does_not_matter(text in "([a-z]{1,8} ?){0,60}") {
        let spaced = format!("\u{a0}{}\n", text.replace(' ', " \u{3000}\t"));
        prop_assert_eq!(vader(&spaced), vader(&text));
        prop_assert!((spoken(&spaced) - spoken(&text)).abs() < 1e-12);
    }
}

/// Words that rules and phrases are about, between anything.
fn any_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
            proptest::sample::select(
                &[
                    "not", "never", "so", "good", "BAD", "but", "least", "no", "kind", "of", "still", "working", "😀",
                    "a"
                ][..]
            )
            .prop_map(str::to_owned),
            "\\PC{0,6}",
            "[.!?,’' \n]{1,3}",
        ];
    prop::collection::vec(word, 0..80).prop_map(|words| words.join(" "))
}
