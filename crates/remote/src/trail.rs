//! Lists that are read page by page.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Where somebody came along who reads a list page by page, so that a list that goes in circles ends.
#[derive(Debug, Clone, Default)]
pub struct Trail(HashSet<u64>);

impl Trail {
    /// Whether the list goes on: neither the mark of the next page nor these items of this one, by their ids, were met before. Marks alone do not tell:
    /// they can be new each time. A page without items is like no other.
    pub fn goes_on<T: AsRef<str>>(&mut self, mark: &str, ids: impl IntoIterator<Item = T>) -> bool {
        let hash = |kind: &str, parts: &[&str]| {
            let mut hasher = DefaultHasher::new();
            (kind, parts).hash(&mut hasher);
            hasher.finish()
        };
        let ids: Vec<T> = ids.into_iter().collect();
        let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        self.0.insert(hash("mark", &[mark])) && (ids.is_empty() || self.0.insert(hash("items", &ids)))
    }
}
