//! Long calls in pieces, for models that cannot read them whole, and their verdicts put together again.

use super::answer::Verified;
use crate::{CheckKind, Verdict};
use std::ops::Range;

/// Pieces of evidence for one verdict.
const MOST: usize = 3;

/// Pieces of a call (indexes of segments), each of at most so many tokens, of which a fifth stands in the piece before as well. A segment that is
/// longer than a piece has one for itself. `tokens` are those of each segment.
#[must_use]
pub fn windows(tokens: &[usize], most: usize) -> Vec<Range<usize>> {
    let overlap = most / 5;
    let mut windows: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    while start < tokens.len() {
        let mut sum = tokens[start];
        let mut end = start + 1;
        while end < tokens.len() && sum + tokens[end] <= most {
            sum += tokens[end];
            end += 1;
        }
        windows.push(start..end);
        if end == tokens.len() {
            break;
        }
        // Back over what the next piece repeats, but always on by one.
        let mut repeated = 0;
        let mut next = end;
        while next > start + 1 && repeated + tokens[next - 1] <= overlap && fits_after(tokens, next - 1, end, most) {
            next -= 1;
            repeated += tokens[next];
        }
        start = next;
    }
    windows
}

/// Whether a piece that begins at `start` reaches beyond `end`: else it would say nothing new.
fn fits_after(tokens: &[usize], start: usize, end: usize, most: usize) -> bool {
    tokens[start..=end].iter().sum::<usize>() <= most
}

/// The verdict of a check over several pieces of a call: what happened in any of them happened. What a model claims of a piece and does not prove
/// leaves the whole undecided, unless another piece proves it: that it did not happen elsewhere says nothing about there.
///
/// # Panics
/// Where there is no piece.
#[must_use]
pub fn merge(pieces: Vec<Verified>) -> Verified {
    let dropped = pieces.iter().map(|piece| piece.dropped).sum();
    let mut sources: Vec<String> = Vec::new();
    for source in pieces.iter().flat_map(|piece| &piece.sources) {
        if !sources.contains(source) {
            sources.push(source.clone());
        }
    }
    let mut best: Option<Verified> = None;
    for piece in pieces {
        best = Some(match best {
            None => piece,
            Some(kept) if rank(&piece) > rank(&kept) => piece,
            Some(kept) if rank(&piece) < rank(&kept) => kept,
            Some(mut kept) => {
                for evidence in piece.result.evidence {
                    if kept.result.evidence.len() < MOST && !kept.result.evidence.contains(&evidence) {
                        kept.result.evidence.push(evidence);
                    }
                }
                kept
            }
        });
    }
    Verified { sources, dropped, ..best.expect("a call has a piece") }
}

