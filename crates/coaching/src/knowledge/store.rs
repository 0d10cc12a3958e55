//! The documents that are kept, in versions with their sections.

use super::outline::SectionText;
use super::read::{DocumentKind, Reading, one_line};
use crate::CoachingError;
use accounts::audit::{self, Action};
use calls::Who;
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Clock, new_id, part_of_id};
use rubric::model::prompt::Section;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most documents in use.
const DOCUMENTS: usize = 200;
/// Most sections of all documents in use: they are looked through with every call.
const SECTIONS: i64 = 20_000;
/// Rows of one statement.
const ROWS: usize = 500;
/// Digits of a document's id in the id of a section: the last ones, which are random, as in lists.
const DIGITS: usize = 10;

/// A version of a document, without its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DocumentHead {
    /// Its id.
    pub id: Uuid,
    /// The version, from 1.
    pub version: u32,
    /// What it is called.
    pub name: String,
    /// What this version was read from.
    pub kind: DocumentKind,
    /// How many sections it has.
    pub sections: u32,
    /// How many tokens they have together, about.
    pub tokens: u32,
    /// SHA-256 of its sections: another text has another one.
    pub sha256: String,
    /// When this version came in.
    pub created_at: DateTime<Utc>,
    /// The user who brought this version; null for somebody at the machine.
    pub created_by: Option<Uuid>,
    /// Since when nothing is held against it any more. What cites it opens still.
    pub retired_at: Option<DateTime<Utc>>,
}

/// A version of a document with its sections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KnowledgeDocument {
    /// What is told of it in lists.
    #[serde(flatten)]
    pub head: DocumentHead,
    /// The latest version that there is.
    pub latest: u32,
    /// Its sections, in its order.
    pub parts: Vec<KnowledgeSection>,
}

/// A section of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KnowledgeSection {
    /// By what answers cite it: the end of the document's id, version and place.
    pub id: String,
    /// The headings above it, with ` › ` between them; empty where there are none.
    pub heading: String,
    /// Its words, as they were written.
    pub text: String,
    /// How many tokens it has, about.
    pub tokens: u32,
}

/// A section that an answer cites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CitedSection {
    /// By what it is cited.
    pub id: String,
    /// The document.
    pub document_id: Uuid,
    /// The version that is cited.
    pub version: u32,
    /// What the document was called then.
    pub name: String,
    /// The headings above it, with ` › ` between them; empty where there are none.
    pub heading: String,
    /// Its words.
    pub text: String,
    /// Whether this version is the one that is in use now.
    pub current: bool,
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    id: Uuid,
    version: i64,
    name: String,
    kind: String,
    sections: i64,
    tokens: i64,
    sha256: String,
    created_at: DateTime<Utc>,
    created_by: Option<Uuid>,
    retired_at: Option<DateTime<Utc>>,
}

impl From<HeadRow> for DocumentHead {
    fn from(row: HeadRow) -> Self {
        Self {
            id: row.id,
            version: row.version as u32,
            name: row.name,
            kind: DocumentKind::named(&row.kind),
            sections: row.sections as u32,
            tokens: row.tokens as u32,
            sha256: row.sha256,
            created_at: row.created_at,
            created_by: row.created_by,
            retired_at: row.retired_at,
        }
    }
}

/// A section in use, with where it stands.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct KeptSection {
    pub(super) document_id: Uuid,
    pub(super) version: i64,
    pub(super) position: i64,
    sha256: String,
    pub(super) name: String,
    pub(super) heading: String,
    pub(super) text: String,
    pub(super) tokens: i64,
}

impl KeptSection {
    /// As a model sees it.
    pub(super) fn shown(&self) -> Section {
        let title = match self.heading.as_str() {
            "" => self.name.clone(),
            heading if heading.starts_with(&self.name) => heading.to_owned(),
            heading => format!("{} › {heading}", self.name),
        };
        Section { id: section_id(self.document_id, self.version, self.position), title, text: self.text.clone() }
    }
}

fn end_of(id: Uuid) -> String {
    let digits = id.simple().to_string();
    digits[digits.len() - DIGITS..].to_owned()
}

fn section_id(document: Uuid, version: i64, position: i64) -> String {
    format!("{}.v{version}.{position}", end_of(document))
}

