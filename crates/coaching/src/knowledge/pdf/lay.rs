//! From words and where they stand to lines, paragraphs and headings.

use crate::knowledge::outline::Block;
use std::collections::BTreeMap;

/// A gap between two runs that is a space, in parts of the size of letters: a space is a quarter wide in most fonts and narrower
/// in lines that are set tight, and letters are moved by less.
const SPACE: f32 = 0.12;
/// How far lines of a paragraph stand apart at most, in sizes.
const LEADING: f32 = 1.7;
/// How much larger than other words a heading is.
const LARGER: f32 = 1.14;
/// Longest heading, in characters.
const HEADING: usize = 120;
/// Stands before the number of a page that is a heading.
const PAGE: &str = "Page ";
/// Stands for letters that a font does not tell.
const UNKNOWN: char = char::REPLACEMENT_CHARACTER;

/// Letters that are shown together.
pub(super) struct Run {
    text: String,
    /// Where it begins and ends along its line, and how high the line stands.
    from: f32,
    to: f32,
    height: f32,
    size: f32,
}

impl Run {
    /// `from` and `to` are the places (8.3.3) where it begins and ends, before which `size` is that of its letters; none where it cannot be placed.
    pub(super) fn new(text: String, from: [f32; 6], to: [f32; 6], size: f32) -> Option<Self> {
        let length = from[0].hypot(from[1]);
        let size = from[2].hypot(from[3]) * size.abs();
        let (right, up) = (from[0] / length, from[1] / length);
        let along = |place: [f32; 6]| place[4] * right + place[5] * up;
        let run = Self { text, from: along(from), to: along(to), height: from[5] * right - from[4] * up, size };
        let placed = [run.from, run.to, run.height, run.size].iter().all(|number| number.is_finite());
        (placed && run.size > 0.0 && !run.text.is_empty()).then_some(run)
    }
}

struct Line {
    text: String,
    to: f32,
    height: f32,
    size: f32,
}

struct Paragraph {
    text: String,
    size: f32,
    height: f32,
}

/// The words of pages. Lines that are larger than most are headings; where there are none, pages are.
pub(super) fn blocks(pages: Vec<Vec<Run>>) -> Vec<Block> {
    let pages: Vec<Vec<Paragraph>> = pages.into_iter().map(|runs| paragraphs(lines(runs))).collect();
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    for paragraph in pages.iter().flatten() {
        *sizes.entry(halves(paragraph.size)).or_default() += paragraph.text.len();
    }
    // Of sizes that are as frequent the smaller one.
    let usual = sizes.iter().rev().max_by_key(|(_, letters)| **letters).map_or(0, |(size, _)| *size);
    let is_heading = |paragraph: &Paragraph| {
        halves(paragraph.size) as f32 >= usual as f32 * LARGER
            && paragraph.text.chars().count() <= HEADING
            && paragraph.text.chars().any(char::is_alphabetic)
    };
    let mut larger: Vec<u32> =
        pages.iter().flatten().filter(|p| is_heading(p)).map(|paragraph| halves(paragraph.size)).collect();
    larger.sort_unstable_by(|a, b| b.cmp(a));
    larger.dedup();
    let by_page = larger.is_empty() && pages.len() > 1;
    let mut blocks = Vec::new();
    for (number, paragraphs) in pages.into_iter().enumerate() {
        if by_page && !paragraphs.is_empty() {
            blocks.push(Block::Heading(1, format!("{PAGE}{}", number + 1)));
        }
        for paragraph in paragraphs {
            if is_heading(&paragraph) {
                let level = larger.iter().position(|size| *size == halves(paragraph.size)).unwrap_or_default();
                blocks.push(Block::Heading(level.min(5) as u8 + 1, paragraph.text.replace('\n', " ")));
            } else {
                blocks.push(Block::Words(paragraph.text));
            }
        }
    }
    blocks
}

/// Whether a heading is that of a page.
pub(super) fn is_page(title: &str) -> bool {
    title.strip_prefix(PAGE).is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

/// How many letters there are that are known, and how many that are not, which are taken out.
pub(super) fn letters(blocks: &mut [Block]) -> (usize, usize) {
    let (mut known, mut unknown) = (0, 0);
    for block in blocks {
        let (Block::Heading(_, text) | Block::Words(text)) = block;
        known += text.chars().filter(|c| c.is_alphanumeric()).count();
        let all = text.len();
        text.retain(|c| c != UNKNOWN);
        unknown += (all - text.len()) / UNKNOWN.len_utf8();
    }
    (known, unknown)
}

/// A size in half points.
fn halves(size: f32) -> u32 {
    (size * 2.0).round() as u32
}

fn lines(runs: Vec<Run>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for run in runs {
        let size = run.size;
        let same = lines.last_mut().filter(|line| {
            let size = size.max(line.size);
            (run.height - line.height).abs() < size / 2.0 && run.from > line.to - size * 2.0
        });
        match same {
            Some(line) => {
                let gap = run.from - line.to;
                let spaced = line.text.ends_with(char::is_whitespace) || run.text.starts_with(char::is_whitespace);
                if gap > SPACE * size && !spaced {
                    line.text.push(' ');
                }
                line.text.push_str(&run.text);
                line.to = run.to;
                line.size = line.size.max(size);
            }
            None => lines.push(Line { text: run.text, to: run.to, height: run.height, size }),
        }
    }
    lines.retain_mut(|line| {
        line.text = plain(&line.text);
        !line.text.is_empty()
    });
    lines
}

fn paragraphs(lines: Vec<Line>) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    for line in lines {
        let goes_on = paragraphs.last_mut().filter(|above| {
            let down = above.height - line.height;
            down > 0.0 && down < LEADING * above.size.max(line.size) && halves(above.size) == halves(line.size)
        });
        match goes_on {
            Some(above) => {
                join(&mut above.text, &line.text);
                above.height = line.height;
            }
            None => paragraphs.push(Paragraph { text: line.text, size: line.size, height: line.height }),
        }
    }
    paragraphs
}

/// Puts a line below the others of its paragraph: what is listed on a line of its own, and without the hyphen of a word that was broken.
fn join(text: &mut String, line: &str) {
    let listed = line.starts_with(['•', '◦', '▪', '–', '-', '*', '·']);
    let broken = text.ends_with('-')
        && text.chars().rev().nth(1).is_some_and(char::is_lowercase)
        && line.starts_with(char::is_lowercase);
    if broken {
        text.pop();
    } else {
        text.push(if listed { '\n' } else { ' ' });
    }
    text.push_str(line);
}

/// On one line, with letters in the place of those that are drawn as one (U+FB00 to U+FB06).
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            'ﬀ' => plain.push_str("ff"),
            'ﬁ' => plain.push_str("fi"),
            'ﬂ' => plain.push_str("fl"),
            'ﬃ' => plain.push_str("ffi"),
            'ﬄ' => plain.push_str("ffl"),
            'ﬅ' | 'ﬆ' => plain.push_str("st"),
            '\u{ad}' => {}
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
