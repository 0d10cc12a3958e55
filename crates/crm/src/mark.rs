//! Where reading goes on.

use crate::{CrmError, Object, Service};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How far somebody has read the changes of one object. It is small, is kept as whoever reads likes (it is `Serialize`), and is nobody else's
/// business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub(crate) service: Service,
    pub(crate) object: Object,
    /// Where reading by time goes on.
    pub(crate) at: Position,
    /// From when on what was read in this round may not have been all: records show up late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unsettled: Option<DateTime<Utc>>,
    /// Since when it is not known what was archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) archived: Option<DateTime<Utc>>,
    /// A list that is being read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) list: Option<List>,
}

/// A place in the order of times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Position {
    /// What changed at this time or after it.
    From(DateTime<Utc>),
    /// What changed at this time and comes after this id; with Salesforce what changed after this time as well.
    After(DateTime<Utc>, String),
}

impl Position {
    pub fn time(&self) -> DateTime<Utc> {
        match self {
            Self::From(time) | Self::After(time, _) => *time,
        }
    }
}

/// A list that is read from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct List {
    /// Of archived records.
    pub archived: bool,
    /// The service's mark of the next page.
    pub after: Option<String>,
    /// When its first page was asked for.
    pub begun: DateTime<Utc>,
}

impl Mark {
    /// To read what changed at this time or after it, and nothing before.
    pub fn since(service: Service, object: Object, time: DateTime<Utc>) -> Self {
        Self { service, object, at: Position::From(time), unsettled: None, archived: None, list: None }
    }

    /// To read everything.
    pub fn beginning(service: Service, object: Object) -> Self {
        Self::since(service, object, DateTime::UNIX_EPOCH)
    }

    /// The mark to go on from, if it belongs here.
    pub(crate) fn checked(mark: Option<&Self>, service: Service, object: Object) -> Result<Self, CrmError> {
        match mark {
            None => Ok(Self::beginning(service, object)),
            Some(mark) if (mark.service, mark.object) == (service, object) => Ok(mark.clone()),
            Some(_) => Err(CrmError::Mark { service, object }),
        }
    }

    /// Notes that a page was read at `now` up to this position. What was changed later than `overlap` before may not have shown up yet: a
    /// transaction that is still under way, a search that does not know of it.
    pub(crate) fn read_to(&mut self, position: Position, now: DateTime<Utc>, overlap: TimeDelta) {
        let settled = now.checked_sub_signed(overlap).unwrap_or(now);
        if position.time() > settled {
            self.unsettled = Some(self.unsettled.map_or(settled, |before| before.min(settled)));
        }
        self.at = position;
    }

    /// Ends a round: the next begins where this was not sure to have read all.
    pub(crate) fn end_round(&mut self) {
        if let Some(unsettled) = self.unsettled.take() {
            self.at = Position::From(unsettled);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_606_400 + second, 0).unwrap()
    }

    #[test]
    fn the_next_round_begins_where_the_first_unsure_page_was_read() {
        let mut mark = Mark::beginning(Service::Salesforce, Object::Deal);
        let overlap = TimeDelta::seconds(60);
        mark.read_to(Position::After(at(-90), "a".to_owned()), at(0), overlap);
        assert_eq!(mark.unsettled, None, "it has settled");
        mark.read_to(Position::After(at(-50), "b".to_owned()), at(0), overlap);
        mark.read_to(Position::After(at(300), "c".to_owned()), at(310), overlap);
        assert_eq!((mark.unsettled, mark.at.time()), (Some(at(-60)), at(300)), "a round goes on forwards");
        mark.end_round();
        assert_eq!((mark.unsettled, mark.at), (None, Position::From(at(-60))));
    }

    #[test]
    fn a_mark_is_kept_as_text_and_belongs_to_one_list() {
        let mut mark = Mark::since(Service::HubSpot, Object::Email, at(0));
        mark.list = Some(List { archived: true, after: Some("7".to_owned()), begun: at(1) });
        let text = serde_json::to_string(&mark).unwrap();
        assert_eq!(serde_json::from_str::<Mark>(&text).unwrap(), mark);
        assert!(text.len() < 300, "{text}");
        assert!(Mark::checked(Some(&mark), Service::HubSpot, Object::Email).is_ok());
        for (service, object) in [(Service::HubSpot, Object::Deal), (Service::Salesforce, Object::Email)] {
            let error = Mark::checked(Some(&mark), service, object).unwrap_err();
            assert_eq!(error, CrmError::Mark { service, object });
        }
    }
}
