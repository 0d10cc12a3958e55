//! The stages of deals: what they are called, and which of them end a deal.

use crate::read;
use serde_json::Value;
use std::collections::HashMap;

/// A stage.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stage {
    pub label: String,
    pub is_closed: bool,
    pub is_won: bool,
    /// How likely a deal in it is to be won, 0 to 1.
    pub probability: Option<f64>,
}

/// All of them, by pipeline and id.
#[derive(Debug, Clone, Default)]
pub(super) struct Stages(HashMap<(String, String), Stage>);

impl Stages {
    /// Of the list of pipelines.
    pub fn read(pipelines: &[Value]) -> Self {
        let mut all = HashMap::new();
        for pipeline in pipelines {
            for stage in pipeline["stages"].as_array().into_iter().flatten() {
                let (Some(of), Some(id)) = (read::text(&pipeline["id"]), read::text(&stage["id"])) else { continue };
                let probability = read::number(&stage["metadata"]["probability"]);
                let is_closed = read::yes(&stage["metadata"]["isClosed"]).unwrap_or(false);
                let is_won = is_closed && probability.is_some_and(|probability| probability > 0.99);
                let label = read::text(&stage["label"]).unwrap_or_else(|| id.clone());
                all.insert((of, id), Stage { label, is_closed, is_won, probability });
            }
        }
        Self(all)
    }

    /// A stage by its id; in whatever pipeline where that is not told.
    pub fn find(&self, pipeline: Option<&str>, id: &str) -> Option<&Stage> {
        let exact = pipeline.and_then(|pipeline| self.0.get(&(pipeline.to_owned(), id.to_owned())));
        exact
            .or_else(|| self.0.iter().find(|((_, known), _)| pipeline.is_none() && known == id).map(|(_, stage)| stage))
    }
}
