//! What a question in everyday words says of where to look: days, people, customers, sides, scores. By rules, so that it is the same each time and can be shown.

use crate::allowed::Scope;
use crate::{Search, SearchError};
use accounts::may_see;
use chrono::{Datelike as _, Days, Months, NaiveDate, Weekday};
use db::{Db, Statement, Value};
use kernel::Actor;
use retrieval::words::{Word, words};
use serde::Serialize;
use transcript::Side;
use utoipa::ToSchema;

/// What a question was taken for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = QuestionReading)]
pub struct Reading {
    /// What is looked for: the question without what says where.
    #[schema(example = "complain about the price")]
    pub text: String,
    /// What was understood of where to look, as fields of a query.
    #[schema(example = json!(["side:customer", "after:2026-11-16", "before:2026-11-22"]))]
    pub understood: Vec<String>,
    #[serde(skip)]
    pub(crate) scope: Scope,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const NUMBERS: [&str; 13] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
/// Who is on the other side.
const CUSTOMERS: [&str; 10] =
    ["customer", "customers", "prospect", "prospects", "client", "clients", "buyer", "buyers", "caller", "callers"];
/// What they do in a call.
const SAYING: [&str; 34] = [
    "say",
    "says",
    "said",
    "saying",
    "ask",
    "asks",
    "asked",
    "asking",
    "mention",
    "mentions",
    "mentioned",
    "complain",
    "complains",
    "complained",
    "complaining",
    "object",
    "objects",
    "objected",
    "raise",
    "raises",
    "raised",
    "tell",
    "tells",
    "told",
    "want",
    "wants",
    "wanted",
    "bring",
    "brings",
    "brought",
    "talk",
    "talks",
    "talked",
    "think",
];
/// How questions begin that say nothing.
const OPENINGS: [&[&str]; 15] = [
    &["show", "me"],
    &["find", "me"],
    &["find"],
    &["list"],
    &["search", "for"],
    &["give", "me"],
    &["all"],
    &["the"],
    &["calls", "where"],
    &["calls", "in", "which"],
    &["which", "calls"],
    &["in", "which", "calls"],
    &["moments", "where"],
    &["when", "did"],
    &["where", "did"],
];

/// Reads a question for an actor: only people and customers whom they see are understood.
///
/// # Errors
/// When the database fails.
pub async fn read(search: &Search, actor: &Actor, question: &str) -> Result<Reading, SearchError> {
    let question = question.replace('\0', " ");
    let mut said = Said::new(&question);
    let mut scope = Scope::default();
    let today = search.clock.now().with_timezone(&search.zone).date_naive();
    said.openings();
    if let Some((since, until)) = said.days(today) {
        (scope.fields.since, scope.fields.until) = (since, until);
    }
    (scope.fields.min_score, scope.fields.max_score) = said.scores();
    scope.won =
        said.take(&["in", "won", "deals"]) || said.take(&["of", "won", "deals"]) || said.take(&["won", "deals"]);
    scope.fields.agent = named(search, actor, &mut said, Kind::Agent).await?;
    scope.fields.customer = named(search, actor, &mut said, Kind::Customer).await?;
    scope.fields.side = said.side();
    Ok(Reading { text: said.left(), understood: understood(&scope), scope })
}

/// The fields as they would be written.
fn understood(scope: &Scope) -> Vec<String> {
    let fields = &scope.fields;
    let quoted = |text: &str| if text.contains(' ') { format!("\"{text}\"") } else { text.to_owned() };
    let mut all = Vec::new();
    all.extend(fields.side.map(|side| format!("side:{}", if side == Side::Internal { "us" } else { "customer" })));
    all.extend(fields.agent.as_deref().map(|name| format!("agent:{}", quoted(name))));
    all.extend(fields.customer.as_deref().map(|name| format!("customer:{}", quoted(name))));
    all.extend(fields.since.map(|day| format!("after:{day}")));
    all.extend(fields.until.map(|day| format!("before:{day}")));
    all.extend(fields.min_score.map(|score| format!("score>={score}")));
    all.extend(fields.max_score.map(|score| format!("score<={score}")));
    all.extend(scope.won.then(|| "deals that were won".to_owned()));
    all
}

/// The words of a question, some of which were taken for something.
struct Said<'a> {
    text: &'a str,
    words: Vec<Word>,
    taken: Vec<bool>,
}

impl<'a> Said<'a> {
    fn new(text: &'a str) -> Self {
        let words = words(text);
        Self { text, taken: vec![false; words.len()], words }
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.words.get(at).is_some_and(|said| said.folded == word) && !self.taken[at]
    }

    /// Where these words stand one after the other.
    fn find(&self, wanted: &[&str]) -> Option<usize> {
        (0..self.words.len()).find(|at| wanted.iter().enumerate().all(|(n, word)| self.is(at + n, word)))
    }

    fn mark(&mut self, from: usize, count: usize) {
        self.taken.iter_mut().skip(from).take(count).for_each(|taken| *taken = true);
    }

    /// Takes these words, where they stand.
    fn take(&mut self, wanted: &[&str]) -> bool {
        let found = self.find(wanted);
        if let Some(at) = found {
            self.mark(at, wanted.len());
        }
        found.is_some()
    }

