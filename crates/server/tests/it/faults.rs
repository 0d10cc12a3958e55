//! What users meet when disk or database fail under the program: what it says, and that it goes on afterwards.

use crate::finish;
use crate::kept::{Place, synthetic};
use crate::killed::all_is_there_once;
use db::testing::{Line, TestDb};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program over a line that can be cut, quick to see that it was.
fn over(place: &Place, line: &Line, args: &[&str]) -> Command {
    let mut command = place.command(args);
    command
        .env("DATABASE_URL", line.settings().url.expose())
        .env("SIDELINE_DATABASE_ACQUIRE_TIMEOUT", "1")
        .env("SIDELINE_WORKER_LEASE", "3");
    command
}

async fn count(place: &Place, what: &'static str) -> i64 {
    db::on_db!(&*place.db, pool => sqlx::query_scalar(what).fetch_one(pool).await.unwrap())
}

const ANALYSED: &str = "SELECT count(*) FROM calls WHERE status = 'analysed'";
const CALLS: &str = "SELECT count(*) FROM calls";

async fn until(place: &Place, what: &'static str, wanted: i64) {
    for _ in 0..1_200 {
        if count(place, what).await >= wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} of {wanted}", count(place, what).await);
}

fn end(worker: Child) -> String {
    Command::new("kill").args(["-TERM", &worker.id().to_string()]).status().unwrap();
    finish(worker).ended(0).err
}

async fn a_worker_outlives_its_database_and_says_so_once(db: TestDb) {
    const CALLS: usize = 24;
    let place = Place { db };
    let folder = synthetic(&format!("outage_{}", place.db.backend()), &CALLS.to_string());
    place.run(&["import", folder.to_str().unwrap(), "--later", "--quiet"]).ended(0);
    let mut line = Line::to(&place.db).await;
    let worker = over(&place, &line, &["worker"]).env("SIDELINE_LOG_FORMAT", "text").spawn().unwrap();
    // In the midst of work, and when there is none.
    for before in [4, CALLS as i64] {
        until(&place, ANALYSED, before).await;
        line.cut().await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        line.mend();
    }
    tokio::time::sleep(Duration::from_secs(4)).await;
    let log = end(worker);
    let lines = |part: &str| log.lines().filter(|line| line.contains(part)).count();
    assert_eq!(lines("WARN queue::outage: no jobs are taken; it is tried again"), 2, "{log}");
    assert_eq!(lines("INFO queue::outage: the database works again"), 2, "{log}");
    // Beside them only what became of the two jobs that ran: that they failed, or were taken back.
    assert!(lines("WARN") <= 2 + 4 && lines("ERROR") == 0, "{log}");
    all_is_there_once(&place, folder.to_str().unwrap(), CALLS).await;
    assert!(coaching::check(&place.db).await.unwrap().is_empty());
}

async fn an_import_waits_for_its_database(db: TestDb) {
    const FILES: usize = 60;
    let place = Place { db };
    let folder = synthetic(&format!("import_outage_{}", place.db.backend()), &FILES.to_string());
    let mut line = Line::to(&place.db).await;
    let import = over(&place, &line, &["import", folder.to_str().unwrap(), "--later"]).spawn().unwrap();
    until(&place, CALLS, 3).await;
    line.cut().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = count(&place, CALLS).await;
    assert!(before < FILES as i64, "it was cut in time");
    line.mend();
    let run = finish(import).ended(0);
    assert!(run.out.starts_with(&format!("{FILES} imported")) || run.out.contains("1 known already"), "{}", run.out);
    // Beside how far it is, which it tells every ten seconds.
    let told: Vec<&str> = run.err.lines().filter(|line| !line.contains(" files read")).collect();
    assert_eq!(told.len(), 1, "{}", run.err);
    assert!(told[0].contains("the database ") && told[0].ends_with("; waiting for it"), "{}", run.err);
    assert_eq!(count(&place, CALLS).await, FILES as i64);
}

/// All files are in; what is left is to judge them.
async fn a_judging_whose_database_stays_away_is_no_success(db: TestDb) {
    const FILES: usize = 40;
    let place = Place { db };
    let folder = synthetic(&format!("judging_gone_{}", place.db.backend()), &FILES.to_string());
    let folder = folder.to_str().unwrap();
    place.run(&["import", folder, "--later", "--quiet"]).ended(0);
    let mut line = Line::to(&place.db).await;
    let import = over(&place, &line, &["import", folder]).stdout(Stdio::null()).spawn().unwrap();
    until(&place, ANALYSED, 3).await;
    line.cut().await;
    let run = finish(import).ended(1);
    // What is locked can be read: then each call is named. Calls are judged while files are still read, which may be what stops.
    let told = ["the database stayed away", "not judged yet", "the import stops here"];
    assert!(told.iter().any(|told| run.err.contains(told)), "{}", run.err);
    line.mend();
    place.run(&["import", folder, "--quiet"]).ended(0);
    all_is_there_once(&place, folder, FILES).await;
}

async fn an_import_whose_database_stays_away_stops_and_can_be_repeated(db: TestDb) {
    const FILES: usize = 40;
    let place = Place { db };
    let folder = synthetic(&format!("import_gone_{}", place.db.backend()), &FILES.to_string());
    let folder = folder.to_str().unwrap();
    let mut line = Line::to(&place.db).await;
    let import = over(&place, &line, &["import", folder]).stdout(Stdio::null()).spawn().unwrap();
    until(&place, CALLS, 3).await;
    line.cut().await;
    let run = finish(import).ended(1);
    let told = run.err.lines().find(|line| line.contains("import_gone")).unwrap_or_default();
    assert!(told.contains(".json: the database ") || told.contains(".txt: the database "), "{}", run.err);
    assert!(
        run.err.contains("the import stops here; repeat the command")
            && run.err.lines().filter(|line| !line.contains(" files read")).count() <= 3,
        "{}",
        run.err
    );
    line.mend();
    place.run(&["import", folder, "--quiet"]).ended(0);
    all_is_there_once(&place, folder, FILES).await;
}

