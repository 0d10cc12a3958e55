//! A search from the words of whoever asks to the moments that are shown.

use crate::allowed::{Allowed, Scope, allowed, number, numbers};
use crate::facets::{Facets, facets, facets_of};
use crate::keyword::{self, Keyword, Matched};
use crate::moments::{self, FoundIn};
use crate::vectors::{self, ByMeaning};
use crate::{Search, SearchError};
use db::{Statement, Value};
use kernel::Actor;
use retrieval::Query;
use retrieval::codes::cosine;
use retrieval::rank::fuse;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use transcript::Side;
use utoipa::ToSchema;
use uuid::Uuid;

/// So many of each ranking become one.
const FUSED: usize = 100;
/// So many of the best are looked at again, by what both ways say of each of them.
const AGAIN: usize = 50;
/// What meaning weighs then; words weigh the rest. With this and [`SOME`] passages come in a better order than by words alone on three of four collections;
/// ranks alone did so on one of four (docs/search.md).
const MEANING: f64 = 0.3;
/// A passage with this share of the highest score that words could have counts as having all of it.
const SOME: f64 = 0.5;

/// How is looked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SearchMode)]
pub enum Mode {
    /// By words and by meaning, as one ranking.
    #[default]
    Hybrid,
    /// By words.
    Keyword,
    /// By meaning.
    Vector,
}

impl Mode {
    /// `hybrid`, `keyword` or `vector`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hybrid => "hybrid",
            Self::Keyword => "keyword",
            Self::Vector => "vector",
        }
    }
}

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// As somebody wrote it.
    pub query: String,
    /// How is looked.
    pub mode: Mode,
    /// Where, beside what the query says; it goes before that.
    pub scope: Scope,
    /// At most so many moments.
    pub limit: usize,
    /// Without the first so many.
    pub offset: usize,
    /// Whether to tell what there is among what was found.
    pub facets: bool,
}

/// Where a passage stands in the rankings, from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = SearchRanks)]
pub struct Ranks {
    /// Among those that were found by words; null where it was not.
    #[schema(example = 2)]
    pub keyword_rank: Option<usize>,
    /// BM25 of its words, which rests on all calls; null as well for whoever does not see all.
    #[schema(example = 7.31)]
    pub keyword_score: Option<f64>,
    /// Among those that were found by meaning; null where it was not.
    #[schema(example = 1)]
    pub vector_rank: Option<usize>,
    /// Cosine with what is looked for, -1 to 1.
    #[schema(example = 0.63)]
    pub cosine: Option<f64>,
    /// Whether it has all that was looked for.
    #[serde(skip)]
    pub(crate) has_all: bool,
    /// What both ranks give together: each the reciprocal of 60 and the rank.
    #[schema(example = 0.0325)]
    pub fused: f64,
    /// By what the best fifty are put in order: 0.7 of its BM25 as a share of the highest, and 0.3 of its cosine. Null for others, where only one of
    /// both ways was gone, and for whoever does not see all calls.
    #[schema(example = 0.81)]
    pub second_look: Option<f64>,
}

/// The passages that were found.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// The best first.
    pub passages: Vec<(i64, Ranks)>,
    /// What was found by words.
    pub keyword: Keyword,
    /// Why nothing was looked for by meaning, where it was asked for and nobody could.
    pub meaning_off: Option<String>,
}

/// What was found, as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SearchFound)]
pub struct Found {
    /// How the query was read.
    #[schema(value_type = Object)]
    pub query: Query,
    /// How was looked; `keyword` where it cannot be looked by meaning.
    pub mode: Mode,
    /// Why not by meaning, where that was asked for.
    pub meaning_off: Option<String>,
    /// Whether what is counted has all words.
    pub matched: Matched,
    /// Passages with these words, or where none are looked for the calls. Up to 4,000 are counted: 4,001 stands for more. What is found by meaning alone is
    /// not counted.
    pub total: i64,
    /// Whether there is more than this page.
    pub more: bool,
    /// What there is among these calls; null where it was not asked for.
    pub facets: Option<Facets>,
    /// The calls, the one with the best moment first, each with its moments of this page.
    pub calls: Vec<FoundIn>,
}

