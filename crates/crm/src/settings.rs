//! Which CRM is asked, with which key, for what, and how patiently.

use crate::{CrmError, Service};
use kernel::{Clock, Secret};
use std::time::Duration;
use url::Url;

/// No time is set longer than this; a clock cannot reckon with every number.
const LONGEST: Duration = Duration::from_hours(24);

/// How a client asks. `Debug` shows no key.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which service.
    pub which: Which,
    /// Fields of the company's own that are read besides.
    pub fields: Fields,
    /// Whether deals are read with those who take part in them, which is one request more for each page (with Salesforce one for 400 deals).
    pub contacts: bool,
    /// Records of a page; the most that the service gives (2,000 with Salesforce, 200 e-mails; 200 with HubSpot) where it is larger.
    pub page: u32,
    /// How late a change may show up: so much time before now is read again by the next round. 5 minutes.
    pub overlap: Duration,
    /// Time for one request with its whole answer; 60 s.
    pub timeout: Duration,
    /// How often a failed request is sent again; 2.
    pub retries: u32,
    /// The first wait before a request is sent again where the service names none; 0.5 s, doubled each time up to 16 times itself.
    pub backoff: Duration,
    /// How long a service that failed five times in a row is left alone; 60 s.
    pub rest: Duration,
    /// The time of day; the machine's.
    pub clock: Clock,
}

/// A service and how it knows who asks.
#[derive(Debug, Clone)]
pub enum Which {
    /// Salesforce.
    Salesforce(Salesforce),
    /// HubSpot.
    HubSpot(HubSpot),
}

/// Names of fields that the company added, as the service's API has them (`Product__c`, `product_line`); none is read where none is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// Of a deal: what is sold.
    pub product: Option<String>,
    /// Of a deal: to whom.
    pub segment: Option<String>,
    /// Of a deal: how it stands.
    pub health: Option<String>,
    /// Of an account: its segment.
    pub account_segment: Option<String>,
}

/// An organisation of Salesforce, and the connected app that may ask it.
#[derive(Debug, Clone)]
pub struct Salesforce {
    /// Its My Domain: `https://example.my.salesforce.com`.
    pub my_domain: Url,
    /// The version of the API; `v67.0`.
    pub version: String,
    /// The consumer key of the app.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// How it gets tokens.
    pub auth: SalesforceAuth,
    /// Whether the organisation has several currencies, so that each deal tells its own.
    pub has_currencies: bool,
}

/// How Salesforce gives tokens.
#[derive(Debug, Clone)]
pub enum SalesforceAuth {
    /// To the app, which runs as the user that is set with it.
    ClientCredentials,
    /// For this token, which a user let the app have.
    RefreshToken(Secret),
}

/// An account of HubSpot.
#[derive(Debug, Clone)]
pub struct HubSpot {
    /// Where it answers; `https://api.hubapi.com`.
    pub base_url: Url,
    /// How it knows who asks.
    pub auth: HubSpotAuth,
    /// Searches that are sent in a second at most; 4. Not below 0.1, as the next.
    pub searches_per_second: f64,
    /// Other requests that are sent in a second at most; 10.
    pub per_second: f64,
    /// How often the archived records are listed, all of them each time; every 15 minutes. What was archived is told no sooner.
    pub archived_every: Duration,
}

/// How HubSpot knows who asks.
#[derive(Debug, Clone)]
pub enum HubSpotAuth {
    /// By the token of a private app.
    PrivateApp(Secret),
    /// By tokens that it gives to a public app.
    OAuth {
        /// The client id of the app.
        client_id: String,
        /// Its secret.
        client_secret: Secret,
        /// What a user let the app have.
        refresh_token: Secret,
    },
}

impl Salesforce {
    /// With the version that is usual.
    pub fn new(my_domain: Url, client_id: impl Into<String>, client_secret: Secret, auth: SalesforceAuth) -> Self {
        let (version, client_id) = ("v67.0".to_owned(), client_id.into());
        Self { my_domain, version, client_id, client_secret, auth, has_currencies: false }
    }
}

impl HubSpot {
    /// With the limits that are usual.
    pub fn new(auth: HubSpotAuth) -> Self {
        Self {
            base_url: Url::parse("https://api.hubapi.com").expect("an address written here"),
            auth,
            searches_per_second: 4.0,
            per_second: 10.0,
            archived_every: Duration::from_mins(15),
        }
    }
}

impl Settings {
    /// The usual settings.
    pub fn new(which: Which) -> Self {
        Self {
            which,
            fields: Fields::default(),
            contacts: true,
            page: 2_000,
            overlap: Duration::from_mins(5),
            timeout: Duration::from_mins(1),
            retries: 2,
            backoff: Duration::from_millis(500),
            rest: Duration::from_mins(1),
            clock: Clock::system(),
        }
    }

    /// Which service it is.
    pub fn service(&self) -> Service {
        match self.which {
            Which::Salesforce(_) => Service::Salesforce,
            Which::HubSpot(_) => Service::HubSpot,
        }
    }

