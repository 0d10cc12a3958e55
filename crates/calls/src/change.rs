//! What people say of a call after it came in.

use crate::store::folded;
use crate::{CallError, limits};
use accounts::audit::{self, Action};
use db::{DbError, Tx, on_tx};
use kernel::Clock;
use serde_json::json;
use sqlx::QueryBuilder;
use uuid::Uuid;

/// What is to be said of a call; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct CallChange {
    /// What it is called.
    pub title: Option<String>,
    /// The customer; `Some(None)` forgets who it was.
    pub customer: Option<Option<String>>,
    /// Whose call it is; sides that are said later do not change it any more.
    pub rep: Option<Uuid>,
}

impl CallChange {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.title.is_none() && self.customer.is_none() && self.rep.is_none()
    }
}

fn checked(field: &'static str, text: &str, most: usize) -> Result<String, CallError> {
    let text = text.trim();
    if !text.is_empty() && limits::fits(text, most) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(CallError::Field(field, format!("take 1 to {most} characters")))
}

/// Changes what is known of a call. The texts are taken as they are: whoever calls has replaced in them what is to be redacted. Sums of the rep
/// are not touched.
///
/// # Errors
/// When there is no such call, or a text is empty or too long.
pub async fn change(tx: &mut Tx, clock: &Clock, call: Uuid, change: &CallChange, actor: &str) -> Result<(), CallError> {
    let title = change.title.as_deref().map(|title| checked("title", title, limits::TITLE)).transpose()?;
    let customer = match &change.customer {
        None => None,
        Some(None) => Some(None),
        Some(Some(customer)) => Some(Some(checked("customer", customer, limits::CUSTOMER)?)),
    };
    let rows = on_tx!(&mut *tx, conn => {
        let mut update = QueryBuilder::new("UPDATE calls SET id = id");
        if let Some(title) = &title {
            update.push(", title = ").push_bind(title).push(", title_key = ").push_bind(folded(title));
        }
        if let Some(customer) = &customer {
            update.push(", customer = ").push_bind(customer);
            update.push(", customer_key = ").push_bind(customer.as_deref().map(folded));
        }
        if let Some(rep) = change.rep {
            update.push(", rep_named = TRUE, rep_id = ").push_bind(rep);
        }
        update.push(" WHERE id = ").push_bind(call);
        update.build().execute(conn).await.map_err(DbError::from)?.rows_affected()
    });
    if rows == 0 {
        return Err(CallError::Unknown(call.to_string()));
    }
    // Which of them, not what they hold: the trail outlives the call.
    let detail = json!({ "title": title.is_some(), "customer": customer.is_some(), "rep_id": change.rep });
    Ok(audit::record(tx, clock, actor, Action::CallChange, call, detail).await?)
}
