//! What a connection is set to, and whether that can be.

use crate::IntakeError;
use crate::secrets::Secrets;
use crate::verify::Verifier;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

/// What kind of place calls come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[schema(as = ConnectionKind)]
pub enum Kind {
    /// Gong: rings by webhooks, and is asked for its calls.
    Gong,
    /// Fireflies: rings by webhooks, and is asked for its transcripts.
    Fireflies,
    /// A program that sends transcripts by itself.
    Push,
    /// The folder that the setting `watch_folder` names.
    Folder,
    /// Salesforce: is asked for deals, their firms, people and e-mails.
    Salesforce,
    /// HubSpot: the same.
    Hubspot,
}

impl Kind {
    /// Name as in JSON and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gong => "gong",
            Self::Fireflies => "fireflies",
            Self::Push => "push",
            Self::Folder => "folder",
            Self::Salesforce => "salesforce",
            Self::Hubspot => "hubspot",
        }
    }

    /// Where its service answers, unless another address is set.
    fn usual_address(self) -> &'static str {
        match self {
            Self::Gong => "https://api.gong.io",
            Self::Fireflies => "https://api.fireflies.ai/graphql",
            Self::Hubspot => "https://api.hubapi.com",
            // Each organisation of Salesforce has an address of its own.
            Self::Push | Self::Folder | Self::Salesforce => "",
        }
    }

    /// Requests that its service allows in a second.
    fn usual_requests(self) -> f64 {
        match self {
            // 60 a minute with its larger plans; with the others it says when a day's 50 are used up.
            Self::Fireflies => 1.0,
            // Its searches; of other requests it takes more.
            Self::Hubspot => 4.0,
            Self::Gong | Self::Push | Self::Folder | Self::Salesforce => 3.0,
        }
    }

    /// Whether it is asked for deals, and not for calls.
    pub fn is_crm(self) -> bool {
        matches!(self, Self::Salesforce | Self::Hubspot)
    }

    /// Whether it can be asked for what is new.
    pub fn can_be_asked(self) -> bool {
        self != Self::Push
    }
}

/// How deliveries prove themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// HMAC-SHA256 of the body in the header `X-Gong-Signature`, `X-Hub-Signature` of Fireflies, `X-Sideline-Signature` of other programs; secret
    /// `webhook_secret`.
    Hmac,
    /// Gong's signed token in the header `Authorization`; `public_key` and `webhook_url`.
    Jwt,
    /// A last part of the address that nobody else knows; secret `webhook_secret`.
    UrlKey,
}

/// What a connection is set to. Each has what its kind needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"base_url": "https://us-55616.api.gong.io", "access_key": "ACCESS-KEY", "proof": "jwt",
    "public_key": "MIIBIjANBgkq…", "webhook_url": "https://coach.example.com/webhooks/gong/main"}))]
pub struct ConnectionSettings {
    /// Address of the service; its usual one where it is empty.
    pub base_url: String,
    /// Id of its key; the secret of it is told beside.
    pub access_key: Option<String>,
    /// Id of this program in Gong, where people let it in by OAuth in place of a key; its secret is told beside.
    pub client_id: Option<String>,
    /// Where Gong lets people decide that, and where it gives tokens; usually Gong's own.
    pub authorize_url: Option<String>,
    /// See `authorize_url`.
    pub token_url: Option<String>,
    /// How its deliveries prove themselves; none are taken where it is null.
    pub proof: Option<Proof>,
    /// The public key by which it signs, as it shows it.
    pub public_key: Option<String>,
    /// The address to which it delivers, as it stands there.
    pub webhook_url: Option<String>,
    /// Only calls of this workspace.
    pub workspace: Option<String>,
    /// Whether a speaker whom the service knows on neither side is taken for a customer where others are known to be ours, as Gong counts them.
    /// Where not, a person is asked.
    pub strangers_are_customers: bool,
    /// Whether calls that are private there come in as well.
    pub include_private: bool,
    /// Requests in a second; where it is 0, what the service usually allows.
    #[schema(minimum = 0.0, maximum = 100.0)]
    pub requests_per_second: f64,
    /// Requests in a day (UTC).
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub requests_per_day: u32,
    /// Seconds that a request may take.
    #[schema(minimum = 1, maximum = 300)]
    pub timeout_seconds: u32,
    /// Of a CRM: the field of a deal that tells what is sold, as the API names it, such as `Product__c`.
    #[schema(max_length = 100)]
    pub product_field: Option<String>,
    /// Of a CRM: the field of a deal that tells of what kind the customer is.
    #[schema(max_length = 100)]
    pub segment_field: Option<String>,
    /// Of a CRM: the field of a deal that tells its health, 0 to 100.
    #[schema(max_length = 100)]
    pub health_field: Option<String>,
    /// Of Salesforce: the version of its API; `v67.0` where it is null.
    #[schema(max_length = 10)]
    pub api_version: Option<String>,
    /// How many hours before the last look calls are listed again: some become known late.
    #[schema(minimum = 0, maximum = 720)]
    pub overlap_hours: u32,
}

