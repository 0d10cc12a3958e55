//! Reads the truth set: the `.call` files described in truth/README.md.

use anyhow::{Context as _, Result, bail};
use rubric::{FlagKind, Verdict};
use std::collections::BTreeMap;
use std::path::Path;
use transcript::{Format, Participant, Segment, Side, Transcript};

/// Milliseconds a word takes.
const WORD_MS: u64 = 400;
/// Silence before a segment unless the line says otherwise.
const GAP_MS: i64 = 400;

/// A call with what is true of it.
pub struct Call {
    pub id: String,
    pub rubric: String,
    pub transcript: Transcript,
    /// Tags of each segment, without the `@`.
    pub tags: Vec<Vec<String>>,
    pub verdicts: BTreeMap<String, Verdict>,
    pub flags: Vec<FlagKind>,
}

impl Call {
    /// How often a tag that begins with `prefix` stands at a segment.
    pub fn count(&self, segment: usize, prefix: &str) -> usize {
        self.tags[segment].iter().filter(|tag| tag.starts_with(prefix)).count()
    }
}

/// All calls of a folder, in the order of their names.
pub fn read_folder(folder: &Path) -> Result<Vec<Call>> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| format!("{}", folder.display()))?
        .map(|e| Ok(e?.path()))
        .collect::<Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "call"));
    paths.sort();
    paths
        .iter()
        .map(|path| parse(&std::fs::read_to_string(path)?).with_context(|| format!("{}", path.display())))
        .collect()
}

/// Reads one call.
pub fn parse(text: &str) -> Result<Call> {
    let mut parts = text.split("\n---\n");
    let (Some(header), Some(body), Some(judged)) = (parts.next(), parts.next(), parts.next()) else {
        bail!("header, conversation and verdicts, parted by ---, were expected")
    };
    let header: BTreeMap<&str, &str> = header
        .lines()
        .filter_map(|l| l.split_once(':'))
        .map(|(k, v)| (k.trim(), v.split(" #").next().unwrap_or(v).trim()))
        .collect();
    let get = |key: &str| header.get(key).copied().with_context(|| format!("no `{key}:` in the header"));

    let mut participants = Vec::new();
    let mut keys = BTreeMap::new();
    for entry in get("speakers")?.split(';') {
        let (key, rest) = entry.split_once('=').context("speakers are written `K = Name, side`")?;
        let (name, side) = rest.rsplit_once(',').context("speakers are written `K = Name, side`")?;
        let side = match side.trim() {
            "internal" => Side::Internal,
            "external" => Side::External,
            other => bail!("\"{other}\" is no side"),
        };
        keys.insert(key.trim(), participants.len());
        participants.push(Participant { name: name.trim().to_owned(), side: Some(side), ..Participant::default() });
    }

    let (mut segments, mut tags, mut clock) = (Vec::new(), Vec::new(), 0i64);
    for (number, line) in body.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')) {
        let (head, said) = line.split_once(": ").with_context(|| format!("line {number}: `K: words` was expected"))?;
        let mut head = head.split_whitespace();
        let speaker =
            *head.next().and_then(|key| keys.get(key)).with_context(|| format!("line {number}: unknown speaker"))?;
        let (mut gap, mut length) = (GAP_MS, None);
        for mark in head {
            match mark.strip_prefix('=') {
                Some(ms) => length = Some(ms.parse::<u64>()?),
                None => gap = mark.parse::<i64>()?,
            }
        }
        let (words, marks): (Vec<&str>, Vec<&str>) = said.split_whitespace().partition(|w| !w.starts_with('@'));
        let start = (clock + gap).max(0) as u64;
        let end = start + length.unwrap_or(words.len() as u64 * WORD_MS);
        clock = clock.max(end.cast_signed());
        segments.push(Segment {
            id: segments.len() as u32 + 1,
            speaker: Some(speaker),
            start_ms: Some(start),
            end_ms: Some(end),
            text: words.join(" "),
            estimated: false,
            confidence: None,
            topic: None,
        });
        tags.push(marks.iter().map(|m| m[1..].to_owned()).collect::<Vec<_>>());
    }
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by_key(|i| segments[*i].start_ms);
    let mut sorted: Vec<Segment> = order.iter().map(|i| segments[*i].clone()).collect();
    for (index, segment) in sorted.iter_mut().enumerate() {
        segment.id = index as u32 + 1;
    }

    let (mut verdicts, mut flags) = (BTreeMap::new(), Vec::new());
    for line in judged.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        let (key, value) =
            line.split_once(':').with_context(|| format!("\"{line}\": `check: verdict` was expected"))?;
        if key.trim() == "flags" {
            for flag in value.split(',').map(str::trim).filter(|f| *f != "none" && !f.is_empty()) {
                flags.push(serde_json::from_value(flag.into()).with_context(|| format!("\"{flag}\" is no flag"))?);
            }
        } else {
            verdicts.insert(
                key.trim().to_owned(),
                serde_json::from_value(value.trim().into()).with_context(|| format!("\"{value}\" is no verdict"))?,
            );
        }
    }
    Ok(Call {
        id: get("id")?.to_owned(),
        rubric: get("rubric")?.to_owned(),
        tags: order.into_iter().map(|i| std::mem::take(&mut tags[i])).collect(),
        transcript: Transcript {
            format: Format::Json,
            participants,
            segments: sorted,
            warnings: vec![],
            title: None,
            started_at: None,
            external_id: Some(get("id")?.to_owned()),
            language: None,
            separate_channels: true,
        },
        verdicts,
        flags,
    })
}
