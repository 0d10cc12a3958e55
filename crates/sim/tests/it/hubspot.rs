//! The API of HubSpot, asked over bare sockets.

use crate::http::{Answer, ask};
use chrono::{DateTime, TimeDelta};
use kernel::Clock;
use serde_json::{Value, json};
use sim::hubspot::Settings;
use sim::{HubSpot, Time};
use std::collections::BTreeSet;
use std::time::Duration;

fn settings() -> Settings {
    let begin = DateTime::from_timestamp(1_793_606_400, 0).unwrap();
    let time = Time::by(Clock::fixed(begin));
    Settings { time, per_second: f64::INFINITY, searches_per_second: f64::INFINITY, ..Settings::default() }
}

fn request(hubspot: &HubSpot, method: &str, path: &str, body: &str) -> Answer {
    ask(method, &format!("{}{path}", hubspot.url()), &[("authorization", "Bearer simulated-hubspot-token")], body)
}

fn get(hubspot: &HubSpot, path: &str) -> Answer {
    request(hubspot, "GET", path, "")
}

fn post(hubspot: &HubSpot, path: &str, body: &Value) -> Answer {
    request(hubspot, "POST", path, &body.to_string())
}

fn ids(answer: &Answer) -> Vec<u64> {
    let told = answer.json();
    let results = told["results"].as_array().unwrap_or_else(|| panic!("{told}"));
    results.iter().map(|result| result["id"].as_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn a_search_filters_sorts_and_ends_at_ten_thousand() {
    let hubspot = HubSpot::with(settings());
    for number in 0..10_050 {
        hubspot.put("deals", json!({"amount": number % 7, "dealname": null})).unwrap();
    }
    let search = |body: Value| post(&hubspot, "/crm/v3/objects/deals/search", &body);
    let among = |filters: Value, limit: u64| {
        search(
            json!({"filterGroups": [{"filters": filters}], "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}], "limit": limit, "properties": ["amount", "novel"]}),
        )
    };
    let first = among(
        json!([{"propertyName": "amount", "operator": "EQ", "value": "3"}, {"propertyName": "hs_object_id", "operator": "GT", "value": "90"}]),
        2,
    );
    assert_eq!(ids(&first), [95, 102]);
    let told = first.json();
    assert_eq!(
        told["results"][0],
        json!({
            "id": "95", "archived": false, "createdAt": "2026-11-02T08:00:00.000Z", "updatedAt": "2026-11-02T08:00:00.000Z",
            "properties": {"amount": "3", "novel": null, "hs_object_id": "95", "createdate": "2026-11-02T08:00:00.000Z", "hs_lastmodifieddate": "2026-11-02T08:00:00.000Z"},
        })
    );
    assert_eq!((told["total"].clone(), told["paging"]["next"]["after"].clone()), (json!(1_423), json!("2")));
    assert_eq!(first.header("x-hubspot-ratelimit-daily"), None, "searches do not tell it");
    assert_eq!(
        ids(&among(json!([{"propertyName": "hs_object_id", "operator": "IN", "values": ["7", "9"]}]), 9)),
        [7, 9]
    );
    assert_eq!(
        ids(&among(
            json!([{"propertyName": "hs_object_id", "operator": "BETWEEN", "value": "3", "highValue": "5"}]),
            9
        )),
        [3, 4, 5]
    );

    let page = |after: u64| search(json!({"limit": 200, "after": after.to_string()}));
    assert_eq!((page(9_800).status, page(9_801).status), (200, 400));
    assert_eq!(page(9_800).json()["paging"]["next"]["after"], "10000");
    let equal = |_| ids(&search(json!({"limit": 200, "sorts": [{"propertyName": "hs_lastmodifieddate"}]})));
    assert_eq!((0..3).map(equal).collect::<BTreeSet<_>>().len(), 3, "what is equal has no order");
    for wrong in [
        json!({"limit": 201}),
        json!({"after": "x"}),
        json!({"sorts": ["amount", "hs_object_id"]}),
        json!({"sorts": ["novel"]}),
        json!({"filterGroups": [{"filters": [{"propertyName": "novel", "operator": "EQ", "value": "1"}]}]}),
        json!({"filterGroups": [{"filters": [{"propertyName": "amount", "operator": "LIKE", "value": "1"}]}]}),
        json!({"filterGroups": [{"filters": [{"propertyName": "amount", "operator": "EQ"}]}]}),
        json!({"filterGroups": vec![json!({"filters": []}); 6]}),
    ] {
        let answer = search(wrong.clone());
        assert_eq!((answer.status, answer.json()["category"].clone()), (400, json!("VALIDATION_ERROR")), "{wrong}");
    }
    let contacts = json!({"filterGroups": [{"filters": [{"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "0"}]}]});
    assert_eq!(post(&hubspot, "/crm/v3/objects/contacts/search", &contacts).status, 400, "theirs has another name");
}

#[test]
fn archived_records_are_listed_by_themselves() {
    let hubspot = HubSpot::with(settings());
    for _ in 0..5 {
        hubspot.put("companies", json!({"name": "x"})).unwrap();
    }
    assert!(["2", "4", "5"].iter().all(|id| hubspot.archive("companies", id)) && !hubspot.archive("companies", "2"));
    assert_eq!(ids(&get(&hubspot, "/crm/v3/objects/companies")), [1, 3]);
    let first = get(&hubspot, "/crm/v3/objects/companies?archived=true&limit=2");
    assert_eq!((ids(&first), first.json()["paging"]["next"]["after"].clone()), (vec![2, 4], json!("4")));
    assert_eq!(first.json()["results"][0]["archivedAt"], "2026-11-02T08:00:00.000Z");
    let last = get(&hubspot, "/crm/v3/objects/companies?archived=true&limit=2&after=4");
    assert_eq!((ids(&last), last.json()["paging"].clone()), (vec![5], Value::Null));
    assert_eq!(ids(&post(&hubspot, "/crm/v3/objects/companies/search", &json!({}))).len(), 2);
    assert!(hubspot.restore("companies", "4"));
    assert_eq!(hubspot.records("companies").len(), 3);
    assert_eq!(get(&hubspot, "/crm/v3/objects/companies?limit=101").status, 400);
}

#[test]
fn batches_and_associations_tell_what_is_missing() {
    let hubspot = HubSpot::with(Settings { ties: 2, ..settings() });
    let associations = [11, 12, 13].map(
        |id| json!({"from": "deals", "id": "1", "to": "contacts", "to_id": id.to_string(), "type": 3, "label": null}),
    );
    let document = json!({
        "deals": [{"id": "1"}, {"id": "2"}], "contacts": [{"id": 11}, {"id": 12}, {"id": 13}],
        "associations": associations,
        "owners": [{"id": "71", "archived": false}, {"id": "72", "archived": true}],
    });
    assert_eq!(hubspot.load(&document), Ok(10));
    let ties =
        |inputs: Value| post(&hubspot, "/crm/v4/associations/deals/contacts/batch/read", &json!({ "inputs": inputs }));
    let first = ties(json!([{"id": "1"}, {"id": "2"}]));
    let told = first.json();
    assert_eq!((first.status, told["numErrors"].clone()), (207, json!(1)));
    let to = [11, 12].map(|id| json!({"toObjectId": id, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 3, "label": null}]}));
    assert_eq!(
        told["results"],
        json!([{
            "from": {"id": "1"}, "paging": {"next": {"after": "2"}},
            "to": to,
        }])
    );
    let rest = ties(json!([{"id": "1", "after": "2"}]));
    assert_eq!(
        (
            rest.status,
            rest.json()["results"][0]["to"][0]["toObjectId"].clone(),
            rest.json()["results"][0]["paging"].clone()
        ),
        (200, json!(13), Value::Null)
    );
    let back = post(&hubspot, "/crm/v4/associations/contacts/deals/batch/read", &json!({"inputs": [{"id": "12"}]}));
    assert_eq!(back.json()["results"][0]["to"][0]["toObjectId"], 1);
    let batch = post(
        &hubspot,
        "/crm/v3/objects/contacts/batch/read",
        &json!({"inputs": [{"id": "11"}, {"id": "99"}], "properties": []}),
    );
    assert_eq!((batch.status, ids(&batch)), (207, vec![11]));
    for (inputs, most) in [(json!(vec![json!({"id": "1"}); 1_001]), "ties"), (json!([]), "none")] {
        assert_eq!(ties(inputs).status, 400, "{most}");
    }
    assert_eq!(
        (ids(&get(&hubspot, "/crm/v3/owners")), ids(&get(&hubspot, "/crm/v3/owners?archived=true"))),
        (vec![71], vec![72])
    );
    assert_eq!(
        (get(&hubspot, "/crm/v3/properties/deals/amount").status, get(&hubspot, "/crm/v3/properties/deals/x").status),
        (200, 404)
    );
}

#[test]
fn a_search_may_lag_behind() {
    let hubspot = HubSpot::with(Settings { search_lag: Duration::from_secs(10), ..settings() });
    let id = hubspot.put("deals", json!({"dealname": "old"})).unwrap();
    let found = || -> Vec<Value> {
        let told = post(&hubspot, "/crm/v3/objects/deals/search", &json!({"properties": ["dealname"]})).json();
        told["results"].as_array().unwrap().iter().map(|result| result["properties"]["dealname"].clone()).collect()
    };
    assert_eq!(found(), [] as [Value; 0]);
    hubspot.time().advance(TimeDelta::seconds(10));
    hubspot.put("deals", json!({"id": id, "dealname": "new"})).unwrap();
    assert_eq!(found(), ["old"]);
    hubspot.time().advance(TimeDelta::seconds(10));
    assert_eq!(found(), ["new"]);
}

#[test]
fn tokens_end_and_limits_are_kept() {
    let hubspot = HubSpot::with(Settings { token_requests: 1, per_day: 5, searches_per_second: 2.0, ..settings() });
    let grant = |refresh: &str| {
        let form = format!(
            "grant_type=refresh_token&client_id=simulated-client-id&client_secret=simulated-client-secret&refresh_token={refresh}"
        );
        ask("POST", &format!("{}/oauth/v1/token", hubspot.url()), &[], &form)
    };
    let told = grant("simulated-refresh-token").json();
    assert_eq!((told["expires_in"].clone(), told["token_type"].clone()), (json!(1800), json!("bearer")));
    let bearer = format!("Bearer {}", told["access_token"].as_str().unwrap());
    let owners =
        |header: &str| ask("GET", &format!("{}/crm/v3/owners", hubspot.url()), &[("authorization", header)], "");
    let first = owners(&bearer);
    assert_eq!((first.status, first.header("x-hubspot-ratelimit-daily-remaining")), (200, Some("4")));
    assert_eq!(owners(&bearer).json()["category"], "EXPIRED_AUTHENTICATION");
    assert_eq!(owners("Bearer x").json()["category"], "INVALID_AUTHENTICATION");
    assert_eq!(grant("x").json()["status"], "BAD_REFRESH_TOKEN");
    let policy = || post(&hubspot, "/crm/v3/objects/deals/search", &json!({})).json()["policyName"].clone();
    assert_eq!([policy(), policy(), policy()], [Value::Null, Value::Null, json!("SECONDLY")]);
    assert_eq!([get(&hubspot, "/crm/v3/owners").status, get(&hubspot, "/crm/v3/owners").status], [200, 200]);
    assert_eq!(get(&hubspot, "/crm/v3/owners").json()["policyName"], "DAILY");
}
