//! `POST /calls` and `POST /transcripts/upload`: calls come in.

use super::arrivals::Pace;
use super::spool::{Spool, no_room};
use super::{Door, Intake};
use crate::{CallError, Imported, NewCall, Status, get, limits, seen, when};
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kernel::{Actor, Problem, Role};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use transcript::Side;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Answer, Body, Json, ProblemBody, Signed, only};

/// Files of one upload.
const FILES: usize = 200;
/// Bytes of a field that is no file.
const FIELD: usize = 10_000;

/// Those who bring calls; coaches read.
const UPLOADERS: [Role; 3] = [Role::Rep, Role::Manager, Role::Admin];

/// Somebody in a call.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewParticipant {
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Their mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 254)]
    email: Option<String>,
    /// `internal` for our people, `external` for the customer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^(internal|external)$")]
    side: Option<Side>,
    /// Their job title.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    title: Option<String>,
    /// Their id in the source; segments may name them by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    external_id: Option<String>,
}

/// What somebody says at a stretch.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSegment {
    /// Who speaks, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    speaker: Option<String>,
    /// Where it begins, from the start of the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    start_ms: Option<u64>,
    /// Where it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_ms: Option<u64>,
    /// The words.
    text: String,
    /// What it is about, where the source says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    topic: Option<String>,
}

/// A transcript as our own JSON, and what is known of the call beside it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "Dockline and Acme: discovery", "started_at": "2026-11-02T10:00:00Z", "language": "en", "customer": "Acme",
    "participants": [
        {"name": "Dana Whitlock", "email": "dana@dockline.example", "side": "internal"},
        {"name": "Ravi Anand", "side": "external"}
    ],
    "segments": [
        {"speaker": "Dana Whitlock", "start_ms": 0, "end_ms": 2400, "text": "What does a late order cost you?"},
        {"speaker": "Ravi Anand", "start_ms": 3100, "end_ms": 6000, "text": "About four hundred euros each time."}
    ]
}))]
pub(super) struct NewTranscript {
    /// What the call is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    title: Option<String>,
    /// When it began; of the years 1970 to 2999.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    started_at: Option<String>,
    /// Language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35)]
    language: Option<String>,
    /// Its id in the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    external_id: Option<String>,
    /// Whether each speaker was recorded on a channel of their own.
    #[serde(default)]
    separate_channels: bool,
    /// Who takes part; whoever speaks and is not named here is added.
    #[serde(default)]
    #[schema(max_items = 500)]
    participants: Vec<NewParticipant>,
    /// What was said.
    #[schema(min_items = 1)]
    segments: Vec<NewSegment>,
    /// The customer.
    #[serde(skip_serializing_if = "is_beside")]
    #[schema(max_length = 300)]
    customer: Option<String>,
    /// Who is on our side, by name, mail address or `@domain`, where `side` does not say it. Whoever is not in this call is left out.
    #[serde(default, skip_serializing_if = "is_beside")]
    #[schema(max_items = 500)]
    internal: Vec<String>,
    /// Whose call it is, by name or mail address (managers and admins say this); otherwise who of our side says most.
    #[serde(skip_serializing_if = "is_beside")]
    #[schema(max_length = 254)]
    rep: Option<String>,
    /// The rubric that judges it, by its id; otherwise the usual one.
    #[serde(skip_serializing_if = "is_beside")]
    #[schema(max_length = 200)]
    rubric: Option<String>,
}

/// What is told beside the transcript is not kept in its file. Not `skip_serializing`, which leaves it out of the description as well.
fn is_beside<T>(_: &T) -> bool {
    true
}

impl NewTranscript {
    /// Refuses texts that are too long to be kept, and too many people.
    fn check(&self) -> Result<(), CallError> {
        use limits::{EMAIL, EXTERNAL_ID, LANGUAGE, NAME, PEOPLE, TITLE, check};
        check("title", self.title.as_deref(), TITLE)?;
        check("language", self.language.as_deref(), LANGUAGE)?;
        check("external_id", self.external_id.as_deref(), EXTERNAL_ID)?;
        for person in &self.participants {
            let texts = [
                (Some(&person.name), NAME),
                (person.email.as_ref(), EMAIL),
                (person.title.as_ref(), TITLE),
                (person.external_id.as_ref(), EXTERNAL_ID),
            ];
            for (text, most) in texts {
                check("participants", text.map(String::as_str), most)?;
            }
        }
        for segment in &self.segments {
            check("segments", segment.speaker.as_deref(), NAME)?;
            check("segments", segment.topic.as_deref(), TITLE)?;
        }
        // Segments name people also by their ids, so that together there may be fewer than both.
        let speakers: HashSet<&str> = self.segments.iter().filter_map(|segment| segment.speaker.as_deref()).collect();
        if self.participants.len() > PEOPLE || speakers.len() > PEOPLE {
            return Err(CallError::Field("participants", format!("at most {PEOPLE} take part")));
        }
        Ok(())
    }
}

