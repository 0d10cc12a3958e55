//! Salesforce: what a record becomes, and that pages miss nothing.

use crate::{apply, begin, count, deal, kept, round, salesforce, settings_of};
use chrono::TimeDelta;
use crm::{Change, Crm, CrmError, Fields, Mark, Object, Service, Settings, Usage, Which};
use serde_json::json;
use sim::Fault;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Puts in this many opportunities that were all changed at the same moment.
fn put(salesforce: &sim::Salesforce, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| salesforce.put("Opportunity", json!({ "Name": format!("Deal {number}") })).unwrap())
        .collect()
}

#[tokio::test]
async fn a_record_becomes_what_it_says() {
    let salesforce = salesforce(|_| {});
    let account = salesforce
        .put(
            "Account",
            json!({"Name": "Acme", "Website": "www.acme.example.com/de", "Industry": "Retail", "Tier__c": "Big"}),
        )
        .unwrap();
    let owner =
        salesforce.put("User", json!({"Name": "Rita", "Email": "Rita@Example.com", "IsActive": false})).unwrap();
    let contact = salesforce
        .put(
            "Contact",
            json!({"Name": "Ann Lee", "Email": "Ann@acme.example.com", "Title": "CFO", "AccountId": account}),
        )
        .unwrap();
    let won = salesforce
        .put("Opportunity", json!({
            "Name": "Big one", "AccountId": account, "OwnerId": owner, "StageName": "Closed Won", "Amount": 1_234.56, "Probability": 100,
            "CloseDate": "2026-12-24", "Type": "New Business", "CurrencyIsoCode": "EUR", "Product__c": "Rocket", "Health__c": "green",
        }))
        .unwrap();
    let bare = salesforce.put("Opportunity", json!({"Amount": null})).unwrap();
    salesforce
        .put(
            "OpportunityContactRole",
            json!({"OpportunityId": won, "ContactId": contact, "Role": "Decision Maker", "IsPrimary": true}),
        )
        .unwrap();
    let mail = salesforce
        .put("EmailMessage", json!({
            "RelatedToId": won, "Subject": "Offer", "FromAddress": "Ann@acme.example.com", "ToAddress": "rita@example.com; x@example.com",
            "CcAddress": "y@example.com", "MessageDate": "2026-11-01T10:00:00Z", "Incoming": true, "TextBody": "é".repeat(9_000),
        }))
        .unwrap();
    let other = salesforce
        .put("EmailMessage", json!({"RelatedToId": account, "HtmlBody": "<p>Hello &amp; so on</p>"}))
        .unwrap();

    let mut settings = settings_of(&salesforce);
    // A field that is read anyway may be named too, in whatever case.
    settings.fields = Fields {
        product: Some("product__C".into()),
        segment: Some("type".into()),
        health: Some("Health__c".into()),
        account_segment: Some("Tier__c".into()),
    };
    let Which::Salesforce(own) = &mut settings.which else { panic!() };
    own.has_currencies = true;
    let crm = Crm::new(settings).unwrap();

    let deals = round(&crm, Object::Deal, &mut None).await;
    let [first, second] = &deals[0].items[..] else { panic!("{deals:?}") };
    let first = deal(first);
    assert_eq!(
        (first.id.as_str(), first.name.as_str(), first.account_id.as_ref(), first.owner_id.as_ref()),
        (won.as_str(), "Big one", Some(&account), Some(&owner))
    );
    assert_eq!(
        (first.amount_cents, first.currency.as_deref(), first.probability),
        (Some(123_456), Some("EUR"), Some(1.0))
    );
    assert_eq!(
        (first.is_closed, first.is_won, first.stage.as_deref(), first.stage_name.as_deref()),
        (true, true, Some("Closed Won"), Some("Closed Won"))
    );
    assert_eq!(
        (first.created_at, first.modified_at, first.close_date.unwrap().to_string()),
        (Some(begin()), begin(), "2026-12-24".to_owned())
    );
    let named = [&first.kind, &first.product, &first.segment, &first.health].map(|text| text.as_deref().unwrap());
    assert_eq!(named, ["New Business", "Rocket", "New Business", "green"]);
    assert_eq!(
        (first.contacts[0].contact_id.as_str(), first.contacts[0].role.as_deref(), first.contacts[0].is_primary),
        (contact.as_str(), Some("Decision Maker"), true)
    );
    assert_eq!(first.fields["Product__c"], "Rocket");
    let second = deal(second);
    assert_eq!(
        (second.id.as_str(), second.name.as_str(), second.amount_cents, second.stage.as_deref(), second.is_closed),
        (bare.as_str(), "", None, None, false)
    );

    let Change::Account(account) = &round(&crm, Object::Account, &mut None).await[0].items[0] else { panic!() };
    assert_eq!(
        (account.domain.as_deref(), account.industry.as_deref(), account.segment.as_deref()),
        (Some("acme.example.com"), Some("Retail"), Some("Big"))
    );
    let Change::Contact(person) = &round(&crm, Object::Contact, &mut None).await[0].items[0] else { panic!() };
    assert_eq!(
        (person.name.as_str(), person.email.as_deref(), person.title.as_deref(), person.account_id.as_ref()),
        ("Ann Lee", Some("ann@acme.example.com"), Some("CFO"), Some(&account.id))
    );
    let Change::Owner(rep) = &round(&crm, Object::Owner, &mut None).await[0].items[0] else { panic!() };
    assert_eq!((rep.email.as_deref(), rep.is_active), (Some("rita@example.com"), false));

    let emails = round(&crm, Object::Email, &mut None).await;
    let [Change::Email(first), Change::Email(second)] = &emails[0].items[..] else { panic!("{emails:?}") };
    assert_eq!(
        (first.id.as_str(), &first.deal_ids, first.is_incoming, first.text.chars().count()),
        (mail.as_str(), &vec![won.clone()], true, 4_000)
    );
    assert_eq!(
        (first.from.as_deref(), first.to.join(" ")),
        (Some("ann@acme.example.com"), "rita@example.com x@example.com y@example.com".to_owned())
    );
    assert_eq!(first.sent_at.unwrap().to_rfc3339(), "2026-11-01T10:00:00+00:00");
    assert_eq!((second.id.as_str(), second.deal_ids.len(), second.text.as_str()), (other.as_str(), 0, "Hello & so on"));
    assert_eq!(crm.emails_of(&[&won, &bare]).await.unwrap(), std::slice::from_ref(first));

    let identity = crm.check().await.unwrap();
    assert_eq!(
        (identity.organisation.as_str(), identity.user.as_deref()),
        ("00D000000000001EAA", Some("sync@example.com"))
    );
    let asked = salesforce.asked();
    assert!(
        asked
            .iter()
            .filter(|asked| asked.uri.path().starts_with("/services/data"))
            .all(|asked| asked.headers["host"].to_str().unwrap().starts_with("localhost")),
        "the instance is asked"
    );
    let used = asked.iter().filter(|asked| asked.uri.path().starts_with("/services/data")).count() as u64;
    assert_eq!(crm.usage(), Some(Usage { used, allowed: 15_000 }));
}

