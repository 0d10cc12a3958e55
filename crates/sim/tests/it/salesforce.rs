//! The API of Salesforce, asked over bare sockets.

use crate::http::{Answer, ask};
use chrono::{DateTime, TimeDelta};
use kernel::Clock;
use serde_json::{Value, json};
use sim::salesforce::Settings;
use sim::{Fault, Salesforce, Time};
use url::form_urlencoded::byte_serialize;

fn settings() -> Settings {
    let begin = DateTime::from_timestamp(1_793_606_400, 0).unwrap();
    Settings { time: Time::by(Clock::fixed(begin)), ..Settings::default() }
}

fn grant(salesforce: &Salesforce, form: &str) -> Answer {
    let kind = ("content-type", "application/x-www-form-urlencoded");
    ask("POST", &format!("{}/services/oauth2/token", salesforce.url()), &[kind], form)
}

const CLIENT: &str =
    "grant_type=client_credentials&client_id=simulated-consumer-key&client_secret=simulated-consumer-secret";

fn token(salesforce: &Salesforce) -> String {
    let answer = grant(salesforce, CLIENT).json();
    assert_eq!(answer["instance_url"], salesforce.url().replace("127.0.0.1", "localhost"));
    answer["access_token"].as_str().unwrap().to_owned()
}

fn get(salesforce: &Salesforce, token: &str, path: &str) -> Answer {
    ask("GET", &format!("{}{path}", salesforce.url()), &[("authorization", &format!("Bearer {token}"))], "")
}

fn query(salesforce: &Salesforce, token: &str, which: &str, soql: &str) -> Answer {
    let soql: String = byte_serialize(soql.as_bytes()).collect();
    get(salesforce, token, &format!("/services/data/v67.0/{which}?q={soql}"))
}

