//! The review of a week, as a page that stands alone and as Markdown.

use super::markdown;
use super::words::{clock, date, mood, percent, score};
use chrono::NaiveDate;
use coaching::{Average, Compared, MIN_CALLS};
use deals::{ReviewDeal, ReviewDealList, ReviewMoment, ReviewRep, WeeklyReview};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::LazyLock;

const PAGE: &str = "review.html";
const TEXT: &str = "review.md";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|name| if name == PAGE { AutoEscape::Html } else { AutoEscape::None });
    templates.add_filter("md", |text: String| markdown::escape(&text));
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .expect("the delimiters are the default ones");
    templates.set_syntax(syntax);
    for (name, template) in
        [(PAGE, include_str!("templates/review.html.j2")), (TEXT, include_str!("templates/review.md.j2"))]
    {
        templates.add_template(name, template).expect("the template is checked by a test");
    }
    templates
});

/// In what a review is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A page that stands alone.
    Html,
    /// Markdown.
    Markdown,
}

/// Writes a review. Links lead to the pages at `base`, such as `https://coach.acme.com`; with an empty one they begin with `/`.
///
/// # Errors
/// Those of the writer.
pub fn review(out: &mut impl Write, review: &WeeklyReview, base: &str, form: Form) -> io::Result<()> {
    let name = match form {
        Form::Html => PAGE,
        Form::Markdown => TEXT,
    };
    let template = TEMPLATES.get_template(name).map_err(io::Error::other)?;
    let view = View::new(review, base.trim_end_matches('/'));
    template.render_captured_to(Serde(view), &mut *out).map(|_| ()).map_err(|error| {
        // The engine wraps what the writer said; a closed pipe has to stay one.
        let kind = std::error::Error::source(&error)
            .and_then(|source| source.downcast_ref::<io::Error>())
            .map(io::Error::kind);
        io::Error::new(kind.unwrap_or(io::ErrorKind::Other), error)
    })
}

/// What a review is called: `Week of 14 Sep 2026, North`.
pub fn title(review: &WeeklyReview) -> String {
    let whose = review.team.as_ref().map_or("all teams", |team| &team.name);
    format!("Week of {}, {whose}", day(review.week))
}

fn day(day: NaiveDate) -> String {
    date(&day.to_string()).into_owned()
}

/// Everything the templates show, in words.
#[derive(Serialize)]
struct View<'a> {
    title: String,
    subtitle: String,
    calls: i64,
    facts: Vec<String>,
    figures: Vec<Figure<'a>>,
    movers: Vec<Figure<'a>>,
    outcomes: Vec<Group<'a>>,
    reps: Vec<RepView<'a>>,
}

/// An average beside that of the week before.
#[derive(Serialize)]
struct Figure<'a> {
    /// Whose, of one of a rep.
    rep: Option<&'a str>,
    name: &'a str,
    now: String,
    n: i64,
    before: String,
    change: Option<String>,
    /// `up` or `down` where higher is surely better.
    tone: &'static str,
}

#[derive(Serialize)]
struct Group<'a> {
    title: &'static str,
    count: i64,
    money: String,
    /// How many are not named.
    more: i64,
    deals: Vec<DealView<'a>>,
}

#[derive(Serialize)]
struct DealView<'a> {
    name: &'a str,
    link: String,
    facts: String,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct RepView<'a> {
    name: &'a str,
    facts: String,
    moments: Vec<MomentView<'a>>,
}

#[derive(Serialize)]
struct MomentView<'a> {
    name: &'a str,
    call: &'a str,
    link: String,
    time: String,
    speaker: Option<&'a str>,
    quote: &'a str,
    reason: &'a str,
    advice: &'a str,
}

/// How a measure is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// 0 to 100; higher is better.
    Score,
    /// 0 to 1; neither is better.
    Share,
    /// −1 to 1; neither is better.
    Mood,
}

impl Scale {
    fn value(self, average: &Average) -> String {
        match (average.mean, self) {
            (None, _) => format!("not enough ({} of {MIN_CALLS} calls)", average.n),
            (Some(mean), Self::Score) => score(Some(mean)),
            (Some(mean), Self::Share) => percent(mean),
            (Some(mean), Self::Mood) => mood(Some(mean)),
        }
    }

    fn change(self, change: f64) -> String {
        let (text, nothing) = match self {
            Self::Score => (format!("{change:+.0}"), change.abs() < 0.5),
            Self::Share => (format!("{:+.0} points", change * 100.0), change.abs() < 0.005),
            Self::Mood => (format!("{change:+.2}"), change.abs() < 0.005),
        };
        if nothing { "as before".to_owned() } else { text.replace('-', "−") }
    }
}

fn figure<'a>(rep: Option<&'a str>, name: &'a str, of: &Compared, scale: Scale) -> Figure<'a> {
    let tone = match of.change {
        Some(change) if scale == Scale::Score && change >= 0.5 => "up",
        Some(change) if scale == Scale::Score && change <= -0.5 => "down",
        _ => "",
    };
    Figure {
        rep,
        name,
        now: scale.value(&of.now),
        n: of.now.n,
        before: scale.value(&of.before),
        change: of.change.map(|change| scale.change(change)),
        tone,
    }
}

