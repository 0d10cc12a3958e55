//! `/knowledge`: product sheets and playbooks. Everybody reads them; admins and managers bring them.

use super::Door;
use crate::CoachingError;
use crate::knowledge::{
    self, CitedSection, DocumentHead, KnowledgeDocument, MAX_FILE_BYTES, ReadError, Reading, is_section_id,
};
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use calls::Who;
use kernel::{Problem, Role};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Json, Params, Signed};

/// Who brings and retires documents.
const WRITERS: [Role; 2] = [Role::Admin, Role::Manager];
/// Bytes of a form: a file and what surrounds it.
const FORM: usize = MAX_FILE_BYTES + 100_000;
/// Bytes of a name that is sent.
const NAME: usize = 1_000;
/// Sections that are asked for at a time.
const SECTIONS: usize = 100;

pub(super) fn routes() -> OpenApiRouter<Door> {
    let bring =
        OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(add_version)).layer(DefaultBodyLimit::max(FORM));
    let read = OpenApiRouter::new().routes(routes!(sections)).routes(routes!(get, remove)).routes(routes!(restore));
    bring.merge(read)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Listed {
    /// Also those that were retired.
    #[param(default = false)]
    retired: Option<bool>,
}

/// The latest version of each document, by name.
#[utoipa::path(get, path = "/knowledge", tag = "knowledge", params(Listed),
    responses((status = 200, description = "Documents", body = Vec<DocumentHead>)))]
pub(super) async fn list(
    State(door): State<Door>,
    _who: Signed,
    Params(listed): Params<Listed>,
) -> Answer<Json<Vec<DocumentHead>>> {
    Ok(Json(knowledge::documents(&door.db, listed.retired.unwrap_or(false)).await?))
}

/// A document as it is brought.
#[derive(ToSchema)]
#[schema(example = json!({"file": "# Dockline Receive\n\n## Pricing\n\n49 euros a month for each dock door.", "name": "Dockline Receive"}))]
#[expect(dead_code, reason = "it is read field by field; this describes it")]
pub(super) struct DocumentForm {
    /// The file: Markdown (`.md`), text (`.txt`) or PDF, at most 5 MB. Its words are kept, not the file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What it is called; otherwise its title, and of a version the name that the document has.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
}

/// Keeps a new document (admins and managers). Later analyses hold what is said of the product against it.
///
/// It is taken apart by its headings into sections of at most some 400 tokens, which are found by the words of a call and cited.
#[utoipa::path(post, path = "/knowledge", tag = "knowledge",
    request_body(content = DocumentForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The document", body = KnowledgeDocument,
        headers(("Location" = String, description = "Where it is")))))]
pub(super) async fn add(
    State(door): State<Door>,
    Signed(actor): Signed,
    form: Result<Multipart, MultipartRejection>,
) -> Answer<Response> {
    web::only(&actor, &WRITERS)?;
    let Brought { name, reading } = brought(form).await?;
    let who = Who::from(&actor);
    Ok(made(knowledge::add(&door.db, &door.clock, &who, name.as_deref(), &reading).await?))
}

/// Keeps the next version of a document (admins and managers). Later analyses are by it; answers that cite an older version keep that.
#[utoipa::path(post, path = "/knowledge/{id}/versions", tag = "knowledge", params(("id" = Uuid, Path, description = "The document")),
    request_body(content = DocumentForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The new version", body = KnowledgeDocument,
        headers(("Location" = String, description = "Where it is")))))]
pub(super) async fn add_version(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
    form: Result<Multipart, MultipartRejection>,
) -> Answer<Response> {
    web::only(&actor, &WRITERS)?;
    let Brought { name, reading } = brought(form).await?;
    let who = Who::from(&actor);
    Ok(made(knowledge::add_version(&door.db, &door.clock, &who, id, name.as_deref(), &reading).await?))
}

fn made(document: KnowledgeDocument) -> Response {
    let place = format!("/api/v1/knowledge/{}?version={}", document.head.id, document.head.version);
    (StatusCode::CREATED, [(LOCATION, place)], Json(document)).into_response()
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The version; the latest where it is left out.
    #[param(minimum = 1)]
    version: Option<u32>,
}

/// A document with its sections, also one that is retired or an older version: answers may cite it.
#[utoipa::path(get, path = "/knowledge/{id}", tag = "knowledge", params(("id" = Uuid, Path, description = "The document"), Wanted),
    responses((status = 200, description = "The document", body = KnowledgeDocument)))]
