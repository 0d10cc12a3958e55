//! Lists for people: a line of heads, columns that fit the terminal, ids cut to what tells them apart.

use super::console::Console;
use crate::render::words::plain;
use std::io::{self, Write};
use textwrap::core::display_width;
use uuid::Uuid;

/// Digits of an id that are shown: the last ones, which are random. Among a hundred thousand ids two end alike once in two hundred cases,
/// and then more digits are asked for.
const DIGITS: usize = 10;
/// What stands between two columns.
const GAP: &str = "  ";

/// What is shown of an id; `calls::find` and `queue::find` take it.
pub fn short(id: Uuid) -> String {
    let digits = id.simple().to_string();
    digits[digits.len() - DIGITS..].to_owned()
}

/// How wide a column is.
#[derive(Debug, Clone, Copy)]
pub enum Width {
    /// This many columns, which its values never exceed.
    Fixed(usize),
    /// Right-aligned in this many columns.
    Right(usize),
    /// This part of what the fixed ones leave; longer values are cut.
    Share(usize),
    /// As long as it is: the last column, where nothing may be lost.
    Rest,
}

/// Writes the rows below their heads, in `width` columns.
pub fn write<const N: usize>(
    out: &mut impl Write,
    heads: [(&str, Width); N],
    rows: impl Iterator<Item = [String; N]>,
    width: usize,
) -> io::Result<()> {
    let heads_line = heads.map(|(head, _)| head.to_owned());
    let lines: Vec<[String; N]> =
        std::iter::once(heads_line).chain(rows).map(|row| row.map(|cell| plain(&cell).into_owned())).collect();
    let widths = widths(&heads.map(|(_, width)| width), &lines, width);
    for cells in &lines {
        let mut text = String::new();
        for ((cell, (_, kind)), wanted) in cells.iter().zip(&heads).zip(widths) {
            let cell = cut(cell, wanted);
            let pad = " ".repeat(wanted.saturating_sub(display_width(&cell)));
            text.push_str(&if matches!(kind, Width::Right(_)) { pad + &cell } else { cell + &pad });
            text.push_str(GAP);
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

/// How wide each column becomes: one that shares takes no more than it needs, and what the ones after it do not.
fn widths<const N: usize>(kinds: &[Width; N], lines: &[[String; N]], width: usize) -> [usize; N] {
    let needed = |column: usize| lines.iter().map(|cells| display_width(&cells[column])).max().unwrap_or_default();
    let mut widths = [0; N];
    let (mut free, mut shares, mut wanted) = (width.saturating_sub(GAP.len() * (N - 1)), 0, 0);
    for (column, kind) in kinds.iter().enumerate() {
        match *kind {
            Width::Fixed(fixed) | Width::Right(fixed) => {
                widths[column] = fixed;
                free = free.saturating_sub(fixed);
            }
            Width::Rest => widths[column] = needed(column),
            Width::Share(share) => {
                shares += share;
                wanted += needed(column);
            }
        }
    }
    for (column, kind) in kinds.iter().enumerate() {
        let Width::Share(share) = *kind else { continue };
        let needed = needed(column);
        wanted -= needed;
        widths[column] = needed.min((free * share / shares).max(free.saturating_sub(wanted)));
        free -= widths[column];
        shares -= share;
    }
    widths
}

/// The width of lists: that of the terminal, else the usual one.
pub fn width() -> usize {
    Console::width()
}

fn cut(text: &str, width: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        if display_width(&short) + display_width(c.encode_utf8(&mut [0; 4])) >= width {
            break;
        }
        short.push(c);
    }
    short + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fit_and_lose_no_column() {
        let heads =
            [("ID", Width::Fixed(4)), ("SCORE", Width::Right(6)), ("REP", Width::Share(1)), ("TITLE", Width::Share(2))];
        let rows = [
            ["ab12", "81", "Dana", "A title that is longer than any terminal is wide, by far"],
            ["cd34", "7", "Annegret Schwarzenbacher", "日本語の題名はとても長い"],
        ];
        for width in [40, 60, 80] {
            let mut out = Vec::new();
            write(&mut out, heads, rows.iter().map(|row| row.map(str::to_owned)), width).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert_eq!(out.lines().count(), 3);
            assert!(out.starts_with("ID     SCORE  REP"), "{out}");
            assert!(out.lines().all(|line| display_width(line) <= width), "{width}: {out}");
            assert!(out.contains("A tit") && out.contains('…') && out.contains("日本"), "{out}");
        }
        let mut out = Vec::new();
        let few = [["ab12", "81", "Annegret Schwarzenbacher", "Demo"].map(str::to_owned)];
        write(&mut out, heads, few.into_iter(), 60).unwrap();
        assert!(!String::from_utf8(out).unwrap().contains('…'), "what fits is not cut");
    }

    #[test]
    fn an_id_is_shown_by_its_random_end() {
        let id: Uuid = "0199c0ff-ee12-7000-8000-00007c0ffee1".parse().unwrap();
        assert_eq!(short(id), "007c0ffee1");
    }
}
