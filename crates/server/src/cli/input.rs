//! Reading files: every way it can go wrong gets a sentence that says what to do.

use super::Failure;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use transcript::Transcript;

/// Files above this are refused, in bytes: a ten-hour transcript has about 1 MB.
pub const MAX_BYTES: u64 = 512 << 20;

/// How a file is called in messages and in JSON.
pub fn name(path: &Path) -> String {
    if is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() }
}

/// Whether the path stands for standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Reads a file or, for `-`, standard input.
///
/// # Errors
/// [`Failure::Failed`] with the file's name and what to do.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    read_a("transcript", path)
}

/// Reads a file, as [`read`], of which this was expected: `transcript`, `document`.
///
/// # Errors
/// As those of [`read`].
pub fn read_a(what: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    read_at_most(what, path, MAX_BYTES).map_err(|problem| Failure::Failed(format!("{}: {problem}", name(path))))
}

fn read_at_most(what: &str, path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if is_stdin(path) {
        io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)
    } else {
        if path.is_dir() {
            return Err(
                "this is a directory; name the files in it, for example with a pattern such as *.vtt".to_owned()
            );
        }
        File::open(path).and_then(|file| {
            if let Ok(metadata) = file.metadata()
                && metadata.len() <= limit
            {
                bytes.reserve_exact(metadata.len() as usize);
            }
            file.take(limit + 1).read_to_end(&mut bytes)
        })
    };
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err("there is no such file; check the name and the directory".to_owned())
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Err("the file may not be read; ask its owner or change its permissions (chmod +r)".to_owned())
        }
        Err(error) => Err(format!("the file cannot be read: {error}")),
        Ok(_) if bytes.len() as u64 > limit => Err(format!(
            "the file is larger than {} MB, which no {what} is; check that it is not a recording",
            limit >> 20
        )),
        Ok(_) if bytes.is_empty() => Err(format!("the file is empty; a {what} was expected")),
        Ok(_) => Ok(bytes),
    }
}

/// Reads a transcript.
///
/// # Errors
/// [`Failure::Failed`] with file, line and what was expected.
pub fn load(path: &Path) -> Result<Transcript, Failure> {
    transcript::parse(&read(path)?, None).map_err(|error| Failure::Failed(format!("{}: {error}", name(path))))
}

/// The file that stands for `source` in the directory `dir`.
pub fn output_path(dir: &Path, source: &Path, extension: &str) -> PathBuf {
    let stem = if is_stdin(source) { "stdin".as_ref() } else { source.file_stem().unwrap_or(source.as_os_str()) };
    let mut name = stem.to_owned();
    name.push(".");
    name.push(extension);
    dir.join(name)
}

/// Refuses to write `path` where that would destroy the source or what this command has `written` before.
///
/// # Errors
/// [`Failure::Failed`] saying which.
pub fn refuse_overwrite(path: &Path, source: &Path, written: &[PathBuf]) -> Result<(), Failure> {
    let same = |other: &Path| {
        path == other || path.canonicalize().is_ok_and(|path| other.canonicalize().is_ok_and(|other| path == other))
    };
    if same(source) {
        return Err(Failure::Failed(format!(
            "{}: the output would overwrite its source; give another directory",
            path.display()
        )));
    }
    if written.iter().any(|other| same(other)) {
        return Err(Failure::Failed(format!(
            "{}: {} was written for another file of this command already; rename one of them",
            name(source),
            path.display()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_above_the_limit_is_refused_without_reading_it_all() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let problem = read_at_most("transcript", &path, 10).unwrap_err();
        assert!(problem.contains("larger than"), "{problem}");
        assert!(read_at_most("transcript", &path, MAX_BYTES).is_ok());
    }
}
