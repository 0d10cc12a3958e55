use super::*;
use crate::text::Vocabulary;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn hits(pattern: &str, text: &str) -> Vec<String> {
    let mut vocabulary = Vocabulary::default();
    let mut set = PatternSetBuilder::default();
    let defines = BTreeMap::from([("will".to_owned(), "will|am going to".to_owned())]);
    set.add(&mut vocabulary, &defines, pattern, 7).unwrap();
    let set = set.build();
    let mut tokens = Vec::new();
    vocabulary.tokenize(text, &mut tokens);
    let mut found = Vec::new();
    let mut signatures = Vec::new();
    set.find(Words::new(&tokens, &mut signatures), 0, &mut Vec::new(), |hit| {
        assert_eq!(hit.owner, 7);
        found.push(text[tokens[hit.first].start as usize..tokens[hit.last - 1].end()].to_owned());
    });
    found
}

fn error(pattern: &str) -> String {
    let mut vocabulary = Vocabulary::default();
    PatternSetBuilder::default().add(&mut vocabulary, &BTreeMap::new(), pattern, 0).unwrap_err().to_string()
}

#[test]
fn words_match_whole_and_inflected() {
    assert_eq!(hits("price", "The prices, priceless pricing!"), ["prices", "pricing"]);
    assert_eq!(hits("=price", "prices price"), ["price"]);
}

#[test]
fn choices_options_and_gaps() {
    assert_eq!(
        hits("i {will} (send|email)", "I'll send it; I am going to email it"),
        ["I'll send", "I am going to email"]
    );
    assert_eq!(
        hits("get *2 back", "get right back, get back, get it all the way back"),
        ["get right back", "get back"]
    );
    assert_eq!(hits("too? expensive", "too expensive"), ["too expensive", "expensive"]);
    assert_eq!(hits("(a b|a) c", "a b c a c"), ["a b c", "a c"]);
}

#[test]
fn anchors_and_classes() {
    assert_eq!(hits("^ no", "no no"), ["no"]);
    assert_eq!(hits("right $", "right you are right"), ["right"]);
    assert_eq!(hits("by <day>", "by Friday or by noon"), ["by Friday"]);
    assert_eq!(hits("<num> (dollar|<percent>)", "12 dollars, 5 12%"), ["12 dollars", "5 12"]);
}

#[test]
fn mistakes_are_told() {
    assert!(error("a?").contains("empty text"), "{}", error("a?"));
    assert!(error("(a|b").contains("without \")\""));
    assert!(error("a)").contains("without \"(\""));
    assert!(error("<foo>").contains("no class"));
    assert!(error("{foo}").contains("not defined"));
    assert!(error("Price").contains("lower case"));
    assert!(error("*99 a").contains("12 words"));
}

/// A pattern over five words.
fn pattern() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        4 => "=[a-e]",
        2 => Just("(=a|=b =c)".to_owned()),
        2 => Just("(=d =e|=d|=a *2 =e)".to_owned()),
        2 => "\\*[0-4]",
        2 => "=[a-e]\\?",
        1 => Just("(=a (=b|=c)? =d)?".to_owned()),
        1 => Just("<num>".to_owned()),
        1 => Just("<num>?".to_owned()),
        1 => Just("^".to_owned()),
        1 => Just("$".to_owned()),
        1 => Just("(^ =a|=b|=c $)".to_owned()),
    ];
    prop::collection::vec(atom, 1..6).prop_map(|atoms| atoms.join(" "))
}

proptest! {
    // Some of the random patterns are none.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    /// What is refused unseen is exactly what would not have matched.
    #[test]
    fn looking_ahead_changes_no_hit(pattern in pattern(), text in "([a-f]|7)( ([a-f]|7)){0,9}") {
        let mut vocabulary = Vocabulary::default();
        let mut set = PatternSetBuilder::default();
        prop_assume!(set.add(&mut vocabulary, &BTreeMap::new(), &pattern, 7).is_ok());
        let mut set = set.build();
        let (mut tokens, mut signatures) = (Vec::new(), Vec::new());
        vocabulary.tokenize(&text, &mut tokens);
        let words = Words::new(&tokens, &mut signatures);
        let mut found = Vec::new();
        set.find(words, 0, &mut Vec::new(), |hit| found.push((hit.first, hit.last)));

        for step in &mut set.steps {
            if let Step::Word(signature, ..) | Step::Gap(_, signature) | Step::Split(signature, _) = step {
                *signature = Signature::ANY;
            }
        }
        let expected: Vec<_> = (0..words.len()).filter_map(|first| Some((first, set.run(0, words, first)?))).collect();
        prop_assert_eq!(found, expected, "{} in {}", pattern, text);
    }
}
