//! The model itself, where its weights are: `cargo xtask test` fetches them and sets the variable.
#![expect(clippy::print_stderr, reason = "a test that checks nothing says so")]

use crate::product;
use embed::{DOWNLOADS, EmbedError, Embedder};
use std::path::PathBuf;

/// The variable that holds the folder with the files of the model.
const MODEL: &str = "SIDELINE_TEST_MODEL";

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os(MODEL).map(PathBuf::from);
    if folder.is_none() {
        eprintln!("{MODEL} is not set: the embeddings of the model are NOT checked");
    }
    folder
}

#[test]
fn known_texts_have_their_known_vectors() {
    let Some(folder) = folder() else { return };
    let embedder = Embedder::local(&folder).unwrap();
    assert_eq!((embedder.model(), embedder.dimensions()), ("all-MiniLM-L6-v2", 384));
    // The first numbers of what PyTorch computes of these weights; `cargo xtask eval embeddings` compares whole vectors.
    let known = [("hello world", [-0.034_477, 0.031_023, 0.006_735, 0.026_109, -0.039_362, -0.160_302])];
    for (text, expected) in known {
        let found = embedder.embed_now(&[text]).unwrap().remove(0);
        let near = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 2e-6);
        assert!(near, "{text}: {:?}", &found[..6]);
    }
}

#[tokio::test]
async fn what_means_the_same_is_near() {
    let Some(folder) = folder() else { return };
    let embedder = Embedder::local(&folder).unwrap();
    let texts = [
        "It costs more than we planned to spend.",
        "Their offer is over our budget.",
        "Can you send me the security certificate?",
        "Please share the certificate of your security audit.",
    ];
    let vectors = embedder.embed(texts.map(str::to_owned).to_vec()).await.unwrap();
    let near = |left: usize, right: usize| product(&vectors[left], &vectors[right]);
    assert!(near(0, 1) > near(0, 2) + 0.2 && near(2, 3) > near(1, 3) + 0.2, "{} {}", near(0, 1), near(2, 3));
}

#[tokio::test]
async fn no_text_is_too_odd() {
    let Some(folder) = folder() else { return };
    let embedder = Embedder::local(&folder).unwrap();
    let texts: Vec<String> = [
        String::new(),
        " \n\t ".to_owned(),
        "x".repeat(10_000),
        "price ".repeat(50_000),
        "\u{0}\u{fffd}\u{200b}".to_owned(),
        "Größe, naïve café — 价格太高了 🙂 מחיר цена".to_owned(),
        "e\u{301}".repeat(5_000),
        "[CLS] [SEP] [PAD] [MASK]".to_owned(),
        "?!…—".repeat(300),
    ]
    .into();
    let together = embedder.embed(texts.clone()).await.unwrap();
    for (text, vector) in texts.iter().zip(&together) {
        let start: String = text.chars().take(20).collect();
        assert!((product(vector, vector) - 1.0).abs() < 1e-5, "{start:?}");
        let alone = embedder.embed_now(&[text]).unwrap().remove(0);
        assert!(alone.iter().zip(vector).all(|(left, right)| (left - right).abs() <= 1e-6), "{start:?}");
    }
}

#[test]
fn a_folder_without_the_model_says_what_to_do() {
    let dir = std::env::temp_dir().join("sideline-no-model");
    let error = Embedder::local(&dir).map(drop).unwrap_err();
    assert_eq!(error, EmbedError::Missing { path: dir.join("tokenizer.json") });
    assert!(error.to_string().contains("install the model") && !error.is_transient(), "{error}");
    assert!(DOWNLOADS.iter().all(|file| file.url.ends_with(&format!("/{}", file.name)) && file.sha256.len() == 64));
}
