//! Search as users of the terminal meet it: finding, asking, indexing, the model's files, and measuring on collections of their own.

use crate::kept::Place;
use crate::{Run, command, finish, scratch};
use db::testing::TestDb;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

async fn what_was_said_is_found_in_the_terminal(db: TestDb) {
    let place = Place { db };
    let alone = |args: &[&str]| finish(place.command(args).env("SIDELINE_EMBEDDING_PROVIDER", "none").spawn().unwrap());
    alone(&["import", "sales.vtt", "--internal", "Dana", "--json"]).ended(0);
    let found = alone(&["search", "pilot", "speaker:dana", "--json"]).ended(0).json();
    assert_eq!((&found["mode"], &found["matched"]), (&json!("keyword"), &json!("all")));
    let lines: Vec<&Value> = found["calls"][0]["moments"][0]["lines"].as_array().unwrap().iter().collect();
    let said = lines.iter().find(|line| line["segment_id"] == found["calls"][0]["moments"][0]["segment_id"]).unwrap();
    assert_eq!(said["speaker"], "Dana Whitlock");
    let mark = &said["highlights"][0];
    let letters: Vec<char> = said["text"].as_str().unwrap().chars().collect();
    let marked: String =
        letters[mark["start"].as_u64().unwrap() as usize..mark["end"].as_u64().unwrap() as usize].iter().collect();
    assert_eq!(marked, "pilot");
    let shown = alone(&["search", "pilot", "--explain"]).ended(0);
    assert!(shown.out.contains("Dana Whitlock: ") && shown.out.contains("words 1 ("), "{}", shown.out);
    assert!(shown.err.contains("switched off (embedding_provider)"), "{}", shown.err);
    assert!(alone(&["search", "zeppelin"]).ended(0).out.contains("Nothing was found."));
    let noted = alone(&["search", "side:left", "pilot"]).ended(0);
    assert!(noted.err.contains("a side is `us` or `customer`"), "{}", noted.err);
    assert!(alone(&["search"]).ended(2).err.contains("WORDS"));
    // Without a model what was found is the answer.
    let asked = alone(&["ask", "what", "about", "a", "pilot?"]).ended(0);
    assert!(
        asked.out.contains("No model answers questions here; this was said:") && asked.out.contains("pilot"),
        "{}",
        asked.out
    );
    let events = alone(&["ask", "what about a pilot?", "--json"]).ended(0).json_lines();
    assert_eq!(events.iter().map(|event| event["event"].as_str().unwrap()).collect::<Vec<_>>(), ["found", "done"]);
    // All anew is as it was.
    let told = alone(&["reindex", "--all", "--json"]).ended(0).json();
    assert_eq!((&told["calls"], &told["indexed"], &told["embedded"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(alone(&["search", "pilot", "speaker:dana", "--json"]).ended(0).json(), found);
    let doctor = alone(&["doctor", "--json"]).json().to_string();
    assert!(doctor.contains("things are found by words alone (embedding_provider is none)"), "{doctor}");
}

async fn a_model_that_is_missing_or_wrong_is_told_of_and_words_go_on(db: TestDb) {
    let place = Place { db };
    let folder = place.db.dir().join("model");
    let with = |args: &[&str]| finish(place.command(args).env("SIDELINE_EMBEDDING_FOLDER", &folder).spawn().unwrap());
    with(&["import", "sales.vtt", "--internal", "Dana", "--json"]).ended(0);
    let words_go_on = |why: &str| {
        let found = with(&["search", "pilot", "--json"]).ended(0).json();
        assert_eq!((found["calls"].as_array().unwrap().len(), &found["mode"]), (1, &json!("keyword")));
        let told = found["meaning_off"].as_str().unwrap();
        assert!(told.contains(why) && told.contains("sideline embeddings install"), "{told}");
    };
    words_go_on("tokenizer.json is missing");
    assert!(with(&["embeddings", "check"]).ended(1).err.contains("tokenizer.json is missing"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("model.safetensors"), b"not a model").unwrap();
    fs::write(folder.join("tokenizer.json"), b"{}").unwrap();
    words_go_on("SHA-256");
    assert!(with(&["embeddings", "check"]).ended(1).err.contains("SHA-256"));
    let doctor = with(&["doctor", "--json"]).json().to_string();
    assert!(doctor.contains("SHA-256") && doctor.contains("by words things are found meanwhile"), "{doctor}");
    // Nothing is put there that is not the model.
    let wrong = place.db.dir().join("wrong.zip");
    fs::write(&wrong, b"PK no zip").unwrap();
    let refused = with(&["embeddings", "install", "--from", wrong.to_str().unwrap()]);
    assert!(refused.code != 0 && refused.err.contains("wrong.zip"), "{}", refused.err);
    assert_eq!(fs::read(folder.join("tokenizer.json")).unwrap(), b"{}", "what was there stays");
}

db::on_both!(what_was_said_is_found_in_the_terminal, a_model_that_is_missing_or_wrong_is_told_of_and_words_go_on);

/// A collection in a folder of its own.
fn collection(name: &str, files: [(&str, &str); 3]) -> [PathBuf; 3] {
    let dir = scratch(name);
    fs::create_dir_all(&dir).unwrap();
    files.map(|(name, text)| {
        let file = dir.join(name);
        fs::write(&file, text).unwrap();
        file
    })
}

fn measure(files: &[PathBuf; 3], more: &[&str]) -> Run {
    let text = |file: &Path| file.to_str().unwrap().to_owned();
    let files = files.each_ref().map(|file| text(file));
    let mut args = vec!["eval", "search", "--passages", &files[0], "--queries", &files[1], "--qrels", &files[2]];
    args.extend(more);
    finish(command(&args).env("SIDELINE_EMBEDDING_PROVIDER", "none").spawn().unwrap())
}

const PASSAGES: &str = "id\tcall\ttext\np1\ta\tThe price is too high for us.\np2\ta\tThe gate is closed on Sundays.\np3\tb\tThe price, the price: what a price!\n";
const QUERIES: &str = "id\tcall\ttext\nq1\ta\tprices\nq2\ta\tside:us zeppelins\nq3\tb\tgate\n";
const QRELS: &str = "query\tpassage\trelevance\nq1\tp1\t1\nq2\tp2\t1\n";

#[test]
fn a_collection_of_ones_own_is_measured() {
    let files = collection("eval-tsv", [("p.tsv", PASSAGES), ("q.tsv", QUERIES), ("r.tsv", QRELS)]);
    let told = measure(&files, &["--json"]).ended(0).json();
    // p3 comes before p1 for the first query; the second finds nothing; to the third nothing is relevant.
    let discount = 1.0 / 3f64.log2();
    let expected = [("ndcg_at_10", discount / 2.0), ("recall_at_10", 0.5), ("hit_at_10", 0.5), ("mrr", 0.25)];
    for (measure, value) in expected {
        assert!((told["keyword"][measure].as_f64().unwrap() - value).abs() < 1e-6, "{measure}: {told}");
    }
    assert_eq!((&told["queries"], &told["passages"], &told["scope"]), (&json!(2), &json!(3), &json!("all")));
    assert_eq!((&told["vector"], &told["hybrid"]), (&Value::Null, &Value::Null));
    assert!(told["meaning_off"].as_str().unwrap().contains("switched off"));
    // Within its call the first query finds its passage first.
    let within = measure(&files, &["--json", "--scope", "call"]).ended(0).json();
    assert_eq!((&within["keyword"]["ndcg_at_10"], &within["scope"]), (&json!(0.5), &json!("call")));
    // The same as JSON lines, as others write them, and with TREC's judgements.
    let lines = |text: &str| {
        let rows = text.lines().skip(1).map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            json!({ "_id": cells[0], "conversation_id": cells[1], "text": cells[2] }).to_string() + "\n"
        });
        rows.collect::<String>()
    };
    let files = collection(
        "eval-jsonl",
        [("p.jsonl", &lines(PASSAGES)), ("q.jsonl", &lines(QUERIES)), ("r.trec", "q1 0 p1 1\nq1 0 p3 0\nq2 0 p2 1\n")],
    );
    assert_eq!(measure(&files, &["--json"]).ended(0).json(), told);
    let table = measure(&files, &[]).ended(0);
    assert!(table.out.contains("0.3155") && table.out.contains("nDCG@10"), "{}", table.out);
    assert!(table.err.contains("measured by words alone"), "{}", table.err);
}

#[test]
fn what_is_wrong_with_a_collection_is_told_with_its_line() {
    let cases = [
        (PASSAGES, QUERIES, "query\tpassage\nq1\tpx\n", "r.tsv: line 2: there is no passage `px`"),
        (PASSAGES, QUERIES, "query\tpassage\n\nq9\tp1\n", "r.tsv: line 3: there is no query `q9`"),
        (PASSAGES, QUERIES, "query\tpassage\trelevance\nq1\tp1\tvery\n", "r.tsv: line 2: `very` is no relevance"),
        (PASSAGES, QUERIES, "query\nq1\n", "r.tsv: line 2: a query and a passage are missing"),
        (PASSAGES, "id\ttext\nq1\n", QRELS, "q.tsv: line 2: it has 1 columns, and the first line names 2"),
        (PASSAGES, "", QRELS, "q.tsv: there is nothing in it"),
        ("id\ttext\np1\tx\np1\ty\n", QUERIES, QRELS, "p.tsv: an id stands there twice"),
        ("{\"id\": \"p1\", \"text\": \"x\"}\n{\"id\": \"p2\"}\n", QUERIES, QRELS, "p.tsv: line 2: a text is missing"),
        ("{\"id\": \"p1\", \"text\": \"x\"}\n{\"id\": \n", QUERIES, QRELS, "p.tsv: line 2: it is no JSON"),
        ("{\"text\": \"x\"}\n", QUERIES, QRELS, "p.tsv: line 1: an id is missing"),
    ];
    for (number, (passages, queries, qrels, why)) in cases.into_iter().enumerate() {
        let files = [("p.tsv", passages), ("q.tsv", queries), ("r.tsv", qrels)];
        let files = collection(&format!("eval-wrong-{number}"), files);
        let refused = measure(&files, &[]).ended(2);
        assert!(refused.err.contains(why), "{why}: {}", refused.err);
    }
    let files = collection("eval-no-call", [("p.tsv", "id\ttext\np1\tx\n"), ("q.tsv", QUERIES), ("r.tsv", QRELS)]);
    assert!(measure(&files, &["--scope", "call"]).ended(2).err.contains("a call is missing"));
    let absent = [files[0].with_file_name("absent.tsv"), files[1].clone(), files[2].clone()];
    assert!(measure(&absent, &[]).ended(2).err.contains("absent.tsv"));
}