/// The end of a document's id, a version and a position.
fn parsed(id: &str) -> Option<(&str, i64, i64)> {
    let mut parts = id.split('.');
    let (end, version, position) = (parts.next()?, parts.next()?.strip_prefix('v')?, parts.next()?);
    let number = |text: &str| text.parse().ok().filter(|number| (1..=i64::from(u32::MAX)).contains(number));
    let hex = end.len() == DIGITS && end.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    (hex && parts.next().is_none()).then_some((end, number(version)?, number(position)?))
}

/// Whether a text has the form of the id of a section.
pub(crate) fn is_section_id(id: &str) -> bool {
    parsed(id).is_some()
}

impl Reading {
    /// SHA-256 of its sections.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for SectionText { heading, text, .. } in &self.sections {
            for part in [heading, text] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        kernel::hex(&hash.finalize())
    }
}

const HEADS: &str = "SELECT d.id, d.version, d.name, d.kind, d.sha256, d.created_at, d.created_by, d.retired_at, \
     (SELECT count(*) FROM knowledge_sections s WHERE s.document_id = d.id AND s.version = d.version) AS sections, \
     (SELECT CAST(coalesce(sum(s.tokens), 0) AS BIGINT) FROM knowledge_sections s \
      WHERE s.document_id = d.id AND s.version = d.version) AS tokens \
     FROM knowledge_documents d";
/// The latest version of a document `d`.
const LATEST: &str = "d.version = (SELECT max(n.version) FROM knowledge_documents n WHERE n.id = d.id)";

/// The latest version of each document, by name; with `retired` also of those that are retired.
///
/// # Errors
/// When the database fails.
pub async fn documents(db: &Db, retired: bool) -> Result<Vec<DocumentHead>, DbError> {
    let used = if retired { "" } else { "AND d.retired_at IS NULL" };
    let sql = format!("{HEADS} WHERE {LATEST} {used}");
    let rows: Vec<HeadRow> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await?);
    let mut heads: Vec<DocumentHead> = rows.into_iter().map(DocumentHead::from).collect();
    // Not by the database: each has its own order of letters.
    heads.sort_by_cached_key(|head| (head.name.to_lowercase(), head.id));
    Ok(heads)
}

/// The document in use that has this name, whatever its capitals.
///
/// # Errors
/// When the database fails.
pub async fn in_use(db: &Db, name: &str) -> Result<Option<DocumentHead>, DbError> {
    let name = one_line(name).to_lowercase();
    Ok(documents(db, false).await?.into_iter().find(|head| head.name.to_lowercase() == name))
}

/// The document that somebody names by its id, the end of it (six digits at least), or its name; retired ones as well.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is none, [`CoachingError::Conflict`] where there are several.
pub async fn find(db: &Db, who: &str) -> Result<DocumentHead, CoachingError> {
    let all = documents(db, true).await?;
    let digits = part_of_id(who);
    let name = one_line(who).to_lowercase();
    let by_id = |head: &&DocumentHead| digits.as_ref().is_some_and(|end| head.id.simple().to_string().ends_with(end));
    let mut found: Vec<&DocumentHead> = all.iter().filter(by_id).collect();
    if found.is_empty() {
        found = all.iter().filter(|head| head.name.to_lowercase() == name).collect();
        // A name may have been given again after its first owner was retired.
        if found.iter().any(|head| head.retired_at.is_none()) {
            found.retain(|head| head.retired_at.is_none());
        }
    }
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(CoachingError::Unknown("document")),
        _ => Err(CoachingError::Conflict(format!("several documents are meant by `{who}`; name one by its id"))),
    }
}

