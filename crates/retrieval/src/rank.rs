//! How well a passage fits what is looked for, where in it that stands, and how rankings become one.

use crate::words::{Word, shorter_forms, words};
use crate::{Clause, Query};
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// How soon a word that stands in a passage again counts no more, and how much long passages are held back: the values of Okapi BM25 (Robertson, Walker,
/// Jones, Hancock-Beaulieu, Gatford: Okapi at TREC-3, 1994).
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// What reciprocal rank fusion adds to each place (Cormack, Clarke, Büttcher: Reciprocal rank fusion outperforms Condorcet, 2009).
const FUSION: f64 = 60.0;

/// The weight of something that stands in `found` of `all` passages: Lucene's form, which is never negative.
pub fn rarity(all: f64, found: f64) -> f64 {
    let found = found.min(all);
    (1.0 + (all - found + 0.5) / (found + 0.5)).ln()
}

/// What something that stands `often` in a passage adds to its score, where the passage is `length` times as long as the mean.
pub fn bm25(rarity: f64, often: f64, length: f64) -> f64 {
    rarity * (K1 + 1.0) * often / (K1 * (1.0 - B + B * length) + often)
}

/// The most that something of this rarity can add to a score, however often it stands there.
pub fn bm25_bound(rarity: f64) -> f64 {
    rarity * (K1 + 1.0)
}

/// Rankings as one: each id with the sum of what its places give, the best first; of those that are as good the one that comes first in the first ranking
/// that has it.
pub fn fuse<Id: Copy + Eq + Hash>(rankings: &[Vec<Id>]) -> Vec<(Id, f64)> {
    let mut places: HashMap<Id, usize> = HashMap::new();
    let mut fused: Vec<(Id, f64)> = Vec::new();
    for ranking in rankings {
        for (at, id) in ranking.iter().enumerate() {
            let place = *places.entry(*id).or_insert(fused.len());
            if place == fused.len() {
                fused.push((*id, 0.0));
            }
            fused[place].1 += 1.0 / (FUSION + at as f64 + 1.0);
        }
    }
    fused.sort_by(|a, b| b.1.total_cmp(&a.1));
    fused
}

/// The forms of words that the beginning a clause ends with finds, though they are shorter: `pric` by `pricing*`.
fn shorter(clause: &Clause) -> Vec<String> {
    clause.forms.last().filter(|_| clause.is_prefix).map(|last| shorter_forms(last)).unwrap_or_default()
}

/// How often something stands among forms of words that follow one another.
pub fn occurrences(forms: &[&str], clause: &Clause) -> usize {
    let last = clause.forms.len() - 1;
    let shorter = shorter(clause);
    let is = |at: usize, form: &str| {
        let wanted = &*clause.forms[at];
        if clause.is_prefix && at == last {
            form.starts_with(wanted) || shorter.iter().any(|s| s == form)
        } else {
            form == wanted
        }
    };
    forms.windows(last + 1).filter(|of| of.iter().enumerate().all(|(at, form)| is(at, form))).count()
}

/// A stretch of text by one speaker, as words are looked for in it.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The words.
    pub text: &'a str,
    /// Whether it goes on with what stands before it: the same speaker in the same turn. A phrase may go across then.
    pub goes_on: bool,
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Which line, from 0.
    pub line: usize,
    /// Which of its bytes.
    pub bytes: Range<usize>,
    /// Which of what was looked for, from 0.
    pub clause: usize,
}

/// Where each of these stands in lines that follow one another, in the order of the text.
pub fn matches(lines: &[Line<'_>], clauses: &[&Clause]) -> Vec<Match> {
    // Each word with its line and its form; a run is what phrases may go across.
    let mut runs: Vec<Vec<(usize, Word, String)>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if !line.goes_on || runs.is_empty() {
            runs.push(Vec::new());
        }
        if let Some(run) = runs.last_mut() {
            run.extend(words(line.text).into_iter().map(|word| {
                let form = word.stem();
                (at, word, form)
            }));
        }
    }
    let mut found: Vec<Match> = Vec::new();
    let shorter: Vec<Vec<String>> = clauses.iter().map(|clause| shorter(clause)).collect();
    for run in &runs {
        for start in 0..run.len() {
            for (clause, wanted) in clauses.iter().enumerate() {
                let Some(of) = run.get(start..start + wanted.forms.len()) else { continue };
                let last = wanted.forms.len() - 1;
                let fits = of.iter().zip(&wanted.forms).enumerate().all(|(at, ((_, word, form), wanted_form))| {
                    if wanted.is_prefix && at == last {
                        word.folded.starts_with(&**wanted_form) || shorter[clause].contains(form)
                    } else {
                        form == wanted_form
                    }
                });
                if !fits {
                    continue;
                }
                for (line, word, _) in of {
                    // A phrase is one stretch in each line that it goes through.
                    match found.last_mut() {
                        Some(before)
                            if before.clause == clause
                                && before.line == *line
                                && before.bytes.end > of_start(of, *line) =>
                        {
                            before.bytes.end = before.bytes.end.max(word.at.end);
                        }
                        _ => found.push(Match { line: *line, bytes: word.at.clone(), clause }),
                    }
                }
            }
        }
    }
    found
}

