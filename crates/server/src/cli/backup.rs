//! `sideline backup` and `sideline restore`: an installation on SQLite, copied and put back.

use super::app::{Private, actor, block_on, config};
use super::console::Console;
use super::{Failure, Status};
use crate::config::Config;
use accounts::audit::{self, Action};
use calls::{Blobs, Originals};
use db::{Db, DbError};
use kernel::{Clock, Secret};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The database in a backup.
const DATABASE: &str = "sideline.db";
/// The originals in a backup.
const ORIGINALS: &str = "blobs";
/// The file of a backup that says in which bucket its originals are, where they are in one.
const BUCKET: &str = "originals.txt";
/// What the name of a backup that is not finished ends in.
const PARTIAL: &str = "partial";
/// How often the database is copied at most, because calls were deleted while their originals were copied.
const LOOKS: usize = 10;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
The folder gets the database, consistent while others write, and the originals that it names; those in a bucket stay there. It appears under \
its name when it is complete. \
To restore it, name it to `sideline restore` with SIDELINE_DATA_DIR set to an empty folder. Back PostgreSQL up with pg_dump, and then the \
folder of originals.

Example:
  sideline backup /backups/2026-11-20")]
pub struct BackupArgs {
    /// A folder that is not there yet
    folder: PathBuf,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  SIDELINE_DATA_DIR=/srv/sideline sideline restore /backups/2026-11-20")]
pub struct RestoreArgs {
    /// The folder of a backup
    folder: PathBuf,
}

/// Copies database and originals of an installation on SQLite.
pub fn backup(args: &BackupArgs, console: &Console) -> Result<Status, Failure> {
    let config = config()?;
    let source = file(&config, "back PostgreSQL up with pg_dump, and then the folder of originals")?;
    if !source.is_file() {
        return Err(Failure::Usage(format!("there is nothing to copy: {} is not there", source.display())));
    }
    let partial = partial(&args.folder)?;
    for path in [&args.folder, &partial] {
        if path.exists() {
            return Err(Failure::Usage(format!(
                "{} is there already; name a new folder, or remove it",
                path.display()
            )));
        }
    }
    let _private = Private::begin();
    fs::create_dir_all(&partial).map_err(|error| cannot(&partial, &error))?;
    let missing = block_on(copy(&config, &partial, &args.folder)).inspect_err(|_| {
        // What is left of it is of no use; the reason is told already.
        let _ = fs::remove_dir_all(&partial);
    })?;
    fs::rename(&partial, &args.folder)
        .and_then(|()| sync(parent(&args.folder)))
        .map_err(|error| cannot(&args.folder, &error))?;
    if let Originals::Bucket(bucket) = &config.originals {
        console.note(&format!(
            "the originals stay in {bucket}; the backup names them and does not hold them: an original that is deleted there is gone, \
             so keep the bucket's versions or copies as long as the backup"
        ));
    }
    console.note(&format!("the backup is in {}", args.folder.display()));
    Ok(tell(missing, "the data folder", console))
}

/// Copies into the folder. Returns how many originals the database names that nobody has.
async fn copy(config: &Config, folder: &Path, called: &Path) -> Result<usize, Failure> {
    // As it is: a backup changes nothing, the schema least of all.
    let db = Db::open(&config.database).await?;
    // Before the copy, which so has it as well: a copy that nobody knows of is worse than one that is told and failed.
    if db.check_schema().await.is_ok() {
        write_down(&db, Action::DataBackup, called).await?;
    }
    if let Originals::Bucket(bucket) = &config.originals {
        let copy = folder.join(DATABASE);
        db.copy_to(&copy).await?;
        db.close().await;
        let note = folder.join(BUCKET);
        fs::write(&note, format!("{bucket}\n")).map_err(|error| cannot(&note, &error))?;
        for path in [&copy, &note, folder] {
            sync(path).map_err(|error| cannot(path, &error))?;
        }
        return Ok(0);
    }
    let originals = Blobs::open(&config.originals).map_err(|error| Failure::Failed(error.to_string()))?;
    let target = blobs(&folder.join(ORIGINALS))?;
    let copy = folder.join(DATABASE);
    let mut kept = BTreeSet::new();
    // Most of them before the database is copied: those of calls that are deleted from now on are there already.
    add(&named(&db).await?, &mut kept, &originals, &target).await?;
    let (mut wanted, mut missing) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..LOOKS {
        remove(&copy).map_err(|error| cannot(&copy, &error))?;
        db.copy_to(&copy).await?;
        wanted = named_in(&copy).await?;
        let before = std::mem::replace(&mut missing, add(&wanted, &mut kept, &originals, &target).await?);
        // What is missing was deleted since the database was copied, so that it is copied again; or, on the second look, lost for good.
        if missing.is_empty() || missing == before {
            break;
        }
    }
    // Those of calls that were deleted before the database was copied.
    for key in kept.difference(&wanted) {
        target.delete(key).await.map_err(|error| Failure::Failed(error.to_string()))?;
    }
    db.close().await;
    for path in [&copy, folder] {
        sync(path).map_err(|error| cannot(path, &error))?;
    }
    Ok(missing.len())
}

/// Puts a backup into an empty data folder.
pub fn restore(args: &RestoreArgs, console: &Console) -> Result<Status, Failure> {
    let config = config()?;
    let target = file(&config, "restore PostgreSQL with pg_restore, and then the folder of originals")?;
    let source = args.folder.join(DATABASE);
    if !source.is_file() {
        return Err(Failure::Usage(format!("{} is no backup: {DATABASE} is not in it", args.folder.display())));
    }
    if args.folder.extension().is_some_and(|extension| extension == PARTIAL) {
        return Err(Failure::Usage(format!("{} is a backup that was not finished", args.folder.display())));
    }
    let blobs = config.data_dir.join("blobs");
    let bucket = fs::read_to_string(args.folder.join(BUCKET)).ok();
    let told = same_place(&config.originals, bucket.as_deref().map(str::trim))?;
    for path in [&target, &blobs] {
        if path.exists() {
            return Err(Failure::Usage(format!(
                "{} is there already; set SIDELINE_DATA_DIR to a new folder, nothing is overwritten",
                path.display()
            )));
        }
    }
    let _private = Private::begin();
    let partial = partial(&target)?;
    let folder = bucket.is_none().then_some(blobs.as_path());
    let missing = block_on(put_back(&args.folder, &partial, folder)).inspect_err(|_| {
        let _ = fs::remove_dir_all(&blobs);
        let _ = remove(&partial);
    })?;
    fs::rename(&partial, &target).and_then(|()| sync(parent(&target))).map_err(|error| cannot(&target, &error))?;
    if let Some(told) = told {
        console.note(&told);
    }
    console.note(&format!("the backup is restored into {}", target.display()));
    Ok(tell(missing, "the backup", console))
}

/// What is to be told of where the originals of a backup are, `theirs` being their bucket.
fn same_place(ours: &Originals, theirs: Option<&str>) -> Result<Option<String>, Failure> {
    match (ours, theirs) {
        (Originals::Folder(_), None) => Ok(None),
        (Originals::Folder(_), Some(theirs)) => Err(Failure::Usage(format!(
            "the originals of this backup are in {theirs}; set SIDELINE_ORIGINALS (and s3_endpoint) to that"
        ))),
        (Originals::Bucket(ours), None) => Err(Failure::Usage(format!(
            "the originals of this backup are in it, not in {}; leave SIDELINE_ORIGINALS empty",
            ours.address()
        ))),
        (Originals::Bucket(ours), Some(theirs)) if ours.to_string() == theirs => {
            Ok(Some(format!("the originals are in {theirs}, as before")))
        }
        (Originals::Bucket(ours), Some(theirs)) => {
            Ok(Some(format!("the originals were in {theirs} and are looked for in {ours} now")))
        }
    }
}

/// Puts the database back, and the originals into the folder, if they are in the backup.
async fn put_back(backup: &Path, database: &Path, folder: Option<&Path>) -> Result<usize, Failure> {
    for made in [Some(parent(database)), folder].into_iter().flatten() {
        fs::create_dir_all(made).map_err(|error| cannot(made, &error))?;
    }
    let source = backup.join(DATABASE);
    // Not as a copy of its permissions: it may come from anywhere.
    File::open(&source)
        .and_then(|mut from| io::copy(&mut from, &mut File::create(database)?))
        .map_err(|error| cannot(database, &error))?;
    let db = open(database).await?;
    if db.check_schema().await.is_ok() {
        write_down(&db, Action::DataRestore, backup).await?;
    }
    db.close().await;
    let mut missing = BTreeSet::new();
    if let Some(folder) = folder {
        let wanted = named_in(database).await?;
        missing = add(&wanted, &mut BTreeSet::new(), &blobs(&backup.join(ORIGINALS))?, &blobs(folder)?).await?;
    }
    sync(database).map_err(|error| cannot(database, &error))?;
    Ok(missing.len())
}

/// The keys of the originals that a database names.
async fn named(db: &Db) -> Result<BTreeSet<String>, DbError> {
    Ok(if db.schema().await?.found == 0 { BTreeSet::new() } else { calls::originals(db).await?.into_iter().collect() })
}

async fn write_down(db: &Db, deed: Action, folder: &Path) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    audit::record(&mut tx, &Clock::system(), &actor(), deed, folder.display(), ()).await?;
    tx.commit().await
}

