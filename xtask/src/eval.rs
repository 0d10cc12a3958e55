//! `cargo xtask eval`: how well the offline analyst judges the truth set.

use crate::tools::Workspace;
use crate::truth::{Call, read_folder};
use crate::{embedding, eval_pii, eval_search, eval_winners};
use anyhow::Result;
use rubric::{FlagKind, Report, Verdict};
use signals::labels::{CallLabels, Label, Labeler};
use std::collections::BTreeMap;
use transcript::Side;

/// What to print.
#[derive(Debug, Clone, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    subject: Option<Subject>,
    /// Which half: `dev` may be read while tuning, `holdout` never, only its figures; or `pii`, which measures redaction.
    #[arg(long, default_value = "dev")]
    set: String,
    /// List every wrong verdict and label (dev and pii only).
    #[arg(long)]
    errors: bool,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Subject {
    /// What the comparison of won and lost deals finds in synthetic worlds, with and without planted differences
    Winners(eval_winners::Options),
    /// Whether the embeddings that are computed here are those that others compute with the same model
    Embeddings,
    /// How well search finds what answers a question: by words, by meaning, by both
    Search,
}

#[derive(Default, Clone, Copy)]
struct Count {
    hit: u32,
    said: u32,
    there: u32,
    /// Cases that were judged at all, and all that apply.
    judged: u32,
    applicable: u32,
    right: u32,
}

impl Count {
    fn add(&mut self, said: bool, there: bool) {
        self.hit += u32::from(said && there);
        self.said += u32::from(said);
        self.there += u32::from(there);
    }

    fn merge(&mut self, other: Self) {
        self.hit += other.hit;
        self.said += other.said;
        self.there += other.there;
        self.judged += other.judged;
        self.applicable += other.applicable;
        self.right += other.right;
    }

    fn precision(self) -> Option<f64> {
        (self.said > 0).then(|| f64::from(self.hit) / f64::from(self.said))
    }

    fn recall(self) -> Option<f64> {
        (self.there > 0).then(|| f64::from(self.hit) / f64::from(self.there))
    }

    fn f1(self) -> Option<f64> {
        (self.said + self.there > 0).then(|| 2.0 * f64::from(self.hit) / f64::from(self.said + self.there))
    }
}

/// Prints precision, recall, F1 and coverage per check, label and flag.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    match &options.subject {
        Some(Subject::Winners(options)) => return eval_winners::run(workspace, options),
        Some(Subject::Embeddings) => return embedding::eval(workspace),
        Some(Subject::Search) => return eval_search::run_all(workspace),
        None => {}
    }
    let root = workspace.root();
    if options.set == "pii" {
        return eval_pii::run(root, options.errors);
    }
    let calls = read_folder(&root.join("truth").join(&options.set))?;
    let rubrics = rubric::builtin();
    let labeler = Labeler::builtin();
    let show_errors = options.errors && options.set != "holdout";
    let mut checks: BTreeMap<(String, String), Count> = BTreeMap::new();
    let mut labels: BTreeMap<String, Count> = BTreeMap::new();
    let mut flags: BTreeMap<FlagKind, Count> = BTreeMap::new();
    let mut covered = Vec::new();
    for call in &calls {
        let rubric = rubrics.iter().find(|r| r.id == call.rubric).expect("truth names built-in rubrics");
        let report = rubric::analyst::analyse(&call.transcript, rubric, labeler);
        judge_checks(call, &report, &mut checks, show_errors);
        for kind in [
            FlagKind::RepeatedQuestion,
            FlagKind::ContradictedFact,
            FlagKind::UnansweredQuestion,
            FlagKind::UnresolvedRequest,
            FlagKind::CompliancePhrase,
        ] {
            let (said, there) = (report.flags.iter().any(|f| f.kind == kind), call.flags.contains(&kind));
            flags.entry(kind).or_default().add(said, there);
            if show_errors && said != there {
                let quotes: Vec<String> = report
                    .flags
                    .iter()
                    .filter(|f| f.kind == kind)
                    .flat_map(|f| &f.evidence)
                    .map(|e| format!("{}: {}", e.segment_id, e.quote))
                    .collect();
                println!("{} flag {} {} {quotes:?}", call.id, kind.as_str(), if said { "RAISED" } else { "MISSED" });
            }
        }
        covered
            .push(report.dimensions.iter().filter(|d| d.coverage.is_some_and(|c| c >= rubric::COVERAGE_MIN)).count());
        judge_labels(call, &labeler.label_call(&call.transcript), &mut labels, show_errors);
    }

    println!("{} calls of truth/{}", calls.len(), options.set);
    println!(
        "\n{:<26} {:>3} {:>6} {:>6} {:>6} {:>9} {:>9}",
        "check (verdict met)", "n", "prec", "recall", "F1", "coverage", "agree"
    );
    let mut by_rubric: BTreeMap<String, Count> = BTreeMap::new();
    let mut all = Count::default();
    for ((rubric, check), count) in &checks {
        row(check, *count);
        by_rubric.entry(rubric.clone()).or_default().merge(*count);
        all.merge(*count);
    }
    for (rubric, count) in by_rubric {
        row(&format!("= {rubric}"), count);
    }
    row("= all", all);
    println!("dimensions with coverage ≥ 0.60 per call: {covered:?}");
    println!("\n{:<26} {:>3} {:>6} {:>6} {:>6}", "flag (per call)", "n", "prec", "recall", "F1");
    for (kind, count) in flags {
        row(kind.as_str(), count);
    }
    println!("\n{:<26} {:>3} {:>6} {:>6} {:>6}", "label (per segment)", "n", "prec", "recall", "F1");
    for (label, count) in labels {
        row(&label, count);
    }
    Ok(())
}