impl Default for ConnectionSettings {
    fn default() -> Self {
        Self {
            base_url: String::new(),
            access_key: None,
            client_id: None,
            authorize_url: None,
            token_url: None,
            proof: None,
            public_key: None,
            webhook_url: None,
            workspace: None,
            strangers_are_customers: true,
            include_private: false,
            requests_per_second: 0.0,
            requests_per_day: 10_000,
            timeout_seconds: 30,
            product_field: None,
            segment_field: None,
            health_field: None,
            api_version: None,
            overlap_hours: 48,
        }
    }
}

impl ConnectionSettings {
    /// Puts what is usual with its kind where nothing is set.
    pub(crate) fn fill(&mut self, kind: Kind) {
        if self.base_url.trim().is_empty() {
            kind.usual_address().clone_into(&mut self.base_url);
        }
        // Below nothing is no wish for the usual: `checked` says what it may be.
        if self.requests_per_second == 0.0 {
            self.requests_per_second = kind.usual_requests();
        }
    }
}

/// Whether an address may be asked with a key: over a secure connection, unless it stays on this machine.
fn is_address(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let is_here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let is_bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    is_bare && (url.scheme() == "https" && url.has_host() || url.scheme() == "http" && is_here)
}

/// Whether the names of fields and the version of an API can be some.
fn checked_names(settings: &ConnectionSettings) -> Result<(), IntakeError> {
    let field = |name, why: &str| Err(IntakeError::Field(name, why.to_owned()));
    let is_version = |text: &String| {
        let digits = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
        text.strip_prefix('v')
            .and_then(|number| number.split_once('.'))
            .is_some_and(|(one, two)| digits(one) && digits(two))
    };
    if settings.api_version.as_ref().is_some_and(|text| !is_version(text)) {
        return field("api_version", "write it like v67.0");
    }
    let names = [
        ("product_field", &settings.product_field),
        ("segment_field", &settings.segment_field),
        ("health_field", &settings.health_field),
    ];
    for (name, value) in names {
        let is_name = |text: &String| {
            let mut letters = text.chars();
            letters.next().is_some_and(|first| first.is_ascii_alphabetic())
                && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
                && text.len() <= 100
        };
        if value.as_ref().is_some_and(|text| !is_name(text)) {
            return field(name, "write the name of the field as the API has it: letters, digits and underscores");
        }
    }
    Ok(())
}

/// What a CRM needs beside an address.
fn checked_crm(kind: Kind, settings: &ConnectionSettings, secrets: &Secrets) -> Result<(), IntakeError> {
    let field = |name, why: &str| Err(IntakeError::Field(name, why.to_owned()));
    if settings.proof.is_some() {
        return field("proof", "a CRM is asked and delivers nothing: leave it out");
    }
    if !is_address(&settings.base_url) {
        let why = match kind {
            Kind::Salesforce => "write your My Domain address, such as https://acme.my.salesforce.com",
            _ => "write the address of the API, https://api.hubapi.com",
        };
        return field("base_url", why);
    }
    if kind == Kind::Salesforce && settings.client_id.is_none() {
        return field("client_id", "write the consumer key of the connected app: Setup › App Manager shows it");
    }
    if kind == Kind::Hubspot && secrets.secret.is_none() {
        return field(
            "secret",
            "write the access token of the private app: Settings › Integrations › Private Apps shows it",
        );
    }
    Ok(())
}