/// Opens a file that nobody else has open.
async fn open(file: &Path) -> Result<Db, DbError> {
    Db::open(&db::Settings { max_connections: 1, ..db::Settings::new(Secret::new(db::sqlite_url(file))) }).await
}

/// The same for a copy, which is closed again: nothing but its one file is left.
async fn named_in(copy: &Path) -> Result<BTreeSet<String>, Failure> {
    let db = open(copy).await?;
    let named = named(&db).await;
    db.close().await;
    Ok(named?)
}

/// Copies those that are not `kept` yet. Returns those that are not there.
async fn add(
    wanted: &BTreeSet<String>,
    kept: &mut BTreeSet<String>,
    from: &Blobs,
    to: &Blobs,
) -> Result<BTreeSet<String>, Failure> {
    let mut missing = BTreeSet::new();
    for key in wanted {
        if kept.contains(key) {
            continue;
        }
        if from.copy_to(key, to).await.map_err(|error| Failure::Failed(error.to_string()))? {
            kept.insert(key.clone());
        } else {
            missing.insert(key.clone());
        }
    }
    Ok(missing)
}

fn tell(missing: usize, place: &str, console: &Console) -> Status {
    if missing == 0 {
        return Status::Done;
    }
    console.error(&format!(
        "{missing} originals are missing in {place}; their calls are there, without the file they came from"
    ));
    Status::Failed
}

/// The file of the database.
fn file(config: &Config, otherwise: &str) -> Result<PathBuf, Failure> {
    config.database.file()?.ok_or_else(|| Failure::Usage(format!("the database is no file: {otherwise}")))
}

fn blobs(folder: &Path) -> Result<Blobs, Failure> {
    Blobs::local(folder).map_err(|error| Failure::Failed(error.to_string()))
}

/// How something is called until it is complete.
fn partial(path: &Path) -> Result<PathBuf, Failure> {
    let mut name =
        path.file_name().ok_or_else(|| Failure::Usage(format!("{} has no name", path.display())))?.to_owned();
    name.push(".");
    name.push(PARTIAL);
    Ok(path.with_file_name(name))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::Failed(format!("{}: cannot be written: {error}", path.display()))
}