    /// Takes what questions begin with, at the beginning.
    fn openings(&mut self) {
        let mut at = 0;
        while let Some(opening) =
            OPENINGS.iter().find(|opening| opening.iter().enumerate().all(|(n, word)| self.is(at + n, word)))
        {
            self.mark(at, opening.len());
            at += opening.len();
        }
    }

    /// A number in digits or as a word.
    fn number(&self, at: usize) -> Option<u32> {
        let word = &self.words.get(at)?.folded;
        word.parse().ok().or_else(|| NUMBERS.iter().position(|number| number == word).map(|n| n as u32))
    }

    /// From which day to which.
    fn days(&mut self, today: NaiveDate) -> Option<(Option<NaiveDate>, Option<NaiveDate>)> {
        let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
        let first = today.with_day(1)?;
        // Databases know no days before those years, and nobody had calls then.
        let known = |day: Option<NaiveDate>| day.filter(|day| (1..=9_999).contains(&day.year()));
        let back = |count: u64| known(today.checked_sub_days(Days::new(count)));
        for (wanted, since, until) in [
            (&["today"][..], Some(today), Some(today)),
            (&["yesterday"], back(1), back(1)),
            (&["this", "week"], Some(monday), None),
            (&["last", "week"], monday.checked_sub_days(Days::new(7)), monday.pred_opt()),
            (&["this", "month"], Some(first), None),
            (&["last", "month"], first.checked_sub_months(Months::new(1)), first.pred_opt()),
            (&["this", "year"], first.with_month(1), None),
            (
                &["last", "year"],
                NaiveDate::from_ymd_opt(today.year() - 1, 1, 1),
                NaiveDate::from_ymd_opt(today.year() - 1, 12, 31),
            ),
        ] {
            if let Some(at) = self.find(wanted) {
                self.mark(at, wanted.len());
                return Some((since, until));
            }
        }
        for at in 0..self.words.len() {
            // Last three weeks, past 30 days.
            let (count, unit) = (self.number(at + 1), self.words.get(at + 2).map(|word| &*word.folded));
            if (self.is(at, "last") || self.is(at, "past"))
                && let (Some(count), Some(unit)) = (count, unit)
            {
                let since = match unit {
                    "day" | "days" => back(u64::from(count)),
                    "week" | "weeks" => back(7 * u64::from(count)),
                    "month" | "months" => known(today.checked_sub_months(Months::new(count))),
                    _ => continue,
                };
                if since.is_none() {
                    continue;
                }
                // In the, during the, over the.
                let article = usize::from(at > 0 && self.is(at - 1, "the"));
                let from = at - article;
                let preposition = ["in", "during", "over", "within", "of"];
                let before = usize::from(from > 0 && preposition.iter().any(|word| self.is(from - 1, word)));
                self.mark(from - before, 3 + article + before);
                return Some((since, None));
            }
            let since = self.is(at, "since");
            if !since && !self.is(at, "in") && !self.is(at, "on") {
                continue;
            }
            let Some(name) = self.words.get(at + 1).map(|word| &*word.folded) else { continue };
            if let Some(month) = MONTHS.iter().position(|month| *month == name) {
                let month = month as u32 + 1;
                let year = self.number(at + 2).filter(|year| (1990..2200).contains(year));
                // Without a year the latest that has begun.
                let usual = if month > today.month() { today.year() - 1 } else { today.year() };
                let begin = NaiveDate::from_ymd_opt(year.map_or(usual, |year| year as i32), month, 1)?;
                self.mark(at, if year.is_some() { 3 } else { 2 });
                let end = begin.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt());
                return Some((Some(begin), if since { None } else { end }));
            }
            if let Some(day) = DAYS.iter().position(|day| *day == name) {
                let wanted = Weekday::try_from(day as u8).ok()?;
                let gone = (today.weekday().num_days_from_monday() + 7 - wanted.num_days_from_monday()) % 7;
                let day = back(u64::from(gone))?;
                self.mark(at, 2);
                return Some((Some(day), if since { None } else { Some(day) }));
            }
        }
        None
    }

    /// Scores at least and at most.
    fn scores(&mut self) -> (Option<f64>, Option<f64>) {
        for at in 0..self.words.len() {
            let named = ["score", "scores", "scored", "scoring"].iter().any(|word| self.is(at, word));
            let (Some(number), true) = (self.number(at + 2), named) else { continue };
            let number = f64::from(number);
            if ["below", "under"].iter().any(|word| self.is(at + 1, word)) {
                self.mark(at, 3);
                return (None, Some(number));
            }
            if ["above", "over"].iter().any(|word| self.is(at + 1, word)) {
                self.mark(at, 3);
                return (Some(number), None);
            }
        }
        (None, None)
    }

    /// Whose words are meant.
    fn side(&mut self) -> Option<Side> {
        for at in 0..self.words.len() {
            let says = |word: Option<&Word>| word.is_some_and(|word| SAYING.contains(&&*word.folded));
            let follows = says(self.words.get(at + 1));
            if follows && CUSTOMERS.iter().any(|who| self.is(at, who)) {
                let article = usize::from(at > 0 && ["the", "a", "our"].iter().any(|word| self.is(at - 1, word)));
                self.mark(at - article, 1 + article);
                return Some(Side::External);
            }
            if follows && ["we", "rep", "reps", "i"].iter().any(|who| self.is(at, who)) {
                self.mark(at, 1);
                return Some(Side::Internal);
            }
        }
        None
    }

    /// What nothing was made of, as it was written.
    fn left(&self) -> String {
        if self.taken.iter().all(|taken| !taken) {
            return self.text.trim().to_owned();
        }
        let mut left = String::new();
        for (at, word) in self.words.iter().enumerate() {
            if self.taken[at] {
                continue;
            }
            // With what stands between it and the word before it, where that was left as well.
            let from = if at > 0 && !self.taken[at - 1] { self.words[at - 1].at.end } else { word.at.start };
            if !left.is_empty() && from == word.at.start {
                left.push(' ');
            }
            left.push_str(&self.text[from..word.at.end]);
        }
        left
    }
}

