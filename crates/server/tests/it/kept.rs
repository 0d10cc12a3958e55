//! Calls that are kept, as users meet them, on both databases: import, worker, list, report, delete, backup; and what a kill leaves.

use crate::{Run, command, finish, scratch};
use db::testing::TestDb;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::Command;

/// An installation of one test.
pub struct Place {
    pub db: TestDb,
}

impl Place {
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = command(args);
        command
            .env("SIDELINE_DATA_DIR", self.db.dir().join("data"))
            .env("DATABASE_URL", self.db.settings().url.expose())
            // Any port that is free.
            .env("SIDELINE_LISTEN", "127.0.0.1:0");
        command
    }

    pub fn run(&self, args: &[&str]) -> Run {
        finish(self.command(args).spawn().unwrap())
    }

    pub fn calls(&self) -> Vec<Value> {
        self.run(&["calls", "--json", "--limit", "10000"]).ended(0).json_lines()
    }
}

/// A folder of synthetic calls.
pub fn synthetic(name: &str, calls: &str) -> PathBuf {
    let dir = scratch(name);
    finish(
        command(&["synth", "--calls", calls, "--seed", "7", "--quiet", "--out", dir.to_str().unwrap(), "--force"])
            .spawn()
            .unwrap(),
    )
    .ended(0);
    dir
}

async fn a_call_is_kept_shown_and_deleted(db: TestDb) {
    let place = Place { db };
    let imported =
        place.run(&["import", "sales.vtt", "--internal", "Dana", "--customer", "Menon", "--json"]).ended(0).json();
    assert_eq!(imported["imported"]["outcome"], "new");
    let again = place.run(&["import", "sales.vtt", "--internal", "Dana", "--json"]).ended(0).json();
    assert_eq!(
        (&again["imported"]["outcome"], &again["imported"]["id"]),
        (&"known".into(), &imported["imported"]["id"])
    );
    let id = imported["imported"]["id"].as_str().unwrap();
    let calls = place.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(
        (&calls[0]["status"], &calls[0]["rep"], &calls[0]["customer"]),
        (&"analysed".into(), &"Dana Whitlock".into(), &"Menon".into())
    );

    // The kept report is that of the file.
    let mut kept = place.run(&["report", id, "--json"]).ended(0).json();
    let mut direct = place.run(&["report", "sales.vtt", "--internal", "Dana", "--json"]).ended(0).json();
    for report in [&mut kept, &mut direct] {
        report["call"]["started_at"] = Value::Null;
    }
    assert_eq!(kept, direct);
    assert_eq!(calls[0]["overall_score"], direct["overall_score"]);

    let rescored = place.run(&["analyze", &id[..18], "--rubric", "service", "--json"]).ended(0).json();
    assert_eq!(rescored["status"], "analysed");
    assert_eq!(place.run(&["report", id, "--json"]).ended(0).json()["rubric"], "service");

    let receipt = place.run(&["delete", id, "--json"]).ended(0).json();
    assert_eq!(receipt["call_id"], id);
    assert!(place.calls().is_empty());
    let trail = place.run(&["audit", id, "--json"]).ended(0).json_lines();
    let for_people = place.run(&["audit", &id[26..]]).ended(0).out;
    assert_eq!(for_people.lines().count(), 1 + trail.len(), "{for_people}");
    assert!(for_people.contains(&id[26..]) && for_people.contains("call.delete"), "{for_people}");
    let deeds: Vec<_> = trail.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(deeds, ["call.delete", "call.analyse", "call.import"], "the newest first");
    let gone = place.run(&["report", id]).ended(2);
    assert!(gone.err.contains("there is no call"), "{}", gone.err);
    assert!(
        !place.db.dir().join("data/blobs/originals").read_dir().unwrap().any(|dir| dir
            .unwrap()
            .path()
            .read_dir()
            .unwrap()
            .next()
            .is_some())
    );
}

