//! A deal world as the rows of the files that `POST /opportunities/import` takes: names and formats are those of its columns.

use super::{Account, Deal, Outcome, Outline};
use crate::cast;
use serde::Serialize;

/// ISO 4217; people of this world speak of pounds.
const CURRENCY: &str = "GBP";

/// A deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DealRow<'a> {
    id: &'a str,
    name: &'a str,
    account: &'a str,
    account_domain: &'a str,
    /// Mail address.
    owner: String,
    stage: &'a str,
    /// RFC 3339.
    stage_since: &'a str,
    /// open, won or lost
    status: &'static str,
    product: &'a str,
    segment: &'a str,
    /// With two digits behind the point.
    amount: String,
    currency: &'static str,
    close_date: &'a str,
    opened_at: &'a str,
    closed_at: Option<&'a str>,
    /// 0 to 100
    health: Option<u8>,
    industry: &'a str,
}

/// An e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EmailRow<'a> {
    id: &'a str,
    opportunity_id: &'a str,
    sender: &'a str,
    recipients: &'a [String],
    sent_at: &'a str,
    subject: &'a str,
    body: &'a str,
    incoming: bool,
}

/// That a call belongs to a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkRow<'a> {
    /// [`SynthCall::external_id`](crate::SynthCall::external_id)
    call_id: String,
    opportunity_id: &'a str,
}

impl Outline {
    /// The deals, in order of their number.
    pub fn deal_rows(&self) -> impl Iterator<Item = DealRow<'_>> {
        self.deals.iter().map(|deal| self.deal_row(deal))
    }

    fn deal_row<'a>(&'a self, deal: &'a Deal) -> DealRow<'a> {
        let account: &Account = &self.accounts[deal.account];
        let (stage_since, stage) = deal.stages.last().map_or((&*deal.opened, "Discovery"), |(at, stage)| (at, stage));
        DealRow {
            id: &deal.id,
            name: &deal.name,
            account: &account.name,
            account_domain: &account.domain,
            owner: self.options.reps[deal.rep].person.email(),
            stage,
            stage_since,
            status: match deal.outcome {
                Outcome::Open => "open",
                Outcome::Won => "won",
                Outcome::Lost => "lost",
            },
            product: deal.product,
            segment: account.segment,
            amount: format!("{}.{:02}", deal.amount_cents / 100, deal.amount_cents % 100),
            currency: CURRENCY,
            close_date: &deal.close_date,
            opened_at: &deal.opened,
            closed_at: deal.closed.as_deref(),
            health: deal.health,
            industry: account.industry,
        }
    }

    /// The e-mails, in order of time.
    pub fn email_rows(&self) -> impl Iterator<Item = EmailRow<'_>> {
        self.emails.iter().map(|email| EmailRow {
            id: &email.id,
            opportunity_id: &self.deals[email.deal].id,
            sender: &email.from,
            recipients: &email.to,
            sent_at: &email.sent_at,
            subject: &email.subject,
            body: &email.body,
            incoming: email.incoming,
        })
    }

    /// Which call belongs where, in order of the calls' numbers.
    pub fn link_rows(&self) -> impl Iterator<Item = LinkRow<'_>> {
        self.calls.iter().enumerate().map(|(number, call)| LinkRow {
            call_id: cast::call_id(self.options.seed, number as u32),
            opportunity_id: &self.deals[call.deal].id,
        })
    }
}
