//! `--trackers`: what is listened for, from files of one's own.

use super::rubric::locate;
use super::{Failure, input};
use signals::labels::{Labeler, LinearModel};
use signals::pattern::PatternSetBuilder;
use signals::text::Vocabulary;
use signals::tracker::{TrackerError, TrackerFile, TrackerSet};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct TrackersArgs {
    /// Listen for the trackers of this YAML file in place of the built-in ones; may be repeated
    #[arg(long, value_name = "FILE.yaml")]
    trackers: Vec<PathBuf>,
}

impl TrackersArgs {
    /// Whether files were named.
    pub fn are_given(&self) -> bool {
        !self.trackers.is_empty()
    }

    /// A labeler with the trackers of the files; `None` where none were named and the built-in ones are meant.
    ///
    /// # Errors
    /// [`Failure::Failed`] with file, line and key when a file cannot be read or is malformed.
    pub fn labeler(&self) -> Result<Option<Labeler>, Failure> {
        if self.trackers.is_empty() {
            return Ok(None);
        }
        let mut files: Vec<TrackerFile> = Vec::new();
        for path in &self.trackers {
            let (yaml, file) = load(path)?;
            let known = |id: &str| files.iter().flat_map(|file| &file.trackers).any(|tracker| tracker.id == id);
            if let Some(twice) = file.trackers.iter().find(|tracker| known(&tracker.id)) {
                let error = TrackerError::Duplicate(twice.id.clone());
                return Err(Failure::Failed(explain(&input::name(path), &yaml, &error)));
            }
            files.push(file);
        }
        Labeler::new(files, LinearModel::builtin()).map(Some).map_err(|error| Failure::Failed(error.to_string()))
    }
}

/// Reads a file and compiles its trackers, so that a mistake can be told with the file it is in.
fn load(path: &Path) -> Result<(String, TrackerFile), Failure> {
    let name = input::name(path);
    let yaml = String::from_utf8(input::read(path)?)
        .map_err(|_| Failure::Failed(format!("{name}: the file is not UTF-8 text; trackers in YAML were expected")))?;
    let file = TrackerFile::from_yaml(&yaml)
        .and_then(|file| {
            TrackerSet::compile(&mut Vocabulary::default(), &mut PatternSetBuilder::default(), 0, vec![file.clone()])
                .map(|_| file)
        })
        .map_err(|error| Failure::Failed(explain(&name, &yaml, &error)))?;
    Ok((yaml, file))
}

/// `FILE:LINE: what`. Mistakes in a tracker are told at the line of its id; of two with one id, at the second.
fn explain(name: &str, yaml: &str, error: &TrackerError) -> String {
    let id = match error {
        TrackerError::Yaml(message) => return locate(name, message),
        TrackerError::Phrase { tracker, .. } => tracker,
        TrackerError::Duplicate(id) => id,
        TrackerError::Words(_) => return format!("{name}: {error}"),
    };
    let is_id = |line: &str| {
        let value = line.split_once("id:").map_or("", |(_, value)| value);
        value.split([',', '}', '#']).next().is_some_and(|value| value.trim().trim_matches(['"', '\'']) == id)
    };
    match yaml.lines().enumerate().filter(|(_, line)| is_id(line)).last() {
        Some((index, _)) => format!("{name}:{}: {error}", index + 1),
        None => format!("{name}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_at_the_line_of_the_tracker() {
        let yaml = "trackers:\n- id: \"one\"\n  name: One\n- {id: two, name: Two}\n- {id: 'one', name: One}\n";
        let told = |id: &str| explain("t.yaml", yaml, &TrackerError::Duplicate(id.to_owned()));
        assert!(told("one").starts_with("t.yaml:5: "), "{}", told("one"));
        assert!(told("two").starts_with("t.yaml:4: "), "{}", told("two"));
        assert!(told("three").starts_with("t.yaml: "), "{}", told("three"));
    }
}
