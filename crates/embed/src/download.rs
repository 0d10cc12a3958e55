//! The model from the hub of its makers.

use crate::EmbedError;
use crate::files::{DOWNLOADS, ModelFile, Part};
use remote::http;
use reqwest::redirect;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Time to connect.
const CONNECT: Duration = Duration::from_secs(10);

/// A server that sends nothing for so long is given up.
const SILENCE: Duration = Duration::from_secs(30);

/// Fetches the files of [`DOWNLOADS`] into `dir`, which is made: 91 MB. A file is there wholly and rightly or not at all.
///
/// # Errors
/// [`EmbedError::Download`], [`EmbedError::WrongChecksum`], [`EmbedError::Io`].
pub async fn download(dir: &Path) -> Result<(), EmbedError> {
    for file in DOWNLOADS {
        let url = Url::parse(file.url).expect("an address written here");
        fetch(&file, url, dir).await?;
    }
    Ok(())
}

async fn fetch(file: &ModelFile, url: Url, dir: &Path) -> Result<(), EmbedError> {
    let failed = |why: String| EmbedError::Download { url: file.url, why };
    // The hub sends on to where files lie, which no key needs to be kept from: the request has none.
    let http = http::builder(&[&url], CONNECT).redirect(redirect::Policy::limited(5)).read_timeout(SILENCE).build();
    let http = http.map_err(|_| failed(http::NO_CERTIFICATES.to_owned()))?;
    let why = |error: &reqwest::Error| {
        if error.is_redirect() { "it leads in a circle".to_owned() } else { http::why(error, CONNECT) }
    };
    let mut response = http.get(url).send().await.map_err(|error| failed(why(&error)))?;
    let status = response.status();
    if !status.is_success() {
        return Err(failed(format!("the answer is HTTP {}", status.as_u16())));
    }
    let size = |found: u64| failed(format!("it has {found} bytes or more, not {}", file.size));
    if let Some(found) = response.content_length().filter(|found| *found > file.size) {
        return Err(size(found));
    }
    let (mut part, mut left) = (Part::begin(*file, dir)?, file.size);
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(why(&error)))? {
        left = left.checked_sub(chunk.len() as u64).ok_or_else(|| size(file.size + 1))?;
        part.push(&chunk)?;
    }
    // Until the disk has all of it takes a while.
    let source = PathBuf::from(file.url);
    tokio::task::spawn_blocking(move || part.finish(&source)).await.map_err(|_| EmbedError::Stopped)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Folder, HELLO};
    use remote::testing::{Answer, Piece, Server, answer, chunk, stream_end, stream_head};
    use std::fs;

    async fn fetched(folder: &Folder, answers: Vec<Answer>) -> Result<(), String> {
        let server = Server::script(answers).await;
        fetch(&HELLO, server.url().join("hello.txt").unwrap(), folder.path()).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_file_is_fetched_where_its_address_leads_to() {
        let folder = Folder::new("download");
        let moved = answer(302, &[("location", "/elsewhere")], "");
        fetched(&folder, vec![moved, answer(200, &[], "hello")]).await.unwrap();
        assert_eq!(fs::read(folder.path().join("hello.txt")).unwrap(), b"hello");
        let in_chunks = vec![stream_head(), chunk(b"he"), chunk(b"llo"), stream_end()];
        fetched(&folder, vec![in_chunks]).await.unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn what_is_not_the_file_is_not_kept() {
        let folder = Folder::new("undownloaded");
        let cut = Piece::Bytes(b"HTTP/1.1 200 X\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhel".to_vec());
        let endless = std::iter::once(stream_head()).chain((0..9).map(|_| chunk(b"hello"))).collect();
        let table = [
            (answer(404, &[], "hello"), "HTTP 404"),
            (answer(200, &[], "hell"), "is not the file that belongs here"),
            (answer(200, &[], "w0rld"), "is not the file that belongs here"),
            (answer(200, &[], "hello!"), "it has 6 bytes or more, not 5"),
            (endless, "it has 6 bytes or more, not 5"),
            (vec![cut], "cannot be fetched"),
            (vec![stream_head(), chunk(b"hel")], "cannot be fetched"),
            (answer(302, &[("location", "/again")], ""), "it leads in a circle"),
        ];
        for (answer, expected) in table {
            let error = fetched(&folder, vec![answer]).await.unwrap_err();
            assert!(error.contains(expected) && error.contains(HELLO.url), "{error}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{error}");
        }
        let nobody = "http://127.0.0.1:9/hello.txt".parse().unwrap();
        let error = fetch(&HELLO, nobody, folder.path()).await.unwrap_err();
        assert!(error.is_transient() && error.to_string().contains("proxy"), "{error}");
    }
}
