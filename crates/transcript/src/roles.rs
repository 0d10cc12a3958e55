//! Labels that say what somebody does in the call instead of who they are: "Agent 2", "Customer (John)", `SPEAKER_00`.

use crate::Side;

/// A role and whether it may be followed by a bare name: "Agent Smith" is an agent, "Guest Speaker" and "Jo Lead" are no roles.
struct Role {
    words: &'static [&'static str],
    side: Option<Side>,
    takes_name: bool,
}

const fn role(words: &'static [&'static str], side: Option<Side>, takes_name: bool) -> Role {
    Role { words, side, takes_name }
}

const US: Option<Side> = Some(Side::Internal);
const THEM: Option<Side> = Some(Side::External);

/// Longer phrases come before the words they begin with: "customer success" is ours, "customer" is not.
const ROLES: &[Role] = &[
    role(&["customer", "service", "representative"], US, true),
    role(&["customer", "service", "agent"], US, true),
    role(&["customer", "service", "rep"], US, true),
    role(&["customer", "support", "agent"], US, true),
    role(&["customer", "success", "manager"], US, true),
    role(&["call", "center", "agent"], US, true),
    role(&["call", "centre", "agent"], US, true),
    role(&["inside", "sales", "rep"], US, true),
    role(&["customer", "service"], US, false),
    role(&["customer", "support"], US, false),
    role(&["customer", "success"], US, false),
    role(&["customer", "care"], US, false),
    role(&["client", "services"], US, false),
    role(&["client", "success"], US, false),
    role(&["client", "partner"], US, false),
    role(&["account", "executive"], US, true),
    role(&["account", "manager"], US, true),
    role(&["sales", "representative"], US, true),
    role(&["sales", "development", "representative"], US, true),
    role(&["business", "development", "representative"], US, true),
    role(&["sales", "rep"], US, true),
    role(&["sales", "agent"], US, true),
    role(&["sales", "person"], US, true),
    role(&["sales", "engineer"], US, true),
    role(&["sales", "manager"], US, true),
    role(&["solutions", "engineer"], US, true),
    role(&["solution", "engineer"], US, true),
    role(&["solutions", "consultant"], US, true),
    role(&["support", "agent"], US, true),
    role(&["support", "engineer"], US, true),
    role(&["support", "rep"], US, true),
    role(&["help", "desk"], US, false),
    role(&["tech", "support"], US, false),
    role(&["technical", "support"], US, false),
    role(&["decision", "maker"], THEM, true),
    role(&["unknown", "speaker"], None, false),
    role(&["unidentified", "speaker"], None, false),
    role(&["agent"], US, true),
    role(&["agt"], US, true),
    role(&["rep"], US, true),
    role(&["representative"], US, true),
    role(&["salesrep"], US, true),
    role(&["salesperson"], US, true),
    role(&["salesman"], US, true),
    role(&["saleswoman"], US, true),
    role(&["seller"], US, true),
    role(&["sales"], US, false),
    role(&["advisor"], US, true),
    role(&["adviser"], US, true),
    role(&["consultant"], US, true),
    role(&["sdr"], US, true),
    role(&["bdr"], US, true),
    role(&["csr"], US, true),
    role(&["csm"], US, true),
    role(&["ae"], US, false),
    role(&["support"], US, false),
    role(&["helpdesk"], US, false),
    role(&["employee"], US, false),
    role(&["internal"], US, false),
    role(&["customer"], THEM, true),
    role(&["cust"], THEM, true),
    role(&["caller"], THEM, true),
    role(&["client"], THEM, true),
    role(&["prospect"], THEM, true),
    role(&["buyer"], THEM, true),
    role(&["purchaser"], THEM, true),
    role(&["shopper"], THEM, true),
    role(&["patient"], THEM, true),
    role(&["user"], THEM, false),
    role(&["lead"], THEM, false),
    role(&["guest"], THEM, false),
    role(&["external"], THEM, false),
    role(&["speaker"], None, false),
    role(&["spk"], None, false),
    role(&["participant"], None, false),
    role(&["channel"], None, false),
    role(&["person"], None, false),
    role(&["unknown"], None, false),
    role(&["operator"], None, false),
    role(&["host"], None, false),
    role(&["moderator"], None, false),
    role(&["interviewer"], None, false),
    role(&["interviewee"], None, false),
];

/// Whether a label is one of the known roles, with or without number, id or name.
pub(crate) fn is_role(label: &str) -> bool {
    roles(label).next().is_some()
}

/// Whether a word in lower case belongs to a role.
pub(crate) fn is_role_word(word: &str) -> bool {
    ROLES.iter().any(|role| role.words.contains(&word))
}

