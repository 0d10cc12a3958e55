//! A collection of passages, queries and what answers them: read from files, put into a database of its own, and asked.

use crate::cli::Failure;
use crate::embedding::{SetUp, meaning};
use chrono_tz::Tz;
use coaching::Analyst;
use db::{Db, Settings};
use kernel::{Actor, Clock, Role, Secret};
use retrieval::measure::Measures;
use search::{Mode, Scope, Search, lab};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use transcript::{Format, Segment, Transcript};
use uuid::Uuid;

/// Passages that are embedded at once.
const BATCH: usize = 64;
/// Texts of a made-up call.
const OF_CALL: usize = 2_000;

/// A text with its id, and the call that it belongs to.
#[derive(Debug)]
struct Text {
    id: String,
    call: String,
    words: String,
}

/// What was read.
#[derive(Debug)]
pub struct Collection {
    passages: Vec<Text>,
    queries: Vec<Text>,
    /// By query: passages and how relevant they are.
    relevant: HashMap<String, HashMap<String, f64>>,
    within_call: bool,
}

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// Queries that something is relevant to.
    pub queries: usize,
    /// Passages that were looked through.
    pub passages: usize,
    /// `call` or `all`.
    pub scope: &'static str,
    /// What made vectors; null where there was nothing.
    pub model: Option<String>,
    /// Why nothing was found by meaning.
    pub meaning_off: Option<String>,
    /// By words.
    pub keyword: Measures,
    /// By meaning; null where there is nothing that computes vectors.
    pub vector: Option<Measures>,
    /// By both; null as well.
    pub hybrid: Option<Measures>,
}

impl Measured {
    /// Each way with its measures.
    pub fn modes(&self) -> impl Iterator<Item = (&'static str, &Measures)> {
        let all =
            [("keyword", Some(&self.keyword)), ("vector", self.vector.as_ref()), ("hybrid", self.hybrid.as_ref())];
        all.into_iter().filter_map(|(mode, found)| Some((mode, found?)))
    }
}

impl Collection {
    /// Reads the three files.
    ///
    /// # Errors
    /// A sentence that names file and line.
    pub fn read(passages: &Path, queries: &Path, qrels: &Path, within_call: bool) -> Result<Self, Failure> {
        let passages_read = texts(passages, within_call)?;
        let queries_read = texts(queries, within_call)?;
        let known: HashMap<&str, &str> = passages_read.iter().map(|passage| (&*passage.id, &*passage.call)).collect();
        if known.len() != passages_read.len() {
            return Err(Failure::Usage(format!("{}: an id stands there twice", passages.display())));
        }
        let asked: HashMap<&str, &str> = queries_read.iter().map(|query| (&*query.id, &*query.call)).collect();
        let mut relevant: HashMap<String, HashMap<String, f64>> = HashMap::new();
        let names = [
            &["query", "query-id", "query_id", "qid"][..],
            &["passage", "corpus-id", "passage_id", "docid", "doc"][..],
        ];
        for (line, row) in rows(qrels, 4)? {
            let wrong = |why: String| Failure::Usage(format!("{}: line {line}: {why}", qrels.display()));
            let (Some(query), Some(passage)) = (field(&row, names[0]), field(&row, names[1])) else {
                return Err(wrong("a query and a passage are missing".to_owned()));
            };
            let grade = match field(&row, &["relevance", "score", "rel", "grade"]) {
                None => 1.0,
                Some(text) => {
                    text.parse().map_err(|_| wrong(format!("`{text}` is no relevance, which is a number")))?
                }
            };
            let Some(query_call) = asked.get(&*query) else {
                return Err(wrong(format!("there is no query `{query}`")));
            };
            let Some(call) = known.get(&*passage) else {
                return Err(wrong(format!("there is no passage `{passage}`")));
            };
            if within_call && call != query_call {
                return Err(wrong(format!("the passage `{passage}` is of another call than the query `{query}`")));
            }
            relevant.entry(query).or_default().insert(passage, grade);
        }
        Ok(Self { passages: passages_read, queries: queries_read, relevant, within_call })
    }

    /// How many steps measuring has.
    pub fn steps(&self) -> u64 {
        (self.passages.len() + self.queries.len()) as u64
    }

