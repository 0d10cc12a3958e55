//! `cargo xtask eval winners`: what the comparison of won and lost deals finds in synthetic worlds of which it is known what is to be found.

use crate::tools::{Workspace, run as run_command};
use anyhow::{Result, bail};
use rubric::Rubric;
use signals::labels::Labeler;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use synth::deals::{Outcome, PLANTED, WorldOptions, outline};
use winners::features::{Feature, Kind, average, features, of_judged};
use winners::top::wilson;
use winners::{Comparison, Deal, Difference, compare};

/// Worlds with the plant, and as many without.
const WORLDS: usize = 100;
/// The same where only a glance is wanted.
const QUICK: usize = 10;
/// Deals a world, open ones included: what it takes to find what is planted with [`POWER`].
const DEALS: u32 = 200;
/// Share of the worlds in which what is planted is to be found.
const POWER: f64 = 0.8;
/// Share of the worlds without a plant in which anything may be found.
const FALSE_WORLDS: f64 = 0.05;
/// A mean difference over all worlds that is more of its standard errors than this is no chance.
const NO_CHANCE: f64 = 4.0;

/// What to measure.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Ten worlds of each kind, which is too few to pass or fail.
    #[arg(long)]
    quick: bool,
    /// Deals a world, open ones included.
    #[arg(long, default_value_t = DEALS)]
    deals: u32,
}

/// What came out of one world.
struct Outcomes {
    compared: Vec<Comparison>,
    won: usize,
    lost: usize,
    calls: usize,
}

impl Outcomes {
    fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.compared.iter().filter_map(|comparison| comparison.result.as_ref().ok())
    }
}

/// Measures and prints.
///
/// # Errors
/// When something planted is found too rarely, or something is found too often where nothing is planted.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if cfg!(debug_assertions) {
        let mut command = workspace.cargo(["run", "--quiet", "--release", "--package", "xtask", "--", "eval"]);
        return run_command(command.args(std::env::args_os().skip(2)));
    }
    let rubric = rubric::builtin().into_iter().find(|rubric| rubric.id == "default").expect("it is built in");
    let features = features(&rubric);
    let worlds = if options.quick { QUICK } else { WORLDS };
    let with_deals = |world: WorldOptions| WorldOptions { deals: options.deals, ..world };
    let began = Instant::now();
    let measure = |make: fn(u64) -> WorldOptions| -> Vec<Outcomes> {
        parallel(worlds, |world| outcomes(&with_deals(make(world as u64 + 1)), &rubric, &features))
    };
    let planted = measure(|seed| WorldOptions { seed, ..WorldOptions::default() });
    let empty = measure(WorldOptions::null);

    let weak = show_planted(&planted, &features);
    show_unplanted(&planted, &features);
    let false_worlds = show_empty(&empty, &features);
    println!("\n{:.0} s", began.elapsed().as_secs_f64());
    if options.quick {
        println!("too few worlds to pass or fail");
        return Ok(());
    }
    let mut missed = Vec::new();
    if !weak.is_empty() {
        missed.push(format!("found in fewer than {:.0} % of the worlds: {}", 100.0 * POWER, weak.join(", ")));
    }
    if false_worlds as f64 > FALSE_WORLDS * worlds as f64 {
        missed.push(format!("something was found in {false_worlds} of {worlds} worlds in which nothing is planted"));
    }
    if !missed.is_empty() {
        bail!("{}", missed.join("\n"));
    }
    Ok(())
}

/// Does `work` for 0 to `n`, on all processors; the results are in order.
fn parallel<T: Send>(n: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(n));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= n {
                        break;
                    }
                    let result = work(index);
                    done.lock().expect("no thread panics while it holds the lock").push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no thread panics while it holds the lock");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Makes a world, judges the calls of its closed deals by the offline analyst, and compares.
fn outcomes(options: &WorldOptions, rubric: &Rubric, features: &[Feature]) -> Outcomes {
    let world = outline(options);
    let labeler = Labeler::builtin();
    let mut by_deal: Vec<Vec<Vec<Option<f64>>>> = vec![Vec::new(); world.deals.len()];
    let mut calls = 0;
    for number in 0..world.len() {
        let is_closed = world.when(number).is_some_and(|(deal, _)| world.deals[deal].outcome != Outcome::Open);
        let Some(made) = is_closed.then(|| world.call(number)).flatten() else { continue };
        let (dimensions, metrics) = rubric::analyst::judge_checks(&made.call.transcript, rubric, labeler);
        by_deal[made.deal].push(of_judged(features, &dimensions, &metrics));
        calls += 1;
    }
    let deals: Vec<Deal> = world
        .deals
        .iter()
        .zip(&by_deal)
        .filter(|(deal, calls)| deal.outcome != Outcome::Open && !calls.is_empty())
        .map(|(deal, calls)| Deal { rep: deal.rep, won: deal.outcome == Outcome::Won, values: average(calls) })
        .collect();
    let won = deals.iter().filter(|deal| deal.won).count();
    Outcomes { compared: compare(&deals), won, lost: deals.len() - won, calls }
}

/// Mean, and its standard error.
fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

fn mean_of(worlds: &[Outcomes], count: impl Fn(&Outcomes) -> usize) -> f64 {
    worlds.iter().map(count).sum::<usize>() as f64 / worlds.len() as f64
}

fn differences(worlds: &[Outcomes], feature: usize) -> Vec<&Difference> {
    worlds.iter().filter_map(|world| world.compared.get(feature)?.result.as_ref().ok()).collect()
}

