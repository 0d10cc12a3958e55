//! The rubric as a versioned document in YAML.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

/// A rubric: dimensions made of checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// Identifier, snake case; what `--rubric` takes.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Version of the document, counted up with every change of meaning.
    pub version: u32,
    /// What kind of call it is for, in a sentence.
    pub description: String,
    /// The dimensions in the order of the report.
    pub dimensions: Vec<Dimension>,
}

/// One dimension of a rubric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// Identifier, snake case, unique in the rubric.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Weight in the overall score; any positive number.
    pub weight: f64,
    /// What the dimension is about, in a sentence.
    pub description: String,
    /// What a call looks like at levels 1, 3 and 5.
    pub levels: LevelText,
    /// The checks in the order of the report.
    pub checks: Vec<Check>,
}

/// What a call looks like at a level. The bounds decide the level; these texts explain it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelText {
    /// Level 1: below 30.
    #[serde(rename = "1")]
    pub low: String,
    /// Level 3: from 50.
    #[serde(rename = "3")]
    pub middle: String,
    /// Level 5: from 90.
    #[serde(rename = "5")]
    pub high: String,
}

/// One binary check (or a scale of four levels).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Identifier, snake case, unique in the rubric.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// What is checked, as a sentence that is true when the check is met.
    pub sentence: String,
    /// How a verdict comes about.
    pub kind: CheckKind,
    /// Weight within the dimension; 1 unless told otherwise.
    #[serde(default = "one")]
    pub weight: f64,
    /// Call types it applies to; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub call_types: Vec<String>,
    /// For a metric check: what the metric has to satisfy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Rule by which the offline analyst judges it: the name of one of its judges. The check's id when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<String>,
    /// What to do about it when it is unmet, in a sentence.
    pub advice: String,
    /// What to go on doing when it is met, in a sentence.
    #[serde(default)]
    pub keep: String,
}

/// What is wrong with a document, with the key of the line where the message does not name it: "invalid u32" says little.
fn unreadable(yaml: &str, error: &serde_saphyr::Error) -> RubricError {
    let message = error.to_string();
    let (first, rest) = message.split_once('\n').unwrap_or((&message, ""));
    let line = error.location().and_then(|place| yaml.lines().nth((place.line() as usize).saturating_sub(1)));
    let key = line.and_then(|line| line.trim_start_matches(['-', ' ']).split_once(':')).map(|(key, _)| key.trim());
    match key {
        Some(key) if !key.is_empty() && !first.contains(key) => {
            RubricError::Yaml(format!("{first} for `{key}`\n{rest}").trim_end().to_owned())
        }
        _ => RubricError::Yaml(message),
    }
}

fn one() -> f64 {
    1.0
}

/// How a verdict of a check comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Met when it happened.
    Presence,
    /// Met when it never happened.
    Absence,
    /// Met when a metric satisfies a condition; computed, never judged.
    Metric,
    /// Levels 0 to 3; contributes level / 3.
    Scale,
}

/// What a metric has to satisfy. Exactly one bound is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Field of the metrics, for example `longest_monologue_ms`.
    pub metric: String,
    /// The metric must be at least this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The metric must be at most this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// In calls shorter than 20 minutes `at_least` is one per this many full minutes of call instead (but never below 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_call_one_per_minutes: Option<f64>,
}

/// Why a rubric cannot be used; the message names line and key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RubricError {
    /// It is not the YAML that was expected.
    #[error("{0}")]
    Yaml(String),
    /// The YAML is well formed and says something that cannot be.
    #[error("line {line}: {message}")]
    Rule {
        /// Line, counted from 1.
        line: u64,
        /// What is wrong and what was expected.
        message: String,
    },
}

impl Rubric {
    /// Reads and checks a rubric.
    ///
    /// # Errors
    /// [`RubricError`] naming line and key.
    pub fn from_yaml(yaml: &str) -> Result<Self, RubricError> {
        let rubric: Self = serde_saphyr::from_str(yaml).map_err(|error| unreadable(yaml, &error))?;
        let places: Places = serde_saphyr::from_str(yaml).map_err(|error| unreadable(yaml, &error))?;
        rubric.check(&places)?;
        Ok(rubric)
    }

