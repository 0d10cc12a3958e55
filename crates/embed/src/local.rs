//! The model that is computed here.

use crate::EmbedError;
use crate::encoder::Encoder;
use crate::files::{DOWNLOADS, ModelFile};
use crate::side::{batches, side_by_side};
use crate::wordpiece::WordPiece;
use pulp::Arch;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// What the model is called.
pub(crate) const MODEL: &str = "all-MiniLM-L6-v2";

/// Tokens of the longest text with its beginning and its end, as its makers set it; what is beyond is left out.
const LONGEST: usize = 256;

/// Tokens that are computed at a time, at least one text: more would leave the cache.
const BATCH: usize = 480;

/// The model and how many may compute with it at once.
#[derive(Debug)]
pub(crate) struct Local {
    model: Arc<Model>,
    places: Arc<Semaphore>,
}

#[derive(Debug)]
pub(crate) struct Model {
    encoder: Encoder,
    words: WordPiece,
}

impl Local {
    pub fn open(dir: &Path, at_once: usize) -> Result<Self, EmbedError> {
        Self::of_files(DOWNLOADS, dir, at_once)
    }

    /// Weights and tokenizer.
    fn of_files([weights, tokenizer]: [ModelFile; 2], dir: &Path, at_once: usize) -> Result<Self, EmbedError> {
        let broken = |name: &str| {
            let path = dir.join(name);
            move |why| EmbedError::Broken { path, why }
        };
        // The small one first: who forgot to install them is told at once.
        let words = WordPiece::read(&tokenizer.read(dir)?).map_err(broken(tokenizer.name))?;
        let encoder = Encoder::read(&weights.read(dir)?, Arch::new()).map_err(broken(weights.name))?;
        if encoder.tokens() < words.size() {
            return Err(broken(tokenizer.name)("it has more tokens than the weights".to_owned()));
        }
        let places = at_once.clamp(1, Semaphore::MAX_PERMITS);
        Ok(Self { model: Arc::new(Model { encoder, words }), places: Arc::new(Semaphore::new(places)) })
    }

    pub fn dimensions(&self) -> usize {
        self.model.encoder.dimensions()
    }

    pub fn embed_now(&self, texts: &[&str]) -> Vec<Vec<f32>> {
        let tokens: Vec<_> = texts.iter().map(|text| self.model.tokens(text)).collect();
        batches(&tokens, Vec::len, usize::MAX, BATCH).flat_map(|batch| self.model.embed(batch)).collect()
    }

    /// Computes off the async threads, in as many at once as may.
    pub async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        let model = self.model.clone();
        let tokens = off(move || texts.iter().map(|text| model.tokens(text)).collect::<Vec<_>>()).await?;
        let batches: Vec<_> = batches(&tokens, Vec::len, usize::MAX, BATCH).map(<[_]>::to_vec).collect();
        side_by_side(batches, |batch| {
            let (model, places) = (self.model.clone(), self.places.clone());
            async move {
                let place = places.acquire_owned().await.map_err(|_| EmbedError::Stopped)?;
                off(move || {
                    // A computation that nobody waits for any more keeps its place until it ends.
                    let _place = place;
                    model.embed(&batch)
                })
                .await
            }
        })
        .await
    }
}

/// Does the work on a thread where it holds up nobody.
async fn off<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, EmbedError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| EmbedError::Stopped)
}

impl Model {
    fn tokens(&self, text: &str) -> Vec<u32> {
        self.words.tokens(text, LONGEST.min(self.encoder.longest()))
    }

    fn embed(&self, texts: &[Vec<u32>]) -> Vec<Vec<f32>> {
        let texts: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
        self.encoder.embed(&texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Folder, Size, model, numbers, safetensors};
    use sha2::{Digest as _, Sha256};
    use std::fs;

    const SIZE: Size = Size { tokens: 30, places: 300, hidden: 32, wide: 40, layers: 2 };
    const PIECES: [&str; 6] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "price", "high"];

    /// Files of these bytes, as they would be if they belonged here.
    fn files(folder: &Folder, weights: &[u8], tokenizer: &str) -> [ModelFile; 2] {
        [("weights", weights), ("tokenizer", tokenizer.as_bytes())].map(|(name, bytes)| {
            fs::write(folder.path().join(name), bytes).unwrap();
            let sha256 = String::leak(kernel::hex(&Sha256::digest(bytes)));
            ModelFile { name, url: "", size: bytes.len() as u64, sha256 }
        })
    }