/// The program that cannot make files longer than this, which it meets as a disk that takes no more.
fn limited(place: &Place, bytes: u64, args: &[&str]) -> crate::Run {
    let program = place.command(args);
    let mut shell = Command::new("sh");
    // The signal that comes first would end it; a write that fails is what a full disk is.
    shell.args(["-c", "trap '' XFSZ; ulimit -f $0; exec \"$@\"", &(bytes / 512).to_string()]);
    shell.arg(program.get_program()).args(program.get_args()).current_dir(crate::fixtures());
    same_environment(&program, &mut shell);
    finish(shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

/// Gives a command what another one is given, and takes from it what is taken.
fn same_environment(from: &Command, to: &mut Command) {
    for (name, value) in from.get_envs() {
        match value {
            Some(value) => to.env(name, value),
            None => to.env_remove(name),
        };
    }
}

/// All files in a folder, also those deeper.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

async fn an_original_for_which_there_is_no_room_leaves_nothing(db: TestDb) {
    let place = Place { db };
    let file = place.db.dir().join("long.txt");
    let line = "Dana: What does a late order cost you?\nRavi: About four hundred euros each time.\n";
    fs::write(&file, line.repeat(40_000)).unwrap();
    let args = ["import", file.to_str().unwrap(), "--internal", "Dana", "--later"];
    let run = limited(&place, 1_500_000, &args).ended(1);
    assert!(run.err.contains("long.txt: the store of originals failed: "), "{}", run.err);
    assert!(run.err.contains("File too large") && run.err.contains("permissions and room"), "{}", run.err);
    assert!(place.calls().is_empty());
    assert_eq!(files(&place.db.dir().join("data/blobs")), Vec::<PathBuf>::new());
    place.run(&args).ended(0);
    assert_eq!(place.calls().len(), 1);
}

/// The files of PostgreSQL are not ours; what it says of a full disk is told in the stories of `db`.
#[tokio::test]
async fn a_database_for_which_there_is_no_room_takes_files_when_there_is() {
    const FILES: usize = 40;
    let place = Place { db: TestDb::sqlite().await };
    let folder = synthetic("no_room", &FILES.to_string());
    let folder = folder.to_str().unwrap();
    // The schema grows with the program: there is room for it and for a few calls.
    assert!(place.calls().is_empty());
    let schema = files(place.db.dir()).iter().map(|file| file.metadata().unwrap().len()).max().unwrap();
    let run = limited(&place, schema + 300_000, &["import", folder, "--later"]).ended(1);
    assert!(run.err.contains("the disk of the database "), "{}", run.err);
    assert!(run.err.contains("the import stops here; repeat the command"), "{}", run.err);
    let kept = place.calls().len();
    assert!((1..FILES).contains(&kept), "{kept}: {}", run.err);
    place.run(&["import", folder, "--quiet"]).ended(0);
    all_is_there_once(&place, folder, FILES).await;
}

db::on_both!(
    a_worker_outlives_its_database_and_says_so_once,
    an_import_waits_for_its_database,
    a_judging_whose_database_stays_away_is_no_success,
    an_import_whose_database_stays_away_stops_and_can_be_repeated,
    an_original_for_which_there_is_no_room_leaves_nothing,
);

/// The program, bound by permissions also where the administrator runs the tests.
fn bound(command: &Command) -> crate::Run {
    let mut shell = if fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
        let mut shell = Command::new("setpriv");
        shell.args(["--bounding-set", "-dac_override,-dac_read_search", "--"]).arg(command.get_program());
        shell
    } else {
        Command::new(command.get_program())
    };
    shell.args(command.get_args()).current_dir(crate::fixtures());
    same_environment(command, &mut shell);
    finish(shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

#[tokio::test]
async fn what_cannot_be_written_is_named_and_works_when_it_can() {
    let place = Place { db: TestDb::sqlite().await };
    let import = || bound(&place.command(&["import", "sales.vtt", "--internal", "Dana"]));
    let file = place.db.file().unwrap().to_owned();
    let folder = file.parent().unwrap().to_owned();
    let blobs = folder.join("data/blobs");
    fs::create_dir_all(&blobs).unwrap();
    let told = |path: &Path| format!("the database cannot be written: {}: ", path.display());
    for (path, usual, expected) in [
        (&file, 0o644, told(&file)),
        (&folder, 0o755, told(&folder)),
        (&blobs, 0o755, "sales.vtt: the store of originals failed: ".to_owned()),
    ] {
        let set = |mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        set(usual & 0o555);
        let run = import().ended(1);
        set(usual);
        assert!(run.err.contains(&expected), "{}", run.err);
        assert!(run.err.contains("permissions") && run.err.contains("ermission denied"), "{}", run.err);
        assert!(place.calls().is_empty());
    }
    import().ended(0);
    assert_eq!(place.calls().len(), 1);
    let left: Vec<PathBuf> =
        files(&blobs).into_iter().filter(|path| path.extension() == Some(OsStr::new("1"))).collect();
    assert!(left.is_empty(), "{left:?}");
}
