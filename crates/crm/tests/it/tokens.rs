//! Tokens: where they come from, when they end, and what is told when there is none.

use crate::{hubspot, round, salesforce, settings_at, settings_for, settings_of};
use chrono::TimeDelta;
use crm::{Crm, CrmError, HubSpotAuth, Object, SalesforceAuth, Service, Settings, Which};
use kernel::Secret;
use serde_json::json;
use sim::{Asked, Fault};

fn tokens(asked: &[Asked]) -> usize {
    asked.iter().filter(|asked| asked.uri.path().ends_with("/token")).count()
}

fn oauth(refresh: &str) -> HubSpotAuth {
    HubSpotAuth::OAuth {
        client_id: "simulated-client-id".to_owned(),
        client_secret: Secret::new("simulated-client-secret"),
        refresh_token: Secret::new(refresh),
    }
}

/// Settings with this way to get tokens.
fn with(salesforce: &sim::Salesforce, auth: SalesforceAuth) -> Settings {
    let mut settings = settings_of(salesforce);
    let Which::Salesforce(own) = &mut settings.which else { panic!() };
    own.auth = auth;
    settings
}

#[tokio::test]
async fn a_token_that_ends_within_and_between_pages_is_renewed() {
    let salesforce = salesforce(|settings| settings.token_requests = 3);
    for _ in 0..20 {
        salesforce.put("Opportunity", json!({})).unwrap();
    }
    salesforce.time().advance(TimeDelta::seconds(1));
    for auth in
        [SalesforceAuth::ClientCredentials, SalesforceAuth::RefreshToken(Secret::new("simulated-refresh-token"))]
    {
        let before = salesforce.asked().len();
        // Each page is two requests, so that tokens end in either place.
        let crm = Crm::new(Settings { page: 3, ..with(&salesforce, auth) }).unwrap();
        let pages = round(&crm, Object::Deal, &mut None).await;
        assert_eq!(pages.iter().map(|page| page.items.len()).sum::<usize>(), 20);
        let asked = &salesforce.asked()[before..];
        assert_eq!((tokens(asked), asked.iter().filter(|asked| asked.status.unwrap() == 401).count()), (5, 4));
    }

    let hubspot = hubspot(|settings| settings.token_requests = 3);
    hubspot.put("deals", json!({})).unwrap();
    hubspot.time().advance(TimeDelta::seconds(1));
    let crm = Crm::new(settings_at(&hubspot.url(), oauth("simulated-refresh-token"))).unwrap();
    assert_eq!(round(&crm, Object::Deal, &mut None).await.iter().map(|page| page.items.len()).sum::<usize>(), 1);
    assert_eq!(tokens(&hubspot.asked()), 2);
}

#[tokio::test]
async fn a_token_whose_end_is_told_is_renewed_before() {
    let hubspot = hubspot(|_| {});
    let clock = hubspot.time().clock().clone();
    let crm =
        Crm::new(Settings { clock: clock.clone(), ..settings_at(&hubspot.url(), oauth("simulated-refresh-token")) })
            .unwrap();
    for _ in 0..2 {
        round(&crm, Object::Owner, &mut None).await;
    }
    assert_eq!(tokens(&hubspot.asked()), 1);
    clock.advance(TimeDelta::minutes(30) - TimeDelta::seconds(20));
    round(&crm, Object::Owner, &mut None).await;
    assert_eq!(tokens(&hubspot.asked()), 2);
    assert!(hubspot.asked().iter().all(|asked| asked.status.unwrap() == 200));
}

