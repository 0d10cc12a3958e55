//! `sideline user`: accounts, for whoever sits at the machine: the first ones, and a password that was forgotten.

use super::app::{App, actor, block_on};
use super::console::{Console, stdout, write_json};
use super::table::{self, Width, short};
use super::{Failure, Status};
use accounts::audit::{self, Action};
use accounts::{Account, AccountChange, AccountError, User, UserFilter};
use clap::{Subcommand, ValueEnum};
use kernel::{Actor, Role, Secret};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use serde_json::json;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use uuid::Uuid;

/// `sideline user`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Passwords are asked for on a terminal, and read from standard input otherwise.

Examples:
  sideline user add 'Dana Whitlock' --email dana@acme.com --role manager --team North
  sideline user password dana@acme.com
  sideline user list")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make an account; whom calls name by this address, or by this name alone, gets it
    Add(Add),
    /// Set another password, which ends all logins and lets a locked account in
    Password {
        /// User name, mail address or name
        who: String,
    },
    /// List the accounts and whom calls name
    List,
}

#[derive(Debug, clap::Args)]
struct Add {
    /// Their name
    name: String,
    /// Their mail address
    #[arg(long)]
    email: String,
    /// What they log in with; usually the part of the address before the @
    #[arg(long)]
    username: Option<String>,
    /// What they may see: own calls, the team's, those of reps assigned to them, everything
    #[arg(long, value_enum, default_value_t = RoleName::Rep)]
    role: RoleName,
    /// A team they belong to, which is made where there is none; several times for several
    #[arg(long = "team", value_name = "NAME")]
    teams: Vec<String>,
    /// A rep whose calls a coach sees, by mail address or name; several times for several
    #[arg(long = "coaches", value_name = "REP")]
    reps: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleName {
    Rep,
    Manager,
    Coach,
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Rep => Self::Rep,
            RoleName::Manager => Self::Manager,
            RoleName::Coach => Self::Coach,
            RoleName::Admin => Self::Admin,
        }
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Db(error) => error.into(),
            other => Self::Usage(other.to_string()),
        }
    }
}

/// Does what is asked for.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        match &args.what {
            What::Add(new) => add(&app, new, console, json).await,
            What::Password { who } => set_password(&app, who, console).await,
            What::List => list(&app, console, json).await,
        }
    })
}

async fn add(app: &App, new: &Add, console: &Console, json: bool) -> Result<Status, Failure> {
    let role = Role::from(new.role);
    if !new.reps.is_empty() && role != Role::Coach {
        return Err(Failure::Usage("--coaches is for coaches: add --role coach".to_owned()));
    }
    let mut reps = Vec::new();
    for rep in &new.reps {
        reps.push(somebody(app, rep).await?.id);
    }
    let before = new.email.split('@').next().unwrap_or_default();
    let about = [new.name.as_str(), new.email.as_str(), new.username.as_deref().unwrap_or(before)];
    let password = accounts::chosen("password", &password()?, &about).await?;
    // Whom calls name so, if it can only be one.
    let person = match accounts::named_by_calls(&app.db, &new.name).await?.as_slice() {
        [one] => Some(*one),
        _ => None,
    };
    let mut tx = app.db.begin().await?;
    let mut teams = Vec::new();
    for name in &new.teams {
        teams.push(accounts::team(&mut tx, &app.clock, name).await?);
    }
    let account = Account {
        name: new.name.clone(),
        username: new.username.clone(),
        email: new.email.clone(),
        role,
        teams,
        password: Some(password),
        person,
    };
    let id = accounts::add_user(&mut tx, &app.clock, account).await?;
    for rep in reps {
        accounts::assign(&mut tx, &app.clock, id, rep).await?;
    }
    audit::record(&mut tx, &app.clock, &actor(), Action::UserAdd, id, json!({ "role": role })).await?;
    tx.commit().await?;
    let user = accounts::user(&app.db, id).await?.ok_or_else(|| Failure::Failed("the account is gone".to_owned()))?;
    if json {
        write_json(&mut stdout(), &user, true)?;
    } else {
        let name = user.username.unwrap_or_default();
        console.note(&format!("{} logs in as {name}, {role}", user.name));
    }
    Ok(Status::Done)
}

