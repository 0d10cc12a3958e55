//! What is like a call, or like a moment of one.

use crate::allowed::{Scope, allowed};
use crate::find::{Ranks, passages_of};
use crate::moments::{self, FoundCall, Moment};
use crate::{Search, SearchError, keyword, vectors};
use calls::PASSAGES;
use kernel::Actor;
use retrieval::{Clause, Fields, Query, rank, words};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::ToSchema;
use uuid::Uuid;

/// Passages that are looked at for the calls that they are of.
const LOOKED_AT: usize = 200;
/// The best of a call count, so many.
const BEST: usize = 3;
/// Words by which a call is compared where nothing is found by meaning.
const WORDS: usize = 16;
/// Of these a passage has to have one in so many, and so many at least: a word or two that are the same make nothing alike.
const SHARED: (usize, usize) = (3, 4);

/// What something is to be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Like {
    /// A call.
    pub call: Uuid,
    /// A moment of it: a segment.
    pub segment: Option<i32>,
}

/// A call that is like another.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SimilarCall {
    /// The call.
    pub call: FoundCall,
    /// How like, 0 to 1: the mean cosine of its passages that are nearest; null where it was found by words.
    #[schema(example = 0.71)]
    pub similarity: Option<f64>,
    /// Where it is most like the other.
    pub moment: Moment,
}

/// What is like something.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Similar {
    /// Why it was looked for by words, and not by meaning; null where it was by meaning.
    pub meaning_off: Option<String>,
    /// The calls, the one most like first.
    pub calls: Vec<SimilarCall>,
}

/// Calls that are like a call or a moment of it, of those that the actor may see. That the actor may see the call itself, the caller has made sure of.
///
/// # Errors
/// [`SearchError::Unknown`] where there is no such segment, or when the database fails.
pub async fn similar(
    search: &Search,
    actor: &Actor,
    like: Like,
    won: bool,
    most: usize,
) -> Result<Similar, SearchError> {
    let scope = Scope { not: Some(like.call), won, ..Scope::default() };
    let allowed = allowed(search, actor, &scope).await?;
    let mut passages = passages_of(search, like.call).await?;
    if let Some(segment) = like.segment {
        let of = moments::passage_of(&search.db, like.call, segment).await?;
        passages = vec![of.ok_or(SearchError::Unknown("segment"))?];
    }
    let (scored, meaning_off) = match search.embedder().await? {
        Ok(_) => {
            if let Some(near) = by_meaning(search, &passages, &allowed).await? {
                (near, None)
            } else {
                let why = "this call has no vectors yet: what is like it is found by words meanwhile";
                (by_words(search, &passages, &allowed).await?, Some(why.to_owned()))
            }
        }
        Err(why) => (by_words(search, &passages, &allowed).await?, Some(why)),
    };
    // By call: the best passages of it, and how like it is.
    let mut calls: Vec<(i64, f64, i64, Ranks)> = Vec::new();
    let mut by_call: BTreeMap<i64, Vec<(i64, f64, Ranks)>> = BTreeMap::new();
    for (id, score, ranks) in scored {
        by_call.entry(id / PASSAGES).or_default().push((id, score, ranks));
    }
    for (number, mut of) in by_call {
        of.sort_by(|a, b| b.1.total_cmp(&a.1));
        let best: Vec<f64> = of.iter().take(BEST).map(|(_, score, _)| *score).collect();
        let score = best.iter().sum::<f64>() / best.len().max(1) as f64;
        calls.push((number, score, of[0].0, of[0].2));
    }
    calls.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
    calls.truncate(most);
    let page: Vec<(i64, Ranks)> = calls.iter().map(|(_, _, passage, ranks)| (*passage, *ranks)).collect();
    let shown = moments::show(search, &Query::default(), &page, &Fields::default()).await?;
    let scores: HashMap<i64, f64> = calls.iter().map(|(_, score, passage, _)| (*passage, *score)).collect();
    let item = |found: moments::FoundIn| {
        let moment = found.moments.into_iter().next()?;
        let similarity = scores.get(&moment.passage).copied().filter(|_| meaning_off.is_none());
        Some(SimilarCall { call: found.call, similarity: similarity.map(|score| score.clamp(0.0, 1.0)), moment })
    };
    let calls = shown.into_iter().filter_map(item).collect();
    Ok(Similar { meaning_off, calls })
}

