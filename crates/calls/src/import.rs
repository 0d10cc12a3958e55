//! A file becomes a call.

use crate::blobs::Blobs;
use crate::whose::Owner;
use crate::{CallError, Imported, NewCall, Sides, Status, events, index, limits, ops, store, when};
use accounts::audit::{self, Action};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Clock, new_id};
use serde_json::json;
use sqlx::types::Json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use transcript::redact::Redactor;
use transcript::sides::{self, SidesFrom, SidesOutcome};
use transcript::write::to_json;
use transcript::{Side, Transcript, Warning, names_somebody};
use uuid::Uuid;

/// Takes a file in: the original first, then call, transcript and the job to judge it in one transaction. The same file again is the same call.
/// What `new.redact` names is replaced before anything is kept. `names` are those of our side, as far as they are in this call; where nobody is
/// known to be, the call waits for them.
///
/// The name and address of whose call it is are those of an account and are not redacted.
///
/// # Errors
/// When the file is no transcript, something that is told beside it is too long, or nothing can be stored.
pub async fn import(
    db: &Db,
    blobs: &Blobs,
    clock: &Clock,
    bytes: impl Into<Bytes>,
    names: &[String],
    new: &NewCall,
) -> Result<Imported, CallError> {
    let bytes = bytes.into();
    let hash = new.identity(&bytes);
    if let Some(id) = known(db, &hash).await? {
        return Ok(Imported::Known { id });
    }
    let arrival = Arrival::prepare(db, blobs, clock, bytes, names, new).await?;
    let mut tx = db.begin().await?;
    if let Some(Kept { id, status, .. }) = arrival.keep(&mut tx, clock, new).await? {
        tx.commit().await?;
        return Ok(Imported::New { id, status });
    }
    // Somebody else took the same file in meanwhile.
    drop(tx);
    arrival.forget(db, blobs).await?;
    let id = known(db, &hash).await?.ok_or(DbError::Locked)?;
    Ok(Imported::Known { id })
}

/// A call whose rows are written, and how long each part of it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: Uuid,
    /// How far it has come.
    pub status: Status,
    /// Writing what is told of it.
    pub metadata: Duration,
    /// Writing who is in it.
    pub speakers: Duration,
    /// Writing what was said.
    pub transcript: Duration,
    /// Writing down that it is to be judged.
    pub job: Duration,
}

/// A call that was read and redacted, and whose original is kept; its rows are not written yet.
#[derive(Debug)]
pub struct Arrival {
    id: Uuid,
    hash: String,
    original_key: String,
    original_bytes: i64,
    read: Read,
    owner: Owner,
}

impl Arrival {
    /// Reads a file and keeps its original, under a job that deletes it if no row comes to name it. `names` are those of our side, as far as they are
    /// in this call.
    ///
    /// # Errors
    /// As [`import`].
    pub async fn prepare(
        db: &Db,
        blobs: &Blobs,
        clock: &Clock,
        bytes: impl Into<Bytes>,
        names: &[String],
        new: &NewCall,
    ) -> Result<Self, CallError> {
        limits::check_told(new)?;
        let bytes = bytes.into();
        let hash = new.identity(&bytes);
        // Where nobody says who is on our side, the settings may know our mail domains.
        let names = match new.sides {
            Sides::Usual if names.is_empty() => accounts::settings(db).await?.sides(),
            _ => names.to_owned(),
        };
        let wanted = new.clone();
        // A large file takes a core for seconds, which nobody else is to wait for.
        let read = tokio::task::spawn_blocking(move || read(bytes, &names, &wanted)).await;
        let mut read = read.map_err(|error| DbError::Other(sqlx::Error::Io(error.into())))??;
        let owner = Owner::of(db, new, read.rep.take()).await?;
        let original_bytes = read.bytes.len() as i64;
        let id = new_id();
        // Before the row that names it: a crash in between leaves a file that nothing names, which a job deletes, never a row without its file.
        let original_key = Blobs::key_of(id);
        ops::doubt(db, clock, &original_key).await?;
        blobs.put(&original_key, std::mem::take(&mut read.bytes)).await?;
        Ok(Self { id, hash, original_key, original_bytes, read, owner })
    }

