//! A server as a process of its own, on a port of its own: started, watched, ended.

use crate::http;
use anyhow::{Context as _, Result};
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to get ready.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long it may take to end when its input ends.
const FAREWELL: Duration = Duration::from_secs(5);
/// Ticks of a second in which Linux tells the time of processors to programs, on every machine (`USER_HZ`).
const TICKS: f64 = 100.0;

/// A running server; ended when dropped.
pub struct Served {
    child: Child,
    /// Where it answers.
    pub address: SocketAddr,
    /// From its start until it said that it is ready.
    pub ready: Duration,
}

impl Served {
    /// `sideline serve` on the installation that the command is for, without limits of rates.
    ///
    /// # Errors
    /// When it does not get ready.
    pub fn sideline(mut command: Command) -> Result<Self> {
        let address = free()?;
        command.arg("serve").env("SIDELINE_LISTEN", address.to_string());
        command.env("SIDELINE_RATE_LIMIT", "0").env("SIDELINE_RATE_LIMIT_ADDRESS", "0");
        Self::start(&mut command, address, "/health/ready")
    }

    /// Starts a server that will listen at `address`. The end of its input is to be its end.
    ///
    /// # Errors
    /// When it does not get ready.
    pub fn start(command: &mut Command, address: SocketAddr, ready: &str) -> Result<Self> {
        let start = Instant::now();
        let child =
            command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context("the server cannot be started")?;
        let mut served = Self { child, address, ready: Duration::ZERO };
        let child = &mut served.child;
        http::wait_until_ready(address, ready, PATIENCE, || matches!(child.try_wait(), Ok(None)))?;
        served.ready = start.elapsed();
        Ok(served)
    }

    /// Seconds of processor time that it and its children have used.
    ///
    /// # Errors
    /// When it has ended.
    pub fn cpu_seconds(&self) -> Result<f64> {
        let mut seconds = 0.0;
        for process in family(self.child.id())? {
            seconds += cpu_ticks(&process.1).context("no times of a process")? / TICKS;
        }
        Ok(seconds)
    }

    /// Its resident memory in MB.
    ///
    /// # Errors
    /// When it has ended.
    pub fn resident_mb(&self) -> Result<f64> {
        resident_mb(self.child.id())
    }
}

/// The resident memory of a process in MB.
///
/// # Errors
/// When it has ended.
pub fn resident_mb(process: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    Ok(line.and_then(|kb| kb.trim().parse::<f64>().ok()).context("no VmRSS")? / 1e3)
}

impl Drop for Served {
    fn drop(&mut self) {
        // Who has children ends them when its input ends; who does not look at its input is killed.
        let family = family(self.child.id()).unwrap_or_default();
        drop(self.child.stdin.take());
        let start = Instant::now();
        while family.len() > 1 && start.elapsed() < FAREWELL && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of this machine that nobody else has.
///
/// # Errors
/// When there is none.
pub fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A process and all that descend from it: ids and `/proc/ID/stat`.
fn family(root: u32) -> Result<Vec<(u32, String)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // Some end while they are looked at.
        if let Ok(stat) = fs::read_to_string(entry.path().join("stat")) {
            all.push((id, stat));
        }
    }
    // Children have higher numbers than their parents almost always; where numbers begin anew, another round finds them.
    let mut ours = vec![root];
    loop {
        let more: Vec<u32> = all
            .iter()
            .filter(|(id, stat)| !ours.contains(id) && parent(stat).is_some_and(|parent| ours.contains(&parent)))
            .map(|(id, _)| *id)
            .collect();
        if more.is_empty() {
            break;
        }
        ours.extend(more);
    }
    all.retain(|(id, _)| ours.contains(id));
    anyhow::ensure!(!all.is_empty(), "the server has ended");
    Ok(all)
}

/// The fields behind the name, which may hold anything, in brackets; the first is the third of proc(5).
fn fields(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace()
}

fn parent(stat: &str) -> Option<u32> {
    fields(stat).nth(1)?.parse().ok()
}

/// In user and system mode, fields 14 and 15; of children that have ended, 16 and 17.
fn cpu_ticks(stat: &str) -> Option<f64> {
    let ticks: Vec<f64> = fields(stat).skip(11).take(4).filter_map(|ticks| ticks.parse().ok()).collect();
    (ticks.len() == 4).then(|| ticks.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_behind_a_name_that_may_hold_anything() {
        let stat = "42 (a ) b) S 7 42 42 0 -1 4194304 1 2 3 4 100 20 3 1 20 0 4 0 12345";
        assert_eq!(parent(stat), Some(7));
        assert!((cpu_ticks(stat).unwrap() - 124.0).abs() < f64::EPSILON);
    }

    #[test]
    fn children_of_children_belong_to_the_family() {
        let mut child = Command::new("sh").args(["-c", "sleep 5 & sleep 5; true"]).spawn().unwrap();
        let start = Instant::now();
        while family(child.id()).unwrap().len() < 3 {
            assert!(start.elapsed() < Duration::from_secs(4), "{:?}", family(child.id()));
        }
        assert!(family(std::process::id()).unwrap().len() >= 4);
        for (id, _) in family(child.id()).unwrap() {
            let _ = Command::new("kill").arg(id.to_string()).status();
        }
        child.wait().unwrap();
    }
}
