//! A PostgreSQL server for tests and measurements: made new in a temporary folder, gone afterwards.

use crate::tools::{Workspace, run, succeeds};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the server is told.
const OPTIONS: &str = "-c max_connections=300 -c shared_buffers=256MB";
/// What it is told for tests: nothing in it outlives the run, so nothing need be synced.
const FLEETING: &str = "-c fsync=off -c full_page_writes=off";
/// Whom it runs as where we are root, which PostgreSQL refuses.
const USER: &str = "nobody";
/// Who comes in how. `tls_only` is for the tests of encrypted connections.
const ADMISSION: &str =
    "local all all trust\nhost all sideline 127.0.0.1/32 trust\nhostssl all tls_only 127.0.0.1/32 trust\n";
/// What makes the certificates: an authority, another one that has signed nothing here, and the server's own, for its address and no name.
const CERTIFICATES: [&str; 4] = [
    "req -x509 -subj /CN=Tests -keyout ca.key -out ca.crt",
    "req -x509 -subj /CN=Others -keyout other.key -out other.crt",
    "req -subj /CN=127.0.0.1 -keyout server.key -out server.csr",
    "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -set_serial 1 -extfile server.ext -out server.crt",
];
/// How each key is made: small and fast, without a password.
const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

/// A running server; stopped when it is dropped.
pub struct Postgres {
    bin: PathBuf,
    dir: PathBuf,
    port: u16,
}

impl Postgres {
    /// Starts a server; installs PostgreSQL where it is missing and that is possible.
    ///
    /// # Errors
    /// When there is none and none can be installed, with what to install.
    pub fn start(workspace: &Workspace) -> Result<Self> {
        Self::start_with(workspace, FLEETING)
    }

    /// The same for measurements: it syncs as a server does that is to keep what it was given.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn start_durable(workspace: &Workspace) -> Result<Self> {
        Self::start_with(workspace, "")
    }

    fn start_with(workspace: &Workspace, more: &str) -> Result<Self> {
        let bin = match programs() {
            Some(bin) => bin,
            None => install(workspace)?,
        };
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let dir = std::env::temp_dir().join(format!("sideline-postgres-{}-{port}", std::process::id()));
        fs::create_dir_all(&dir)?;
        if root() {
            run(Command::new("chown").arg(USER).arg(&dir))?;
        }
        let server = Self { bin, dir, port };
        let data = server.dir.join("data");
        run(server
            .program("initdb")
            .args(["--username=sideline", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"])
            .arg("-D")
            .arg(&data)
            .stdout(Stdio::null()))
        .context("initdb failed")?;
        fs::write(data.join("pg_hba.conf"), ADMISSION)?;
        server.certify().context("no certificates for the encrypted connections; `apt-get install openssl`")?;
        let tls =
            format!("-c ssl=on -c ssl_cert_file={0}/server.crt -c ssl_key_file={0}/server.key", server.dir.display());
        let options = format!("-h 127.0.0.1 -p {port} -k {} {tls} {OPTIONS} {more}", server.dir.display());
        let started = run(server
            .program("pg_ctl")
            .args(["start", "--wait", "--silent", "-o", &options, "-l"])
            .arg(server.dir.join("log"))
            .arg("-D")
            .arg(&data));
        if let Err(error) = started {
            let log = fs::read_to_string(server.dir.join("log")).unwrap_or_default();
            bail!("PostgreSQL does not start: {error}\n{log}");
        }
        Ok(server)
    }

    /// The address of its first database, without encryption.
    pub fn url(&self) -> String {
        format!("postgres://sideline@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    /// Folder of `ca.crt`, which signed the server's certificate, and `other.crt`, which did not.
    pub fn certificates(&self) -> &Path {
        &self.dir
    }

    /// Makes the certificates, as the user whom the server runs as, who alone may read the keys.
    fn certify(&self) -> Result<()> {
        let extensions = self.dir.join("server.ext");
        fs::write(&extensions, "subjectAltName=IP:127.0.0.1\n")?;
        for args in CERTIFICATES {
            let mut openssl = self.command("openssl".into());
            openssl.args(args.split(' '));
            if args.starts_with("req ") {
                openssl.args(KEY.split(' '));
            }
            run(openssl.stdout(Stdio::null()).stderr(Stdio::null()))?;
        }
        Ok(())
    }

    fn program(&self, name: &str) -> Command {
        self.command(self.bin.join(name))
    }

    /// In the server's folder and as its user.
    fn command(&self, program: PathBuf) -> Command {
        let mut command = if root() {
            // Not every search path has the programs of root.
            let sbin = Path::new("/usr/sbin/runuser");
            let mut command = Command::new(if sbin.is_file() { sbin } else { Path::new("runuser") });
            command.args(["-u", USER, "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.dir);
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.dir.join("data");
        if data.join("postmaster.pid").exists() {
            let _ = run(self.program("pg_ctl").args(["stop", "--silent", "--mode=immediate", "-D"]).arg(&data));
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Where one of PostgreSQL's programs is, or else its name.
pub fn program(name: &str) -> PathBuf {
    programs().map_or_else(|| name.into(), |folder| folder.join(name))
}

/// The folder of the newest `initdb` and its kin. Debian keeps them out of the search path.
fn programs() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").ok();
    let mut found: Vec<(u32, PathBuf)> = debian
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort();
    let folders = found.into_iter().rev().map(|(_, path)| path);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = folders.chain(std::env::split_paths(&path).collect::<Vec<_>>());
    folders.into_iter().find(|folder| ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file()))
}

fn install(workspace: &Workspace) -> Result<PathBuf> {
    const MISSING: &str = "PostgreSQL is missing (tests run on it as well as on SQLite): `apt-get install postgresql`";
    if !root()
        || !succeeds({
            let mut apt = Command::new("apt-get");
            apt.arg("--version");
            apt
        })
    {
        bail!(MISSING);
    }
    println!("    PostgreSQL is missing: installing it, once");
    let apt = |args: &[&str]| {
        run(workspace.command("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))
    };
    apt(&["update", "--quiet", "--quiet"]).context(MISSING)?;
    apt(&["install", "--quiet", "--quiet", "--yes", "--no-install-recommends", "postgresql"]).context(MISSING)?;
    programs().context(MISSING)
}

fn root() -> bool {
    fs::metadata(Path::new("/proc/self")).is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
}