fn share(part: usize, all: usize) -> String {
    let (low, high) = wilson(part, all);
    let percent = |share: f64| 100.0 * share;
    let point = if all == 0 { 0.0 } else { part as f64 / all as f64 };
    format!("{part} of {all} ({:.1} %, 95 % interval {:.1} to {:.1} %)", percent(point), percent(low), percent(high))
}

/// Prints what became of what is planted; returns the ids of what was found too rarely.
fn show_planted(worlds: &[Outcomes], features: &[Feature]) -> Vec<String> {
    println!(
        "{} worlds with the plant: {:.0} won and {:.0} lost deals with {:.1} calls each, on average",
        worlds.len(),
        mean_of(worlds, |world| world.won),
        mean_of(worlds, |world| world.lost),
        mean_of(worlds, |world| world.calls) / mean_of(worlds, |world| world.won + world.lost),
    );
    println!(
        "\n{:<24} {:>5} {:>5} {:>6} {:>6} {:>10} {:>10} {:>6}",
        "planted (a call)", "won", "lost", "n won", "n lost", "difference", "± (95 %)", "power"
    );
    let mut weak = Vec::new();
    for plant in PLANTED {
        let id = plant.behaviour.check();
        let kind = if plant.behaviour.is_metric() { Kind::Metric } else { Kind::Check };
        let Some(at) = features.iter().position(|feature| feature.id == id && feature.kind == kind) else {
            weak.push(id.to_owned());
            continue;
        };
        let differences = differences(worlds, at);
        let sign = (plant.won - plant.lost).signum();
        let found = differences.iter().filter(|d| d.is_found && d.difference * sign > 0.0).count();
        let power = found as f64 / worlds.len() as f64;
        if power < POWER {
            weak.push(id.to_owned());
        }
        let average = |value: fn(&Difference) -> f64| mean(&differences.iter().map(|d| value(d)).collect::<Vec<_>>()).0;
        println!(
            "{id:<24} {:>5.2} {:>5.2} {:>6.1} {:>6.1} {:>10.2} {:>10.2} {:>6.2}",
            plant.won,
            plant.lost,
            mean_of(worlds, |world| world.compared[at].won.deals),
            mean_of(worlds, |world| world.compared[at].lost.deals),
            average(|d| d.difference),
            average(|d| (d.high - d.low) / 2.0),
            power
        );
    }
    weak
}

/// Prints what else was found in the worlds with the plant. What differs in the mean of all worlds by more than chance follows from what is
/// planted, or from reps who do better and win more; what does not was found by chance.
fn show_unplanted(worlds: &[Outcomes], features: &[Feature]) {
    println!("\n{:<34} {:>10} {:>8} {:>9}", "not planted, yet found", "difference", "z", "found in");
    let mut chance = vec![0; worlds.len()];
    for (at, feature) in features.iter().enumerate() {
        if PLANTED.iter().any(|plant| plant.behaviour.check() == feature.id) {
            continue;
        }
        let differences = differences(worlds, at);
        let found = differences.iter().filter(|d| d.is_found).count();
        if found == 0 {
            continue;
        }
        let (difference, error) = mean(&differences.iter().map(|d| d.difference).collect::<Vec<_>>());
        let z = difference / error;
        let by_chance = z.abs() < NO_CHANCE;
        if by_chance {
            for (world, count) in worlds.iter().zip(&mut chance) {
                *count += usize::from(world.compared[at].result.is_ok_and(|d| d.is_found));
            }
        }
        let note = if by_chance { "  by chance" } else { "" };
        println!(
            "{:<34} {difference:>10.2} {z:>8.1} {found:>9}{note}",
            format!("{} {}", feature.kind.as_str(), feature.id)
        );
    }
    let all: Vec<usize> = worlds.iter().map(|world| world.differences().filter(|d| d.is_found).count()).collect();
    let rate = chance.iter().zip(&all).map(|(chance, all)| *chance as f64 / (*all).max(1) as f64).sum::<f64>();
    println!(
        "findings a world: {:.1}, of these by chance (|z| < {NO_CHANCE}): {:.2} %",
        all.iter().sum::<usize>() as f64 / worlds.len() as f64,
        100.0 * rate / worlds.len() as f64
    );
}

/// Prints what was found where there is nothing; returns in how many worlds that was anything.
fn show_empty(worlds: &[Outcomes], features: &[Feature]) -> usize {
    println!(
        "\n{} worlds with nothing planted: {:.0} won and {:.0} lost deals, {:.1} of {} features could be compared, on average",
        worlds.len(),
        mean_of(worlds, |world| world.won),
        mean_of(worlds, |world| world.lost),
        mean_of(worlds, |world| world.differences().count()),
        features.len()
    );
    let tested: Vec<&Difference> = worlds.iter().flat_map(Outcomes::differences).collect();
    let covered = tested.iter().filter(|d| d.low <= 0.0 && 0.0 <= d.high).count();
    println!(
        "intervals that hold nothing: {covered} of {} ({:.1} %)",
        tested.len(),
        100.0 * covered as f64 / tested.len() as f64
    );
    for (at, feature) in features.iter().enumerate() {
        let found = differences(worlds, at).iter().filter(|d| d.is_found).count();
        if found > 0 {
            println!("found by chance in {found}: {} {}", feature.kind.as_str(), feature.id);
        }
    }
    let false_worlds = worlds.iter().filter(|world| world.differences().any(|d| d.is_found)).count();
    println!("worlds in which anything was found: {}", share(false_worlds, worlds.len()));
    false_worlds
}
