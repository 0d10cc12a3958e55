//! `WebVTT` as Microsoft Teams writes it: ids like `8c1f3d0a-…/12-0`, of which one utterance has several parts.

use super::captions::share;
use super::vtt::Cue;
use super::{Builder, Found};
use crate::SpeakerIx;
use rustc_hash::FxHashMap;

/// The utterance of an id `<guid>/<utterance>-<part>`: all before the part.
fn utterance(id: &str) -> Option<&str> {
    let (utterance, part) = id.trim().rsplit_once('-')?;
    let (guid, number) = utterance.rsplit_once('/')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (digits(part) && digits(number) && guid.contains('-')).then_some(utterance)
}

/// Whether most cues have the ids of Teams.
pub(crate) fn is_teams(cues: &[Cue<'_>]) -> bool {
    let known = cues.iter().filter(|cue| utterance(cue.id).is_some()).count();
    known > 0 && known * 2 >= cues.len()
}

/// Adds the utterances, each joined from its parts.
pub(crate) fn push(cues: &[Cue<'_>], builder: &mut Builder) {
    let mut found: Vec<(usize, Found)> = Vec::new();
    let mut open: FxHashMap<(&str, Option<SpeakerIx>), usize> = FxHashMap::default();
    for cue in cues {
        let mut parts = cue.parts(builder);
        let (speaker, text) = match parts.pop() {
            Some(part) if parts.is_empty() => part,
            last => {
                parts.extend(last);
                found.extend(share(cue.start_ms, cue.end_ms, parts).into_iter().map(|found| (cue.line, found)));
                continue;
            }
        };
        let (start_ms, end_ms) = (Some(cue.start_ms), Some(cue.end_ms));
        let key = utterance(cue.id).map(|utterance| (utterance, speaker));
        if let Some(&ix) = key.as_ref().and_then(|key| open.get(key)) {
            let earlier = &mut found[ix].1;
            earlier.text.push(' ');
            earlier.text.push_str(&text);
            earlier.end_ms = earlier.end_ms.max(end_ms);
            continue;
        }
        open.extend(key.map(|key| (key, found.len())));
        found.push((cue.line, Found { speaker, start_ms, end_ms, text, ..Found::default() }));
    }
    for (line, found) in found {
        builder.push(line, found);
    }
}
