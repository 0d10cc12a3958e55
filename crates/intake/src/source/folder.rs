//! The watched folder: transcripts that somebody puts there, or another program.
//!
//! Which folder that is decides who runs this program, not who may change a connection: otherwise an admin of the pages could read any file of the
//! machine. A file is known by the hash of what is in it, so that one that is moved is the same call, and one that is written over is another.

use super::{Cause, Listed, Sheet, Trouble, Words};
use crate::hide::hide;
use crate::intake::lock;
use crate::ledger::Open;
use crate::{Intake, IntakeError};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kernel::hex;
use rustix::fs::OFlags;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// How deep folders lie in folders.
const DEPTH: usize = 16;
/// What files with transcripts end with.
const ENDINGS: [&str; 9] = ["csv", "docx", "json", "md", "srt", "text", "tsv", "txt", "vtt"];

/// Which folder is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The folder.
    pub folder: PathBuf,
    /// Bytes of the largest file that is taken.
    pub most: u64,
    /// A file that changed more lately than this may not be whole yet.
    pub settled: Duration,
}

impl Watch {
    /// A folder from which files of up to `most` bytes are taken as soon as they have not changed for five seconds.
    pub fn new(folder: PathBuf, most: u64) -> Self {
        Self { folder, most, settled: Duration::from_secs(5) }
    }
}

/// What was seen of a file when it was looked at last.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    bytes: u64,
    changed: SystemTime,
    hash: String,
}

/// The files that were seen, so that only those that changed are read again.
#[derive(Debug, Default)]
pub(crate) struct Index(HashMap<PathBuf, Seen>);

/// The folder that is watched.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    watch: Watch,
    index: Arc<Mutex<Index>>,
}

/// What is in the folder.
#[derive(Debug, Default)]
struct Look {
    files: Vec<(PathBuf, Seen)>,
    /// Files that are being written.
    fresh: usize,
    /// Files that are no transcripts by their names.
    others: usize,
    /// Files and folders that cannot be read.
    unreadable: usize,
}

impl Folder {
    /// # Errors
    /// A sentence where no folder is watched.
    pub fn of(intake: &Intake) -> Result<Self, IntakeError> {
        let none = || IntakeError::Service("no folder is watched any more: set `watch_folder`".to_owned());
        let watch = intake.watch.clone().ok_or_else(none)?;
        Ok(Self { watch, index: Arc::clone(&intake.shared.folder) })
    }

    pub async fn test(&self) -> Result<String, Trouble> {
        let Look { files, fresh, others, unreadable } = self.look().await?;
        let (count, plural) = (files.len(), if files.len() == 1 { "" } else { "s" });
        let and = |count: usize, what: &str| if count > 0 { format!(", {count} {what}") } else { String::new() };
        let (fresh, others) = (and(fresh, "being written"), and(others, "of other kinds"));
        let unreadable = and(unreadable, "that cannot be read");
        Ok(format!("the folder has {count} file{plural} with transcripts{fresh}{others}{unreadable}"))
    }

    /// Waits for what is being written, as long as it takes for a file to count as whole.
    pub async fn settle(&self) -> Result<(), Trouble> {
        if self.look().await?.fresh > 0 {
            tokio::time::sleep(self.watch.settled).await;
        }
        Ok(())
    }

    /// All that is in the folder.
    pub async fn list(&self, intake: &Intake) -> Result<Sheet, Trouble> {
        let files = self.look().await?.files;
        let calls = files.into_iter().map(|(path, seen)| self.listed(&path, seen, intake)).collect();
        Ok(Sheet { calls, ..Sheet::default() })
    }

    fn listed(&self, path: &Path, seen: Seen, intake: &Intake) -> Listed {
        let within = path.strip_prefix(&self.watch.folder).unwrap_or(path);
        let modified: DateTime<Utc> = seen.changed.into();
        let mut details = json!({ "file": within.to_string_lossy(), "bytes": seen.bytes, "changed": modified });
        hide(&mut details, &[], intake.redact);
        // Calls in a folder that is named by a mail address are theirs whose address that is.
        let owner = within.parent().into_iter().flat_map(Path::components).next();
        let rep = owner.and_then(|name| name.as_os_str().to_str()).filter(|name| is_address(name));
        let skip = (seen.bytes > self.watch.most).then_some("it is larger than the setting `upload_limit` allows");
        Listed { id: seen.hash, began_at: None, rep: rep.map(str::to_owned), details, skip }
    }