fn row(name: &str, count: Count) {
    let show = |value: Option<f64>| value.map_or("-".to_owned(), |v| format!("{v:.2}"));
    let coverage = (count.applicable > 0).then(|| f64::from(count.judged) / f64::from(count.applicable));
    let agree = (count.judged > 0).then(|| f64::from(count.right) / f64::from(count.judged));
    print!(
        "{name:<26} {:>3} {:>6} {:>6} {:>6}",
        count.there,
        show(count.precision()),
        show(count.recall()),
        show(count.f1())
    );
    println!(
        "{}",
        if count.applicable > 0 { format!(" {:>9} {:>9}", show(coverage), show(agree)) } else { String::new() }
    );
}

fn judge_checks(call: &Call, report: &Report, counts: &mut BTreeMap<(String, String), Count>, show_errors: bool) {
    for check in report.dimensions.iter().flat_map(|d| &d.checks) {
        let Some(&truth) = call.verdicts.get(&check.id) else { continue };
        let count = counts.entry((call.rubric.clone(), check.id.clone())).or_default();
        count.add(check.verdict == Verdict::Met, truth == Verdict::Met);
        if matches!(truth, Verdict::Met | Verdict::Unmet) {
            count.applicable += 1;
            if check.verdict != Verdict::CannotAssess {
                count.judged += 1;
                count.right += u32::from(check.verdict == truth);
            }
        }
        if show_errors && check.verdict != truth {
            println!(
                "{} {} is {} but judged {}: {} {:?}",
                call.id,
                check.id,
                truth.as_str(),
                check.verdict.as_str(),
                check.reason,
                check.evidence.iter().map(|e| &e.quote).collect::<Vec<_>>()
            );
        }
    }
}

/// The tags that name a label, and the label.
const TAGS: [(&str, Label); 8] = [
    ("commitment", Label::Commitment),
    ("next_step", Label::NextStep),
    ("ack", Label::Acknowledgement),
    ("proof", Label::Proof),
    ("pain", Label::Pain),
    ("impact", Label::Impact),
    ("request", Label::Request),
    ("met:recap_given", Label::Recap),
];

fn judge_labels(call: &Call, labels: &CallLabels, counts: &mut BTreeMap<String, Count>, show_errors: bool) {
    for segment in 0..call.transcript.segments.len() {
        let sentences: Vec<_> = labels.sentences.iter().filter(|s| s.segment() == segment).collect();
        let mut compare = |name: &str, said: bool, there: bool| {
            counts.entry(name.to_owned()).or_default().add(said, there);
            if show_errors && said != there && (name.starts_with("question") || name == "objection") {
                println!(
                    "{} label {name} {} {}",
                    call.id,
                    if said { "SAID" } else { "MISSED" },
                    call.transcript.segments[segment].text
                );
            }
        };
        for kind in ["open", "factual", "closed"] {
            let said = sentences.iter().filter(|s| s.question.is_some_and(|q| q.as_str() == kind)).count();
            let there = call.count(segment, &format!("q:{kind}"));
            compare(&format!("question {kind}"), said > 0, there > 0);
        }
        compare("question", sentences.iter().any(|s| s.question.is_some()), call.count(segment, "q:") > 0);
        if call.transcript.side(&call.transcript.segments[segment]) == Some(Side::External) {
            compare(
                "objection",
                sentences.iter().any(|s| s.objection.is_some()),
                call.count(segment, "objection:") > 0,
            );
        }
        for (tag, label) in TAGS {
            compare(tag, sentences.iter().any(|s| s.labels.has(label)), call.count(segment, tag) > 0);
        }
    }
}
