use super::*;
use crate::CallKind;
use crate::truth::{checks, is_label};

/// All banks with their names and the slots that their lines may use.
fn all() -> Vec<(String, &'static Bank, Vec<&'static str>)> {
    let cast =
        ["greeting", "rep", "cust", "cust_full", "colleague", "colleague2", "pain1", "pain2", "guest", "guest_full"];
    let known = |banks: &[&Bank]| {
        let declared = banks.iter().flat_map(|bank| &bank.slots).map(|(name, _)| *name);
        declared.chain(cast).collect::<Vec<_>>()
    };
    let mut out = Vec::new();
    for (scenarios, common, kind) in
        [(&BANKS.sales, &BANKS.sales_common, "sales"), (&BANKS.service, &BANKS.service_common, "service")]
    {
        for scenario in scenarios {
            out.push((format!("{kind} {}", scenario.slots[0].1[0]), scenario, known(&[scenario, common])));
            out.push((format!("{kind} common"), common, known(&[scenario, common])));
        }
    }
    out
}

fn exchanges() -> impl Iterator<Item = (String, &'static Exchange)> {
    all().into_iter().flat_map(|(name, bank, _)| {
        let in_section = move |(section, list): (&&str, &'static Vec<Exchange>)| {
            let place = format!("{name} [{section}]");
            list.iter().map(move |exchange| (format!("{place} {}", exchange.id), exchange))
        };
        bank.sections.iter().flat_map(in_section)
    })
}

#[test]
fn every_slot_is_declared_and_brackets_close() {
    for (name, bank, slots) in all() {
        for exchange in bank.sections.values().flatten() {
            for chunk in exchange.lines().flat_map(|line| &line.chunks) {
                for piece in chunk.words.split('{').skip(1) {
                    let slot = piece.split_once('}').expect("a closing brace").0;
                    assert!(slots.contains(&slot), "{name} {}: {slot}", exchange.id);
                }
                assert_eq!(
                    chunk.words.matches('[').count(),
                    chunk.words.matches(']').count(),
                    "{name}: {}",
                    chunk.words
                );
            }
        }
    }
}

#[test]
fn every_question_mark_has_a_question_tag() {
    let mut wrong = Vec::new();
    for (place, exchange) in exchanges() {
        for chunk in exchange.lines().flat_map(|line| &line.chunks) {
            let marks = chunk.words.matches('?').count();
            let tags = chunk.tags.iter().filter(|tag| tag.starts_with("q:")).count();
            // "Tell me …" is a question without the mark.
            let told = usize::from(chunk.tags.contains(&"q:open") && marks == 0);
            if tags != marks + told {
                wrong.push(format!("{place}: {}", chunk.words));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_tag_is_known() {
    let flags =
        ["repeated_question", "contradicted_fact", "unanswered_question", "unresolved_request", "compliance_phrase"];
    let known: Vec<_> = [CallKind::Sales, CallKind::Service].into_iter().flat_map(checks).collect();
    let objections = ["price", "timing", "authority", "need", "competitor", "trust", "effort"];
    for (place, exchange) in exchanges() {
        for tag in exchange.lines().flat_map(|line| &line.chunks).flat_map(|chunk| &chunk.tags) {
            let fine = match tag.split_once(':') {
                Some(("met" | "unmet", check)) => known.contains(&check),
                Some(("flag", flag)) => flags.contains(&flag),
                Some(("objection", kind)) => objections.contains(&kind),
                Some(("q", kind)) => ["open", "factual", "closed"].contains(&kind),
                Some(("next_step", kind)) => ["dated", "undated"].contains(&kind),
                Some(_) => false,
                None => is_label(tag) || ["silence", "hold"].contains(tag),
            };
            assert!(fine, "{place}: {tag}");
        }
    }
}

#[test]
fn references_between_exchanges_hold() {
    for (name, bank, _) in all() {
        let all: Vec<&Exchange> = bank.sections.values().flatten().collect();
        for exchange in &all {
            assert!(!exchange.part("").is_empty() || exchange.lines().count() > 0, "{name} {} is empty", exchange.id);
            if let Some(needed) = exchange.attribute("needs") {
                assert_eq!(all.iter().filter(|other| other.id == needed).count(), 1, "{name} {}", exchange.id);
            }
        }
    }
    for pain in BANKS.sales.iter().flat_map(|bank| &bank.sections["pain"]) {
        let brief = pain.attribute("brief").expect("a brief form");
        assert!(brief.starts_with("the "), "{brief}: a noun phrase fits everywhere");
    }
}

#[test]
fn there_is_enough_to_choose_from() {
    assert!(BANKS.sales.len() >= 10 && BANKS.service.len() >= 8);
    for common in [&BANKS.sales_common, &BANKS.service_common] {
        for (section, list) in &common.sections {
            assert!(list.len() >= 6, "{section} has {}", list.len());
        }
    }
}

#[test]
fn faults_name_their_line() {
    assert_eq!(Bank::parse("a = b\n[s]\nR: hi\n").unwrap_err(), "line 3: a line outside an exchange: R: hi");
    assert!(Bank::parse("[s]\n= x\nQ: hi\n").unwrap_err().starts_with("line 3: a line needs"));
}