/// What became of something that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum UploadOutcome {
    /// It is a new call.
    Kept,
    /// It was here before.
    Known,
    /// It is no transcript, or cannot be kept.
    Refused,
}

/// A call that came in.
#[derive(Serialize, ToSchema)]
pub(super) struct TakenCall {
    /// `kept`, or `known` where it was here before.
    status: UploadOutcome,
    /// Its id.
    id: Uuid,
    /// How far it has come.
    call_status: Status,
}

/// What is told with transcripts.
#[derive(Default)]
struct Told {
    internal: Vec<String>,
    customer: Option<String>,
    rep: Option<String>,
    rubric: Option<String>,
}

impl Told {
    fn call(&self, door: &Door, actor: &Actor, file_name: String) -> NewCall {
        NewCall {
            rep: self.rep.clone(),
            customer: self.customer.clone(),
            time_zone: door.zone,
            redact: door.redact,
            rubric: self.rubric.clone(),
            who: actor.into(),
            ..NewCall::named(file_name)
        }
    }

    fn check(&self) -> Result<(), CallError> {
        let blank = |field: &'static str, text: &Option<String>| match text {
            Some(text) if text.trim().is_empty() => {
                Err(CallError::Field(field, "it is empty; leave it out".to_owned()))
            }
            _ => Ok(()),
        };
        blank("customer", &self.customer)?;
        blank("rep", &self.rep)?;
        blank("rubric", &self.rubric)?;
        limits::check("customer", self.customer.as_deref(), limits::CUSTOMER)?;
        limits::check("rep", self.rep.as_deref(), limits::EMAIL)?;
        limits::check("rubric", self.rubric.as_deref(), limits::RUBRIC)?;
        if self.internal.len() > limits::PEOPLE {
            return Err(CallError::Field("internal", format!("name at most {}", limits::PEOPLE)));
        }
        self.internal.iter().try_for_each(|name| limits::check("internal", Some(name), limits::EMAIL))
    }
}

/// A call as it was sent.
struct Sent {
    started_at: Option<DateTime<Utc>>,
    /// The transcript, as the file that is kept.
    bytes: Vec<u8>,
    told: Told,
}

/// Understands a body and checks it. Takes a core for seconds where it is as large as bodies get.
fn read(head: Parts, bytes: Bytes) -> Answer<Sent> {
    let request = Request::from_parts(head, bytes.into());
    // All of the body is here, so that this waits for nothing.
    let Body(new) = Handle::current().block_on(Body::<NewTranscript>::from_request(request, &()))?;
    let started_at = match new.started_at.as_deref().map(DateTime::parse_from_rfc3339) {
        None => None,
        Some(Ok(at)) => Some(at.to_utc()),
        Some(Err(_)) => return Err(CallError::Field("started_at", when::OF_CALLS.to_owned()).into()),
    };
    new.check()?;
    let bytes = serde_json::to_vec(&new).map_err(|_| Problem::internal())?;
    let told = Told { internal: new.internal, customer: new.customer, rep: new.rep, rubric: new.rubric };
    told.check()?;
    Ok(Sent { started_at, bytes, told })
}

/// Takes a transcript in, as our own JSON. It is judged by a job, once it is known who is on our side.
///
/// What a rep sends is the rep's own call, whatever it says. What a manager sends is the call of whom it names, if the manager sees their calls, else
/// the manager's own; what an admin sends is that of whom it names, or nobody's. Coaches send none. The same transcript again is the same call.
#[utoipa::path(post, path = "/calls", tag = "calls", request_body = NewTranscript,
    responses((status = 201, description = "A new call", body = TakenCall,
            headers(("Location" = String, description = "Where it is"))),
        (status = 200, description = "It was here before", body = TakenCall)))]
