//! Which side each participant is on: as the file or the user says, or by labels like "Agent"; never guessed.

use crate::roles;
use crate::{Participant, Side, SpeakerIx, Transcript};
use rustc_hash::FxHashSet;

/// Mail domains of the public: sharing one says nothing about a company.
pub(crate) const FREE_MAIL: &[&str] = &[
    "aol.com",
    "fastmail.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.com",
    "yandex.com",
    "yandex.ru",
    "zoho.com",
];

/// Where the sides come from; of several sources the least certain one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SidesFrom {
    /// The names or mail domains the user called internal.
    User,
    /// The file says so.
    File,
    /// A mail domain that an internal participant has too.
    MailDomain,
    /// Labels like "Agent" and "Customer".
    Roles,
    /// There are two speakers, and the label of one tells that the other is on the other side; a note says so.
    Elimination,
    /// At least one speaker's side is unknown.
    Unknown,
}

/// Somebody who spoke.
#[derive(Debug, Clone, PartialEq)]
pub struct Speaker {
    /// Display name.
    pub name: String,
    /// Side, if known.
    pub side: Option<Side>,
    /// Share of all speech, 0 to 1: of time, or of words where the transcript has no times.
    pub talk_share: f64,
}

/// What [`assign`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct SidesOutcome {
    /// Where the sides come from, or [`SidesFrom::Unknown`].
    pub from: SidesFrom,
    /// What a reader should be told about how the sides were found.
    pub notes: Vec<String>,
    /// Everybody who spoke, to show whom an unknown side concerns.
    pub speakers: Vec<Speaker>,
}

/// A name that the user called internal and that fits no participant, or several.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} `{wanted}`; the speakers are: {}", if *.ambiguous { "several speakers match" } else { "no speaker matches" }, .speakers.join(", "))]
pub struct SidesError {
    /// The name or domain as given.
    pub wanted: String,
    /// Whether it fits several participants rather than none.
    pub ambiguous: bool,
    /// The names of all participants.
    pub speakers: Vec<String>,
}

/// Sets the side of every participant as far as it is known.
///
/// `internal` holds names (in full or a unique first name, in any case), mail addresses or mail domains (`@acme.com`) of our own
/// people; if there are any, they override the file and everybody else is external.
///
/// # Errors
/// If one of `internal` fits nobody, or a first name fits several.
pub fn assign(transcript: &mut Transcript, internal: &[String]) -> Result<SidesOutcome, SidesError> {
    let talk = talk(transcript);
    let mut spoke: Vec<SpeakerIx> = transcript.segments.iter().filter_map(|segment| segment.speaker).collect();
    spoke.sort_unstable();
    spoke.dedup();
    let mut notes = Vec::new();
    let from = if internal.is_empty() {
        from_file(&mut transcript.participants, &spoke, &mut notes)
    } else {
        from_user(&mut transcript.participants, internal)?
    };
    // Cues may all be of no length.
    let all_talk = talk.iter().sum::<f64>().max(1.0);
    let speaker = |ix: &SpeakerIx| {
        let Participant { name, side, .. } = &transcript.participants[*ix];
        Speaker { name: name.clone(), side: *side, talk_share: talk[*ix] / all_talk }
    };
    let speakers: Vec<Speaker> = spoke.iter().map(speaker).collect();
    let unknown = speakers.is_empty() || speakers.iter().any(|speaker| speaker.side.is_none());
    Ok(SidesOutcome { from: if unknown { SidesFrom::Unknown } else { from }, notes, speakers })
}

/// Those of the names or domains that mean somebody in this call, and, a domain aside, just one.
pub fn fitting(transcript: &Transcript, internal: &[String]) -> Vec<String> {
    let fits = |wanted: &&String| {
        let found = find(&transcript.participants, wanted.trim()).len();
        found == 1 || found > 1 && wanted.trim().starts_with('@')
    };
    internal.iter().filter(fits).cloned().collect()
}

fn from_user(participants: &mut [Participant], internal: &[String]) -> Result<SidesFrom, SidesError> {
    let mut ours = vec![false; participants.len()];
    for wanted in internal {
        let found = find(participants, wanted.trim());
        let is_domain = wanted.trim().starts_with('@');
        if found.is_empty() || found.len() > 1 && !is_domain {
            let speakers = participants.iter().map(|participant| participant.name.clone()).collect();
            return Err(SidesError { wanted: wanted.clone(), ambiguous: !found.is_empty(), speakers });
        }
        for ix in found {
            ours[ix] = true;
        }
    }
    for (participant, ours) in participants.iter_mut().zip(ours) {
        participant.side = Some(if ours { Side::Internal } else { Side::External });
    }
    Ok(SidesFrom::User)
}

