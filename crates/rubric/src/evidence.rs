//! Evidence: a place in the transcript, with the words that stand there.

use serde::{Deserialize, Serialize};
use std::ops::Range;
use transcript::{Transcript, char_offset};

/// The words a claim rests on. The quote is always cut out of the segment, never written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Id of the segment.
    pub segment_id: u32,
    /// Start of the segment in milliseconds, where the source has times.
    pub start_ms: Option<u64>,
    /// Who says it.
    pub speaker: Option<String>,
    /// The words, verbatim.
    pub quote: String,
    /// Where the quote starts in the segment's text, in characters (Unicode scalar values).
    pub offset: usize,
    /// How long it is, in characters.
    pub length: usize,
}

impl Evidence {
    /// Evidence for these bytes of a segment (an index into [`Transcript::segments`]); surrounding white space is left out.
    pub fn cut(transcript: &Transcript, segment: usize, bytes: Range<usize>) -> Self {
        let source = &transcript.segments[segment];
        let slice = &source.text[bytes.clone()];
        let start = bytes.start + (slice.len() - slice.trim_start().len());
        let quote = slice.trim().to_owned();
        Self {
            segment_id: source.id,
            start_ms: source.start_ms,
            speaker: transcript.speaker_name(source).map(str::to_owned),
            offset: char_offset(&source.text, start),
            length: quote.chars().count(),
            quote,
        }
    }

    /// Evidence for a whole segment.
    pub fn segment(transcript: &Transcript, segment: usize) -> Self {
        Self::cut(transcript, segment, 0..transcript.segments[segment].text.len())
    }

    /// Whether the quote stands in the transcript exactly where it says.
    pub fn holds(&self, transcript: &Transcript) -> bool {
        transcript.segment(self.segment_id).is_some_and(|segment| {
            segment.start_ms == self.start_ms
                && segment.text.chars().skip(self.offset).take(self.length).eq(self.quote.chars())
                && self.quote.chars().count() == self.length
                && self.length > 0
        })
    }
}
