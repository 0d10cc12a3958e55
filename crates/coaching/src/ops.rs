//! A call is judged, and what was found is kept.

use crate::sessions::latest_input;
use crate::{Analyst, Listening, model, rollups, rubrics, store, summary};
use accounts::audit::{self, Action};
use calls::events::{self, Event};
use calls::{Blobs, CallChange, CallError, Receipt, Status, Who};
use chrono::{DateTime, Utc};
use db::{Db, Tx};
use kernel::Clock;
use rubric::{Report, Rubric, analyst::analyse};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use transcript::redact::{RedactKinds, Redactor};
use transcript::{Participant, Transcript};
use uuid::Uuid;

/// Calls that are deleted in one transaction: others wait that long.
const TOGETHER: usize = 16;

/// A call that was judged, not yet kept.
#[derive(Debug)]
pub struct Judged {
    pub(crate) report: Report,
    pub(crate) rubric: Rubric,
    pub(crate) input_hash: String,
    pub(crate) words_hash: String,
    pub(crate) summary: String,
    pub(crate) key_themes: Vec<String>,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) finished_at: DateTime<Utc>,
    /// What became of asking a model; `None` where none was asked.
    pub(crate) found: Option<model::Found>,
}

/// SHA-256 of who says what when. Nothing changes that after a call came in.
pub(crate) fn words_hash(transcript: &Transcript) -> String {
    let mut hash = Sha256::new();
    for segment in &transcript.segments {
        hash.update(format!("{:?}\0{:?}\0{:?}\0", segment.speaker, segment.start_ms, segment.end_ms));
        hash.update(segment.text.as_bytes());
        hash.update([0]);
    }
    kernel::hex(&hash.finalize())
}

/// What a judgement depends on: who said what when ([`words_hash`]) on which side, the rubric, the trackers of the installation, and what a model
/// that judges is told (`basis`; empty for the offline analyst).
pub(crate) fn input_hash(
    words: &str,
    people: &[Participant],
    rubric: &Rubric,
    listening: &Listening,
    basis: &str,
) -> String {
    let mut hash = Sha256::new();
    hash.update(basis);
    hash.update(listening.fingerprint());
    hash.update(serde_json::to_vec(rubric).unwrap_or_default());
    for person in people {
        hash.update(format!("{}\0{:?}\0", person.name, person.side));
    }
    hash.update(words);
    kernel::hex(&hash.finalize())
}

/// What a judgement of this call by this rubric would depend on now. `words` is the hash of its words, where it is known.
async fn input_now(
    db: &Db,
    analyst: &Analyst,
    call: Uuid,
    rubric: &Rubric,
    words: Option<String>,
) -> Result<String, CallError> {
    let listening = Listening::of(db).await?;
    let basis = analyst.basis(db).await?;
    let (words, people) = if let Some(words) = words {
        (words, calls::load_people(db, call).await?.participants)
    } else {
        let transcript = calls::load(db, call).await?;
        // All of the words go through it: not on a thread that others wait for.
        let hashed = tokio::task::spawn_blocking(move || (words_hash(&transcript), transcript.participants));
        hashed.await.expect("hashing does not panic")
    };
    Ok(input_hash(&words, &people, rubric, &listening, &basis))
}

/// Whether a call was judged from the same words, sides and rubric as it would be now, by the same judge.
pub(crate) async fn is_current(db: &Db, analyst: &Analyst, call: Uuid, rubric: &Rubric) -> Result<bool, CallError> {
    match latest_input(db, call).await? {
        Some((judged, words)) => Ok(judged == input_now(db, analyst, call, rubric, words).await?),
        None => Ok(false),
    }
}

/// Judges a transcript by the offline analyst. Takes a core for tens of milliseconds, or a minute where the call is as large as calls get.
pub fn judge(transcript: &Transcript, rubric: Rubric, listening: &Listening, clock: &Clock) -> Judged {
    let started_at = clock.now();
    let report = analyse(transcript, &rubric, listening.labeler());
    let words_hash = words_hash(transcript);
    Judged {
        input_hash: input_hash(&words_hash, &transcript.participants, &rubric, listening, ""),
        words_hash,
        summary: summary::summary(&report),
        key_themes: summary::key_themes(&report),
        rubric,
        report,
        started_at,
        finished_at: clock.now(),
        found: None,
    }
}

impl Judged {
    /// The same with the verdicts of a model in the report.
    pub(crate) fn by_model(
        self,
        found: model::Found,
        basis: &str,
        transcript: &Transcript,
        listening: &Listening,
        clock: &Clock,
    ) -> Self {
        // What the model did not judge is not up to date, and is judged when somebody asks. Where it judged nothing, the offline analyst did.
        let by = |basis: &str| input_hash(&self.words_hash, &transcript.participants, &self.rubric, listening, basis);
        let input_hash = match (found.is_whole(), found.model.failure.is_some()) {
            (true, _) => by(basis),
            (false, true) => self.input_hash,
            (false, false) => by(&format!("{basis} in part")),
        };
        Self {
            input_hash,
            summary: if found.withheld {
                rubric::model::apply::WITHHELD.to_owned()
            } else {
                summary::summary(&self.report)
            },
            key_themes: if found.withheld { Vec::new() } else { summary::key_themes(&self.report) },
            finished_at: clock.now(),
            found: Some(found),
            ..self
        }
    }

