//! What is read, the same of either service.

use crate::Mark;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// A service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Salesforce.
    Salesforce,
    /// HubSpot.
    HubSpot,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Salesforce => "Salesforce",
            Self::HubSpot => "HubSpot",
        })
    }
}

/// A kind of record that is read by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Object {
    /// Opportunities of Salesforce, deals of HubSpot.
    Deal,
    /// Accounts, companies.
    Account,
    /// Contacts.
    Contact,
    /// E-mails: `EmailMessage`, `emails`.
    Email,
    /// Users, owners.
    Owner,
}

impl Object {
    /// All of them, those first that others name.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Account, Self::Contact, Self::Deal, Self::Email];

    /// As sentences name them: `deals`.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Deal => "deals",
            Self::Account => "accounts",
            Self::Contact => "contacts",
            Self::Email => "e-mails",
            Self::Owner => "owners",
        }
    }
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// It is there, like this.
    Deal(Box<Deal>),
    /// The same.
    Account(Account),
    /// The same.
    Contact(Contact),
    /// The same.
    Email(Email),
    /// The same.
    Owner(Owner),
    /// It was deleted, archived or merged into another, or was never met.
    Gone {
        /// What it was.
        object: Object,
        /// Its id.
        id: String,
    },
}

impl Change {
    /// The id of the record.
    pub fn id(&self) -> &str {
        match self {
            Self::Deal(deal) => &deal.id,
            Self::Account(account) => &account.id,
            Self::Contact(contact) => &contact.id,
            Self::Email(email) => &email.id,
            Self::Owner(owner) => &owner.id,
            Self::Gone { id, .. } => id,
        }
    }
}

/// A page of changes. They are to be applied in their order, and the mark kept no earlier than they.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// What changed, oldest change first. The same can come again.
    pub items: Vec<Change>,
    /// Where to go on.
    pub mark: Mark,
    /// Whether there is nothing more for now. A page that is not the last can be empty.
    pub is_last: bool,
}

/// A deal. `Debug` shows neither its name nor its fields.
#[derive(Clone, PartialEq)]
pub struct Deal {
    /// Its id: eighteen characters, or digits.
    pub id: String,
    /// Its name; empty where it has none.
    pub name: String,
    /// The account, by its id; with HubSpot the primary company.
    pub account_id: Option<String>,
    /// The owner, by their id.
    pub owner_id: Option<String>,
    /// The stage: with Salesforce its name, with HubSpot its id.
    pub stage: Option<String>,
    /// The stage as people read it.
    pub stage_name: Option<String>,
    /// Whether it came to an end.
    pub is_closed: bool,
    /// Whether that is a good one.
    pub is_won: bool,
    /// Hundredths of the unit of its currency, half a hundredth rounded away from zero. None where there is no amount, or none that is exact: a
    /// number of more than fifteen digits.
    pub amount_cents: Option<i64>,
    /// The currency (ISO 4217), where the record tells it.
    pub currency: Option<String>,
    /// How likely it is to be won, 0 to 1.
    pub probability: Option<f64>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// The day on which it is closed, or is to be.
    pub close_date: Option<NaiveDate>,
    /// When it was changed last.
    pub modified_at: DateTime<Utc>,
    /// What the service itself calls its type: `New Business`.
    pub kind: Option<String>,
    /// The field that [`crate::Fields::product`] names.
    pub product: Option<String>,
    /// The field that [`crate::Fields::segment`] names.
    pub segment: Option<String>,
    /// The field that [`crate::Fields::health`] names.
    pub health: Option<String>,
    /// Who takes part; empty where [`crate::Settings::contacts`] does not want to know.
    pub contacts: Vec<Role>,
    /// The record as it came.
    pub fields: Value,
}

impl fmt::Debug for Deal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, stage, is_closed, modified_at, contacts, .. } = self;
        let mut shown = f.debug_struct("Deal");
        shown.field("id", id).field("stage", stage).field("is_closed", is_closed).field("modified_at", modified_at);
        shown.field("contacts", &contacts.len()).finish_non_exhaustive()
    }
}

/// A contact in a deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The contact, by its id.
    pub contact_id: String,
    /// What they are there: `Decision Maker`.
    pub role: Option<String>,
    /// Whether they come first; HubSpot does not say.
    pub is_primary: bool,
}

/// A company that is sold to. `Debug` shows its id alone, as that of the following.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its name; empty where it has none.
    pub name: String,
    /// The domain of its mail, as its site has it: `example.com`.
    pub domain: Option<String>,
    /// Its industry, in the words of the service.
    pub industry: Option<String>,
    /// The field that [`crate::Fields::account_segment`] names.
    pub segment: Option<String>,
    /// When it was changed last.
    pub modified_at: DateTime<Utc>,
}

/// Somebody at a company.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: String,
    /// Their name; empty where it is not known.
    pub name: String,
    /// Their address, in small letters.
    pub email: Option<String>,
    /// What they are there.
    pub title: Option<String>,
    /// The account, by its id.
    pub account_id: Option<String>,
    /// When it was changed last.
    pub modified_at: DateTime<Utc>,
}

/// An e-mail that the service knows.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    /// Its id.
    pub id: String,
    /// The deals that it belongs to, by their ids.
    pub deal_ids: Vec<String>,
    /// Its subject.
    pub subject: Option<String>,
    /// The address that it is from, in small letters.
    pub from: Option<String>,
    /// The addresses that it is to, open copies among them, in small letters.
    pub to: Vec<String>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// Whether it came from outside.
    pub is_incoming: bool,
    /// Its beginning as plain text, at most [`Email::LONGEST`] characters.
    pub text: String,
    /// When its record was changed last.
    pub modified_at: DateTime<Utc>,
}

impl Email {
    /// Characters of a text that are kept.
    pub const LONGEST: usize = 4_000;
}

/// Somebody of the own company who can own deals.
#[derive(Clone, PartialEq, Eq)]
pub struct Owner {
    /// Their id.
    pub id: String,
    /// Their name; empty where it is not known.
    pub name: String,
    /// Their address, in small letters.
    pub email: Option<String>,
    /// Whether they still work with it.
    pub is_active: bool,
}

macro_rules! debug_by_id {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("id", &self.id).finish_non_exhaustive()
            }
        }
    )*};
}

debug_by_id!(Account, Contact, Email, Owner);

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The organisation of Salesforce, the account of HubSpot, by its id.
    pub organisation: String,
    /// The user who is asked as, where there is one.
    pub user: Option<String>,
    /// The currency of the company (ISO 4217), where it is told.
    pub currency: Option<String>,
}
