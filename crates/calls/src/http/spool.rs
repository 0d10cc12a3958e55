//! Files that are on their way in: on the disk, under no name, so that nothing is left of them whatever happens.

use super::arrivals::Pace;
use axum::body::Body;
use bytes::Bytes;
use kernel::{Problem, new_id};
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};
use tokio_stream::StreamExt as _;
use web::Answer;

/// A file without a name. It is gone when it is dropped, or the program ends. All files of an upload lie in one, after each other: a program may have
/// few files open.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    length: u64,
}

impl Spool {
    /// In this folder, which is made, for its owner alone: what is on its way in is not redacted yet.
    pub(super) async fn new(folder: &Path) -> io::Result<Self> {
        let folder = folder.to_owned();
        let made = tokio::task::spawn_blocking(move || {
            DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
            let path = folder.join(format!("{}{}", crate::blobs::ARRIVING, new_id()));
            let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
            match std::fs::remove_file(&path) {
                // Another program that begins has cleared up.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(file),
                removed => removed.map(|()| file),
            }
        });
        Ok(Self { file: File::from_std(made.await??), length: 0 })
    }

    /// A body, of so many bytes at most.
    ///
    /// # Errors
    /// 413 where it has more, 400 where it breaks off or comes too slowly, 503 where there is no room.
    pub(super) async fn of(folder: &Path, body: Body, most: usize) -> Answer<Self> {
        let mut spool = Self::new(folder).await.map_err(|error| no_room(&error))?;
        let mut body = body.into_data_stream();
        let mut pace = Pace::begin();
        while let Some(bytes) = pace.keep(body.next()).await? {
            let bytes = bytes.map_err(|_| Problem::bad_request("the body cannot be read"))?;
            pace.more(bytes.len());
            if spool.length + bytes.len() as u64 > most as u64 {
                return Err(Problem::too_large("the body is larger than this program takes").into());
            }
            spool.write(&bytes).await.map_err(|error| no_room(&error))?;
        }
        Ok(spool)
    }

    /// How many bytes were written.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        self.file.write_all(bytes).await
    }

    /// A part of what was written.
    pub(super) async fn read(&mut self, part: Range<u64>) -> io::Result<Bytes> {
        self.file.flush().await?;
        self.file.seek(SeekFrom::Start(part.start)).await?;
        let length = part.end - part.start;
        let mut bytes = Vec::with_capacity(length as usize);
        (&mut self.file).take(length).read_to_end(&mut bytes).await?;
        Ok(bytes.into())
    }
}

/// What is told where the disk does not take what comes in.
pub(super) fn no_room(error: &io::Error) -> Problem {
    tracing::error!(%error, "an upload cannot be put on the disk");
    Problem::unavailable("there is no room for uploads at the moment; try again")
}