/// Whether these settings and secrets can be those of a connection of this kind.
///
/// # Errors
/// [`IntakeError::Field`] with a sentence for whoever set it.
pub(crate) fn checked(kind: Kind, settings: &ConnectionSettings, secrets: &Secrets) -> Result<(), IntakeError> {
    let field = |name, why: &str| Err(IntakeError::Field(name, why.to_owned()));
    if kind == Kind::Push && !matches!(settings.proof, Some(Proof::Hmac | Proof::UrlKey)) {
        return field("proof", "whoever sends transcripts proves itself by `hmac` or `url_key`");
    }
    if kind == Kind::Fireflies && secrets.secret.is_none() {
        return field("secret", "write the key that Fireflies shows under Integrations › Fireflies API");
    }
    if kind == Kind::Fireflies && settings.proof == Some(Proof::Jwt) {
        return field("proof", "Fireflies proves itself by `hmac`; `url_key` does as well");
    }
    if matches!(kind, Kind::Gong | Kind::Fireflies) && !is_address(&settings.base_url) {
        let why = match kind {
            Kind::Gong => "write the address that Gong shows, such as https://us-55616.api.gong.io",
            _ => "write the address of the GraphQL API, https://api.fireflies.ai/graphql",
        };
        return field("base_url", why);
    }
    checked_names(settings)?;
    if kind.is_crm() {
        checked_crm(kind, settings, secrets)?;
    }
    if !(0.1..=100.0).contains(&settings.requests_per_second) {
        return field("requests_per_second", "from 0.1 to 100");
    }
    if !(1..=1_000_000).contains(&settings.requests_per_day) {
        return field("requests_per_day", "from 1 to 1,000,000");
    }
    if !(1..=300).contains(&settings.timeout_seconds) {
        return field("timeout_seconds", "from 1 to 300");
    }
    if settings.overlap_hours > 720 {
        return field("overlap_hours", "at most 720");
    }
    if !kind.is_crm() && kind != Kind::Fireflies && settings.access_key.is_some() != secrets.secret.is_some() {
        return field(
            "secret",
            "a key has two parts: tell `access_key` among the settings and `secret` among the secrets",
        );
    }
    if settings.client_id.is_some() != secrets.client_secret.is_some() {
        return field(
            "client_secret",
            "OAuth has two parts: tell `client_id` among the settings and `client_secret` among the secrets",
        );
    }
    for (name, url) in [("authorize_url", &settings.authorize_url), ("token_url", &settings.token_url)] {
        if url.as_deref().is_some_and(|url| !is_address(url)) {
            return field(name, "it is no address that begins with https://");
        }
    }
    match settings.proof {
        Some(Proof::Hmac | Proof::UrlKey) if secrets.webhook_secret.as_ref().is_none_or(|secret| secret.len() < 16) => {
            field("webhook_secret", "this proof needs a secret of 16 characters or more that nobody can guess")
        }
        Some(Proof::UrlKey)
            if secrets.webhook_secret.iter().flat_map(|key| key.chars()).any(|c| !c.is_ascii_alphanumeric()) =>
        {
            field("webhook_secret", "a part of an address has letters and digits alone")
        }
        Some(Proof::Jwt) => {
            let Some(public_key) = settings.public_key.clone() else {
                return field("public_key", "this proof needs the public key that Gong shows beside the rule");
            };
            let Some(webhook_url) = settings.webhook_url.clone() else {
                return field("webhook_url", "this proof needs the address as it stands in Gong's rule");
            };
            let usable = Verifier::Jwt { public_key, webhook_url }.is_usable();
            usable.map_err(|error| IntakeError::Field("public_key", error.to_string()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_set_is_what_is_usual_and_what_cannot_be_is_refused_by_its_name() {
        let refused = |change: fn(&mut ConnectionSettings)| {
            let mut settings = ConnectionSettings::default();
            change(&mut settings);
            settings.fill(Kind::Gong);
            match checked(Kind::Gong, &settings, &Secrets::default()) {
                Ok(()) => None,
                Err(IntakeError::Field(name, _)) => Some(name),
                Err(error) => panic!("{error}"),
            }
        };
        assert_eq!(refused(|_| {}), None);
        assert_eq!(refused(|settings| settings.requests_per_second = 0.1), None);
        for requests in [-1.0, 0.05, 100.5, f64::NAN] {
            let mut settings = ConnectionSettings { requests_per_second: requests, ..ConnectionSettings::default() };
            settings.fill(Kind::Gong);
            let answer = checked(Kind::Gong, &settings, &Secrets::default());
            assert!(matches!(answer, Err(IntakeError::Field("requests_per_second", _))), "{requests}: {answer:?}");
        }
        assert_eq!(refused(|settings| settings.requests_per_day = 0), Some("requests_per_day"));
        assert_eq!(refused(|settings| settings.timeout_seconds = 301), Some("timeout_seconds"));
        assert_eq!(refused(|settings| settings.overlap_hours = 721), Some("overlap_hours"));
        assert_eq!(refused(|settings| settings.base_url = "http://api.gong.io".to_owned()), Some("base_url"));
        let of_crm = |change: fn(&mut ConnectionSettings)| {
            let base_url = "https://acme.my.salesforce.com".to_owned();
            let mut settings =
                ConnectionSettings { base_url, client_id: Some("key".to_owned()), ..ConnectionSettings::default() };
            change(&mut settings);
            settings.fill(Kind::Salesforce);
            let secrets = Secrets { client_secret: Some("secret".to_owned()), ..Secrets::default() };
            match checked(Kind::Salesforce, &settings, &secrets) {
                Ok(()) => None,
                Err(IntakeError::Field(name, _)) => Some(name),
                Err(error) => panic!("{error}"),
            }
        };
        assert_eq!(of_crm(|settings| settings.api_version = Some("v67.0".to_owned())), None);
        assert_eq!(of_crm(|settings| settings.api_version = Some("67".to_owned())), Some("api_version"));
        assert_eq!(of_crm(|settings| settings.product_field = Some("a b".to_owned())), Some("product_field"));
        assert_eq!(of_crm(|settings| settings.client_id = None), Some("client_id"));
        assert_eq!(of_crm(|settings| settings.base_url = String::new()), Some("base_url"));
        assert_eq!(of_crm(|settings| settings.proof = Some(Proof::Hmac)), Some("proof"));
    }
}
