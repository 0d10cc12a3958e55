//! The settings: `config.default.toml`, overlaid by a file, overlaid by the environment.

use crate::models::{self, Written};
use crate::{embedding, log};
use accounts::Registration;
use calls::{Bucket, Originals};
use chrono::TimeDelta;
use chrono_tz::Tz;
use intake::{Patience, Watch};
use kernel::Secret;
use queue::Schedule;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;
use transcript::redact::RedactKinds;

/// The documented settings; also what holds where nothing else is said.
pub const DEFAULTS: &str = include_str!("../../../config.default.toml");
const FILE: &str = "sideline.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    data_dir: String,
    originals: String,
    s3_endpoint: String,
    s3_region: String,
    s3_access_key_id: String,
    s3_secret_access_key: String,
    s3_timeout: u64,
    database_url: String,
    listen: String,
    tls_certificate: String,
    tls_key: String,
    registration: String,
    cors_origins: String,
    trusted_proxies: String,
    rate_limit: u32,
    rate_limit_address: u32,
    upload_limit: u64,
    log_format: String,
    database_max_connections: u32,
    database_acquire_timeout: u64,
    database_statement_timeout: u64,
    database_slow_query: u64,
    redact: String,
    rubric: String,
    time_zone: String,
    worker_concurrency: usize,
    worker_lease: u64,
    model_provider: String,
    model: String,
    model_url: String,
    model_key: String,
    model_context: u64,
    model_timeout: u64,
    model_at_once: usize,
    model_budget_day: u64,
    model_budget_month: u64,
    model_prices: String,
    embedding_provider: String,
    embedding_folder: String,
    embedding_url: String,
    embedding_model: String,
    embedding_key: String,
    embedding_dimensions: usize,
    secret_key: String,
    cron_secret: String,
    sync_schedule: String,
    review_schedule: String,
    review_time_zone: String,
    transcript_wait: u64,
    transcript_patience: u64,
    watch_folder: String,
}

/// The settings, read and checked.
#[derive(Debug)]
pub struct Config {
    /// Folder of the database and, usually, of originals.
    pub data_dir: PathBuf,
    /// Where originals are kept.
    pub originals: Originals,
    /// The database.
    pub database: db::Settings,
    /// Where the program answers.
    pub listen: SocketAddr,
    /// Files of certificate and key, where it answers by TLS.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Who may register.
    pub registration: Registration,
    /// Whose pages may ask from a browser.
    pub cors_origins: Vec<String>,
    /// Who is believed about where a request comes from.
    pub trusted_proxies: Vec<IpAddr>,
    /// Requests of a user in a minute; 0 for any number.
    pub rate_limit: u32,
    /// Requests from an address in a minute, of those who are not logged in; 0 for any number.
    pub rate_limit_address: u32,
    /// Bytes of an upload.
    pub upload_limit: u64,
    /// How a program that stays logs.
    pub log_format: log::Format,
    /// What is replaced before anything is kept.
    pub redact: RedactKinds,
    /// Id of the usual rubric.
    pub rubric: String,
    /// Where it is night.
    pub time_zone: String,
    /// Jobs at a time.
    pub worker_concurrency: usize,
    /// How long a job of a killed worker rests.
    pub worker_lease: Duration,
    /// The model that judges, if one is set up.
    pub model: Option<models::SetUp>,
    /// What computes vectors.
    pub embedding: embedding::SetUp,
    /// Seals the secrets of connections; that in the data folder where it is `None`.
    pub secret_key: Option<Secret>,
    /// By what a scheduler proves itself.
    pub cron_secret: Option<Secret>,
    /// When rounds begin that nobody asks for.
    pub sync_schedule: String,
    /// When the reviews of the week before are written.
    pub review_schedule: String,
    /// By the clocks of which place.
    pub review_time_zone: String,
    /// How long a transcript is waited for that is not there yet.
    pub patience: Patience,
    /// The folder from which transcripts are taken.
    pub watch: Option<Watch>,
    /// Each key with its value and where it comes from, for people to look at.
    pub told: Vec<String>,
}

