//! What a review of a week tells, and the rules by which it is chosen. It holds no words of a call: those are kept apart, so that they go with their call.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use coaching::{Compared, Rep};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Moments of a rep.
pub const MOMENTS: i64 = 3;
/// From how many points of 100 on a change is told.
const MOVE: f64 = 5.0;
/// Most changes that are told.
const MOVERS: usize = 6;
/// Most deals that are told of each kind; how many there are is told beside them.
pub const DEALS: usize = 20;
/// Most deals at risk.
pub const RISKS: usize = 5;
/// Below this health a deal is at risk though nothing warns of it.
pub const POOR: i64 = 50;

/// The review of a week: of a team, or of everybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WeeklyReview {
    /// Its id.
    pub id: Uuid,
    /// Whose; null for everybody's.
    pub team: Option<ReviewTeam>,
    /// The Monday of the week.
    pub week: NaiveDate,
    /// The Sunday.
    pub until: NaiveDate,
    /// When it was written. Deals stand as they stood then.
    pub written_at: DateTime<Utc>,
    /// The calls.
    pub calls: ReviewCalls,
    /// The figures of all together, beside those of the week before.
    pub metrics: ReviewMetrics,
    /// What changed most, of those with enough calls in both weeks: at most six changes of five points or more.
    pub movers: Vec<Mover>,
    /// The deals.
    pub deals: ReviewDeals,
    /// Each rep, by name.
    pub reps: Vec<ReviewRep>,
}

/// A team, as it was called when the review was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewTeam {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    #[schema(example = "North")]
    pub name: String,
}

/// How many calls there were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewCalls {
    /// In the week.
    pub count: i64,
    /// In the week before.
    pub before: i64,
    /// How many of those of the week were judged.
    pub judged: i64,
    /// How many wait for somebody to look, since words in them speak to the judge; nothing that was judged in them is told.
    pub withheld: i64,
}

/// Averages over the calls of the week. Where they would rest on fewer than five there is no number, and a sentence says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReviewMetrics {
    /// Overall scores.
    pub overall: Compared,
    /// Scores by dimension.
    pub dimensions: Vec<ReviewDimension>,
    /// Our side's share of the talk, 0 to 1.
    pub talk_ratio: Compared,
    /// Sentiment of our side, −1 to 1.
    pub sentiment: Compared,
    /// Sentiment of the customer's side, −1 to 1.
    pub customer_sentiment: Compared,
}

/// A dimension of the scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReviewDimension {
    /// Its id in the rubric.
    #[schema(example = "discovery")]
    pub id: String,
    /// What it is called.
    #[schema(example = "Discovery")]
    pub name: String,
    /// Its scores.
    pub score: Compared,
}

/// A score of a rep that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Mover {
    /// Whose.
    pub rep: Rep,
    /// `overall`, or the id of a dimension.
    #[schema(example = "discovery")]
    pub measure: String,
    /// What it is called.
    #[schema(example = "Discovery")]
    pub name: String,
    /// Now and before.
    pub score: Compared,
}

/// What became of deals in the week.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReviewDeals {
    /// Those that were won.
    pub won: ReviewDealList,
    /// Those that were lost.
    pub lost: ReviewDealList,
    /// Those that were opened.
    pub new: ReviewDealList,
    /// Open deals that something warns of or whose health is below 50: the five worst, the worst health first.
    pub at_risk: ReviewDealList,
}

/// Deals.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReviewDealList {
    /// How many there are.
    pub count: i64,
    /// What all of them are worth, by currency.
    pub amounts: Vec<ReviewAmount>,
    /// At most twenty of them, the largest first.
    pub items: Vec<ReviewDeal>,
}

/// Money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewAmount {
    /// ISO 4217; null where the source does not say.
    #[schema(example = "USD")]
    pub currency: Option<String>,
    /// In cents.
    #[schema(example = 1_250_000)]
    pub cents: i64,
}

