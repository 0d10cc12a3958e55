//! What the model says to a request, before a protocol puts it into its form.

use super::schema::{misfits, sample};
use super::tokens::{cut, tokens};
use crate::judge::{Judging, Prompt};
use crate::{Fault, ModelFault};
use serde_json::{Value, json};

/// What is asked of the model.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// What it reads, and the schema of its answer.
    pub prompt: Prompt,
    /// Tokens it may say.
    pub most: Option<u64>,
    /// Words at which it stops.
    pub stops: Vec<String>,
    /// The tool that it is to call, if it is to call one now.
    pub tool: Option<Tool>,
    /// Whether it thinks aloud first.
    pub thinks: bool,
}

/// A tool as the request describes it.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    pub name: String,
    pub schema: Value,
}

/// Why the model stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    End,
    Length,
    Sequence(String),
    Tool,
    Refused,
    Filtered,
}

/// What the model says.
#[derive(Debug, Clone)]
pub(crate) struct Speech {
    pub thinking: Option<String>,
    pub text: String,
    /// The tool that it calls, with its arguments.
    pub call: Option<(String, Value)>,
    pub stop: Stop,
}

impl Speech {
    fn of(text: impl Into<String>, stop: Stop) -> Self {
        Self { thinking: None, text: text.into(), call: None, stop }
    }

    /// Tokens that it cost to say this.
    pub(crate) fn tokens(&self) -> u64 {
        let call = self.call.as_ref().map_or(0, |(name, input)| tokens(name) + tokens(&input.to_string()));
        tokens(self.thinking.as_deref().unwrap_or_default()) + tokens(&self.text) + call
    }
}

/// What is said where a filter or the model itself objects.
pub(crate) const REFUSAL: &str = "I can't help with that.";

/// Says it.
///
/// # Errors
/// What is wrong with an answer of the judge that does not fit the schema: no service would give it.
pub(crate) fn speak(ask: &Ask, judging: &Judging, faults: &[Fault]) -> Result<Speech, String> {
    let has = |wanted: &ModelFault| faults.iter().any(|fault| matches!(fault, Fault::Model(model) if model == wanted));
    if has(&ModelFault::Refusal) {
        return Ok(Speech::of("", Stop::Refused));
    }
    if has(&ModelFault::Empty) || ask.most == Some(0) {
        return Ok(Speech::of("", if ask.most == Some(0) { Stop::Length } else { Stop::End }));
    }
    if let Some(tool) = &ask.tool {
        let call = Some((tool.name.clone(), sample(&tool.schema)));
        return Ok(Speech { call, ..Speech::of("I will look that up.", Stop::Tool) });
    }
    let text = if has(&ModelFault::NotJson) {
        "On the whole this went well: the questions were good, and the next step was clear.".to_owned()
    } else if has(&ModelFault::OffSchema) {
        let schema = ask.prompt.schema.clone().unwrap_or(Value::Null);
        off(&schema).to_string()
    } else {
        let answer = judging.answer(&ask.prompt);
        if let (Some(schema), Some(answer)) = (&ask.prompt.schema, &answer.value)
            && let Some(misfit) = misfits(answer, schema).first()
        {
            return Err(format!("the answer of the judge does not fit the schema of the request at {misfit}"));
        }
        answer.text()
    };
    let thinking = ask.thinks.then(|| "The transcript comes first, then each check in its order.".to_owned());
    let mut speech = Speech { thinking, ..Speech::of(text, Stop::End) };
    let ended = ask.stops.iter().filter_map(|stop| Some((speech.text.find(stop.as_str())?, stop))).min();
    if let Some((at, stop)) = ended {
        speech.text.truncate(at);
        speech.stop = Stop::Sequence(stop.clone());
    }
    let half = (tokens(&speech.text) / 2).max(1);
    let most = if has(&ModelFault::MaxTokens) { Some(half) } else { ask.most };
    if let Some(most) = most.filter(|most| tokens(&speech.text) > *most) {
        speech.text = cut(&speech.text, most).to_owned();
        speech.stop = Stop::Length;
    }
    if has(&ModelFault::ContentFilter) {
        speech.text = cut(&speech.text, half).to_owned();
        speech.stop = Stop::Filtered;
    }
    Ok(speech)
}

/// JSON that does not fit a schema.
fn off(schema: &Value) -> Value {
    let options = [json!({"verdicts": "all good"}), json!([1]), json!("good")];
    options.into_iter().find(|value| !misfits(value, schema).is_empty()).unwrap_or(Value::Null)
}