async fn a_call_without_sides_is_told_and_waits(db: TestDb) {
    let place = Place { db };
    let file = place.db.dir().join("talk.txt");
    std::fs::write(&file, "Dana: What does a late order cost you?\nRavi: About four hundred euros each time.\n")
        .unwrap();
    let run = place.run(&["import", file.to_str().unwrap()]).ended(0);
    assert!(
        run.out.contains("1 waiting for sides") && run.out.contains("sideline analyze CALL --internal NAME"),
        "{}",
        run.out
    );
    let id = place.calls()[0]["id"].as_str().unwrap().to_owned();
    assert!(place.run(&["analyze", &id]).ended(2).err.contains("say --internal NAME"));
    assert!(place.run(&["analyze", &id, "--internal", "Nobody"]).ended(2).err.contains("Nobody"));
    place.run(&["analyze", &id, "--internal", "Dana"]).ended(0);
    assert_eq!(place.calls()[0]["status"], "analysed");
}

async fn other_files_go_on_when_one_is_broken(db: TestDb) {
    let place = Place { db };
    let folder = place.db.dir().join("in");
    std::fs::create_dir_all(folder.join("deeper")).unwrap();
    std::fs::write(folder.join("a.json"), "{\"what\": 1}").unwrap();
    std::fs::write(folder.join("deeper/b.txt"), "Agent: Hello, what can I do for you?\nCustomer: My card was lost.\n")
        .unwrap();
    let run = place.run(&["import", folder.to_str().unwrap()]).ended(1);
    assert!(run.err.contains("a.json: ") && run.out.starts_with("1 imported"), "{} {}", run.out, run.err);
    assert_eq!(place.calls().len(), 1);
    let job = &place.run(&["jobs", "--json"]).ended(0).json_lines()[0];
    assert_eq!((&job["state"], &job["kind"]), (&"done".into(), &"analyse_call".into()));
    let shown = place.run(&["jobs", "show", job["id"].as_str().unwrap()]).ended(0).json();
    assert_eq!(shown["attempts"], 1);
    place.run(&["jobs", "retry", job["id"].as_str().unwrap()]).ended(2);
    assert!(place.run(&["audit", job["id"].as_str().unwrap()]).ended(0).out.is_empty(), "nothing was done to it");
}

async fn who_cancels_and_retries_a_job_is_written_down(db: TestDb) {
    let place = Place { db };
    place.run(&["import", "sales.vtt", "--internal", "Dana", "--later"]).ended(0);
    let job = place.run(&["jobs", "--json"]).ended(0).json()["id"].as_str().unwrap().to_owned();
    for (user, action) in [("dana", "cancel"), ("sam", "retry")] {
        finish(place.command(&["jobs", action, &job]).env("USER", user).spawn().unwrap()).ended(0);
    }
    place.run(&["jobs", "retry", &job]).ended(2);
    let trail = place.run(&["audit", &job, "--json"]).ended(0).json_lines();
    let deeds: Vec<_> = trail.iter().map(|e| (e["action"].as_str().unwrap(), e["actor"].as_str().unwrap())).collect();
    assert_eq!(deeds, [("job.retry", "cli:sam"), ("job.cancel", "cli:dana")]);
    assert_eq!(trail[0]["detail"]["kind"], "analyse_call");
}

/// Links that lead round, links that lead nowhere, pipes: what may be in a folder.
async fn a_folder_is_read_once_and_to_its_end(db: TestDb) {
    use std::os::unix::fs::symlink;
    let place = Place { db };
    let folder = place.db.dir().join("odd");
    std::fs::create_dir_all(folder.join("deeper")).unwrap();
    let talk = |who: &str| format!("Agent: Hello {who}, what can I do for you?\nCustomer: My card was lost.\n");
    std::fs::write(folder.join("a.txt"), talk("Ann")).unwrap();
    std::fs::write(folder.join("deeper/b.txt"), talk("Ben")).unwrap();
    symlink("..", folder.join("deeper/round")).unwrap();
    symlink("../a.txt", folder.join("deeper/same.txt")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.join("pipe.txt")).status().unwrap().success());
    let run = place.run(&["import", folder.to_str().unwrap()]).ended(0);
    assert!(run.out.starts_with("2 imported, 2 judged, 0 known already"), "{}", run.out);
    assert!(run.err.contains("pipe.txt: passed over, it is no file"), "{}", run.err);

    symlink("nowhere.txt", folder.join("deeper/broken.txt")).unwrap();
    let run = place.run(&["import", folder.to_str().unwrap()]).ended(1);
    assert!(run.out.starts_with("0 imported, 0 judged, 2 known already"), "{}", run.out);
    assert!(run.err.contains("broken.txt: cannot be read: "), "{}", run.err);
}