/// A deal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReviewDeal {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    #[schema(example = "Acme: dock doors")]
    pub name: String,
    /// The firm.
    pub account: Option<String>,
    /// Whose it is, where that is somebody here.
    pub owner_id: Option<Uuid>,
    /// Their name, or what the source calls them.
    pub owner: Option<String>,
    /// As its source calls it.
    pub stage: String,
    /// Cents of what it is worth.
    pub amount_cents: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The day on which it was opened, won or lost; of one at risk that on which it is to close.
    pub day: Option<NaiveDate>,
    /// Health, 0 to 100; null where it is closed or there is neither a call nor an e-mail.
    pub health: Option<i64>,
    /// What warns of it, in sentences.
    pub warnings: Vec<String>,
}

/// A rep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReviewRep {
    /// Who.
    pub rep: Rep,
    /// How many calls they had.
    pub calls: i64,
    /// How many in the week before.
    pub before: i64,
    /// Their overall scores.
    pub overall: Compared,
    /// At most three moments, each the heaviest of its call.
    #[serde(default)]
    pub moments: Vec<ReviewMoment>,
}

/// A moment to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReviewMoment {
    /// Whose.
    pub rep_id: Uuid,
    /// In which call.
    pub call_id: Uuid,
    /// Its title, or the file's name.
    pub call_title: String,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// `check` or `flag`.
    #[schema(example = "check")]
    pub kind: String,
    /// Name of the check or flag.
    pub name: String,
    /// The segment in which the words stand.
    pub segment_id: u32,
    /// When they are said, from the start of the recording.
    pub start_ms: Option<i64>,
    /// Who says them.
    pub speaker: Option<String>,
    /// The words, verbatim.
    pub quote: String,
    /// Where they begin in the segment, in characters.
    pub offset: usize,
    /// How many characters they are.
    pub length: usize,
    /// What was found, in a sentence.
    pub reason: String,
    /// What to do about it.
    pub advice: String,
}

/// The Monday of the week of this day; `None` where it is of no year of ours.
pub fn monday(day: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike as _;
    (1970..=2999).contains(&day.year()).then(|| day - Days::new(day.weekday().num_days_from_monday().into()))
}

/// The day of a moment where the team is. Sources that know days only tell midnight UTC, which is no moment but that day.
pub fn day_of(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    if at.time() == NaiveTime::MIN { at.date_naive() } else { at.with_timezone(&zone).date_naive() }
}

/// The greatest changes, the greatest first; of equal ones in the order given.
pub fn movers(all: Vec<Mover>) -> Vec<Mover> {
    let size = |mover: &Mover| mover.score.change.map_or(0.0, f64::abs);
    let mut found: Vec<Mover> = all.into_iter().filter(|mover| size(mover) >= MOVE).collect();
    found.sort_by(|a, b| size(b).total_cmp(&size(a)));
    found.truncate(MOVERS);
    found
}

/// Deals with how many there are and what they are worth; of them the largest. What no amount is known of comes last.
pub fn largest(mut deals: Vec<ReviewDeal>) -> ReviewDealList {
    let count = deals.len() as i64;
    let amounts = amounts(&deals);
    deals.sort_by(|a, b| b.amount_cents.cmp(&a.amount_cents).then_with(|| (&a.name, a.id).cmp(&(&b.name, b.id))));
    deals.truncate(DEALS);
    ReviewDealList { count, amounts, items: deals }
}

fn amounts(deals: &[ReviewDeal]) -> Vec<ReviewAmount> {
    let mut sums: BTreeMap<&Option<String>, i64> = BTreeMap::new();
    for deal in deals {
        if let Some(cents) = deal.amount_cents {
            let sum = sums.entry(&deal.currency).or_default();
            *sum = sum.saturating_add(cents);
        }
    }
    sums.into_iter().map(|(currency, cents)| ReviewAmount { currency: currency.clone(), cents }).collect()
}