    /// Keeps what was found, in the place of what was found before, and sums it up.
    ///
    /// # Errors
    /// When the call is gone or the database fails.
    pub async fn keep(&self, tx: &mut Tx, call: Uuid) -> Result<(), CallError> {
        // First of all, so that two who keep the same call do it one after the other.
        store::lock_call(tx, call).await?;
        rollups::take_out(tx, call).await?;
        store::keep(tx, call, self).await?;
        rollups::put_in(tx, call).await?;
        let detail = json!({ "status": Status::Analysed, "overall_score": self.report.overall_score });
        Ok(events::tell(tx, self.finished_at, Event::Score, call, detail).await?)
    }
}

/// The transcript of a call with the latest report on it; `None` where it was not judged.
///
/// # Errors
/// When there is no such call or the database fails.
pub async fn stored(db: &Db, call: Uuid) -> Result<(Transcript, Option<Report>), CallError> {
    let transcript = calls::load(db, call).await?;
    let report = store::report(db, call, &transcript).await?;
    Ok((transcript, report))
}

/// Says who is on our side, and has the call judged (again). `who` says so: as far as they may, the call may change its rep by it, so that the sums move with it.
///
/// # Errors
/// When there is no such call or a name is nobody's.
pub async fn set_sides(
    db: &Db,
    clock: &Clock,
    call: Uuid,
    names: &[String],
    rubric: Option<&str>,
    who: impl Into<Who>,
) -> Result<Status, CallError> {
    let who = who.into();
    let transcript = calls::load(db, call).await?;
    let mut tx = db.begin().await?;
    store::lock_call(&mut tx, call).await?;
    rollups::take_out(&mut tx, call).await?;
    let status = calls::set_sides(&mut tx, clock, call, transcript, names, rubric, &who).await?;
    rollups::put_in(&mut tx, call).await?;
    tx.commit().await?;
    Ok(status)
}

/// What is to be said of a call; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct CallChanges {
    /// Title, customer, rep.
    pub call: CallChange,
    /// Who is on our side, by name or mail address.
    pub internal: Option<Vec<String>>,
}

/// Says of a call what it is called, whose it is and who is on our side, all or nothing; the sums move with the rep. What `redact` names is
/// replaced in the texts. New sides have the call judged again, by the usual rubric.
///
/// # Errors
/// When there is no such call, or one of the values is wrong.
pub async fn change(
    db: &Db,
    clock: &Clock,
    call: Uuid,
    mut changes: CallChanges,
    redact: RedactKinds,
    who: impl Into<Who>,
) -> Result<(), CallError> {
    let who = who.into();
    // The words are needed where sides are said, and the sums where the call may get another rep by it: a new title is a matter of a row.
    let transcript = match &changes.internal {
        Some(_) => calls::load(db, call).await?,
        None => calls::load_people(db, call).await?,
    };
    let moves = changes.call.rep.is_some() || changes.internal.is_some();
    let redactor = Redactor::of(&transcript, redact);
    let line = |text: String| redactor.text(&text);
    changes.call.title = changes.call.title.map(line);
    changes.call.customer = changes.call.customer.map(|customer| customer.map(line));
    let mut tx = db.begin().await?;
    store::lock_call(&mut tx, call).await?;
    if moves {
        rollups::take_out(&mut tx, call).await?;
    }
    // First, so that sides do not decide whose it is where somebody says it with them.
    if !changes.call.is_empty() {
        calls::change(&mut tx, clock, call, &changes.call, &who.trail()).await?;
    }
    if let Some(names) = &changes.internal {
        if names.is_empty() {
            return Err(CallError::Field("internal", "name somebody, or leave it out".to_owned()));
        }
        let status = calls::set_sides(&mut tx, clock, call, transcript, names, None, &who).await?;
        if status == Status::NeedsSides {
            return Err(CallError::Conflict("nobody is named as speaking in this call".to_owned()));
        }
    }
    if moves {
        rollups::put_in(&mut tx, call).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The rubric with this id by which calls are judged now; where none is named, the one of the settings or else `usual`.
///
/// # Errors
/// [`CallError::Field`] where there is none.
pub async fn known_rubric(db: &Db, named: Option<&str>, usual: &str) -> Result<Rubric, CallError> {
    let found = match named {
        Some(named) => rubrics::offered(db, named).await?,
        None => rubrics::usual(db, usual).await?,
    };
    found.ok_or_else(|| CallError::Field("rubric", "there is no rubric with this id".to_owned()))
}

/// What becomes of the wish to have a call judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Nothing has changed since it was judged.
    Current,
    /// This job judges it.
    Job(Uuid),
    /// It is not known who is on our side.
    NeedsSides,
}

/// How a call is wished to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// By this rubric, if one is named.
    pub rubric: Option<&'a str>,
    /// Id of the rubric that judges where none is named.
    pub usual: &'a str,
    /// Also where nothing has changed.
    pub force: bool,
}

