//! A bucket of Amazon S3, or of another service that speaks its protocol.

use kernel::Secret;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpError, HttpErrorKind};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use std::error::Error;
use std::fmt;
use std::time::Duration;
use url::Url;

/// How long to wait until the service takes a connection, at most.
const CONNECT: Duration = Duration::from_secs(5);

/// How often a request that failed for a moment is tried again, if the time suffices.
const RETRIES: usize = 8;

/// Where a bucket is and who may use it. Shown as `s3://BUCKET/PREFIX at ENDPOINT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    name: String,
    /// Empty, or with a slash at its end.
    prefix: String,
    /// Without a slash at its end; Amazon's if there is none.
    endpoint: Option<String>,
    region: String,
    access_key_id: String,
    secret_access_key: Secret,
    timeout: Duration,
}

impl Bucket {
    /// A bucket by its address, `s3://BUCKET` or `s3://BUCKET/PREFIX`. `endpoint` is that of the service, Amazon's where it is empty, and the
    /// bucket is a folder of it; an empty `region` is `us-east-1`. One request may take as long as `timeout`; whatever fails has failed after one
    /// and a half of it.
    ///
    /// # Errors
    /// A sentence that names the setting that is wrong.
    pub fn new(
        address: &str,
        endpoint: &str,
        region: &str,
        access_key_id: &str,
        secret_access_key: Secret,
        timeout: Duration,
    ) -> Result<Self, String> {
        let rest = address
            .strip_prefix("s3://")
            .ok_or("originals: it is empty (a folder) or an address like s3://bucket/prefix".to_owned())?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let plain = |text: &str, more: &[u8]| text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b));
        if !(3..=63).contains(&name.len()) || !plain(name, b"-.") || name.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(format!(
                "originals: `{name}` is no name of a bucket: 3 to 63 lower-case letters, digits, hyphens and dots"
            ));
        }
        let prefix = prefix.trim_end_matches('/');
        if !prefix.is_empty() && prefix.split('/').any(|part| matches!(part, "" | "." | "..") || !plain(part, b"-._="))
        {
            return Err(format!("originals: `{prefix}` is no prefix: letters, digits and -._= between single slashes"));
        }
        let region = if region.is_empty() { "us-east-1" } else { region };
        if !plain(region, b"-_") {
            return Err(format!("s3_region: `{region}` is no region; one is like eu-central-1"));
        }
        if access_key_id.is_empty() || secret_access_key.expose().is_empty() {
            return Err(format!(
                "originals are kept in s3://{name}: set s3_access_key_id and s3_secret_access_key (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)"
            ));
        }
        if !plain(access_key_id, b"-_.:+=@") {
            return Err("s3_access_key_id: it has characters that no key has; is there a space at its end?".to_owned());
        }
        if secret_access_key.expose().contains(char::is_whitespace) {
            return Err("s3_secret_access_key: there is a space or a line break in it".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") },
            endpoint: if endpoint.is_empty() { None } else { Some(checked(endpoint)?) },
            region: region.to_owned(),
            access_key_id: access_key_id.to_owned(),
            secret_access_key,
            timeout: timeout.max(Duration::from_secs(1)),
        })
    }

    /// `s3://BUCKET/PREFIX`.
    pub fn address(&self) -> String {
        format!("s3://{}/{}", self.name, self.prefix).trim_end_matches('/').to_owned()
    }

    /// What stands before each key.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    fn service(&self) -> String {
        self.endpoint.clone().unwrap_or_else(|| format!("https://s3.{}.amazonaws.com", self.region))
    }

    /// The client. It asks nothing yet.
    pub(crate) fn client(&self) -> object_store::Result<AmazonS3> {
        let plain = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let options = ClientOptions::new()
            .with_allow_http(plain)
            .with_connect_timeout(CONNECT.min(self.timeout))
            .with_timeout(self.timeout);
        let backoff = BackoffConfig {
            init_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(3),
            ..BackoffConfig::default()
        };
        let builder = AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_region(&self.region)
            .with_access_key_id(&self.access_key_id)
            .with_secret_access_key(self.secret_access_key.expose())
            .with_client_options(options)
            .with_retry(RetryConfig { backoff, max_retries: RETRIES, retry_timeout: self.timeout / 2 })
            // Many services know only this way to name a bucket, and to delete; Amazon knows both.
            .with_virtual_hosted_style_request(false)
            .with_disable_bulk_delete(true);
        match &self.endpoint {
            Some(endpoint) => builder.with_endpoint(endpoint),
            None => builder,
        }
        .build()
    }

    /// What went wrong and what to do, in a sentence. Of the answer it has the code and the message alone, which never hold a secret.
    pub(crate) fn told(&self, error: &object_store::Error) -> String {
        let (at, service) = (self.address(), self.service());
        if let Some(error) = causes(error).find_map(|error| error.downcast_ref::<HttpError>()) {
            // The last cause says most.
            let reason = causes(error).last().map(ToString::to_string).unwrap_or_default();
            return match error.kind() {
                HttpErrorKind::Timeout => format!(
                    "{service} did not answer in time ({} s, s3_timeout); is it there, and is the line fast enough for the file?",
                    self.timeout.as_secs()
                ),
                HttpErrorKind::Connect => {
                    format!("{service} cannot be reached ({reason}); check s3_endpoint, the network and the service")
                }
                _ => format!("the connection to {service} broke off ({reason}); try again, and check the service"),
            };
        }
        let text = error.to_string();
        let part = |name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            rest.split_once(&format!("</{name}>")).map(|(value, _)| value)
        };
        let code = part("Code").unwrap_or_default();
        match code {
            "NoSuchBucket" => {
                format!("there is no bucket {} at {service}; create it, or set originals to another", self.name)
            }
            "InvalidAccessKeyId" | "SignatureDoesNotMatch" => {
                format!("{service} does not accept the key ({code}); check s3_access_key_id and s3_secret_access_key")
            }
            "AccessDenied" => format!(
                "the key may not do this in {at} at {service} (AccessDenied); it needs s3:PutObject, s3:GetObject and s3:DeleteObject there"
            ),
            "RequestTimeTooSkewed" => format!("the clock of this machine is not that of {service}; set it by NTP"),
            "AuthorizationHeaderMalformed" | "PermanentRedirect" | "IllegalLocationConstraintException" => {
                self.other_region(code)
            }
            _ if text.contains("redirect without LOCATION") => self.other_region("redirect"),
            "SlowDown" | "ServiceUnavailable" | "InternalError" => {
                format!("{service} is too busy or out of order ({code}); try again later")
            }
            "NoSuchKey" => format!("it is not in {at} at {service} (NoSuchKey)"),
            "" => format!("{service} did not answer as S3 does ({}); check s3_endpoint", status(&text)),
            code => format!("{service} refused: {code}: {}", part("Message").unwrap_or_default()),
        }
    }

    fn other_region(&self, code: &str) -> String {
        format!(
            "the bucket {} is not in the region {} ({code}); set s3_region to that of the bucket",
            self.name, self.region
        )
    }
}