/// Money in whole units, with thousands apart: `USD 12,500`.
fn money(cents: i64, currency: Option<&str>) -> String {
    let digits = (cents.unsigned_abs().saturating_add(50) / 100).to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    let sign = if cents < 0 { "−" } else { "" };
    let amount = format!("{sign}{}", groups.join(","));
    currency.map_or(amount.clone(), |currency| format!("{currency} {amount}"))
}

fn calls(count: i64) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{count} calls") }
}

impl<'a> View<'a> {
    fn new(review: &'a WeeklyReview, base: &str) -> Self {
        let counted = &review.calls;
        let mut facts =
            vec![format!("{} in the week before", calls(counted.before)), format!("{} judged", counted.judged)];
        if counted.withheld > 0 {
            facts.push(format!("{} waiting for somebody to look", counted.withheld));
        }
        let metrics = &review.metrics;
        let mut figures = vec![figure(None, "Overall", &metrics.overall, Scale::Score)];
        figures.extend(metrics.dimensions.iter().map(|of| figure(None, &of.name, &of.score, Scale::Score)));
        figures.push(figure(None, "Talk ratio", &metrics.talk_ratio, Scale::Share));
        figures.push(figure(None, "Our mood", &metrics.sentiment, Scale::Mood));
        figures.push(figure(None, "Customers’ mood", &metrics.customer_sentiment, Scale::Mood));
        let movers = review.movers.iter();
        let deals = &review.deals;
        let group = |title, list: &'a ReviewDealList, by: &'static str| group(title, list, by, base);
        Self {
            title: title(review),
            subtitle: format!(
                "{} to {} · written {} UTC",
                day(review.week),
                day(review.until),
                date(&review.written_at.to_rfc3339())
            ),
            calls: counted.count,
            facts,
            figures,
            movers: movers.map(|of| figure(Some(&of.rep.name), &of.name, &of.score, Scale::Score)).collect(),
            outcomes: vec![
                group("Won", &deals.won, ""),
                group("Lost", &deals.lost, ""),
                group("New", &deals.new, ""),
                group("At risk", &deals.at_risk, "closes "),
            ],
            reps: review.reps.iter().map(|rep| rep_view(rep, base)).collect(),
        }
    }
}

fn group<'a>(title: &'static str, list: &'a ReviewDealList, by: &str, base: &str) -> Group<'a> {
    let amounts: Vec<String> =
        list.amounts.iter().map(|amount| money(amount.cents, amount.currency.as_deref())).collect();
    Group {
        title,
        count: list.count,
        money: amounts.join(" + "),
        more: list.count - list.items.len() as i64,
        deals: list.items.iter().map(|deal| deal_view(deal, by, base)).collect(),
    }
}

fn deal_view<'a>(deal: &'a ReviewDeal, by: &str, base: &str) -> DealView<'a> {
    let mut facts: Vec<String> = Vec::new();
    facts.extend(deal.account.clone().filter(|account| *account != deal.name));
    facts.extend(deal.owner.clone());
    facts.push(deal.stage.clone());
    facts.extend(deal.amount_cents.map(|cents| money(cents, deal.currency.as_deref())));
    facts.extend(deal.health.map(|health| format!("health {health}")));
    facts.extend(deal.day.map(|at| format!("{by}{}", day(at))));
    DealView {
        name: &deal.name,
        link: format!("{base}/deals/{}", deal.id),
        facts: facts.join(" · "),
        warnings: &deal.warnings,
    }
}

fn rep_view<'a>(rep: &'a ReviewRep, base: &str) -> RepView<'a> {
    let overall = &rep.overall;
    let mut facts = vec![
        format!("{} ({} in the week before)", calls(rep.calls), rep.before),
        format!("overall {}", Scale::Score.value(&overall.now)),
    ];
    facts.extend(overall.change.map(|change| Scale::Score.change(change)));
    RepView {
        name: &rep.rep.name,
        facts: facts.join(" · "),
        moments: rep.moments.iter().map(|moment| moment_view(moment, base)).collect(),
    }
}

