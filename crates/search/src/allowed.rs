//! Which calls are looked through: those that the actor may see, of them those that are asked for. Everything that is told of a search rests on them.

use crate::{Search, SearchError};
use accounts::may_see;
use chrono::{Days, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use db::{Db, DbError, Statement, Value};
use kernel::{Actor, Role};
use retrieval::Fields;
use uuid::Uuid;

/// Which calls are asked for, beside what the query itself says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scope {
    /// As a query says it.
    pub fields: Fields,
    /// This call alone.
    pub call: Option<Uuid>,
    /// Not this one.
    pub not: Option<Uuid>,
    /// Only calls of deals that were won.
    pub won: bool,
}

/// The numbers of the calls that are looked through, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed(Option<Vec<i32>>);

impl Allowed {
    /// All of them: an admin asks for nothing in particular.
    pub fn is_all(&self) -> bool {
        self.0.is_none()
    }

    /// None of them.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_some_and(Vec::is_empty)
    }

    /// Whether a call is one of them.
    pub fn has(&self, number: i32) -> bool {
        self.0.as_ref().is_none_or(|numbers| numbers.binary_search(&number).is_ok())
    }

    /// The same without these; `all` is what there is where all were allowed.
    #[must_use]
    pub fn without(self, gone: &[i64], all: impl FnOnce() -> Vec<i32>) -> Self {
        let numbers = self.0.unwrap_or_else(all);
        Self(Some(numbers.into_iter().filter(|number| !gone.contains(&i64::from(*number))).collect()))
    }

    /// Which they are, where not all.
    pub fn numbers(&self) -> Option<&[i32]> {
        self.0.as_deref()
    }

    /// How many they are, where not all.
    pub fn len(&self) -> Option<usize> {
        self.0.as_ref().map(Vec::len)
    }

    /// Adds the condition that a passage with this id belongs to one of them, after an `AND`.
    pub fn condition(&self, db: &Db, made: &mut Statement, id: &str) -> String {
        let Some(numbers) = &self.0 else { return String::new() };
        let listed: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let listed = listed.join(",");
        match db {
            Db::Sqlite(_) => {
                let numbers = made.text(&format!("[{listed}]"));
                format!(" AND ({id} >> 16) IN (SELECT value FROM json_each({numbers}))")
            }
            Db::Postgres(_) => {
                let numbers = made.text(&format!("{{{listed}}}"));
                // Not `= ANY`: a list that is cast from text would be read anew for each row.
                format!(" AND ({id} >> 16)::int IN (SELECT unnest({numbers}::int[]))")
            }
        }
    }
}

/// The calls that the actor may see and that are asked for.
///
/// # Errors
/// When the database fails.
pub async fn allowed(search: &Search, actor: &Actor, scope: &Scope) -> Result<Allowed, SearchError> {
    if actor.role == Role::Admin && *scope == Scope::default() {
        return Ok(Allowed(None));
    }
    let db = &search.db;
    let mut made = Statement::default();
    made.place(Value::Id(actor.id));
    let (list, seen) = match db {
        Db::Sqlite(_) => ("json_group_array(i.number)", may_see(actor.role, "c.rep_id")),
        Db::Postgres(_) => ("coalesce(json_agg(i.number)::text, '[]')", may_see(actor.role, "c.rep_id")),
    };
    let conditions = conditions(search, actor, scope, &mut made);
    made.sql = format!("SELECT {list} FROM indexed_calls i JOIN calls c ON c.id = i.call_id WHERE {seen}{conditions}");
    let rows: Vec<(String,)> = made.rows(db).await?;
    let mut numbers: Vec<i32> = rows.first().and_then(|(list,)| serde_json::from_str(list).ok()).unwrap_or_default();
    numbers.sort_unstable();
    Ok(Allowed(Some(numbers)))
}

/// Where a day begins, where the team is.
fn midnight(day: NaiveDate, zone: Tz) -> Option<chrono::DateTime<Utc>> {
    let local = day.and_time(NaiveTime::MIN);
    // Where clocks are set forward at midnight, the day begins later.
    let found = zone.from_local_datetime(&local).earliest();
    found.or_else(|| zone.from_local_datetime(&(local + chrono::TimeDelta::hours(1))).earliest()).map(|at| at.to_utc())
}