#[tokio::test]
async fn more_equal_times_than_a_page_holds_are_read_each_once() {
    let salesforce = salesforce(|_| {});
    let ids = put(&salesforce, 53);
    salesforce.time().advance(TimeDelta::seconds(1));
    let later = put(&salesforce, 20);
    salesforce.time().advance(TimeDelta::seconds(1));
    for page in [1, 7, 53, 73, 2_000] {
        let crm = Crm::new(Settings { page, ..settings_of(&salesforce) }).unwrap();
        let pages = round(&crm, Object::Deal, &mut None).await;
        let read: Vec<&str> = pages.iter().flat_map(|page| &page.items).map(Change::id).collect();
        assert_eq!(read, ids.iter().chain(&later).map(String::as_str).collect::<Vec<_>>(), "{page}");
        assert_eq!(pages.len(), 73 / page as usize + 1);
    }
}

#[tokio::test]
async fn a_page_that_salesforce_makes_shorter_is_not_the_last() {
    let salesforce = salesforce(|settings| settings.page = 5);
    put(&salesforce, 12);
    salesforce.time().advance(TimeDelta::seconds(1));
    let pages = round(&Crm::new(settings_of(&salesforce)).unwrap(), Object::Deal, &mut None).await;
    assert_eq!(pages.iter().map(|page| page.items.len()).collect::<Vec<_>>(), [5, 5, 2]);
}