fn moment_view<'a>(moment: &'a ReviewMoment, base: &str) -> MomentView<'a> {
    let ReviewMoment { call_id, segment_id, offset, length, .. } = moment;
    let start = moment.start_ms.and_then(|ms| u64::try_from(ms).ok());
    MomentView {
        name: &moment.name,
        call: &moment.call_title,
        link: format!("{base}/calls/{call_id}?at={segment_id}&mark={offset}-{length}"),
        time: start.map_or_else(|| format!("#{segment_id}"), clock),
        speaker: moment.speaker.as_deref(),
        quote: &moment.quote,
        reason: &moment.reason,
        advice: &moment.advice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn compared(now: (i64, Option<f64>), before: (i64, Option<f64>)) -> Value {
        let of = |(n, mean): (i64, Option<f64>)| json!({ "n": n, "mean": mean });
        json!({ "now": of(now), "before": of(before), "change": now.1.zip(before.1).map(|(now, before)| now - before) })
    }

    /// A review in which everything that people wrote would like to be something else.
    fn written(form: Form, base: &str) -> String {
        let (id, rep) = ("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002");
        let deal = json!({ "id": id, "name": "<b>Acme</b> *docks*", "account": null, "owner_id": null, "owner": "Dana", "stage": "Demo",
            "amount_cents": 123_456_750, "currency": "USD", "day": "2026-09-10", "health": 20, "warnings": ["No answer for <18> days."] });
        let none = json!({ "count": 0, "amounts": [], "items": [] });
        let list = json!({ "count": 7, "amounts": [{ "currency": "USD", "cents": 123_456_750 }, { "currency": null, "cents": -50_000 }], "items": [deal] });
        let moment = json!({ "rep_id": rep, "call_id": id, "call_title": "Docks | <script>", "started_at": null, "kind": "check", "name": "Impact",
            "segment_id": 4, "start_ms": 65_000, "speaker": "Mara", "quote": "It's <i>fine</i> @all", "offset": 2, "length": 9,
            "reason": "Nobody asked.", "advice": "Ask." });
        let review = json!({ "id": id, "team": { "id": id, "name": "North & South" }, "week": "2026-09-07", "until": "2026-09-13",
            "written_at": "2026-09-14T13:00:00Z", "calls": { "count": 12, "before": 1, "judged": 11, "withheld": 1 },
            "metrics": { "overall": compared((11, Some(64.4)), (9, Some(61.0))),
                "dimensions": [{ "id": "d", "name": "Discovery", "score": compared((11, Some(40.0)), (9, Some(48.2))) }],
                "talk_ratio": compared((11, Some(0.553)), (9, Some(0.5))), "sentiment": compared((4, None), (9, Some(0.2))),
                "customer_sentiment": compared((11, Some(0.1)), (9, Some(0.1))) },
            "movers": [{ "rep": { "id": rep, "name": "Dana" }, "measure": "d", "name": "Discovery", "score": compared((6, Some(30.0)), (5, Some(55.0))) }],
            "deals": { "won": none, "lost": none, "new": none, "at_risk": list },
            "reps": [{ "rep": { "id": rep, "name": "Dana" }, "calls": 6, "before": 5, "overall": compared((6, Some(50.0)), (5, Some(51.0))),
                "moments": [moment] }, { "rep": { "id": id, "name": "Ravi" }, "calls": 1, "before": 0, "overall": compared((1, None), (0, None)),
                "moments": [] }] });
        let review: WeeklyReview = serde_json::from_value(review).unwrap();
        let mut out = Vec::new();
        super::review(&mut out, &review, base, form).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_page_stands_alone_and_what_people_wrote_stays_text() {
        let page = written(Form::Html, "https://coach.acme.example/");
        assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"), "{page}");
        for text in [
            "<title>Week of 7 Sep 2026, North &amp; South</title>",
            "&lt;b&gt;Acme&lt;&#x2f;b&gt;",
            "No answer for &lt;18&gt; days.",
            "Docks | &lt;script&gt;",
            "It&#x27;s &lt;i&gt;fine",
            "not enough (4 of 5 calls)",
            "not enough (1 of 5 calls)",
            "USD 1,234,568 + −500",
            "as before",
            "1 waiting for somebody to look",
        ] {
            assert!(page.contains(text), "{text} is not in {page}");
        }
        let link = "calls&#x2f;00000000-0000-0000-0000-000000000001?at=4&amp;mark=2-9";
        assert!(page.contains(&format!("href=\"https:&#x2f;&#x2f;coach.acme.example&#x2f;{link}\"")), "{page}");
        assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("<link"), "{page}");
    }

    #[test]
    fn markdown_says_the_same() {
        let text = written(Form::Markdown, "");
        for line in [
            "# Week of 7 Sep 2026, North &amp; South",
            "| Overall | 64 | 61 | +3 | 11 |",
            "| Discovery | 40 | 48 | −8 | 11 |",
            "| Talk ratio | 55 % | 50 % | +5 points | 11 |",
            "| Our mood | not enough (4 of 5 calls) |",
            "- **Dana**, Discovery: 30, was 55 (−25)",
            "(/deals/00000000-0000-0000-0000-000000000001)",
            "  - No answer for &lt;18&gt; days.",
            "- … and 6 more",
            "[Docks \\| &lt;script&gt; at 1:05](/calls/00000000-0000-0000-0000-000000000001?at=4&mark=2-9)",
            "“It's &lt;i&gt;fine&lt;/i&gt; @\u{200B}all”",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
        assert!(!text.contains("<b>") && !text.contains("\n\n\n"), "{text}");
    }
}
