//! The metrics that a check may name: field, words for people, value.

use signals::metrics::Metrics;

type Measure = (&'static str, &'static str, fn(&Metrics) -> Option<f64>);

const MEASURES: &[Measure] = &[
    ("talk_ratio", "Our share of the talk", |m| m.talk_ratio),
    ("longest_monologue_ms", "Our longest turn", |m| m.longest_monologue_ms.map(|ms| ms as f64)),
    ("longest_customer_story_ms", "The customer's longest turn", |m| m.longest_customer_story_ms.map(|ms| ms as f64)),
    ("interactivity_per_min", "Changes of side per minute", |m| m.interactivity_per_min),
    ("patience_ms", "Pause before our answers", |m| m.patience_ms.map(|ms| ms as f64)),
    ("overlapped_answer_ratio", "Answers begun before the customer had finished", |m| m.overlapped_answer_ratio),
    ("pause_after_objection_ms", "Pause after objections", |m| m.pause_after_objection_ms.map(|ms| ms as f64)),
    ("question_count", "Our questions", |m| m.question_count.map(f64::from)),
    ("open_question_count", "Our open questions", |m| m.open_question_count.map(f64::from)),
    ("factual_question_count", "Our factual questions", |m| m.factual_question_count.map(f64::from)),
    ("closed_question_count", "Our closed questions", |m| m.closed_question_count.map(f64::from)),
    ("questions_per_30_min", "Our questions in 30 minutes", |m| m.questions_per_30_min),
    ("open_questions_per_30_min", "Our open questions in 30 minutes", |m| m.open_questions_per_30_min),
    ("customer_question_count", "The customer's questions", |m| m.customer_question_count.map(f64::from)),
    ("words_per_minute", "Our words per minute", |m| m.words_per_minute),
    ("filler_per_min", "Our filler words per minute", |m| m.filler_per_min),
    ("interruption_count", "Our interruptions", |m| m.interruption_count.map(f64::from)),
    ("interruption_ms", "Time of our interruptions", |m| m.interruption_ms.map(|ms| ms as f64)),
    ("overtalk_ratio", "Share of overlapping speech", |m| m.overtalk_ratio),
    ("non_talk_ms", "Silences over three seconds", |m| m.non_talk_ms.map(|ms| ms as f64)),
    ("longest_silence_ms", "Longest silence", |m| m.longest_silence_ms.map(|ms| ms as f64)),
];

/// The silence before which nobody announced a wait; computed from labels as well, so it is no field of the metrics.
const UNANNOUNCED: (&str, &str) = ("unannounced_silence_ms", "Longest silence that nobody announced");

/// Fields that a `condition` may name.
pub const METRIC_FIELDS: &[&str] = &{
    let mut fields = [UNANNOUNCED.0; MEASURES.len() + 1];
    let mut index = 0;
    while index < MEASURES.len() {
        fields[index] = MEASURES[index].0;
        index += 1;
    }
    fields
};

/// The value of a metric by its field name, one of [`METRIC_FIELDS`]; `None` where it is not known. `unannounced_silence_ms` rests on labels too
/// and is never known from metrics alone.
pub fn value(metrics: &Metrics, field: &str) -> Option<f64> {
    MEASURES.iter().find(|(name, ..)| *name == field).and_then(|(.., value)| value(metrics))
}

/// A metric's name in a sentence, by its field name.
pub fn title(field: &str) -> &'static str {
    MEASURES
        .iter()
        .map(|(name, title, _)| (*name, *title))
        .chain([UNANNOUNCED])
        .find(|(name, _)| *name == field)
        .map_or("The metric", |(_, title)| title)
}