pub(super) async fn add(State(intake): State<Intake>, Signed(actor): Signed, request: Request) -> Answer<Response> {
    only(&actor, &UPLOADERS)?;
    let door = intake.door.clone();
    let place = intake.arrivals.place(actor.id)?;
    let (head, body) = request.into_parts();
    let mut spooled = Spool::of(door.blobs.arriving(), body, door.max_upload).await?;
    let turn = intake.turn().await;
    let all = 0..spooled.length();
    let bytes = spooled.read(all).await.map_err(|error| no_room(&error))?;
    drop((place, spooled));
    // Also if nobody waits for it any more, it keeps its turn while it is read.
    let read = spawn_blocking(move || (read(head, bytes), turn)).await;
    let (sent, turn) = read.map_err(|_| Problem::internal())?;
    let Sent { started_at, bytes, told } = sent?;
    if told.rep.is_some() {
        only(&actor, &[Role::Manager, Role::Admin])?;
    }
    let call = NewCall { started_at, ..told.call(&door, &actor, "call.json".to_owned()) };
    // What has arrived is taken in also if nobody waits for the answer any more, so that it keeps its turn until it is done.
    let taking = door.clone();
    let imported = tokio::spawn(async move {
        let _turn = turn;
        crate::import(&taking.db, &taking.blobs, &taking.clock, bytes, &told.internal, &call).await
    });
    Ok(match imported.await.map_err(|_| Problem::internal())?? {
        Imported::New { id, status } => {
            let body = TakenCall { status: UploadOutcome::Kept, id, call_status: status };
            (StatusCode::CREATED, [(LOCATION, format!("/api/v1/calls/{id}"))], Json(body)).into_response()
        }
        Imported::Known { id } => {
            let hidden =
                || CallError::Conflict("this transcript was here before, and its call is not yours to see".to_owned());
            let call_status = status_seen(&door, &actor, id).await?.ok_or_else(hidden)?;
            Json(TakenCall { status: UploadOutcome::Known, id, call_status }).into_response()
        }
    })
}

/// How far a call has come, if the actor may see it.
async fn status_seen(door: &Door, actor: &Actor, id: Uuid) -> Result<Option<Status>, CallError> {
    match seen(&door.db, actor, &id.to_string()).await {
        Ok(id) => Ok(get(&door.db, id).await?.map(|call| call.status)),
        Err(CallError::Unknown(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What an upload is made of.
#[derive(ToSchema)]
#[schema(example = json!({"file": ["Dana: What does a late order cost you?\nRavi: Four hundred."], "internal": "Dana"}))]
#[expect(dead_code, reason = "it is read field by field; this describes it")]
pub(super) struct UploadForm {
    /// The files, up to 200: VTT, SRT, Gong, Deepgram, Whisper, AWS, Fireflies, CSV, text, DOCX, …; the format is recognised.
    #[schema(value_type = Vec<String>, format = Binary, min_items = 1)]
    file: Vec<u8>,
    /// Who is on our side, by name, mail address or `@domain`; several with commas between them, or as several fields. May be a whole team:
    /// whoever is not in a call is left out.
    internal: Option<String>,
    /// The customer, of all these calls.
    #[schema(max_length = 300)]
    customer: Option<String>,
    /// Whose calls they are, by name or mail address (managers and admins say this); otherwise who of our side says most.
    #[schema(max_length = 254)]
    rep: Option<String>,
    /// The rubric that judges them, by its id; otherwise the usual one.
    #[schema(max_length = 200)]
    rubric: Option<String>,
}

/// What became of a file.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "file": "acme.vtt", "status": "kept", "id": "0199c0ff-ee12-7000-8000-00000000ca11", "call_status": "queued"
}))]
pub(super) struct FileTaken {
    /// Its name.
    file: String,
    /// What became of it.
    status: UploadOutcome,
    /// The call's id; left out where the call was here before and is not yours to see.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    /// How far the call has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    call_status: Option<Status>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ProblemBody>)]
    problem: Option<Problem>,
}

/// Takes files of transcripts in, each for itself: one that is refused does not keep the others out. They are judged by jobs.
///
/// Nothing is taken in before all has arrived: an upload that breaks off leaves nothing. Whose the calls are is as with `POST /calls`. Where no file can be taken, the answer is a problem with an error for each.
#[utoipa::path(post, path = "/transcripts/upload", tag = "calls",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "What became of each file", body = Vec<FileTaken>)))]
pub(super) async fn upload(
    State(intake): State<Intake>,
    Signed(actor): Signed,
    form: Result<Multipart, MultipartRejection>,
) -> Answer<Json<Vec<FileTaken>>> {
    only(&actor, &UPLOADERS)?;
    let form =
        form.map_err(|_| Problem::media_type("send a form with files, with Content-Type: multipart/form-data"))?;
    let place = intake.arrivals.place(actor.id)?;
    let Arrived { told, files, mut spool } = arrive(intake.door.blobs.arriving(), form).await?;
    told.check()?;
    if told.rep.is_some() {
        only(&actor, &[Role::Manager, Role::Admin])?;
    }
    if files.is_empty() {
        return Err(CallError::Field("file", "there is none".to_owned()).into());
    }
    // What has arrived is taken in also if nobody waits for the answer any more.
    let taken = tokio::spawn(async move {
        let _place = place;
        let mut taken = Vec::new();
        for (name, part) in files {
            taken.push(take(&intake, &actor, &told, name, &mut spool, part).await);
        }
        taken
    });
    let taken = taken.await.map_err(|_| Problem::internal())?;
    if taken.iter().any(|file| file.problem.is_none()) {
        return Ok(Json(taken));
    }
    let mut refused = Problem::invalid("none of the files can be taken in; `errors` says why");
    for FileTaken { file, problem, .. } in taken {
        let Some(problem) = problem else { continue };
        if problem.status >= 500 {
            return Err(problem.into());
        }
        refused = refused.field(&file, problem.detail);
    }
    Err(refused.into())
}