    fn check(&self, places: &Places) -> Result<(), RubricError> {
        let rule = |line: u64, message: String| Err(RubricError::Rule { line, message });
        if self.dimensions.is_empty() {
            return rule(1, "`dimensions` is empty; a rubric needs at least one".into());
        }
        let mut seen: Vec<&str> = Vec::new();
        for (dimension, place) in self.dimensions.iter().zip(&places.dimensions) {
            let line = place.id.referenced.line();
            for (id, line) in std::iter::once((&dimension.id, line))
                .chain(dimension.checks.iter().zip(&place.checks).map(|(c, p)| (&c.id, p.id.referenced.line())))
            {
                if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
                    return rule(line, format!("`id: {id}` must be lower-case letters, digits and underscores"));
                }
                if seen.contains(&id.as_str()) {
                    return rule(line, format!("`id: {id}` is used twice; ids are unique in a rubric"));
                }
                seen.push(id);
            }
            if !(dimension.weight > 0.0 && dimension.weight.is_finite()) {
                return rule(
                    place.weight.referenced.line(),
                    format!("`weight: {}` of `{}` must be a positive number", dimension.weight, dimension.id),
                );
            }
            if dimension.checks.is_empty() {
                return rule(line, format!("`{}` has no checks; a dimension needs at least one", dimension.id));
            }
            for (check, place) in dimension.checks.iter().zip(&place.checks) {
                let line = place.id.referenced.line();
                if !(check.weight > 0.0 && check.weight.is_finite()) {
                    return rule(
                        line,
                        format!("`weight: {}` of `{}` must be a positive number", check.weight, check.id),
                    );
                }
                match (check.kind, &check.condition) {
                    (CheckKind::Metric, None) => {
                        return rule(line, format!("`{}` is of kind metric and needs a `condition`", check.id));
                    }
                    (CheckKind::Metric, Some(condition)) => {
                        if condition.at_least.is_some() == condition.at_most.is_some() {
                            return rule(
                                line,
                                format!(
                                    "the `condition` of `{}` needs exactly one of `at_least` and `at_most`",
                                    check.id
                                ),
                            );
                        }
                        if !crate::analyst::METRIC_FIELDS.contains(&condition.metric.as_str()) {
                            return rule(
                                line,
                                format!(
                                    "`metric: {}` of `{}` is not known; known are {}",
                                    condition.metric,
                                    check.id,
                                    crate::analyst::METRIC_FIELDS.join(", ")
                                ),
                            );
                        }
                    }
                    (_, Some(_)) => {
                        return rule(line, format!("`{}` has a `condition` but is not of kind metric", check.id));
                    }
                    (_, None) => {}
                }
                if let Some(judge) = &check.judge
                    && !crate::analyst::is_judge(judge)
                {
                    return rule(
                        line,
                        format!(
                            "`judge: {judge}` of `{}` is not known; known are {}",
                            check.id,
                            crate::analyst::judge_names().join(", ")
                        ),
                    );
                }
            }
        }
        Ok(())
    }
}

/// Where the parts of a rubric stand in its file.
#[derive(Deserialize)]
struct Places {
    dimensions: Vec<DimensionPlace>,
}

#[derive(Deserialize)]
struct DimensionPlace {
    id: Spanned<String>,
    weight: Spanned<f64>,
    checks: Vec<CheckPlace>,
}

#[derive(Deserialize)]
struct CheckPlace {
    id: Spanned<String>,
}

/// The rubrics that are compiled in: file text by id.
const BUILTIN: [(&str, &str); 2] = [
    ("default", include_str!("../../../rubrics/default.yaml")),
    ("service", include_str!("../../../rubrics/service.yaml")),
];

/// The rubrics that are compiled in.
pub fn builtin() -> Vec<Rubric> {
    BUILTIN
        .iter()
        .map(|(_, yaml)| Rubric::from_yaml(yaml).expect("the built-in rubrics are checked by a test"))
        .collect()
}

/// JSON Schema of a rubric document; published as rubrics/rubric.schema.json.
pub fn json_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Rubric).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".into(), "Sideline rubric".into());
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../../../rubrics/service.yaml");

    fn error(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "the test must change something");
        Rubric::from_yaml(&GOOD.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn the_built_in_rubrics_are_sound() {
        let ids: Vec<_> = builtin().into_iter().map(|r| r.id).collect();
        assert_eq!(ids, ["default", "service"]);
    }

    #[test]
    fn the_published_schema_is_the_one_of_the_code() {
        let published: serde_json::Value =
            serde_json::from_str(include_str!("../../../rubrics/rubric.schema.json")).unwrap();
        assert_eq!(published, json_schema(), "write it anew: sideline rubric schema > rubrics/rubric.schema.json");
    }

    #[test]
    fn mistakes_name_line_and_key() {
        let line_of = |needle: &str| GOOD.lines().position(|l| l.contains(needle)).unwrap() + 1;
        let unknown = error("    weight: 30", "    wieght: 30");
        assert!(unknown.contains("wieght") && unknown.contains(&line_of("    weight: 30").to_string()), "{unknown}");
        let kind = error("kind: presence", "kind: always");
        assert!(kind.contains("always") && kind.contains(&line_of("kind: presence").to_string()), "{kind}");
        let twice = error("id: further_help_offered", "id: request_understood");
        assert!(
            twice.contains("request_understood")
                && twice.contains("twice")
                && twice.contains(&format!("line {}", line_of("id: further_help_offered"))),
            "{twice}"
        );
        let number = error("version: 1", "version: one");
        assert!(number.contains("`version`") && number.contains(&line_of("version: 1").to_string()), "{number}");
        assert!(error("weight: 30", "weight: -1").contains("positive"));
        assert!(error("metric: unannounced_silence_ms", "metric: silence").contains("silence"));
        assert!(error("at_most: 19999", "at_most: 19999, at_least: 1").contains("exactly one"));
        assert!(error("kind: metric", "kind: presence").contains("condition"));
        assert!(error("id: request_understood", "id: Request").contains("lower-case"));
        assert!(error("kind: absence", "kind: absence\n        judge: nobody").contains("nobody"));
    }
}
