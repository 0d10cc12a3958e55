//! Files that are on their way in: on the disk, under no name, so that nothing is left of them whatever happens.

use bytes::Bytes;
use kernel::new_id;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

/// A file without a name. It is gone when it is dropped, or the program ends.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    length: usize,
}

impl Spool {
    pub(super) async fn new() -> io::Result<Self> {
        let made = tokio::task::spawn_blocking(|| {
            let path = std::env::temp_dir().join(format!("sideline-{}", new_id()));
            let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
            std::fs::remove_file(&path)?;
            Ok::<_, io::Error>(file)
        });
        Ok(Self { file: File::from_std(made.await??), length: 0 })
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len();
        self.file.write_all(bytes).await
    }

    /// All that was written.
    pub(super) async fn read(mut self) -> io::Result<Bytes> {
        self.file.flush().await?;
        self.file.rewind().await?;
        let mut bytes = Vec::with_capacity(self.length);
        self.file.read_to_end(&mut bytes).await?;
        Ok(bytes.into())
    }
}