    /// The call that it is the same as, where there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known(&self, tx: &mut Tx) -> Result<Option<Uuid>, DbError> {
        let sql = "SELECT id FROM calls WHERE source_hash = $1";
        Ok(on_tx!(tx, conn => sqlx::query_scalar(sql).bind(&self.hash).fetch_optional(conn).await?))
    }

    /// How many speakers were taken for customers because the source does not know them; `None` where nobody was.
    pub fn strangers(&self) -> Option<usize> {
        Some(self.read.strangers).filter(|strangers| *strangers > 0)
    }

    /// Writes call, transcript and the job to judge it; they exist once `tx` is committed. `None` where the call is here already: roll back and
    /// [`Self::forget`] it then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep(&self, tx: &mut Tx, clock: &Clock, new: &NewCall) -> Result<Option<Kept>, CallError> {
        let Self { id, original_key, original_bytes, .. } = self;
        let Read { transcript, line, started_at, redactions, status, .. } = &self.read;
        let (id, status, now) = (*id, *status, clock.now());
        let mut watch = Instant::now();
        let mut lap = || std::mem::replace(&mut watch, Instant::now()).elapsed();
        let rep = self.owner.id(tx, clock).await?;
        // Cut, since what stands in the place of what is replaced may be longer.
        let short = |text: &str, most| {
            let mut text = line.text(text);
            limits::cut(&mut text, most);
            text
        };
        let file_name = short(&new.file_name, limits::FILE_NAME);
        let title = new.title.as_deref().map(|title| short(title, limits::TITLE)).or(transcript.title.clone());
        let customer = new.customer.as_deref().map(|customer| short(customer, limits::CUSTOMER));
        let sql = "INSERT INTO calls (id, source, source_hash, file_name, format, external_id, title, language, customer, rep_id, rep_named, \
             started_at, imported_at, week, day, duration_ms, separate_channels, status, warnings, redactions, original_key, original_bytes, \
             title_key, customer_key, uploaded_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25) \
             ON CONFLICT (source_hash) DO NOTHING";
        let rows = on_tx!(tx, conn => sqlx::query(sql)
            .bind(id)
            .bind(new.source.as_str())
            .bind(&self.hash)
            .bind(&file_name)
            .bind(transcript.format.as_str())
            .bind(&transcript.external_id)
            .bind(&title)
            .bind(&transcript.language)
            .bind(&customer)
            .bind(rep)
            .bind(new.rep.is_some())
            .bind(started_at)
            .bind(now)
            .bind(when::week(started_at.unwrap_or(now), new.time_zone))
            .bind(when::day(started_at.unwrap_or(now), new.time_zone))
            .bind(transcript.span_ms().map(|(from, to)| (to - from) as i64))
            .bind(transcript.separate_channels)
            .bind(status.as_str())
            .bind(Json(&transcript.warnings))
            .bind(Json(&redactions))
            .bind(original_key)
            .bind(original_bytes)
            .bind(store::folded(title.as_deref().unwrap_or(&file_name)))
            .bind(customer.as_deref().map(store::folded))
            .bind(new.who.uploader())
            .execute(conn)
            .await
            .map_err(DbError::from)?
            .rows_affected());
        if rows == 0 {
            return Ok(None);
        }
        queue::remove(tx, &ops::doubt_key(original_key)).await?;
        let metadata = lap();
        store::insert_people(tx, id, transcript).await?;
        let speakers = lap();
        store::insert_segments(tx, id, transcript).await?;
        index(tx, id, transcript).await?;
        let transcript_took = lap();
        // Neither the name of the file nor the title: they may name the customer, and the trail outlives the call.
        let detail = json!({ "format": transcript.format.as_str(), "original_bytes": original_bytes, "status": status, "redactions": redactions });
        audit::record(tx, clock, &new.who.trail(), Action::CallImport, id, detail).await?;
        if status == Status::Queued {
            let how = ops::Analysis { rubric: new.rubric.as_deref(), ..ops::Analysis::default() };
            ops::enqueue_analysis(tx, clock, id, how).await?;
        } else {
            events::tell_status(tx, now, id).await?;
        }
        Ok(Some(Kept { id, status, metadata, speakers, transcript: transcript_took, job: lap() }))
    }

    /// Deletes the original of a call that was here already.
    ///
    /// # Errors
    /// When it cannot be deleted; a job does it then.
    pub async fn forget(&self, db: &Db, blobs: &Blobs) -> Result<(), CallError> {
        blobs.delete(&self.original_key).await?;
        let mut tx = db.begin().await?;
        queue::remove(&mut tx, &ops::doubt_key(&self.original_key)).await?;
        Ok(tx.commit().await?)
    }
}

/// A file that was read and redacted.
#[derive(Debug)]
struct Read {
    /// As it is to be kept.
    bytes: Bytes,
    transcript: Transcript,
    /// Redacts what is told beside the file.
    line: Redactor,
    /// Whose call it is, by name and mail address.
    rep: Option<(String, Option<String>)>,
    started_at: Option<DateTime<Utc>>,
    redactions: BTreeMap<&'static str, usize>,
    status: Status,
    /// Speakers who were taken for customers because the source does not know them.
    strangers: usize,
}