    /// Puts the passages into a database of their own and asks the queries. `step` is called for each of both.
    ///
    /// # Errors
    /// When the database or what computes vectors fails.
    pub async fn measure(&self, embedding: SetUp, step: impl Fn()) -> Result<Measured, Failure> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("collection.db");
        let db = Db::open(&Settings::new(Secret::new(db::sqlite_url(&file)))).await?;
        db.migrate().await?;
        let search = Search::new(db, Clock::system(), Tz::UTC, Analyst::default(), meaning(embedding).await);
        let (ids, calls) = self.put(&search, &step).await?;
        let found = |mode| self.ask(&search, &ids, &calls, mode);
        let embedder = search.embedder().await?;
        let keyword = found(Mode::Keyword).await?;
        let (vector, hybrid) = match embedder {
            Ok(_) => (Some(found(Mode::Vector).await?), Some(found(Mode::Hybrid).await?)),
            Err(_) => (None, None),
        };
        for _ in &self.queries {
            step();
        }
        search.db.close().await;
        Ok(Measured {
            queries: keyword.queries,
            passages: self.passages.len(),
            scope: if self.within_call { "call" } else { "all" },
            model: embedder.as_ref().ok().map(|embedder| embedder.model().to_owned()),
            meaning_off: embedder.err(),
            keyword,
            vector,
            hybrid,
        })
    }

    /// Which passage here is which of the collection, and the calls.
    async fn put(
        &self,
        search: &Search,
        step: &impl Fn(),
    ) -> Result<(HashMap<i64, usize>, HashMap<&str, Uuid>), Failure> {
        let mut by_call: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, passage) in self.passages.iter().enumerate() {
            by_call.entry(&passage.call).or_default().push(at);
        }
        let embedder = search.embedder().await?.ok();
        let (mut ids, mut made_calls) = (HashMap::new(), HashMap::new());
        // Where nothing is asked within calls it does not matter which passage is of which, and a call has room for so many.
        let together = if self.within_call { usize::MAX } else { OF_CALL };
        for (call, of) in by_call.iter().flat_map(|(call, all)| all.chunks(together).map(move |of| (*call, of))) {
            let transcript = transcript(of.iter().map(|at| &*self.passages[*at].words));
            let passages = retrieval::passages_each(&transcript);
            if passages.len() as i64 >= calls::PASSAGES {
                let most = calls::PASSAGES;
                return Err(Failure::Usage(format!(
                    "the call `{call}` has more than the {most} passages that a call can have"
                )));
            }
            let mut vectors = Vec::with_capacity(passages.len());
            if let Some(embedder) = &embedder {
                for batch in passages.chunks(BATCH) {
                    let texts = batch.iter().map(|passage| passage.text(&transcript)).collect();
                    let made = embedder.embed(texts).await.map_err(|error| Failure::Failed(error.to_string()))?;
                    vectors.extend(made);
                }
            }
            let mut tx = search.db.begin().await?;
            let (id, first) = lab::put(&mut tx, call, None, search.clock.now(), &transcript, &passages).await?;
            if let Some(embedder) = &embedder {
                lab::put_vectors(&mut tx, first, &vectors, embedder.model()).await?;
            }
            tx.commit().await?;
            made_calls.insert(call, id);
            ids.extend((first..).zip(&passages).map(|(id, passage)| (id, of[passage.parts[0].segment])));
            for _ in of {
                step();
            }
        }
        Ok((ids, made_calls))
    }

    async fn ask(
        &self,
        search: &Search,
        ids: &HashMap<i64, usize>,
        calls: &HashMap<&str, Uuid>,
        mode: Mode,
    ) -> Result<Measures, Failure> {
        let admin = Actor { id: Uuid::nil(), role: Role::Admin, session: Uuid::nil() };
        let mut all = Vec::new();
        for query in &self.queries {
            let Some(relevant) = self.relevant.get(&query.id) else { continue };
            let call = if self.within_call { calls.get(&*query.call).copied() } else { None };
            let scope = Scope { call, ..Scope::default() };
            let allowed = search::allowed(search, &admin, &scope).await?;
            // What is asked is words: nothing in it is a field.
            let read = retrieval::Query::words(&query.words);
            let ranked = search::rank(search, &read, &scope, &allowed, mode).await?;
            let mut found: Vec<&str> = Vec::new();
            for (id, _) in &ranked.passages {
                // A long one was cut; its best part counts.
                let passage = ids.get(id).map(|at| &*self.passages[*at].id);
                found.extend(passage.filter(|passage| !found.contains(passage)));
            }
            let relevant: HashMap<&str, f64> = relevant.iter().map(|(id, grade)| (&**id, *grade)).collect();
            all.extend(Measures::of(&found, &relevant));
        }
        Ok(Measures::mean(&all))
    }
}

