//! How service calls end and what is held against us, in wordings that no other test or training sentence has.

use super::tests::{flags, report, talk, verdict};
use super::*;
use crate::FlagKind;
use transcript::Side::{self, External as C, Internal as A};

fn service(lines: &[(Side, &str)]) -> Report {
    report(&talk(lines), "service")
}

#[track_caller]
fn well_handled(lines: &[(Side, &str)]) {
    let report = service(lines);
    assert_eq!(verdict(&report, "resolved_or_owned"), Verdict::Met, "{:?}", report.flags);
    assert_eq!(verdict(&report, "facts_consistent"), Verdict::Met, "{:?}", report.flags);
    assert!(
        !flags(&report).iter().any(|f| matches!(f, FlagKind::ContradictedFact | FlagKind::UnresolvedRequest)),
        "{:?}",
        report.flags
    );
}

#[track_caller]
fn left(lines: &[(Side, &str)]) {
    let report = service(lines);
    assert_eq!(verdict(&report, "resolved_or_owned"), Verdict::Unmet);
    assert!(flags(&report).contains(&FlagKind::UnresolvedRequest), "{:?}", report.flags);
}

#[track_caller]
fn contradicted(lines: &[(Side, &str)]) {
    let report = service(lines);
    assert_eq!(verdict(&report, "facts_consistent"), Verdict::Unmet);
    assert!(flags(&report).contains(&FlagKind::ContradictedFact), "{:?}", report.flags);
}

#[test]
fn a_delivery_by_a_day_is_an_outcome() {
    well_handled(&[
        (A, "Larch Furniture, Ines here, good morning."),
        (C, "Hello, my garden bench never turned up, could you find out where it went?"),
        (A, "Of course. Which postcode was it for?"),
        (C, "It's the cottage at Mill End."),
        (A, "Found it, the lorry broke down on Monday. It should be at your house by Friday."),
        (C, "Oh, what a relief. Friday suits us, thanks for your help."),
        (A, "My pleasure. Was there anything else?"),
        (C, "No, bye."),
    ]);
}

#[test]
fn money_that_will_be_back_within_days_is_an_outcome() {
    well_handled(&[
        (A, "Kestrel Tickets, you're through to Bo."),
        (C, "Hi, you charged me twice for the puppet show, I'd like the second one back please."),
        (A, "I see both of them here. You'll see it back in your account within three days."),
        (C, "Brilliant, that was quick."),
        (A, "Anything more I can do for you?"),
        (C, "That's the lot."),
    ]);
}

#[test]
fn a_refusal_with_another_way_is_no_open_request() {
    let report = service(&[
        (A, "Hillside Library, how may I help?"),
        (C, "I need to renew the atlas for another month, can you do that?"),
        (A, "I'm afraid I can't renew that one, somebody else has reserved it."),
        (C, "Oh. I'm still not through with it."),
        (A, "What I can do is put you next in the queue, and it'll be ready for you on the ninth of May."),
        (C, "Okay, that works."),
    ]);
    assert!(!flags(&report).contains(&FlagKind::UnresolvedRequest), "{:?}", report.flags);
}

#[test]
fn a_refusal_the_caller_protests_against_is_an_open_request() {
    left(&[
        (A, "Pelican Water, this is Sunil."),
        (C, "The tap in our street has been running brown since Sunday, I'd like somebody to come and look at it."),
        (A, "Right. Let me see."),
        (A, "There's nothing I can do from here, that belongs to the works team."),
        (C, "So nobody is coming?"),
        (A, "It would be up to them."),
        (C, "Well, that's not good enough. Goodbye."),
    ]);
}

#[test]
fn being_sent_to_a_website_that_did_not_help_is_an_open_request() {
    left(&[
        (A, "Good afternoon, Juniper Rail."),
        (C, "My season pass won't scan at the gate, can you send me a new one?"),
        (A, "You could try the form on the website."),
        (C, "The form crashes, that's why I'm calling you."),
        (A, "I have no idea why it does that, sorry."),
        (C, "So I'm stuck with a pass that doesn't work. Useless."),
        (A, "Have a nice day."),
    ]);
}

#[test]
fn a_promise_after_a_protest_takes_it_on() {
    let report = service(&[
        (A, "Pelican Water, this is Sunil."),
        (C, "The tap in our street has been running brown since Sunday, I'd like somebody to come and look at it."),
        (A, "There's nothing I can do from here, that belongs to the works team."),
        (C, "So nobody is coming?"),
        (A, "I'll ring them myself now, and I'll call you back before five with a time."),
        (C, "Good, thank you."),
    ]);
    assert!(!flags(&report).contains(&FlagKind::UnresolvedRequest), "{:?}", report.flags);
}

