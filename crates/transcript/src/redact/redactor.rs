//! Redaction of a call and of what is told about it.

use super::find::Hit;
use super::fold::Folded;
use super::names::Names;
use super::tokens::Stream;
use super::{Counts, RedactKind, RedactKinds, Redacted, find_all, raw, redact_line, replace, unfold};
use crate::Transcript;
use crate::redact::lexicon::Cue;
use rustc_hash::FxHashSet;
use std::ops::Range;
use std::sync::Arc;

/// Segments that are read together at least, and at most where no quiet place is found to cut.
const BLOCK: Range<usize> = 256..1 << 14;
/// Segments without numbers at which a call can be cut: nothing refers farther back.
pub(super) const QUIET: usize = 12;

/// Redacts a whole call in place and counts what was replaced: [`Redactor::of`] and [`Redactor::call`] in one.
pub fn redact(transcript: &mut Transcript, kinds: RedactKinds) -> Counts {
    Redactor::of(transcript, kinds).call(transcript)
}

/// Redacts a call and what is told about it elsewhere: it remembers the names of its people, which the call itself has no more
/// once it is redacted.
///
/// ```
/// use transcript::redact::{RedactKinds, Redactor};
///
/// let mut call = transcript::parse(b"Dana Whitlock: Hi.\nBo Lind: Hi Dana.", None).unwrap();
/// let redactor = Redactor::of(&call, RedactKinds::ALL);
/// assert_eq!(redactor.call(&mut call).total(), 3);
/// assert_eq!(call.segments[1].text, "Hi [NAME].");
/// assert_eq!(redactor.text("dana_whitlock - 4111111111111111.vtt"), "[NAME]_[NAME] - [CARD].vtt");
/// assert_eq!(redactor.id("dana.whitlock@acme.com"), "[EMAIL]");
/// assert_eq!(redactor.id("4111111111111111"), "4111111111111111");
/// ```
#[derive(Debug, Clone)]
pub struct Redactor {
    pub(super) kinds: RedactKinds,
    pub(super) names: Names,
}

impl Redactor {
    /// A redactor that knows the people of this call, which is not redacted yet.
    pub fn of(transcript: &Transcript, kinds: RedactKinds) -> Self {
        let names = if kinds.has(RedactKind::Name) { Names::of(&transcript.participants) } else { Names::default() };
        Self { kinds, names }
    }

    /// Redacts a whole call in place and counts what was replaced. Times, speakers and order stay.
    ///
    /// Topics, the title, warnings, ids of the source, and names, addresses and job titles of the participants are redacted as well; names
    /// stay unique.
    pub fn call(&self, transcript: &mut Transcript) -> Counts {
        let mut counts = Counts::default();
        if self.kinds.is_empty() {
            return counts;
        }
        let mut folded: Vec<Option<Box<Folded>>> =
            transcript.segments.iter().map(|segment| Folded::of(&segment.text).map(Box::new)).collect();
        let mut start = 0;
        while start < transcript.segments.len() {
            start = self.block(transcript, &mut folded, start, &mut counts);
        }
        self.about(transcript, &mut counts);
        counts
    }

    /// Redacts what is told about the call: the name of its file, its title, the customer.
    pub fn text(&self, text: &str) -> String {
        redact_line(text, None, self.kinds, &self.names).text
    }

    /// Redacts an id of the call or of somebody in it. It stays an id: mail addresses, telephone numbers and names are replaced, other
    /// numbers only after a word for them ("card 4111…"), since one id in ten has a right check digit by chance.
    pub fn id(&self, id: &str) -> String {
        self.read_id(id).text
    }

    fn read_id(&self, id: &str) -> Redacted {
        let mut stream = Stream::default();
        stream.push(id, None);
        let named = |cue: Cue| cue == Cue::Card || cue.kind().is_some_and(|kind| kind != RedactKind::Phone);
        let cued = stream.tokens.iter().any(|token| named(token.cue));
        let plain = [RedactKind::Email, RedactKind::Phone, RedactKind::Name];
        let kinds = self.kinds.iter().filter(|kind| cued || plain.contains(kind)).collect();
        redact_line(id, None, kinds, &self.names)
    }

    /// Whether anything of these kinds stands in the text of the file that the call was read from, also where no parser reads it: see
    /// [`super::found_in_raw`].
    pub fn found_in_raw(&self, raw: &str) -> bool {
        raw::found(raw, self.kinds, &self.names)
    }

    /// Redacts what is told about the call and its people.
    fn about(&self, transcript: &mut Transcript, counts: &mut Counts) {
        let mut put = |text: &mut String, redacted: Redacted| {
            for span in &redacted.spans {
                counts.add(span.kind);
            }
            *text = redacted.text;
        };
        let line = |text: &str| redact_line(text, None, self.kinds, &self.names);
        let people = Self { kinds: self.kinds, names: self.names.anywhere() };
        let of_people = |text: &str| redact_line(text, None, people.kinds, &people.names);
        if let Some(title) = &mut transcript.title {
            let new = line(title);
            put(title, new);
        }
        if let Some(id) = &mut transcript.external_id {
            let new = self.read_id(id);
            put(id, new);
        }
        for warning in &mut transcript.warnings {
            let new = line(&warning.message);
            put(&mut warning.message, new);
        }
        // Segments share their topics, so one is read once where it goes on.
        let mut last: Option<(Arc<str>, Arc<str>)> = None;
        for topic in transcript.segments.iter_mut().filter_map(|segment| segment.topic.as_mut()) {
            let new = match &last {
                Some((old, new)) if old == topic => Arc::clone(new),
                _ => {
                    let mut text = topic.to_string();
                    put(&mut text, line(topic));
                    if text.as_str() == &**topic { Arc::clone(topic) } else { Arc::from(text) }
                }
            };
            last = Some((std::mem::replace(topic, Arc::clone(&new)), new));
        }
        let mut taken: FxHashSet<String> = FxHashSet::default();
        for participant in &mut transcript.participants {
            for field in [&mut participant.email, &mut participant.title].into_iter().flatten() {
                let new = of_people(field);
                put(field, new);
            }
            if let Some(id) = &mut participant.external_id {
                let new = people.read_id(id);
                put(id, new);
            }
            let new = of_people(&participant.name);
            put(&mut participant.name, new);
            let name = participant.name.clone();
            let mut number = 2;
            while !taken.insert(participant.name.clone()) {
                participant.name = format!("{name} ({number})");
                number += 1;
            }
        }
    }

