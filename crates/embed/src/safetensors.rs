//! Files of weights: eight bytes of length, a JSON document that names tensors with their types, shapes and bounds, and their bytes.

use serde::Deserialize;
use std::collections::HashMap;

/// Bytes of the largest document at the beginning.
const LARGEST_HEADER: usize = 1 << 20;

#[derive(Debug, Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

/// The tensors of a file.
#[derive(Debug)]
pub(crate) struct Tensors<'a> {
    entries: HashMap<String, Entry>,
    data: &'a [u8],
}

impl<'a> Tensors<'a> {
    /// Reads the names; each tensor lies within the file.
    ///
    /// # Errors
    /// What is wrong with the file, as it follows its name in a sentence.
    pub fn read(file: &'a [u8]) -> Result<Self, String> {
        let cut = || "it ends before its end".to_owned();
        let (length, rest) = file.split_first_chunk().ok_or_else(cut)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length > LARGEST_HEADER {
            return Err("it is no safetensors file".to_owned());
        }
        let (header, data) = rest.split_at_checked(length).ok_or_else(cut)?;
        let unread = |_| "it is no safetensors file".to_owned();
        let mut header: HashMap<String, serde_json::Value> = serde_json::from_slice(header).map_err(unread)?;
        header.remove("__metadata__");
        let mut entries = HashMap::new();
        for (name, entry) in header {
            let entry: Entry = serde_json::from_value(entry).map_err(unread)?;
            if data.get(entry.data_offsets.0..entry.data_offsets.1).is_none() {
                return Err(cut());
            }
            entries.insert(name, entry);
        }
        Ok(Self { entries, data })
    }

    /// Whether there is one of this name.
    pub fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// Rows and columns of a matrix.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn shape(&self, name: &str) -> Result<(usize, usize), String> {
        match self.entry(name)?.shape[..] {
            [rows, columns] if rows > 0 && columns > 0 => Ok((rows, columns)),
            _ => Err(format!("`{name}` is no matrix")),
        }
    }

    /// The values of a tensor of this shape.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        let entry = self.entry(name)?;
        if entry.dtype != "F32" || entry.shape != shape {
            return Err(format!("`{name}` is of type {} and shape {:?}, not F32 {shape:?}", entry.dtype, entry.shape));
        }
        let bytes = &self.data[entry.data_offsets.0..entry.data_offsets.1];
        if Some(bytes.len()) != shape.iter().try_fold(4_usize, |size, side| size.checked_mul(*side)) {
            return Err(format!("`{name}` has {} bytes, which is not its shape", bytes.len()));
        }
        Ok(bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    fn entry(&self, name: &str) -> Result<&Entry, String> {
        self.entries.get(name).ok_or_else(|| format!("it has no `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::safetensors;

    fn file() -> Vec<u8> {
        let one = ("one".to_owned(), vec![2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.5]);
        safetensors(&[one, ("two".to_owned(), vec![1], vec![-7.0])])
    }

    /// A file with this document at its beginning and so many bytes of data.
    fn with(header: &str, data: usize) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &vec![0; data]].concat()
    }

    #[test]
    fn tensors_are_read_as_they_are() {
        let file = file();
        let tensors = Tensors::read(&file).unwrap();
        assert_eq!(tensors.shape("one").unwrap(), (2, 3));
        let bits = |name, shape: &[usize]| {
            tensors.values(name, shape).unwrap().into_iter().map(f32::to_bits).collect::<Vec<_>>()
        };
        assert_eq!(bits("one", &[2, 3]), [1.0, 2.0, 3.0, 4.0, 5.0, 6.5_f32].map(f32::to_bits));
        assert_eq!(bits("two", &[1]), [(-7.0_f32).to_bits()]);
        assert!(tensors.has("two") && !tensors.has("three"));
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_refused() {
        let file = file();
        for end in 0..file.len() {
            assert!(Tensors::read(&file[..end]).is_err(), "cut at {end} of {}", file.len());
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_a_reason() {
        let entry = |dtype: &str, shape: &str, offsets: &str| {
            with(&format!(r#"{{"t":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}"#), 16)
        };
        assert!(Tensors::read(&entry("F32", "[4]", "[0,16]")).unwrap().values("t", &[4]).is_ok());
        for bad in [
            entry("F32", "[4]", "[0,17]"),
            entry("F32", "[4]", "[16,0]"),
            entry("F32", "[4]", "[18446744073709551615,3]"),
            entry("F32", "[-4]", "[0,16]"),
            with("[]", 0),
            with("no JSON", 0),
            [&u64::MAX.to_le_bytes()[..], b"{}"].concat(),
            [&(2_u64 << 20).to_le_bytes()[..], &vec![b' '; 2 << 20]].concat(),
        ] {
            assert!(Tensors::read(&bad).is_err(), "{:?}", String::from_utf8_lossy(&bad[..bad.len().min(90)]));
        }
        let refused = [
            (entry("F16", "[4]", "[0,16]"), "type F16"),
            (entry("F32", "[5]", "[0,16]"), "shape [5]"),
            (entry("F32", "[4]", "[0,12]"), "12 bytes"),
        ];
        for (file, why) in refused {
            let error = Tensors::read(&file).unwrap().values("t", &[4]).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        let huge = entry("F32", "[9223372036854775807,9]", "[0,16]");
        assert!(Tensors::read(&huge).unwrap().values("t", &[9_223_372_036_854_775_807, 9]).is_err());
        let file = file();
        let tensors = Tensors::read(&file).unwrap();
        assert_eq!(tensors.values("three", &[1]).unwrap_err(), "it has no `three`");
        assert_eq!(tensors.shape("two").unwrap_err(), "`two` is no matrix");
    }
}
