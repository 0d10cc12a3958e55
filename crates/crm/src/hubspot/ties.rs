//! What records are associated with.

use super::Client;
use crate::wire::Ask;
use crate::{CrmError, read};
use remote::Trail;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Records that associations are asked for at once.
const MOST: usize = 1_000;

/// A record that another is associated with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tie {
    pub id: String,
    /// The numbers of their associations.
    pub kinds: Vec<u64>,
    /// What one of them is called, where it has a name.
    pub label: Option<String>,
}

/// Ties by the record that has them; one without is left out.
pub(super) type Ties = BTreeMap<String, Vec<Tie>>;

impl Client {
    /// What these records are associated with.
    pub(super) async fn ties(
        &self,
        from: &str,
        to: &str,
        ids: &[String],
        what: &'static str,
    ) -> Result<Ties, CrmError> {
        let mut all = Ties::new();
        for ids in ids.chunks(MOST) {
            let mut inputs: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
            let mut trail = Trail::default();
            while !inputs.is_empty() {
                let path = format!("/crm/v4/associations/{from}/{to}/batch/read");
                let ask = Ask { what, path, body: Some(json!({ "inputs": inputs })), ..Ask::default() };
                let document = self.wire.ask(&ask).await?.document;
                inputs.clear();
                for result in self.results(&document)? {
                    let Some(id) = read::text(&result["from"]["id"]) else { continue };
                    let ties = result["to"].as_array().into_iter().flatten().filter_map(tie);
                    all.entry(id.clone()).or_default().extend(ties);
                    if let Some(after) = result["paging"]["next"]["after"].as_str() {
                        inputs.push(json!({ "id": id, "after": after }));
                    }
                }
                let next = json!(inputs).to_string();
                if !inputs.is_empty() && !trail.goes_on(&next, std::iter::empty::<&str>()) {
                    return Err(self.wire.not_understood("it gives again what was read"));
                }
            }
        }
        Ok(all)
    }
}

fn tie(to: &Value) -> Option<Tie> {
    let types = to["associationTypes"].as_array().into_iter().flatten();
    let label = types.clone().find_map(|kind| read::text(&kind["label"]));
    Some(Tie {
        id: read::text(&to["toObjectId"])?,
        kinds: types.filter_map(|kind| kind["typeId"].as_u64()).collect(),
        label,
    })
}