async fn set_password(app: &App, who: &str, console: &Console) -> Result<Status, Failure> {
    let user = somebody(app, who).await?;
    if !accounts::has_account(&app.db, user.id).await? {
        return Err(Failure::Usage(format!("{who} has no account; `sideline user add` makes one")));
    }
    let password = accounts::chosen("password", &password()?, &user.about()).await?;
    let change = AccountChange { password: Some(password), ..AccountChange::default() };
    let mut tx = app.db.begin().await?;
    accounts::change_user(&mut tx, &app.clock, user.id, change).await?;
    audit::record(&mut tx, &app.clock, &actor(), Action::UserPassword, user.id, json!({})).await?;
    tx.commit().await?;
    console.note(&format!("{} logs in with the new password; all their logins have ended", user.name));
    Ok(Status::Done)
}

async fn list(app: &App, console: &Console, json: bool) -> Result<Status, Failure> {
    let anybody = Actor { id: Uuid::nil(), role: Role::Admin, session: Uuid::nil() };
    let filter = UserFilter { inactive: true, limit: 100_000, ..UserFilter::default() };
    let (users, _) = accounts::list_users(&app.db, &anybody, &filter, false).await?;
    if json {
        let mut out = stdout();
        for user in &users {
            write_json(&mut out, user, false)?;
        }
        out.flush()?;
        return Ok(Status::Done);
    }
    if users.is_empty() {
        console.note(&"there are no users yet; `sideline user add` makes one");
        return Ok(Status::Done);
    }
    let heads = [
        ("ID", Width::Fixed(10)),
        ("NAME", Width::Share(2)),
        ("LOGS IN AS", Width::Share(1)),
        ("ROLE", Width::Fixed(8)),
        ("EMAIL", Width::Share(2)),
        ("", Width::Rest),
    ];
    let rows = users.into_iter().map(|user| {
        let unconfirmed = user.email.is_none() && user.unconfirmed_email.is_some();
        let notes = [(!user.active, "inactive"), (unconfirmed, "address unconfirmed")];
        let notes: Vec<&str> = notes.into_iter().filter_map(|(so, note)| so.then_some(note)).collect();
        [
            short(user.id),
            user.name,
            user.username.unwrap_or_default(),
            user.role.to_string(),
            user.email.or(user.unconfirmed_email).unwrap_or_default(),
            notes.join(", "),
        ]
    });
    let mut out = console.styled();
    table::write(&mut out, heads, rows, table::width())?;
    out.flush()?;
    Ok(Status::Done)
}

async fn somebody(app: &App, who: &str) -> Result<User, Failure> {
    let found = accounts::find_user(&app.db, who).await?;
    found.ok_or_else(|| Failure::Usage(format!("nobody is called {who}; `sideline user list` lists them")))
}

/// From the terminal without showing it, or the first line of standard input.
fn password() -> Result<Secret, Failure> {
    let stdin = io::stdin();
    let mut line = String::new();
    if stdin.is_terminal() {
        let shown = tcgetattr(&stdin).map_err(io::Error::from)?;
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        let mut err = io::stderr();
        write!(err, "Password: ")?;
        err.flush()?;
        tcsetattr(&stdin, OptionalActions::Flush, &hidden).map_err(io::Error::from)?;
        let read = stdin.lock().read_line(&mut line);
        tcsetattr(&stdin, OptionalActions::Flush, &shown).map_err(io::Error::from)?;
        writeln!(err)?;
        read?;
    } else {
        stdin.lock().read_line(&mut line)?;
    }
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::Usage("there is no password; type it, or give it on standard input".to_owned()));
    }
    Ok(Secret::new(password))
}
