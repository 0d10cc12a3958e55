//! `sideline import-deals`: deals, e-mails and links out of files.

use super::app::{App, actor, block_on};
use super::console::{Console, stdout, write_json};
use super::{Failure, Status};
use deals::{Brought, DealError, FileKind, What};
use serde::Serialize;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

/// `sideline import-deals`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each file is taken in whole or not at all, deals before e-mails before links; what was brought in before under the same id is replaced. Calls find their \
deals by mail domains and dates where no file of links says better.

Columns of a CSV, or names of a JSON list of objects:
  deals   id, name, stage; account, account_domain, owner, status, stage_since, product, segment, amount, currency, close_date, opened_at, closed_at,
          health, gong_opportunity_id; what else there is, is kept beside
  emails  id, sender, sent_at; opportunity_id, recipients, subject, body, incoming
  links   call_id, opportunity_id

Examples:
  sideline import-deals --deals deals.csv
  sideline import-deals --deals deals.json --emails emails.json --links links.csv")]
#[group(required = true, multiple = true)]
pub struct Args {
    /// Deals, as CSV or JSON
    #[arg(long, value_name = "FILE")]
    deals: Option<PathBuf>,
    /// E-mails, as CSV or JSON
    #[arg(long, value_name = "FILE")]
    emails: Option<PathBuf>,
    /// Which call belongs to which deal, as CSV or JSON
    #[arg(long, value_name = "FILE")]
    links: Option<PathBuf>,
}

#[derive(Serialize)]
struct Taken {
    file: String,
    what: What,
    #[serde(flatten)]
    brought: Brought,
}

/// A list begins with a bracket; names of columns do not.
fn kind(bytes: &[u8]) -> FileKind {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[' | b'{') => FileKind::Json,
        _ => FileKind::Csv,
    }
}

/// Takes the files in, and brings deals up to date with them.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        let files = [(What::Opportunities, &args.deals), (What::Emails, &args.emails), (What::Links, &args.links)];
        let mut out = stdout();
        for (what, path) in files.into_iter().filter_map(|(what, path)| Some((what, path.as_ref()?))) {
            let file = path.display().to_string();
            let bytes = fs::read(path).map_err(|error| Failure::Usage(format!("{file}: {error}")))?;
            let brought = match deals::bring(&app.deals, &actor(), what, kind(&bytes), &bytes).await {
                Ok(brought) => brought,
                Err(DealError::File(wrong)) => {
                    for why in wrong {
                        console.error(&format!("{file}: {why}"));
                    }
                    return Err(Failure::Usage(format!("{file}: nothing of it was taken in")));
                }
                Err(error) => return Err(error.into()),
            };
            if json {
                write_json(&mut out, &Taken { file, what, brought }, false)?;
            } else {
                let Brought { rows, new } = brought;
                console.note(&format!("{file}: {new} new of {rows}"));
            }
        }
        deals::catch_up(&app.deals).await?;
        out.flush()?;
        app.db.close().await;
        Ok(Status::Done)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_json_and_all_else_is_csv() {
        for list in ["[]", "\u{feff}\n [{\"id\": 1}]", "{}"] {
            assert_eq!(kind(list.as_bytes()), FileKind::Json, "{list}");
        }
        for table in ["id,name\n", "\u{feff}id\n", ""] {
            assert_eq!(kind(table.as_bytes()), FileKind::Csv, "{table}");
        }
    }
}
