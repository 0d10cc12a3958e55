//! What tests share: the processor's ways to compute, numbers, and small models in files.

use crate::ModelFile;
use pulp::Arch;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Every way to compute that this processor has.
pub(crate) fn arches() -> Vec<Arch> {
    let mut all = vec![Arch::new(), Arch::Scalar];
    #[cfg(target_arch = "x86_64")]
    all.extend(pulp::x86::V3::try_new().map(Arch::V3));
    all
}

/// Numbers from −1 to 1 that look random.
pub(crate) fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// A tensor: name, shape, values.
pub(crate) type Tensor = (String, Vec<usize>, Vec<f32>);

/// A file of these tensors.
pub(crate) fn safetensors(tensors: &[Tensor]) -> Vec<u8> {
    let (mut header, mut data) = (r#"{"__metadata__":{"format":"pt"}"#.to_owned(), Vec::new());
    for (name, shape, values) in tensors {
        let (from, to) = (data.len(), data.len() + values.len() * 4);
        write!(header, r#","{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{from},{to}]}}"#).unwrap();
        data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }
    header.push('}');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.into_bytes());
    file.extend(data);
    file
}

/// The size of a small model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub tokens: usize,
    pub places: usize,
    pub hidden: usize,
    pub wide: usize,
    pub layers: usize,
}

/// A random model of this size.
pub(crate) fn model(size: Size) -> Vec<Tensor> {
    let Size { tokens, places, hidden, wide, layers } = size;
    let mut all: Vec<Tensor> = Vec::new();
    let mut add = |name: String, shape: Vec<usize>| {
        let values = numbers(all.len() as u64 + 7, shape.iter().product());
        all.push((name, shape, values));
    };
    add("embeddings.word_embeddings.weight".to_owned(), vec![tokens, hidden]);
    add("embeddings.position_embeddings.weight".to_owned(), vec![places, hidden]);
    add("embeddings.token_type_embeddings.weight".to_owned(), vec![2, hidden]);
    add("embeddings.LayerNorm.weight".to_owned(), vec![hidden]);
    add("embeddings.LayerNorm.bias".to_owned(), vec![hidden]);
    for layer in 0..layers {
        let dense = [
            ("attention.self.query", hidden, hidden),
            ("attention.self.key", hidden, hidden),
            ("attention.self.value", hidden, hidden),
            ("attention.output.dense", hidden, hidden),
            ("intermediate.dense", wide, hidden),
            ("output.dense", hidden, wide),
        ];
        for (name, outputs, inputs) in dense {
            add(format!("encoder.layer.{layer}.{name}.weight"), vec![outputs, inputs]);
            add(format!("encoder.layer.{layer}.{name}.bias"), vec![outputs]);
        }
        for name in ["attention.output.LayerNorm", "output.LayerNorm"] {
            add(format!("encoder.layer.{layer}.{name}.weight"), vec![hidden]);
            add(format!("encoder.layer.{layer}.{name}.bias"), vec![hidden]);
        }
    }
    all
}

/// A small file in place of the weights.
pub(crate) const HELLO: ModelFile = ModelFile {
    name: "hello.txt",
    url: "https://example.com/hello.txt",
    size: 5,
    sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
};

/// Another.
pub(crate) const WORLD: ModelFile = ModelFile {
    name: "world.txt",
    url: "https://example.com/world.txt",
    size: 5,
    sha256: "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7",
};

/// A folder that goes with the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty one; each test has its name.
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sideline-embed-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