/// What is asked for, each condition after an `AND`. The actor is `$1`.
fn conditions(search: &Search, actor: &Actor, scope: &Scope, made: &mut Statement) -> String {
    let fields = &scope.fields;
    let part = |made: &mut Statement, text: &str| {
        let text = text.replace('\0', "");
        made.text(&format!("%{}%", accounts::like(&text.to_lowercase())))
    };
    let mut all: Vec<String> = Vec::new();
    if let Some(call) = scope.call {
        all.push(format!("c.id = {}", made.place(Value::Id(call))));
    }
    if let Some(call) = scope.not {
        all.push(format!("c.id <> {}", made.place(Value::Id(call))));
    }
    if let Some(agent) = &fields.agent {
        let id = agent.trim().parse::<Uuid>().unwrap_or_default();
        let id = made.place(Value::Id(id));
        let name = part(made, agent);
        all.push(format!(
            "c.rep_id IN (SELECT u.id FROM users u WHERE u.id = {id} OR u.name_key LIKE {name} ESCAPE '!' OR u.email LIKE {name} ESCAPE '!')"
        ));
    }
    if let Some(customer) = &fields.customer {
        let name = part(made, customer);
        all.push(format!("c.customer_key LIKE {name} ESCAPE '!'"));
    }
    if let Some(since) = fields.since.and_then(|day| midnight(day, search.zone)) {
        all.push(format!("c.happened_at >= {}", made.place(Value::Time(since))));
    }
    let until = fields.until.and_then(|day| day.checked_add_days(Days::new(1)));
    if let Some(until) = until.and_then(|day| midnight(day, search.zone)) {
        all.push(format!("c.happened_at < {}", made.place(Value::Time(until))));
    }
    // A score that is withheld is told to nobody, not by what is found either.
    for (score, compared) in [(fields.min_score, ">="), (fields.max_score, "<=")] {
        if let Some(score) = score {
            all.push(format!("NOT c.withheld AND c.overall_score {compared} {}", made.place(Value::Number(score))));
        }
    }
    if let Some(language) = &fields.language {
        let language = language.replace('\0', "").to_lowercase();
        let (tag, region) = (made.text(&language), made.text(&format!("{}-%", accounts::like(&language))));
        all.push(format!("(lower(c.language) = {tag} OR lower(c.language) LIKE {region} ESCAPE '!')"));
    }
    if let Some(tracker) = &fields.tracker {
        let tracker = made.text(&tracker.replace('\0', ""));
        all.push(match search.db {
            Db::Sqlite(_) => format!(
                "EXISTS (SELECT 1 FROM metrics m, json_each(m.trackers) t WHERE m.call_id = c.id AND t.value ->> 'id' = {tracker})"
            ),
            Db::Postgres(_) => format!(
                "EXISTS (SELECT 1 FROM metrics m, jsonb_array_elements(m.trackers) t WHERE m.call_id = c.id AND t ->> 'id' = {tracker})"
            ),
        });
    }
    if let Some(speaker) = &fields.speaker {
        let name = part(made, speaker);
        all.push(format!(
            "EXISTS (SELECT 1 FROM participants p WHERE p.call_id = c.id AND lower(p.name) LIKE {name} ESCAPE '!')"
        ));
    }
    // Whoever does not see a deal is not told by what is found which calls are of it.
    let deal = |condition: String| {
        format!(
            "EXISTS (SELECT 1 FROM call_opportunities l JOIN opportunities o ON o.id = l.opportunity_id WHERE l.call_id = c.id AND NOT l.removed \
             AND {} AND {condition})",
            may_see(actor.role, "o.owner_id")
        )
    };
    if let Some(opportunity) = &fields.opportunity {
        let id = made.place(Value::Id(opportunity.trim().parse().unwrap_or_default()));
        let name = part(made, opportunity);
        all.push(deal(format!("(o.id = {id} OR o.name_key LIKE {name} ESCAPE '!')")));
    }
    if scope.won {
        all.push(deal("o.status = 'won'".to_owned()));
    }
    all.iter().flat_map(|condition| [" AND ", condition.as_str()]).collect()
}

/// The numbers of all calls.
///
/// # Errors
/// When the database fails.
pub async fn numbers(db: &Db) -> Result<Vec<i32>, DbError> {
    let sql = "SELECT number FROM indexed_calls ORDER BY number";
    Ok(db::on_db!(db, pool => sqlx::query_scalar(sql).fetch_all(pool).await?))
}

/// The number of a call, where its passages are known.
///
/// # Errors
/// When the database fails.
pub async fn number(db: &Db, call: Uuid) -> Result<Option<i32>, DbError> {
    let sql = "SELECT number FROM indexed_calls WHERE call_id = $1";
    Ok(db::on_db!(db, pool => sqlx::query_scalar(sql).bind(call).fetch_optional(pool).await?))
}
