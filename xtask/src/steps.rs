//! A run of checks: a heading and a time each, and a table at the end.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// The steps done so far. A failed step does not stop the others: one run shows all there is to mend.
#[derive(Default)]
pub struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: &'static str,
    took: Duration,
    passed: bool,
}

impl Steps {
    /// Runs one step under its heading and prints its error, if any.
    pub fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) {
        println!("\n==> {name}");
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        if let Err(error) = &result {
            eprintln!("error: {error:#}");
        }
        println!("    {} after {:.1} s", if result.is_ok() { "ok" } else { "FAILED" }, took.as_secs_f64());
        self.done.push(Step { name, took, passed: result.is_ok() });
    }

    /// Prints the table.
    ///
    /// # Errors
    /// When a step failed; names all that did.
    pub fn finish(self) -> Result<()> {
        println!();
        for Step { name, took, passed } in &self.done {
            println!("{:6} {:6.1} s  {name}", if *passed { "ok" } else { "FAILED" }, took.as_secs_f64());
        }
        let failed: Vec<&str> = self.done.iter().filter(|step| !step.passed).map(|step| step.name).collect();
        if !failed.is_empty() {
            bail!("{} of {} steps failed: {}", failed.len(), self.done.len(), failed.join(", "));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_runs_and_the_failed_ones_are_named() {
        let mut steps = Steps::default();
        let mut ran = 0;
        steps.step("first", || {
            ran += 1;
            bail!("broken")
        });
        steps.step("second", || {
            ran += 1;
            Ok(())
        });
        assert_eq!(ran, 2);
        assert_eq!(steps.finish().unwrap_err().to_string(), "1 of 2 steps failed: first");
    }

    #[test]
    fn all_passed_is_a_success() {
        let mut steps = Steps::default();
        steps.step("only", || Ok(()));
        assert!(steps.finish().is_ok());
    }
}
