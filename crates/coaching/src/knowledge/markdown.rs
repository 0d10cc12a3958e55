//! Markdown and plain text as headings and paragraphs. What stands in a paragraph is left as it was written.
//!
//! Forms of headings and code: `CommonMark` 0.31.2, sections 4.2, 4.3 and 4.5.

use super::outline::Block;

/// Lines in which the block of settings at the head of a file has to end.
const FRONT: usize = 100;
/// Longest first line of a text that is taken for its title, in characters.
const TITLE: usize = 100;

/// A title, where the document has one, and its parts.
pub(super) type Parts = (Option<String>, Vec<Block>);

/// Reads Markdown.
pub(super) fn markdown(text: &str) -> Parts {
    let mut reader = Reader::default();
    let (title, rest) = front(text, &mut reader);
    for line in rest.lines() {
        reader.line(line);
    }
    reader.flush();
    let first = reader.blocks.iter().find_map(|block| match block {
        Block::Heading(_, title) => Some(title.clone()),
        Block::Words(_) => None,
    });
    (title.or(first), reader.blocks)
}

/// Reads plain text: paragraphs with blank lines between them.
pub(super) fn text(text: &str) -> Parts {
    let mut reader = Reader::default();
    for line in text.lines() {
        if line.trim().is_empty() {
            reader.flush();
        } else {
            reader.paragraph.push(line.to_owned());
        }
    }
    reader.flush();
    let title = match reader.blocks.as_slice() {
        [Block::Words(first), _, ..] if !first.contains('\n') && first.chars().count() <= TITLE => {
            Some(first.trim().to_owned())
        }
        _ => None,
    };
    (title, reader.blocks)
}

/// Settings between lines of `---` at the head of a file are a paragraph; their `title:` is the title. Returns it with what follows.
fn front<'a>(text: &'a str, reader: &mut Reader) -> (Option<String>, &'a str) {
    let Some(inner) = text.strip_prefix("---\n") else { return (None, text) };
    let mut at = 0;
    for line in inner.split_inclusive('\n').take(FRONT) {
        if matches!(line.trim_end(), "---" | "...") {
            let title = inner[..at].lines().find_map(|line| line.strip_prefix("title:"));
            let title = title.map(|title| title.trim().trim_matches(['"', '\'']).to_owned());
            reader.paragraph.extend(inner[..at].lines().map(str::to_owned));
            reader.flush();
            return (title.filter(|title| !title.is_empty()), &inner[at + line.len()..]);
        }
        at += line.len();
    }
    (None, text)
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    paragraph: Vec<String>,
    /// The mark by which the code that is open ends, and how often it stands at least.
    fence: Option<(char, usize)>,
}

impl Reader {
    fn flush(&mut self) {
        if !self.paragraph.is_empty() {
            self.blocks.push(Block::Words(std::mem::take(&mut self.paragraph).join("\n")));
        }
    }

    fn line(&mut self, line: &str) {
        let mark = mark(line);
        if let Some((open, least)) = self.fence {
            self.paragraph.push(line.to_owned());
            if mark.is_some_and(|(close, count, rest)| close == open && count >= least && rest.trim().is_empty()) {
                self.fence = None;
                self.flush();
            }
            return;
        }
        if let Some((open, count, rest)) = mark
            && !(open == '`' && rest.contains('`'))
        {
            self.flush();
            self.fence = Some((open, count));
            self.paragraph.push(line.to_owned());
        } else if line.trim().is_empty() {
            self.flush();
        } else if let Some((level, title)) = heading(line) {
            self.flush();
            self.blocks.push(Block::Heading(level, plain(title)));
        } else if let Some(level) = underline(line) {
            self.underlined(level, line);
        } else {
            self.paragraph.push(line.to_owned());
        }
    }

