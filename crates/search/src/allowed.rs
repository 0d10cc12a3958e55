//! Which calls are looked through: those that the actor may see, of them those that are asked for. Everything that is told of a search rests on them.

use crate::{Search, SearchError};
use accounts::may_see;
use calls::PASSAGES;
use chrono::{Days, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use db::{Db, DbError, Statement, Value};
use kernel::{Actor, Role};
use retrieval::Fields;
use std::collections::BTreeMap;
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

/// The calls that are looked through, by their numbers in order, and of them all passages, or those in which somebody speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    numbers: Option<Vec<i32>>,
    passages: Option<Vec<i64>>,
}

/// Few calls.
const FEW_CALLS: usize = 400;
/// Few single passages.
const FEW_PASSAGES: usize = 10_000;

/// What is asked one by one.
pub(crate) enum Few<'a> {
    /// These passages.
    Passages(&'a [i64]),
    /// All passages of the calls with these numbers.
    Calls(&'a [i32]),
}

impl Allowed {
    /// All there are.
    pub fn everything() -> Self {
        Self { numbers: None, passages: None }
    }

    /// All there are: an admin asks for nothing in particular.
    pub fn is_all(&self) -> bool {
        self.numbers.is_none()
    }

    /// None.
    pub fn nothing() -> Self {
        Self { numbers: Some(Vec::new()), passages: None }
    }

    /// These alone.
    #[cfg(test)]
    pub(crate) fn these(numbers: Vec<i32>, passages: Option<Vec<i64>>) -> Self {
        Self { numbers: Some(numbers), passages }
    }

    /// All passages of the same calls.
    #[must_use]
    pub fn whole_calls(&self) -> Self {
        Self { numbers: self.numbers.clone(), passages: None }
    }

    /// So few that PostgreSQL asks them one by one: its indexes tell of all calls, each of which would be fetched and passed by.
    pub(crate) fn few(&self) -> Option<Few<'_>> {
        match (&self.passages, &self.numbers) {
            (Some(passages), _) if passages.len() <= FEW_PASSAGES => Some(Few::Passages(passages)),
            (None, Some(numbers)) if numbers.len() <= FEW_CALLS => Some(Few::Calls(numbers)),
            _ => None,
        }
    }

    /// Of more than a few calls the latest few; `None` where there are not more, or not all of their passages are looked at.
    pub(crate) fn newest(&self) -> Option<Self> {
        let numbers = self.numbers.as_ref().filter(|numbers| self.passages.is_none() && numbers.len() > FEW_CALLS)?;
        Some(Self { numbers: Some(numbers[numbers.len() - FEW_CALLS..].to_vec()), passages: None })
    }

    /// Which share of all that is, roughly: by how many calls there are, and how many passages.
    pub fn share(&self, calls: f64, passages: f64) -> f64 {
        let share = match (&self.passages, &self.numbers) {
            (Some(these), _) => these.len() as f64 / passages,
            (None, Some(these)) => these.len() as f64 / calls,
            (None, None) => 1.0,
        };
        share.clamp(0.0, 1.0)
    }

    /// None of them.
    pub fn is_empty(&self) -> bool {
        self.numbers.as_ref().is_some_and(Vec::is_empty)
    }

    /// Whether a call is one of them.
    pub fn has(&self, number: i32) -> bool {
        self.numbers.as_ref().is_none_or(|numbers| numbers.binary_search(&number).is_ok())
    }

    /// Whether a passage of a call that is one of them is looked at.
    pub fn has_passage(&self, id: i64) -> bool {
        self.passages.as_ref().is_none_or(|passages| passages.binary_search(&id).is_ok())
    }

    /// The same without the calls of these numbers, which are in order; `all` is what there is where all were allowed.
    #[must_use]
    pub fn without(mut self, gone: &[i64], all: impl FnOnce() -> Vec<i32>) -> Self {
        let mut numbers = self.numbers.unwrap_or_else(all);
        let stays = |number: i64| gone.binary_search(&number).is_err();
        numbers.retain(|number| stays(i64::from(*number)));
        self.numbers = Some(numbers);
        if let Some(passages) = &mut self.passages {
            passages.retain(|id| stays(id / PASSAGES));
        }
        self
    }

    /// The calls, where not all.
    pub fn numbers(&self) -> Option<&[i32]> {
        self.numbers.as_deref()
    }

    /// The passages, where not all of these calls.
    pub fn passages(&self) -> Option<&[i64]> {
        self.passages.as_deref()
    }

    /// The first passage of a call that is looked at.
    pub fn first(&self, number: i32) -> i64 {
        let first = i64::from(number) * PASSAGES;
        let Some(passages) = &self.passages else { return first };
        let at = passages.partition_point(|id| *id < first);
        passages.get(at).copied().filter(|id| id / PASSAGES == i64::from(number)).unwrap_or(first)
    }

    /// Adds the condition that a passage with this id is looked at, after an `AND`.
    pub fn condition(&self, db: &Db, made: &mut Statement, id: &str) -> String {
        if let Some(passages) = &self.passages {
            // The sign keeps SQLite from asking for the words once for each of them.
            return format!(" AND +{id} IN {}", made.list(db, passages.iter().copied()));
        }
        let Some(numbers) = &self.numbers else { return String::new() };
        format!(" AND ({id} >> 16) IN {}", made.list(db, numbers.iter().copied().map(i64::from)))
    }

    /// Adds the condition that a call with this number is looked through, after an `AND`.
    pub fn of_calls(&self, db: &Db, made: &mut Statement, number: &str) -> String {
        let Some(numbers) = &self.numbers else { return String::new() };
        format!(" AND {number} IN {}", made.list(db, numbers.iter().copied().map(i64::from)))
    }
}