impl WeeklyReview {
    /// Without what belongs to reps whom one does not see; `sees` takes the rep, or nobody.
    pub fn keep(&mut self, sees: impl Fn(Option<Uuid>) -> bool) {
        self.reps.retain(|rep| sees(Some(rep.rep.id)));
        self.movers.retain(|mover| sees(Some(mover.rep.id)));
        let deals = &mut self.deals;
        for list in [&mut deals.won, &mut deals.lost, &mut deals.new, &mut deals.at_risk] {
            list.items.retain(|deal| sees(deal.owner_id));
        }
    }

    /// Puts moments to their reps, in their order.
    pub fn show(&mut self, moments: Vec<ReviewMoment>) {
        for moment in moments {
            if let Some(rep) = self.reps.iter_mut().find(|rep| rep.rep.id == moment.rep_id) {
                rep.moments.push(moment);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coaching::Average;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_that_a_source_tells_is_that_day_everywhere() {
        let zone = chrono_tz::America::Los_Angeles;
        let day = |text| day_of(at(text), zone).to_string();
        assert_eq!(day("2026-09-14T00:00:00Z"), "2026-09-14", "a Monday, though it is Sunday there at that time");
        assert_eq!(day("2026-09-14T00:30:00Z"), "2026-09-13");
        assert_eq!(day("2026-09-14T07:30:00Z"), "2026-09-14");
    }

    #[test]
    fn a_week_begins_on_monday_and_years_have_bounds() {
        let of = |text: &str| monday(text.parse().unwrap()).map(|day| day.to_string());
        assert_eq!(of("2026-09-20").as_deref(), Some("2026-09-14"));
        assert_eq!(of("2026-09-14").as_deref(), Some("2026-09-14"));
        assert_eq!(of("0001-01-01"), None);
        assert_eq!(monday(NaiveDate::MAX), None);
    }

    #[test]
    fn changes_are_told_from_five_points_on_the_greatest_first() {
        let average = |mean| Average { n: 6, mean, note: None };
        let mover = |name: &str, now, before| Mover {
            rep: Rep { id: Uuid::nil(), name: name.into() },
            measure: "overall".into(),
            name: "Overall".into(),
            score: Compared::of(average(now), average(before)),
        };
        let mut all = vec![
            mover("slight", Some(54.9), Some(50.0)),
            mover("up", Some(55.0), Some(50.0)),
            mover("down", Some(40.0), Some(52.0)),
            mover("unknown", Some(90.0), None),
        ];
        let names = |found: &[Mover]| found.iter().map(|mover| mover.rep.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&movers(all.clone())), ["down", "up"]);
        all.extend((0..10).map(|n| mover(&n.to_string(), Some(80.0), Some(60.0))));
        assert_eq!(names(&movers(all)), ["0", "1", "2", "3", "4", "5"]);
    }

    #[test]
    fn money_is_summed_by_currency_and_the_largest_deals_are_named() {
        let deal = |n: u128, cents: Option<i64>, currency: &str| ReviewDeal {
            id: Uuid::from_u128(n),
            name: format!("D-{n}"),
            account: None,
            owner_id: None,
            owner: None,
            stage: String::new(),
            amount_cents: cents,
            currency: Some(currency.into()),
            day: None,
            health: None,
            warnings: Vec::new(),
        };
        let mut deals = vec![deal(90, None, "EUR"), deal(91, Some(700), "EUR"), deal(92, Some(9_000), "USD")];
        deals.extend((0..19).map(|n| deal(n, Some(100), "EUR")));
        let found = largest(deals);
        assert_eq!((found.count, found.items.len()), (22, DEALS));
        let money: Vec<_> = found.amounts.iter().map(|sum| (sum.currency.as_deref(), sum.cents)).collect();
        assert_eq!(money, [(Some("EUR"), 2_600), (Some("USD"), 9_000)]);
        assert_eq!((&*found.items[0].name, &*found.items[1].name), ("D-92", "D-91"));
        assert!(found.items.iter().all(|deal| deal.amount_cents.is_some()));
    }
}