/// A version of a document with its sections, retired ones as well; the latest where none is named.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is none.
pub async fn document(db: &Db, id: Uuid, version: Option<u32>) -> Result<KnowledgeDocument, CoachingError> {
    let sql = format!("{HEADS} WHERE d.id = $1 ORDER BY d.version DESC");
    let rows: Vec<HeadRow> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql))
        .bind(id)
        .fetch_all(pool)
        .await
        .map_err(DbError::from)?);
    let latest = rows.first().map_or(0, |row| row.version);
    let wanted = version.map_or(latest, i64::from);
    let head = rows.into_iter().find(|row| row.version == wanted).ok_or(CoachingError::Unknown("document"))?;
    let sql = "SELECT position, heading, text, tokens FROM knowledge_sections \
         WHERE document_id = $1 AND version = $2 ORDER BY position";
    let parts: Vec<(i64, String, String, i64)> = on_db!(db, pool => sqlx::query_as(sql)
        .bind(id)
        .bind(wanted)
        .fetch_all(pool)
        .await
        .map_err(DbError::from)?);
    let parts = parts.into_iter().map(|(position, heading, text, tokens)| KnowledgeSection {
        id: section_id(id, wanted, position),
        heading,
        text,
        tokens: tokens as u32,
    });
    Ok(KnowledgeDocument { head: head.into(), latest: latest as u32, parts: parts.collect() })
}

/// The sections that these ids name, in their order, of any version and of retired documents as well. Ids that name none are left out.
///
/// # Errors
/// When the database fails.
pub async fn cited(db: &Db, ids: &[String]) -> Result<Vec<CitedSection>, DbError> {
    let documents = documents(db, true).await?;
    let mut found = Vec::new();
    for id in ids {
        let Some((end, version, position)) = parsed(id) else { continue };
        for head in documents.iter().filter(|head| end_of(head.id) == end) {
            let sql = "SELECT d.name, s.heading, s.text FROM knowledge_sections s \
                 JOIN knowledge_documents d ON d.id = s.document_id AND d.version = s.version \
                 WHERE s.document_id = $1 AND s.version = $2 AND s.position = $3";
            let row: Option<(String, String, String)> = on_db!(db, pool => sqlx::query_as(sql)
                .bind(head.id)
                .bind(version)
                .bind(position)
                .fetch_optional(pool)
                .await?);
            found.extend(row.map(|(name, heading, text)| CitedSection {
                id: id.clone(),
                document_id: head.id,
                version: version as u32,
                name,
                heading,
                text,
                current: head.retired_at.is_none() && i64::from(head.version) == version,
            }));
        }
    }
    Ok(found)
}

/// What tells the documents in use from others: SHA-256 over ids, versions and what they say. Empty where there are none.
///
/// # Errors
/// When the database fails.
pub async fn fingerprint(db: &Db) -> Result<String, DbError> {
    let sql =
        format!("SELECT d.id, d.version, d.sha256 FROM knowledge_documents d WHERE {LATEST} AND d.retired_at IS NULL");
    let rows: Vec<(Uuid, i64, String)> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await?);
    Ok(fingerprint_of(rows))
}

fn fingerprint_of(mut documents: Vec<(Uuid, i64, String)>) -> String {
    if documents.is_empty() {
        return String::new();
    }
    documents.sort_unstable();
    let mut hash = Sha256::new();
    for (id, version, sha256) in documents {
        hash.update(id);
        hash.update(version.to_le_bytes());
        hash.update(sha256);
    }
    kernel::hex(&hash.finalize())
}

/// All sections in use in a lasting order, and the fingerprint of their documents.
pub(super) async fn current(db: &Db) -> Result<(String, Vec<KeptSection>), DbError> {
    let sql = format!(
        "SELECT d.id AS document_id, d.version, s.position, d.sha256, d.name, s.heading, s.text, s.tokens \
         FROM knowledge_documents d JOIN knowledge_sections s ON s.document_id = d.id AND s.version = d.version \
         WHERE {LATEST} AND d.retired_at IS NULL"
    );
    let mut rows: Vec<KeptSection> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await?);
    rows.sort_unstable_by_key(|row| (row.document_id, row.position));
    let mut documents: Vec<_> = rows.iter().map(|row| (row.document_id, row.version, row.sha256.clone())).collect();
    documents.dedup();
    Ok((fingerprint_of(documents), rows))
}

/// Keeps a new document, under this name or its title.
///
/// # Errors
/// [`CoachingError::Field`] where the name is empty, [`CoachingError::Conflict`] where another one has it or there are too many.
pub async fn add(
    db: &Db,
    clock: &Clock,
    who: &Who,
    name: Option<&str>,
    reading: &Reading,
) -> Result<KnowledgeDocument, CoachingError> {
    let name = named(name.unwrap_or(&reading.title))?;
    let mut tx = db.begin().await?;
    let id = new_id();
    room(&mut tx, id, &name, reading.sections.len()).await?;
    insert(&mut tx, clock, who, (id, 1), &name, reading).await?;
    audit::record(&mut tx, clock, &who.trail(), Action::KnowledgeAdd, id, json!({ "version": 1 })).await?;
    tx.commit().await?;
    document(db, id, Some(1)).await
}

