//! How far an import is: a bar in a terminal, a line now and then elsewhere.

use super::console::Console;
use indicatif::ProgressBar;
use std::io::{IsTerminal as _, stderr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How often a line is written where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);

/// Counts what is read and what is judged, which happens at the same time on different threads.
pub struct Progress {
    console: Console,
    bar: ProgressBar,
    files: usize,
    is_judging: bool,
    read: AtomicUsize,
    judged: AtomicUsize,
    last_line: Option<Mutex<Instant>>,
}

impl Progress {
    /// Of this many files; each is read and, where `is_judging`, judged.
    pub fn new(console: &Console, files: usize, is_judging: bool) -> Self {
        let steps = if is_judging { 2 * files } else { files };
        Self {
            bar: console.progress_told(steps as u64),
            console: console.clone(),
            files,
            is_judging,
            read: AtomicUsize::new(0),
            judged: AtomicUsize::new(0),
            last_line: (!stderr().is_terminal()).then(|| Mutex::new(Instant::now())),
        }
    }

    /// A file was read, or cannot be.
    pub fn read(&self) {
        self.read.fetch_add(1, Ordering::Relaxed);
        self.show();
    }

    /// A file was judged, or need not be.
    pub fn judged(&self) {
        if self.is_judging {
            self.judged.fetch_add(1, Ordering::Relaxed);
            self.show();
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self) {
        let (read, judged) = (self.read.load(Ordering::Relaxed), self.judged.load(Ordering::Relaxed));
        let told = told(read, judged, self.files, self.is_judging);
        if let Some(last) = &self.last_line
            && let Ok(mut last) = last.lock()
            && last.elapsed() > EVERY
        {
            *last = Instant::now();
            self.console.note(&told);
        }
        self.bar.set_message(told);
        self.bar.set_position((read + judged) as u64);
    }
}

fn told(read: usize, judged: usize, files: usize, is_judging: bool) -> String {
    if is_judging {
        format!("{read} of {files} files read, {judged} done")
    } else {
        format!("{read} of {files} files read")
    }
}
