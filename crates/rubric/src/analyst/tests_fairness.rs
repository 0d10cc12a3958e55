//! Well handled calls are not accused and badly handled ones not praised, in wordings of their own.

use super::tests::{flags, report, talk, verdict};
use super::*;
use crate::FlagKind;
use transcript::Side::{self, External as C, Internal as A};

fn service(lines: &[(Side, &str)]) -> Report {
    report(&talk(lines), "service")
}

const FAULT: &[(Side, &str)] = &[
    (A, "Fernhill Heating, Ada speaking."),
    (C, "Hello, my boiler keeps showing a red light and the radiators stay cold."),
    (A, "Does the red light blink or is it steady?"),
    (C, "It blinks."),
    (A, "Press the small knob at the bottom and count to five."),
    (C, "Alright, I'm doing it."),
];

#[track_caller]
fn fault_ends(end: &[(Side, &str)]) -> Report {
    let lines: Vec<_> = FAULT.iter().chain(end).copied().collect();
    service(&lines)
}

#[test]
fn a_regret_at_the_end_is_no_outcome() {
    let report = fault_ends(&[
        (C, "It is just the same as it was."),
        (A, "I'm afraid we could not get this sorted over the phone today. Thank you for your patience."),
        (C, "Thanks, I appreciate that you tried."),
        (A, "Have a nice day."),
    ]);
    assert_eq!(verdict(&report, "resolved_or_owned"), Verdict::Unmet);
    assert!(flags(&report).contains(&FlagKind::UnresolvedRequest));
}

#[test]
fn advice_and_guesses_are_no_outcome() {
    for end in [
        [
            (A, "Check that the valve is set to two, and look at the pressure from time to time."),
            (C, "Okay, I'll look at that later."),
            (A, "Thank you for reaching out today."),
            (C, "Bye."),
        ],
        [
            (A, "Just leave it, the light will probably go out on its own by tomorrow."),
            (C, "Hm, okay."),
            (A, "You're welcome."),
            (C, "Bye."),
        ],
    ] {
        assert_ne!(verdict(&fault_ends(&end), "resolved_or_owned"), Verdict::Met, "{end:?}");
    }
}

#[test]
fn what_works_again_is_an_outcome() {
    let report = fault_ends(&[
        (C, "Oh! The red light is off and it's working again."),
        (A, "Lovely. Can I do anything else for you?"),
        (C, "No, you are a star."),
        (A, "Bye now."),
    ]);
    assert_eq!(verdict(&report, "resolved_or_owned"), Verdict::Met);
}

#[test]
fn who_asks_in_vain_for_a_manager_leaves_empty_handed() {
    let report = fault_ends(&[
        (C, "It's still the same, when can someone come?"),
        (A, "Somebody will look at it. I can't say when."),
        (C, "Then can I talk to a manager?"),
        (A, "We have new thermostats in the shop."),
        (C, "Goodbye."),
    ]);
    assert_eq!(verdict(&report, "resolved_or_owned"), Verdict::Unmet);
    assert!(flags(&report).contains(&FlagKind::UnresolvedRequest));
}

#[test]
fn what_is_done_for_something_else_is_not_the_request_done() {
    let report = service(&[
        (A, "hello this is dune bank how can i help"),
        (C, "hi i would like to know the balance of my savings account"),
        (A, "your checking account balance is ninety dollars"),
        (C, "i asked for savings"),
        (A, "this is what i see here"),
        (C, "okay bye"),
    ]);
    assert_ne!(verdict(&report, "resolved_or_owned"), Verdict::Met);
}

#[test]
fn asking_about_a_mail_is_not_asking_for_its_address() {
    let report = service(&[
        (A, "Pinewood Library, what can I do for you?"),
        (C, "I can't get into the catalogue any more, can you send me a new link?"),
        (A, "Certainly. Could you give me your email address?"),
        (C, "It's tom at reed dot net."),
        (A, "I've sent the link. Could you check your email and tell me whether it came?"),
        (C, "Yes, it came."),
    ]);
    assert_eq!(verdict(&report, "no_repeated_questions"), Verdict::Met, "{:?}", report.flags);
}