enum Kind {
    Agent,
    Customer,
}

/// Somebody whose name stands in the question: the longest of them.
async fn named(search: &Search, actor: &Actor, said: &mut Said<'_>, kind: Kind) -> Result<Option<String>, SearchError> {
    let mut made = Statement::default();
    made.place(Value::Id(actor.id));
    let text = made.text(&said.text.to_lowercase());
    let within = |name: &str| match search.db {
        Db::Sqlite(_) => format!("instr({text}, {name}) > 0"),
        Db::Postgres(_) => format!("strpos({text}, {name}) > 0"),
    };
    made.sql = match kind {
        Kind::Agent => format!(
            "SELECT u.name FROM users u WHERE {} AND length(u.name_key) > 2 AND {} ORDER BY length(u.name) DESC LIMIT 5",
            may_see(actor.role, "u.id"),
            within("u.name_key")
        ),
        Kind::Customer => format!(
            "SELECT c.customer FROM calls c WHERE {} AND c.customer_key IS NOT NULL AND length(c.customer_key) > 2 AND {} \
             GROUP BY c.customer ORDER BY length(c.customer) DESC, c.customer LIMIT 50",
            may_see(actor.role, "c.rep_id"),
            within("c.customer_key")
        ),
    };
    let rows: Vec<(String,)> = made.rows(&search.db).await?;
    let mut names: Vec<String> = rows.into_iter().map(|(name,)| name).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    for name in names {
        let of: Vec<String> = words(&name).into_iter().map(|word| word.folded).collect();
        let of: Vec<&str> = of.iter().map(String::as_str).collect();
        let Some(at) = said.find(&of).filter(|_| !of.is_empty()) else { continue };
        let before =
            usize::from(at > 0 && ["by", "with", "from", "of", "at", "did"].iter().any(|word| said.is(at - 1, word)));
        // The s of a genitive.
        let after = usize::from(said.is(at + of.len(), "s"));
        said.mark(at - before, of.len() + before + after);
        return Ok(Some(name));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        // A Monday.
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
    }

    fn day(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    #[test]
    fn days_are_understood() {
        for (text, since, until, left) in [
            ("price objections last week", day("2026-11-16"), day("2026-11-22"), "price objections"),
            (
                "what did they say yesterday about GDPR",
                day("2026-11-22"),
                day("2026-11-22"),
                "what did they say about GDPR",
            ),
            ("pricing in October", day("2026-10-01"), day("2026-10-31"), "pricing"),
            ("pricing in December", day("2025-12-01"), day("2025-12-31"), "pricing"),
            ("pricing in May 2024, please", day("2024-05-01"), day("2024-05-31"), "pricing please"),
            ("budget since Friday", day("2026-11-20"), None, "budget"),
            ("budget in the last 3 weeks", day("2026-11-02"), None, "budget"),
            ("the budget over the past two weeks", day("2026-11-09"), None, "the budget"),
            ("demo past two months", day("2026-09-23"), None, "demo"),
            ("last month", day("2026-10-01"), day("2026-10-31"), ""),
        ] {
            let mut said = Said::new(text);
            assert_eq!(said.days(today()), Some((since, until)), "{text}");
            assert_eq!(said.left(), left, "{text}");
        }
        for text in [
            "the last thing they said",
            "in may be",
            "last chance",
            "the last 3000000 days",
            "past 99999 months",
            "last 4000000000 weeks",
            "",
        ] {
            let mut said = Said::new(text);
            assert!(said.days(today()).is_none() || text.contains("may"), "{text}");
        }
    }

    #[test]
    fn sides_scores_and_openings_are_understood() {
        let mut said = Said::new("Show me calls where the customer complained about onboarding scored below 50");
        said.openings();
        assert_eq!(said.scores(), (None, Some(50.0)));
        assert_eq!(said.side(), Some(Side::External));
        assert_eq!(said.left(), "complained about onboarding");
        let mut said = Said::new("customer success platform");
        assert_eq!((said.side(), said.left().as_str()), (None, "customer success platform"));
    }
}
