//! Which interval is honest where reps are few: `cargo run --release -p winners --example methods [WORLDS] [DRAWS]`.
//!
//! Makes teams whose deals are won by chance alone, with what real teams have: reps who differ in all they do, who close unequal numbers of
//! deals and win unequal shares of them, values between 0 and 1 that lie near an end, skewed measures, more calls in won deals. Prints for each
//! method how often 95 % intervals cover what is true of all such teams, and in how many worlds anything at all is found among 40 features.

#![expect(clippy::print_stdout, reason = "a program for the terminal of whoever checks the method")]

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use winners::adjust::benjamini_hochberg;
use winners::clustered::{Cluster, Sum, estimate};
use winners::student::two_sided_p;

/// Checks, whose values are shares, and metrics.
const CHECKS: usize = 22;
const FEATURES: usize = 40;
/// Deals a side below which no world counts.
const MIN_DEALS: usize = 30;
const METHODS: [&str; 7] =
    ["percentile", "bootstrap-t", "boot SE,G-1", "CR1,G-1", "CR2,G-1", "CR3,G-1", "CR2,Satterth"];

/// What a team is like.
#[derive(Clone, Copy)]
struct Team {
    reps: usize,
    deals: usize,
    /// SD of the logarithm of how many deals each rep closes.
    uneven: f64,
    /// SD of the log-odds at which reps win.
    winning: f64,
    /// Correlation of these with the rep's skill.
    linked: f64,
    /// SD of what reps do, in log-odds.
    spread: f64,
    /// One rep in eight is unlike all others.
    outlier: bool,
    /// What is planted in every feature: log-odds of checks, SD of metrics.
    effect: f64,
}

struct World {
    rep: Vec<usize>,
    won: Vec<bool>,
    values: Vec<Vec<f64>>,
}