    /// Redacts segments from `start` on and says where the next block starts.
    fn block(
        &self,
        transcript: &mut Transcript,
        folded: &mut [Option<Box<Folded>>],
        start: usize,
        counts: &mut Counts,
    ) -> usize {
        let from = start.saturating_sub(QUIET);
        let mut stream = Stream::default();
        let (mut quiet, mut end) = (0, from);
        for (segment, folded) in transcript.segments.iter().zip(folded.iter()).skip(from) {
            let text = folded.as_ref().map_or(&segment.text, |folded| &folded.text);
            let numbers = stream.push(text, segment.speaker);
            end += 1;
            quiet = if numbers { 0 } else { quiet + 1 };
            let read = end.saturating_sub(start);
            if read >= BLOCK.start && quiet >= QUIET || read >= BLOCK.end {
                break;
            }
        }
        let mut hits: Vec<Hit> = find_all(stream, self.kinds, &self.names);
        hits.retain(|hit| from + hit.piece >= start);
        for hits in hits.chunk_by_mut(|a, b| a.piece == b.piece) {
            let at = from + hits[0].piece;
            let segment = &mut transcript.segments[at];
            unfold(hits, folded[at].as_deref(), &segment.text);
            segment.text = replace(&segment.text, hits).text;
            folded[at] = Folded::of(&segment.text).map(Box::new);
            for hit in hits {
                counts.add(hit.kind);
            }
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Participant;

    fn call() -> Transcript {
        let person = |name: &str, email: &str, id: &str| Participant {
            name: name.to_owned(),
            email: Some(email.to_owned()),
            external_id: Some(id.to_owned()),
            ..Participant::default()
        };
        let mut call = crate::parse_text("Dana Whitlock: Hi.\nWill Hart: Hi Dana.", None).unwrap();
        call.participants = vec![
            person("Dana Whitlock", "dana.whitlock@acme.com", "dana.whitlock@acme.com"),
            person("Will Hart", "wh@acme.com", "4111111111111111"),
        ];
        call.title = Some("Dana Whitlock <dana.whitlock@acme.com>, card 4111 1111 1111 1111".to_owned());
        call.external_id = Some("will.hart@acme.com".to_owned());
        call
    }

    #[test]
    fn what_is_told_about_a_call_is_redacted_with_its_names() {
        let (mut call, before) = (call(), call());
        let redactor = Redactor::of(&call, RedactKinds::ALL);
        let counts = redactor.call(&mut call);
        assert_eq!(call.title.as_deref(), Some("[NAME] <[EMAIL]>, card [CARD]"));
        assert_eq!(call.external_id.as_deref(), Some("[EMAIL]"));
        let ids: Vec<_> = call.participants.iter().map(|person| person.external_id.as_deref().unwrap()).collect();
        assert_eq!(ids, ["[EMAIL]", "4111111111111111"]);
        assert_eq!(counts.of(RedactKind::Email), 5);
        assert_eq!(
            redactor.text("will hart & DANA_WHITLOCK, 4111_1111_1111_1111.vtt"),
            "[NAME] & [NAME]_[NAME], [CARD].vtt"
        );
        assert_eq!(redactor.text("Dana-4111-1111-1111-1111.vtt"), "[NAME]-[CARD].vtt");
        assert_eq!(redactor.text("Will it rain in Hartford on 2024-11-05?"), "Will it rain in Hartford on 2024-11-05?");
        // One who knows the call only after redaction does not know the names.
        assert_eq!(Redactor::of(&call, RedactKinds::ALL).text("Dana"), "Dana");
        let redactor = Redactor::of(&before, RedactKinds::default());
        assert_eq!(redactor.text("Dana Whitlock, PIN 1234"), "Dana Whitlock, PIN [PIN]");
    }

    #[test]
    fn an_id_stays_an_id() {
        let redactor = Redactor::of(&call(), RedactKinds::ALL);
        for id in [
            "4111111111111111",
            "7782342274025937895",
            "0c8e4f1a-4111-4111-8111-411111111111",
            "SPEAKER_00",
            "110101199003070003",
        ] {
            assert_eq!(redactor.id(id), id);
        }
        assert_eq!(redactor.id("Dana Whitlock <dana@acme.com>"), "[NAME] <[EMAIL]>");
        assert_eq!(redactor.id("card 4111111111111111"), "card [CARD]");
        assert_eq!(redactor.id("tel:+442079460958"), "tel:[PHONE]");
    }
}