/// Whether the error says that there is no such object; a bucket that is not there is another matter.
pub(crate) fn is_gone(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { .. }) && error.to_string().contains("<Code>NoSuchKey</Code>")
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.address(), self.service())
    }
}

/// The endpoint, if it is one, without a slash at its end.
fn checked(endpoint: &str) -> Result<String, String> {
    let wrong = |why: &str| format!("s3_endpoint: {why}; one is like https://minio.example.com:9000");
    let url = Url::parse(endpoint).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(wrong("it begins with https:// (or http://, which anybody on the way can read)"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("the key does not belong into it but into s3_access_key_id and s3_secret_access_key"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("nothing with ? or # belongs into it"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// The error, its cause, the cause of that, and so on.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// The status in the text of an error.
fn status(text: &str) -> &str {
    let (_, rest) = text.split_once("status code: ").unwrap_or(("", "no status"));
    rest.split([':', '\n']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(address: &str, endpoint: &str, region: &str, id: &str, secret: &str) -> Result<Bucket, String> {
        Bucket::new(address, endpoint, region, id, Secret::new(secret), Duration::from_secs(20))
    }

    #[test]
    fn a_bucket_is_told_by_its_address_and_service() {
        let told = |address, endpoint| bucket(address, endpoint, "", "id", "hunter2").unwrap().to_string();
        assert_eq!(told("s3://calls", ""), "s3://calls at https://s3.us-east-1.amazonaws.com");
        assert_eq!(
            told("s3://calls/team/north/", "http://10.0.0.1:9000/"),
            "s3://calls/team/north at http://10.0.0.1:9000"
        );
        let shown = format!("{:?}", bucket("s3://calls", "", "", "id", "hunter2").unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn wrong_settings_are_named() {
        for (address, endpoint, region, id, secret, told) in [
            ("/calls", "", "", "id", "hunter2", "originals: it is empty (a folder) or an address like s3://"),
            ("s3://", "", "", "id", "hunter2", "originals: `` is no name of a bucket"),
            ("s3://Calls", "", "", "id", "hunter2", "originals: `Calls` is no name of a bucket"),
            ("s3://calls/a//b", "", "", "id", "hunter2", "originals: `a//b` is no prefix"),
            ("s3://calls/../b", "", "", "id", "hunter2", "originals: `../b` is no prefix"),
            ("s3://calls", "minio:9000", "", "id", "hunter2", "s3_endpoint: it begins with https://"),
            ("s3://calls", "https://", "", "id", "hunter2", "s3_endpoint: empty host"),
            ("s3://calls", "https://id:hunter2@minio", "", "id", "hunter2", "s3_endpoint: the key does not belong"),
            ("s3://calls", "https://minio?x", "", "id", "hunter2", "s3_endpoint: nothing with ?"),
            ("s3://calls", "", "eu central", "id", "hunter2", "s3_region: `eu central` is no region"),
            ("s3://calls", "", "", "", "hunter2", "originals are kept in s3://calls: set s3_access_key_id"),
            ("s3://calls", "", "", "id", "", "originals are kept in s3://calls: set s3_access_key_id"),
            ("s3://calls", "", "", "id\n", "hunter2", "s3_access_key_id: it has characters"),
            ("s3://calls", "", "", "id", "hunter2\n", "s3_secret_access_key: there is a space"),
        ] {
            let error = bucket(address, endpoint, region, id, secret).unwrap_err();
            assert!(error.starts_with(told) && !error.contains("hunter2"), "{error}");
        }
    }
}