/// Where a phrase begins in a line.
fn of_start(of: &[(usize, Word, String)], line: usize) -> usize {
    of.iter().find(|(at, ..)| *at == line).map_or(0, |(_, word, _)| word.at.start)
}

/// What is to be shown in bold, by line: stretches that do not overlap, in order.
pub fn highlights(lines: &[Line<'_>], query: &Query) -> Vec<Vec<Range<usize>>> {
    let mut marked = vec![Vec::<Range<usize>>::new(); lines.len()];
    for found in matches(lines, &query.telling()) {
        marked[found.line].push(found.bytes);
    }
    for line in &mut marked {
        line.sort_by_key(|bytes| (bytes.start, bytes.end));
        let mut joined: Vec<Range<usize>> = Vec::new();
        for bytes in line.drain(..) {
            match joined.last_mut() {
                Some(before) if bytes.start < before.end => before.end = before.end.max(bytes.end),
                _ => joined.push(bytes),
            }
        }
        *line = joined;
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line<'_> {
        Line { text, goes_on: false }
    }

    #[test]
    fn a_beginning_is_shown_where_it_finds_a_shorter_form() {
        let query = Query::parse("pricing*");
        let lines = [line("The price is fixed."), line("Pricings differ, prizes do not.")];
        let shown: Vec<&str> = matches(&lines, &query.telling())
            .iter()
            .map(|found| &lines[found.line].text[found.bytes.clone()])
            .collect();
        assert_eq!(shown, ["price", "Pricings"]);
    }

    #[test]
    fn bm25_is_that_of_the_paper() {
        // By hand: ln(1 + 7.5/3.5) = 1.14513; 2.2 * 2 / (1.2 * (0.25 + 0.75 * 1.5) + 2) = 1.20548.
        assert!((bm25(rarity(10.0, 3.0), 2.0, 1.5) - 1.145_132 * 1.205_479).abs() < 1e-5);
        assert!(rarity(5.0, 9.0) > 0.0);
    }

    #[test]
    fn places_in_several_rankings_add_up() {
        let fused = fuse(&[vec![1, 2, 3], vec![3, 4]]);
        let ids: Vec<i32> = fused.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [3, 1, 2, 4]);
        assert!((fused[0].1 - (1.0 / 63.0 + 1.0 / 61.0)).abs() < 1e-12);
        assert_eq!(fuse::<i32>(&[vec![], vec![]]), []);
    }

    #[test]
    fn phrases_go_on_within_a_turn_and_end_with_it() {
        let query = Query::parse("\"our budget is gone\" pric* quote");
        let lines =
            [line("Well, our budget"), Line { text: "is gone. Pricing? Quotes!", goes_on: true }, line("is gone")];
        let shown: Vec<Vec<&str>> = highlights(&lines, &query)
            .into_iter()
            .zip(&lines)
            .map(|(found, line)| found.into_iter().map(|bytes| &line.text[bytes]).collect())
            .collect();
        assert_eq!(shown, [vec!["our budget"], vec!["is gone", "Pricing", "Quotes"], vec![]]);
        let apart = [line("Well, our budget"), line("is gone.")];
        assert_eq!(highlights(&apart, &Query::parse("\"our budget is gone\"")), [vec![], vec![]]);
    }

    #[test]
    fn each_place_of_a_word_is_one_match() {
        let query = Query::parse("price \"price price\"");
        let found = matches(&[line("price price, prices")], &query.telling());
        let of = |clause: usize| {
            found.iter().filter(|found| found.clause == clause).map(|found| found.bytes.clone()).collect::<Vec<_>>()
        };
        assert_eq!(of(0), [0..5, 6..11, 13..19]);
        assert_eq!(of(1), [0..11, 6..19]);
        let bold = highlights(&[line("price price, prices")], &query);
        assert_eq!((bold.len(), bold[0].len(), bold[0][0].clone()), (1, 1, 0..19));
    }
}
