//! Prints a deal world: `cargo run -p synth --example deals -- [SEED] [DEALS] [DEAL]` shows how often each check is met in won and in lost
//! deals, or one deal with its e-mails.

use std::collections::BTreeMap;
use std::io::{self, Write};
use synth::Expected;
use synth::deals::{Outcome, World, WorldOptions, world};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u32| arguments.next().and_then(|word| word.parse().ok()).unwrap_or(default);
    let (seed, deals, deal) = (number(1), number(160), number(u32::MAX));
    let world = world(&WorldOptions { seed: u64::from(seed), deals, ..Default::default() });
    let mut out = io::stdout().lock();
    if world.deals.get(deal as usize).is_some() {
        print(&world, deal as usize, &mut out)
    } else {
        summary(&world, &mut out)
    }
}

fn print(world: &World, at: usize, out: &mut impl Write) -> io::Result<()> {
    let deal = &world.deals[at];
    writeln!(out, "{deal:#?}\n{:#?}", world.accounts[deal.account])?;
    for call in world.calls.iter().filter(|call| call.deal == at) {
        let people: Vec<_> = call.call.transcript.participants.iter().map(|person| &person.name).collect();
        writeln!(out, "{} {} {people:?}", call.call.start_time, call.call.external_id)?;
        for segment in &call.call.transcript.segments {
            writeln!(out, "    {}: {}", segment.speaker.unwrap_or(9), segment.text)?;
        }
    }
    for email in world.emails.iter().filter(|email| email.deal == at) {
        writeln!(
            out,
            "---- {} {} -> {:?}\n{}\n\n{}\n",
            email.sent_at, email.from, email.to, email.subject, email.body
        )?;
    }
    Ok(())
}

fn summary(world: &World, out: &mut impl Write) -> io::Result<()> {
    let count = |outcome| world.deals.iter().filter(|deal| deal.outcome == outcome).count();
    writeln!(
        out,
        "{} accounts, {} won, {} lost, {} open, {} e-mails, {} calls",
        world.accounts.len(),
        count(Outcome::Won),
        count(Outcome::Lost),
        count(Outcome::Open),
        world.emails.len(),
        world.calls.len()
    )?;
    let mut signs: BTreeMap<_, u32> = BTreeMap::new();
    for sign in world.deals.iter().flat_map(|deal| &deal.truth) {
        *signs.entry(sign).or_default() += 1;
    }
    writeln!(out, "{signs:?}")?;
    let mut rates: BTreeMap<&str, [(f64, f64); 2]> = BTreeMap::new();
    for call in &world.calls {
        let side = match world.deals[call.deal].outcome {
            Outcome::Won => 0,
            Outcome::Lost => 1,
            Outcome::Open => continue,
        };
        for verdict in &call.call.truth.verdicts {
            let rate = &mut rates.entry(&verdict.check).or_default()[side];
            rate.0 += f64::from(u8::from(verdict.verdict == Expected::Met));
            rate.1 += f64::from(u8::from(matches!(verdict.verdict, Expected::Met | Expected::Unmet)));
        }
    }
    for (check, [won, lost]) in rates {
        let (won, lost) = (won.0 / won.1, lost.0 / lost.1);
        writeln!(out, "{check:<26} {won:.2} {lost:.2} {:+.2}", won - lost)?;
    }
    Ok(())
}
