//! Originals in a bucket, as users meet them: import, delete, doctor, backup, and what is said when the service is not as it should be.

use crate::{Run, command, finish, scratch};
use serde_json::Value;
use sim::{Fault, S3, s3};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// An installation on SQLite with its originals in the bucket `calls`.
struct Place {
    dir: PathBuf,
    s3: S3,
}

impl Place {
    fn new(name: &str) -> Self {
        Self { dir: scratch(name), s3: S3::start("calls") }
    }

    fn command(&self, data: &str, args: &[&str]) -> Command {
        let mut command = command(args);
        command
            .env_remove("DATABASE_URL")
            .env("SIDELINE_DATA_DIR", self.dir.join(data))
            .env("SIDELINE_ORIGINALS", "s3://calls/north")
            .env("SIDELINE_S3_TIMEOUT", "2")
            .env("AWS_ENDPOINT_URL", self.s3.url())
            .env("AWS_REGION", s3::REGION)
            .env("AWS_ACCESS_KEY_ID", s3::ACCESS_KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", s3::SECRET_ACCESS_KEY);
        command
    }

    fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, &[])
    }

    /// Runs with other settings; what it says has no secret in it.
    fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> Run {
        let run = finish(self.command("data", args).envs(env.iter().copied()).spawn().unwrap());
        for text in [&run.out, &run.err] {
            assert!(!text.contains(s3::SECRET_ACCESS_KEY) && !text.contains("hunter2"), "{text}");
        }
        run
    }

    fn calls(&self) -> Vec<Value> {
        self.run(&["calls", "--json"]).ended(0).json_lines()
    }
}

#[test]
fn a_call_with_its_original_in_a_bucket_comes_and_goes() {
    let place = Place::new("originals_bucket");
    let imported = place.run(&["import", "sales.vtt", "--internal", "Dana", "--json"]).ended(0).json();
    let id = imported["imported"]["id"].as_str().unwrap();
    let objects = place.s3.objects();
    let (key, bytes) = objects.first_key_value().unwrap();
    assert!(objects.len() == 1 && key.starts_with("north/originals/"), "{objects:?}");
    assert_eq!(*bytes, std::fs::read(crate::fixtures().join("sales.vtt")).unwrap());
    assert!(!place.dir.join("data/blobs").exists(), "nothing is kept in the folder as well");

    // The service is gone for a while: the call goes, and its original when the service is back.
    place.s3.faults().then(Some(s3::slow_down()));
    let begun = Instant::now();
    let failed = place.run(&["delete", id]).ended(1);
    assert!(failed.err.contains("is too busy or out of order (SlowDown)"), "{}", failed.err);
    assert!(failed.err.contains("the call is deleted; its original is not yet: "), "{}", failed.err);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(place.calls().is_empty() && place.s3.objects().len() == 1);
    place.s3.faults().clear();
    let job = &place.run(&["jobs", "--json"]).ended(0).json_lines()[0];
    assert_eq!((&job["kind"], &job["state"]), (&"delete_original".into(), &"queued".into()));

    let imported = place.run(&["import", "sales.vtt", "--internal", "Dana", "--json"]).ended(0).json();
    place.run(&["delete", imported["imported"]["id"].as_str().unwrap()]).ended(0);
    assert_eq!(place.s3.objects().keys().collect::<Vec<_>>(), [key], "only that of the job is left");
}

#[test]
fn a_folder_of_files_is_not_waited_for_one_by_one_when_the_bucket_is_away() {
    let place = Place::new("originals_away");
    let folder = place.dir.join("in");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["a", "b", "c"] {
        std::fs::write(folder.join(name), format!("Dana: Hello, {name} speaking.\nRavi: Good morning.\n")).unwrap();
    }
    let import = ["import", folder.to_str().unwrap(), "--internal", "Dana"];
    place.s3.faults().pass(1);
    place.s3.faults().then(Some(Fault::Delay(Duration::from_mins(1))));
    let begun = Instant::now();
    let run = place.run(&import).ended(1);
    assert!(run.err.contains("/b: the store of originals failed: http://127.0.0.1:"), "{}", run.err);
    assert!(run.err.contains("did not answer in time (2 s, s3_timeout)"), "{}", run.err);
    assert!(run.err.contains("the import stops here"), "{}", run.err);
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert_eq!(place.calls().len(), 1);
    place.s3.faults().clear();
    let again = place.run(&import).ended(0);
    assert!(again.out.starts_with("2 imported") && again.out.contains("1 known already"), "{}", again.out);
    assert!(place.calls().iter().all(|call| call["status"] == "analysed"), "also the one of the import that stopped");
    assert_eq!((place.calls().len(), place.s3.objects().len()), (3, 3));
}