pub(super) async fn get(
    State(door): State<Door>,
    _who: Signed,
    At(id): At<Uuid>,
    Params(wanted): Params<Wanted>,
) -> Answer<Json<KnowledgeDocument>> {
    Ok(Json(knowledge::document(&door.db, id, wanted.version).await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Named {
    /// The ids of sections, with commas between them; 100 at most.
    #[param(min_length = 1, example = "007c0ffee1.v1.2,007c0ffee1.v1.3")]
    ids: String,
}

/// The sections that answers cite, in the order of their ids; ids that name none are left out.
#[utoipa::path(get, path = "/knowledge/sections", tag = "knowledge", params(Named),
    responses((status = 200, description = "Sections", body = Vec<CitedSection>)))]
pub(super) async fn sections(
    State(door): State<Door>,
    _who: Signed,
    Params(Named { ids }): Params<Named>,
) -> Answer<Json<Vec<CitedSection>>> {
    let ids: Vec<String> = ids.split(',').map(|id| id.trim().to_owned()).collect();
    if ids.len() > SECTIONS {
        return Err(CoachingError::Field("ids", format!("name at most {SECTIONS}")).into());
    }
    if !ids.iter().all(|id| is_section_id(id)) {
        let why = "an id of a section is like 007c0ffee1.v1.2; put commas between several";
        return Err(CoachingError::Field("ids", why.to_owned()).into());
    }
    Ok(Json(knowledge::cited(&door.db, &ids).await?))
}

/// Retires a document (admins and managers): nothing is held against it any more. What cites it opens still.
#[utoipa::path(delete, path = "/knowledge/{id}", tag = "knowledge", params(("id" = Uuid, Path, description = "The document")),
    responses((status = 204, description = "Retired")))]
pub(super) async fn remove(State(door): State<Door>, Signed(actor): Signed, At(id): At<Uuid>) -> Answer<StatusCode> {
    web::only(&actor, &WRITERS)?;
    knowledge::retire(&door.db, &door.clock, &Who::from(&actor), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a document that was retired back into use (admins and managers), with all its versions.
#[utoipa::path(post, path = "/knowledge/{id}/restore", tag = "knowledge", params(("id" = Uuid, Path, description = "The document")),
    responses((status = 200, description = "The document", body = KnowledgeDocument)))]
pub(super) async fn restore(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<Uuid>,
) -> Answer<Json<KnowledgeDocument>> {
    web::only(&actor, &WRITERS)?;
    Ok(Json(knowledge::restore(&door.db, &door.clock, &Who::from(&actor), id).await?))
}

/// What was sent.
struct Brought {
    name: Option<String>,
    reading: Reading,
}

async fn brought(form: Result<Multipart, MultipartRejection>) -> Answer<Brought> {
    let mut form =
        form.map_err(|_| Problem::media_type("send a form with a file, with Content-Type: multipart/form-data"))?;
    let (mut name, mut file) = (None, None);
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        match field.name().unwrap_or_default() {
            "file" if file.is_some() => {
                return Err(CoachingError::Field("file", "send one at a time".to_owned()).into());
            }
            "file" => {
                let file_name = field.file_name().unwrap_or_default().to_owned();
                let bytes = bytes(field, MAX_FILE_BYTES).await?;
                file = Some((bytes.ok_or_else(|| Problem::too_large(ReadError::Large.to_string()))?, file_name));
            }
            "name" => {
                let bytes = bytes(field, NAME).await?;
                let wrong = || CoachingError::Field("name", "take at most 200 characters".to_owned());
                let text = String::from_utf8(bytes.ok_or_else(wrong)?).map_err(|_| wrong())?;
                if text.chars().count() > 200 {
                    return Err(wrong().into());
                }
                name = Some(text);
            }
            _ => return Err(Problem::invalid("a field is not known; there are the fields file and name").into()),
        }
    }
    let none = || CoachingError::Field("file", "there is none".to_owned());
    let (bytes, file_name) = file.ok_or_else(none)?;
    let reading = knowledge::read(bytes, &file_name).await.map_err(CoachingError::from)?;
    Ok(Brought { name, reading })
}

/// All of a field; none where it is longer.
async fn bytes(mut field: Field<'_>, most: usize) -> Answer<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    while let Some(more) = field.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + more.len() > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&more);
    }
    Ok(Some(bytes))
}

fn broken(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large(ReadError::Large.to_string());
    }
    Problem::bad_request("the form breaks off or is not understood; nothing of it was kept")
}
