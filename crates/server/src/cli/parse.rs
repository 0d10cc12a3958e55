//! `sideline parse`: transcripts read and written.

use super::console::{Console, spread_json, stdout, write_json};
use super::{Failure, Status, each_file, input};
use serde::Serialize;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use transcript::Transcript;
use transcript::write::{Document, to_json, to_srt, to_vtt};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reads WebVTT (also Zoom's and Teams'), SubRip, the JSON of Gong, Deepgram, AWS Transcribe, Fireflies, Whisper and Sideline's own, \
office documents (.docx), tables (CSV), and plain text (also Otter's and Google Meet's); the content decides, not the name.

Examples:
  sideline parse call.vtt                      one JSON object
  sideline parse *.srt | jq .warnings          one JSON object a line
  sideline parse gong.json --to vtt > call.vtt
  sideline parse *.json --to srt --out captions
  cat call.txt | sideline parse -")]
pub struct Args {
    /// Transcripts; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write this format instead; `json` is Sideline's own, which keeps everything
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Option<Target>,
    /// Write a file for each transcript into this directory
    #[arg(long, value_name = "DIR", requires = "to")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Target {
    /// WebVTT
    Vtt,
    /// SubRip
    Srt,
    /// Sideline's own JSON
    Json,
}

impl Target {
    fn extension(self) -> &'static str {
        match self {
            Self::Vtt => "vtt",
            Self::Srt => "srt",
            Self::Json => "json",
        }
    }

    /// The transcript in this format.
    fn write(self, transcript: &Transcript, path: &Path) -> Result<Vec<u8>, Failure> {
        let text = match self {
            Self::Vtt => to_vtt(transcript),
            Self::Srt => to_srt(transcript),
            Self::Json => {
                let mut json = Vec::new();
                write_json(&mut json, &to_json(transcript), true)?;
                return Ok(json);
            }
        };
        text.map(String::into_bytes).map_err(|error| Failure::Failed(format!("{}: {error}", input::name(path))))
    }
}

/// What is printed of a file.
#[derive(Serialize)]
struct Parsed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(flatten)]
    call: Document<'a>,
}

/// Reads the files and prints or writes them.
pub fn run(args: &Args, console: &Console) -> Result<Status, Failure> {
    if args.to.is_some() && args.out.is_none() && args.files.len() > 1 {
        return Err(Failure::Usage(
            "several transcripts cannot share one output; say --out DIR to get a file each".to_owned(),
        ));
    }
    if let Some(dir) = &args.out {
        fs::create_dir_all(dir)
            .map_err(|error| Failure::Failed(format!("{}: the directory cannot be made: {error}", dir.display())))?;
    }
    let mut out = stdout();
    let mut written: Vec<PathBuf> = Vec::new();
    each_file(console, &args.files, |path| {
        let transcript = input::load(path)?;
        match (args.to, &args.out) {
            (None, _) => {
                let file = (args.files.len() > 1).then(|| input::name(path));
                write_json(&mut out, &Parsed { file, call: to_json(&transcript) }, spread_json(args.files.len()))?;
            }
            (Some(target), None) => out.write_all(&target.write(&transcript, path)?)?,
            (Some(target), Some(dir)) => write_into(dir, path, target, &transcript, &mut written)?,
        }
        // Errors of the next file come after what was printed of this one.
        out.flush()?;
        Ok(())
    })
}

fn write_into(
    dir: &Path,
    source: &Path,
    target: Target,
    transcript: &Transcript,
    written: &mut Vec<PathBuf>,
) -> Result<(), Failure> {
    let path = input::output_path(dir, source, target.extension());
    input::refuse_overwrite(&path, source, written)?;
    fs::write(&path, target.write(transcript, source)?)
        .map_err(|error| Failure::Failed(format!("{}: cannot be written: {error}", path.display())))?;
    written.push(path);
    Ok(())
}
