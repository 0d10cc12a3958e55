//! `cargo xtask eval search`: how well search finds what answers a question, on collections that are made of ../shared/data, which is not part of this project:
//! questions of Banking77 (Casanueva et al. 2020) and service calls with their summaries. What is measured is measured by `sideline eval search`.

use crate::embedding;
use crate::tools::{Workspace, output, run};
use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const BANKING: &str = "../shared/data/search/banking77_test.csv";
const SERVICE: &str = "../shared/data/dialogs/ms_contact_center_188.json";
/// So many questions of each intent are asked; the others are what is found.
const ASKED: usize = 10;
/// Queries of the other collections: evenly out of all.
const QUERIES: usize = 500;
const INTENTS: &str = "questions with the same intent (Banking77)";
/// Shorter turns and sentences ask and answer nothing.
const WORDS: usize = 5;

/// Passages, queries and what answers them.
#[derive(Default)]
struct Collection {
    title: &'static str,
    scope: &'static str,
    /// Id, call, text.
    passages: Vec<(String, String, String)>,
    queries: Vec<(String, String, String)>,
    /// Query and passage.
    relevant: Vec<(String, String)>,
}

impl Collection {
    fn ask(&mut self, call: &str, text: &str, answers: impl IntoIterator<Item = String>) {
        let id = format!("q{}", self.queries.len());
        self.relevant.extend(answers.into_iter().map(|passage| (id.clone(), passage)));
        self.queries.push((id, call.to_owned(), text.to_owned()));
    }

    /// Leaves so many queries, evenly out of all.
    fn thin(&mut self) {
        let all = self.queries.len();
        if all > QUERIES {
            let kept: Vec<usize> = (0..QUERIES).map(|at| at * all / QUERIES).collect();
            self.queries = kept.into_iter().map(|at| self.queries[at].clone()).collect();
            self.relevant.retain(|(query, _)| self.queries.iter().any(|(id, ..)| id == query));
        }
    }

    fn write(&self, folder: &Path) -> Result<[PathBuf; 3]> {
        let lines = |rows: &[(String, String, String)]| {
            rows.iter().fold(String::new(), |mut all, (id, call, text)| {
                let _ = writeln!(all, "{}", json!({ "id": id, "call": call, "text": text }));
                all
            })
        };
        let relevant = self.relevant.iter().fold("query\tpassage\n".to_owned(), |mut all, (query, passage)| {
            let _ = writeln!(all, "{query}\t{passage}");
            all
        });
        let name = self.title.replace(|c: char| !c.is_alphanumeric(), "_");
        let files = ["passages.jsonl", "queries.jsonl", "qrels.tsv"].map(|of| folder.join(format!("{name}.{of}")));
        for (file, text) in files.iter().zip([lines(&self.passages), lines(&self.queries), relevant]) {
            fs::write(file, text)?;
        }
        Ok(files)
    }
}

/// Makes the collections and prints nDCG@10 of each, by words, by meaning and by both.
///
/// # Errors
/// When ../shared is not there, or a collection cannot be measured; when on Banking77 looking by both is not better than by words.
pub fn run_all(workspace: &Workspace) -> Result<()> {
    let (banking, service) = (workspace.root().join(BANKING), workspace.root().join(SERVICE));
    for file in [&banking, &service] {
        ensure!(
            file.is_file(),
            "{} is not there: it is no part of this project, and nothing is measured",
            file.display()
        );
    }
    let folder = workspace.target().join("eval/search");
    fs::create_dir_all(&folder)?;
    let model = embedding::model(workspace)?;
    run(&mut workspace.cargo(["build", "--quiet", "--release", "--locked", "--package", "server"]))?;
    let sideline = workspace.target().join("release/sideline");
    let calls = service_calls(&fs::read_to_string(service)?)?;
    println!("{:<58} {:>8} {:>8} {:>9} {:>8} {:>8}", "nDCG@10", "queries", "passages", "words", "meaning", "both");
    let mut worse = Vec::new();
    for collection in [intents(&banking)?, summaries(&calls), whole_calls(&calls), answers(&calls)] {
        let [passages, queries, qrels] = collection.write(&folder)?;
        let mut eval = workspace.sideline(&sideline, &folder, None);
        eval.env("SIDELINE_EMBEDDING_FOLDER", &model).args(["eval", "search", "--scope", collection.scope, "--json"]);
        eval.arg("--passages").arg(passages).arg("--queries").arg(queries).arg("--qrels").arg(qrels);
        let told: Told = serde_json::from_str(&output(&mut eval)?).context("what `sideline eval search` told")?;
        let (Some(vector), Some(hybrid)) = (told.vector, told.hybrid) else {
            bail!("nothing was found by meaning: {}", told.meaning_off.unwrap_or_default());
        };
        println!(
            "{:<58} {:>8} {:>8} {:>9.4} {:>8.4} {:>8.4}",
            collection.title,
            told.queries,
            told.passages,
            told.keyword.ndcg_at_10,
            vector.ndcg_at_10,
            hybrid.ndcg_at_10
        );
        if hybrid.ndcg_at_10 <= told.keyword.ndcg_at_10 {
            worse.push(collection.title);
        }
    }
    if !worse.is_empty() {
        println!("By both it is not better than by words alone on: {}.", worse.join("; "));
    }
    ensure!(!worse.contains(&INTENTS), "on {INTENTS} it has to be");
    Ok(())
}

#[derive(Deserialize)]
struct Told {
    queries: usize,
    passages: usize,
    meaning_off: Option<String>,
    keyword: Measured,
    vector: Option<Measured>,
    hybrid: Option<Measured>,
}

#[derive(Deserialize)]
struct Measured {
    ndcg_at_10: f64,
}

