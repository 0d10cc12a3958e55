//! `sideline rubric`: list, show, check, schema; and finding the rubric that `--rubric` names.

use super::console::{Console, spread_json, stdout, write_json};
use super::{Failure, Status, each_file, input};
use crate::render::text;
use rubric::{Rubric, builtin, json_schema};
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
A rubric is a YAML file of dimensions and checks. To write your own, begin with a copy (JSON is YAML as well):

Examples:
  sideline rubric show default --json > mine.yaml
  sideline rubric check mine.yaml
  sideline report call.vtt --rubric mine.yaml")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The rubrics that are built in
    List,
    /// One rubric with its dimensions and checks
    Show {
        /// The id of a built-in rubric, or a file
        #[arg(value_name = "ID|FILE")]
        rubric: String,
    },
    /// Check rubric files; mistakes name file, line and key
    Check {
        /// Rubric files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// The JSON Schema of rubric files, for editors
    Schema,
}

/// Lists, shows or checks rubrics.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    match &args.action {
        Action::List if json => {
            let mut out = stdout();
            let list: Vec<_> = builtin()
                .iter()
                .map(|r| serde_json::json!({ "id": r.id, "name": r.name, "version": r.version, "description": r.description, "dimensions": r.dimensions.len(), "checks": checks(r) }))
                .collect();
            write_json(&mut out, &list, true)?;
            out.flush()?;
        }
        Action::List => {
            let mut out = console.styled();
            text::rubrics(&mut out, &builtin(), Console::width())?;
            out.flush()?;
        }
        Action::Show { rubric } => {
            let rubric = find(rubric)?;
            if json {
                let mut out = stdout();
                write_json(&mut out, &rubric, true)?;
                out.flush()?;
            } else {
                let mut out = console.styled();
                text::rubric(&mut out, &rubric, Console::width())?;
                out.flush()?;
            }
        }
        Action::Check { files } => return check(files, console, json),
        Action::Schema => {
            let mut out = stdout();
            write_json(&mut out, &json_schema(), true)?;
            out.flush()?;
        }
    }
    Ok(Status::Done)
}

fn checks(rubric: &Rubric) -> usize {
    rubric.dimensions.iter().map(|d| d.checks.len()).sum()
}

/// Mistakes go to standard error as they do everywhere; with `--json` each file has its line on standard output.
fn check(files: &[PathBuf], console: &Console, json: bool) -> Result<Status, Failure> {
    let mut out = stdout();
    each_file(console, files, |path| {
        let result = load(path);
        if json {
            let error = result.as_ref().err().map(ToString::to_string);
            write_json(
                &mut out,
                &serde_json::json!({ "file": input::name(path), "ok": error.is_none(), "error": error }),
                spread_json(files.len()),
            )?;
        } else if let Ok(rubric) = &result {
            writeln!(
                out,
                "{}: {} version {}, {} dimensions, {} checks",
                input::name(path),
                rubric.id,
                rubric.version,
                rubric.dimensions.len(),
                checks(rubric)
            )?;
        }
        out.flush()?;
        result.map(|_| ())
    })
}

/// The rubric with this id, or the one in this file.
///
/// # Errors
/// [`Failure::Usage`] when it is neither; [`Failure::Failed`] when the file is no rubric.
pub fn find(id_or_file: &str) -> Result<Rubric, Failure> {
    let built_in = builtin();
    let ids: Vec<String> = built_in.iter().map(|r| r.id.clone()).collect();
    if let Some(rubric) = built_in.into_iter().find(|r| r.id == id_or_file) {
        return Ok(rubric);
    }
    let path = Path::new(id_or_file);
    let names_file = path.extension().is_some() || path.components().count() > 1 || path.exists();
    if names_file {
        load(path)
    } else {
        Err(Failure::Usage(format!(
            "there is no rubric \"{id_or_file}\"; built in are {}, or name a YAML file",
            ids.join(", ")
        )))
    }
}

/// Reads a rubric file; a mistake reads `FILE:LINE: what`.
fn load(path: &Path) -> Result<Rubric, Failure> {
    let name = input::name(path);
    let yaml = String::from_utf8(input::read(path)?)
        .map_err(|_| Failure::Failed(format!("{name}: the file is not UTF-8 text; a rubric in YAML was expected")))?;
    Rubric::from_yaml(&yaml).map_err(|error| Failure::Failed(locate(&name, &error.to_string())))
}

/// Puts the line in front, where editors look for it: `FILE:LINE: what`, with the column where there is one.
pub fn locate(file: &str, message: &str) -> String {
    // The YAML reader shows the place in further lines; the first says everything.
    let message = message.lines().next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    match message.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((place, what)) => format!("{file}:{}: {what}", place.replace(" column ", ":")),
        None => format!("{file}: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::locate;

    #[test]
    fn mistakes_begin_with_file_and_line() {
        assert_eq!(locate("r.yaml", "line 9: `weight: -3` is wrong"), "r.yaml:9: `weight: -3` is wrong");
        assert_eq!(
            locate("r.yaml", "error: line 9 column 5: unknown field `x`\n --> <input>:9:5"),
            "r.yaml:9:5: unknown field `x`"
        );
        assert_eq!(locate("r.yaml", "it ends early"), "r.yaml: it ends early");
    }
}
