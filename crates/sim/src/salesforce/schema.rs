//! The objects that it has and their fields, from the object reference of Salesforce; a part of them.

use super::errors::Refused;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Id,
    Text,
    /// A long text, which nothing compares.
    Long,
    Number,
    Bool,
    Date,
    Time,
}

/// An object: its name, how its ids begin, whether its records can be deleted, its fields.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) name: &'static str,
    pub(super) prefix: &'static str,
    pub(super) deletes: bool,
    fields: &'static [(&'static str, Kind)],
}

/// The fields that each has.
const COMMON: [(&str, Kind); 4] =
    [("Id", Kind::Id), ("CreatedDate", Kind::Time), ("LastModifiedDate", Kind::Time), ("SystemModstamp", Kind::Time)];

pub(super) const OBJECTS: [Object; 6] = [
    Object {
        name: "Opportunity",
        prefix: "006",
        deletes: true,
        fields: &[
            ("Name", Kind::Text),
            ("AccountId", Kind::Id),
            ("OwnerId", Kind::Id),
            ("StageName", Kind::Text),
            ("Amount", Kind::Number),
            ("CurrencyIsoCode", Kind::Text),
            ("Probability", Kind::Number),
            ("CloseDate", Kind::Date),
            ("Type", Kind::Text),
            ("LeadSource", Kind::Text),
            ("NextStep", Kind::Text),
            ("IsClosed", Kind::Bool),
            ("IsWon", Kind::Bool),
        ],
    },
    Object {
        name: "Account",
        prefix: "001",
        deletes: true,
        fields: &[
            ("Name", Kind::Text),
            ("Website", Kind::Text),
            ("Industry", Kind::Text),
            ("Type", Kind::Text),
            ("OwnerId", Kind::Id),
        ],
    },
    Object {
        name: "Contact",
        prefix: "003",
        deletes: true,
        fields: &[
            ("Name", Kind::Text),
            ("FirstName", Kind::Text),
            ("LastName", Kind::Text),
            ("Email", Kind::Text),
            ("Title", Kind::Text),
            ("AccountId", Kind::Id),
        ],
    },
    Object {
        name: "User",
        prefix: "005",
        deletes: false,
        fields: &[("Name", Kind::Text), ("Email", Kind::Text), ("Username", Kind::Text), ("IsActive", Kind::Bool)],
    },
    Object {
        name: "EmailMessage",
        prefix: "02s",
        deletes: true,
        fields: &[
            ("RelatedToId", Kind::Id),
            ("Subject", Kind::Text),
            ("FromAddress", Kind::Text),
            ("FromName", Kind::Text),
            ("ToAddress", Kind::Text),
            ("CcAddress", Kind::Text),
            ("MessageDate", Kind::Time),
            ("Incoming", Kind::Bool),
            ("Status", Kind::Text),
            ("TextBody", Kind::Long),
            ("HtmlBody", Kind::Long),
        ],
    },
    Object {
        name: "OpportunityContactRole",
        prefix: "00K",
        deletes: true,
        fields: &[
            ("OpportunityId", Kind::Id),
            ("ContactId", Kind::Id),
            ("Role", Kind::Text),
            ("IsPrimary", Kind::Bool),
        ],
    },
];

impl Object {
    /// The object of this name, in whatever case.
    pub(super) fn named(name: &str) -> Result<&'static Self, Refused> {
        OBJECTS.iter().find(|object| object.name.eq_ignore_ascii_case(name)).ok_or_else(|| Refused::object(name))
    }

    /// The object whose records have ids like this.
    pub(super) fn of_id(id: &str) -> Option<&'static Self> {
        OBJECTS.iter().find(|object| id.starts_with(object.prefix))
    }

    /// A field as it is called, in whatever case; `custom` are the fields that the company added.
    pub(super) fn field(&self, name: &str, custom: &[String]) -> Result<(String, Kind), Refused> {
        let deleted = self.deletes.then_some(("IsDeleted", Kind::Bool));
        let known = COMMON.iter().chain(self.fields).copied().chain(deleted);
        let own = custom.iter().map(|field| (field.as_str(), Kind::Text));
        let mut found = known.chain(own).filter(|(field, _)| field.eq_ignore_ascii_case(name));
        found.next().map(|(field, kind)| (field.to_owned(), kind)).ok_or_else(|| {
            Refused::field(&format!("No such column '{name}' on entity '{}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.", self.name))
        })
    }

    /// Every field but those that the company added.
    pub(super) fn own(&self) -> impl Iterator<Item = &'static str> {
        COMMON.iter().chain(self.fields).map(|(field, _)| *field)
    }
}
