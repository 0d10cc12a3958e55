//! The files that a command is to read: those that were named, and those in the folders that were named.

use super::input;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The files, those of folders in the order of their names; each once, however many links lead to it.
    pub files: Vec<PathBuf>,
    /// What cannot be read, with the reason.
    pub unreadable: Vec<String>,
    /// What is in a folder and is neither file nor folder, such as a pipe: reading it might never end.
    pub passed_over: Vec<PathBuf>,
    seen: HashSet<PathBuf>,
}

/// Looks for the files. In folders, names that begin with a dot are passed over, and what `synth` writes about its calls.
pub fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for path in paths {
        if path.is_dir() {
            found.folder(path);
        } else if input::is_stdin(path) || found.is_new(path).unwrap_or(true) {
            // What was named is read whatever it is, a pipe as well; whether it can be, its reader tells.
            found.files.push(path.clone());
        }
    }
    found
}

impl Found {
    /// Whether the path leads to something that was not there before.
    fn is_new(&mut self, path: &Path) -> io::Result<bool> {
        Ok(self.seen.insert(path.canonicalize()?))
    }

    fn folder(&mut self, folder: &Path) {
        match self.is_new(folder).and_then(|new| if new { fs::read_dir(folder).map(Some) } else { Ok(None) }) {
            Ok(Some(entries)) => {
                let mut inside = Vec::new();
                for entry in entries {
                    match entry {
                        Ok(entry) => inside.push(entry.path()),
                        Err(error) => self.cannot(folder, &error),
                    }
                }
                inside.sort();
                for path in inside {
                    self.entry(path);
                }
            }
            Ok(None) => {}
            Err(error) => self.cannot(folder, &error),
        }
    }

    fn entry(&mut self, path: PathBuf) {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        if name.starts_with('.') || name.ends_with(".truth.json") {
            return;
        }
        // Of what a link leads to, not of the link.
        match fs::metadata(&path) {
            Ok(file) if file.is_dir() => self.folder(&path),
            Ok(file) if file.is_file() => match self.is_new(&path) {
                Ok(true) => self.files.push(path),
                Ok(false) => {}
                Err(error) => self.cannot(&path, &error),
            },
            Ok(_) => self.passed_over.push(path),
            Err(error) => self.cannot(&path, &error),
        }
    }

    fn cannot(&mut self, path: &Path, error: &io::Error) {
        self.unreadable.push(format!("{}: cannot be read: {error}", path.display()));
    }
}
