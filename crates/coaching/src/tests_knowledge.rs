//! Stories of the knowledge base, on both databases.

use crate::CoachingError;
use crate::knowledge::*;
use crate::tests::World;
use accounts::audit;
use calls::Who;
use chrono::TimeDelta;
use db::testing::TestDb;
use kernel::{Actor, Role};
use uuid::Uuid;

const SHEET: &str = "# Dockline Receive\n\n## Pricing\n\nA door costs 49 euros a month.\n\n## Security\n\nPictures are kept in Frankfurt.\n";

async fn reading(text: &str) -> Reading {
    read(text.as_bytes().to_vec(), "sheet.md").await.unwrap()
}

fn somebody() -> (Actor, Who) {
    let actor = Actor { id: Uuid::from_u128(7), role: Role::Manager, session: Uuid::nil() };
    let who = Who::from(&actor);
    (actor, who)
}

fn is_conflict<T>(result: &Result<T, CoachingError>) -> bool {
    matches!(result, Err(CoachingError::Conflict(_)))
}

fn is_unknown<T>(result: &Result<T, CoachingError>) -> bool {
    matches!(result, Err(CoachingError::Unknown(_)))
}

async fn a_document_is_kept_in_versions_and_each_stays_to_be_read(db: TestDb) {
    let world = World::new(db);
    let (db, clock, (actor, who)) = (&world.db, &world.clock, somebody());
    let first = add(db, clock, &who, None, &reading(SHEET).await).await.unwrap();
    let head = &first.head;
    assert_eq!((head.version, first.latest, head.name.as_str()), (1, 1, "Dockline Receive"));
    assert_eq!((head.kind, head.created_at, head.created_by), (DocumentKind::Markdown, clock.now(), Some(actor.id)));
    assert_eq!((head.sections, head.retired_at), (2, None));
    assert_eq!(first.parts[0].heading, "Dockline Receive › Pricing");
    assert_eq!(first.parts[0].text, "A door costs 49 euros a month.");
    assert_eq!(head.tokens, first.parts.iter().map(|part| part.tokens).sum::<u32>());

    clock.advance(TimeDelta::seconds(1));
    let dearer = reading(&SHEET.replace("49", "59")).await;
    let by_machine = Who::from("cli:dana");
    let second = add_version(db, clock, &by_machine, head.id, None, &dearer).await.unwrap();
    assert_eq!((second.head.version, second.latest, second.head.created_by), (2, 2, None));
    assert_eq!(second.head.name, "Dockline Receive");
    assert_eq!(second.parts[0].text, "A door costs 59 euros a month.");
    assert!(is_conflict(&add_version(db, clock, &who, head.id, None, &dearer).await), "it says the same");
    let renamed = add_version(db, clock, &who, head.id, Some("  Dockline \n 2 "), &dearer).await.unwrap();
    assert_eq!((renamed.head.version, renamed.head.name.as_str()), (3, "Dockline 2"));

    let old = document(db, head.id, Some(1)).await.unwrap();
    assert_eq!((old.latest, &old.parts, old.head.name.as_str()), (3, &first.parts, "Dockline Receive"));
    assert!(is_unknown(&document(db, head.id, Some(4)).await) && is_unknown(&document(db, Uuid::nil(), None).await));
    assert!(is_unknown(&add_version(db, clock, &who, Uuid::nil(), None, &dearer).await));
    assert_eq!(documents(db, false).await.unwrap(), [renamed.head]);

    let trail = audit::list(db, &audit::Wanted::latest(Some(&head.id.to_string()), 9)).await.unwrap();
    let deeds: Vec<_> = trail.iter().rev().map(|event| (event.action.as_str(), event.actor.as_str())).collect();
    let user = actor.trail();
    assert_eq!(
        deeds,
        [("knowledge.add", user.as_str()), ("knowledge.change", "cli:dana"), ("knowledge.change", user.as_str())],
        "and no deed that was refused"
    );
}

