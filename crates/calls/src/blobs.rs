//! Originals: files kept by the id of their call, in a folder or in a bucket. No two calls share one, so that deleting is simple.

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::future::ready;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// Where originals are kept. Clones share it.
#[derive(Debug, Clone)]
pub struct Blobs(Arc<dyn ObjectStore>);

/// The store of originals failed.
#[derive(Debug, thiserror::Error)]
#[error("the store of originals failed: {0}; check its folder or address, permissions and room")]
pub struct BlobError(String);

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        Self(error.to_string())
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Blobs {
    /// In a folder, which is made. What was put is on the disk when the call returns.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn local(folder: &Path) -> Result<Self, BlobError> {
        std::fs::create_dir_all(folder).map_err(|error| BlobError(format!("{}: {error}", folder.display())))?;
        Ok(Self(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true))))
    }

    /// The key of a call's original.
    pub fn key_of(call: Uuid) -> String {
        let id = call.simple().to_string();
        // Folders of some hundreds, not one of a million. The end of an id is random, its beginning is the time.
        format!("originals/{}/{id}", &id[30..])
    }

    /// Keeps `bytes` under `key`.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), BlobError> {
        self.0.put(&Key::from(key), bytes.into()).await?;
        Ok(())
    }

    /// The keys of all originals that were written before `before`.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn older_than(&self, before: DateTime<Utc>) -> Result<Vec<String>, BlobError> {
        let all = self.0.list(Some(&Key::from("originals")));
        let old = all.try_filter(|meta| ready(meta.last_modified < before));
        Ok(old.map_ok(|meta| meta.location.to_string()).try_collect().await?)
    }

    /// What was kept.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn get(&self, key: &str) -> Result<Vec<u8>, BlobError> {
        Ok(self.0.get(&Key::from(key)).await?.bytes().await?.to_vec())
    }

    /// Forgets it. One that is not there is forgotten already.
    ///
    /// # Errors
    /// When it cannot be deleted.
    pub async fn delete(&self, key: &str) -> Result<(), BlobError> {
        match self.0.delete(&Key::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