/// Keeps the next version of a document; its name stays unless another one is given. Later answers rest on it; those that cite an older version keep it.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is none, [`CoachingError::Conflict`] where it is retired, where it says the same already, or where another
/// one has the name; [`CoachingError::Field`] where the name is empty.
pub async fn add_version(
    db: &Db,
    clock: &Clock,
    who: &Who,
    id: Uuid,
    name: Option<&str>,
    reading: &Reading,
) -> Result<KnowledgeDocument, CoachingError> {
    let name = name.map(named).transpose()?;
    let mut tx = db.begin().await?;
    let latest = latest(&mut tx, id).await?;
    let is_renamed = name.as_ref().is_some_and(|name| *name != latest.name);
    if latest.retired {
        return Err(CoachingError::Conflict("the document is retired; restore it first".to_owned()));
    }
    if latest.sha256 == reading.sha256() && !is_renamed {
        let why = format!("version {} says the same, word for word", latest.version);
        return Err(CoachingError::Conflict(why));
    }
    let (name, version) = (name.unwrap_or(latest.name), latest.version + 1);
    room(&mut tx, id, &name, reading.sections.len()).await?;
    insert(&mut tx, clock, who, (id, version), &name, reading).await?;
    let detail = json!({ "version": version });
    audit::record(&mut tx, clock, &who.trail(), Action::KnowledgeChange, id, detail).await?;
    tx.commit().await?;
    document(db, id, Some(version as u32)).await
}

/// Retires a document: nothing is held against it any more. What cites it opens still.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is none (any more).
pub async fn retire(db: &Db, clock: &Clock, who: &Who, id: Uuid) -> Result<(), CoachingError> {
    let mut tx = db.begin().await?;
    let sql = "UPDATE knowledge_documents SET retired_at = $1 WHERE id = $2 AND retired_at IS NULL";
    let rows = on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(clock.now())
        .bind(id)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if rows == 0 {
        return Err(CoachingError::Unknown("document"));
    }
    audit::record(&mut tx, clock, &who.trail(), Action::KnowledgeRemove, id, json!({})).await?;
    Ok(tx.commit().await?)
}

/// Takes a retired document back into use, with all its versions.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is none, [`CoachingError::Conflict`] where it is in use, where another one has its name or there are too many.
pub async fn restore(db: &Db, clock: &Clock, who: &Who, id: Uuid) -> Result<KnowledgeDocument, CoachingError> {
    let mut tx = db.begin().await?;
    let latest = latest(&mut tx, id).await?;
    if !latest.retired {
        return Err(CoachingError::Conflict("the document is in use".to_owned()));
    }
    room(&mut tx, id, &latest.name, latest.sections as usize).await?;
    let sql = "UPDATE knowledge_documents SET retired_at = NULL WHERE id = $1";
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(id).execute(conn).await.map_err(DbError::from)?.rows_affected());
    audit::record(&mut tx, clock, &who.trail(), Action::KnowledgeRestore, id, json!({})).await?;
    tx.commit().await?;
    document(db, id, None).await
}

fn named(name: &str) -> Result<String, CoachingError> {
    let name = one_line(name);
    if name.is_empty() {
        return Err(CoachingError::Field("name", "it is empty; leave it out to take the document's title".to_owned()));
    }
    Ok(name)
}

#[derive(sqlx::FromRow)]
struct Latest {
    version: i64,
    name: String,
    sha256: String,
    retired: bool,
    sections: i64,
}

async fn latest(tx: &mut Tx, id: Uuid) -> Result<Latest, CoachingError> {
    let sql = "SELECT d.version, d.name, d.sha256, d.retired_at IS NOT NULL AS retired, \
         (SELECT count(*) FROM knowledge_sections s WHERE s.document_id = d.id AND s.version = d.version) AS sections \
         FROM knowledge_documents d WHERE d.id = $1 ORDER BY d.version DESC LIMIT 1";
    let row: Option<Latest> =
        on_tx!(tx, conn => sqlx::query_as(sql).bind(id).fetch_optional(conn).await.map_err(DbError::from)?);
    row.ok_or(CoachingError::Unknown("document"))
}