type Scored = Vec<(i64, f64, Ranks)>;

/// By the mean of the vectors of these passages; `None` where they have none.
async fn by_meaning(
    search: &Search,
    passages: &[i64],
    allowed: &crate::Allowed,
) -> Result<Option<Scored>, SearchError> {
    let kept = vectors::vectors(&search.db, passages).await?;
    let Some((_, first)) = kept.first() else { return Ok(None) };
    let mut mean = vec![0.0_f32; first.len()];
    for (_, vector) in &kept {
        mean.iter_mut().zip(vector).for_each(|(sum, number)| *sum += number);
    }
    let length = mean.iter().map(|number| number * number).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    for number in &mut mean {
        *number /= length;
    }
    let near = vectors::nearest(search, &mean, allowed, LOOKED_AT).await?;
    let told = near.into_iter().enumerate().map(|(at, near)| {
        let cosine = f64::from(near.cosine);
        (near.id, cosine, Ranks { vector_rank: Some(at + 1), cosine: Some(cosine), ..Ranks::default() })
    });
    Ok(Some(told.collect()))
}

/// By the words that tell most of these passages.
async fn by_words(search: &Search, passages: &[i64], allowed: &crate::Allowed) -> Result<Scored, SearchError> {
    let mut often: HashMap<String, f64> = HashMap::new();
    for (_, forms) in keyword::forms(&search.db, passages).await? {
        for form in forms.of(None) {
            if form != retrieval::BORDER && form.chars().count() > 2 && !words::is_common(form) {
                *often.entry(form.to_owned()).or_default() += 1.0;
            }
        }
    }
    let all = search.known.size(search).await?.passages;
    let mut often: Vec<(String, f64)> = often.into_iter().collect();
    often.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    // The most frequent are counted: what tells is frequent here and rare elsewhere.
    often.truncate(WORDS * 4);
    let clause =
        |form: &str| Clause { forms: vec![form.to_owned()], is_prefix: false, is_quoted: false, is_common: false };
    let mut telling: Vec<(Clause, f64)> = Vec::new();
    for (form, count) in often {
        let clause = clause(&form);
        let found = keyword::how_many(search, &clause).await?;
        telling.push((clause, count * rank::rarity(all, found as f64)));
    }
    telling.sort_by(|a, b| b.1.total_cmp(&a.1));
    let query =
        Query { wanted: telling.into_iter().take(WORDS).map(|(clause, _)| clause).collect(), ..Query::default() };
    let found = keyword::keyword(search, &query, allowed, None).await?.found;
    let least = query.wanted.len().div_ceil(SHARED.0).max(SHARED.1);
    let ids: Vec<i64> = found.iter().map(|found| found.id).collect();
    let shares = |forms: &[&str]| query.wanted.iter().filter(|clause| rank::occurrences(forms, clause) > 0).count();
    let forms = keyword::forms(&search.db, &ids).await?;
    let alike: BTreeSet<i64> =
        forms.iter().filter(|(_, forms)| shares(&forms.of(None)) >= least).map(|(id, _)| *id).collect();
    let found = found.into_iter().filter(|found| alike.contains(&found.id));
    let told = found.enumerate().map(|(at, found)| {
        let ranks = Ranks { keyword_rank: Some(at + 1), keyword_score: Some(found.score), ..Ranks::default() };
        (found.id, found.score, ranks)
    });
    Ok(told.collect())
}
