//! The report of a call as a file.

use super::world::World;
use db::testing::TestDb;
use serde_json::json;

async fn a_report_comes_as_a_file_that_tells_what_was_judged(db: TestDb) {
    let world = World::new(db).await;
    let sent = json!({ "segments": [{ "speaker": "Rep", "text": "Hello." }, { "speaker": "Ana", "text": "Yes?" }], "internal": ["Rep"] });
    let sent = world.ask("rep", "POST", "/api/v1/calls", Some(sent)).await.json();
    let early = world.get("rep", &format!("/api/v1/calls/{}/report", sent["id"].as_str().unwrap())).await;
    assert_eq!(early.status, 404, "{}", early.text());
    assert!(early.text().contains("not judged yet"), "{}", early.text());
    let (call, _) = world.call().await;
    let path = format!("/api/v1/calls/{call}/report");
    let title = world.get("rep", &format!("/api/v1/calls/{call}")).await.json()["title"].as_str().unwrap().to_owned();
    let analyses = world.get("rep", &format!("/api/v1/calls/{call}/analyses")).await.json();
    let quotes: Vec<String> = analyses["session"]["dimensions"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|dimension| dimension["checks"].as_array().unwrap())
        .flat_map(|check| check["evidence"].as_array().unwrap())
        .map(|evidence| evidence["quote"].as_str().unwrap().to_owned())
        .collect();
    assert!(!quotes.is_empty());
    for (query, media_type, ending) in
        [("", "text/html", "html"), ("?format=html", "text/html", "html"), ("?format=md", "text/markdown", "md")]
    {
        let file = world.get("rep", &format!("{path}{query}")).await;
        assert_eq!(
            (file.status.as_u16(), file.header("content-type")),
            (200, &*format!("{media_type}; charset=utf-8"))
        );
        let saved = format!("attachment; filename=\"{title}.{ending}\"");
        assert!(file.header("content-disposition").starts_with(&saved), "{}", file.header("content-disposition"));
        assert!(file.text().contains(&title));
        for quote in &quotes {
            let quote = if ending == "html" { quote.replace('\'', "&#x27;") } else { quote.clone() };
            assert!(file.text().contains(&quote), "{quote} in {query}");
        }
    }
    assert_eq!(world.get("rep", &format!("{path}?format=pdf")).await.status, 422);
    assert_eq!(world.get("foreign_rep", &path).await.status, 404);
}

db::on_both!(a_report_comes_as_a_file_that_tells_what_was_judged,);
