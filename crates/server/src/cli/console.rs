//! Standard output and standard error: colour, buffering, messages.

use crate::render::words::plain;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

const BUFFER: usize = 1 << 16;
/// Width of lines where no terminal says otherwise, and the bounds within which a terminal may.
const WIDTH: usize = 80;
const WIDTH_MIN: usize = 60;
const WIDTH_MAX: usize = 100;

/// The values of `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// Where the terminal allows.
    Auto,
    /// Also in files and pipes.
    Always,
    /// Nowhere.
    Never,
}

/// Where output goes and how it may look.
#[derive(Debug, Clone)]
pub struct Console {
    color: ColorChoice,
    quiet: bool,
}

impl Console {
    /// A console for the process's own streams.
    pub fn new(color: Color, quiet: bool) -> Self {
        let color = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { color, quiet }
    }

    /// Standard output for text with colour, which is taken out where it is not wanted.
    pub fn styled(&self) -> impl Write + use<> {
        BufWriter::with_capacity(BUFFER, AutoStream::new(io::stdout().lock(), self.color))
    }

    /// Columns to wrap text at.
    pub fn width() -> usize {
        if !io::stdout().is_terminal() {
            return WIDTH;
        }
        terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0).clamp(WIDTH_MIN, WIDTH_MAX))
    }

    /// A bar for `count` of `what`. Standard error shows nothing of it where it is no terminal.
    pub fn progress(&self, count: u64, what: &str) -> ProgressBar {
        self.bar(count, &format!("{{bar:32}} {{pos}} of {{len}} {what}, {{eta}} left"))
    }

    /// A bar of `count` steps that says beside it what its message is.
    pub fn progress_told(&self, count: u64) -> ProgressBar {
        self.bar(count, "{bar:24} {msg}, {eta} left")
    }

    fn bar(&self, count: u64, template: &str) -> ProgressBar {
        let target = if self.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style =
            ProgressStyle::with_template(template).expect("the template is made of constants").progress_chars("━╸─");
        ProgressBar::with_draw_target(Some(count), target).with_style(style)
    }

    /// Tells an error: `sideline: call.vtt: line 3: …`.
    pub fn error(&self, message: &impl Display) {
        self.tell(AnsiColor::Red.on_default().bold(), message);
    }

    /// Tells something that is no error.
    pub fn note(&self, message: &impl Display) {
        if !self.quiet {
            self.tell(Style::new().dimmed(), message);
        }
    }

    fn tell(&self, style: Style, message: &impl Display) {
        let mut stderr = AutoStream::new(io::stderr().lock(), self.color);
        let message = message.to_string();
        // Nobody is left to tell when standard error itself is closed.
        let _ = writeln!(
            stderr,
            "{style}sideline:{style:#} {}",
            message.split('\n').map(plain).collect::<Vec<_>>().join("\n")
        );
    }
}

/// Standard output for bytes as they are.
pub fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(BUFFER, io::stdout().lock())
}

/// Writes a value as JSON and ends the line; spread over lines where a person reads along.
pub fn write_json(out: &mut impl Write, value: &impl Serialize, spread: bool) -> io::Result<()> {
    if spread {
        serde_json::to_writer_pretty(&mut *out, value)?;
    } else {
        serde_json::to_writer(&mut *out, value)?;
    }
    out.write_all(b"\n")
}

/// Whether JSON on standard output is for a person's eyes.
pub fn spread_json(files: usize) -> bool {
    files == 1 && io::stdout().is_terminal()
}