    /// The same with addresses that can be asked, keys that can be sent, and names that are names.
    pub(crate) fn checked(mut self) -> Result<Self, CrmError> {
        self.timeout = self.timeout.min(LONGEST);
        self.rest = self.rest.min(LONGEST);
        self.overlap = self.overlap.min(LONGEST);
        self.page = self.page.max(1);
        let Fields { product, segment, health, account_segment } = &self.fields;
        for name in [product, segment, health, account_segment].into_iter().flatten() {
            if !is_name(name) {
                return wrong(
                    "the name of a field has letters, digits and underscores alone, as the API of the CRM has it: check the names of your own fields",
                );
            }
        }
        match &mut self.which {
            Which::Salesforce(salesforce) => salesforce.check()?,
            Which::HubSpot(hubspot) => hubspot.check()?,
        }
        Ok(self)
    }
}

impl Salesforce {
    fn check(&mut self) -> Result<(), CrmError> {
        address(&self.my_domain, "the My Domain address of Salesforce")?;
        self.version = format!("v{}", self.version.trim().trim_start_matches('v'));
        let number = self.version[1..].split_once('.');
        let digits = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
        if !number.is_some_and(|(major, minor)| digits(major) && digits(minor)) {
            return wrong("the version of the API of Salesforce is written like v67.0");
        }
        self.client_id = self.client_id.trim().to_owned();
        trim(&mut self.client_secret);
        if self.client_id.is_empty() || self.client_secret.expose().is_empty() {
            return wrong(
                "set the consumer key and the consumer secret of the connected app: Salesforce shows both in Setup under App Manager",
            );
        }
        if let SalesforceAuth::RefreshToken(token) = &mut self.auth {
            trim(token);
            if token.expose().is_empty() {
                return wrong("set the refresh token of Salesforce, or let the connected app use client credentials");
            }
        }
        Ok(())
    }
}

impl HubSpot {
    fn check(&mut self) -> Result<(), CrmError> {
        address(&self.base_url, "the address of HubSpot")?;
        self.archived_every = self.archived_every.min(LONGEST);
        for limit in [&mut self.searches_per_second, &mut self.per_second] {
            *limit = if limit.is_nan() { 1.0 } else { limit.max(0.1) };
        }
        match &mut self.auth {
            HubSpotAuth::PrivateApp(token) => {
                trim(token);
                if token.expose().is_empty() {
                    return wrong(
                        "set the access token of the private app: HubSpot shows it under Settings, Integrations, Private Apps",
                    );
                }
            }
            HubSpotAuth::OAuth { client_id, client_secret, refresh_token } => {
                *client_id = client_id.trim().to_owned();
                trim(client_secret);
                trim(refresh_token);
                if client_id.is_empty() || client_secret.expose().is_empty() || refresh_token.expose().is_empty() {
                    return wrong("set the client id, the client secret and the refresh token of the app of HubSpot");
                }
            }
        }
        Ok(())
    }
}

/// Whether this can be the name of a field, so that it can stand in a query.
pub(crate) fn is_name(name: &str) -> bool {
    let rest = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    name.len() <= 100 && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(rest)
}

fn address(url: &Url, what: &str) -> Result<(), CrmError> {
    remote::http::check(url).or_else(|why| wrong(format!("{what} {why}")))
}

fn wrong<T>(what: impl Into<String>) -> Result<T, CrmError> {
    Err(CrmError::Settings(what.into()))
}

/// Takes off the line end that came along.
fn trim(secret: &mut Secret) {
    *secret = Secret::new(secret.expose().trim());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salesforce(change: impl FnOnce(&mut Salesforce)) -> Result<Settings, CrmError> {
        let url = "https://example.my.salesforce.com".parse().unwrap();
        let mut salesforce = Salesforce::new(url, "id", Secret::new("sesame\n"), SalesforceAuth::ClientCredentials);
        change(&mut salesforce);
        Settings::new(Which::Salesforce(salesforce)).checked()
    }

    #[test]
    fn what_cannot_be_asked_is_refused_without_being_shown() {
        assert!(salesforce(|_| {}).is_ok());
        let Which::Salesforce(good) = salesforce(|it| it.version = " 59.0".to_owned()).unwrap().which else { panic!() };
        assert_eq!((good.version.as_str(), good.client_secret.expose()), ("v59.0", "sesame"));
        let bad = [
            salesforce(|it| it.my_domain = "http://example.com".parse().unwrap()),
            salesforce(|it| it.my_domain = "https://me:sesame@example.com".parse().unwrap()),
            salesforce(|it| it.version = "v67.0/../x".to_owned()),
            salesforce(|it| it.version = "newest".to_owned()),
            salesforce(|it| it.client_id = " ".to_owned()),
            salesforce(|it| it.auth = SalesforceAuth::RefreshToken(Secret::new("\n"))),
            Settings::new(Which::HubSpot(HubSpot::new(HubSpotAuth::PrivateApp(Secret::new(""))))).checked(),
        ];
        for settings in bad {
            let error = settings.unwrap_err();
            assert!(
                matches!(error, CrmError::Settings(_)) && !format!("{error} {error:?}").contains("sesame"),
                "{error}"
            );
        }
    }

    #[test]
    fn names_of_fields_can_stand_in_a_query() {
        assert!(["Product__c", "ns__Health__c", "product_line", "a"].into_iter().all(is_name));
        assert!(!["", "Name FROM User", "a,b", "1st", "a'b", "Account.Name", "_x"].into_iter().any(is_name));
        let mut settings = Settings::new(Which::HubSpot(HubSpot::new(HubSpotAuth::PrivateApp(Secret::new("x")))));
        settings.fields.health = Some("Health__c FROM".to_owned());
        assert!(settings.checked().is_err());
    }
}