#[test]
fn an_earlier_word_held_against_us_is_a_contradiction() {
    contradicted(&[
        (A, "Fern Broadband, Olga speaking."),
        (C, "Hi, I'd like to cancel the sports channel."),
        (A, "Sure, cancelling the channel is free of charge."),
        (C, "Lovely, please do it."),
        (A, "Done, it's switched off. Cancelling the channel costs a fee of twelve pounds."),
        (C, "Hang on, you said cancelling was free."),
        (A, "It shows up on the next bill."),
        (C, "Hm. Fine."),
    ]);
}

#[test]
fn a_word_taken_back_is_no_contradiction() {
    let report = service(&[
        (A, "Fern Broadband, Olga speaking."),
        (C, "Hi, I'd like to cancel the sports channel."),
        (A, "Sure, cancelling the channel is free of charge."),
        (C, "Lovely, please do it."),
        (A, "Done, it's switched off. Cancelling the channel costs a fee of twelve pounds."),
        (C, "Hang on, you said cancelling was free."),
        (A, "You're right, my mistake, there's no fee. It is free."),
        (C, "Great, thank you."),
    ]);
    assert_eq!(verdict(&report, "facts_consistent"), Verdict::Met, "{:?}", report.flags);
}

#[test]
fn the_same_visit_on_two_days_is_a_contradiction() {
    let lines = |second: &'static str| {
        [
            (A, "Badger Boilers, how can I help?"),
            (C, "Our radiators are cold, please send someone."),
            (A, "Our fitter will visit you on Wednesday."),
            (C, "Thank you. Do I have to clear the cupboard?"),
            (A, "Yes please, he needs a metre of room."),
            (C, "I'll do that."),
            (A, second),
            (C, "Okay, bye."),
        ]
    };
    contradicted(&lines("So the fitter will visit you on Thursday, and he brings the pump."));
    well_handled(&lines("So the fitter will visit you on Wednesday, and he brings the pump."));
}

#[test]
fn a_card_that_ends_otherwise_is_a_contradiction() {
    let lines = |told: &'static str| {
        [
            (A, "Quay Bank, this is Tess."),
            (C, "I want my card blocked, the one ending in four four one nine."),
            (A, "One moment."),
            (A, told),
            (C, "Thank you, what a relief."),
            (A, "Is there anything else I can help you with?"),
            (C, "No."),
        ]
    };
    contradicted(&lines("The card ending in four one four nine has been blocked and a replacement is on its way."));
    well_handled(&lines("The card ending in four four one nine has been blocked and a replacement is on its way."));
}

#[test]
fn a_lasting_disagreement_of_two_numbers_of_ours_shows_in_a_sales_call_too() {
    let lines = |years: &'static str| {
        [
            (A, "Today I'd like to show you the roof and talk about money."),
            (C, "Go ahead."),
            (A, "The warranty on the tiles and the gutters runs for thirty years."),
            (C, "That is long."),
            (A, years),
            (C, "I see."),
        ]
    };
    let differs = report(&talk(&lines("The warranty on the gutters runs for ten years, like the loan.")), "default");
    assert_eq!(verdict(&differs, "no_contradiction"), Verdict::Unmet);
    assert!(flags(&differs).contains(&FlagKind::ContradictedFact));
    let agrees = report(&talk(&lines("The warranty on the gutters runs for thirty years, like the loan.")), "default");
    assert!(!flags(&agrees).contains(&FlagKind::ContradictedFact), "{:?}", agrees.flags);
}

#[test]
fn something_that_cannot_be_told_yet_is_no_refusal_of_the_whole() {
    let report = service(&[
        (A, "Moss Garage, Petra speaking."),
        (C, "My van was due back today, could you tell me where it stands?"),
        (A, "I'm afraid I can't say which bolt it was."),
        (C, "Fine, but is it still up on the ramp?"),
        (A, "The wheels go on at four, and by six she's out in the yard with the key under the mat."),
        (C, "Smashing, thanks a million."),
    ]);
    assert!(!flags(&report).contains(&FlagKind::UnresolvedRequest), "{:?}", report.flags);
    assert_ne!(verdict(&report, "resolved_or_owned"), Verdict::Unmet);
}