/// Status and code of a refusal.
fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()[0]["errorCode"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_query_is_answered_page_by_page_as_of_its_first() {
    let salesforce = Salesforce::with(Settings { page: 4, ..settings() });
    for number in 0..9 {
        salesforce.put("Opportunity", json!({"Name": format!("n{number}"), "Amount": number})).unwrap();
    }
    let token = token(&salesforce);
    let first = query(&salesforce, &token, "query", "SELECT Id, Name, Amount FROM Opportunity ORDER BY Amount DESC");
    assert_eq!(first.header("sforce-limit-info"), Some("api-usage=1/15000"));
    assert_eq!(first.header("date"), Some("Mon, 02 Nov 2026 08:00:00 GMT"));
    let mut page = first.json();
    let id = page["records"][0]["Id"].as_str().unwrap();
    assert_eq!(
        page["records"][0],
        json!({"attributes": {"type": "Opportunity", "url": format!("/services/data/v67.0/sobjects/Opportunity/{id}")}, "Id": id, "Name": "n8", "Amount": 8})
    );
    salesforce.put("Opportunity", json!({"Name": "new", "Amount": 1})).unwrap();
    let mut names = Vec::new();
    loop {
        assert_eq!(page["totalSize"], 9);
        names.extend(page["records"].as_array().unwrap().iter().map(|row| row["Name"].as_str().unwrap().to_owned()));
        let Some(next) = page["nextRecordsUrl"].as_str() else { break };
        assert_eq!(page["done"], false);
        page = get(&salesforce, &token, next).json();
    }
    assert_eq!((page["done"].clone(), names.join(" ")), (json!(true), "n8 n7 n6 n5 n4 n3 n2 n1 n0".to_owned()));
    assert_eq!(
        refused(&get(&salesforce, &token, "/services/data/v67.0/query/01gnone-4")),
        (400, "INVALID_QUERY_LOCATOR".into())
    );
}

#[test]
fn deleted_rows_are_told_by_query_all_alone() {
    let salesforce = Salesforce::with(settings());
    let ids = ["a", "b"].map(|name| salesforce.put("Account", json!({ "Name": name })).unwrap());
    salesforce.time().advance(TimeDelta::milliseconds(1_900));
    assert!(salesforce.delete(&ids[0]) && !salesforce.delete(&ids[0]) && !salesforce.delete("001none"));
    let token = token(&salesforce);
    let soql = "SELECT Id,IsDeleted,SystemModstamp FROM Account ORDER BY SystemModstamp";
    let rows = |which| -> Vec<Value> {
        let told = query(&salesforce, &token, which, soql).json();
        told["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| json!([row["Id"], row["IsDeleted"], row["SystemModstamp"]]))
            .collect()
    };
    let live = json!([ids[1], false, "2026-11-02T08:00:00.000+0000"]);
    assert_eq!(rows("query"), std::slice::from_ref(&live));
    assert_eq!(rows("queryAll"), [live, json!([ids[0], true, "2026-11-02T08:00:01.000+0000"])]);
    assert!(salesforce.undelete(&ids[0]));
    assert_eq!((rows("query").len(), salesforce.records("Account").len()), (2, 2));
}

#[test]
fn what_it_does_not_know_is_refused() {
    let salesforce = Salesforce::with(settings());
    let token = token(&salesforce);
    let asked = |soql: &str| refused(&query(&salesforce, &token, "query", soql));
    assert_eq!(asked("SELECT Novel FROM Account"), (400, "INVALID_FIELD".into()));
    assert_eq!(asked("SELECT Id FROM Novel"), (400, "INVALID_TYPE".into()));
    assert_eq!(asked("SELECT Id FROM Account WHERE"), (400, "MALFORMED_QUERY".into()));
    for path in ["/services/data/v99.0/query?q=x", "/services/data/67.0/query?q=x", "/services/data/v67.0/novel", "/"] {
        assert_eq!(refused(&get(&salesforce, &token, path)), (404, "NOT_FOUND".into()), "{path}");
    }
    assert_eq!(
        refused(&get(&salesforce, "another", "/services/data/v67.0/query?q=x")),
        (401, "INVALID_SESSION_ID".into())
    );
    assert_eq!(get(&salesforce, "another", "/services/oauth2/userinfo").body, "Bad_OAuth_Token");
    assert_eq!(query(&salesforce, &token, "query", &"x".repeat(17_000)).status, 414);
    salesforce.faults().next(1, &Fault::status(503));
    assert_eq!(asked("SELECT Id FROM Account"), (503, "SERVER_UNAVAILABLE".into()));
    assert!(salesforce.put("Account", json!({"Novel": 1})).is_err() && salesforce.put("Novel", json!({})).is_err());
    assert!(salesforce.put("Account", json!({"Id": "006000000000001AAA"})).is_err());
}

#[test]
fn tokens_end_and_limits_are_kept() {
    let salesforce = Salesforce::with(Settings { token_requests: 2, per_day: 3, rotate: true, ..settings() });
    let soql = "SELECT Id FROM Account";
    let first = token(&salesforce);
    let status = |token: &str| refused(&query(&salesforce, token, "query", soql));
    assert_eq!([status(&first).0, status(&first).0, status(&first).0], [200, 200, 401]);
    let second = token(&salesforce);
    assert_eq!([status(&second), status(&second)], [(200, String::new()), (403, "REQUEST_LIMIT_EXCEEDED".into())]);
    salesforce.time().advance(TimeDelta::hours(3));
    assert_eq!(status(&second).0, 401);

    let refresh = |token: &str| {
        grant(&salesforce, &format!("{}&refresh_token={token}", CLIENT.replace("client_credentials", "refresh_token")))
    };
    let next = refresh("simulated-refresh-token").json()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(refresh("simulated-refresh-token").json()["error"], "invalid_grant");
    assert_eq!(refresh(&next).status, 200);
    assert_eq!(grant(&salesforce, &CLIENT.replace("consumer-secret", "x")).json()["error"], "invalid_client");
    assert_eq!(grant(&salesforce, &CLIENT.replace("consumer-key", "x")).json()["error"], "invalid_client_id");
    assert_eq!(
        grant(&salesforce, &CLIENT.replace("client_credentials", "x")).json()["error"],
        "unsupported_grant_type"
    );
}
