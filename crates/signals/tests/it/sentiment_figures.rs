//! How well VADER and its spoken form agree with people's and a model's judgement, printed and compared.
//!
//! * 400 tweets, each with the mean of about 20 people's ratings: for the claim that the spoken form is not worse on VADER's own ground.
//!   Some rows of the table were weighed with them in view.
//! * Support calls with a model's labels, satisfied (yes or no) and sentiment (three steps). The file has 188 calls but only 16
//!   transcripts, so a split by call would have every text in both halves: the halves are made by transcript, and a transcript counts
//!   once, with the mean of its calls' labels. The table was tried on one half, the figures of the module are of the other.

#![expect(clippy::print_stdout, reason = "the figures are to be seen")]
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
#![expect(clippy::float_cmp, reason = "ties share a rank")]

use serde_json::Value;
use signals::sentiment::{spoken, vader};
use std::collections::BTreeMap;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/");
type Scorer = fn(&str) -> f64;
const SCORERS: [(&str, Scorer); 2] = [("vader", |text| vader(text).compound), ("spoken", spoken)];

/// The file of the shared data, or a note that the test is skipped.
fn shared(name: &str) -> Option<String> {
    let text = std::fs::read_to_string(format!("{SHARED}{name}")).ok();
    if text.is_none() {
        println!("SKIPPED: {SHARED}{name} is not here");
    }
    text
}

#[test]
fn spoken_is_not_worse_on_rated_tweets() {
    let Some(file) = shared("sentiment/dev_400.csv") else { return };
    let (texts, ratings): (Vec<String>, Vec<f64>) =
        csv(&file).into_iter().skip(1).map(|row| (row[0].clone(), row[1].parse::<f64>().unwrap())).unzip();
    assert_eq!(texts.len(), 400);
    let [vader, spoken] = SCORERS.map(|(name, score)| {
        let scores: Vec<f64> = texts.iter().map(|text| score(text)).collect();
        let heard: Vec<f64> = texts.iter().map(|text| score(&as_heard(text))).collect();
        let r = pearson(&scores, &ratings);
        println!("tweets {name:>6}: r = {r:.3}, without punctuation and capitals {:.3}", pearson(&heard, &ratings));
        r
    });
    assert!(spoken >= vader, "{spoken} < {vader}");
}

#[test]
fn spoken_is_better_on_calls_it_was_not_tried_on() {
    let Some(file) = shared("dialogs/ms_contact_center_188.json") else { return };
    let calls: Vec<Value> = serde_json::from_str(&file).unwrap();
    let (tried, held_out): (Vec<_>, Vec<_>) =
        transcripts(&calls).into_iter().partition(|t| fnv1a(&t.text).is_multiple_of(2));
    assert_eq!((tried.len(), held_out.len()), (8, 8));
    for (half, transcripts) in [("tried", &tried), ("held-out", &held_out)] {
        let [vader, spoken] = SCORERS.map(|(name, score)| {
            figures(&format!("{half} {name} heard"), transcripts, |text| score(&as_heard(text)));
            figures(&format!("{half} {name}"), transcripts, score)
        });
        if half == "held-out" {
            for (spoken, vader) in spoken.iter().zip(vader) {
                assert!(*spoken >= vader, "{spoken} < {vader}");
            }
        }
    }
}

/// A text of the call file with its labels, which are the means over the calls with this text.
struct Transcript {
    text: String,
    /// Words of the customer by turn, with the turn's position among all turns, 0..1.
    customer: Vec<(f64, String)>,
    satisfied: f64,
    sentiment: f64,
    calls: usize,
}