#[tokio::test]
async fn a_token_that_is_refused_anew_is_told_as_refused() {
    let salesforce = salesforce(|_| {});
    let crm = Crm::new(settings_of(&salesforce)).unwrap();
    salesforce.faults().pass(1);
    salesforce.faults().next(1, &Fault::status(401));
    salesforce.faults().pass(1);
    salesforce.faults().next(1, &Fault::status(401));
    let error = crm.changes(Object::Deal, None).await.unwrap_err();
    assert!(
        matches!(error, CrmError::Denied { service: Service::Salesforce, status: 401, .. }) && !error.is_transient(),
        "{error:?}"
    );
    assert_eq!((salesforce.asked().len(), tokens(&salesforce.asked())), (4, 2));
    let hubspot = hubspot(|_| {});
    let crm = Crm::new(settings_at(&hubspot.url(), HubSpotAuth::PrivateApp(Secret::new("another")))).unwrap();
    let error = crm.check().await.unwrap_err();
    assert!(
        matches!(error, CrmError::Denied { status: 401, .. }) && error.to_string().contains("private app"),
        "{error}"
    );
    assert_eq!(hubspot.asked().len(), 1, "it would be the same again");
}

#[tokio::test]
async fn who_is_not_let_in_is_told_what_to_check() {
    let (salesforce, hubspot) = (salesforce(|_| {}), hubspot(|_| {}));
    let refused = async |settings: Settings| Crm::new(settings).unwrap().check().await.unwrap_err();
    let error = refused(with(&salesforce, SalesforceAuth::RefreshToken(Secret::new("spent")))).await;
    assert_eq!(error, CrmError::Disconnected { service: Service::Salesforce });
    assert_eq!(
        refused(settings_at(&hubspot.url(), oauth("spent"))).await,
        CrmError::Disconnected { service: Service::HubSpot }
    );
    for (id, secret) in [("x", "simulated-consumer-secret"), ("simulated-consumer-key", "x")] {
        let mut settings = settings_of(&salesforce);
        let Which::Salesforce(own) = &mut settings.which else { panic!() };
        (own.client_id, own.client_secret) = (id.to_owned(), Secret::new(secret));
        let error = refused(settings).await;
        assert!(matches!(error, CrmError::Denied { .. }) && error.to_string().contains("consumer secret"), "{error}");
    }
    let mut auth = oauth("simulated-refresh-token");
    let HubSpotAuth::OAuth { client_secret, .. } = &mut auth else { panic!() };
    *client_secret = Secret::new("x");
    let error = refused(settings_at(&hubspot.url(), auth)).await;
    assert!(matches!(error, CrmError::Denied { .. }) && error.to_string().contains("client secret"), "{error}");
    hubspot.faults().next(1, &Fault::status(403));
    assert!(refused(settings_for(&hubspot)).await.to_string().contains("crm.objects.deals.read"));
}

#[tokio::test]
async fn a_refresh_token_that_is_worth_something_once_is_followed_and_told() {
    let salesforce = salesforce(|settings| (settings.rotate, settings.token_requests) = (true, 1));
    let crm =
        Crm::new(with(&salesforce, SalesforceAuth::RefreshToken(Secret::new("simulated-refresh-token")))).unwrap();
    assert_eq!(crm.rotated(), None);
    for _ in 0..3 {
        round(&crm, Object::Account, &mut None).await;
    }
    let rotated = crm.rotated().unwrap();
    assert!(rotated.expose().starts_with("simulated-refresh-0"));
    let next = Crm::new(with(&salesforce, SalesforceAuth::RefreshToken(rotated))).unwrap();
    round(&next, Object::Account, &mut None).await;
}

#[tokio::test]
async fn those_who_ask_at_once_share_one_token() {
    let salesforce = salesforce(|_| {});
    let crm = Crm::new(settings_of(&salesforce)).unwrap();
    for wanted in 1..=2 {
        let asks = [Object::Deal, Object::Account, Object::Contact].map(|object| {
            let crm = crm.clone();
            tokio::spawn(async move { crm.changes(object, None).await.unwrap() })
        });
        for ask in asks {
            ask.await.unwrap();
        }
        assert_eq!(tokens(&salesforce.asked()), wanted);
        salesforce.expire_tokens();
    }
}