/// Calls are judged while others still come in.
async fn nobody_waits_for_the_last_file(db: TestDb) {
    let place = Place { db };
    let folder = synthetic(&format!("both_{}", place.db.backend()), "60");
    place.run(&["import", folder.to_str().unwrap()]).ended(0);
    let calls = place.calls();
    let times = |key: &str| calls.iter().map(|call| call[key].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>();
    assert!(times("analysed_at").first() < times("imported_at").last());
}

db::on_both!(
    a_call_is_kept_shown_and_deleted,
    a_call_without_sides_is_told_and_waits,
    other_files_go_on_when_one_is_broken,
    who_cancels_and_retries_a_job_is_written_down,
    a_folder_is_read_once_and_to_its_end,
    nobody_waits_for_the_last_file,
    the_doctor_says_what_is_wrong,
    what_goes_wrong_in_the_database_is_logged_by_every_command,
    a_worker_logs_nothing_when_it_starts,
    lists_are_for_people,
    a_kept_call_is_reported_as_it_was_judged,
);

async fn the_doctor_says_what_is_wrong(db: TestDb) {
    let place = Place { db };
    let found = place.run(&["doctor", "--json"]).ended(0).json();
    let all: Vec<&str> = found.as_array().unwrap().iter().map(|finding| finding["what"].as_str().unwrap()).collect();
    let (settings, rest): (Vec<&str>, Vec<&str>) = all.into_iter().partition(|what| *what == "setting");
    let expected = [
        "settings",
        "data",
        "disk",
        "rubric",
        "time zone",
        "model",
        "originals",
        "port",
        "database",
        "clock",
        "jobs",
        "meaning",
    ];
    assert_eq!(rest, expected);
    assert!(
        settings.len() > 10 && found.to_string().contains("listen = \\\"127.0.0.1:0\\\" (SIDELINE_LISTEN)"),
        "{found}"
    );
    let ill = finish(
        place
            .command(&["doctor"])
            .env("SIDELINE_TIME_ZONE", "Mars/Olympus")
            .env("SIDELINE_RUBRIC", "none")
            .spawn()
            .unwrap(),
    )
    .ended(1);
    assert!(
        ill.out.contains("WRONG  time zone  `Mars/Olympus` is no time zone") && ill.out.contains("WRONG  rubric"),
        "{}",
        ill.out
    );
    let away = finish(
        place
            .command(&["doctor"])
            .env("DATABASE_URL", "postgres://x@127.0.0.1:1/x")
            .env("SIDELINE_DATABASE_ACQUIRE_TIMEOUT", "1")
            .spawn()
            .unwrap(),
    )
    .ended(1);
    assert!(away.out.contains("WRONG  database   the database cannot be reached"), "{}", away.out);
}

async fn a_kept_call_is_reported_as_it_was_judged(db: TestDb) {
    let place = Place { db };
    let file = place.db.dir().join("call.json");
    let call = serde_json::json!({ "external_id": "ff-77", "segments": [
        { "speaker": "Dana", "start_ms": 0, "end_ms": 4000, "text": "What does a late order cost you?" },
        { "speaker": "Ravi", "start_ms": 4000, "end_ms": 9000, "text": "About four hundred euros each time." },
    ]});
    std::fs::write(&file, call.to_string()).unwrap();
    place.run(&["import", file.to_str().unwrap(), "--internal", "Dana"]).ended(0);
    let id = place.calls()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(place.calls()[0]["external_id"], "ff-77");
    for name in ["ff-77", &id, &id[..18], &id[24..]] {
        assert_eq!(place.run(&["report", name, "--json"]).ended(0).json()["rubric"], "default", "{name}");
        for option in ["--rubric=service", "--internal=Dana"] {
            let refused = place.run(&["report", name, option]).ended(2);
            let told = format!("`sideline analyze {name} {}` judges it again", option.replace('=', " "));
            assert!(refused.out.is_empty() && refused.err.contains(&told), "{}", refused.err);
        }
    }
    let trackers = concat!(env!("CARGO_MANIFEST_DIR"), "/../../trackers/sales.yaml");
    let refused = place.run(&["report", "ff-77", "--trackers", trackers]).ended(2);
    assert!(refused.err.contains("--trackers is for files"), "{}", refused.err);
    let typo = place.run(&["report", "cal.vtt"]).ended(1);
    assert!(
        typo.err.contains("cal.vtt: there is no such file") && typo.err.contains("no kept call either"),
        "{}",
        typo.err
    );
    assert!(place.run(&["report", "ffffffffffff"]).ended(2).err.contains("there is no call ffffffffffff"));
}

#[test]
fn the_doctor_finds_nothing_wrong_with_an_installation_that_nobody_has_used() {
    let data = scratch("unused").join("data");
    let mut doctor = command(&["doctor"]);
    doctor.env("SIDELINE_DATA_DIR", &data).env("SIDELINE_LISTEN", "127.0.0.1:0");
    let run = finish(doctor.spawn().unwrap()).ended(0);
    assert!(run.out.contains("sqlite, not there yet: the first import makes it"), "{}", run.out);
    assert_eq!(data.read_dir().unwrap().count(), 0, "a backup can be restored there");
}

#[test]
fn a_mistyped_file_makes_no_installation() {
    let data = scratch("typo").join("data");
    let run = finish(command(&["report", "cal.vtt"]).env("SIDELINE_DATA_DIR", &data).spawn().unwrap()).ended(1);
    assert!(run.err.contains("cal.vtt: there is no such file"), "{}", run.err);
    assert!(!data.exists());
}

async fn lists_are_for_people(db: TestDb) {
    let place = Place { db };
    let folder = synthetic(&format!("lists_{}", place.db.backend()), "12");
    place.run(&["import", folder.to_str().unwrap(), "--later"]).ended(0);
    place.run(&["import", "sales.vtt", "--internal", "Dana", "--started-at", "2020-02-03T23:30:00Z"]).ended(0);
    let calls = place.calls();
    let list = place.run(&["calls"]).ended(0).out;
    assert!(list.starts_with("ID          DAY               SCORE   LENGTH  REP"), "{list}");
    assert_eq!(list.lines().count(), 1 + calls.len());
    for (line, call) in list.lines().skip(1).zip(&calls) {
        let (shown, id) = (line.split(' ').next().unwrap(), call["id"].as_str().unwrap());
        assert!(id.replace('-', "").ends_with(shown) && line.chars().count() <= 80, "{line}");
        // What is shown says which call, though all came in within a moment.
        place.run(&["report", shown]).ended(if call["status"] == "analysed" { 0 } else { 2 });
        assert_eq!(place.run(&["analyze", shown, "--json"]).ended(0).json()["id"], id);
    }
    let days = |args: &[&str]| place.run(&[&["calls", "--json"], args].concat()).ended(0).json_lines().len();
    assert_eq!(days(&["--since", "2020-02-03", "--until", "2020-02-03"]), 1);
    assert_eq!(days(&["--until", "2020-02-02"]), 0);
    assert_eq!(days(&["--since", "2020-02-04"]), 12);
    assert!(place.run(&["calls", "--since", "yesterday"]).ended(2).err.contains("2026-11-20"));

    let jobs = place.run(&["jobs"]).ended(0).out;
    assert!(jobs.starts_with("ID          STATE"), "{jobs}");
    let shown = jobs.lines().nth(1).unwrap().split(' ').next().unwrap();
    let job = place.run(&["jobs", "show", shown]).ended(0).json();
    assert!(job["id"].as_str().unwrap().replace('-', "").ends_with(shown));
    assert!(place.run(&["jobs", "cancel", shown]).ended(2).err.contains("is done, not queued or running"));
    assert!(place.run(&["jobs", "show", "ffffffffff"]).ended(2).err.contains("there is no job ffffffffff"));
    let alike = place.run(&["jobs", "show", &job["id"].as_str().unwrap()[..6]]).ended(2);
    assert!(alike.err.contains("write more of it"), "{}", alike.err);
}

async fn what_goes_wrong_in_the_database_is_logged_by_every_command(db: TestDb) {
    let place = Place { db };
    let slow = |args: &[&str]| finish(place.command(args).env("SIDELINE_DATABASE_SLOW_QUERY", "0").spawn().unwrap());
    let logged = |run: &Run| run.err.contains("WARN") && run.err.contains("slow");
    let import = slow(&["import", "sales.vtt", "--internal", "Dana"]).ended(0);
    assert!(logged(&import), "{}", import.err);
    assert!(!import.err.contains("Ravi") && !import.err.contains("pallets"), "no values: {}", import.err);
    assert!(logged(&slow(&["calls"]).ended(0)));
    assert!(!logged(&slow(&["calls", "--quiet"]).ended(0)));
    let usual = place.run(&["calls"]).ended(0);
    assert_eq!(usual.err, "", "nothing is logged where nothing is wrong");
}

async fn a_worker_logs_nothing_when_it_starts(db: TestDb) {
    let place = Place { db };
    let mut worker = place.command(&["worker"]).spawn().unwrap();
    let mut told = BufReader::new(worker.stderr.take().unwrap());
    let mut first = String::new();
    told.read_line(&mut first).unwrap();
    assert_eq!(first, format!("sideline: working on {}; end it with Ctrl-C\n", place.db.backend()));
    Command::new("kill").args(["-TERM", &worker.id().to_string()]).status().unwrap();
    assert!(worker.wait().unwrap().success());
    let mut rest = String::new();
    told.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn the_environment_need_not_be_text_and_folders_may_have_any_name() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = scratch("odd_names");
    let bytes = std::ffi::OsStr::from_bytes(b"caf\xe9");
    for name in ["q?x", "p%25y", "a#b", "s p"] {
        let run = |args: &[&str]| {
            let mut command = command(args);
            finish(command.env("SIDELINE_DATA_DIR", dir.join(name)).env("LESSCHARSET_", bytes).spawn().unwrap())
        };
        run(&["import", "sales.vtt", "--internal", "Dana", "--later"]).ended(0);
        assert!(dir.join(name).join("sideline.db").is_file(), "{name}");
        assert_eq!(run(&["calls", "--json"]).ended(0).json_lines().len(), 1, "{name}");
        let copy = dir.join(format!("copy {name}"));
        run(&["backup", copy.to_str().unwrap()]).ended(0);
        assert!(copy.join("sideline.db").is_file());
    }
    let run = finish(command(&["calls"]).env("SIDELINE_DATA_DIR", bytes).spawn().unwrap()).ended(2);
    assert!(run.err.contains("SIDELINE_DATA_DIR in the environment is no UTF-8 text"), "{}", run.err);
}

#[test]
fn settings_and_databases_that_are_wrong_are_told() {
    let dir = scratch("wrong_settings");
    let run = |name: &str, value: &str| {
        finish(
            command(&["calls"])
                .env("SIDELINE_DATA_DIR", &dir)
                .env_remove("DATABASE_URL")
                .env(name, value)
                .spawn()
                .unwrap(),
        )
    };
    assert!(run("SIDELINE_DATADIR", "x").ended(2).err.contains("SIDELINE_DATADIR in the environment is no setting"));
    let unreachable = run("DATABASE_URL", "postgres://dana:hunter2@127.0.0.1:1/none").ended(1).err;
    assert!(
        unreachable.contains("the database cannot be reached") && !unreachable.contains("hunter2"),
        "{unreachable}"
    );
    assert!(run("SIDELINE_DATA_DIR", "/proc/nowhere").ended(1).err.contains("the data folder cannot be made"));
    std::fs::write(
        dir.join("sideline.db"),
        "no database at all, only a text that is long enough to be looked at as one. ".repeat(20),
    )
    .unwrap();
    assert!(run("SIDELINE_RUBRIC", "default").ended(1).err.contains("the file is no intact SQLite database"));
}
