//! The cache of prefixes, with breakpoints as Anthropic has them, and without as others have it.

use super::blocks::{Blocks, Prefix, Ttl};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Blocks before a breakpoint at which an entry is looked for.
const LOOKBACK: usize = 20;

/// What became of the tokens of a prompt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Share {
    /// Neither read nor written.
    pub input: u64,
    /// Written, to live for five minutes.
    pub short: u64,
    /// Written, to live for an hour.
    pub long: u64,
    /// Read.
    pub read: u64,
}

#[derive(Debug)]
struct Entry {
    ttl: Ttl,
    expires: DateTime<Utc>,
    /// From when it can be read: the first answer has begun then.
    readable: Instant,
}

/// The prefixes that are known.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<Prefix, Entry>>);

impl Cache {
    /// Goes through a prompt that comes `at` this moment: reads the longest known beginning that a breakpoint leads to, writes the others.
    /// `first` says when the answer begins, by whether something is read; what is written can be read from then on.
    pub(crate) fn marked(
        &self,
        blocks: &Blocks,
        least: u64,
        now: DateTime<Utc>,
        at: Instant,
        first: impl Fn(bool) -> std::time::Duration,
    ) -> Share {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, entry| entry.expires > now);
        let marks: Vec<(usize, Ttl)> =
            blocks.list.iter().enumerate().filter_map(|(at, block)| Some((at, block.mark?))).collect();
        let known = |index: &usize| entries.get(&blocks.list[*index].prefix).is_some_and(|entry| entry.readable <= at);
        let found = marks.iter().rev().find_map(|(mark, _)| (0..=*mark).rev().take(LOOKBACK).find(known));
        let mut share = Share { read: found.map_or(0, |index| blocks.list[index].total), ..Share::default() };
        if let Some(entry) = found.and_then(|index| entries.get_mut(&blocks.list[index].prefix)) {
            // What is used lives on.
            entry.expires = now + TimeDelta::seconds(entry.ttl.seconds());
        }
        let readable = at + first(found.is_some());
        let mut done = share.read;
        for (mark, ttl) in marks {
            let block = &blocks.list[mark];
            if block.total < least || block.total <= done {
                continue;
            }
            match ttl {
                Ttl::Short => share.short += block.total - done,
                Ttl::Long => share.long += block.total - done,
            }
            done = block.total;
            let expires = now + TimeDelta::seconds(ttl.seconds());
            let entry = entries.entry(block.prefix).or_insert(Entry { ttl, expires, readable });
            entry.ttl = entry.ttl.max(ttl);
            entry.expires = entry.expires.max(expires);
        }
        share.input = blocks.total() - done;
        share
    }

    /// Goes through a prompt whose every block is kept without being asked to, for five minutes: how many tokens are read.
    pub(crate) fn every(
        &self,
        blocks: &Blocks,
        least: u64,
        now: DateTime<Utc>,
        at: Instant,
        first: impl Fn(bool) -> std::time::Duration,
    ) -> u64 {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, entry| entry.expires > now);
        let known = |prefix: &Prefix| entries.get(prefix).is_some_and(|entry| entry.readable <= at);
        let found = blocks.list.iter().take_while(|block| known(&block.prefix)).last();
        let read = found.map_or(0, |block| block.total);
        let read = if read < least { 0 } else { read };
        let readable = at + first(read > 0);
        let expires = now + TimeDelta::seconds(Ttl::Short.seconds());
        for block in &blocks.list {
            let entry = entries.entry(block.prefix).or_insert(Entry { ttl: Ttl::Short, expires, readable });
            entry.expires = expires;
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn prompt(parts: &[(&str, Option<Ttl>)]) -> Blocks {
        let mut blocks = Blocks::new("key, model");
        for (text, mark) in parts {
            blocks.push("user", text, *mark);
        }
        blocks
    }

    fn now(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_prefix_is_written_once_and_read_until_it_expires() {
        let (cache, at) = (Cache::default(), Instant::now());
        let words = "word ".repeat(100);
        let ask = |last: &str, seconds| {
            let blocks = prompt(&[(&words, Some(Ttl::Short)), (last, None)]);
            cache.marked(&blocks, 100, now(seconds), at, |_| Duration::ZERO)
        };
        let total = 125;
        assert_eq!(ask("one", 0), Share { short: total, input: 1, ..Share::default() });
        assert_eq!(ask("two", 299), Share { read: total, input: 1, ..Share::default() });
        assert_eq!(ask("two", 598), Share { read: total, input: 1, ..Share::default() }, "what is read lives on");
        assert_eq!(ask("two", 898), Share { short: total, input: 1, ..Share::default() });
    }

    #[test]
    fn what_is_too_short_is_not_kept() {
        let (cache, at) = (Cache::default(), Instant::now());
        let blocks = prompt(&[("word", Some(Ttl::Short))]);
        for _ in 0..2 {
            let share = cache.marked(&blocks, 2, now(0), at, |_| Duration::ZERO);
            assert_eq!(share, Share { input: 1, ..Share::default() });
        }
    }

    #[test]
    fn an_entry_can_be_read_when_the_first_answer_has_begun() {
        let (cache, at) = (Cache::default(), Instant::now());
        let blocks = prompt(&[("rules rules", Some(Ttl::Long)), ("transcript", Some(Ttl::Short)), ("task", None)]);
        let ask = |at| cache.marked(&blocks, 1, now(0), at, |_| Duration::from_secs(2));
        let first = ask(at);
        assert_eq!(first, Share { long: 3, short: 3, input: 1, read: 0 });
        assert_eq!(ask(at + Duration::from_secs(1)), first, "too early");
        assert_eq!(ask(at + Duration::from_secs(2)), Share { read: 6, input: 1, ..Share::default() });
    }

    #[test]
    fn a_breakpoint_looks_back_over_twenty_blocks() {
        let (cache, at) = (Cache::default(), Instant::now());
        let ask = |blocks: usize, marks: &[usize]| {
            let parts: Vec<_> =
                (0..blocks).map(|index| ("four", marks.contains(&index).then_some(Ttl::Short))).collect();
            cache.marked(&prompt(&parts), 1, now(0), at, |_| Duration::ZERO).read
        };
        assert_eq!(ask(1, &[0]), 0);
        assert_eq!(ask(20, &[19]), 1, "block 0 is the twentieth, counted from the breakpoint");
        assert_eq!(ask(41, &[40]), 0, "block 19 is the twenty-second");
    }

    #[test]
    fn without_breakpoints_every_block_is_kept() {
        let (cache, at) = (Cache::default(), Instant::now());
        let ask = |parts: &[(&str, Option<Ttl>)]| cache.every(&prompt(parts), 2, now(0), at, |_| Duration::ZERO);
        assert_eq!(ask(&[("same", None), ("also", None), ("one", None)]), 0);
        assert_eq!(ask(&[("same", None), ("also", None), ("two", None)]), 2);
        assert_eq!(ask(&[("same", None), ("else", None), ("two", None)]), 0, "below the least");
    }
}
