//! `cargo xtask eval --set pii`: how well redaction finds personal data in sentences with known truth.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::Path;
use transcript::redact::{RedactKind, RedactKinds, redact_text};

/// Where the sentences lie, beside the repository.
const SAMPLES: &str = "../shared/data/pii/generated_small.json";

#[derive(Deserialize)]
struct Sample {
    full_text: String,
    spans: Vec<Span>,
}

/// Positions count characters.
#[derive(Deserialize)]
struct Span {
    entity_type: String,
    start_position: usize,
    end_position: usize,
}

#[derive(Default, Clone, Copy)]
struct Count {
    there: u32,
    found: u32,
    said: u32,
    right: u32,
}

/// The kind that a label of the samples means. Places, dates, titles, companies, domains and IP addresses are no kinds of ours.
fn kind_of(entity: &str) -> Option<RedactKind> {
    Some(match entity {
        "CREDIT_CARD" => RedactKind::Card,
        "US_SSN" | "US_DRIVER_LICENSE" | "US_PASSPORT" | "US_ITIN" => RedactKind::IdNumber,
        "IBAN" | "IBAN_CODE" | "US_BANK_NUMBER" => RedactKind::BankAccount,
        "EMAIL_ADDRESS" => RedactKind::Email,
        "PHONE_NUMBER" => RedactKind::Phone,
        "ADDRESS" => RedactKind::Address,
        "PERSON" => RedactKind::Name,
        _ => return None,
    })
}

/// Prints precision and recall per kind. A place counts as found if all of it is covered by placeholders of its kind; a placeholder is
/// right if it touches a place of its kind.
///
/// # Errors
/// If the samples are there and cannot be read.
pub fn run(root: &Path, errors: bool) -> Result<()> {
    let path = root.join(SAMPLES);
    if !path.exists() {
        println!("skipped: {SAMPLES} is not there, so nothing was measured");
        return Ok(());
    }
    let json = std::fs::read_to_string(&path).with_context(|| SAMPLES.to_owned())?;
    let samples: Vec<Sample> = serde_json::from_str(&json).with_context(|| SAMPLES.to_owned())?;
    let mut counts = [Count::default(); RedactKind::ALL.len()];
    for sample in &samples {
        judge(sample, &mut counts, errors);
    }
    println!("{} sentences of {SAMPLES}", samples.len());
    println!("\n{:<14} {:>4} {:>6} {:>6} {:>6}", "kind", "n", "said", "prec", "recall");
    let mut default = Count::default();
    for kind in RedactKind::ALL {
        let count = counts[kind as usize];
        row(kind.as_str(), count);
        if RedactKinds::default().has(kind) {
            default.there += count.there;
            default.found += count.found;
            default.said += count.said;
            default.right += count.right;
        }
    }
    row("= default", default);
    Ok(())
}

fn judge(sample: &Sample, counts: &mut [Count], errors: bool) {
    let text = &sample.full_text;
    let redacted = redact_text(text, None, RedactKinds::ALL);
    let chars = |byte: usize| text[..byte].chars().count();
    let said: Vec<(RedactKind, usize, usize)> =
        redacted.spans.iter().map(|span| (span.kind, chars(span.original.start), chars(span.original.end))).collect();
    let there: Vec<(RedactKind, usize, usize)> = sample
        .spans
        .iter()
        .filter_map(|span| Some((kind_of(&span.entity_type)?, span.start_position, span.end_position)))
        .collect();
    for &(kind, start, end) in &there {
        // Brackets and full stops at the edge are nobody's secret.
        let open = |at: usize| text.chars().nth(at).is_some_and(char::is_alphanumeric);
        let covered =
            (start..end).filter(|at| open(*at)).all(|at| said.iter().any(|s| s.0 == kind && (s.1..s.2).contains(&at)));
        counts[kind as usize].there += 1;
        counts[kind as usize].found += u32::from(covered);
        if errors && !covered {
            println!("MISSED {} in {:?}", kind.as_str(), redacted.text);
        }
    }
    for &(kind, start, end) in &said {
        let right = there.iter().any(|t| t.0 == kind && t.1 < end && start < t.2);
        counts[kind as usize].said += 1;
        counts[kind as usize].right += u32::from(right);
        if errors && !right {
            println!("WRONG {} in {text:?}", kind.as_str());
        }
    }
}

fn row(name: &str, count: Count) {
    let share = |part: u32, whole: u32| {
        if whole == 0 { "-".to_owned() } else { format!("{:.2}", f64::from(part) / f64::from(whole)) }
    };
    let (precision, recall) = (share(count.right, count.said), share(count.found, count.there));
    println!("{name:<14} {:>4} {:>6} {precision:>6} {recall:>6}", count.there, count.said);
}
