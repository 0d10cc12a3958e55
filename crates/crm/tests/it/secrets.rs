//! No key, no token and no word of a record is in an error, in a log, or in what `Debug` shows.

use crate::{hubspot, round, salesforce, settings_at, settings_of};
use crm::{Crm, HubSpotAuth, Object, Settings, Which};
use kernel::Secret;
use remote::testing::{Log, Server, answer, json};
use serde_json::json;
use std::io::Write;

const KEY: &str = "pat-sesame-0123456789";

/// Words of a record.
const WORDS: &str = "our floor is ninety thousand";

/// All that is shown of everything that is asked.
async fn shown(settings: Settings, told: &mut Vec<u8>) {
    writeln!(told, "{settings:?}").unwrap();
    let crm = Crm::new(settings).unwrap();
    for object in Object::ALL {
        writeln!(told, "{:?}", crm.changes(object, None).await.map_err(|error| format!("{error} {error:?}"))).unwrap();
    }
    let check = crm.check().await.map_err(|error| format!("{error} {error:?}"));
    writeln!(told, "{check:?} {crm:?}").unwrap();
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let log = Log::default();
    let writer = log.clone();
    // For the whole program, as only that hears what other crates log. What other tests log meanwhile must be as clean.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let echo = format!("you sent Bearer {KEY}");
    let mut told = Vec::new();
    for status in [200, 302, 400, 401, 403, 404, 418, 429, 500] {
        let headers = [("content-type", "application/json"), ("location", KEY)];
        let bodies = [
            json!([{"message": echo, "errorCode": "INVALID_FIELD"}]).to_string(),
            json!({"message": echo, "category": KEY, "policyName": KEY, "status": echo, "error": echo}).to_string(),
            format!("{{\"{echo}"),
        ];
        for body in bodies {
            let server = Server::script(vec![answer(status, &headers, &body)]).await;
            shown(settings_at(server.url().as_str(), HubSpotAuth::PrivateApp(Secret::new(KEY))), &mut told).await;
            let token = json(200, &json!({"access_token": KEY, "refresh_token": KEY}));
            for answers in [vec![token, answer(status, &headers, &body)], vec![answer(status, &headers, &body)]] {
                let server = Server::script(answers).await;
                let mut settings = settings_of(&salesforce(|_| {}));
                let Which::Salesforce(own) = &mut settings.which else { panic!() };
                (own.my_domain, own.client_secret) = (server.url(), Secret::new(KEY));
                shown(settings, &mut told).await;
            }
        }
    }
    let (salesforce, hubspot) = (salesforce(|_| {}), hubspot(|_| {}));
    salesforce.put("Opportunity", json!({"Name": WORDS, "NextStep": WORDS})).unwrap();
    salesforce.put("Account", json!({ "Name": WORDS })).unwrap();
    salesforce.put("Contact", json!({ "Name": WORDS })).unwrap();
    salesforce.put("EmailMessage", json!({"Subject": WORDS, "TextBody": WORDS})).unwrap();
    shown(settings_of(&salesforce), &mut told).await;
    hubspot.put("deals", json!({ "dealname": WORDS })).unwrap();
    hubspot.put("emails", json!({"hs_email_subject": WORDS, "hs_email_text": WORDS})).unwrap();
    let settings = settings_at(&hubspot.url(), HubSpotAuth::PrivateApp(Secret::new("simulated-hubspot-token")));
    shown(settings.clone(), &mut told).await;
    let read = round(&Crm::new(settings).unwrap(), Object::Email, &mut None).await;
    assert!(matches!(&read[0].items[0], crm::Change::Email(email) if email.text == WORDS), "it is there");

    let (logged, told) = (log.text(), String::from_utf8(told).unwrap());
    assert!(logged.contains("failed") && told.contains("(HTTP 401)") && told.contains("Deal {"), "{told}");
    for text in [&logged, &told] {
        for secret in ["sesame", "ninety", "0123456", "consumer-secret", "simulated-hubspot", "!simulated."] {
            let found = text.lines().find(|line| line.contains(secret));
            assert_eq!(found, None, "{secret}");
        }
    }
}
