//! What the interface says of itself.

use super::world::World;
use db::testing::TestDb;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Each operation with its path and method.
pub fn operations(description: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if ["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                all.push((method.to_uppercase(), path.clone(), operation.clone()));
            }
        }
    }
    all
}

#[tokio::test]
async fn the_committed_description_is_up_to_date() {
    let world = World::new(TestDb::sqlite().await).await;
    let text = format!("{}\n", serde_json::to_string_pretty(&world.description).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("SIDELINE_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let same = std::fs::read_to_string(path).unwrap_or_default() == text;
    assert!(same, "docs/openapi.json differs; run this test with SIDELINE_WRITE_DOCS=1 and look at what changed");
}

#[tokio::test]
async fn every_operation_is_described_whole() {
    let world = World::new(TestDb::sqlite().await).await;
    assert_eq!(world.description["openapi"], "3.1.0");
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&world.description) {
        let what = format!("{method} {path}");
        assert!(names.insert(operation["operationId"].to_string()), "{what} has the name of another one");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{what} has no summary");
        assert!(operation["tags"].as_array().is_some_and(|tags| tags.len() == 1), "{what} has no tag");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{what} never succeeds");
        for status in ["400", "401", "429", "500", "503"] {
            let schema = &responses[status]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Problem", "{what} {status}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let text = parameter["description"].as_str().unwrap_or_default();
            assert!(text.len() > 3, "{what}: the parameter {} is not described", parameter["name"]);
        }
        // Each body shows by example what it is.
        for body in operation["requestBody"]["content"].as_object().into_iter().flatten() {
            let (kind, content) = body;
            let reference = content["schema"]["$ref"].as_str().unwrap_or_default();
            let name = reference.rsplit('/').next().unwrap_or_default();
            let schema = &world.description["components"]["schemas"][name];
            let shown = !content["example"].is_null() || !schema["example"].is_null() || !schema["examples"].is_null();
            let other = kind.starts_with("multipart/") || kind == "application/yaml";
            assert!(shown || other, "{what}: its body {name} has no example");
        }
    }
}
