//! `cargo xtask test`: everything that must hold before a change lands.

use crate::api;
use crate::postgres::Postgres;
use crate::steps::Steps;
use crate::tidy;
use crate::tools::{CargoTool, Workspace, run as run_command, succeeds};
use anyhow::{Context as _, Result, ensure};

/// Options of `cargo xtask test`.
#[derive(clap::Args)]
pub struct Args {
    /// Also run the ignored tests, give property tests many more cases, ask the interface for longer, and run the demo
    #[arg(long)]
    long: bool,
}

const DENY: CargoTool = CargoTool { subcommand: "deny", version: "0.20.2", options: &[] };
/// Without the part that replaces itself with a newer version.
const NEXTEST: CargoTool = CargoTool {
    subcommand: "nextest",
    version: "0.9.151",
    options: &["--no-default-features", "--features", "default-no-update"],
};

/// Cases a property test with `--long`; the library's default is 256.
const LONG_CASES: &str = "10000";
/// Rounds of a fuzz target with `--long`; without, it is 300.
const LONG_ROUNDS: &str = "20000";

/// Runs all steps, the cheap ones first.
///
/// # Errors
/// When a step failed.
pub fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("tidy", || tidy::check(workspace));
    steps.step("format", || {
        component(workspace, "fmt", "rustfmt")?;
        // The names of the files only: `cargo fmt` shows and mends the rest.
        run_command(&mut workspace.cargo(["fmt", "--all", "--check", "--", "--files-with-diff"]))
            .context("`cargo fmt` mends the files above")
    });
    steps.step("lints", || {
        component(workspace, "clippy", "clippy")?;
        let clippy = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
        run_command(&mut workspace.cargo(clippy))
    });
    steps.step("pages", || crate::pages::check(workspace));
    steps.step("documentation", || {
        let mut doc = workspace.cargo(["doc", "--workspace", "--no-deps", "--locked"]);
        run_command(doc.env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.step("dependencies", || dependencies(workspace));
    steps.step("examples in the documentation", || {
        run_command(&mut workspace.cargo(["test", "--workspace", "--doc", "--locked", "--quiet"]))
    });
    if args.long {
        steps.step("demo", || crate::demo::run(workspace, &crate::demo::Args::for_test()));
    }
    steps.step("pages in a browser", || crate::pages::walk(workspace));
    steps.step("answers as described", || api::check(workspace, args.long));
    // Last, so that the runner's own summary is what the output ends with.
    steps.step("tests", || tests(workspace, args.long));
    steps.finish()
}

/// Parts of the toolchain cannot be installed by cargo, so they are named.
fn component(workspace: &Workspace, subcommand: &str, component: &str) -> Result<()> {
    ensure!(
        succeeds(workspace.cargo([subcommand, "--version"])),
        "{component} is missing: `rustup component add {component}`"
    );
    Ok(())
}

fn dependencies(workspace: &Workspace) -> Result<()> {
    workspace.ensure(&DENY)?;
    run_command(&mut workspace.cargo(["deny", "--locked", "check", "licenses", "bans", "sources"]))?;
    if succeeds(workspace.cargo(["deny", "fetch", "db"])) {
        run_command(&mut workspace.cargo(["deny", "--locked", "check", "--disable-fetch", "advisories"]))
    } else {
        println!(
            "    advisories NOT checked: the database at github.com/RustSec/advisory-db cannot be reached from here"
        );
        Ok(())
    }
}

fn tests(workspace: &Workspace, long: bool) -> Result<()> {
    // Every story about the database runs on SQLite and on PostgreSQL.
    let postgres = Postgres::start(workspace)?;
    // The other is for what is done without pgvector, and usually for encrypted connections, which the one that has it may not know.
    let plain = Postgres::start_plain(workspace)?;
    let encrypted = [&plain, &postgres].into_iter().find(|server| server.encrypts());
    let encrypted = encrypted
        .context("no PostgreSQL here has OpenSSL (encrypted connections are tested): `apt-get install postgresql`")?;
    let mut command = match workspace.ensure(&NEXTEST) {
        Ok(()) => {
            let mut command = workspace.cargo([
                "nextest",
                "run",
                "--workspace",
                "--locked",
                "--no-fail-fast",
                "--status-level",
                "slow",
            ]);
            if long {
                command.args(["--run-ignored", "all"]);
            }
            command
        }
        Err(error) => {
            println!("    {error}; `cargo test` runs instead");
            let mut command = workspace.cargo(["test", "--workspace", "--all-targets", "--locked", "--no-fail-fast"]);
            if long {
                command.args(["--", "--include-ignored"]);
            }
            command
        }
    };
    if long {
        command.env("PROPTEST_CASES", LONG_CASES).env("SIDELINE_FUZZ_ROUNDS", LONG_ROUNDS);
    }
    match crate::embedding::model(workspace) {
        Ok(folder) => drop(command.env("SIDELINE_TEST_MODEL", folder)),
        Err(error) => println!("    the embeddings of the model are NOT checked: {error:#}"),
    }
    command.env("SIDELINE_TEST_POSTGRES", postgres.url());
    command.env("SIDELINE_TEST_POSTGRES_PLAIN", plain.url());
    command.env("SIDELINE_TEST_POSTGRES_TLS", encrypted.url());
    run_command(command.env("SIDELINE_TEST_CERTIFICATES", encrypted.certificates()))
}