#[tokio::test]
async fn what_changes_while_it_is_read_is_read_as_it_becomes() {
    let salesforce = salesforce(|_| {});
    let ids = put(&salesforce, 30);
    salesforce.time().advance(TimeDelta::seconds(1));
    let crm = Crm::new(Settings { page: 10, ..settings_of(&salesforce) }).unwrap();
    let first = crm.changes(Object::Deal, None).await.unwrap();
    // One that was read, one that is yet to be, one that goes, and one that is new.
    salesforce.put("Opportunity", json!({"Id": ids[3], "Name": "read before"})).unwrap();
    salesforce.put("Opportunity", json!({"Id": ids[15], "Name": "not yet read"})).unwrap();
    salesforce.delete(&ids[5]);
    salesforce.delete(&ids[20]);
    let new = put(&salesforce, 1).remove(0);
    salesforce.time().advance(TimeDelta::seconds(1));
    let mut mark = Some(first.mark.clone());
    let mut state = BTreeMap::new();
    let rest = round(&crm, Object::Deal, &mut mark).await;
    apply(&mut state, &[first]);
    apply(&mut state, &rest);
    let there: BTreeSet<&str> = ids
        .iter()
        .chain([&new])
        .map(String::as_str)
        .filter(|id| ![&ids[5], &ids[20]].contains(&&(*id).to_owned()))
        .collect();
    assert_eq!(state.keys().map(String::as_str).collect::<BTreeSet<_>>(), there);
    assert_eq!(
        (deal(&state[&ids[3]]).name.as_str(), deal(&state[&ids[15]]).name.as_str()),
        ("read before", "not yet read")
    );
    assert_eq!(count(&round(&crm, Object::Deal, &mut mark).await), 0, "then nothing is new");
    salesforce.undelete(&ids[5]);
    let back = round(&crm, Object::Deal, &mut mark).await;
    assert_eq!(back[0].items.iter().map(Change::id).collect::<Vec<_>>(), [&ids[5]]);
}

#[tokio::test]
async fn a_record_that_shows_up_late_is_not_missed() {
    let salesforce = salesforce(|_| {});
    put(&salesforce, 3);
    salesforce.time().advance(TimeDelta::seconds(20));
    let late = |name: &str, ago: i64| {
        let at = salesforce.time().now() - TimeDelta::seconds(ago);
        salesforce.put("Opportunity", json!({"Name": name, "SystemModstamp": at.to_rfc3339()})).unwrap()
    };
    let crm = Crm::new(Settings { overlap: Duration::from_mins(1), page: 2, ..settings_of(&salesforce) }).unwrap();
    let mut mark = None;
    assert_eq!(count(&round(&crm, Object::Deal, &mut mark).await), 3);
    // A transaction ends that was saved before all that was read.
    let id = late("late", 30);
    let read = round(&crm, Object::Deal, &mut mark).await;
    assert_eq!(read[0].items[0].id(), id);
    // As one that ends while a round of several pages lasts for long.
    let first = crm.changes(Object::Deal, mark.as_ref()).await.unwrap();
    assert!(!first.is_last);
    let id = late("later", 10);
    salesforce.time().advance(TimeDelta::seconds(300));
    let mut mark = Some(first.mark);
    round(&crm, Object::Deal, &mut mark).await;
    let read = round(&crm, Object::Deal, &mut mark).await;
    assert!(read.iter().flat_map(|page| &page.items).any(|change| change.id() == id), "{read:?}");
    // Once all has settled it is read no more.
    salesforce.time().advance(TimeDelta::seconds(300));
    round(&crm, Object::Deal, &mut mark).await;
    assert_eq!(count(&round(&crm, Object::Deal, &mut mark).await), 0);
}