    /// A line of `=` or `-` makes a heading of the line above it, where that can be one.
    fn underlined(&mut self, level: u8, line: &str) {
        match self.paragraph.as_slice() {
            [title] if !title.trim_start().starts_with(['-', '*', '+', '>', '|']) => {
                let title = plain(title);
                self.paragraph.clear();
                self.blocks.push(Block::Heading(level, title));
            }
            // Alone it is a rule between two parts, and says nothing.
            [] => {}
            _ => self.paragraph.push(line.to_owned()),
        }
    }
}

/// The mark of code that a line begins with, how often it stands there, and what follows.
fn mark(line: &str) -> Option<(char, usize, &str)> {
    let text = indented(line)?;
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = text.trim_start_matches(mark);
    let count = text.len() - rest.len();
    (count >= 3).then_some((mark, count, rest))
}

fn heading(line: &str) -> Option<(u8, &str)> {
    let text = indented(line)?;
    let rest = text.trim_start_matches('#');
    let level = text.len() - rest.len();
    if !(1..=6).contains(&level) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let title = rest.trim();
    // Marks at its end belong to the form, where a space stands before them.
    let open = title.trim_end_matches('#');
    let title = if open.is_empty() || open.ends_with([' ', '\t']) { open.trim_end() } else { title };
    Some((level as u8, title))
}

fn underline(line: &str) -> Option<u8> {
    let text = indented(line)?.trim_end();
    let all = |mark: char| text.len() >= 2 && text.chars().all(|c| c == mark);
    if all('=') {
        return Some(1);
    }
    all('-').then_some(2)
}

/// The line without its indent, unless that makes it code.
fn indented(line: &str) -> Option<&str> {
    let text = line.trim_start_matches(' ');
    (line.len() - text.len() <= 3).then_some(text)
}

/// A heading without what makes it bold or code.
fn plain(title: &str) -> String {
    title.trim().trim_matches(['*', '_', '`']).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let blocks = markdown(text).1;
        blocks
            .into_iter()
            .map(|block| match block {
                Block::Heading(level, title) => format!("{level} {title}"),
                Block::Words(words) => words,
            })
            .collect()
    }

    #[test]
    fn headings_have_both_forms() {
        let text = "Dockline\n===\nIntro\nof two lines\n\n## **Pricing** ##\nPer seat.\nLimits\n---\n#none\n####### no\n# C#\n#\n";
        let expected = [
            "1 Dockline",
            "Intro\nof two lines",
            "2 Pricing",
            "Per seat.\nLimits\n---\n#none\n####### no",
            "1 C#",
            "1 ",
        ];
        assert_eq!(told(text), expected);
        assert_eq!(told("Limits\n---\nx\n\n---\n\n| a |\n---\n"), ["2 Limits", "x", "| a |\n---"]);
    }

    #[test]
    fn code_is_left_alone() {
        let text = "## Setup\n```sh\n# not a heading\n\n~~~\n```` \n# One\n~~~\n```\n# still code";
        let expected = ["2 Setup", "```sh\n# not a heading\n\n~~~\n```` ", "1 One", "~~~\n```\n# still code"];
        assert_eq!(told(text), expected);
        assert_eq!(told("    # code\n\n   # Two"), ["    # code", "1 Two"]);
        assert_eq!(told("```a` b\n# One"), ["```a` b", "1 One"]);
    }

    #[test]
    fn the_title_is_in_the_settings_or_the_first_heading() {
        let (title, blocks) = markdown("---\ntitle: \"Price list\"\ntags: x\n---\n# Dockline\n");
        assert_eq!(title.as_deref(), Some("Price list"));
        assert_eq!(blocks[0], Block::Words("title: \"Price list\"\ntags: x".to_owned()), "no word is lost");
        assert_eq!(markdown("x\n\n## Dockline\n").0.as_deref(), Some("Dockline"));
        assert_eq!(markdown("---\nx\n").0, None);
        assert_eq!(text("Price list\n\nOne\nTwo\n\n \nThree").0.as_deref(), Some("Price list"));
        assert_eq!(text("One\nTwo\n\nThree").0, None);
        assert_eq!(text("One\nTwo\n\nThree").1.len(), 2);
    }
}