/// Has a call judged by this rubric, or the usual one, unless it was judged from the same words, sides and rubric, or a job is about to; or in
/// any case, by force.
///
/// # Errors
/// When there is no such call or rubric, or the database fails.
pub async fn ask_unless_current(
    db: &Db,
    clock: &Clock,
    analyst: &Analyst,
    call: Uuid,
    wish: Wish<'_>,
    actor: &str,
) -> Result<Asked, CallError> {
    let Wish { rubric, usual, force } = wish;
    let wanted = known_rubric(db, rubric, usual).await?;
    let kept = calls::get(db, call).await?.ok_or_else(|| CallError::Unknown(call.to_string()))?;
    if kept.status == Status::NeedsSides {
        return Ok(Asked::NeedsSides);
    }
    if !force {
        let job = queue::unfinished(db, &calls::analysis_key(call)).await?;
        let by = rubric.is_none().then_some(wanted.id.as_str());
        let of = |job: &queue::Job| job.payload.get("rubric").and_then(|id| id.as_str()).or(by) == Some(&wanted.id);
        match job.filter(of) {
            // One that came in by itself may wait for long behind others.
            Some(job) if job.priority >= calls::ASKED_FOR || job.state == queue::State::Running => {
                return Ok(Asked::Job(job.id));
            }
            Some(_) => {}
            None => {
                if is_current(db, analyst, call, &wanted).await? {
                    return Ok(Asked::Current);
                }
            }
        }
    }
    ask(db, clock, call, rubric, force, actor).await.map(Asked::Job)
}

/// Has a call judged, by this rubric or the usual one, before what came in by itself; by `force` without any answer of a model that is kept.
/// Returns the job.
///
/// # Errors
/// When there is no such call or the database fails.
pub async fn ask(
    db: &Db,
    clock: &Clock,
    call: Uuid,
    rubric: Option<&str>,
    force: bool,
    actor: &str,
) -> Result<Uuid, CallError> {
    let mut tx = db.begin().await?;
    store::lock_call(&mut tx, call).await?;
    let since = force.then(|| clock.now());
    let how = calls::Analysis { rubric, since, priority: calls::ASKED_FOR, ..calls::Analysis::default() };
    let job = calls::enqueue_analysis(&mut tx, clock, call, how).await?;
    let mut detail = json!({ "rubric": rubric });
    if force {
        detail["force"] = json!(true);
    }
    audit::record(&mut tx, clock, actor, Action::CallAnalyse, call, detail).await?;
    tx.commit().await?;
    Ok(job)
}

/// Deletes a call with everything that came of it, sums included. Beside the receipt stands what became of the original: where it cannot be
/// deleted now, a job tries again.
///
/// # Errors
/// When there is no such call or its rows cannot be deleted: nothing was then.
pub async fn delete(
    db: &Db,
    blobs: &Blobs,
    clock: &Clock,
    call: Uuid,
    actor: &str,
) -> Result<(Receipt, Result<(), CallError>), CallError> {
    let mut tx = db.begin().await?;
    let deleted = take_out(&mut tx, clock, call, actor).await?;
    tx.commit().await?;
    let original = calls::forget_originals(db, blobs, clock, std::slice::from_ref(&deleted)).await;
    Ok((deleted.receipt, original))
}

/// The same of many calls, some in each transaction; those that are gone already are passed by. Tells how many were deleted.
///
/// # Errors
/// When rows cannot be deleted; some calls may be deleted by then.
pub async fn delete_all(
    db: &Db,
    blobs: &Blobs,
    clock: &Clock,
    calls: &[Uuid],
    actor: &str,
) -> Result<(usize, Result<(), CallError>), CallError> {
    let (mut count, mut originals) = (0, Ok(()));
    for some in calls.chunks(TOGETHER) {
        let mut tx = db.begin().await?;
        let mut deleted = Vec::with_capacity(some.len());
        for call in some {
            match take_out(&mut tx, clock, *call, actor).await {
                Ok(one) => deleted.push(one),
                Err(CallError::Unknown(_)) => {}
                Err(error) => return Err(error),
            }
        }
        tx.commit().await?;
        count += deleted.len();
        originals = originals.and(calls::forget_originals(db, blobs, clock, &deleted).await);
    }
    Ok((count, originals))
}

async fn take_out(tx: &mut Tx, clock: &Clock, call: Uuid, actor: &str) -> Result<calls::Deleted, CallError> {
    store::lock_call(tx, call).await?;
    rollups::take_out(tx, call).await?;
    calls::delete(tx, clock, call, actor).await
}