/// The participants a user means: by mail domain, mail address, full name or first name, in this order.
fn find(participants: &[Participant], wanted: &str) -> Vec<SpeakerIx> {
    let wanted = wanted.to_lowercase();
    let all = |fits: &dyn Fn(&Participant) -> bool| -> Vec<SpeakerIx> {
        (0..participants.len()).filter(|ix| fits(&participants[*ix])).collect()
    };
    if let Some(domain) = wanted.strip_prefix('@') {
        return all(&|participant| domain_of(participant).as_deref() == Some(domain));
    }
    let full = all(&|participant| {
        let mail = participant.email.as_deref().unwrap_or_default();
        participant.name.to_lowercase() == wanted || !mail.is_empty() && mail.to_lowercase() == wanted
    });
    if full.is_empty() { all(&|participant| first_name(&participant.name).to_lowercase() == wanted) } else { full }
}

/// "Jane" of "Jane Doe" and of "Doe, Jane [NA]".
fn first_name(name: &str) -> &str {
    let given = name.split_once(',').map_or(name, |(_, given)| given);
    given.split_whitespace().next().unwrap_or_default()
}

fn from_file(participants: &mut [Participant], spoke: &[SpeakerIx], notes: &mut Vec<String>) -> SidesFrom {
    let mut from = SidesFrom::File;
    let mut set = |participant: &mut Participant, side: Side, by: SidesFrom| {
        participant.side = Some(side);
        from = from.max(by);
    };
    let by_role: Vec<Option<Side>> = participants.iter().map(|participant| roles::side(&participant.name)).collect();
    for (participant, side) in participants.iter_mut().zip(&by_role) {
        if let (None, Some(side)) = (participant.side, *side) {
            set(participant, side, SidesFrom::Roles);
        }
    }
    let internal = participants.iter().filter(|participant| participant.side == Some(Side::Internal));
    let domains: FxHashSet<String> =
        internal.filter_map(domain_of).filter(|domain| !FREE_MAIL.contains(&domain.as_str())).collect();
    for participant in participants.iter_mut().filter(|participant| participant.side.is_none()) {
        if domain_of(participant).is_some_and(|domain| domains.contains(&domain)) {
            set(participant, Side::Internal, SidesFrom::MailDomain);
        }
    }
    if let &[a, b] = spoke {
        for (known, other) in [(a, b), (b, a)] {
            let side = by_role[known].filter(|side| participants[known].side == Some(*side));
            if let (Some(side), None) = (side, participants[other].side) {
                let (name, label) = (&participants[other].name, &participants[known].name);
                notes.push(format!(
                    "{name} is taken to be {}, since the only other speaker is {label}",
                    side.other().as_str()
                ));
                set(&mut participants[other], side.other(), SidesFrom::Elimination);
            }
        }
    }
    from
}

fn domain_of(participant: &Participant) -> Option<String> {
    mail_domain(participant.email.as_deref().or(Some(&participant.name))?)
}

/// The lower-case domain of a mail address.
pub(crate) fn mail_domain(address: &str) -> Option<String> {
    let (_, domain) = address.trim().trim_end_matches('>').rsplit_once('@')?;
    let is_domain = domain.contains('.') && !domain.contains(char::is_whitespace);
    is_domain.then(|| domain.to_lowercase())
}

/// How much each participant says: milliseconds, their own overlaps counted once, or words where the transcript has no times.
fn talk(transcript: &Transcript) -> Vec<f64> {
    let timed = transcript.has_times();
    let mut talk = vec![0.0; transcript.participants.len()];
    let mut heard_until = vec![0; transcript.participants.len()];
    for segment in &transcript.segments {
        let Some(speaker) = segment.speaker else { continue };
        talk[speaker] += match (segment.start_ms, segment.end_ms) {
            (Some(start), Some(end)) if timed => {
                let new = end.saturating_sub(start.max(heard_until[speaker]));
                heard_until[speaker] = end.max(heard_until[speaker]);
                new as f64
            }
            _ => segment.text.split(' ').count() as f64,
        };
    }
    talk
}

#[cfg(test)]
mod tests;
