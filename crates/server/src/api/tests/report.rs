//! The report of a call as a file.

use super::matrix::Scene;
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

async fn a_review_of_a_week_comes_as_data_page_and_markdown(db: TestDb) {
    let scene = Scene::new(db).await;
    let (world, path) = (&scene.world, scene.path("/api/v1/weekly-reviews/{id}").await);
    let data = world.get("manager", &path).await;
    assert_eq!((data.status.as_u16(), data.header("content-type")), (200, "application/json"), "{}", data.text());
    let data = data.json();
    assert_eq!((&data["team"]["name"], &data["calls"]["count"]), (&json!("North"), &json!(1)));
    assert_eq!(data["reps"].as_array().unwrap().len(), 2, "the two reps of North: {data}");
    let link = format!("/deals/{}", data["deals"]["at_risk"]["items"][0]["id"].as_str().unwrap());
    for (query, media_type, ending) in [
        ("format=html&base=https%3A%2F%2Fcoach.acme.example", "text/html", "html"),
        ("format=md", "text/markdown", "md"),
    ] {
        let file = world.get("manager", &format!("{path}?{query}")).await;
        assert_eq!(
            (file.status.as_u16(), file.header("content-type")),
            (200, &*format!("{media_type}; charset=utf-8"))
        );
        assert!(file.header("content-disposition").contains(&format!("North.{ending}")));
        let (text, link) = match ending {
            "html" => (file.text(), format!("https://coach.acme.example{link}").replace('/', "&#x2f;")),
            _ => (file.text(), link.clone()),
        };
        assert!(text.contains(&link), "{link} is not in {text}");
    }
    for base in ["javascript%3Aalert(1)", "https%3A%2F%2Fx%22%3E", "coach.acme.example"] {
        assert_eq!(world.get("manager", &format!("{path}?format=html&base={base}")).await.status, 422, "{base}");
    }
    assert_eq!(world.get("rep", &path).await.status, 403);
    assert_eq!(world.get("foreign_manager", &path).await.status, 404);
    // How long is kept what is not kept for ever.
    let days = json!({ "email_days": 30, "crm_days": 0 });
    assert_eq!(world.ask("admin", "PATCH", "/api/v1/settings", Some(days)).await.status, 200);
    let told = world.get("admin", "/api/v1/retention").await.json();
    assert_eq!((&told["email_days"], &told["crm_days"]), (&json!(30), &json!(0)));
    for wrong in [json!(-1), json!(3651), json!(1.5), json!("30")] {
        let refused = world.ask("admin", "PATCH", "/api/v1/settings", Some(json!({ "email_days": wrong }))).await;
        assert_eq!(refused.status, 422, "{wrong}");
    }
}

db::on_both!(a_report_comes_as_a_file_that_tells_what_was_judged, a_review_of_a_week_comes_as_data_page_and_markdown,);