#[test]
fn what_has_been_tried_already_is_no_complaint_of_repetition() {
    let report = fault_ends(&[
        (A, "Have you thought about bleeding the radiators?"),
        (C, "I've already done a lot of things, I'd rather not."),
        (A, "Is it a gas boiler or an electric boiler?"),
        (C, "Gas."),
        (A, "And the water heater, is it gas or electric?"),
        (C, "Electric, I think."),
    ]);
    assert_eq!(verdict(&report, "no_repeated_questions"), Verdict::Met, "{:?}", report.flags);
}

#[test]
fn a_number_told_with_its_name_is_known() {
    let report = service(&[
        (A, "Swift Post, Mia here, good morning."),
        (C, "Morning, my box never came. The tracking number is KL 5502."),
        (A, "Oh dear. May I have the tracking number?"),
        (C, "KL 5502."),
        (A, "What was the trouble again?"),
        (C, "My box never came."),
    ]);
    let raised = flags(&report);
    assert_eq!(raised.iter().filter(|k| **k == FlagKind::RepeatedQuestion).count(), 2, "{:?}", report.flags);
    assert_eq!(report.flags[0].evidence[0].quote, "The tracking number is KL 5502.");
}

#[test]
fn a_part_offered_and_taken_is_no_contradiction() {
    let report = service(&[
        (A, "Bluebell Rail, this is Noor."),
        (C, "Hello, I would like a refund for my ticket, it cost 90 euros."),
        (
            A,
            "The train was on time, so I can't give you all of it. I can give you 45 euros back as a goodwill gesture.",
        ),
        (C, "Well, that's fair enough."),
        (A, "Then I've refunded 45 euros to your card."),
        (C, "Thank you."),
    ]);
    assert_eq!(verdict(&report, "facts_consistent"), Verdict::Met, "{:?}", report.flags);
}

#[test]
fn a_sum_that_the_caller_holds_up_against_ours_is_a_contradiction() {
    let report = service(&[
        (A, "Clearwater Utilities, hello."),
        (C, "Hello, my invoice says 310 dollars, could you tell me why it's that high?"),
        (A, "You owe us 340 dollars until Friday."),
        (C, "340? The invoice says 310."),
        (A, "That's what it is."),
        (C, "Goodbye then."),
    ]);
    assert!(flags(&report).contains(&FlagKind::ContradictedFact), "{:?}", report.flags);
}

#[test]
fn only_a_promise_in_words_is_a_risky_promise() {
    for harmless in [
        "You'd be mad not to take it now, honestly.",
        "Make it 900 if you sign this week.",
        "There is no risk in a trial, you can cancel on any day.",
    ] {
        let report = report(&talk(&[(C, "What does it cost?"), (A, harmless), (C, "I see.")]), "default");
        assert!(!flags(&report).contains(&FlagKind::CompliancePhrase), "{harmless}");
    }
    let risky = report(
        &talk(&[(C, "What does it cost?"), (A, "I guarantee you will double your sales, you can't lose."), (C, "Hm.")]),
        "default",
    );
    assert!(flags(&risky).contains(&FlagKind::CompliancePhrase));
}

#[test]
fn another_thing_is_no_offer_of_further_help() {
    let report = fault_ends(&[
        (C, "Who can do that?"),
        (A, "Another team."),
        (C, "I see."),
        (A, "Another thing we should look at is the pump."),
        (C, "Okay, bye."),
    ]);
    assert_eq!(verdict(&report, "further_help_offered"), Verdict::Unmet);
}

#[test]
fn a_rep_who_does_not_know_and_promises_to_ask_follows_up() {
    let report = report(
        &talk(&[
            (A, "Thanks for your time today."),
            (C, "Can you deliver to Iceland as well?"),
            (
                A,
                "I don't know offhand whether we can do Iceland. I'll check with our depot and come back to you by Monday.",
            ),
            (C, "Good."),
        ]),
        "default",
    );
    assert_eq!(verdict(&report, "unknowns_followed_up"), Verdict::Met);
}