/// Refuses a document whose name another one in use has, or for which there is no room beside the others.
async fn room(tx: &mut Tx, id: Uuid, name: &str, sections: usize) -> Result<(), CoachingError> {
    let sql = format!(
        "SELECT d.name, (SELECT count(*) FROM knowledge_sections s WHERE s.document_id = d.id AND s.version = d.version) \
         FROM knowledge_documents d WHERE {LATEST} AND d.retired_at IS NULL AND d.id <> $1"
    );
    let others: Vec<(String, i64)> = on_tx!(tx, conn => sqlx::query_as(AssertSqlSafe(sql))
        .bind(id)
        .fetch_all(conn)
        .await
        .map_err(DbError::from)?);
    let folded = name.to_lowercase();
    if others.iter().any(|(other, _)| other.to_lowercase() == folded) {
        let why = format!("there is a document `{name}`; bring its next version, or take another name");
        return Err(CoachingError::Conflict(why));
    }
    let total: i64 = others.iter().map(|(_, sections)| sections).sum();
    if others.len() >= DOCUMENTS || total + sections as i64 > SECTIONS {
        let why = format!("there is room for {DOCUMENTS} documents with {SECTIONS} sections; retire some first");
        return Err(CoachingError::Conflict(why));
    }
    Ok(())
}

async fn insert(
    tx: &mut Tx,
    clock: &Clock,
    who: &Who,
    (id, version): (Uuid, i64),
    name: &str,
    reading: &Reading,
) -> Result<(), CoachingError> {
    let by = match who {
        Who::User(actor) => Some(actor.id),
        Who::Machine(_) => None,
    };
    let sql = "INSERT INTO knowledge_documents (id, version, name, kind, sha256, created_at, created_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let rows = on_tx!(&mut *tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(version)
        .bind(name)
        .bind(reading.kind.as_str())
        .bind(reading.sha256())
        .bind(clock.now())
        .bind(by)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if rows == 0 {
        return Err(CoachingError::Conflict("somebody else brought this version meanwhile".to_owned()));
    }
    for (chunk, sections) in reading.sections.chunks(ROWS).enumerate() {
        on_tx!(&mut *tx, conn => {
            let mut insert = QueryBuilder::new(
                "INSERT INTO knowledge_sections (document_id, version, position, heading, text, tokens) ",
            );
            insert.push_values(sections.iter().enumerate(), |mut row, (at, section)| {
                row.push_bind(id)
                    .push_bind(version)
                    .push_bind((chunk * ROWS + at) as i64 + 1)
                    .push_bind(&section.heading)
                    .push_bind(&section.text)
                    .push_bind(section.tokens as i64);
            });
            insert.build().execute(conn).await.map_err(DbError::from)?;
        });
    }
    Ok(())
}

#[cfg(test)]
impl KeptSection {
    /// A section of version 1 of a document.
    pub(super) fn for_tests(document_id: Uuid, position: i64, name: &str, section: &SectionText) -> Self {
        let SectionText { heading, text, tokens } = section.clone();
        let (version, tokens) = (1, tokens as i64);
        Self { document_id, version, position, sha256: String::new(), name: name.to_owned(), heading, text, tokens }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_a_section_says_which_one_it_is() {
        let id: Uuid = "0199c0ff-ee12-7000-8000-00007c0ffee1".parse().unwrap();
        assert_eq!(section_id(id, 2, 14), "007c0ffee1.v2.14");
        assert_eq!(parsed("007c0ffee1.v2.14"), Some(("007c0ffee1", 2, 14)));
        for none in [
            "",
            "k1",
            "007c0ffee1",
            "007c0ffee1.v2",
            "007c0ffee1.2.14",
            "007C0FFEE1.v2.14",
            "07c0ffee1.v2.14",
            "007c0ffee1.v0.14",
            "007c0ffee1.v2.-1",
            "007c0ffee1.v2.14.1",
            "007c0ffee1.v2.99999999999",
        ] {
            assert_eq!(parsed(none), None, "{none}");
        }
    }
}
