//! What the demo is filled with: the calls of a synthetic team, and who logs in.

use anyhow::{Context as _, Result};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use synth::team::{self, Person, TEAMS};
use transcript::write::{Document, to_json};

/// How many calls there are.
pub const CALLS: u32 = 400;
/// Over how many days.
const DAYS: u32 = 182;
/// What they are drawn from.
const SEED: u64 = 1;

/// A call as its file holds it, as `sideline synth` writes it.
#[derive(Serialize)]
struct File<'a> {
    #[serde(flatten)]
    transcript: Document<'a>,
    agent_id: &'a str,
    customer_id: &'a str,
    kind: synth::CallKind,
    start_time: &'a str,
    duration_seconds: u32,
}

/// Writes the calls of half a year before the day of `now_s` (seconds since 1970), a folder for each customer, unless they are there already.
/// Returns customers and folders.
///
/// # Errors
/// When a file cannot be written.
pub fn write_calls(folder: &Path, now_s: u64) -> Result<Vec<(String, PathBuf)>> {
    if !folder.exists() {
        // In its place when it is whole: what was interrupted begins anew.
        let part = folder.with_extension("part");
        let _ = fs::remove_dir_all(&part);
        write_all(&part, now_s).and_then(|()| Ok(fs::rename(&part, folder)?)).context(part.display().to_string())?;
    }
    let mut customers = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        customers.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    customers.sort();
    Ok(customers)
}

fn write_all(folder: &Path, now_s: u64) -> Result<()> {
    let first_day_s = now_s.saturating_sub(u64::from(DAYS) * 86_400);
    let mut made = BTreeSet::new();
    for call in synth::generate(&team::options(SEED, CALLS, first_day_s, DAYS)) {
        let customer = folder.join(call.company.as_deref().context("a sales call has a customer")?);
        if made.insert(customer.clone()) {
            fs::create_dir_all(&customer)?;
        }
        let file = File {
            transcript: to_json(&call.transcript),
            agent_id: &call.agent_id,
            customer_id: &call.customer_id,
            kind: call.kind,
            start_time: &call.start_time,
            duration_seconds: call.duration_seconds,
        };
        fs::write(customer.join(format!("{}.json", call.external_id)), serde_json::to_vec_pretty(&file)?)?;
    }
    Ok(())
}

/// Somebody who logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// What they log in with.
    pub username: String,
    /// How they are called.
    pub name: String,
    /// Their mail address.
    pub email: String,
    /// rep, manager, coach or admin.
    pub role: &'static str,
    /// The team they are in.
    pub team: Option<&'static str>,
    /// Mail addresses of the reps whom a coach coaches.
    pub coaches: Vec<String>,
}

/// An admin, the managers and reps of both teams, and a coach, who coaches two of each.
pub fn logins() -> Vec<Login> {
    let login = |person: Person, role, team| Login {
        username: person.first.to_lowercase(),
        name: person.name(),
        email: person.email(),
        role,
        team,
        coaches: Vec::new(),
    };
    let mut logins = vec![login(Person { first: "Viktor", last: "Tremblay" }, "admin", None)];
    for team in TEAMS {
        logins.push(login(team.manager, "manager", Some(team.name)));
        logins.extend(team.reps.map(|rep| login(rep.person, "rep", Some(team.name))));
    }
    let mut coach = login(Person { first: "Selma", last: "Jessop" }, "coach", None);
    coach.coaches = TEAMS.iter().flat_map(|team| &team.reps[2..]).map(|rep| rep.person.email()).collect();
    logins.push(coach);
    logins
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn calls_lie_by_customer_in_the_half_year_before_and_stay_as_they_are() {
        let folder = std::env::temp_dir().join(format!("sideline-demo-calls-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        // 2 November 2026, a Monday, at noon.
        let customers = write_calls(&folder, 1_793_620_800).unwrap();
        let (mut count, mut first, mut last) = (0, "9".to_owned(), String::new());
        for (customer, folder) in &customers {
            for file in fs::read_dir(folder).unwrap() {
                let call = transcript::parse(&fs::read(file.unwrap().path()).unwrap(), None).unwrap();
                assert!(call.title.unwrap().starts_with(customer.as_str()));
                let day = call.started_at.unwrap()[..10].to_owned();
                (count, first, last) = (count + 1, first.min(day.clone()), last.max(day));
            }
        }
        assert_eq!(count, CALLS);
        assert!(first.as_str() >= "2026-05-01" && first.as_str() < "2026-05-10", "{first}");
        assert!(last.as_str() <= "2026-11-01" && last.as_str() > "2026-10-25", "{last}");
        // A later start finds the same calls.
        assert_eq!(write_calls(&folder, 1_893_620_800).unwrap(), customers);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn there_is_somebody_of_every_role_and_nobody_twice() {
        let mut roles: BTreeMap<&str, usize> = BTreeMap::new();
        for login in logins() {
            *roles.entry(login.role).or_default() += 1;
            assert!(login.email.starts_with(&login.username), "{login:?}");
        }
        assert_eq!(roles, BTreeMap::from([("admin", 1), ("coach", 1), ("manager", 2), ("rep", 8)]));
        let names: BTreeSet<String> = logins().into_iter().map(|login| login.username).collect();
        assert_eq!(names.len(), 12);
    }
}
