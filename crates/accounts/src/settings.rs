//! The table `settings`: what admins change while the program runs. What is not set there is as the program was started.

use crate::{AccountError, Registration};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Actor, Clock};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The settings. One that is null is as the program was started.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"organisation": "Dockline", "registration": "@dockline.example", "rubric": "default", "internal_domains": ["dockline.example"]}))]
pub struct Settings {
    /// What the installation calls itself.
    #[schema(max_length = 100)]
    pub organisation: Option<String>,
    /// Who may register: `closed`, `invited`, or a mail domain such as `@acme.com`.
    pub registration: Option<String>,
    /// Id of the rubric that judges a call where nobody asks for another one.
    #[schema(max_length = 100)]
    pub rubric: Option<String>,
    /// Mail domains of our side: who has an address there is a rep, where a call does not say.
    pub internal_domains: Option<Vec<String>>,
    /// Whether the model that is set up judges calls; if not, the offline analyst does. It does where this is null.
    pub model_judges: Option<bool>,
    /// US dollars that may be spent on models in a day; 0 for no limit.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub model_budget_day: Option<f64>,
    /// The same in a month.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub model_budget_month: Option<f64>,
    /// Whether a dimension is judged three times where its score lies near the border of a level.
    pub model_repeats: Option<bool>,
    /// Days after which the words of e-mails go; 0 keeps them for ever. 90 where this is null.
    #[schema(minimum = 0, maximum = 3650)]
    pub email_days: Option<i64>,
    /// Days after a deal was closed, after which goes what its source told of it and of the people of its firm; 0 keeps that for ever. 90 where this is null.
    #[schema(minimum = 0, maximum = 3650)]
    pub crm_days: Option<i64>,
    /// What a rep who learns from winners is shown of calls that are not open to them. `passages` where this is null.
    pub shown_of_others: Option<ShownOfOthers>,
}

/// What reps are shown of top performers' won calls, which they may not open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShownOfOthers {
    /// Nothing: they learn from calls that they may open.
    Nothing,
    /// The sentences that show a check.
    Quotes,
    /// Those, and the few lines around them.
    #[default]
    Passages,
}

impl Settings {
    /// The mail domains of our side as names that sides are told by: `@acme.com`.
    pub fn sides(&self) -> Vec<String> {
        self.internal_domains.iter().flatten().map(|domain| format!("@{domain}")).collect()
    }
}

/// The settings that are set.
///
/// # Errors
/// When the database fails.
pub async fn settings(db: &Db) -> Result<Settings, DbError> {
    let rows: Vec<(String, Json<Value>)> = on_db!(db, pool => sqlx::query_as(SELECT).fetch_all(pool).await?);
    Ok(of(rows))
}

/// The same, within a transaction.
pub(crate) async fn read(tx: &mut Tx) -> Result<Settings, DbError> {
    let rows: Vec<(String, Json<Value>)> = on_tx!(tx, conn => sqlx::query_as(SELECT).fetch_all(conn).await?);
    Ok(of(rows))
}

/// Most days that something is kept, but for ever.
const MOST_DAYS: i64 = 3650;
/// US dollars of the largest budget.
const MOST_BUDGET: f64 = 1_000_000.0;

const SELECT: &str = "SELECT name, value FROM settings";

fn of(rows: Vec<(String, Json<Value>)>) -> Settings {
    let mut rows: BTreeMap<String, Value> = rows.into_iter().map(|(name, Json(value))| (name, value)).collect();
    Settings {
        organisation: one(&mut rows, "organisation"),
        registration: one(&mut rows, "registration"),
        rubric: one(&mut rows, "rubric"),
        internal_domains: one(&mut rows, "internal_domains"),
        model_judges: one(&mut rows, "model_judges"),
        model_budget_day: one(&mut rows, "model_budget_day"),
        model_budget_month: one(&mut rows, "model_budget_month"),
        model_repeats: one(&mut rows, "model_repeats"),
        email_days: one(&mut rows, "email_days"),
        crm_days: one(&mut rows, "crm_days"),
        shown_of_others: one(&mut rows, "shown_of_others"),
    }
}

/// A setting. One that another version wrote is not ours to understand; the others hold.
fn one<T: DeserializeOwned>(rows: &mut BTreeMap<String, Value>, name: &str) -> Option<T> {
    rows.remove(name).and_then(|value| serde_json::from_value(value).ok())
}