/// Finds moments.
///
/// # Errors
/// When the database fails, or what computes vectors.
pub async fn find(search: &Search, actor: &Actor, wanted: &Wanted) -> Result<Found, SearchError> {
    let query = Query::parse(&wanted.query);
    let scope = scope(&query, &wanted.scope);
    let mut allowed = allowed(search, actor, &scope).await?;
    // Without words that are wanted, the calls themselves are: those in which nothing is said that is not.
    let listed = query.wanted.is_empty();
    if query.is_wordless() && query.unwanted.is_empty() && scope == Scope::default() {
        // Signs alone: nothing has them, and they do not ask for everything.
        allowed = Allowed::nothing();
    }
    if listed && !query.unwanted.is_empty() {
        let gone = keyword::calls_with_any(search, &query.unwanted, scope.fields.side, &allowed.whole_calls()).await?;
        let all = if allowed.is_all() { numbers(&search.db).await? } else { Vec::new() };
        allowed = allowed.without(&gone, || all);
    }
    let ranked = if listed {
        latest(search, &allowed, wanted).await?
    } else {
        rank(search, &query, &scope, &allowed, wanted.mode).await?
    };
    let skip = if listed { 0 } else { wanted.offset };
    let more = ranked.passages.len() > skip + wanted.limit;
    let page: Vec<(i64, Ranks)> = ranked.passages.iter().skip(skip).take(wanted.limit).copied().collect();
    let facets = async {
        match wanted.facets {
            false => Ok(None),
            true if listed => facets_of(search, &allowed).await.map(Some),
            true => facets(search, &ranked, &allowed).await.map(Some),
        }
    };
    let (facets, calls) = tokio::try_join!(facets, moments::show(search, &query, &page, &scope.fields))?;
    let mode = if ranked.meaning_off.is_some() { Mode::Keyword } else { wanted.mode };
    Ok(Found {
        mode,
        meaning_off: ranked.meaning_off,
        matched: ranked.keyword.matched,
        total: ranked.keyword.total,
        more,
        facets,
        calls,
        query,
    })
}

/// What a query and whoever asks it say together.
fn scope(query: &Query, given: &Scope) -> Scope {
    let (said, given_fields) = (query.fields.clone(), given.fields.clone());
    let mut scope = given.clone();
    scope.fields = retrieval::Fields {
        speaker: given_fields.speaker.or(said.speaker),
        side: given_fields.side.or(said.side),
        agent: given_fields.agent.or(said.agent),
        customer: given_fields.customer.or(said.customer),
        opportunity: given_fields.opportunity.or(said.opportunity),
        // Of two bounds the stricter.
        since: given_fields.since.max(said.since),
        until: stricter(given_fields.until, said.until),
        min_score: given_fields.min_score.into_iter().chain(said.min_score).reduce(f64::max),
        max_score: given_fields.max_score.into_iter().chain(said.max_score).reduce(f64::min),
        tracker: given_fields.tracker.or(said.tracker),
        language: given_fields.language.or(said.language),
    };
    scope
}

fn stricter<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    one.into_iter().chain(other).min()
}

