use super::*;

fn words(text: &str) -> Vec<String> {
    let mut vocabulary = Vocabulary::default();
    for word in ["we", "will", "can", "not", "is", "what", "that", "let", "us"] {
        vocabulary.intern(word).unwrap();
    }
    let mut tokens = Vec::new();
    vocabulary.tokenize(text, &mut tokens);
    tokens.iter().map(|t| t.text(text).to_owned()).collect()
}

fn split(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    Vocabulary::default().tokenize(text, &mut tokens);
    let mut spans = Vec::new();
    sentences(text, &tokens, &mut spans);
    spans.iter().map(|s| &text[s.start..s.end]).collect()
}

#[test]
fn numbers_and_names_stay_whole() {
    assert_eq!(words("It's $1,200.50 at 10:30, O’Brien."), ["It's", "It's", "1,200.50", "at", "10:30", "O’Brien"]);
    assert_eq!(words("follow-up"), ["follow", "up"]);
}

#[test]
fn contractions_are_two_words_at_one_place() {
    let mut vocabulary = Vocabulary::default();
    let (will, not) = (vocabulary.intern("will").unwrap(), vocabulary.intern("not").unwrap());
    let mut tokens = Vec::new();
    vocabulary.tokenize("We won’t", &mut tokens);
    assert_eq!(tokens.iter().map(|t| t.word).collect::<Vec<_>>(), [UNKNOWN, will, not]);
    assert_eq!((tokens[1].start, tokens[2].end()), (3, 10));
}

#[test]
fn sentences_end_where_people_stop() {
    assert_eq!(split("Hi. How are you? Good!  And… well"), ["Hi.", "How are you?", "Good!", "And…", "well"]);
    assert_eq!(split("Dr. Lee paid 3.5 per cent."), ["Dr. Lee paid 3.5 per cent."]);
    assert_eq!(split("\"Really?\" she said"), ["\"Really?\"", "she said"]);
    assert_eq!(split("Fine. $40 is ok"), ["Fine.", "$40 is ok"]);
    assert_eq!(split("..."), Vec::<&str>::new());
}

#[test]
fn classes_are_told_from_the_word() {
    let text = "Meet Ann on Thursday at 10:30 for $40 or 12%, third time";
    let mut tokens = Vec::new();
    Vocabulary::default().tokenize(text, &mut tokens);
    let of = |word: &str| tokens.iter().find(|t| t.text(text) == word).unwrap().class;
    assert!(of("Ann").has(Class::CAPITAL) && !of("Meet").has(Class::CAPITAL));
    assert!(of("Thursday").has(Class::DAY) && of("10:30").has(Class::CLOCK));
    assert!(of("40").has(Class::MONEY) && of("12").has(Class::PERCENT) && of("third").has(Class::NUMBER));
}
