//! Fills a template: `{slot}` takes the call's value, `[a|b]` draws one alternative.

use crate::dice::Dice;

/// The values of a call's slots.
#[derive(Debug, Default)]
pub(crate) struct Slots(Vec<(&'static str, String)>);

impl Slots {
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.push((name, value.into()));
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(slot, _)| *slot == name)
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(slot, _)| *slot == name);
        found.map(|(_, value)| value.as_str()).expect("every slot of the banks is set, see the tests")
    }
}

/// Expands the template and starts every sentence with a capital.
pub(crate) fn expand(template: &str, slots: &Slots, dice: &mut Dice) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(at) = rest.find(['{', '[']) {
        out.push_str(&rest[..at]);
        let close = if rest[at..].starts_with('{') { '}' } else { ']' };
        let end = at + rest[at..].find(close).expect("brackets of the banks are closed, see the tests");
        let inner = &rest[at + 1..end];
        if close == '}' {
            out.push_str(slots.get(inner));
        } else {
            let alternatives: Vec<&str> = inner.split('|').collect();
            out.push_str(dice.pick(&alternatives));
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    capitalise(&out)
}

/// Upper case for the first letter and for those behind a full stop, question or exclamation mark.
fn capitalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut starts = true;
    let mut ended = false;
    for c in text.chars() {
        if c == ' ' {
            starts |= ended;
        } else if starts {
            out.extend(c.to_uppercase());
            starts = false;
            ended = false;
            continue;
        }
        ended = matches!(c, '.' | '?' | '!');
        out.push(c);
    }
    out
}

/// The sentences of a text, cut behind `.`, `?` or `!` and a space.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let stop = rest.match_indices(' ').find(|(at, _)| rest[..*at].ends_with(['.', '?', '!']));
        let (sentence, after) = rest.split_at(stop.map_or(rest.len(), |(at, _)| at));
        rest = after.trim_start();
        (!sentence.is_empty()).then_some(sentence)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_alternatives_and_capitals() {
        let mut slots = Slots::default();
        slots.set("doctor", "doctor Rao");
        let mut dice = Dice::new(1, 2, 3);
        assert_eq!(
            expand("{doctor} is in. [it|it] helps? yes.", &slots, &mut dice),
            "Doctor Rao is in. It helps? Yes."
        );
        assert_eq!(expand("costs 1.5 pounds", &slots, &mut dice), "Costs 1.5 pounds");
    }

    #[test]
    fn sentences_keep_every_word() {
        let text = "One thing. Two things, really? Three!";
        assert_eq!(sentences(text).collect::<Vec<_>>(), ["One thing.", "Two things, really?", "Three!"]);
    }
}
