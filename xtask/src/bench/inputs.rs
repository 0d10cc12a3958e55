//! What is measured on: synthetic conversations of a given length.

use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use synth::SynthOptions;
use transcript::formats::{Builder, Found};
use transcript::{Format, Transcript};

/// Silence between two of the calls that a long one is made of, in milliseconds.
const GAP_MS: u64 = 1500;

/// One rep and one customer talking for `minutes`: different synthetic sales calls, one after the other.
///
/// # Errors
/// Never for a positive number of minutes: an empty conversation would be the only one.
pub fn conversation(minutes: u64) -> Result<Transcript> {
    let options = SynthOptions { seed: 11, service_share: 0.0, ..SynthOptions::default() };
    let end_ms = minutes * 60_000;
    let mut builder = Builder::new(Format::Json);
    let mut people = Vec::new();
    let mut offset = 0;
    for number in 0.. {
        let call = synth::call(&options, number).transcript;
        if people.is_empty() {
            people = call.participants.iter().cloned().map(|participant| builder.participant(participant)).collect();
        }
        for segment in &call.segments {
            // The participants of every call are its rep and its customer, in this order.
            let speaker = segment.speaker.map(|index| people[index]);
            let (start_ms, end_ms) = (segment.start_ms.map(|ms| ms + offset), segment.end_ms.map(|ms| ms + offset));
            builder.push(0, Found { speaker, start_ms, end_ms, text: segment.text.clone(), ..Found::default() });
        }
        offset += call.span_ms().map_or(0, |(_, end)| end) + GAP_MS;
        if offset >= end_ms {
            break;
        }
    }
    builder.call().separate_channels = true;
    builder.finish().context("the synthetic calls are empty")
}

/// Writes the conversation as WebVTT.
///
/// # Errors
/// When the file cannot be written.
pub fn write_vtt(folder: &Path, minutes: u64) -> Result<PathBuf> {
    write(folder, &format!("call_{minutes}min.vtt"), &transcript::write::to_vtt(&conversation(minutes)?)?)
}

/// Writes the words of the conversation, one segment a line.
///
/// # Errors
/// When the file cannot be written.
pub fn write_lines(folder: &Path, minutes: u64) -> Result<PathBuf> {
    let lines: Vec<String> = conversation(minutes)?.segments.into_iter().map(|segment| segment.text).collect();
    write(folder, &format!("lines_{minutes}min.txt"), &lines.join("\n"))
}

fn write(folder: &Path, name: &str, content: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, content))
        .with_context(|| path.display().to_string())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_as_long_as_asked_and_does_not_repeat_itself() {
        let call = conversation(45).unwrap();
        let (start, end) = call.span_ms().unwrap();
        assert!((45..60).contains(&((end - start) / 60_000)), "{} minutes", (end - start) / 60_000);
        assert_eq!(call.participants.len(), 2);
        let mut long: Vec<&str> =
            call.segments.iter().map(|s| s.text.as_str()).filter(|text| text.len() > 60).collect();
        let all = long.len();
        long.sort_unstable();
        long.dedup();
        assert!(long.len() * 2 > all, "{} of {all} long segments are different", long.len());
    }
}