impl Config {
    /// Reads the settings of this process.
    ///
    /// # Errors
    /// A sentence that names the key, or the file and line.
    pub fn load() -> Result<Self, String> {
        // A variable of somebody else need not be text, so that none is taken to be.
        let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let named = value("SIDELINE_CONFIG").map(PathBuf::from);
        let path = named.clone().unwrap_or_else(|| FILE.into());
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => Some((path, text)),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("{}: the settings cannot be read: {error}", path.display())),
        };
        Self::read(
            file.as_ref().map(|(path, text)| (path.as_path(), text.as_str())),
            value,
            std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()),
        )
    }

    fn read(
        file: Option<(&Path, &str)>,
        value: impl Fn(&str) -> Option<OsString>,
        names: impl Iterator<Item = String>,
    ) -> Result<Self, String> {
        let env = |name: &str| match value(name).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(Err(_)) => Err(format!("{name} in the environment is no UTF-8 text")),
        };
        let mut table: toml::Table = DEFAULTS.parse().expect("the defaults are checked by a test");
        let mut sources: BTreeMap<String, String> = BTreeMap::new();
        if let Some((path, text)) = file {
            let own: toml::Table = text.parse().map_err(|error| misspelt(path, text, &error))?;
            for (key, value) in own {
                let Some(usual) = table.get(&key) else {
                    return Err(unknown(&format!("{}: `{key}`", path.display()), &table));
                };
                if usual.type_str() != value.type_str() {
                    return Err(format!(
                        "{}: `{key}` is a {}, not a {}",
                        path.display(),
                        usual.type_str(),
                        value.type_str()
                    ));
                }
                sources.insert(key.clone(), path.display().to_string());
                table.insert(key, value);
            }
        }
        // The name that other programs know as well; ours, which is read next, wins over it.
        if let Some(url) = env("DATABASE_URL")? {
            sources.insert("database_url".to_owned(), "DATABASE_URL".to_owned());
            table.insert("database_url".to_owned(), url.into());
        }
        for name in names.filter(|name| name.starts_with("SIDELINE_") && !OTHER.contains(&name.as_str())) {
            let key = name["SIDELINE_".len()..].to_lowercase();
            let Some(usual) = table.get(&key) else {
                return Err(unknown(&format!("{name} in the environment"), &table));
            };
            let Some(text) = env(&name)? else { continue };
            let value = if usual.is_integer() {
                text.parse().map(toml::Value::Integer).map_err(|_| format!("{name} is a whole number, not `{text}`"))?
            } else {
                text.into()
            };
            sources.insert(key.clone(), name);
            table.insert(key, value);
        }
        for (key, names) in USUAL {
            for name in names {
                if let Some(value) = env(name)?.filter(|_| table[key].as_str() == Some("")) {
                    sources.insert(key.to_owned(), (*name).to_owned());
                    table.insert(key.to_owned(), value.into());
                }
            }
        }
        for (key, bounds) in BOUNDS {
            let number = table[key].as_integer().unwrap_or_default();
            if !bounds.contains(&number) {
                return Err(format!("{key} is a number from {} to {}, not {number}", bounds.start(), bounds.end()));
            }
        }
        let told = table
            .iter()
            .map(|(key, value)| {
                let from = sources.get(key).map_or("default", String::as_str);
                format!("{key} = {} ({from})", shown(key, value))
            })
            .collect();
        let keys: Keys = table.try_into().map_err(|error| format!("a setting is wrong: {error}"))?;
        let data_dir = match keys.data_dir.as_str() {
            "" => match (env("XDG_DATA_HOME")?, env("HOME")?) {
                (Some(data), _) => Path::new(&data).join("sideline"),
                (None, Some(home)) => Path::new(&home).join(".local/share/sideline"),
                (None, None) => return Err("there is no home folder; set SIDELINE_DATA_DIR".to_owned()),
            },
            dir => PathBuf::from(dir),
        };
        let embedding = embedding::Written {
            provider: keys.embedding_provider,
            folder: keys.embedding_folder,
            url: keys.embedding_url,
            model: keys.embedding_model,
            key: keys.embedding_key,
            dimensions: keys.embedding_dimensions,
        };
        let embedding = embedding.checked(&data_dir, env)?;
        let url = match keys.database_url.as_str() {
            "" => db::sqlite_url(&data_dir.join("sideline.db")),
            url => url.to_owned(),
        };
        let originals = match keys.originals.as_str() {
            "" => Originals::Folder(data_dir.join("blobs")),
            address => Originals::Bucket(Bucket::new(
                address,
                &keys.s3_endpoint,
                &keys.s3_region,
                &keys.s3_access_key_id,
                Secret::new(keys.s3_secret_access_key),
                Duration::from_secs(keys.s3_timeout),
            )?),
        };
        let watch = match keys.watch_folder.as_str() {
            "" => None,
            folder => Some(Watch::new(watched(folder, &data_dir)?, keys.upload_limit * 1_000_000)),
        };
        Ok(Self {
            originals,
            database: db::Settings {
                url: Secret::new(url),
                max_connections: keys.database_max_connections,
                acquire_timeout: Duration::from_secs(keys.database_acquire_timeout),
                statement_timeout: Duration::from_secs(keys.database_statement_timeout),
                slow_query: Duration::from_millis(keys.database_slow_query),
            },
            data_dir,
            listen: keys.listen.parse().map_err(|_| {
                format!(
                    "listen: `{}` is no address with a port; write it like 127.0.0.1:8080 or [::]:8080",
                    keys.listen
                )
            })?,
            tls: match (keys.tls_certificate.as_str(), keys.tls_key.as_str()) {
                ("", "") => None,
                ("", _) | (_, "") => return Err("tls_certificate and tls_key: give both or none".to_owned()),
                (certificate, key) => Some((certificate.into(), key.into())),
            },
            registration: keys.registration.parse().map_err(|error| format!("registration: {error}"))?,
            cors_origins: words(&keys.cors_origins)
                .map(|origin| checked_origin(origin).map(str::to_owned))
                .collect::<Result<_, _>>()?,
            trusted_proxies: words(&keys.trusted_proxies)
                .map(|proxy| {
                    proxy.parse().map_err(|_| format!("trusted_proxies: `{proxy}` is no address such as 10.0.0.7"))
                })
                .collect::<Result<_, _>>()?,
            rate_limit: keys.rate_limit,
            rate_limit_address: keys.rate_limit_address,
            upload_limit: keys.upload_limit * 1_000_000,
            log_format: keys.log_format.parse().map_err(|error| format!("log_format: {error}"))?,
            redact: keys.redact.parse().map_err(|error| format!("redact: {error}"))?,
            rubric: keys.rubric,
            time_zone: keys.time_zone,
            worker_concurrency: keys.worker_concurrency,
            worker_lease: Duration::from_secs(keys.worker_lease),
            model: Written {
                provider: keys.model_provider,
                model: keys.model,
                url: keys.model_url,
                key: keys.model_key,
                context: keys.model_context,
                timeout: Duration::from_secs(keys.model_timeout),
                at_once: keys.model_at_once,
                budget_day: keys.model_budget_day,
                budget_month: keys.model_budget_month,
                prices: keys.model_prices,
            }
            .checked(env)?,
            embedding,
            secret_key: Some(keys.secret_key).filter(|key| !key.is_empty()).map(Secret::new),
            cron_secret: match keys.cron_secret.len() {
                0 => None,
                1..16 => return Err("cron_secret: write 16 characters or more that nobody can guess".to_owned()),
                _ => Some(Secret::new(keys.cron_secret)),
            },
            sync_schedule: match Schedule::check(&keys.sync_schedule, "UTC") {
                Ok(()) => keys.sync_schedule,
                Err(error) => return Err(format!("sync_schedule: {error}")),
            },
            review_schedule: match Schedule::check(&keys.review_schedule, "UTC") {
                Ok(()) => keys.review_schedule,
                Err(error) => return Err(format!("review_schedule: {error}")),
            },
            review_time_zone: match keys.review_time_zone.parse::<Tz>() {
                Ok(_) => keys.review_time_zone,
                Err(_) => {
                    return Err(format!(
                        "review_time_zone: `{}` is no time zone, such as Europe/Berlin",
                        keys.review_time_zone
                    ));
                }
            },
            patience: Patience {
                first: TimeDelta::seconds(keys.transcript_wait as i64),
                most: TimeDelta::hours(keys.transcript_patience as i64),
                ..Patience::default()
            },
            watch,
            told,
        })
    }

    /// The time zone of the team.
    ///
    /// # Errors
    /// When the setting names none.
    pub fn zone(&self) -> Result<Tz, String> {
        self.time_zone
            .parse()
            .map_err(|_| format!("time_zone: `{}` is no time zone, such as Europe/Berlin", self.time_zone))
    }
}

