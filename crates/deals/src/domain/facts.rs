//! What is known of a deal, as its rules need it: no words of it, only who, when, and where to look.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// How a deal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[schema(as = OpportunityStatus)]
pub enum Status {
    /// It is worked on.
    Open,
    /// It was won.
    Won,
    /// It was lost.
    Lost,
}

impl Status {
    /// Name as in JSON and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    /// What a stage is called tells how a deal stands where its source does not.
    pub fn of_stage(stage: &str) -> Self {
        let words: BTreeSet<String> = stage
            .split(|sign: char| !sign.is_alphanumeric())
            .map(str::to_lowercase)
            .filter(|word| !word.is_empty())
            .collect();
        let any = |names: &[&str]| names.iter().any(|name| words.contains(*name));
        match () {
            () if any(&["lost", "closedlost", "disqualified", "abandoned"]) => Self::Lost,
            () if any(&["won", "closedwon"]) => Self::Won,
            () => Self::Open,
        }
    }
}

/// Where something can be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = DealLink)]
pub enum Link {
    /// In a call.
    Call {
        /// The call.
        call_id: Uuid,
        /// The segment in which the words stand; null where the whole call is meant.
        segment_id: Option<u32>,
        /// Where the segment begins, from the start of the recording.
        start_ms: Option<i64>,
    },
    /// An e-mail.
    Email {
        /// The e-mail.
        email_id: Uuid,
    },
}

/// What a call is looked through for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// A price, a quote or a discount.
    Pricing,
    /// Something that ends deals: a budget that is cut, a project that is put off, somebody who leaves.
    RedFlag,
    /// A next step with a date was agreed.
    NextStep,
    /// An objection that nobody closed.
    OpenObjection,
}

/// A sign, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// What it is.
    pub sign: Sign,
    /// The segment.
    pub segment_id: u32,
    /// Where it begins.
    pub start_ms: Option<i64>,
}

/// Somebody who is not ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// What they are called.
    pub name: String,
    /// Their address, in lower case.
    pub email: Option<String>,
    /// What they are at their firm.
    pub title: Option<String>,
}

impl Person {
    /// By what two mentions of somebody are known to be of one: the address, else the name.
    pub fn key(&self) -> String {
        self.email.clone().unwrap_or_else(|| self.name.to_lowercase())
    }

    /// Whether their title says that they decide on money.
    pub fn has_power(&self) -> bool {
        self.title.as_deref().is_some_and(power)
    }
}

/// A call of a deal.
#[derive(Debug, Clone, PartialEq)]
pub struct CallFact {
    /// The call.
    pub id: Uuid,
    /// When it was.
    pub at: DateTime<Utc>,
    /// Who of the customer's took part.
    pub people: Vec<Person>,
    /// What was found in it; `None` while it was not judged.
    pub mentions: Option<Vec<Mention>>,
    /// The customer's mean sentiment, -1 to 1.
    pub sentiment: Option<f64>,
    /// Whether whoever asks may see it. Health and warnings are the same for everybody.
    pub is_seen: bool,
}

/// An e-mail of a deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailFact {
    /// The e-mail.
    pub id: Uuid,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// Whether the customer sent it.
    pub incoming: bool,
    /// What was found in it.
    pub signs: Vec<Sign>,
}

/// What is known of a deal.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// How it stands.
    pub status: Status,
    /// Its stage.
    pub stage: String,
    /// Since when it has it.
    pub stage_since: Option<DateTime<Utc>>,
    /// When it was opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// The day on which it is to close.
    pub close_date: Option<NaiveDate>,
    /// Its calls, the earliest first.
    pub calls: Vec<CallFact>,
    /// Its e-mails, the earliest first.
    pub emails: Vec<EmailFact>,
}

impl Facts {
    /// Everybody of the customer's who took part in a call, each once, with the first call.
    pub fn met(&self) -> Vec<(&Person, &CallFact)> {
        let mut known = BTreeSet::new();
        let all = self.calls.iter().flat_map(|call| call.people.iter().map(move |person| (person, call)));
        all.filter(|(person, _)| known.insert(person.key())).collect()
    }

    /// The places of a sign, the earliest first.
    pub fn places(&self, sign: Sign) -> Vec<Link> {
        let calls = self.calls.iter().flat_map(|call| {
            let found = call.mentions.iter().flatten().filter(move |mention| mention.sign == sign);
            found.map(|mention| {
                let link =
                    Link::Call { call_id: call.id, segment_id: Some(mention.segment_id), start_ms: mention.start_ms };
                (call.at, link)
            })
        });
        let emails = self.emails.iter().filter(|email| email.signs.contains(&sign));
        let mut all: Vec<(DateTime<Utc>, Link)> =
            calls.chain(emails.map(|email| (email.at, Link::Email { email_id: email.id }))).collect();
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, link)| link).collect()
    }

    /// The latest call or e-mail.
    pub fn last_activity(&self) -> Option<DateTime<Utc>> {
        let calls = self.calls.iter().map(|call| call.at);
        calls.chain(self.emails.iter().map(|email| email.at)).max()
    }

    /// The latest that came from the customer: a call they were in, or an e-mail they sent.
    pub fn last_answer(&self) -> Option<DateTime<Utc>> {
        let calls = self.calls.iter().filter(|call| !call.people.is_empty()).map(|call| call.at);
        calls.chain(self.emails.iter().filter(|email| email.incoming).map(|email| email.at)).max()
    }
}

/// Words of a title that mean power over money, alone or with others.
const POWER: [&str; 20] = [
    "ceo",
    "cfo",
    "cio",
    "cmo",
    "coo",
    "cpo",
    "cro",
    "cto",
    "ciso",
    "chief",
    "chair",
    "director",
    "founder",
    "cofounder",
    "head",
    "owner",
    "partner",
    "president",
    "principal",
    "vp",
];

/// Whether a title says that somebody decides on money: a director, head, founder, owner, partner, (vice) president or chief of something.
pub fn power(title: &str) -> bool {
    let title = title.to_lowercase();
    let words = title.split(|sign: char| !sign.is_alphanumeric());
    // Whoever assists a director is none.
    let assists = ["assistant to", "office of", "executive assistant"].iter().any(|words| title.contains(words));
    !assists && words.into_iter().any(|word| POWER.contains(&word)) || title.contains("general manager")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_tell_how_a_deal_stands() {
        for (stage, status) in [
            ("Closed Won", Status::Won),
            ("closedwon", Status::Won),
            ("8 - Closed/Lost", Status::Lost),
            ("Negotiation", Status::Open),
            ("Wonderful fit", Status::Open),
            ("", Status::Open),
        ] {
            assert_eq!(Status::of_stage(stage), status, "{stage}");
        }
    }

    #[test]
    fn titles_tell_who_decides() {
        for title in
            ["CFO", "Head of Logistics", "VP, Operations", "Co-founder", "Managing Director", "General Manager"]
        {
            assert!(power(title), "{title}");
        }
        for title in ["Logistics Coordinator", "Executive Assistant to the CEO", "Headhunter", "", "Buyer"] {
            assert!(!power(title), "{title}");
        }
    }
}
