//! What the service finds in the words of a call, and the words themselves. It follows from the truth of the synthetic call.

use super::people::Speaker;
use super::request::Selector;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use synth::SynthCall;
use transcript::{Segment, Side};

/// Trackers that look for words.
const KEYWORDS: [(&str, &[&str]); 3] =
    [("Pricing", &["price", "cost", "budget"]), ("Timing", &["week", "month"]), ("Decision", &["decide", "decision"])];

/// A call as it is looked at.
pub(super) struct Content<'a> {
    call: &'a SynthCall,
    speakers: &'a [Speaker],
}

impl<'a> Content<'a> {
    pub(super) fn of(call: &'a SynthCall, speakers: &'a [Speaker]) -> Self {
        Self { call, speakers }
    }

    fn segments(&self) -> impl Iterator<Item = &'a Segment> + use<'a> {
        self.call.transcript.segments.iter()
    }

    fn speaker(&self, segment: &Segment) -> &str {
        segment.speaker.and_then(|speaker| self.speakers.get(speaker)).map_or("", |speaker| &speaker.id)
    }

    /// The segments that carry a label of one of these beginnings.
    fn labelled(&self, beginnings: &[&str]) -> Vec<&'a Segment> {
        let fits = |kind: &str| beginnings.iter().any(|beginning| kind.starts_with(beginning));
        let labels = self.call.truth.labels.iter().filter(|label| fits(&label.kind));
        let ids: BTreeSet<u32> = labels.map(|label| label.segment).collect();
        ids.into_iter().filter_map(|id| self.call.transcript.segment(id)).collect()
    }

    fn count(&self, side: Side, beginning: &str) -> usize {
        let of_side = |segment: &&&Segment| self.call.transcript.side(segment) == Some(side);
        self.labelled(&[beginning]).iter().filter(of_side).count()
    }

    /// What a segment is about, where its labels tell.
    fn topics(&self) -> BTreeMap<u32, &'static str> {
        let mut topics = BTreeMap::new();
        for label in &self.call.truth.labels {
            let topic = match label.kind.split(':').next() {
                Some("objection") if label.kind == "objection:price" => "Pricing",
                Some("objection") => "Objections",
                Some("pain" | "impact") => "Challenges",
                Some("next_step" | "commitment") => "Next Steps",
                Some("proof") => "Customer Stories",
                _ => continue,
            };
            topics.entry(label.segment).or_insert(topic);
        }
        topics
    }

    /// Stretches of one speaker: speaker, topic if there is one, segments.
    fn stretches(&self) -> Vec<(&str, Option<&'static str>, Vec<&'a Segment>)> {
        let topics = self.topics();
        let mut stretches: Vec<(&str, Option<&'static str>, Vec<&Segment>)> = Vec::new();
        for segment in self.segments() {
            let (speaker, topic) = (self.speaker(segment), topics.get(&segment.id).copied());
            match stretches.last_mut() {
                // A new topic begins a new monologue; what tells nothing goes on with the old.
                Some((before, about, segments)) if *before == speaker && (topic.is_none() || *about == topic) => {
                    segments.push(segment);
                }
                _ => stretches.push((speaker, topic, vec![segment])),
            }
        }
        stretches
    }

    /// The transcript: monologues without names, in milliseconds.
    pub(super) fn transcript(&self) -> Value {
        let sentence = |segment: &&Segment| {
            json!({
                "start": segment.start_ms.unwrap_or_default(),
                "end": segment.end_ms.unwrap_or_default(),
                "text": segment.text,
            })
        };
        let monologue = |(speaker, topic, segments): (&str, Option<&str>, Vec<&Segment>)| {
            let sentences: Vec<Value> = segments.iter().map(sentence).collect();
            json!({"speakerId": speaker, "topic": topic, "sentences": sentences})
        };
        self.stretches().into_iter().map(monologue).collect()
    }

    /// The field `content`, of what is wanted.
    pub(super) fn content(&self, selector: &Selector) -> Map<String, Value> {
        let mut content = Map::new();
        let mut put = |name: &str, value: &dyn Fn() -> Value| {
            if selector.wants(&format!("/content/{name}")) {
                content.insert(name.to_owned(), value());
            }
        };
        put("structure", &|| self.structure());
        put("topics", &|| self.topic_times());
        put("trackers", &|| self.trackers(selector.wants("/content/trackerOccurrences")));
        put("pointsOfInterest", &|| json!({"actionItems": self.action_items()}));
        put("brief", &|| self.brief().into());
        put("outline", &|| self.outline());
        put("highlights", &|| self.highlights());
        put("callOutcome", &|| self.outcome());
        put("keyPoints", &|| self.labelled(&["pain", "impact"]).iter().map(|s| json!({"text": s.text})).collect());
        content
    }

    fn structure(&self) -> Value {
        let whole = self.call.duration_seconds;
        let (first, last) = (whole / 10, whole / 8);
        json!([
            {"name": "Intro", "duration": first},
            {"name": "Discussion", "duration": whole - first - last},
            {"name": "Wrap-up", "duration": last},
        ])
    }

    fn topic_times(&self) -> Value {
        let mut times: BTreeMap<&str, f64> = BTreeMap::new();
        for (_, topic, segments) in self.stretches() {
            if let Some(topic) = topic {
                *times.entry(topic).or_default() += segments.iter().map(|s| seconds(s)).sum::<f64>();
            }
        }
        times.iter().map(|(name, time)| json!({"name": name, "duration": time.round() as u64})).collect()
    }

    fn occurrence(&self, segment: &Segment) -> Value {
        json!({"startTime": start_s(segment), "speakerId": self.speaker(segment)})
    }

    fn trackers(&self, occurrences: bool) -> Value {
        let tracker = |id: usize, name: &str, kind: &str, found: &[&Segment], phrases: Vec<Value>| {
            let mut tracker = json!({"id": format!("55{id:017}"), "name": name, "count": found.len(), "type": kind, "phrases": phrases});
            if occurrences {
                tracker["occurrences"] = found.iter().map(|segment| self.occurrence(segment)).collect();
            }
            tracker
        };
        let mut all = Vec::new();
        for (id, (name, words)) in KEYWORDS.iter().enumerate() {
            let has = |word: &str| -> Vec<&Segment> {
                self.segments().filter(|segment| segment.text.to_lowercase().contains(word)).collect()
            };
            let phrase = |word: &&str| {
                let found = has(word);
                let mut phrase = json!({"count": found.len(), "phrase": word});
                if occurrences {
                    phrase["occurrences"] = found.iter().map(|segment| self.occurrence(segment)).collect();
                }
                phrase
            };
            let found: Vec<&Segment> = words.iter().flat_map(|word| has(word)).collect();
            all.push(tracker(id, name, "KEYWORD", &found, words.iter().map(phrase).collect()));
        }
        all.push(tracker(KEYWORDS.len(), "Objections", "SMART", &self.labelled(&["objection:"]), Vec::new()));
        all.into()
    }

    fn action_items(&self) -> Vec<Value> {
        let item = |segment: &&Segment| {
            json!({
                "snippetStartTime": start_s(segment),
                "snippetEndTime": start_s(segment) + seconds(segment),
                // Here, and nowhere else, with a capital D.
                "speakerID": self.speaker(segment),
                "snippet": segment.text,
            })
        };
        self.labelled(&["next_step:"]).iter().map(item).collect()
    }

    fn brief(&self) -> String {
        let names: Vec<&str> = self.call.transcript.participants.iter().map(|person| person.name.as_str()).collect();
        let company = self.call.company.as_deref().unwrap_or("the customer");
        let (objections, steps) = (self.labelled(&["objection:"]).len(), self.labelled(&["next_step:"]).len());
        format!(
            "{} spoke for {company}. There were {objections} objections, and next steps came up {steps} times.",
            names.join(" and ")
        )
    }

    fn outline(&self) -> Value {
        let mut sections: BTreeMap<&str, Vec<&Segment>> = BTreeMap::new();
        for (_, topic, segments) in self.stretches() {
            if let (Some(topic), Some(segment)) = (topic, segments.first()) {
                sections.entry(topic).or_default().push(segment);
            }
        }
        let section = |(section, segments): (&&str, &Vec<&Segment>)| {
            let items: Vec<Value> = segments.iter().map(|s| json!({"text": s.text, "startTime": start_s(s)})).collect();
            let duration: f64 = segments.iter().map(|s| seconds(s)).sum();
            json!({"section": section, "startTime": start_s(segments[0]), "duration": duration, "items": items})
        };
        sections.iter().map(section).collect()
    }

    fn highlights(&self) -> Value {
        let item = |segment: &&Segment| json!({"text": segment.text, "startTimes": [start_s(segment)]});
        let items: Vec<Value> = self.labelled(&["next_step:", "proof"]).iter().map(item).collect();
        if items.is_empty() { json!([]) } else { json!([{"title": "Next steps", "items": items}]) }
    }

    fn outcome(&self) -> Value {
        if self.labelled(&["next_step:dated"]).is_empty() {
            json!({"id": "71", "category": "Answered", "name": "Follow-up needed"})
        } else {
            json!({"id": "72", "category": "Meeting", "name": "Meeting set"})
        }
    }

    /// The field `interaction`, of what is wanted. `user` is the id of the rep.
    pub(super) fn interaction(&self, user: &str, video: bool, selector: &Selector) -> Map<String, Value> {
        let mut interaction = Map::new();
        if selector.wants("/interaction/speakers") {
            let told = |(of, speaker): (usize, &Speaker)| {
                let mut told = json!({
                    "id": speaker.party.as_deref().unwrap_or(&speaker.id),
                    "talkTime": self.talk_time(|segment| segment.speaker == Some(of)),
                });
                if speaker.side == Some(Side::Internal) {
                    told["userId"] = user.into();
                }
                told
            };
            let speakers = self.speakers.iter().enumerate().map(told).collect();
            interaction.insert("speakers".to_owned(), speakers);
        }
        if selector.wants("/interaction/video") {
            let screens = json!([{"name": "Presentation", "duration": self.call.duration_seconds / 3}]);
            interaction.insert("video".to_owned(), if video { screens } else { json!([]) });
        }
        if selector.wants("/interaction/personInteractionStats") {
            interaction.insert("interactionStats".to_owned(), self.stats());
        }
        if selector.wants("/interaction/questions") {
            let [ours, theirs] = [Side::Internal, Side::External].map(|side| self.count(side, "q:"));
            interaction.insert("questions".to_owned(), json!({"companyCount": ours, "nonCompanyCount": theirs}));
        }
        interaction
    }

    fn talk_time(&self, counts: impl Fn(&Segment) -> bool) -> f64 {
        self.segments().filter(|segment| counts(segment)).map(seconds).sum()
    }

    fn stats(&self) -> Value {
        let side = |segment: &Segment| self.call.transcript.side(segment);
        let ours = self.talk_time(|segment| side(segment) == Some(Side::Internal));
        let all = self.talk_time(|_| true);
        let stretches = self.stretches();
        let longest = |wanted: Side| {
            let of_side = stretches.iter().filter(|(_, _, segments)| side(segments[0]) == Some(wanted));
            of_side.map(|(_, _, segments)| segments.iter().map(|s| seconds(s)).sum::<f64>()).fold(0.0, f64::max)
        };
        let minutes = (f64::from(self.call.duration_seconds) / 60.0).max(1.0);
        json!([
            {"name": "Talk Ratio", "value": if all > 0.0 { ours / all } else { 0.0 }},
            {"name": "Longest Monologue", "value": longest(Side::Internal)},
            {"name": "Longest Customer Story", "value": longest(Side::External)},
            {"name": "Interactivity", "value": stretches.len() as f64 / minutes},
            {"name": "Patience", "value": self.patience()},
        ])
    }

    /// Mean of the seconds that our side waits before it speaks after the other.
    fn patience(&self) -> f64 {
        let segments = &self.call.transcript.segments;
        let side = |segment: &Segment| self.call.transcript.side(segment);
        let waits: Vec<f64> = segments
            .windows(2)
            .filter(|pair| side(&pair[0]) == Some(Side::External) && side(&pair[1]) == Some(Side::Internal))
            .map(|pair| (start_s(&pair[1]) - start_s(&pair[0]) - seconds(&pair[0])).max(0.0))
            .collect();
        if waits.is_empty() { 0.0 } else { waits.iter().sum::<f64>() / waits.len() as f64 }
    }
}

/// Seconds from the start of the recording.
fn start_s(segment: &Segment) -> f64 {
    segment.start_ms.unwrap_or_default() as f64 / 1000.0
}

/// Seconds that it takes.
fn seconds(segment: &Segment) -> f64 {
    segment.end_ms.unwrap_or_default().saturating_sub(segment.start_ms.unwrap_or_default()) as f64 / 1000.0
}
