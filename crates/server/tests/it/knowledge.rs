//! `sideline knowledge`, on both databases.

use crate::kept::Place;
use crate::scratch;
use db::testing::TestDb;

async fn documents_are_kept_in_versions_listed_shown_and_retired(db: TestDb) {
    let place = Place { db };
    let dir = scratch(&format!("knowledge_{}", place.db.backend()));
    let (sheet, list, other) = (dir.join("sheet.md"), dir.join("list.txt"), dir.join("notes.docx"));
    std::fs::write(&sheet, "# Dockline\n\n## Pricing\n\nA door costs 49 euros.\n").unwrap();
    std::fs::write(&list, "Price list\n\nTen doors: 10 percent off.\n").unwrap();
    std::fs::write(&other, "x").unwrap();
    let [sheet, list, other] = [&sheet, &list, &other].map(|path| path.to_str().unwrap());

    // The failure of one does not stop the others.
    let added = place.run(&["knowledge", "add", sheet, other, list, "--json"]).ended(1);
    assert!(added.err.contains("notes.docx: this is no Markdown"), "{}", added.err);
    let lines = added.json_lines();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["outcome"], &lines[0]["document"]["name"]), (&"new".into(), &"Dockline".into()));
    let again = place.run(&["knowledge", "add", sheet, "--json"]).ended(0).json();
    assert_eq!((&again["outcome"], &again["document"]["version"]), (&"unchanged".into(), &1.into()));
    std::fs::write(sheet, "# Dockline\n\n## Pricing\n\nA door costs 59 euros.\n").unwrap();
    let changed = place.run(&["knowledge", "add", sheet]).ended(0).out;
    assert!(changed.contains("changed, Dockline version 2, 1 sections"), "{changed}");

    let listed = place.run(&["knowledge", "list"]).ended(0).out;
    assert!(listed.lines().count() == 3 && listed.contains("Dockline") && listed.contains("text"), "{listed}");
    let shown = place.run(&["knowledge", "show", "dockline"]).ended(0).out;
    assert!(shown.contains("version 2 of 2") && shown.contains("] Dockline › Pricing\nA door costs 59"), "{shown}");
    let old = place.run(&["knowledge", "show", "dockline", "1", "--json"]).ended(0).json();
    assert_eq!(old["parts"][0]["text"], "A door costs 49 euros.");

    place.run(&["knowledge", "retire", "Price list"]).ended(0);
    let gone = place.run(&["knowledge", "retire", "Price list"]).ended(2).err;
    assert!(gone.contains("no such document"), "{gone}");
    assert_eq!(place.run(&["knowledge", "list", "--json"]).ended(0).json_lines().len(), 1);
    let all = place.run(&["knowledge", "list", "--retired", "--json"]).ended(0).json_lines();
    let id = all[1]["id"].as_str().unwrap();
    assert!(all[1]["retired_at"].is_string());
    place.run(&["knowledge", "restore", id]).ended(0);
    assert_eq!(place.run(&["knowledge", "list", "--json"]).ended(0).json_lines().len(), 2);
    let trail = place.run(&["audit", id, "--json"]).ended(0).json_lines();
    assert_eq!(trail.len(), 3, "added, retired, restored");
    place.run(&["knowledge", "add", sheet, list, "--name", "x"]).ended(2);
    std::fs::write(dir.join("same.md"), "# Dockline\n\nSomething else.\n").unwrap();
    let same = place.run(&["knowledge", "add", sheet, dir.join("same.md").to_str().unwrap()]).ended(1);
    assert!(same.out.contains("unchanged") && same.err.contains("is called `Dockline` as well"), "{}", same.err);
    place.run(&["knowledge", "show", "nothing"]).ended(2);
}

db::on_both!(documents_are_kept_in_versions_listed_shown_and_retired);
