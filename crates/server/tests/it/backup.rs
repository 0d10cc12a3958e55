//! An installation on SQLite, copied while others work and put back; and who may read it.

use crate::kept::synthetic;
use crate::{Run, command, finish, scratch};
use calls::Blobs;
use db::{Db, Settings};
use kernel::{Clock, Secret};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Runs the program on the data folder `data`.
fn at(data: &Path, args: &[&str]) -> Run {
    finish(command(args).env("SIDELINE_DATA_DIR", data).spawn().unwrap())
}

async fn open(file: &Path) -> Db {
    Db::open(&Settings::new(Secret::new(db::sqlite_url(file)))).await.unwrap()
}

/// All files in a folder and those in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[test]
fn a_backup_is_restored_elsewhere() {
    let dir = scratch("backup");
    let (one, two) = (dir.join("one"), dir.join("two"));
    at(&one, &["import", "sales.vtt", "--internal", "Dana"]).ended(0);
    let backup = dir.join("copy");
    let backup = backup.to_str().unwrap();
    at(&one, &["backup", backup]).ended(0);
    assert!(at(&one, &["backup", backup]).ended(2).err.contains("is there already"));
    assert!(at(&one, &["restore", backup]).ended(2).err.contains("nothing is overwritten"));
    at(&two, &["restore", backup]).ended(0);
    let list = |data| at(data, &["calls", "--json"]).ended(0).out;
    assert_eq!(list(&one), list(&two));
    assert!(!list(&two).is_empty());
    let trail = at(&two, &["audit", "--json"]).ended(0).json_lines();
    let deeds: Vec<_> = trail.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(deeds, ["data.restore", "data.backup", "call.import"]);
    assert_eq!(trail[0]["subject"], backup);
    let id = at(&two, &["calls", "--json"]).json()["id"].as_str().unwrap().to_owned();
    at(&two, &["report", &id]).ended(0);
    at(&two, &["delete", &id]).ended(0);
    // Where the setting says the database is, not where it usually is.
    let other = format!("sqlite:{}", dir.join("other.db").display());
    for args in [&["restore", backup][..], &["calls", "--json"]] {
        let mut command = command(args);
        command.env("SIDELINE_DATA_DIR", dir.join("three")).env("SIDELINE_DATABASE_URL", &other);
        let run = finish(command.spawn().unwrap()).ended(0);
        assert!(args[0] == "restore" || run.out == list(&one), "{}", run.out);
    }
}

/// What a backup names it has, though calls are deleted all the while.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_whole_while_calls_are_deleted() {
    let dir = scratch("backup_and_delete");
    let data = dir.join("data");
    let folder = synthetic("backup_and_delete_calls", "120");
    at(&data, &["import", folder.to_str().unwrap(), "--later", "--quiet"]).ended(0);
    // What a killed import leaves.
    let originals = data.join("blobs/originals");
    let some = files(&originals).swap_remove(0);
    std::fs::write(format!("{}#1", some.display()), "half an original").unwrap();

    let db = open(&data.join("sideline.db")).await;
    let blobs = Blobs::local(&data.join("blobs")).unwrap();
    let deleting = tokio::spawn(async move {
        let all = calls::list(&db, &calls::Filter { limit: 1000, ..Default::default() }).await.unwrap();
        for call in &all[..100] {
            coaching::delete(&db, &blobs, &Clock::system(), call.id, "test").await.unwrap().1.unwrap();
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
    });
    let mut sizes = Vec::new();
    for n in 0..6 {
        let backup = dir.join(format!("copy{n}"));
        let run = {
            let (data, backup) = (data.clone(), backup.clone());
            tokio::task::spawn_blocking(move || at(&data, &["backup", backup.to_str().unwrap()])).await.unwrap()
        };
        run.ended(0);
        let copy = open(&backup.join("sideline.db")).await;
        let named = calls::originals(&copy).await.unwrap();
        copy.close().await;
        let blobs = Blobs::local(&backup.join("blobs")).unwrap();
        for key in &named {
            blobs.get(key).await.unwrap();
        }
        assert_eq!(files(&backup.join("blobs")).len(), named.len(), "and nothing else");
        sizes.push(named.len());
    }
    deleting.await.unwrap();
    assert!(sizes.windows(2).any(|pair| pair[0] > pair[1]), "calls were deleted meanwhile: {sizes:?}");
}

#[tokio::test]
async fn a_backup_changes_nothing_and_what_is_unfinished_is_none() {
    let dir = scratch("backup_unfinished");
    let data = dir.join("data");
    let nothing = at(&data, &["backup", dir.join("none").to_str().unwrap()]).ended(2);
    assert!(nothing.err.contains("there is nothing to copy") && !data.exists(), "{}", nothing.err);
    std::fs::create_dir(&data).unwrap();
    let live = open(&data.join("sideline.db")).await;
    at(&data, &["backup", dir.join("empty").to_str().unwrap()]).ended(0);
    assert_eq!(live.schema().await.unwrap().found, 0, "it was not migrated");

    // PostgreSQL is refused before anything is made.
    let target = dir.join("postgres");
    let mut command = command(&["backup", target.to_str().unwrap()]);
    let refused = finish(command.env("DATABASE_URL", "postgres://x@127.0.0.1:1/x").spawn().unwrap()).ended(2);
    assert!(refused.err.contains("pg_dump") && !target.exists(), "{}", refused.err);

    // What a backup that was killed leaves has another name, and is none.
    let partial = dir.join("killed.partial");
    std::fs::rename(dir.join("empty"), &partial).unwrap();
    assert!(at(&dir.join("new"), &["restore", partial.to_str().unwrap()]).ended(2).err.contains("not finished"));
    let again = at(&data, &["backup", dir.join("killed").to_str().unwrap()]).ended(2);
    assert!(again.err.contains("killed.partial is there already"), "{}", again.err);

    // An original that is lost does not keep the others from being copied, but it is told.
    at(&data, &["import", "sales.vtt", "--internal", "Dana", "--later"]).ended(0);
    let lost = files(&data.join("blobs/originals")).swap_remove(0);
    std::fs::remove_file(lost).unwrap();
    let told = at(&data, &["backup", dir.join("lossy").to_str().unwrap()]).ended(1);
    assert!(told.err.contains("1 originals are missing") && dir.join("lossy/sideline.db").is_file(), "{}", told.err);
}

#[test]
fn what_was_said_is_read_by_its_owner_only() {
    let dir = scratch("private");
    let data = dir.join("deeper/data");
    at(&data, &["doctor"]);
    at(&data, &["import", "sales.vtt", "--internal", "Dana"]).ended(0);
    let backup = dir.join("copy");
    at(&data, &["backup", backup.to_str().unwrap()]).ended(0);
    let again = dir.join("again");
    at(&again, &["restore", backup.to_str().unwrap()]).ended(0);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    for folder in [&data, &backup, &again] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
        let files = files(folder);
        assert!(files.len() >= 2);
        for file in files {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
    // What a person has written for others is for others.
    let (page, id) = (dir.join("page.html"), at(&data, &["calls", "--json"]).json()["id"].as_str().unwrap().to_owned());
    at(&data, &["report", &id, "--format", "html", "-o", page.to_str().unwrap()]).ended(0);
    let plain = dir.join("plain");
    std::fs::write(&plain, "").unwrap();
    assert_eq!(mode(&page), mode(&plain));
}