/// Changes settings: those that are named get a value, or with null go back to how the program was started. Returns all of them.
///
/// # Errors
/// [`AccountError::Field`] where a value is refused.
pub async fn change_settings(
    tx: &mut Tx,
    clock: &Clock,
    actor: &Actor,
    change: BTreeMap<String, Value>,
) -> Result<Settings, AccountError> {
    // Together with what there is, so that a value of the wrong kind is told before anything is written.
    for (name, value) in &change {
        check(name, value)?;
    }
    for (name, value) in change {
        if value.is_null() {
            let sql = "DELETE FROM settings WHERE name = $1";
            on_tx!(tx, conn => sqlx::query(sql).bind(name).execute(conn).await.map_err(DbError::from)?.rows_affected());
            continue;
        }
        let sql = "INSERT INTO settings (name, value, updated_at, updated_by) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by";
        on_tx!(tx, conn => sqlx::query(sql)
            .bind(name)
            .bind(Json(value))
            .bind(clock.now())
            .bind(actor.id)
            .execute(conn)
            .await
            .map_err(DbError::from)?
            .rows_affected());
    }
    Ok(read(tx).await?)
}

fn check(name: &str, value: &Value) -> Result<(), AccountError> {
    let refused = |field: &'static str, why: String| Err(AccountError::Field(field, why));
    let short =
        |value: &Value| value.is_null() || value.as_str().is_some_and(|text| (1..=100).contains(&text.chars().count()));
    match name {
        "organisation" if !short(value) => refused("organisation", "take 1 to 100 characters".to_owned()),
        "rubric" if !short(value) => refused("rubric", "take the id of a rubric".to_owned()),
        "organisation" | "rubric" => Ok(()),
        "registration" => match value.as_str().map(str::parse::<Registration>) {
            Some(Ok(_)) => Ok(()),
            None if value.is_null() => Ok(()),
            Some(Err(why)) => refused("registration", why),
            None => refused("registration", "take closed, invited or a mail domain such as @acme.com".to_owned()),
        },
        "internal_domains" => {
            let domain = |value: &Value| {
                let text = value.as_str().unwrap_or_default();
                text.contains('.') && text.len() <= 253 && !text.contains(['@', ' ', ',']) && !text.starts_with('.')
            };
            match value.as_array() {
                Some(list) if list.len() <= 100 && list.iter().all(domain) => Ok(()),
                None if value.is_null() => Ok(()),
                _ => refused("internal_domains", "take a list of mail domains such as acme.com".to_owned()),
            }
        }
        "model_judges" | "model_repeats" => {
            let field = if name == "model_judges" { "model_judges" } else { "model_repeats" };
            if value.is_null() || value.is_boolean() { Ok(()) } else { refused(field, "take true or false".to_owned()) }
        }
        "model_budget_day" | "model_budget_month" => {
            let field = if name == "model_budget_day" { "model_budget_day" } else { "model_budget_month" };
            match value.as_f64() {
                Some(dollars) if (0.0..=MOST_BUDGET).contains(&dollars) => Ok(()),
                None if value.is_null() => Ok(()),
                _ => refused(field, format!("take US dollars from 0 (no limit) to {MOST_BUDGET}")),
            }
        }
        "email_days" | "crm_days" => {
            let field = if name == "email_days" { "email_days" } else { "crm_days" };
            match value.as_i64() {
                Some(days) if (0..=MOST_DAYS).contains(&days) => Ok(()),
                None if value.is_null() => Ok(()),
                _ => refused(field, format!("take days from 1 to {MOST_DAYS}, or 0 to keep it for ever")),
            }
        }
        "shown_of_others" => match serde_json::from_value::<Option<ShownOfOthers>>(value.clone()) {
            Ok(_) => Ok(()),
            Err(_) => refused("shown_of_others", "take nothing, quotes or passages".to_owned()),
        },
        _ => refused(
            "settings",
            format!(
                "`{name}` is none; there are organisation, registration, rubric, internal_domains, model_judges, model_budget_day, \
                 model_budget_month, model_repeats, email_days, crm_days, shown_of_others"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_setting_that_is_not_understood_leaves_the_others() {
        let rows = [
            ("organisation", json!(["of", "another", "version"])),
            ("registration", json!("closed")),
            ("internal_domains", json!(["acme.com"])),
            ("colour", json!("blue")),
        ];
        let read = of(rows.map(|(name, value)| (name.to_owned(), Json(value))).into());
        let kept = Settings {
            registration: Some("closed".to_owned()),
            internal_domains: Some(vec!["acme.com".to_owned()]),
            ..Settings::default()
        };
        assert_eq!(read, kept);
    }
}