/// Questions find others with the same intent.
fn intents(file: &Path) -> Result<Collection> {
    let mut by_intent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in csv::Reader::from_path(file)?.deserialize() {
        let (text, intent): (String, String) = row?;
        by_intent.entry(intent).or_default().push(text);
    }
    let mut made = Collection { title: INTENTS, scope: "all", ..Collection::default() };
    for (intent, texts) in &by_intent {
        let ids = |range: std::ops::Range<usize>| range.map(|at| format!("{intent}-{at}")).collect::<Vec<_>>();
        for (id, text) in ids(ASKED..texts.len()).into_iter().zip(&texts[ASKED.min(texts.len())..]) {
            made.passages.push((id, String::new(), text.clone()));
        }
        for text in texts.iter().take(ASKED) {
            made.ask("", text, ids(ASKED..texts.len()));
        }
    }
    Ok(made)
}

/// A service call: its id, its turns with whether the agent says them, and the sentences of its summary.
struct ServiceCall {
    id: String,
    turns: Vec<(bool, String)>,
    summary: Vec<String>,
}

fn service_calls(text: &str) -> Result<Vec<ServiceCall>> {
    #[derive(Deserialize)]
    struct Kept {
        #[serde(rename = "ConversationId")]
        id: String,
        #[serde(rename = "Content")]
        content: String,
        summary: String,
    }
    let kept: Vec<Kept> = serde_json::from_str(text).context(SERVICE)?;
    let is_long = |text: &String| text.split_whitespace().count() >= WORDS;
    let call = |kept: Kept| {
        // `**Agent:** … **Customer:** …`: each second part is what stands in bold letters.
        let parts: Vec<&str> = kept.content.split("**").skip(1).collect();
        let turn = |pair: &[&str]| (pair[0] == "Agent:", pair[1].trim().to_owned());
        let turns = parts.chunks_exact(2).filter(|pair| pair[0].ends_with(':')).map(turn).collect();
        let summary = kept.summary.split_inclusive(". ").map(|sentence| sentence.trim().to_owned()).filter(is_long);
        ServiceCall { id: kept.id, turns, summary: summary.collect() }
    };
    Ok(kept.into_iter().map(call).collect())
}

fn turn_id(call: &ServiceCall, at: usize) -> String {
    format!("{}-{at}", call.id)
}

/// Sentences of a summary find the turns of its call among those of all.
fn summaries(calls: &[ServiceCall]) -> Collection {
    let mut made = Collection {
        title: "turns of a service call by a sentence of its summary",
        scope: "all",
        ..Collection::default()
    };
    for call in calls {
        let turns = call.turns.iter().enumerate();
        made.passages.extend(turns.map(|(at, (_, text))| (turn_id(call, at), String::new(), text.clone())));
        for sentence in &call.summary {
            made.ask("", sentence, (0..call.turns.len()).map(|at| turn_id(call, at)));
        }
    }
    made.thin();
    made
}

/// Sentences of a summary find their call; of a call its best part counts.
fn whole_calls(calls: &[ServiceCall]) -> Collection {
    let mut made =
        Collection { title: "a service call by a sentence of its summary", scope: "all", ..Collection::default() };
    for call in calls {
        let said: Vec<&str> = call.turns.iter().map(|(_, text)| text.as_str()).collect();
        made.passages.push((call.id.clone(), String::new(), said.join(" ")));
        for sentence in &call.summary {
            made.ask("", sentence, [call.id.clone()]);
        }
    }
    made.thin();
    made
}

/// What a customer asks finds what the agent answers at once, among all that the agent says in the call.
fn answers(calls: &[ServiceCall]) -> Collection {
    let mut made = Collection {
        title: "an agent's answer by the question, within a call",
        scope: "call",
        ..Collection::default()
    };
    for call in calls {
        for (at, (is_agent, text)) in call.turns.iter().enumerate() {
            if *is_agent {
                made.passages.push((turn_id(call, at), call.id.clone(), text.clone()));
            } else if text.ends_with('?') && call.turns.get(at + 1).is_some_and(|(is_agent, _)| *is_agent) {
                made.ask(&call.id, text, [turn_id(call, at + 1)]);
            }
        }
    }
    made.thin();
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_call_is_read_by_turns() {
        let text = json!([{ "ConversationId": "c", "Content": "**Call** **Agent:** Hello. **Customer:** Where is my order, please? **Agent:** On its way.",
            "summary": "The customer asked for the order. It is on its way. Bye." }]);
        let calls = service_calls(&text.to_string()).unwrap();
        let said: Vec<(bool, &str)> = calls[0].turns.iter().map(|(agent, text)| (*agent, text.as_str())).collect();
        assert_eq!(said, [(true, "Hello."), (false, "Where is my order, please?"), (true, "On its way.")]);
        assert_eq!(calls[0].summary, ["The customer asked for the order.", "It is on its way."]);
        let found = answers(&calls);
        assert_eq!((found.passages.len(), found.queries.len()), (2, 1));
        assert_eq!(found.relevant, [("q0".to_owned(), "c-2".to_owned())]);
        let found = summaries(&calls);
        assert_eq!((found.passages.len(), found.queries.len(), found.relevant.len()), (3, 2, 6));
    }

    #[test]
    fn some_queries_are_left_evenly() {
        let mut made = Collection::default();
        for at in 0..QUERIES * 2 {
            made.ask("", "what", [at.to_string()]);
        }
        made.thin();
        assert_eq!((made.queries.len(), made.relevant.len()), (QUERIES, QUERIES));
        assert_eq!(made.relevant.last().unwrap().1, (QUERIES * 2 - 2).to_string());
    }
}
