//! Which Gong is asked, with which key, and how patiently.

use crate::GongError;
use kernel::Secret;
use std::time::Duration;
use url::Url;

/// No time is set longer than this; a clock cannot reckon with every number.
const LONGEST: Duration = Duration::from_hours(24);

/// How a client asks. `Debug` shows no key.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where Gong answers, as it shows it to the company's administrators, with or without `/v2`. With OAuth, Gong tells another with the tokens,
    /// which counts then.
    pub base_url: Url,
    /// The key.
    pub auth: Auth,
    /// Time for one request with its whole answer; 30 s.
    pub timeout: Duration,
    /// How often a failed request is sent again; 2.
    pub retries: u32,
    /// The first wait before a request is sent again where Gong names none; 0.5 s, doubled each time up to 16 times itself.
    pub backoff: Duration,
    /// How long a Gong that failed five times in a row is left alone; 60 s.
    pub rest: Duration,
}

/// How Gong knows who asks.
#[derive(Debug, Clone)]
pub enum Auth {
    /// By the access key of a company, which may see all that the key may see.
    Basic {
        /// The access key.
        access_key: Secret,
        /// Its secret.
        secret: Secret,
    },
    /// By tokens that an administrator of the company let Gong give to this program. The [`crate::Keeper`] has them.
    OAuth(OAuth),
}

/// What Gong knows this program by, where it gives tokens.
#[derive(Debug, Clone)]
pub struct OAuth {
    /// The id of the integration.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// Where tokens are given.
    pub token_url: Url,
}

impl OAuth {
    /// An integration of Gong itself.
    pub fn new(client_id: impl Into<String>, client_secret: Secret) -> Self {
        let token_url =
            Url::parse("https://app.gong.io/oauth2/generate-customer-token").expect("an address written here");
        Self { client_id: client_id.into(), client_secret, token_url }
    }

    /// The same with an address that can be asked.
    pub(crate) fn checked(mut self) -> Result<Self, GongError> {
        check(&self.token_url, "the address for tokens of Gong")?;
        self.client_id = self.client_id.trim().to_owned();
        self.client_secret = trimmed(&self.client_secret);
        if self.client_id.is_empty() || self.client_secret.expose().is_empty() {
            return wrong(
                "set the client id and the client secret of the integration: Gong shows both under Company settings, Ecosystem, API",
            );
        }
        Ok(self)
    }
}

impl Settings {
    /// The usual settings.
    pub fn new(auth: Auth) -> Self {
        Self {
            base_url: Url::parse("https://api.gong.io").expect("an address written here"),
            auth,
            timeout: Duration::from_secs(30),
            retries: 2,
            backoff: Duration::from_millis(500),
            rest: Duration::from_mins(1),
        }
    }

    /// The same with a base that can be asked and a key that can be sent.
    pub(crate) fn checked(mut self) -> Result<Self, GongError> {
        check(&self.base_url, "the address of Gong")?;
        without_version(&mut self.base_url);
        self.timeout = self.timeout.min(LONGEST);
        self.rest = self.rest.min(LONGEST);
        self.auth = match self.auth {
            Auth::Basic { access_key, secret } => {
                let (access_key, secret) = (trimmed(&access_key), trimmed(&secret));
                if access_key.expose().is_empty() || secret.expose().is_empty() {
                    return wrong(
                        "set the access key of Gong and its secret: both are made in Gong under Company settings, Ecosystem, API",
                    );
                }
                Auth::Basic { access_key, secret }
            }
            Auth::OAuth(oauth) => Auth::OAuth(oauth.checked()?),
        };
        Ok(self)
    }
}

/// A base without the version, which is part of the path below it; some write it with the base.
pub(crate) fn without_version(base: &mut Url) {
    let path = base.path().trim_end_matches('/').to_owned();
    if let Some(above) = path.strip_suffix("/v2") {
        base.set_path(above);
    }
}

/// Whether an address can be asked with a key: over a secure connection, unless it stays on this machine.
pub(crate) fn check(url: &Url, what: &str) -> Result<(), GongError> {
    remote::http::check(url).or_else(|why| wrong(format!("{what} {why}")))
}

fn wrong<T>(what: impl Into<String>) -> Result<T, GongError> {
    Err(GongError::Settings(what.into()))
}

/// A key without the line end that came along.
fn trimmed(secret: &Secret) -> Secret {
    Secret::new(secret.expose().trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(base: &str) -> Settings {
        let auth = Auth::Basic { access_key: Secret::new("AK\n"), secret: Secret::new(" sesame ") };
        Settings { base_url: base.parse().unwrap(), ..Settings::new(auth) }
    }

    #[test]
    fn an_address_that_cannot_be_asked_is_refused_without_being_shown() {
        for address in [
            "ftp://host/",
            "data:text",
            "https://me:sesame@host/",
            "https://host/?key=sesame",
            "https://host/#x",
            "http://api.gong.io",
            "http://10.0.0.1",
        ] {
            let error = settings(address).checked().unwrap_err();
            assert!(matches!(error, GongError::Settings(_)), "{address}");
            assert!(!format!("{error} {error:?}").contains("sesame"));
        }
        for address in ["https://us-55616.api.gong.io", "http://127.0.0.1:9/gong", "http://localhost", "http://[::1]:4"]
        {
            settings(address).checked().unwrap();
        }
    }

    #[test]
    fn the_version_may_be_written_with_the_base() {
        for base in ["https://host/gate", "https://host/gate/v2", "https://host/gate/v2/"] {
            assert_eq!(settings(base).checked().unwrap().base_url.path(), "/gate", "{base}");
        }
    }

    #[test]
    fn a_key_is_taken_without_its_line_end_and_none_is_refused() {
        let Auth::Basic { access_key, secret } = settings("https://host").checked().unwrap().auth else { panic!() };
        assert_eq!((access_key.expose(), secret.expose()), ("AK", "sesame"));
        let none = |auth| Settings::new(auth).checked().unwrap_err().to_string();
        let basic = none(Auth::Basic { access_key: Secret::new("AK"), secret: Secret::new(" \n") });
        assert!(basic.contains("access key"), "{basic}");
        let oauth = none(Auth::OAuth(OAuth::new("", Secret::new("x"))));
        assert!(oauth.contains("client id"), "{oauth}");
    }
}