#[tokio::test]
async fn deals_are_followed_to_their_emails_and_contacts_in_few_requests() {
    // Pages shorter than an answer may be have to be fetched by their address.
    let salesforce = salesforce(|settings| settings.page = 150);
    let deals = put(&salesforce, 500);
    let mut wanted = BTreeSet::new();
    for deal in &deals {
        wanted.insert(salesforce.put("EmailMessage", json!({"RelatedToId": deal})).unwrap());
        let contact = salesforce.put("Contact", json!({})).unwrap();
        salesforce.put("OpportunityContactRole", json!({"OpportunityId": deal, "ContactId": contact})).unwrap();
    }
    salesforce.put("EmailMessage", json!({})).unwrap();
    let crm = Crm::new(settings_of(&salesforce)).unwrap();
    let twice: Vec<&String> = deals.iter().chain(&deals).collect();
    let emails = crm.emails_of(&twice).await.unwrap();
    assert_eq!(emails.iter().map(|email| email.id.clone()).collect::<BTreeSet<_>>(), wanted);
    assert_eq!((emails.len(), salesforce.asked().len()), (500, 1 + 3 + 1), "a token, three pages of 400, one of 100");
    let contacts = crm.contacts_of(&deals).await.unwrap();
    assert!(contacts.len() == 500 && contacts.values().all(|roles| roles.len() == 1));
    assert_eq!(crm.emails_of(&[] as &[&str]).await.unwrap(), []);
    for bad in ["", "x' OR Id != '", "006000000000001AA'", "12"] {
        assert_eq!(crm.emails_of(&[bad]).await, Err(CrmError::NotAnId { service: Service::Salesforce }), "{bad}");
    }
}

#[tokio::test]
async fn a_mark_with_something_else_for_an_id_asks_nothing() {
    let salesforce = salesforce(|_| {});
    let crm = Crm::new(settings_of(&salesforce)).unwrap();
    let mark = kept(&Mark::since(Service::Salesforce, Object::Deal, begin()));
    let text = serde_json::to_string(&mark).unwrap();
    let text =
        text.replace(r#"{"from":"2026-11-02T08:00:00Z"}"#, r#"{"after":["2026-11-02T08:00:00Z","x' OR Name != '"]}"#);
    let mark: Mark = serde_json::from_str(&text).unwrap();
    assert_ne!(mark, Mark::since(Service::Salesforce, Object::Deal, begin()));
    let error = crm.changes(Object::Deal, Some(&mark)).await.unwrap_err();
    assert_eq!(
        (error, salesforce.asked().len()),
        (CrmError::Mark { service: Service::Salesforce, object: Object::Deal }, 0)
    );
    let since = Mark::since(Service::Salesforce, Object::Deal, begin() + TimeDelta::days(1));
    put(&salesforce, 2);
    assert_eq!(count(&[crm.changes(Object::Deal, Some(&since)).await.unwrap()]), 0, "nothing before it is read");
}

#[tokio::test]
async fn a_field_that_is_not_there_is_named() {
    let salesforce = salesforce(|_| {});
    let mut settings = settings_of(&salesforce);
    settings.fields.health = Some("Pulse__c".to_owned());
    let crm = Crm::new(settings).unwrap();
    for error in [crm.check().await.unwrap_err(), crm.changes(Object::Deal, None).await.unwrap_err()] {
        assert!(
            matches!(error, CrmError::NoField { what: "deals", .. }) && error.to_string().contains("'Pulse__c'"),
            "{error}"
        );
    }
    salesforce.put("Opportunity", json!({"Pulse__c": "fine"})).unwrap();
    crm.check().await.unwrap();
}

#[tokio::test]
async fn fields_that_nobody_asked_for_are_tolerated() {
    let salesforce = salesforce(|_| {});
    put(&salesforce, 2);
    salesforce.faults().then(Some(Fault::UnknownField));
    assert_eq!(count(&round(&Crm::new(settings_of(&salesforce)).unwrap(), Object::Deal, &mut None).await), 2);
}