/// Puts the passages of these calls in order.
///
/// # Errors
/// When the database fails, or what computes vectors.
pub async fn rank(
    search: &Search,
    query: &Query,
    scope: &Scope,
    allowed: &Allowed,
    mode: Mode,
) -> Result<Ranked, SearchError> {
    let side = scope.fields.side;
    let embedder = if mode == Mode::Keyword { Err(None) } else { search.embedder().await?.map_err(Some) };
    let by_words = async {
        let found = keyword::keyword(search, query, allowed, side).await?;
        match &scope.fields.speaker {
            Some(speaker) => said_by(search, query, found, speaker, side).await,
            None => Ok(found),
        }
    };
    let by_meaning = async {
        let Ok(embedder) = &embedder else { return Ok((None, Vec::new())) };
        if query.text.trim().is_empty() || allowed.is_empty() {
            return Ok((None, Vec::new()));
        }
        let Some(vector) = search.recent.vector(embedder, &query.text).await else { return Ok((None, Vec::new())) };
        let near = vectors::nearest(search, &vector, allowed, FUSED).await?;
        let ids: Vec<i64> = near.iter().map(|near| near.id).collect();
        let possible = keyword::possible(search, query, &ids, side).await?;
        let near: Vec<ByMeaning> = near.into_iter().filter(|near| possible.contains(&near.id)).collect();
        Ok::<_, SearchError>((Some(vector), near))
    };
    let (keyword, (vector, near)) = if mode == Mode::Vector {
        let found = by_meaning.await?;
        (if found.0.is_some() { Keyword::nothing() } else { by_words.await? }, found)
    } else {
        // At the same time: they wait for different things.
        tokio::try_join!(by_words, by_meaning)?
    };
    let words: Vec<i64> = keyword.found.iter().map(|found| found.id).collect();
    let means: Vec<i64> = near.iter().map(|near| near.id).collect();
    let places = |ids: &[i64]| ids.iter().enumerate().map(|(at, id)| (*id, at)).collect::<HashMap<i64, usize>>();
    let (word_places, mean_places) = (places(&words), places(&means));
    let fused = fuse(&[words.iter().copied().take(FUSED).collect(), means.clone()]);
    let told = |(id, fused): (i64, f64)| {
        let (word, mean) = (word_places.get(&id), mean_places.get(&id));
        let ranks = Ranks {
            keyword_rank: word.map(|at| at + 1),
            keyword_score: word.map(|at| keyword.found[*at].score),
            vector_rank: mean.map(|at| at + 1),
            cosine: mean.map(|at| f64::from(near[*at].cosine)),
            has_all: word.is_some_and(|at| keyword.found[*at].is_all),
            fused,
            second_look: None,
        };
        (id, ranks)
    };
    let mut passages: Vec<(i64, Ranks)> = fused.into_iter().map(told).collect();
    if !means.is_empty() && !words.is_empty() {
        look_again(search, query, scope, &mut passages, vector.as_deref()).await?;
    }
    // What words found beyond where rankings are joined comes behind them.
    let joined: BTreeSet<i64> = passages.iter().map(|(id, _)| *id).collect();
    passages.extend(keyword.found.iter().enumerate().skip(FUSED).filter(|(_, found)| !joined.contains(&found.id)).map(
        |(at, found)| {
            let ranks = Ranks {
                keyword_rank: Some(at + 1),
                keyword_score: Some(found.score),
                has_all: found.is_all,
                fused: 1.0 / (61.0 + at as f64),
                ..Ranks::default()
            };
            (found.id, ranks)
        },
    ));
    let failed = (embedder.is_ok() && vector.is_none() && !query.text.trim().is_empty() && !allowed.is_empty())
        .then(|| "what computes vectors does not answer now: things are found by words meanwhile".to_owned());
    Ok(Ranked { passages, keyword, meaning_off: embedder.err().flatten().or(failed) })
}

/// Of what was found by words that in which somebody of this name says some of them, not only speaks. What was not looked at closely stays counted.
async fn said_by(
    search: &Search,
    query: &Query,
    mut keyword: Keyword,
    speaker: &str,
    side: Option<Side>,
) -> Result<Keyword, SearchError> {
    let ids: Vec<i64> = keyword.found.iter().map(|found| found.id).collect();
    let theirs = moments::said_by(search, query, &ids, speaker, side).await?;
    keyword.found.retain(|found| theirs.contains(&found.id));
    let is_few = |count: usize| count as i64 <= keyword::CLOSELY;
    if keyword.found.iter().all(|found| !found.is_all)
        && is_few(keyword.counted.len())
        && let Some((expression, some)) = keyword.some.take_if(|(_, some)| !is_few(some.len()))
    {
        // None has all words; of those with some not all were looked at.
        (keyword.matched, keyword.total) = (Matched::Any, some.len() as i64);
        (keyword.expression, keyword.counted) = (Some(expression), some);
    } else if is_few(keyword.counted.len()) {
        // All that was counted was looked at.
        let (all, some) = (keyword.found.iter().filter(|found| found.is_all).count(), keyword.found.len());
        (keyword.matched, keyword.total) = match (all, some) {
            (0, 0) => (Matched::None, 0),
            (0, some) => (Matched::Any, some as i64),
            (all, _) => (Matched::All, all as i64),
        };
        keyword.counted.clear();
    }
    Ok(keyword)
}

