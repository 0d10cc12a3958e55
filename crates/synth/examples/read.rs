//! Prints calls as readable text: `cargo run -p synth --example read -- [SEED] [FIRST] [COUNT] [SKILL]`.

use std::io::{self, Write};
use transcript::Side;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u32| arguments.next().and_then(|word| word.parse().ok()).unwrap_or(default);
    let (seed, first, count) = (number(1), number(0), number(1));
    let skill = arguments.next().and_then(|word| word.parse().ok());
    let options = synth::SynthOptions { seed: u64::from(seed), skill, ..Default::default() };
    let mut out = io::stdout().lock();
    for n in first..first + count {
        print(&mut out, &synth::call(&options, n))?;
    }
    Ok(())
}

fn print(out: &mut impl Write, call: &synth::SynthCall) -> io::Result<()> {
    let (minutes, seconds) = (call.duration_seconds / 60, call.duration_seconds % 60);
    writeln!(
        out,
        "## {} {:?} {} {} {}",
        call.external_id, call.kind, call.agent_id, call.customer_id, call.start_time
    )?;
    writeln!(out, "   {minutes} min {seconds} s, skill {:.2}", call.truth.agent_skill)?;
    let mut before = None;
    for segment in &call.transcript.segments {
        let start = segment.start_ms.unwrap_or(0);
        let gap = before.map_or(0, |end: u64| start.cast_signed() - end.cast_signed());
        let who = if call.transcript.side(segment) == Some(Side::Internal) { "R" } else { "C" };
        let labels = call.truth.labels.iter().filter(|label| label.segment == segment.id);
        let labels: Vec<_> = labels.map(|label| label.kind.as_str()).collect();
        writeln!(out, "{:>3} {gap:>6} {who}: {} {labels:?}", segment.id, segment.text)?;
        before = segment.end_ms;
    }
    for verdict in &call.truth.verdicts {
        writeln!(out, "    {}: {:?} {:?}", verdict.check, verdict.verdict, verdict.segments)?;
    }
    let flags: Vec<_> = call.truth.flags.iter().map(|flag| (flag.kind.as_str(), flag.segment)).collect();
    writeln!(out, "    flags: {flags:?}\n")
}