/// Takes speakers of neither side for customers where one of ours speaks. Returns how many.
fn strangers(transcript: &mut Transcript, sides: &mut SidesOutcome) -> usize {
    if !sides.speakers.iter().any(|speaker| speaker.side == Some(Side::Internal)) {
        return 0;
    }
    let mut spoke: Vec<usize> = transcript.segments.iter().filter_map(|segment| segment.speaker).collect();
    spoke.sort_unstable();
    spoke.dedup();
    let mut strangers = 0;
    for speaker in spoke {
        let side = &mut transcript.participants[speaker].side;
        if side.is_none() {
            *side = Some(Side::External);
            strangers += 1;
        }
    }
    if sides.from == SidesFrom::Unknown {
        sides.from = SidesFrom::File;
    }
    strangers
}

fn read(bytes: Bytes, names: &[String], new: &NewCall) -> Result<Read, CallError> {
    let mut transcript = transcript::parse(&bytes, None)?;
    // The names may be those of a whole team, of whom one is in this call; where nobody is, the file says, or nobody.
    let fitting = sides::fitting(&transcript, names);
    let mut sides = sides::assign(&mut transcript, &fitting)?;
    let strangers = match new.sides {
        Sides::OfSource { strangers_are_customers: true } => strangers(&mut transcript, &mut sides),
        _ => 0,
    };
    // Before redaction, or all reps would be one who is called [NAME].
    let rep = rep_of(&transcript, new.rep.as_deref()).map(|(mut name, email)| {
        limits::cut(&mut name, limits::NAME);
        (name, email.filter(|email| limits::fits(email, limits::EMAIL)))
    });
    let line = Redactor::of(&transcript, new.redact);
    let redacted = line.call(&mut transcript);
    // After it, since what stands in the place of what is replaced may be longer.
    limits::shorten(&mut transcript);
    let started_at = new.started_at.or_else(|| {
        let stamp = transcript.started_at.as_deref()?;
        let at = when::parse(stamp, new.time_zone).filter(|at| when::is_of_calls(*at));
        if at.is_none() {
            let message =
                format!("the start of the call, `{}`, is not understood; it can be said by hand", line.text(stamp));
            transcript.warnings.push(Warning { line: 0, message });
        }
        at
    });
    // A file with something to redact, be it where nobody reads, is not kept as it came, or the redaction would be for show.
    let bytes = if redacted.total() == 0 && (new.redact.is_empty() || !holds_more(&bytes, &line)) {
        bytes
    } else {
        let json = serde_json::to_vec(&to_json(&transcript));
        json.map_err(|error| DbError::Other(sqlx::Error::Encode(error.into())))?.into()
    };
    let redactions = redacted.iter().map(|(kind, count)| (kind.as_str(), count)).collect();
    let status = if sides.from == SidesFrom::Unknown { Status::NeedsSides } else { Status::Queued };
    Ok(Read { bytes, transcript, line, rep, started_at, redactions, status, strangers })
}

/// Whether what is to be redacted stands anywhere in a file, or may: what is no text is not looked into.
fn holds_more(bytes: &[u8], redactor: &Redactor) -> bool {
    transcript::decode(bytes).map_or(true, |(text, _)| redactor.found_in_raw(&text))
}

async fn known(db: &Db, source_hash: &str) -> Result<Option<Uuid>, DbError> {
    let sql = "SELECT id FROM calls WHERE source_hash = $1";
    Ok(on_db!(db, pool => sqlx::query_scalar(sql).bind(source_hash).fetch_optional(pool).await?))
}

/// Whose call it is, as name and mail address: who was named, else who of our side says most, if the file tells more than "Agent".
fn rep_of(transcript: &Transcript, named: Option<&str>) -> Option<(String, Option<String>)> {
    if let Some(named) = named {
        let is = |other: &str| other.eq_ignore_ascii_case(named);
        let person = transcript.participants.iter().find(|p| is(&p.name) || p.email.as_deref().is_some_and(is));
        let name = person.map_or(named, |person| person.name.as_str());
        let email = person.and_then(|person| person.email.as_deref()).or(named.contains('@').then_some(named));
        return Some((name.to_owned(), email.map(str::to_owned)));
    }
    let mut letters = vec![0_usize; transcript.participants.len()];
    for segment in &transcript.segments {
        if let Some(speaker) = segment.speaker {
            letters[speaker] += segment.text.len();
        }
    }
    let ours = transcript.participants.iter().zip(letters).filter(|(person, _)| person.side == Some(Side::Internal));
    let (person, letters) = ours.max_by_key(|(_, letters)| *letters)?;
    let known = letters > 0 && (person.email.is_some() || names_somebody(&person.name));
    known.then(|| (person.name.clone(), person.email.clone()))
}

/// The same for a call that is kept, in which names may have been redacted: then nobody is known.
pub(crate) fn rep_of_kept(transcript: &Transcript) -> Option<(String, Option<String>)> {
    let (name, email) = rep_of(transcript, None).filter(|(name, _)| !name.contains("[NAME"))?;
    Some((name, email.filter(|email| !email.contains('['))))
}
