//! A PostgreSQL server for tests and measurements: made new in a temporary folder, gone afterwards.

mod programs;

pub use programs::client;

use crate::tools::{Workspace, output, run, succeeds};
use anyhow::{Context as _, Result, bail};
use programs::Programs;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the server is told.
const OPTIONS: &str = "-c max_connections=300 -c shared_buffers=256MB";
/// What it is told for tests: nothing in it outlives the run, so nothing need be synced.
const FLEETING: &str = "-c fsync=off -c full_page_writes=off";
/// What it is told for measurements: a quarter of the memory of a small server, as PostgreSQL's documentation advises. It is made for 128 MB, of any machine.
const LASTING: &str = "-c shared_buffers=1GB";
/// Whom it runs as where we are root, which PostgreSQL refuses.
const USER: &str = "nobody";
/// Who comes in how.
const ADMISSION: &str = "local all all trust\nhost all sideline 127.0.0.1/32 trust\n";
/// The same over encrypted connections only, for their tests.
const ADMISSION_ENCRYPTED: &str = "hostssl all tls_only 127.0.0.1/32 trust\n";
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
    encrypts: bool,
}

impl Postgres {
    /// Starts a server, with pgvector where that can be had; gets PostgreSQL where it is missing and that is possible.
    ///
    /// # Errors
    /// When there is none and none can be installed, with what to install.
    pub fn start(workspace: &Workspace) -> Result<Self> {
        Self::start_with(&Programs::with_pgvector(workspace)?, FLEETING)
    }

    /// The same for measurements: it syncs as a server does that is to keep what it was given.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn start_durable(workspace: &Workspace) -> Result<Self> {
        Self::start_with(&Programs::with_pgvector(workspace)?, LASTING)
    }

    /// Starts a server without pgvector, for the tests of what is done then.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn start_plain(workspace: &Workspace) -> Result<Self> {
        Self::start_with(&Programs::without_pgvector(workspace)?, FLEETING)
    }

    fn start_with(programs: &Programs, more: &str) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let dir = std::env::temp_dir().join(format!("sideline-postgres-{}-{port}", std::process::id()));
        fs::create_dir_all(&dir)?;
        give(&dir)?;
        let mut server = Self { bin: programs.bin(), dir, port, encrypts: false };
        server.reach(programs)?;
        let data = server.dir.join("data");
        run(server
            .program("initdb")
            .args(["--username=sideline", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"])
            .arg("-D")
            .arg(&data)
            .stdout(Stdio::null()))
        .context("initdb failed")?;
        let library = output(server.program("postgres").args(["-C", "ssl_library", "-D"]).arg(&data))?;
        server.encrypts = !library.trim().is_empty();
        let mut admission = ADMISSION.to_owned();
        let mut tls = String::new();
        if server.encrypts {
            server.certify().context("no certificates for the encrypted connections; `apt-get install openssl`")?;
            admission.push_str(ADMISSION_ENCRYPTED);
            let dir = server.dir.display();
            tls = format!("-c ssl=on -c ssl_cert_file={dir}/server.crt -c ssl_key_file={dir}/server.key");
        }
        fs::write(data.join("pg_hba.conf"), admission)?;
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

    /// Sees to it that the server's user can run the programs: the folder of the repository may be closed to it, for example below that of root.
    fn reach(&mut self, programs: &Programs) -> Result<()> {
        let mut version = self.program("postgres");
        version.arg("--version");
        if matches!(programs, Programs::Stripped(_)) || !succeeds(version) {
            let copy = self.dir.join("programs");
            self.bin = programs.copy_to(&copy)?;
            give(&self.dir)?;
        }
        Ok(())
    }

    /// The address of its first database, without encryption.
    pub fn url(&self) -> String {
        format!("postgres://sideline@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    /// Whether it can speak TLS; not each PostgreSQL is built to.
    pub fn encrypts(&self) -> bool {
        self.encrypts
    }

    /// Of one that encrypts: folder of `ca.crt`, which signed the server's certificate, and `other.crt`, which did not.
    pub fn certificates(&self) -> &Path {
        &self.dir
    }

    /// Makes the certificates, as the user whom the server runs as, who alone may read the keys.
    fn certify(&self) -> Result<()> {
        let extensions = self.dir.join("server.ext");
        fs::write(&extensions, "subjectAltName=IP:127.0.0.1\n")?;
        give(&extensions)?;
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

/// Gives a folder with all in it to the user whom the server runs as.
fn give(folder: &Path) -> Result<()> {
    if root() { run(Command::new("chown").args(["-R", USER]).arg(folder)) } else { Ok(()) }
}

fn root() -> bool {
    fs::metadata(Path::new("/proc/self")).is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the server answers, a row a line.
    fn ask(workspace: &Workspace, url: &str, statement: &str) -> String {
        let mut psql = Command::new(client(workspace, "psql").unwrap());
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]);
        output(psql.args(["--command", statement, url])).unwrap().trim().to_owned()
    }

    #[test]
    #[ignore = "starts a server, and may download one"]
    fn nearest_vectors_are_found_by_an_index() {
        let workspace = Workspace::here();
        let postgres = Postgres::start(&workspace).unwrap();
        let ask = |statement: &str| ask(&workspace, &postgres.url(), statement);
        ask("CREATE EXTENSION vector");
        ask("CREATE TABLE v (id INT, at halfvec(384))");
        ask(
            "INSERT INTO v SELECT n, array_fill(1, ARRAY[383])::halfvec || ARRAY[n]::halfvec FROM generate_series(1, 100) n",
        );
        ask("CREATE INDEX ON v USING hnsw (at halfvec_l2_ops)");
        let near = "SELECT id FROM v ORDER BY at <-> (SELECT at FROM v WHERE id = 42) LIMIT 1";
        assert_eq!(ask(&format!("SET enable_seqscan = off; {near}")), "42");
        let plan = ask(&format!("SET enable_seqscan = off; EXPLAIN {near}"));
        assert!(plan.contains("Index Scan using v_at_idx"), "{plan}");
        assert_eq!(
            ask("SELECT datcollate FROM pg_database WHERE datname = 'postgres'; SHOW server_encoding; SHOW fsync"),
            "C\nUTF8\noff"
        );
    }

    /// How many extensions that are called like pgvector the server knows.
    fn pgvectors(workspace: &Workspace, url: &str) -> String {
        ask(workspace, url, "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")
    }

    #[test]
    #[ignore = "starts a server, and may install one"]
    fn one_without_pgvector_is_there_as_well() {
        let workspace = Workspace::here();
        let postgres = Postgres::start_plain(&workspace).unwrap();
        assert_eq!(pgvectors(&workspace, &postgres.url()), "0");
        if postgres.encrypts() {
            let url = postgres.url().replace("sslmode=disable", "sslmode=require");
            assert_eq!(ask(&workspace, &url, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"), "t");
        }
    }

    #[test]
    #[ignore = "starts a server, and may download one"]
    fn the_package_runs_without_its_pgvector_and_keeps_it() {
        let workspace = Workspace::here();
        let folder = programs::unpacked(&workspace).unwrap();
        for (programs, count) in [(Programs::Stripped(folder.clone()), "0"), (Programs::Unpacked(folder), "1")] {
            let postgres = Postgres::start_with(&programs, FLEETING).unwrap();
            assert_eq!(pgvectors(&workspace, &postgres.url()), count);
        }
    }
}