/// What a list in a setting holds.
fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ' ']).filter(|word| !word.is_empty())
}

/// A folder that may be watched.
fn watched(folder: &str, data_dir: &Path) -> Result<PathBuf, String> {
    let path = PathBuf::from(folder);
    if !path.is_absolute() {
        return Err(format!("watch_folder: write the whole path of `{folder}`, from / on"));
    }
    if data_dir.starts_with(&path) {
        return Err(format!("watch_folder: {folder} holds the program's own data: choose another folder"));
    }
    Ok(path)
}

/// An origin as browsers send it: scheme, host, port, and nothing behind.
fn checked_origin(origin: &str) -> Result<&str, String> {
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '*']) => Ok(origin),
        _ => Err(format!("cors_origins: `{origin}` is no origin such as https://crm.acme.com")),
    }
}

/// A value as it may be shown: without passwords and keys.
fn shown(key: &str, value: &toml::Value) -> String {
    let json = |value: &toml::Value| serde_json::to_string(value).unwrap_or_default();
    let Some(text) = value.as_str() else { return json(value) };
    let secret = ["secret", "password", "token", "key"].iter().any(|end| key.rsplit('_').next() == Some(end));
    if secret && !text.is_empty() {
        return "…".to_owned();
    }
    if key.ends_with("url") { json(&without_password(text).into()) } else { json(value) }
}