/// Puts the best in order by what words and meaning say of each, also where only one way had found it.
async fn look_again(
    search: &Search,
    query: &Query,
    scope: &Scope,
    passages: &mut [(i64, Ranks)],
    vector: Option<&[f32]>,
) -> Result<(), SearchError> {
    let Some(vector) = vector else { return Ok(()) };
    let count = passages.len().min(AGAIN);
    let best = &mut passages[..count];
    let missing = |has: fn(&Ranks) -> bool, best: &[(i64, Ranks)]| -> Vec<i64> {
        best.iter().filter(|(_, ranks)| !has(ranks)).map(|(id, _)| *id).collect()
    };
    let (unsaid, unmeant) =
        (missing(|ranks| ranks.keyword_score.is_some(), best), missing(|ranks| ranks.cosine.is_some(), best));
    let side = scope.fields.side;
    let (scores, bound) = keyword::scores(search, query, &unsaid, side).await?;
    let scores: HashMap<i64, f64> = scores.into_iter().map(|found| (found.id, found.score)).collect();
    let cosines = vectors::vectors(&search.db, &unmeant).await?;
    let cosines: HashMap<i64, f64> =
        cosines.into_iter().map(|(id, kept)| (id, f64::from(cosine(vector, &kept)))).collect();
    let of = |id: i64, ranks: &Ranks| {
        let words = ranks.keyword_score.or_else(|| scores.get(&id).copied()).unwrap_or_default();
        (words, ranks.cosine.or_else(|| cosines.get(&id).copied()).unwrap_or_default())
    };
    // Where even the best has little of what is looked for, its words say little.
    let least = (SOME * bound).max(f64::MIN_POSITIVE);
    let highest = best.iter().map(|(id, ranks)| of(*id, ranks).0).fold(least, f64::max);
    for (id, ranks) in best.iter_mut() {
        let (words, meaning) = of(*id, ranks);
        ranks.second_look = Some((1.0 - MEANING) * words / highest + MEANING * meaning);
    }
    best.sort_by(|a, b| b.1.second_look.unwrap_or_default().total_cmp(&a.1.second_look.unwrap_or_default()));
    Ok(())
}

/// The latest calls, by their first passage, where nothing is said of words.
async fn latest(search: &Search, allowed: &Allowed, wanted: &Wanted) -> Result<Ranked, SearchError> {
    let mut made = Statement::default();
    let condition = allowed.of_calls(&search.db, &mut made, "i.number");
    let (limit, offset) =
        (made.place(Value::Whole(wanted.limit as i64 + 1)), made.place(Value::Whole(wanted.offset as i64)));
    made.sql = format!(
        "SELECT i.number FROM indexed_calls i JOIN calls c ON c.id = i.call_id WHERE i.passages > 0{condition} \
         ORDER BY c.happened_at DESC, i.number DESC LIMIT {limit} OFFSET {offset}"
    );
    let rows: Vec<(i32,)> = made.rows(&search.db).await?;
    let passages = rows.into_iter().map(|(number,)| (allowed.first(number), Ranks::default())).collect();
    let mut keyword = Keyword::nothing();
    let mut made = Statement::default();
    let condition = allowed.of_calls(&search.db, &mut made, "i.number");
    made.sql = format!("SELECT count(*) FROM indexed_calls i WHERE i.passages > 0{condition}");
    keyword.total = made.count(&search.db).await?;
    Ok(Ranked { passages, keyword, meaning_off: None })
}

/// The ids of a call's passages, in order.
///
/// # Errors
/// When the database fails.
pub(crate) async fn passages_of(search: &Search, call: Uuid) -> Result<Vec<i64>, SearchError> {
    if number(&search.db, call).await?.is_none() {
        return Ok(Vec::new());
    }
    let sql = "SELECT id FROM passages WHERE call_id = $1 ORDER BY id";
    Ok(
        db::on_db!(&search.db, pool => sqlx::query_scalar(sql).bind(call).fetch_all(pool).await.map_err(db::DbError::from)?),
    )
}
