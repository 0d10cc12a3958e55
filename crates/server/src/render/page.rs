//! Laying out text for a terminal: wrapping, columns, bars.

use super::words::plain;
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};
use textwrap::core::display_width;

pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();
pub const GOOD: Style = AnsiColor::Green.on_default();
pub const FAIR: Style = AnsiColor::Yellow.on_default();
pub const BAD: Style = AnsiColor::Red.on_default();
pub const ACCENT: Style = AnsiColor::Cyan.on_default();

/// The colour of a level from 1 to 5.
pub fn level_style(level: Option<u8>) -> Style {
    match level {
        Some(4..) => GOOD,
        Some(3) => FAIR,
        Some(_) => BAD,
        None => DIM,
    }
}

/// Text of a given width going to a writer that understands ANSI styles.
pub struct Page<'w, W> {
    pub out: &'w mut W,
    pub width: usize,
}

impl<W: Write> Page<'_, W> {
    /// An empty line.
    pub fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// Wrapped text: the first line begins with `first`, the others with as much space.
    pub fn paragraph(&mut self, first: &str, text: &str, style: Style) -> io::Result<()> {
        let indent = " ".repeat(display_width(first));
        let options = textwrap::Options::new(self.width.saturating_sub(indent.len()).max(20));
        for (number, line) in textwrap::wrap(&plain(text), options).iter().enumerate() {
            let begin = if number == 0 { first } else { &indent };
            writeln!(self.out, "{begin}{style}{line}{style:#}")?;
        }
        Ok(())
    }

    /// A heading with a rule to the right edge, and something short at its end.
    pub fn heading(&mut self, text: &str, end: &str, end_style: Style) -> io::Result<()> {
        let text = plain(text);
        let space = if end.is_empty() { "" } else { " " };
        let taken = display_width(&text) + 1 + space.len() + display_width(end);
        let rule = "─".repeat(self.width.saturating_sub(taken).max(3));
        writeln!(self.out, "\n{BOLD}{text}{BOLD:#} {DIM}{rule}{DIM:#}{space}{end_style}{end}{end_style:#}")
    }
}

/// Pads to a width on the screen; cuts what is longer.
pub fn pad(text: &str, width: usize) -> String {
    let text = plain(text);
    let mut shown = String::new();
    let mut used = 0;
    if display_width(&text) > width {
        for c in text.chars() {
            let w = display_width(c.encode_utf8(&mut [0; 4]));
            if used + w + 1 > width {
                break;
            }
            shown.push(c);
            used += w;
        }
        shown.push('…');
        used += 1;
    } else {
        used = display_width(&text);
        shown.push_str(&text);
    }
    shown.extend(std::iter::repeat_n(' ', width - used));
    shown
}

/// A bar of `width` columns filled to a share of 0..1, in a style; the rest is faint.
pub fn bar(share: Option<f64>, width: usize, style: Style) -> String {
    let Some(share) = share else { return format!("{DIM}{}{DIM:#}", "┄".repeat(width)) };
    let halves = (share.clamp(0.0, 1.0) * (width * 2) as f64).round() as usize;
    let (full, half) = (halves / 2, halves % 2);
    format!("{style}{}{}{style:#}{DIM}{}{DIM:#}", "━".repeat(full), "╸".repeat(half), "─".repeat(width - full - half))
}

/// Four columns whose heights are shares of 0..1; a dot where there is none.
pub fn spark(heights: [Option<f64>; 4]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    heights.iter().map(|height| height.map_or('·', |height| BLOCKS[((height * 7.0).round() as usize).min(7)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_hold_their_width() {
        for text in ["", "Ann", "Jürgen Müller", "田中さんの長い名前です", "a much longer name than fits"]
        {
            assert_eq!(display_width(&pad(text, 10)), 10, "{text}");
        }
        assert_eq!(pad("abcdef", 4), "abc…");
    }

    #[test]
    fn bars_are_full_half_and_empty() {
        let none = Style::new();
        let plain = |share| anstream::adapter::strip_str(&bar(share, 4, none)).to_string();
        assert_eq!(
            [plain(Some(0.0)), plain(Some(0.375)), plain(Some(1.0)), plain(None)],
            ["────", "━╸──", "━━━━", "┄┄┄┄"]
        );
    }

    #[test]
    fn sparks_show_silence_as_a_dot() {
        assert_eq!(spark([Some(0.0), None, Some(0.5), Some(1.0)]), "▁·▅█");
    }

    #[test]
    fn paragraphs_hang_under_their_mark() {
        let mut out = Vec::new();
        Page { out: &mut out, width: 30 }.paragraph("  ✓ ", "one two three four five six seven", Style::new()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "  ✓ one two three four five\n    six seven\n");
    }
}
