//! Which kinds of personal data there are, and sets of them.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A kind of personal data that can be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedactKind {
    /// Number of a payment card: 13 to 19 digits.
    Card,
    /// Security code of a card: 3 or 4 digits.
    Cvv,
    /// Personal identification number or passcode: 4 to 8 digits.
    Pin,
    /// Number of a bank account, IBAN, routing number, sort code.
    BankAccount,
    /// Number that states who somebody is: social security, national insurance, passport, driving licence, health service, tax.
    IdNumber,
    /// Mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Postal address or postal code.
    Address,
    /// Name of a participant, or one that somebody is introduced by.
    Name,
}

impl RedactKind {
    /// All kinds, in the order of their sets.
    pub const ALL: [Self; 9] = [
        Self::Card,
        Self::Cvv,
        Self::Pin,
        Self::BankAccount,
        Self::IdNumber,
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::Name,
    ];

    /// The name in JSON and on the command line: `"bank_account"`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Cvv => "cvv",
            Self::Pin => "pin",
            Self::BankAccount => "bank_account",
            Self::IdNumber => "id_number",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Name => "name",
        }
    }

    /// What stands in the text afterwards: `"[BANK_ACCOUNT]"`.
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::Card => "[CARD]",
            Self::Cvv => "[CVV]",
            Self::Pin => "[PIN]",
            Self::BankAccount => "[BANK_ACCOUNT]",
            Self::IdNumber => "[ID_NUMBER]",
            Self::Email => "[EMAIL]",
            Self::Phone => "[PHONE]",
            Self::Address => "[ADDRESS]",
            Self::Name => "[NAME]",
        }
    }

    /// The kind whose placeholder the text begins with.
    pub(super) fn placeholder_at(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| text.starts_with(kind.placeholder()))
    }
}

/// A set of kinds. The default is payment and identity numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RedactKinds(u16);

impl RedactKinds {
    /// No kind: nothing is replaced.
    pub const NONE: Self = Self(0);
    /// Every kind.
    pub const ALL: Self = Self((1 << RedactKind::ALL.len()) - 1);
    /// Card, CVV, PIN, bank account and identity numbers.
    pub const DEFAULT: Self = Self::NONE
        .with(RedactKind::Card)
        .with(RedactKind::Cvv)
        .with(RedactKind::Pin)
        .with(RedactKind::BankAccount)
        .with(RedactKind::IdNumber);

    /// The set with one kind more.
    #[must_use]
    pub const fn with(self, kind: RedactKind) -> Self {
        Self(self.0 | 1 << kind as u16)
    }

    /// Whether the kind is in the set.
    pub const fn has(self, kind: RedactKind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    /// Whether all of them are numbers: then nothing is to be found where there is none.
    pub(super) fn are_numbers(self) -> bool {
        ![RedactKind::Email, RedactKind::Address, RedactKind::Name].into_iter().any(|kind| self.has(kind))
    }

    /// Whether no kind is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds of the set.
    pub fn iter(self) -> impl Iterator<Item = RedactKind> {
        RedactKind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}

impl Default for RedactKinds {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl FromIterator<RedactKind> for RedactKinds {
    fn from_iter<I: IntoIterator<Item = RedactKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::NONE, Self::with)
    }
}

/// A name in a list of kinds that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no kind of personal data; the kinds are card, cvv, pin, bank_account, id_number, email, phone, address, name, \
     and all, default, none"
)]
pub struct UnknownKind(String);

/// Reads names separated by commas: `"default,email"`, `"all"`, `"card,cvv"`.
impl FromStr for RedactKinds {
    type Err = UnknownKind;

    fn from_str(list: &str) -> Result<Self, UnknownKind> {
        list.split(',').map(str::trim).filter(|name| !name.is_empty()).try_fold(Self::NONE, |set, name| {
            let more = match name {
                "all" => Self::ALL,
                "default" => Self::DEFAULT,
                "none" => Self::NONE,
                _ => {
                    let kind = RedactKind::ALL.into_iter().find(|kind| kind.as_str() == name);
                    Self::NONE.with(kind.ok_or_else(|| UnknownKind(name.to_owned()))?)
                }
            };
            Ok(Self(set.0 | more.0))
        })
    }
}

/// How many places were replaced, by kind. A number read over four segments counts four times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts([usize; RedactKind::ALL.len()]);

impl Counts {
    /// Places of one kind.
    pub fn of(&self, kind: RedactKind) -> usize {
        self.0[kind as usize]
    }

    /// Places of all kinds.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// The kinds that were found, with their number.
    pub fn iter(&self) -> impl Iterator<Item = (RedactKind, usize)> {
        RedactKind::ALL.into_iter().map(|kind| (kind, self.of(kind))).filter(|(_, count)| *count > 0)
    }

    pub(super) fn add(&mut self, kind: RedactKind) {
        self.0[kind as usize] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_kinds_are_read() {
        let set = |list: &str| list.parse::<RedactKinds>();
        assert_eq!(set("default"), Ok(RedactKinds::default()));
        assert_eq!(set("card, cvv"), Ok([RedactKind::Card, RedactKind::Cvv].into_iter().collect()));
        assert_eq!(set("default,email,phone,address,name"), Ok(RedactKinds::ALL));
        assert_eq!(set("none"), Ok(RedactKinds::NONE));
        assert!(set("cards").unwrap_err().to_string().contains("bank_account"));
        assert_eq!(RedactKinds::ALL.iter().count(), 9);
        assert!(!RedactKinds::default().has(RedactKind::Email) && RedactKinds::NONE.is_empty());
    }
}
