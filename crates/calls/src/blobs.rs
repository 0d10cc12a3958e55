//! Originals: files kept by the hash of what is in them, in a folder or in a bucket.

use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

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

    fn key(hash: &str) -> Key {
        // Folders of some hundreds, not one of a million.
        Key::from(format!("originals/{}/{hash}", &hash[..2]))
    }

    /// Keeps `bytes`; the key finds them again. The same bytes are kept once.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn put(&self, bytes: Vec<u8>) -> Result<String, BlobError> {
        let key = hash(&bytes);
        self.0.put(&Self::key(&key), bytes.into()).await?;
        Ok(key)
    }

    /// What was kept.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn get(&self, key: &str) -> Result<Vec<u8>, BlobError> {
        Ok(self.0.get(&Self::key(key)).await?.bytes().await?.to_vec())
    }

    /// Copies what was kept to another place, under the same key. Whether it is there.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub async fn copy_to(&self, key: &str, other: &Self) -> Result<bool, BlobError> {
        let found = match self.0.get(&Self::key(key)).await {
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        match found {
            Ok(bytes) => other.0.put(&Self::key(key), bytes.into()).await.map(|_| true).map_err(BlobError::from),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Forgets it. One that is not there is forgotten already.
    ///
    /// # Errors
    /// When it cannot be deleted.
    pub async fn delete(&self, key: &str) -> Result<(), BlobError> {
        match self.0.delete(&Self::key(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