/// What was sent.
struct Arrived {
    told: Told,
    /// Names, and where each file lies.
    files: Vec<(String, Range<u64>)>,
    spool: Spool,
}

/// All of the form, the files in this folder.
async fn arrive(folder: &Path, mut form: Multipart) -> Answer<Arrived> {
    let (mut told, mut files) = (Told::default(), Vec::new());
    let mut spool = Spool::new(folder).await.map_err(|error| no_room(&error))?;
    let mut pace = Pace::begin();
    while let Some(mut field) = pace.keep(form.next_field()).await?.map_err(|error| broken(&error))? {
        match field.name().unwrap_or_default() {
            "file" => {
                if files.len() == FILES {
                    return Err(Problem::too_large(format!(
                        "at most {FILES} files at a time; send the others after them"
                    ))
                    .into());
                }
                let name = file_name(field.file_name().unwrap_or_default());
                let start = spool.length();
                while let Some(bytes) = pace.keep(field.chunk()).await?.map_err(|error| broken(&error))? {
                    pace.more(bytes.len());
                    spool.write(&bytes).await.map_err(|error| no_room(&error))?;
                }
                files.push((name, start..spool.length()));
            }
            "internal" => {
                let names = text(&pace, field, "internal").await?;
                let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
                told.internal.extend(names.map(str::to_owned));
            }
            "customer" => told.customer = Some(text(&pace, field, "customer").await?),
            "rep" => told.rep = Some(text(&pace, field, "rep").await?),
            "rubric" => told.rubric = Some(text(&pace, field, "rubric").await?),
            _ => {
                let why = "there are the fields file, internal, customer, rep and rubric";
                return Err(Problem::invalid(format!("a field is not known; {why}")).into());
            }
        }
    }
    Ok(Arrived { told, files, spool })
}

async fn text(pace: &Pace, mut field: Field<'_>, name: &'static str) -> Answer<String> {
    let mut bytes = Vec::new();
    while let Some(more) = pace.keep(field.chunk()).await?.map_err(|error| broken(&error))? {
        if bytes.len() + more.len() > FIELD {
            return Err(CallError::Field(name, "it is too long".to_owned()).into());
        }
        bytes.extend_from_slice(&more);
    }
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    Ok(text.ok_or_else(|| CallError::Field(name, "it is no text in UTF-8".to_owned()))?)
}

/// The name without folders and what cannot be shown.
fn file_name(sent: &str) -> String {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
    if name.trim().is_empty() { "upload".to_owned() } else { name }
}

fn broken(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large("the upload is larger than this program takes at a time; send fewer files");
    }
    Problem::bad_request("the form breaks off or is not understood; nothing of it was taken in")
}

async fn take(
    intake: &Intake,
    actor: &Actor,
    told: &Told,
    file: String,
    spool: &mut Spool,
    part: Range<u64>,
) -> FileTaken {
    let refused = |file, problem| FileTaken {
        file,
        status: UploadOutcome::Refused,
        id: None,
        call_status: None,
        problem: Some(problem),
    };
    let (door, _turn) = (&intake.door, intake.turn().await);
    let bytes: Bytes = match spool.read(part).await {
        Ok(bytes) => bytes,
        Err(error) => return refused(file, no_room(&error)),
    };
    let call = told.call(door, actor, file.clone());
    match crate::import(&door.db, &door.blobs, &door.clock, bytes, &told.internal, &call).await {
        Ok(Imported::New { id, status }) => {
            FileTaken { file, status: UploadOutcome::Kept, id: Some(id), call_status: Some(status), problem: None }
        }
        Ok(Imported::Known { id }) => match status_seen(door, actor, id).await {
            Ok(seen) => {
                FileTaken { file, status: UploadOutcome::Known, id: seen.map(|_| id), call_status: seen, problem: None }
            }
            Err(error) => refused(file, error.into()),
        },
        Err(error) => refused(file, error.into()),
    }
}