/// A draw from the standard normal distribution, by Box and Muller.
fn normal(dice: &mut Pcg64Mcg) -> f64 {
    let (radius, angle): (f64, f64) = (1.0 - dice.random::<f64>(), dice.random());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn pick(n: usize, dice: &mut Pcg64Mcg) -> usize {
    (dice.next_u64() % n as u64) as usize
}

/// Log-odds of check `feature` of a middling rep: from 3 % to 97 %.
fn base(feature: usize) -> f64 {
    -3.5 + 7.0 * feature as f64 / (CHECKS - 1) as f64
}

impl Team {
    /// Skill and win rate of a rep.
    fn rep(&self, dice: &mut Pcg64Mcg) -> (f64, f64) {
        let mut skill = normal(dice);
        let rest = (1.0 - self.linked * self.linked).sqrt();
        let rate = logistic(-0.2 + self.winning * (self.linked * skill + rest * normal(dice)));
        if self.outlier && pick(8, dice) == 0 {
            skill += 4.0;
        }
        (skill, rate)
    }

    /// What a rep of this skill does of one feature.
    fn habit(&self, skill: f64, dice: &mut Pcg64Mcg) -> f64 {
        self.spread * std::f64::consts::FRAC_1_SQRT_2 * (skill + normal(dice))
    }

    /// The value of a call.
    fn value(&self, feature: usize, habit: f64, form: f64, won: bool, dice: &mut Pcg64Mcg) -> f64 {
        let effect = if won { self.effect } else { 0.0 };
        if feature < CHECKS {
            let p = logistic(base(feature) + habit + 0.5 * form + effect);
            return f64::from(u8::from(dice.random::<f64>() < p));
        }
        let noise = if feature.is_multiple_of(2) { (0.8 * normal(dice)).exp() } else { normal(dice) };
        noise + 0.6 * habit + 0.3 * form + effect
    }

    fn world(&self, dice: &mut Pcg64Mcg) -> World {
        let reps: Vec<(f64, f64)> = (0..self.reps).map(|_| self.rep(dice)).collect();
        let sizes: Vec<f64> = reps.iter().map(|_| (self.uneven * normal(dice)).exp()).collect();
        let mut deals = Vec::new();
        for _ in 0..self.deals {
            let mut at = dice.random::<f64>() * sizes.iter().sum::<f64>();
            let rep = sizes.iter().position(|size| {
                at -= size;
                at < 0.0
            });
            let rep = rep.unwrap_or(self.reps - 1);
            let won = dice.random::<f64>() < reps[rep].1;
            let calls = if won { 2 + pick(4, dice) } else { 1 + pick(4, dice) };
            deals.push((rep, won, calls, normal(dice)));
        }
        let mut values = Vec::new();
        for feature in 0..FEATURES {
            let habits: Vec<f64> = reps.iter().map(|(skill, _)| self.habit(*skill, dice)).collect();
            let mut column = Vec::new();
            for (rep, won, calls, form) in &deals {
                let sum: f64 = (0..*calls).map(|_| self.value(feature, habits[*rep], *form, *won, dice)).sum();
                column.push(sum / *calls as f64);
            }
            values.push(column);
        }
        World { rep: deals.iter().map(|d| d.0).collect(), won: deals.iter().map(|d| d.1).collect(), values }
    }

    /// The difference that a team of very many such reps would have, by feature.
    fn truth(&self, dice: &mut Pcg64Mcg) -> Vec<f64> {
        if self.effect.abs() + self.linked.abs() < 1e-9 {
            return vec![0.0; FEATURES];
        }
        let mut sums = vec![[0.0; 4]; FEATURES];
        for _ in 0..40_000 {
            let (skill, rate) = self.rep(dice);
            for (feature, sum) in sums.iter_mut().enumerate() {
                let (habit, form) = (self.habit(skill, dice), normal(dice));
                let expected = |effect: f64| {
                    if feature < CHECKS {
                        logistic(base(feature) + habit + 0.5 * form + effect)
                    } else {
                        0.6 * habit + effect
                    }
                };
                sum[0] += rate;
                sum[1] += rate * expected(self.effect);
                sum[2] += 1.0 - rate;
                sum[3] += (1.0 - rate) * expected(0.0);
            }
        }
        sums.iter().map(|sum| sum[1] / sum[0] - sum[3] / sum[2]).collect()
    }
}

fn clusters(world: &World, values: &[f64], reps: usize) -> Vec<Cluster> {
    let mut clusters = vec![Cluster::default(); reps];
    for (deal, value) in values.iter().enumerate() {
        let cluster = &mut clusters[world.rep[deal]];
        if world.won[deal] { cluster.won.add(*value) } else { cluster.lost.add(*value) }
    }
    clusters.retain(|cluster| cluster.won.n + cluster.lost.n > 0);
    clusters
}

fn mean(sums: impl Iterator<Item = Sum>) -> (f64, f64) {
    let (n, total) = sums.fold((0, 0.0), |(n, total), sum| (n + sum.n, total + sum.total));
    (n as f64, total / n as f64)
}

/// Standard errors CR1 and CR3 (the jackknife).
fn others(clusters: &[Cluster]) -> [f64; 2] {
    let (won, lost) = (mean(clusters.iter().map(|c| c.won)), mean(clusters.iter().map(|c| c.lost)));
    let score = |sum: Sum, (n, mean): (f64, f64), power: i32| {
        (sum.total - sum.n as f64 * mean) / (n * (1.0 - sum.n as f64 / n).powi(power))
    };
    let variance = |power| -> f64 {
        clusters.iter().map(|c| (score(c.won, won, power) - score(c.lost, lost, power)).powi(2)).sum()
    };
    let (g, n) = (clusters.len() as f64, won.0 + lost.0);
    [(variance(0) * g / (g - 1.0) * (n - 1.0) / (n - 2.0)).sqrt(), (variance(1) * (g - 1.0) / g).sqrt()]
}

/// p of "the difference is `truth`" by each method; `None` where there is nothing to test.
fn p_values(clusters: &[Cluster], truths: [f64; 2], draws: usize, dice: &mut Pcg64Mcg) -> Option<[[f64; 2]; 7]> {
    let ours = estimate(clusters).filter(|e| e.standard_error > 1e-12)?;
    let difference = ours.won - ours.lost;
    let df = clusters.len() as f64 - 1.0;
    let mut p = [[1.0; 2]; 7];
    let by_t = |se: f64, df: f64| truths.map(|truth| two_sided_p((difference - truth) / se, df));
    if draws > 0 {
        let (mut drawn, mut studentised) = (Vec::new(), Vec::new());
        for _ in 0..draws {
            let again: Vec<Cluster> = clusters.iter().map(|_| clusters[pick(clusters.len(), dice)]).collect();
            let (won, lost) = (mean(again.iter().map(|c| c.won)), mean(again.iter().map(|c| c.lost)));
            if (won.1 - lost.1).is_finite() {
                drawn.push(won.1 - lost.1);
            }
            if let Some(e) = estimate(&again).filter(|e| e.standard_error > 1e-12) {
                studentised.push((e.won - e.lost - difference) / e.standard_error);
            }
        }
        let tail = |draws: &[f64], at: f64| {
            let low = draws.iter().filter(|draw| **draw <= at).count();
            (2.0 * (low.min(draws.len() - low) as f64 + 1.0) / (draws.len() as f64 + 1.0)).min(1.0)
        };
        p[0] = truths.map(|truth| tail(&drawn, truth));
        p[1] = truths.map(|truth| tail(&studentised, (difference - truth) / ours.standard_error));
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let se = (drawn.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (drawn.len() as f64 - 1.0)).sqrt();
        p[2] = by_t(se, df);
    }
    let [cr1, cr3] = others(clusters);
    p[3] = by_t(cr1, df);
    p[4] = by_t(ours.standard_error, df);
    p[5] = by_t(cr3, df);
    p[6] = by_t(ours.standard_error, ours.df);
    Some(p)
}

fn measure(team: &Team, worlds: usize, draws: usize) {
    let mut dice = Pcg64Mcg::seed_from_u64(1);
    let truth = team.truth(&mut dice);
    let mut covered = [[0_u32; FEATURES]; 7];
    let (mut tested, mut found, mut made) = ([0_u32; FEATURES], [0_u32; 7], 0_u32);
    for _ in 0..worlds {
        let world = team.world(&mut dice);
        let won = world.won.iter().filter(|won| **won).count();
        if won < MIN_DEALS || team.deals - won < MIN_DEALS {
            continue;
        }
        made += 1;
        let mut p: [Vec<f64>; 7] = Default::default();
        for (feature, values) in world.values.iter().enumerate() {
            let clusters = clusters(&world, values, team.reps);
            let Some(by_method) = p_values(&clusters, [0.0, truth[feature]], draws, &mut dice) else { continue };
            tested[feature] += 1;
            for (method, [null, at_truth]) in by_method.into_iter().enumerate() {
                p[method].push(null);
                covered[method][feature] += u32::from(at_truth > 0.05);
            }
        }
        for (method, p) in p.iter().enumerate() {
            found[method] += u32::from(benjamini_hochberg(p).iter().any(|q| *q <= 0.05));
        }
    }
    print!(
        "{:>4} {:>5} {:>6} {:>7} {:>6} {:>6} {:>7} {:>6} |",
        team.reps, team.deals, team.uneven, team.winning, team.linked, team.spread, team.outlier, team.effect
    );
    for method in 0..7 {
        let all = f64::from(covered[method].iter().sum::<u32>()) / f64::from(tested.iter().sum::<u32>());
        let least =
            (0..FEATURES).map(|f| f64::from(covered[method][f]) / f64::from(tested[f].max(1))).fold(1.0, f64::min);
        let found = f64::from(found[method]) / f64::from(made);
        print!(" {:>4.1} {:>4.1} {:>5.1} |", 100.0 * all, 100.0 * least, 100.0 * found);
    }
    println!();
}

fn main() {
    let number = |at: usize, usual: usize| std::env::args().nth(at).and_then(|word| word.parse().ok()).unwrap_or(usual);
    let (worlds, draws) = (number(1, 400), number(2, 0));
    println!(
        "{worlds} worlds a line, {draws} bootstrap draws. Each method: coverage, that of the worst feature, worlds with a finding; in %"
    );
    println!(
        "reps deals uneven winning linked spread outlier effect | {}",
        METHODS.map(|m| format!("{m:>16} |")).join(" ")
    );
    let even =
        Team { reps: 8, deals: 150, uneven: 0.2, winning: 0.2, linked: 0.0, spread: 1.0, outlier: false, effect: 0.0 };
    let uneven = Team { uneven: 0.8, winning: 0.8, ..even };
    for reps in [2, 3, 4, 5, 6, 8, 12, 20] {
        for deals in [90, 200] {
            let size = |team: Team| Team { reps, deals, ..team };
            for team in [
                even,
                uneven,
                Team { spread: 0.4, ..uneven },
                Team { spread: 2.0, ..uneven },
                Team { outlier: true, ..uneven },
                Team { linked: 0.7, ..uneven },
                Team { effect: 0.8, ..uneven },
            ] {
                measure(&size(team), worlds, draws);
            }
        }
    }
}