async fn what_is_in_use_is_found_and_what_was_cited_opens_still(db: TestDb) {
    let world = World::new(db);
    let (db, clock, (_, who)) = (&world.db, &world.clock, somebody());
    assert_eq!(fingerprint(db).await.unwrap(), "");
    let words = "What does a door cost a month, and is there a discount?";
    assert!(relevant(db, words, BUDGET).await.unwrap().is_empty());

    let id = add(db, clock, &who, None, &reading(SHEET).await).await.unwrap().head.id;
    let first = fingerprint(db).await.unwrap();
    assert_eq!(first.len(), 64);
    let found = relevant(db, words, BUDGET).await.unwrap();
    assert_eq!(found[0].title, "Dockline Receive › Pricing");
    assert_eq!(found[0].text, "A door costs 49 euros a month.");
    let price = found[0].id.clone();

    let list = reading("Price list\n\nFrom ten doors on there is a discount of 10 percent.").await;
    let other = add(db, clock, &who, Some("Discounts"), &list).await.unwrap().head;
    let both = fingerprint(db).await.unwrap();
    assert_ne!(both, first);
    assert_eq!(relevant(db, "discount", BUDGET).await.unwrap()[0].title, "Discounts");

    // A new version is what is found; an answer that cites the old one opens it.
    add_version(db, clock, &who, id, None, &reading(&SHEET.replace("49", "59")).await).await.unwrap();
    assert!(![first.clone(), both.clone()].contains(&fingerprint(db).await.unwrap()));
    let now = relevant(db, words, BUDGET).await.unwrap();
    let texts: Vec<_> = now.iter().map(|section| section.text.as_str()).collect();
    assert!(texts.contains(&"A door costs 59 euros a month.") && !texts.contains(&"A door costs 49 euros a month."));
    let newer = price.replace(".v1.", ".v2.");
    assert!(now.iter().any(|section| section.id == newer));
    let ids =
        [newer.clone(), "ffffffffff.v1.1".to_owned(), "k1".to_owned(), price.clone(), price.replace(".v1.1", ".v1.9")];
    let opened = cited(db, &ids).await.unwrap();
    assert_eq!(opened.iter().map(|section| &section.id).collect::<Vec<_>>(), [&newer, &price]);
    assert_eq!((opened[1].text.as_str(), opened[1].current), ("A door costs 49 euros a month.", false));
    assert_eq!((opened[0].document_id, opened[0].version, opened[0].current), (id, 2, true));
    assert_eq!(
        (opened[0].name.as_str(), opened[0].heading.as_str()),
        ("Dockline Receive", "Dockline Receive › Pricing")
    );

    // What is retired is not found, and opens still.
    let before = fingerprint(db).await.unwrap();
    retire(db, clock, &who, other.id).await.unwrap();
    assert!(relevant(db, "discount", BUDGET).await.unwrap().is_empty());
    assert!(is_unknown(&retire(db, clock, &who, other.id).await));
    assert_eq!(documents(db, false).await.unwrap().len(), 1);
    assert_eq!(documents(db, true).await.unwrap()[0].retired_at, Some(clock.now()));
    assert!(
        is_conflict(&add_version(db, clock, &who, other.id, None, &reading(SHEET).await).await),
        "restore it first"
    );
    let end = other.id.simple().to_string()[22..].to_owned();
    assert!(!cited(db, &[format!("{end}.v1.1")]).await.unwrap()[0].current);
    restore(db, clock, &who, other.id).await.unwrap();
    assert!(is_conflict(&restore(db, clock, &who, other.id).await), "it is in use");
    assert!(is_unknown(&restore(db, clock, &who, Uuid::nil()).await));
    assert_eq!(fingerprint(db).await.unwrap(), before);
    assert_eq!(relevant(db, "discount", BUDGET).await.unwrap().len(), 1);
    retire(db, clock, &who, id).await.unwrap();
    retire(db, clock, &who, other.id).await.unwrap();
    assert_eq!(fingerprint(db).await.unwrap(), "");
}

async fn a_name_belongs_to_one_document_in_use(db: TestDb) {
    let world = World::new(db);
    let (db, clock, (_, who)) = (&world.db, &world.clock, somebody());
    let text = reading(SHEET).await;
    let first = add(db, clock, &who, Some("Prices"), &text).await.unwrap().head;
    assert!(is_conflict(&add(db, clock, &who, Some("PRICES"), &text).await));
    let other = add(db, clock, &who, Some("Ärmel"), &text).await.unwrap().head;
    assert!(is_conflict(&add_version(db, clock, &who, other.id, Some("prices"), &text).await));
    let empty = add(db, clock, &who, Some(" \n "), &text).await;
    assert!(matches!(empty, Err(CoachingError::Field("name", _))));
    assert_eq!(in_use(db, "ärmel").await.unwrap().unwrap().id, other.id);

    retire(db, clock, &who, first.id).await.unwrap();
    let again = add(db, clock, &who, Some("Prices"), &text).await.unwrap().head;
    assert!(is_conflict(&restore(db, clock, &who, first.id).await), "its name is taken");
    assert_eq!(find(db, "prices").await.unwrap().id, again.id, "the one in use");
    assert_eq!(find(db, &first.id.to_string()).await.unwrap().id, first.id);
    assert_eq!(find(db, &first.id.simple().to_string()[22..]).await.unwrap().id, first.id);
    assert!(is_unknown(&find(db, "nothing").await));
    retire(db, clock, &who, again.id).await.unwrap();
    assert!(is_conflict(&find(db, "prices").await), "either");
}

async fn large_documents_are_kept_whole(db: TestDb) {
    let world = World::new(db);
    let (db, clock, (_, who)) = (&world.db, &world.clock, somebody());
    let parts: Vec<String> = (1..=1200).map(|at| format!("## Part {at}\n\nThe door number {at}.\n\n")).collect();
    let text = parts.concat();
    let kept = add(db, clock, &who, Some("Doors"), &reading(&text).await).await.unwrap();
    assert_eq!((kept.head.sections, kept.parts.len()), (1200, 1200));
    for at in [1, 500, 501, 1000, 1200] {
        assert_eq!(kept.parts[at - 1].text, format!("The door number {at}."));
    }
    assert_eq!(relevant(db, "part 1117", BUDGET).await.unwrap()[0].text, "The door number 1117.");
    // Sixteen of these are as many as there is room for.
    for more in 0..15 {
        add(db, clock, &who, Some(&format!("Doors {more}")), &reading(&text).await).await.unwrap();
    }
    let full = add(db, clock, &who, Some("More doors"), &reading(&text).await).await;
    assert!(is_conflict(&full));
}

db::on_both!(
    a_document_is_kept_in_versions_and_each_stays_to_be_read,
    what_is_in_use_is_found_and_what_was_cited_opens_still,
    a_name_belongs_to_one_document_in_use,
    large_documents_are_kept_whole,
);