/// `scheme://user:…@host/name?sslmode=require&sslpassword=…`: of the parameters only those that are known to be no secret.
fn without_password(url: &str) -> String {
    const OPEN: [&str; 6] = ["sslmode", "sslrootcert", "host", "port", "dbname", "user"];
    let (url, parameters) = url.split_once('?').map_or((url, None), |(url, parameters)| (url, Some(parameters)));
    let url = match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        Some((scheme, (who, place))) if who.contains(':') => {
            format!("{scheme}://{}:…@{place}", who.split(':').next().unwrap_or_default())
        }
        _ => url.to_owned(),
    };
    let parameters = parameters.into_iter().flat_map(|all| all.split('&')).map(|one| match one.split_once('=') {
        Some((name, _)) if !OPEN.contains(&name) => format!("{name}=…"),
        _ => one.to_owned(),
    });
    let parameters = parameters.collect::<Vec<_>>().join("&");
    if parameters.is_empty() { url } else { format!("{url}?{parameters}") }
}

/// Names that begin like a setting and are none.
const OTHER: [&str; 7] = [
    "SIDELINE_CONFIG",
    "SIDELINE_TEST_CERTIFICATES",
    "SIDELINE_TEST_MODEL",
    "SIDELINE_TEST_POSTGRES",
    "SIDELINE_TEST_POSTGRES_PLAIN",
    "SIDELINE_TEST_POSTGRES_TLS",
    "SIDELINE_WRITE_DOCS",
];

/// Names that others use as well, the first that is set, for settings that are not.
const USUAL: [(&str, &[&str]); 4] = [
    ("s3_endpoint", &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]),
    ("s3_region", &["AWS_REGION", "AWS_DEFAULT_REGION"]),
    ("s3_access_key_id", &["AWS_ACCESS_KEY_ID"]),
    ("s3_secret_access_key", &["AWS_SECRET_ACCESS_KEY"]),
];

/// Where the file cannot be read. The line itself is not shown: it may hold a password.
fn misspelt(path: &Path, text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("{}:{}: {}", path.display(), before.matches('\n').count() + 1, error.message())
}

/// What numbers may be: beyond it they are slips, or more than a clock can count.
const BOUNDS: [(&str, RangeInclusive<i64>); 18] = [
    ("transcript_wait", 1..=86_400),
    ("transcript_patience", 1..=8_760),
    ("database_max_connections", 1..=1_000),
    ("database_acquire_timeout", 1..=3_600),
    // 0 is PostgreSQL's word for no limit.
    ("database_statement_timeout", 0..=86_400),
    ("database_slow_query", 0..=86_400_000),
    ("worker_concurrency", 0..=1_000),
    ("rate_limit", 0..=1_000_000),
    ("rate_limit_address", 0..=1_000_000),
    ("upload_limit", 1..=10_000),
    ("worker_lease", 1..=86_400),
    ("s3_timeout", 1..=3_600),
    ("embedding_dimensions", 0..=16_000),
    ("model_context", 0..=100_000_000),
    ("model_timeout", 1..=86_400),
    ("model_at_once", 1..=1_000),
    ("model_budget_day", 0..=1_000_000),
    ("model_budget_month", 0..=1_000_000),
];

fn unknown(what: &str, table: &toml::Table) -> String {
    format!("{what} is no setting; there are {}", table.keys().cloned().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests;