/// A transcript with a segment for each text.
fn transcript<'a>(texts: impl Iterator<Item = &'a str>) -> Transcript {
    let segment = |(text, id): (&str, u32)| Segment {
        id,
        speaker: None,
        start_ms: None,
        end_ms: None,
        text: text.to_owned(),
        estimated: false,
        confidence: None,
        topic: None,
    };
    Transcript {
        format: Format::Text,
        participants: Vec::new(),
        segments: texts.zip(1..).map(segment).collect(),
        warnings: Vec::new(),
        title: None,
        started_at: None,
        external_id: None,
        language: None,
        separate_channels: false,
    }
}

/// Passages or queries.
fn texts(path: &Path, within_call: bool) -> Result<Vec<Text>, Failure> {
    let mut found = Vec::new();
    for (line, row) in rows(path, 3)? {
        let wrong = |why: &str| Failure::Usage(format!("{}: line {line}: {why}", path.display()));
        let id = field(&row, &["id", "_id", "passage_id", "query_id", "passage", "query"])
            .ok_or_else(|| wrong("an id is missing"))?;
        let mut text = field(&row, &["text", "contents", "question"]).ok_or_else(|| wrong("a text is missing"))?;
        if let Some(title) = field(&row, &["title"]).filter(|title| !title.trim().is_empty()) {
            text = format!("{title}. {text}");
        }
        let call = field(&row, &["call", "call_id", "conversation", "conversation_id"]).unwrap_or_default();
        if within_call && call.is_empty() {
            return Err(wrong("a call is missing, which --scope call needs"));
        }
        found.push(Text { id, call, words: text });
    }
    if found.is_empty() {
        return Err(Failure::Usage(format!("{}: there is nothing in it", path.display())));
    }
    Ok(found)
}

/// The first of these fields that a row has, as text.
fn field(row: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match row.get(*name)? {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    })
}

/// A row of a file, with its line.
type Row = (usize, Map<String, Value>);

/// The rows of a file, each with its line: JSON lines, or a table with names above it. Tables of `columns` columns without names are TREC's.
fn rows(path: &Path, columns: usize) -> Result<Vec<Row>, Failure> {
    let cannot = |why: String| Failure::Usage(format!("{}: {why}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| cannot(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| cannot("it is no UTF-8".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()).peekable();
    let Some((first, _)) = lines.peek() else { return Ok(Vec::new()) };
    if first.trim_start().starts_with('{') {
        return lines
            .map(|(text, line)| match serde_json::from_str(text) {
                Ok(Value::Object(row)) => Ok((line, row)),
                Ok(_) => Err(cannot(format!("line {line}: it is no object"))),
                Err(error) => Err(cannot(format!("line {line}: it is no JSON: {error}"))),
            })
            .collect();
    }
    let split = |text: &str| -> Vec<String> {
        if text.contains('\t') {
            text.split('\t').map(str::to_owned).collect()
        } else {
            text.split_whitespace().map(str::to_owned).collect()
        }
    };
    let first = split(first);
    let trec = columns == 4 && first.len() == 4 && first[3].trim().parse::<f64>().is_ok();
    let names = if trec {
        ["query", "iteration", "passage", "relevance"].map(str::to_owned).to_vec()
    } else {
        lines.next();
        first.iter().map(|name| name.trim().to_lowercase()).collect()
    };
    let row = |(text, line): (&str, usize)| {
        let cells = split(text);
        if cells.len() != names.len() {
            return Err(cannot(format!(
                "line {line}: it has {} columns, and the first line names {}",
                cells.len(),
                names.len()
            )));
        }
        let row = names.iter().cloned().zip(cells.into_iter().map(|cell| Value::String(cell.trim().to_owned())));
        Ok((line, row.collect()))
    };
    lines.map(row).collect()
}
