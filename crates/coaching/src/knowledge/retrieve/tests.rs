use super::*;
use crate::knowledge::read::parse;
use uuid::Uuid;

/// A product sheet as people write them.
pub(crate) const SHEET: &str = include_str!("sheet.md");

fn index() -> Index {
    let reading = parse(SHEET.as_bytes(), "sheet.md").unwrap();
    let id: Uuid = "0199c0ff-ee12-7000-8000-00007c0ffee1".parse().unwrap();
    let kept = reading
        .sections
        .iter()
        .enumerate()
        .map(|(at, section)| KeptSection::for_tests(id, at as i64 + 1, &reading.title, section));
    Index::new(kept.collect())
}

fn titles(words: &str, budget: usize) -> Vec<String> {
    index().best(words, budget).into_iter().map(|section| section.title).collect()
}

#[test]
fn the_section_that_a_call_speaks_of_comes_first() {
    let calls = [
        (
            "What would it cost us? Is there a discount if we take forty doors, and how are you priced after the pilot?",
            "Pricing",
        ),
        ("How many pallets can a door read in an hour, and what if the label is torn? Is there any limit?", "Limits"),
        ("Our auditor asks where the data is kept, whether it is encrypted, and who can see the pictures.", "Security"),
        (
            "We run SAP. Is there a connector for it, or do our own people integrate it over the REST interface?",
            "Integrations",
        ),
        ("When could we go live? How long does the setup take, and who trains the crew?", "Rollout"),
    ];
    for (words, section) in calls {
        let found = titles(words, BUDGET);
        assert!(found[0].contains(section), "{words}: {found:#?}");
    }
}

#[test]
fn a_section_has_its_words_its_place_and_an_id_that_opens_it() {
    let best = index().best("What about a discount?", BUDGET).swap_remove(0);
    assert_eq!(best.title, "Dockline Receive › Pricing › Discounts");
    assert!(best.text.starts_with("Ten doors or more"), "{}", best.text);
    assert_eq!(best.id, "007c0ffee1.v1.3");
}

#[test]
fn the_budget_holds() {
    let index = index();
    let all = index.best("price limit security integration rollout discount support door", usize::MAX);
    assert!(all.len() >= 7, "{}", all.len());
    let size = |sections: &[Section]| -> usize {
        sections.iter().map(|section| llm::tokens(&section.title) + llm::tokens(&section.text) + 20).sum()
    };
    for budget in [0, 50, 100, 200, 400, 800, BUDGET] {
        let best = index.best("price limit security integration rollout discount support door", budget);
        assert!(size(&best) <= budget, "{} > {budget}", size(&best));
        let rank = |section: &Section| all.iter().position(|other| other == section).unwrap();
        assert!(best.is_sorted_by_key(rank), "the best first");
    }
    assert!(index.best("price", 0).is_empty());
}

#[test]
fn the_same_words_give_the_same_order_and_others_nothing() {
    let words = SHEET.repeat(2);
    let first = titles(&words, usize::MAX);
    for _ in 0..20 {
        assert_eq!(titles(&words, usize::MAX), first);
    }
    // What stands equally well stands in the order of the document.
    let section =
        |text: &str| crate::knowledge::SectionText { heading: String::new(), text: text.to_owned(), tokens: 9 };
    let same = (1..=5).map(|at| KeptSection::for_tests(Uuid::nil(), at, "Doors", &section("The price is nine.")));
    let found: Vec<String> = Index::new(same.collect()).best("price", BUDGET).into_iter().map(|s| s.id).collect();
    assert_eq!(found, (1..=5).map(|at| format!("0000000000.v1.{at}")).collect::<Vec<_>>());
    assert!(titles("zebra, of the and with", BUDGET).is_empty());
    assert!(titles("", BUDGET).is_empty());
    assert!(Index::new(Vec::new()).best("price", BUDGET).is_empty());
}