    /// What is in the files that these rows are of. Those that are not there any more are left out.
    pub async fn words(&self, rows: &[Open]) -> Result<Vec<(String, Words)>, Trouble> {
        let mut found = Vec::new();
        for row in rows {
            if !self.has(&row.external_id).await? {
                // It was seen before this program began, or lies elsewhere now.
                self.look().await?;
            }
            let (index, most, hash) = (Arc::clone(&self.index), self.watch.most, row.external_id.clone());
            let read = blocking(move || {
                let mut index = lock(&index);
                let Some(path) = index.path(&hash) else { return Ok(None) };
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let words = match contents(&path, most) {
                    Ok(bytes) => Words::File { name, bytes },
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                    Err(error) => return Err(error),
                };
                let is_same = matches!(&words, Words::File { bytes, .. } if hex(&Sha256::digest(bytes)) == hash);
                if is_same {
                    return Ok(Some((hash, words)));
                }
                // It was written over.
                index.0.remove(&path);
                Ok(None)
            })
            .await;
            found.extend(
                read.map_err(|error| Trouble::new(Cause::Question, format!("the file cannot be read: {error}")))?,
            );
        }
        Ok(found)
    }

    async fn has(&self, hash: &str) -> Result<bool, Trouble> {
        let (index, hash) = (Arc::clone(&self.index), hash.to_owned());
        blocking(move || Ok(lock(&index).path(&hash).is_some_and(|path| path.exists())))
            .await
            .map_err(|error| self.trouble(&error))
    }

    async fn look(&self) -> Result<Look, Trouble> {
        let (watch, index) = (self.watch.clone(), Arc::clone(&self.index));
        let looked = blocking(move || {
            // Whoever comes meanwhile waits, in place of reading all of it as well.
            let mut index = lock(&index);
            let mut look = Look::default();
            walk(&watch.folder, (DEPTH, watch.settled), &mut index.0, &mut look)?;
            index.0 = look.files.iter().cloned().collect();
            Ok(look)
        })
        .await;
        looked.map_err(|error| self.trouble(&error))
    }

    fn trouble(&self, error: &io::Error) -> Trouble {
        Trouble::new(Cause::Passing, format!("the folder {} cannot be read: {error}", self.watch.folder.display()))
    }
}

impl Index {
    fn path(&self, hash: &str) -> Option<PathBuf> {
        self.0.iter().find(|(_, seen)| seen.hash == hash).map(|(path, _)| path.clone())
    }
}

/// Whether a name is a mail address, as `dana@acme.com`.
fn is_address(name: &str) -> bool {
    let domain = |domain: &str| domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
    name.split_once('@').is_some_and(|(of, at)| !of.is_empty() && domain(at)) && !name.contains(char::is_whitespace)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Opens a file, and nothing that a link leads to which was put in its place.
fn opened(path: &Path) -> io::Result<File> {
    File::options().read(true).custom_flags(OFlags::NOFOLLOW.bits() as i32).open(path)
}

/// What is in a file of at most `most` bytes.
fn contents(path: &Path, most: u64) -> io::Result<Bytes> {
    let mut bytes = Vec::new();
    opened(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

/// Looks at what is in a folder and the folders in it. Links are not followed: they may lead anywhere.
fn walk(
    folder: &Path,
    (depth, settled): (usize, Duration),
    known: &mut HashMap<PathBuf, Seen>,
    look: &mut Look,
) -> io::Result<()> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        // What goes away meanwhile was not there.
        let Ok(about) = fs::symlink_metadata(&path) else { continue };
        if about.is_dir() && depth > 0 {
            // Of what cannot be read the others are not to suffer.
            look.unreadable += usize::from(walk(&path, (depth - 1, settled), known, look).is_err());
            continue;
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        if !about.is_file() || !ending.is_some_and(|ending| ENDINGS.contains(&&*ending)) {
            look.others += usize::from(about.is_file());
            continue;
        }
        // The time of the last change of the file as such: nobody can set that back, as copying does with the time of what is in it.
        let changed = SystemTime::UNIX_EPOCH + Duration::new(about.ctime().max(0) as u64, about.ctime_nsec() as u32);
        // Also where the clock of a file server is ahead of ours.
        if changed + settled > SystemTime::now() {
            look.fresh += 1;
            continue;
        }
        let known = known.remove(&path).filter(|seen| seen.bytes == about.len() && seen.changed == changed);
        let hash = known.map_or_else(|| hashed(&path), |seen| Ok(seen.hash));
        match hash {
            Ok(hash) => look.files.push((path, Seen { bytes: about.len(), changed, hash })),
            Err(_) => look.unreadable += 1,
        }
    }
    Ok(())
}

fn hashed(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut file = opened(path)?;
    let mut part = vec![0; 1 << 16];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&part[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_somebodys_where_it_is_named_by_an_address() {
        assert!(is_address("dana@acme.com") && is_address("d.w+x@mail.acme.co.uk"));
        assert!(!["notes@2026", "@acme.com", "dana@", "dana", "a b@acme.com", "dana@.com"].into_iter().any(is_address));
    }
}
