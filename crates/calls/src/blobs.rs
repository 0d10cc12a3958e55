//! Originals: files kept by the id of their call, in a folder or in a bucket. No two calls share one, so that deleting is simple.

use crate::bucket::{Bucket, is_gone};
use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// Where originals are kept, by setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Originals {
    /// In this folder.
    Folder(PathBuf),
    /// In a bucket.
    Bucket(Bucket),
}

impl fmt::Display for Originals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Bucket(bucket) => bucket.fmt(f),
        }
    }
}

/// The open store of originals. Clones share it.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    place: Arc<Originals>,
    arriving: Arc<Path>,
}

/// How the names of files on their way in begin, for the moment that they have one.
pub(crate) const ARRIVING: &str = "arriving-";

/// The store of originals failed.
#[derive(Debug, thiserror::Error)]
#[error("the store of originals failed: {0}")]
pub struct BlobError(String);

/// SHA-256 in hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    kernel::hex(&Sha256::digest(bytes))
}

impl Blobs {
    /// Opens what the settings say.
    ///
    /// # Errors
    /// When a folder cannot be made. A bucket is not asked yet.
    pub fn open(place: &Originals) -> Result<Self, BlobError> {
        match place {
            Originals::Folder(folder) => Self::local(folder),
            Originals::Bucket(bucket) => Self::s3(bucket),
        }
    }

    /// In a folder, which is made. What was put is on the disk when the call returns.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn local(folder: &Path) -> Result<Self, BlobError> {
        let place = Originals::Folder(folder.to_owned());
        std::fs::create_dir_all(folder).map_err(|error| BlobError(format!("{}: {error}", folder.display())))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| told(&place, &error))?;
        Ok(Self { store: Arc::new(store.with_fsync(true)), place: Arc::new(place), arriving: elsewhere() })
    }

    /// In a bucket. What was put is there when the call returns, by the word of the service.
    ///
    /// # Errors
    /// When no client can be made of the settings.
    pub fn s3(bucket: &Bucket) -> Result<Self, BlobError> {
        let place = Originals::Bucket(bucket.clone());
        let store = bucket.client().map_err(|error| told(&place, &error))?;
        Ok(Self { store: Arc::new(store), place: Arc::new(place), arriving: elsewhere() })
    }

    /// With this folder for what is on its way in, which is made when something is; otherwise that is the system's for temporary files.
    #[must_use]
    pub fn arriving_in(self, folder: &Path) -> Self {
        Self { arriving: folder.into(), ..self }
    }

    /// Where files lie that are on their way in.
    pub(crate) fn arriving(&self) -> &Path {
        &self.arriving
    }

    /// Deletes what a program that was killed has left on its way in. What is on its way meanwhile has no name and stays.
    ///
    /// # Errors
    /// When the folder cannot be read or a file not deleted.
    pub fn clear_arriving(&self) -> std::io::Result<()> {
        let gone = |error: &std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
        let files = match std::fs::read_dir(&self.arriving) {
            Err(error) if gone(&error) => return Ok(()),
            files => files?,
        };
        for file in files {
            let file = file?;
            if file.file_name().to_string_lossy().starts_with(ARRIVING) {
                std::fs::remove_file(file.path()).or_else(|error| if gone(&error) { Ok(()) } else { Err(error) })?;
            }
        }
        Ok(())
    }

    /// The key of a call's original.
    pub fn key_of(call: Uuid) -> String {
        let id = call.simple().to_string();
        // Folders of some hundreds, not one of a million. The end of an id is random, its beginning is the time.
        format!("originals/{}/{id}", &id[30..])
    }

    /// Where `key` is, a bucket's prefix before it.
    fn at(&self, key: &str) -> Key {
        match &*self.place {
            Originals::Folder(_) => Key::from(key),
            Originals::Bucket(bucket) => Key::from(format!("{}{key}", bucket.prefix())),
        }
    }

    /// Keeps `bytes` under `key`.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn put(&self, key: &str, bytes: impl Into<Bytes>) -> Result<(), BlobError> {
        self.store.put(&self.at(key), bytes.into().into()).await.map_err(|error| told(&self.place, &error))?;
        Ok(())
    }

    /// What was kept.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn get(&self, key: &str) -> Result<Vec<u8>, BlobError> {
        let read = async { self.store.get(&self.at(key)).await?.bytes().await };
        Ok(read.await.map_err(|error| told(&self.place, &error))?.to_vec())
    }

    /// Asks the store for a sign of life.
    ///
    /// # Errors
    /// When it gives none.
    pub async fn ping(&self) -> Result<(), BlobError> {
        if let Originals::Folder(folder) = &*self.place
            && !folder.is_dir()
        {
            return Err(BlobError(format!("{} is gone", folder.display())));
        }
        match self.store.head(&self.at("originals/none")).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(told(&self.place, &error)),
        }
    }

    /// Copies what was kept to another place, under the same key. Whether it is there.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub async fn copy_to(&self, key: &str, other: &Self) -> Result<bool, BlobError> {
        let found = async { self.store.get(&self.at(key)).await?.bytes().await };
        match found.await {
            Ok(bytes) => other.put(key, bytes).await.map(|()| true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(told(&self.place, &error)),
        }
    }

    /// Forgets it. One that is not there is forgotten already.
    ///
    /// # Errors
    /// When it cannot be deleted.
    pub async fn delete(&self, key: &str) -> Result<(), BlobError> {
        match (self.store.delete(&self.at(key)).await, &*self.place) {
            (Err(error), Originals::Bucket(_)) if is_gone(&error) => Ok(()),
            (Err(object_store::Error::NotFound { .. }), Originals::Folder(_)) => Ok(()),
            (done, place) => done.map_err(|error| told(place, &error)),
        }
    }

    /// Puts something, reads it and deletes it.
    ///
    /// # Errors
    /// At the first of these that fails.
    pub async fn check(&self) -> Result<(), BlobError> {
        let (key, probe) = ("doctor", b"sideline doctor".to_vec());
        self.put(key, probe.clone()).await?;
        let back = self.get(key).await?;
        self.delete(key).await?;
        if back != probe {
            return Err(BlobError(format!("{}: what is read is not what was kept", self.place)));
        }
        Ok(())
    }
}

fn elsewhere() -> Arc<Path> {
    std::env::temp_dir().into()
}

/// What went wrong there, and what to do about it.
fn told(place: &Originals, error: &object_store::Error) -> BlobError {
    BlobError(match place {
        Originals::Folder(_) => format!("{error}; check its folder, permissions and room"),
        Originals::Bucket(bucket) => bucket.told(error),
    })
}