#[test]
fn the_doctor_looks_at_the_bucket() {
    let place = Place::new("originals_doctor");
    let told = |run: Run| {
        let findings = run.json();
        let findings = findings.as_array().unwrap();
        let finding = findings.iter().find(|finding| finding["what"] == "originals").unwrap().clone();
        (finding["ok"].as_bool().unwrap(), finding["told"].as_str().unwrap().to_owned())
    };
    place.run(&["migrate"]).ended(0);
    let url = place.s3.url();
    let well = told(place.run(&["doctor", "--json"]).ended(0));
    assert_eq!(well, (true, format!("s3://calls/north at {url}: kept, read and deleted")));
    assert!(place.s3.objects().is_empty());
    for (setting, value, says) in [
        ("SIDELINE_ORIGINALS", "s3://coils", format!("there is no bucket coils at {url}; create it")),
        (
            "AWS_SECRET_ACCESS_KEY",
            "hunter2",
            format!("{url} does not accept the key (SignatureDoesNotMatch); check s3_a"),
        ),
        ("AWS_ACCESS_KEY_ID", "NOBODY", format!("{url} does not accept the key (InvalidAccessKeyId); check s3_a")),
        ("AWS_REGION", "eu-west-9", "the bucket calls is not in the region eu-west-9".to_owned()),
        (
            "AWS_ENDPOINT_URL",
            "http://127.0.0.1:1",
            "http://127.0.0.1:1 cannot be reached (Connection refused".to_owned(),
        ),
    ] {
        let (ok, told) = told(place.run_with(&["doctor", "--json"], &[(setting, value)]).ended(1));
        assert!(!ok && told.contains(&says), "{setting}={value}: {told}");
    }
    place.s3.faults().pass(2);
    place.s3.faults().next(1, &s3::access_denied());
    let (ok, told) = told(place.run(&["doctor", "--json"]).ended(1));
    assert!(!ok && told.contains("it needs s3:PutObject, s3:GetObject and s3:DeleteObject there"), "{told}");
    let wrong = place.run_with(&["calls"], &[("SIDELINE_ORIGINALS", "/calls")]).ended(2).err;
    assert!(wrong.contains("originals: it is empty (a folder) or an address like s3://bucket/prefix"), "{wrong}");
}

#[test]
fn a_backup_says_that_the_originals_stay_in_the_bucket() {
    let place = Place::new("originals_backup");
    place.run(&["import", "sales.vtt", "--internal", "Dana"]).ended(0);
    let copy = place.dir.join("copy");
    let copy = copy.to_str().unwrap();
    let backup = place.run(&["backup", copy]).ended(0);
    let bucket = format!("s3://calls/north at {}", place.s3.url());
    assert!(backup.err.contains(&format!("the originals stay in {bucket}; the backup names them")), "{}", backup.err);

    let into = |data: &str, originals: &str| {
        finish(place.command(data, &["restore", copy]).env("SIDELINE_ORIGINALS", originals).spawn().unwrap())
    };
    let refused = into("folder", "").ended(2).err;
    assert!(
        refused.contains(&format!("the originals of this backup are in {bucket}; set SIDELINE_ORIGINALS")),
        "{refused}"
    );
    assert!(!place.dir.join("folder").exists());
    let moved = into("moved", "s3://mirror").ended(0).err;
    assert!(moved.contains(&format!("were in {bucket} and are looked for in s3://mirror at")), "{moved}");
    let restored = into("restored", "s3://calls/north").ended(0).err;
    assert!(restored.contains(&format!("the originals are in {bucket}, as before")), "{restored}");
    let id = place.calls()[0]["id"].as_str().unwrap().to_owned();
    finish(place.command("restored", &["delete", &id]).spawn().unwrap()).ended(0);
    assert!(place.s3.objects().is_empty());

    // And the other way round: a backup that holds its originals does not go where they are looked for in a bucket.
    let own = place.dir.join("own");
    let own = own.to_str().unwrap();
    finish(
        place
            .command("own_data", &["import", "sales.vtt", "--internal", "Dana"])
            .env("SIDELINE_ORIGINALS", "")
            .spawn()
            .unwrap(),
    )
    .ended(0);
    finish(place.command("own_data", &["backup", own]).env("SIDELINE_ORIGINALS", "").spawn().unwrap()).ended(0);
    let refused = finish(place.command("elsewhere", &["restore", own]).spawn().unwrap()).ended(2).err;
    assert!(refused.contains("the originals of this backup are in it, not in s3://calls/north"), "{refused}");
}
