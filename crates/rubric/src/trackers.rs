//! The trackers' hits as a report shows them.

use serde::{Deserialize, Serialize};
use signals::labels::{CallLabels, Labeler};
use transcript::{Transcript, char_offset};

/// One tracker and where it was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerView {
    /// Id of the tracker.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// Number of hits.
    pub count: usize,
    /// The hits in the order of the call.
    pub hits: Vec<TrackerHitView>,
}

/// One hit: the words and their place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerHitView {
    /// Id of the segment.
    pub segment_id: u32,
    /// Start of the segment in milliseconds, where the source has times.
    pub start_ms: Option<u64>,
    /// Who says it.
    pub speaker: Option<String>,
    /// The words that hit, verbatim.
    pub quote: String,
    /// Where they start in the segment's text, in characters (Unicode scalar values).
    pub offset: usize,
    /// How many characters they are.
    pub length: usize,
}

/// The trackers that were heard, in the order of their files.
pub fn tracker_views(transcript: &Transcript, labels: &CallLabels, labeler: &Labeler) -> Vec<TrackerView> {
    let mut views: Vec<TrackerView> = labeler
        .trackers()
        .trackers()
        .iter()
        .map(|tracker| TrackerView { id: tracker.id.clone(), name: tracker.name.clone(), count: 0, hits: Vec::new() })
        .collect();
    for hit in &labels.hits {
        let segment = &transcript.segments[hit.segment];
        let quote = segment.text[hit.start..hit.end].to_owned();
        let view = &mut views[hit.tracker as usize];
        view.count += 1;
        view.hits.push(TrackerHitView {
            segment_id: segment.id,
            start_ms: segment.start_ms,
            speaker: transcript.speaker_name(segment).map(str::to_owned),
            offset: char_offset(&segment.text, hit.start),
            length: quote.chars().count(),
            quote,
        });
    }
    views.retain(|view| view.count > 0);
    views
}
