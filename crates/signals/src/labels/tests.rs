use super::*;

fn kinds(text: &str) -> Vec<QuestionKind> {
    Labeler::builtin().label_line(text, None, None).sentences.iter().filter_map(|s| s.question).collect()
}

#[test]
fn kinds_of_questions() {
    use QuestionKind::{Closed, Factual, Open};
    for (text, expected) in [
        ("How does that work today?", vec![Open]),
        ("Walk me through a normal week.", vec![Open]),
        ("So, um, tell me about the shop.", vec![Open]),
        ("How many people are on the team?", vec![Factual]),
        ("What's your account number?", vec![Factual]),
        ("Can you tell me when it started?", vec![Factual]),
        ("Could you walk me through it?", vec![Open]),
        ("Does that help?", vec![Closed]),
        ("You're on version six?", vec![Closed]),
        ("Who else has to sign?", vec![Factual]),
        ("And why Thursday?", vec![Open]),
        ("How are you?", vec![Closed]),
        ("How about Thursday?", vec![Closed]),
        ("I know how that works.", vec![]),
        ("We'll tell you on Monday.", vec![]),
    ] {
        assert_eq!(kinds(text), expected, "{text}");
    }
}

#[test]
fn questions_without_punctuation() {
    use QuestionKind::{Closed, Factual, Open};
    for (text, expected) in [
        ("hello this is harbor bank my name is ann how can i help you today", vec![Open]),
        ("what day would you like for your appointment", vec![Factual]),
        ("is there anything else i can help you with", vec![Closed]),
        ("okay and which address is the service at", vec![Factual]),
        ("i would like friday", vec![]),
        ("that is what i told them", vec![]),
        ("can you send me a new one", vec![Closed]),
        ("the account is the one i gave you", vec![]),
        ("so do i", vec![]),
    ] {
        assert_eq!(kinds(text), expected, "{text}");
    }
}

fn labelled(text: &str, previous: Option<&str>, side: Side) -> Sentence {
    Labeler::builtin().label_line(text, previous, Some(side)).sentences.remove(0)
}

#[test]
fn the_built_in_trackers_cues_and_weights_are_sound() {
    assert!(Labeler::builtin().trackers().trackers().len() > 10);
    let again = LinearModel::from_tsv(&LinearModel::builtin().to_tsv()).expect("what is written can be read");
    assert_eq!(again.to_tsv(), LinearModel::builtin().to_tsv());
}

#[test]
fn broken_weights_name_their_line() {
    let error = LinearModel::from_tsv("# head\nbias\t0:1\nzz9\t99:1\n").unwrap_err().to_string();
    assert!(error.contains("line 3") && error.contains("output"), "{error}");
}

#[test]
fn objections_have_a_kind_and_are_the_customers() {
    for (text, kind) in [
        ("That is more than we budgeted for.", ObjectionKind::Price),
        ("you guys are expensive", ObjectionKind::Price),
        ("now is not a great time for us", ObjectionKind::Timing),
        ("I'd have to run it by my boss first.", ObjectionKind::Authority),
        ("We're locked into a contract with somebody else.", ObjectionKind::Competitor),
        ("We got burned by a vendor like you before.", ObjectionKind::Trust),
    ] {
        assert_eq!(labelled(text, None, Side::External).objection, Some(kind), "{text}");
        assert_eq!(labelled(text, None, Side::Internal).objection, None, "{text}");
    }
    for text in [
        "Thanks, that helps a lot.",
        "We have forty vans in two depots.",
        "Where do I sign?",
        "okay",
        "That sounds good, send it over.",
    ] {
        assert_eq!(labelled(text, None, Side::External).objection, None, "{text}");
    }
}

#[test]
fn what_sentences_do() {
    use Label::{Acknowledgement, Commitment, FurtherHelp, NextStep, Pain, Proof, Request};
    for (side, text, label) in [
        (Side::Internal, "I'll send you the offer by Thursday.", Commitment),
        (Side::Internal, "How about we meet again on Tuesday at ten?", NextStep),
        (Side::Internal, "I completely understand, that's a fair concern.", Acknowledgement),
        (Side::Internal, "A bakery chain in Ghent cut its waste by thirty percent last year with it.", Proof),
        (Side::Internal, "Is there anything else I can help you with?", FurtherHelp),
        (Side::External, "My internet has been down since Monday.", Pain),
        (Side::External, "can you please send me a new card", Request),
    ] {
        let sentence = labelled(text, None, side);
        assert!(sentence.labels.has(label), "{text}: {:?}", sentence.labels.iter().collect::<Vec<_>>());
    }
    let plain = labelled("We have two depots.", None, Side::External);
    assert_eq!(plain.labels.iter().count(), 0, "{:?}", plain.labels.iter().collect::<Vec<_>>());
}

#[test]
fn dates_and_answers() {
    assert!(labelled("Let's talk on Friday at nine.", None, Side::Internal).dated);
    assert!(!labelled("Let's talk soon.", None, Side::Internal).dated);
    let asked = Some("How many depots do you have?");
    assert_eq!(labelled("Two, one in Kettering.", asked, Side::External).answer, Some(true));
    assert_eq!(labelled("What do you mean?", asked, Side::External).answer, Some(false));
    assert_eq!(labelled("Two, one in Kettering.", Some("We have two."), Side::External).answer, None);
}

#[test]
fn a_call_is_labelled_segment_by_segment() {
    let parsed = transcript::parse(
        b"Agent: How do you order today?\nCustomer: By hand. It takes two days, um, every week.\n",
        None,
    )
    .unwrap();
    let labels = Labeler::builtin().label_call(&parsed);
    let texts: Vec<&str> = labels.sentences.iter().map(|s| s.text(&parsed)).collect();
    assert_eq!(texts, ["How do you order today?", "By hand.", "It takes two days, um, every week."]);
    assert_eq!(labels.sentences.iter().map(|s| s.fillers).sum::<u16>(), 1);
    assert_eq!(labels.sentences.iter().map(|s| s.segment).collect::<Vec<_>>(), [0, 1, 1]);
}
