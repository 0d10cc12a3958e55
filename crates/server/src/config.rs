//! The settings: `config.default.toml`, overlaid by a file, overlaid by the environment.

use calls::{Bucket, Originals};
use chrono_tz::Tz;
use kernel::Secret;
use serde::Deserialize;
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
    database_max_connections: u32,
    database_acquire_timeout: u64,
    database_statement_timeout: u64,
    database_slow_query: u64,
    redact: String,
    rubric: String,
    time_zone: String,
    worker_concurrency: usize,
    worker_lease: u64,
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
}

impl Config {
    /// Reads the settings of this process.
    ///
    /// # Errors
    /// A sentence that names the key, or the file and line.
    pub fn load() -> Result<Self, String> {
        let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let named = env("SIDELINE_CONFIG").map(PathBuf::from);
        let path = named.clone().unwrap_or_else(|| FILE.into());
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => Some((path, text)),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("{}: the settings cannot be read: {error}", path.display())),
        };
        Self::read(
            file.as_ref().map(|(path, text)| (path.as_path(), text.as_str())),
            env,
            std::env::vars().map(|(name, _)| name),
        )
    }

    fn read(
        file: Option<(&Path, &str)>,
        env: impl Fn(&str) -> Option<String>,
        names: impl Iterator<Item = String>,
    ) -> Result<Self, String> {
        let mut table: toml::Table = DEFAULTS.parse().expect("the defaults are checked by a test");
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
                table.insert(key, value);
            }
        }
        for name in names.filter(|name| name.starts_with("SIDELINE_") && !OTHER.contains(&name.as_str())) {
            let key = name["SIDELINE_".len()..].to_lowercase();
            let Some(usual) = table.get(&key) else {
                return Err(unknown(&format!("{name} in the environment"), &table));
            };
            let Some(text) = env(&name) else { continue };
            let value = if usual.is_integer() {
                text.parse().map(toml::Value::Integer).map_err(|_| format!("{name} is a whole number, not `{text}`"))?
            } else {
                text.into()
            };
            table.insert(key, value);
        }
        for (key, names) in USUAL {
            if let Some(value) = names.iter().find_map(|name| env(name)).filter(|_| table[key].as_str() == Some("")) {
                table.insert(key.to_owned(), value.into());
            }
        }
        let keys: Keys = table.try_into().map_err(|error| format!("a setting is wrong: {error}"))?;
        let data_dir = match (keys.data_dir.as_str(), env("XDG_DATA_HOME"), env("HOME")) {
            ("", Some(data), _) => Path::new(&data).join("sideline"),
            ("", None, Some(home)) => Path::new(&home).join(".local/share/sideline"),
            ("", None, None) => return Err("there is no home folder; set SIDELINE_DATA_DIR".to_owned()),
            (dir, ..) => PathBuf::from(dir),
        };
        let url = match keys.database_url.as_str() {
            "" => format!("sqlite:{}", data_dir.join("sideline.db").display()),
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
        Ok(Self {
            originals,
            database: db::Settings {
                url: Secret::new(url),
                max_connections: keys.database_max_connections.max(1),
                acquire_timeout: Duration::from_secs(keys.database_acquire_timeout),
                statement_timeout: Duration::from_secs(keys.database_statement_timeout),
                slow_query: Duration::from_millis(keys.database_slow_query),
            },
            data_dir,
            redact: keys.redact.parse().map_err(|error| format!("redact: {error}"))?,
            rubric: keys.rubric,
            time_zone: keys.time_zone,
            worker_concurrency: keys.worker_concurrency.max(1),
            worker_lease: Duration::from_secs(keys.worker_lease.max(1)),
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

/// Names that begin like a setting and are none.
const OTHER: [&str; 3] = ["SIDELINE_CONFIG", "SIDELINE_TEST_POSTGRES", "SIDELINE_WRITE_DOCS"];

/// Names that others use as well, the first that is set, for settings that are not.
const USUAL: [(&str, &[&str]); 5] = [
    ("database_url", &["DATABASE_URL"]),
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

fn unknown(what: &str, table: &toml::Table) -> String {
    format!("{what} is no setting; there are {}", table.keys().cloned().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn read(file: &str, env: &[(&str, &str)]) -> Result<Config, String> {
        let value = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Config::read(Some((Path::new("sideline.toml"), file)), value, env.iter().map(|(name, _)| (*name).to_owned()))
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let home = ("HOME", "/users/dana");
        let usual = read("", &[home]).unwrap();
        assert_eq!(usual.data_dir, Path::new("/users/dana/.local/share/sideline"));
        assert_eq!(usual.database.url.expose(), "sqlite:/users/dana/.local/share/sideline/sideline.db");
        assert_eq!((usual.rubric.as_str(), usual.worker_concurrency), ("default", 2));
        let own = "data_dir = \"/data\"\nworker_concurrency = 5\nredact = \"none\"";
        let mixed =
            read(own, &[home, ("SIDELINE_WORKER_CONCURRENCY", "7"), ("DATABASE_URL", "postgres://x/y")]).unwrap();
        assert_eq!((mixed.data_dir.as_path(), mixed.worker_concurrency), (Path::new("/data"), 7));
        assert!(mixed.redact.is_empty());
        assert_eq!(mixed.database.url.expose(), "postgres://x/y");
    }

    #[test]
    fn originals_go_to_a_folder_or_to_the_bucket_that_is_set() {
        let dir = ("SIDELINE_DATA_DIR", "/data");
        assert_eq!(read("", &[dir]).unwrap().originals, Originals::Folder("/data/blobs".into()));
        let usual = [
            dir,
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:9000"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ];
        assert_eq!(
            read("", &usual).unwrap().originals,
            Originals::Folder("/data/blobs".into()),
            "names of others alone"
        );
        let of = |endpoint, region| {
            let second = Duration::from_secs(7);
            Originals::Bucket(
                Bucket::new("s3://calls/x", endpoint, region, "id", Secret::new("hunter2"), second).unwrap(),
            )
        };
        let file = "originals = \"s3://calls/x\"\ns3_timeout = 7";
        assert_eq!(read(file, &usual).unwrap().originals, of("http://127.0.0.1:9000", "eu-west-1"));
        let own = format!("{file}\ns3_region = \"eu-north-1\"");
        let all = [&usual[..], &[("AWS_REGION", "x"), ("AWS_ENDPOINT_URL_S3", "https://s3.example.com")]].concat();
        let config = read(&own, &all).unwrap();
        assert_eq!(config.originals, of("https://s3.example.com", "eu-north-1"));
        assert!(!format!("{config:?}").contains("hunter2"));
        let error = read("originals = \"s3://calls\"", &[dir]).unwrap_err();
        assert!(error.contains("set s3_access_key_id and s3_secret_access_key"), "{error}");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told_without_its_secrets() {
        let error = read("data_dir = \"x\"\ns3_secret_access_key = hunter2", &[]).unwrap_err();
        assert!(error.starts_with("sideline.toml:2: ") && !error.contains("hunter2"), "{error}");
    }

    /// The page is made from the defaults: a comment, then the key.
    #[test]
    fn the_page_of_the_settings_is_up_to_date() {
        let mut page = "# Settings\n\n<!-- Made from config.default.toml by a test; run it with SIDELINE_WRITE_DOCS=1 to write this page. -->\n".to_owned();
        for block in DEFAULTS.split("\n\n") {
            let (comments, keys): (Vec<_>, Vec<_>) = block.lines().partition(|line| line.starts_with('#'));
            let text = comments.iter().map(|line| line.trim_start_matches(['#', ' '])).collect::<Vec<_>>().join(" ");
            match keys.iter().find_map(|line| line.split_once(" = ")) {
                None => writeln!(page, "\n{text}").unwrap(),
                Some((key, value)) => {
                    let name = key.to_uppercase();
                    writeln!(
                        page,
                        "\n## `{key}`\n\n{text}\n\nUsually `{value}`. In the environment: `SIDELINE_{name}`."
                    )
                    .unwrap();
                }
            }
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
        if std::env::var_os("SIDELINE_WRITE_DOCS").is_some() {
            std::fs::write(&path, &page).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), page, "run this test with SIDELINE_WRITE_DOCS=1");
    }

    #[test]
    fn mistakes_name_the_key() {
        let error = |file: &str, env: &[(&str, &str)]| read(file, env).unwrap_err();
        assert!(
            error("data_dri = \"x\"", &[]).starts_with("sideline.toml: `data_dri` is no setting; there are data_dir")
        );
        assert!(
            error("", &[("SIDELINE_DATADIR", "x")]).starts_with("SIDELINE_DATADIR in the environment is no setting")
        );
        assert_eq!(
            error("worker_concurrency = \"2\"", &[]),
            "sideline.toml: `worker_concurrency` is a integer, not a string"
        );
        assert!(error("", &[("SIDELINE_WORKER_CONCURRENCY", "two")]).contains("is a whole number, not `two`"));
        assert!(error("data_dir = ", &[]).starts_with("sideline.toml:1: "));
        assert!(error("redact = \"cards\"", &[("HOME", "/")]).starts_with("redact: "));
    }
}