fn transcripts(calls: &[Value]) -> Vec<Transcript> {
    let mut by_text: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for call in calls {
        by_text.entry(call["Content"].as_str().unwrap()).or_default().push(call);
    }
    let transcript = |(text, calls): (&str, Vec<&Value>)| {
        let mean = |label: &dyn Fn(&Value) -> f64| calls.iter().map(|c| label(c)).sum::<f64>() / calls.len() as f64;
        Transcript {
            text: text.to_owned(),
            customer: customer_turns(text),
            satisfied: mean(&|call| f64::from(u8::from(call["satisfied"] == "Yes"))),
            sentiment: mean(&|call| match call["sentiment"].as_str() {
                Some("Positive") => 1.0,
                Some("Negative") => -1.0,
                _ => 0.0,
            }),
            calls: calls.len(),
        }
    };
    by_text.into_iter().map(transcript).collect()
}

/// Turns are written "**Customer:** words".
fn customer_turns(text: &str) -> Vec<(f64, String)> {
    let mut starts: Vec<_> = text.match_indices("**Agent:**").chain(text.match_indices("**Customer:**")).collect();
    starts.sort_unstable();
    let turns = starts.len() as f64;
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
    let turn = |(i, ((at, mark), end)): (usize, ((usize, &str), usize))| {
        (mark == "**Customer:**").then(|| (i as f64 / turns, text[at + mark.len()..end].trim().to_owned()))
    };
    starts.iter().copied().zip(ends).enumerate().filter_map(turn).collect()
}

/// AUC for satisfied and rank correlation with sentiment, for the mean over the customer's words in the whole call and in its last quarter.
fn figures(name: &str, transcripts: &[Transcript], score: impl Fn(&str) -> f64) -> [f64; 4] {
    let mean_from = |from: f64| -> Vec<f64> {
        let mean = |t: &Transcript| {
            let turns = t.customer.iter().filter(|(position, _)| *position >= from);
            let (sum, words) = turns.fold((0.0, 0.0), |(sum, words), (_, turn)| {
                let weight = turn.split_whitespace().count() as f64;
                (sum + weight * score(turn), words + weight)
            });
            sum / words
        };
        transcripts.iter().map(mean).collect()
    };
    let satisfied: Vec<bool> = transcripts.iter().map(|t| t.satisfied >= 0.5).collect();
    let sentiment: Vec<f64> = transcripts.iter().map(|t| t.sentiment).collect();
    let [(auc, rho), (late_auc, late_rho)] = [mean_from(0.0), mean_from(0.75)]
        .map(|scores| (auc(&scores, &satisfied), pearson(&ranks(&scores), &ranks(&sentiment))));
    println!(
        "calls {name:>21}: satisfied AUC {auc:.3}, last quarter {late_auc:.3}; sentiment rho {rho:.3}, last quarter {late_rho:.3} \
         ({} transcripts of {} calls)",
        transcripts.len(),
        transcripts.iter().map(|t| t.calls).sum::<usize>()
    );
    [auc, late_auc, rho, late_rho]
}

/// A text as a recogniser without punctuation writes it.
fn as_heard(text: &str) -> String {
    text.replace(['.', ',', ';', ':', '!', '?', '…', '"', '“', '”'], " ").to_lowercase()
}

fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(x, y)| f(x - ma, y - mb)).sum::<f64>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

/// Ranks from 0, equal values sharing theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |v: &f64| {
        let below = values.iter().filter(|w| *w < v).count();
        let equal = values.iter().filter(|w| *w == v).count();
        below as f64 + (equal - 1) as f64 / 2.0
    };
    values.iter().map(rank).collect()
}

/// Chance that a random positive scores above a random negative.
fn auc(scores: &[f64], positive: &[bool]) -> f64 {
    let of = |wanted: bool| scores.iter().zip(positive).filter(move |(_, p)| **p == wanted).map(|(s, _)| *s);
    let pairs: Vec<f64> = of(true)
        .flat_map(|p| {
            of(false).map(move |n| {
                if p > n {
                    1.0
                } else if p < n {
                    0.0
                } else {
                    0.5
                }
            })
        })
        .collect();
    pairs.iter().sum::<f64>() / pairs.len() as f64
}

fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// Rows of comma-separated values with RFC 4180 quotes.
fn csv(file: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = file.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            c => field.push(c),
        }
    }
    rows
}