/// Which pieces decide: those with the highest rank, which all say the same.
fn rank(piece: &Verified) -> u8 {
    let result = &piece.result;
    match (result.kind, result.verdict) {
        // It happened, and words show it: of a scale, the highest level.
        (CheckKind::Scale, Verdict::Met | Verdict::Unmet) if result.level.unwrap_or(0) > 0 => {
            10 + result.level.unwrap_or(0)
        }
        (CheckKind::Presence, Verdict::Met) | (CheckKind::Absence, Verdict::Unmet) => 10,
        // It may have happened.
        (_, Verdict::CannotAssess) if piece.unproven => 4,
        // It did not happen in this piece.
        (_, Verdict::Met | Verdict::Unmet) => 3,
        // The words of this piece do not tell: those of the others do, where they say that it did not happen.
        (_, Verdict::CannotAssess) => 2,
        (_, Verdict::NotApplicable) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CheckResult, Evidence};

    #[test]
    fn pieces_overlap_by_a_fifth_and_leave_nothing_out() {
        let whole = windows(&[10; 5], 100);
        assert_eq!((whole.len(), whole[0].clone()), (1, 0..5));
        assert_eq!(windows(&[10; 20], 100), [0..10, 8..18, 16..20]);
        assert_eq!(windows(&[], 100), Vec::<Range<usize>>::new());
        assert_eq!(windows(&[500, 10, 10, 500], 100), [0..1, 1..3, 3..4], "what is too long has a piece of its own");
        assert_eq!(windows(&[90, 20, 90, 20], 100), [0..1, 1..2, 2..3, 3..4], "no piece repeats another");
    }

    #[test]
    fn any_call_is_covered_in_order() {
        let mut seed = 7_u64;
        for _ in 0..500 {
            let mut random = |below: u64| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (seed >> 33) % below
            };
            let tokens: Vec<usize> = (0..=random(60)).map(|_| 1 + random(40) as usize).collect();
            let most = 20 + random(100) as usize;
            let found = windows(&tokens, most);
            assert_eq!((found[0].start, found[found.len() - 1].end), (0, tokens.len()));
            for window in &found {
                let sum: usize = tokens[window.clone()].iter().sum();
                assert!(sum <= most || window.len() == 1, "{window:?} of {tokens:?}");
            }
            for pair in found.windows(2) {
                assert!(pair[0].start < pair[1].start && pair[0].end < pair[1].end && pair[1].start <= pair[0].end);
                let twice: usize = tokens[pair[1].start..pair[0].end].iter().sum();
                assert!(twice <= most / 5);
            }
        }
    }

    fn piece(kind: CheckKind, verdict: Verdict, level: Option<u8>, segment: u32) -> Verified {
        let evidence = (segment > 0).then(|| Evidence {
            segment_id: segment,
            start_ms: None,
            speaker: None,
            quote: "x".to_owned(),
            offset: 0,
            length: 1,
        });
        Verified {
            result: CheckResult {
                id: "x".to_owned(),
                name: "X".to_owned(),
                kind,
                weight: 1.0,
                verdict,
                level,
                reason: format!("{segment}"),
                advice: String::new(),
                evidence: evidence.into_iter().collect(),
            },
            sources: vec!["k1".to_owned()],
            dropped: 1,
            unproven: false,
        }
    }

    fn unproven(kind: CheckKind) -> Verified {
        Verified { unproven: true, ..piece(kind, Verdict::CannotAssess, None, 0) }
    }

    #[test]
    fn verdicts_are_put_together_by_the_kind_of_check() {
        use CheckKind::{Absence, Presence, Scale};
        use Verdict::{CannotAssess, Met, NotApplicable, Unmet};
        for (kind, verdicts, expected) in [
            (Presence, [Unmet, Met, NotApplicable], Met),
            (Presence, [NotApplicable, Unmet, NotApplicable], Unmet),
            (Presence, [NotApplicable, CannotAssess, NotApplicable], CannotAssess),
            (Presence, [NotApplicable; 3], NotApplicable),
            (Absence, [Met, Unmet, Met], Unmet),
            (Absence, [Met, NotApplicable, Met], Met),
        ] {
            let pieces = verdicts.iter().zip(1..).map(|(verdict, n)| piece(kind, *verdict, None, n)).collect();
            let merged = merge(pieces);
            assert_eq!(merged.result.verdict, expected, "{kind:?} {verdicts:?}");
            assert_eq!((merged.dropped, merged.sources.len()), (3, 1));
            let said: Vec<String> =
                verdicts.iter().zip(1..).filter(|(v, _)| **v == expected).map(|(_, n)| n.to_string()).collect();
            let shown: Vec<String> = merged.result.evidence.iter().map(|e| e.segment_id.to_string()).collect();
            assert_eq!(shown, said, "evidence is that of the pieces that say so");
        }
        let levels =
            merge(vec![piece(Scale, Unmet, Some(0), 0), piece(Scale, Met, Some(2), 5), piece(Scale, Met, Some(1), 6)]);
        assert_eq!((levels.result.level, levels.result.evidence[0].segment_id), (Some(2), 5));
    }

    /// Of a check of this kind, what three pieces can say, each with what it makes of the whole where it decides; those that decide first come first.
    fn order(kind: CheckKind) -> Vec<(Verified, Verdict, Option<u8>)> {
        use Verdict::{CannotAssess, Met, NotApplicable, Unmet};
        let (happened, not) = if kind == CheckKind::Absence { (Unmet, Met) } else { (Met, Unmet) };
        let levels = match kind {
            CheckKind::Scale => vec![(Met, Some(3)), (Met, Some(2)), (Met, Some(1))],
            _ => vec![(happened, None)],
        };
        let none = (kind == CheckKind::Scale).then_some(0);
        let proven = levels.into_iter().map(|(verdict, level)| (piece(kind, verdict, level, 7), verdict, level));
        let claimed = (unproven(kind), CannotAssess, None);
        let others = [(not, none), (CannotAssess, None), (NotApplicable, None)];
        let others = others.map(|(verdict, level)| (piece(kind, verdict, level, 0), verdict, level));
        proven.chain([claimed]).chain(others).collect()
    }

    #[test]
    fn every_three_pieces_are_decided_by_the_one_that_comes_first() {
        for kind in [CheckKind::Presence, CheckKind::Absence, CheckKind::Scale] {
            let order = order(kind);
            let all = order.len();
            for n in 0..all.pow(3) {
                let said = [n % all, n / all % all, n / all / all];
                let merged = merge(said.map(|at| order[at].0.clone()).to_vec());
                let first = said.into_iter().min().unwrap();
                let (decides, verdict, level) = &order[first];
                assert_eq!((merged.result.verdict, merged.result.level), (*verdict, *level), "{kind:?} {said:?}");
                assert_eq!(merged.unproven, decides.unproven, "{kind:?} {said:?}");
                assert_eq!(merged.result.evidence, decides.result.evidence, "{kind:?} {said:?}");
                assert_eq!(merged.dropped, 3);
            }
        }
    }

    #[test]
    fn an_unproven_claim_is_not_turned_into_its_contrary() {
        for (kind, denied, shown) in
            [(CheckKind::Presence, Verdict::Unmet, Verdict::Met), (CheckKind::Absence, Verdict::Met, Verdict::Unmet)]
        {
            let others = || piece(kind, denied, None, 0);
            assert_eq!(merge(vec![others(), unproven(kind), others()]).result.verdict, Verdict::CannotAssess);
            assert_eq!(merge(vec![unproven(kind), others(), piece(kind, shown, None, 3)]).result.verdict, shown);
            // What the model itself cannot tell of a piece is no claim.
            let plain = piece(kind, Verdict::CannotAssess, None, 0);
            assert_eq!(merge(vec![plain, others()]).result.verdict, denied);
        }
    }
}
