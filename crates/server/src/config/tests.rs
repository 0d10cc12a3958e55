//! What settings say, and what is refused.

use super::*;
use std::fmt::Write as _;

fn read(file: &str, env: &[(&str, &str)]) -> Result<Config, String> {
    let value = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
    Config::read(Some((Path::new("sideline.toml"), file)), value, env.iter().map(|(name, _)| (*name).to_owned()))
}

#[test]
fn a_watched_folder_is_none_in_which_the_data_lies() {
    let with = |folder: &str| read(&format!("data_dir = \"/srv/data\"\nwatch_folder = \"{folder}\""), &[]);
    let watch = with("/srv/inbox").unwrap().watch.unwrap();
    assert_eq!((watch.folder.as_path(), watch.most), (Path::new("/srv/inbox"), 100_000_000));
    assert_eq!(with("").unwrap().watch, None);
    assert!(with("inbox").unwrap_err().contains("whole path of `inbox`"));
    for holds in ["/srv/data", "/srv", "/"] {
        assert!(with(holds).unwrap_err().contains("holds the program's own data"), "{holds}");
    }
    assert!(with("/srv/data/inbox").is_ok());
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let home = ("HOME", "/users/dana");
    let usual = read("", &[home]).unwrap();
    assert_eq!(usual.data_dir, Path::new("/users/dana/.local/share/sideline"));
    assert_eq!(usual.database.url.expose(), "sqlite:/users/dana/.local/share/sideline/sideline.db");
    assert_eq!((usual.rubric.as_str(), usual.worker_concurrency), ("default", 2));
    let own = "data_dir = \"/data\"\nworker_concurrency = 5\nredact = \"none\"";
    let mixed = read(own, &[home, ("SIDELINE_WORKER_CONCURRENCY", "7"), ("DATABASE_URL", "postgres://x/y")]).unwrap();
    assert_eq!((mixed.data_dir.as_path(), mixed.worker_concurrency), (Path::new("/data"), 7));
    assert!(mixed.redact.is_empty());
    assert_eq!(mixed.database.url.expose(), "postgres://x/y");
    let url = |env: &[(&str, &str)]| {
        read("database_url = \"sqlite:file.db\"", &[&[home], env].concat()).unwrap().database.url.expose().to_owned()
    };
    let (usual, ours) = (("DATABASE_URL", "postgres://x/usual"), ("SIDELINE_DATABASE_URL", "postgres://x/ours"));
    assert_eq!(url(&[]), "sqlite:file.db");
    assert_eq!(url(&[usual]), "postgres://x/usual");
    assert_eq!(url(&[usual, ours]), "postgres://x/ours");
    assert_eq!(url(&[("DATABASE_URL", "")]), "sqlite:file.db", "empty is as good as not set");
}

#[test]
fn every_number_has_bounds() {
    let defaults: toml::Table = DEFAULTS.parse().unwrap();
    for (key, value) in defaults.iter().filter(|(_, value)| value.is_integer()) {
        let bounds = BOUNDS.iter().find(|(bound, _)| bound == key).map(|(_, bounds)| bounds);
        assert!(bounds.is_some_and(|bounds| bounds.contains(&value.as_integer().unwrap())), "{key}");
    }
    let error = |value: &str| read("", &[("HOME", "/"), ("SIDELINE_WORKER_LEASE", value)]).unwrap_err();
    assert_eq!(error("9223372036854775807"), "worker_lease is a number from 1 to 86400, not 9223372036854775807");
    assert_eq!(error("0"), "worker_lease is a number from 1 to 86400, not 0");
    assert!(read("database_max_connections = -1", &[("HOME", "/")]).unwrap_err().ends_with("not -1"));
}

#[test]
fn each_setting_is_told_with_its_source_and_without_secrets() {
    let env =
        [("HOME", "/h"), ("SIDELINE_TIME_ZONE", "Europe/Berlin"), ("DATABASE_URL", "postgres://dana:hunter2@db/x")];
    let told = read("worker_lease = 5", &env).unwrap().told;
    assert_eq!(told.len(), DEFAULTS.lines().filter(|line| line.contains(" = ") && !line.starts_with('#')).count());
    for line in [
        "rubric = \"default\" (default)",
        "worker_lease = 5 (sideline.toml)",
        "time_zone = \"Europe/Berlin\" (SIDELINE_TIME_ZONE)",
        "database_url = \"postgres://dana:…@db/x\" (DATABASE_URL)",
    ] {
        assert!(told.iter().any(|one| one == line), "{line} is not in {told:?}");
    }
    for (url, expected) in [
        ("postgres://a:p@ss:word@h:5432/x?sslmode=require", "postgres://a:…@h:5432/x?sslmode=require"),
        ("postgres://h/x?user=a&password=hunter2", "postgres://h/x?user=a&password=…"),
        ("postgres://a@h/x", "postgres://a@h/x"),
        ("sqlite:some/file.db", "sqlite:some/file.db"),
    ] {
        assert_eq!(without_password(url), expected);
    }
    let value = |text: &str| toml::Value::from(text);
    assert_eq!(shown("s3_secret_access_key", &value("hunter2")), "…");
    assert_eq!(shown("s3_secret_access_key", &value("")), "\"\"");
    assert_eq!(shown("worker_key_note", &value("x")), "\"x\"");
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
    assert_eq!(read("", &usual).unwrap().originals, Originals::Folder("/data/blobs".into()), "names of others alone");
    let of = |endpoint, region| {
        let second = Duration::from_secs(7);
        Originals::Bucket(Bucket::new("s3://calls/x", endpoint, region, "id", Secret::new("hunter2"), second).unwrap())
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
                writeln!(page, "\n## `{key}`\n\n{text}\n\nUsually `{value}`. In the environment: `SIDELINE_{name}`.")
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
        error("data_dri = \"x\"", &[])
            .starts_with("sideline.toml: `data_dri` is no setting; there are cors_origins, cron_secret")
    );
    assert!(error("", &[("SIDELINE_DATADIR", "x")]).starts_with("SIDELINE_DATADIR in the environment is no setting"));
    assert_eq!(
        error("worker_concurrency = \"2\"", &[]),
        "sideline.toml: `worker_concurrency` is a integer, not a string"
    );
    assert!(error("", &[("SIDELINE_WORKER_CONCURRENCY", "two")]).contains("is a whole number, not `two`"));
    assert!(error("data_dir = ", &[]).starts_with("sideline.toml:1: "));
    assert!(error("listen = \"8080\"", &[("HOME", "/")]).starts_with("listen: `8080` is no address with a port"));
    let home = [("HOME", "/")];
    assert_eq!(error("tls_key = \"key.pem\"", &home), "tls_certificate and tls_key: give both or none");
    assert!(error("registration = \"open\"", &home).starts_with("registration: `open` is none of closed, invited"));
    assert!(error("cors_origins = \"*\"", &home).starts_with("cors_origins: `*` is no origin"));
    assert!(error("trusted_proxies = \"proxy\"", &home).starts_with("trusted_proxies: `proxy` is no address"));
    assert!(error("log_format = \"xml\"", &home).starts_with("log_format: `xml` is none of"));
    assert!(error("redact = \"cards\"", &[("HOME", "/")]).starts_with("redact: "));
}