/// The calls that the actor may see and that are asked for.
///
/// # Errors
/// When the database fails.
pub async fn allowed(search: &Search, actor: &Actor, scope: &Scope) -> Result<Allowed, SearchError> {
    if actor.role == Role::Admin && *scope == Scope::default() {
        return Ok(Allowed::everything());
    }
    let db = &search.db;
    let mut made = Statement::default();
    made.place(Value::Id(actor.id));
    let (list, seen) = match db {
        Db::Sqlite(_) => ("json_group_array(i.number)", may_see(actor.role, "c.rep_id")),
        Db::Postgres(_) => ("coalesce(json_agg(i.number)::text, '[]')", may_see(actor.role, "c.rep_id")),
    };
    let conditions = conditions(search, actor, scope, &mut made);
    if let Some(speaker) = &scope.fields.speaker {
        return Ok(spoken_by(search, speaker, made, &format!("{seen}{conditions}")).await?);
    }
    made.sql = format!("SELECT {list} FROM indexed_calls i JOIN calls c ON c.id = i.call_id WHERE {seen}{conditions}");
    let rows: Vec<(String,)> = made.rows(db).await?;
    let mut numbers: Vec<i32> = rows.first().and_then(|(list,)| serde_json::from_str(list).ok()).unwrap_or_default();
    numbers.sort_unstable();
    Ok(Allowed { numbers: Some(numbers), passages: None })
}

/// The pattern of names with this in them, behind `lower(name) LIKE`. What is large and what is small databases know of ASCII alone: there may be more of
/// them, so whoever asks looks again.
pub(crate) fn part_of_name(made: &mut Statement, lower: &str) -> String {
    let ascii: String = lower.chars().map(|c| if c.is_ascii() { c } else { '\u{1}' }).collect();
    made.text(&format!("%{}%", accounts::like(&ascii).replace('\u{1}', "%")))
}

/// Of the calls of this condition those in which somebody of this name speaks, and the passages in which they do.
async fn spoken_by(search: &Search, speaker: &str, mut made: Statement, condition: &str) -> Result<Allowed, DbError> {
    let db = &search.db;
    let speaker = speaker.replace('\0', "").to_lowercase();
    let pattern = part_of_name(&mut made, &speaker);
    made.sql = format!(
        "SELECT i.number, p.position, p.name FROM participants p JOIN indexed_calls i ON i.call_id = p.call_id JOIN calls c ON c.id = i.call_id \
         WHERE {condition} AND lower(p.name) LIKE {pattern} ESCAPE '!'"
    );
    let rows: Vec<(i32, i32, String)> = made.rows(db).await?;
    let mut masks: BTreeMap<i32, i64> = BTreeMap::new();
    for (number, position, name) in rows {
        if name.to_lowercase().contains(&speaker) {
            *masks.entry(number).or_default() |= calls::speaker_bit(position.max(0) as usize);
        }
    }
    let mut made = Statement::default();
    let listed = made.list(db, masks.keys().copied().map(i64::from));
    made.sql = format!(
        "SELECT p.id, p.speakers FROM (SELECT number FROM indexed_calls WHERE number IN {listed}) AS i \
         JOIN passages p ON p.id >= CAST(i.number AS BIGINT) * {PASSAGES} AND p.id < (CAST(i.number AS BIGINT) + 1) * {PASSAGES}"
    );
    let rows: Vec<(i64, i64)> = made.rows(db).await?;
    let theirs =
        |(id, speakers): &(i64, i64)| masks.get(&((id / PASSAGES) as i32)).is_some_and(|mask| mask & speakers != 0);
    let mut passages: Vec<i64> = rows.iter().filter(|row| theirs(row)).map(|(id, _)| *id).collect();
    passages.sort_unstable();
    let mut numbers: Vec<i32> = passages.iter().map(|id| (id / PASSAGES) as i32).collect();
    numbers.dedup();
    Ok(Allowed { numbers: Some(numbers), passages: Some(passages) })
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
        let tracker = made.text(&tracker.replace('\0', "").to_lowercase());
        all.push(match search.db {
            Db::Sqlite(_) => format!(
                "EXISTS (SELECT 1 FROM metrics m, json_each(m.trackers) t WHERE m.call_id = c.id AND t.value ->> 'id' = {tracker})"
            ),
            Db::Postgres(_) => format!(
                "EXISTS (SELECT 1 FROM metrics m, jsonb_array_elements(m.trackers) t WHERE m.call_id = c.id AND t ->> 'id' = {tracker})"
            ),
        });
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