/// The side a label speaks of: `AGENT_1234`, "Jane Doe (Customer)", "Sales rep – Kim". `None` if it names none, or both.
pub(crate) fn side(label: &str) -> Option<Side> {
    let mut sides = roles(label).filter_map(|role| role.side);
    let first = sides.next()?;
    sides.all(|side| side == first).then_some(first)
}

/// The roles named by the parts of a label, which brackets, dashes and slashes separate.
fn roles(label: &str) -> impl Iterator<Item = &'static Role> {
    let dashed = label.split(['(', ')', '[', ']', '/', '|', '–', '—', ',']).flat_map(|part| part.split(" - "));
    dashed.filter_map(role_of)
}

/// Words that make a label a job title with a role's word in it: a "Client Director" is no client.
const JOB_WORDS: &[&str] = &[
    "advocate",
    "center",
    "centre",
    "desk",
    "director",
    "engagement",
    "engineer",
    "executive",
    "experience",
    "insights",
    "lead",
    "manager",
    "marketing",
    "officer",
    "onboarding",
    "operations",
    "ops",
    "partner",
    "relations",
    "solutions",
    "specialist",
    "team",
];

fn role_of(part: &str) -> Option<&'static Role> {
    let words = words(part);
    let role = ROLES.iter().find(|role| {
        role.words.len() <= words.len() && role.words.iter().zip(&words).all(|(known, word)| known == word)
    })?;
    let rest = &words[role.words.len()..];
    let is_id = |word: &String| word.len() == 1 || word.bytes().any(|b| b.is_ascii_digit());
    let is_name = |rest: &[String]| rest.len() <= 2 && !rest.iter().any(|word| JOB_WORDS.contains(&word.as_str()));
    let fits = rest.iter().all(is_id) || role.takes_name && is_name(rest);
    fits.then_some(role)
}

/// Whether a label tells one person or agent from others: "Dana", "Agent Smith" and `AGENT_1234` do; "Agent", "Agent 1" and `SPEAKER_00` are
/// whoever speaks in this file.
pub fn names_somebody(label: &str) -> bool {
    let Some(role) = role_of(label) else { return !label.trim().is_empty() };
    let words = words(label);
    words[role.words.len()..].iter().any(|word| word.chars().count() > 2)
}

/// Lower-case words; digits are words of their own, so that "agent1" is an agent.
fn words(part: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = ' ';
    for c in part.chars().filter(|c| *c != '\'' && *c != '.') {
        let joins = c.is_alphabetic() && previous.is_alphabetic() || c.is_ascii_digit() && previous.is_alphanumeric();
        let joins = joins && c.is_ascii_digit() == previous.is_ascii_digit();
        match words.last_mut() {
            Some(word) if joins => word.extend(c.to_lowercase()),
            _ if c.is_alphanumeric() => words.push(c.to_lowercase().collect()),
            _ => {}
        }
        previous = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_name_their_side_with_numbers_ids_and_names() {
        for label in [
            "Agent",
            "agent 1",
            "AGENT_1234",
            "Agent Smith",
            "agent2",
            "Rep",
            "Sales rep – Kim",
            "Kim Lee (Agent)",
            "Account Executive",
            "SDR",
            "Customer Success",
            "Customer Service Rep 3",
            "Consultant",
            "Support",
            "Seller",
            "Advisor",
            "AGENT-A12F",
        ] {
            assert_eq!(side(label), Some(Side::Internal), "{label}");
        }
        for label in [
            "Customer",
            "CUST_123456",
            "Customer (John)",
            "caller",
            "Client 2",
            "Prospect - Ann",
            "Lead",
            "Guest 1",
            "Patient",
            "Jo (Buyer)",
        ] {
            assert_eq!(side(label), Some(Side::External), "{label}");
        }
    }

    #[test]
    fn names_and_numbered_speakers_are_on_no_side() {
        for label in [
            "SPEAKER_00",
            "Speaker 1",
            "Unknown Speaker",
            "Christopher Guest",
            "Guest Speaker",
            "Ann Lead",
            "Jo Sales",
            "Lead Engineer",
            "Agentia Rossi",
            "Custer",
            "Agent / Customer",
            "",
            "12",
            "Reply Owl",
            "Client Director",
            "Customer Experience Lead",
            "Operator",
            "Host",
        ] {
            assert_eq!(side(label), None, "{label}");
        }
        for nobody in ["Agent", "agent 1", "Sales rep", "SPEAKER_00", "Speaker 12", "", "Support", "Agent A"] {
            assert!(!names_somebody(nobody), "{nobody}");
        }
        for somebody in ["Dana", "Agent Smith", "AGENT_1234", "Ann Lead", "Jo Sales"] {
            assert!(names_somebody(somebody), "{somebody}");
        }
        assert!(is_role("SPEAKER_00") && is_role("Speaker A") && !is_role("Speaker Pelosi") && !is_role("Ann"));
    }
}
