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