    fn tokenizer() -> String {
        let letters = ('a'..='x').map(|letter| letter.to_string());
        let vocab = PIECES.into_iter().map(str::to_owned).chain(letters);
        let vocab: Vec<_> = vocab.enumerate().map(|(id, piece)| format!("{piece:?}:{id}")).collect();
        format!(r#"{{"model":{{"vocab":{{{}}}}}}}"#, vocab.join(","))
    }

    fn local(folder: &Folder) -> Local {
        Local::of_files(files(folder, &safetensors(&model(SIZE)), &tokenizer()), folder.path(), 2).unwrap()
    }

    #[tokio::test]
    async fn texts_come_back_in_their_order_however_they_are_computed() {
        let folder = Folder::new("order");
        let local = local(&folder);
        // From none to three hundred words, in no order.
        let lengths = numbers(9, 60).into_iter().map(|number| (number.abs() * 300.0) as usize);
        let word = |at: usize, word: usize| char::from(b'a' + ((at + word * word) % 24) as u8).to_string();
        let text = |(at, length)| (0..length).map(|number| word(at, number)).collect::<Vec<_>>().join(" ");
        let texts: Vec<String> = lengths.enumerate().map(text).collect();
        let apart: Vec<Vec<f32>> = texts.iter().flat_map(|text| local.embed_now(&[text])).collect();
        let together = local.embed_now(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let awaited = local.embed(texts).await.unwrap();
        assert_eq!((apart.len(), together.len(), awaited.len()), (60, 60, 60));
        for ((apart, together), awaited) in apart.iter().zip(&together).zip(&awaited) {
            assert_eq!(apart.len(), 32);
            assert!((apart.iter().map(|number| number * number).sum::<f32>() - 1.0).abs() < 1e-5);
            for other in [together, awaited] {
                assert!(apart.iter().zip(other).all(|(left, right)| (left - right).abs() <= 1e-6));
            }
        }
        assert_eq!(local.embed(Vec::new()).await, Ok(Vec::new()));
    }

    #[test]
    fn what_is_beyond_the_longest_text_does_not_count() {
        let folder = Folder::new("long");
        let local = local(&folder);
        let long = |words: usize, last: &str| format!("{}{last}", "price ".repeat(words));
        let embed = |text: String| local.embed_now(&[&text]).remove(0);
        let same =
            |left: &[f32], right: &[f32]| left.iter().zip(right).all(|(left, right)| (left - right).abs() <= 1e-6);
        assert!(same(&embed(long(254, "")), &embed(long(254, "high"))), "256 tokens with beginning and end");
        assert!(!same(&embed(long(253, "")), &embed(long(253, "high"))));
        assert!(same(&embed(long(254, "")), &embed(long(100_000, ""))));
    }

    #[test]
    fn a_file_that_is_not_the_right_one_is_named() {
        let folder = Folder::new("wrong");
        let (weights, tokenizer) = (safetensors(&model(SIZE)), tokenizer());
        let open = |files: [ModelFile; 2]| Local::of_files(files, folder.path(), 1).map(drop).unwrap_err();
        let right = files(&folder, &weights, &tokenizer);
        for file in right {
            let path = folder.path().join(file.name);
            let whole = fs::read(&path).unwrap();
            fs::write(&path, &whole[..whole.len() - 1]).unwrap();
            let error = open(right);
            assert!(matches!(&error, EmbedError::WrongChecksum { path: wrong, .. } if *wrong == path), "{error}");
            fs::remove_file(&path).unwrap();
            assert_eq!(open(right), EmbedError::Missing { path: path.clone() });
            fs::create_dir(&path).unwrap();
            assert!(matches!(open(right), EmbedError::Io { .. }));
            fs::remove_dir(&path).unwrap();
            fs::write(&path, whole).unwrap();
        }
        let broken = |weights: &[u8], tokenizer: &str| match open(files(&folder, weights, tokenizer)) {
            EmbedError::Broken { path, why } => (path.file_name().unwrap().to_owned(), why),
            error => panic!("{error}"),
        };
        assert_eq!(broken(&weights[..weights.len() - 1], &tokenizer).0, "weights");
        assert_eq!(broken(&weights, "{}").0, "tokenizer");
        let few = safetensors(&model(Size { tokens: 29, ..SIZE }));
        let (file, why) = broken(&few, &tokenizer);
        assert!(file == "tokenizer" && why.contains("more tokens"), "{why}");
    }
}
