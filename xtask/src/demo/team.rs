//! What the demo is filled with: the deals of a synthetic team with their e-mails and calls, and who logs in.

use anyhow::{Context as _, Result};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use synth::deals::{Outline, WorldOptions, outline};
use synth::team::{Person, TEAMS};
use transcript::write::{Document, to_json};

/// How many deals there are, with about three calls each.
pub const DEALS: u32 = 170;
/// Over how many days.
const DAYS: u32 = 182;
/// What they are drawn from. With this one every rep has calls in the last weeks, and who wins most at first has deals enough to learn from.
const SEED: u64 = 4;
/// The folder of the calls.
const CALLS: &str = "calls";

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

/// What was written.
#[derive(Debug, PartialEq, Eq)]
pub struct Files {
    /// How many calls.
    pub calls: usize,
    /// Customers, and the folders of their calls.
    pub customers: Vec<(String, PathBuf)>,
    /// Deals, e-mails and which call belongs to which deal, as `sideline import-deals` takes them.
    pub deals: [PathBuf; 3],
}

/// Writes the deal world of half a year before the day of `now_s` (seconds since 1970), a folder for each customer, unless it is there already.
///
/// # Errors
/// When a file cannot be written.
pub fn write_world(folder: &Path, now_s: u64) -> Result<Files> {
    if !folder.exists() {
        // In its place when it is whole: what was interrupted begins anew.
        let part = folder.with_extension("part");
        let _ = fs::remove_dir_all(&part);
        write_all(&part, now_s).and_then(|()| Ok(fs::rename(&part, folder)?)).context(part.display().to_string())?;
    }
    let (mut customers, mut calls) = (Vec::new(), 0);
    for entry in fs::read_dir(folder.join(CALLS)).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        calls += fs::read_dir(entry.path())?.count();
        customers.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    customers.sort();
    Ok(Files { calls, customers, deals: ["deals.json", "emails.json", "links.json"].map(|name| folder.join(name)) })
}

/// The world of half a year before the day of `now_s`.
fn world(now_s: u64) -> Outline {
    let epoch_s = now_s.saturating_sub(u64::from(DAYS) * 86_400);
    outline(&WorldOptions { seed: SEED, deals: DEALS, epoch_s, days: DAYS, ..WorldOptions::default() })
}

fn write_all(folder: &Path, now_s: u64) -> Result<()> {
    let world = world(now_s);
    let mut made = BTreeSet::new();
    for call in (0..world.len()).filter_map(|number| world.call(number)).map(|made| made.call) {
        let customer = folder.join(CALLS).join(call.company.as_deref().context("a sales call has a customer")?);
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
    fs::write(folder.join("deals.json"), serde_json::to_vec_pretty(&world.deal_rows().collect::<Vec<_>>())?)?;
    fs::write(folder.join("emails.json"), serde_json::to_vec_pretty(&world.email_rows().collect::<Vec<_>>())?)?;
    fs::write(folder.join("links.json"), serde_json::to_vec_pretty(&world.link_rows().collect::<Vec<_>>())?)?;
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
    fn the_world_lies_in_the_half_year_before_and_stays_as_it_is() {
        let folder = std::env::temp_dir().join(format!("sideline-demo-world-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        // 2 November 2026, a Monday, at noon.
        let files = write_world(&folder, 1_793_620_800).unwrap();
        let (mut first, mut last, mut named) = ("9".to_owned(), String::new(), BTreeSet::new());
        for (customer, folder) in &files.customers {
            for file in fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                let call = transcript::parse(&fs::read(&path).unwrap(), None).unwrap();
                assert!(call.title.unwrap().starts_with(customer.as_str()));
                let day = call.started_at.unwrap()[..10].to_owned();
                (first, last) = (first.min(day.clone()), last.max(day));
                named.insert(path.file_stem().unwrap().to_string_lossy().into_owned());
            }
        }
        assert_eq!(named.len(), files.calls);
        assert!((400..600).contains(&files.calls), "{}", files.calls);
        assert!(first.as_str() >= "2026-05-01" && first.as_str() < "2026-05-15", "{first}");
        assert!(last.as_str() <= "2026-11-01" && last.as_str() > "2026-10-25", "{last}");
        let rows =
            |file: &Path| -> Vec<serde_json::Value> { serde_json::from_slice(&fs::read(file).unwrap()).unwrap() };
        let [deals, emails, links] = files.deals.each_ref().map(|file| rows(file));
        assert_eq!((deals.len(), links.len()), (DEALS as usize, files.calls));
        let ids: BTreeSet<&str> = deals.iter().filter_map(|deal| deal["id"].as_str()).collect();
        assert!(emails.iter().chain(&links).all(|row| ids.contains(row["opportunity_id"].as_str().unwrap())));
        assert!(links.iter().all(|link| named.contains(link["call_id"].as_str().unwrap())));
        // A later start finds the same world.
        assert_eq!(write_world(&folder, 1_893_620_800).unwrap(), files);
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
