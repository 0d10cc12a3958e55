//! What somebody may mean who has begun to write: words that were said, calls, people, customers, deals.

use crate::allowed::{Scope, allowed, part_of_name};
use crate::{Search, SearchError, keyword, moments};
use accounts::may_see;
use db::{Db, Statement, Value};
use kernel::Actor;
use retrieval::words::words;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Passages that are looked through for words.
const PASSAGES: usize = 60;
/// So many of each kind.
const MOST: usize = 5;
/// Names of speakers that are looked at again.
const NAMES: usize = 40;

/// Of what kind a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionKind {
    /// A word that was said; `text` is what has been written with it at its end.
    Word,
    /// A call.
    Call,
    /// A rep.
    Agent,
    /// Somebody who takes part in calls.
    Speaker,
    /// A customer.
    Customer,
    /// A deal.
    Opportunity,
}

/// What somebody may mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Suggestion {
    /// Of what kind.
    pub kind: SuggestionKind,
    /// What is shown.
    #[schema(example = "Dockline and Acme: discovery")]
    pub text: String,
    /// Its id, where it has one.
    pub id: Option<Uuid>,
    /// What else is known: the customer of a call, the firm of a deal.
    pub detail: Option<String>,
}

/// What the actor may mean by this, of what they may see.
///
/// # Errors
/// When the database fails.
pub async fn suggest(search: &Search, actor: &Actor, text: &str) -> Result<Vec<Suggestion>, SearchError> {
    let text = text.replace('\0', "");
    let text = text.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = names(search, actor, text).await?;
    found.extend(said(search, actor, text).await?);
    Ok(found)
}

/// Names of things.
async fn names(search: &Search, actor: &Actor, text: &str) -> Result<Vec<Suggestion>, SearchError> {
    let mut made = Statement::default();
    made.place(Value::Id(actor.id));
    let part = made.text(&format!("%{}%", accounts::like(&text.to_lowercase())));
    let name = part_of_name(&mut made, &text.to_lowercase());
    let (calls, deals, reps) =
        (may_see(actor.role, "c.rep_id"), may_see(actor.role, "o.owner_id"), may_see(actor.role, "u.id"));
    let id = match search.db {
        Db::Sqlite(_) => "CAST(NULL AS BLOB)",
        Db::Postgres(_) => "CAST(NULL AS UUID)",
    };
    made.sql = format!(
        "SELECT * FROM (SELECT 'call' AS kind, substr(coalesce(c.title, c.file_name), 1, 300) AS text, c.id AS id, c.customer AS detail FROM calls c \
           WHERE {calls} AND c.title_key LIKE {part} ESCAPE '!' ORDER BY c.happened_at DESC, c.id LIMIT {MOST}) AS a \
         UNION ALL SELECT * FROM (SELECT 'agent', u.name, u.id, CAST(NULL AS TEXT) FROM users u WHERE {reps} AND u.active AND u.name_key LIKE {part} ESCAPE '!' \
           ORDER BY u.name, u.id LIMIT {MOST}) AS b \
         UNION ALL SELECT * FROM (SELECT DISTINCT 'customer', c.customer, {id}, CAST(NULL AS TEXT) FROM calls c WHERE {calls} \
           AND c.customer_key LIKE {part} ESCAPE '!' ORDER BY c.customer LIMIT {MOST}) AS d \
         UNION ALL SELECT * FROM (SELECT DISTINCT 'speaker', p.name, {id}, CAST(NULL AS TEXT) FROM participants p JOIN calls c ON c.id = p.call_id \
           WHERE {calls} AND p.side = 'external' AND lower(p.name) LIKE {name} ESCAPE '!' ORDER BY p.name LIMIT {NAMES}) AS e \
         UNION ALL SELECT * FROM (SELECT 'opportunity', o.name, o.id, o.account FROM opportunities o WHERE {deals} AND o.name_key LIKE {part} ESCAPE '!' \
           ORDER BY o.name, o.id LIMIT {MOST}) AS f"
    );
    let rows: Vec<(String, String, Option<Uuid>, Option<String>)> = made.rows(&search.db).await?;
    let kind = |kind: &str| match kind {
        "call" => SuggestionKind::Call,
        "agent" => SuggestionKind::Agent,
        "customer" => SuggestionKind::Customer,
        "speaker" => SuggestionKind::Speaker,
        _ => SuggestionKind::Opportunity,
    };
    let mut found: Vec<Suggestion> =
        rows.into_iter().map(|(of, text, id, detail)| Suggestion { kind: kind(&of), text, id, detail }).collect();
    let (wanted, mut speakers) = (text.to_lowercase(), 0);
    found.retain(|found| {
        let is_speaker = found.kind == SuggestionKind::Speaker;
        speakers += usize::from(is_speaker && found.text.to_lowercase().contains(&wanted));
        !is_speaker || (found.text.to_lowercase().contains(&wanted) && speakers <= MOST)
    });
    Ok(found)
}

/// Words that begin as the last one does, out of calls that the actor may see: those that are said most in the latest of them.
async fn said(search: &Search, actor: &Actor, text: &str) -> Result<Vec<Suggestion>, SearchError> {
    let written = words(text);
    let Some(last) = written.last().filter(|last| last.at.end == text.len() && last.folded.chars().count() >= 2) else {
        return Ok(Vec::new());
    };
    let allowed = allowed(search, actor, &Scope::default()).await?;
    let passages = keyword::beginning(search, &last.folded, &allowed, PASSAGES).await?;
    let mut often: HashMap<String, usize> = HashMap::new();
    for line in moments::said_in(search, &passages).await? {
        for word in words(&line) {
            if word.folded.starts_with(&last.folded) && word.folded != last.folded {
                *often.entry(word.folded).or_default() += 1;
            }
        }
    }
    let mut often: Vec<(String, usize)> = often.into_iter().collect();
    often.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let before = &text[..last.at.start];
    let word = |(word, _): (String, usize)| Suggestion {
        kind: SuggestionKind::Word,
        text: format!("{before}{word}"),
        id: None,
        detail: None,
    };
    Ok(often.into_iter().take(MOST).map(word).collect())
}
