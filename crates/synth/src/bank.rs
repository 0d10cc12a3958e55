//! The phrase banks: parsed once from the embedded files of `data/` (notation in `data/README.md`).

use std::collections::BTreeMap;
use std::sync::LazyLock;
use transcript::Side;

/// One bank file: slots and, by section, the exchanges to choose from.
#[derive(Debug, Default)]
pub(crate) struct Bank {
    /// Slot names with the values one of which is drawn per call.
    pub(crate) slots: Vec<(&'static str, Vec<&'static str>)>,
    pub(crate) sections: BTreeMap<&'static str, Vec<Exchange>>,
}

/// A few lines that belong together, such as a question with its answer.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) id: &'static str,
    attributes: Vec<(&'static str, &'static str)>,
    /// Lines by part; the first part has the name `""`.
    parts: Vec<(&'static str, Vec<Line>)>,
}

/// One line of one speaker.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) side: Side,
    /// Said by the second person of the customer's side.
    pub(crate) is_guests: bool,
    /// Whether the line is only for an exchange that goes well (`Some(true)`) or badly.
    pub(crate) only_when: Option<bool>,
    pub(crate) chunks: Vec<Chunk>,
}

/// Words up to a group of tags, and these tags without their `@`.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) words: &'static str,
    pub(crate) tags: Vec<&'static str>,
}

impl Exchange {
    /// An attribute written behind the id.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'static str> {
        self.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    /// The lines of a part; none when the exchange lacks it.
    pub(crate) fn part(&self, name: &str) -> &[Line] {
        self.parts.iter().find(|(part, _)| *part == name).map_or(&[], |(_, lines)| lines)
    }

    /// Every line of every part.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.parts.iter().flat_map(|(_, lines)| lines)
    }
}

impl Bank {
    fn parse(text: &'static str) -> Result<Self, String> {
        let mut bank = Self::default();
        let mut section = "";
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |what: &str| format!("line {}: {what}: {line}", number + 1);
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name;
                bank.sections.entry(section).or_default();
            } else if section.is_empty() {
                let (name, values) = line.split_once('=').ok_or_else(|| wrong("a slot needs `name = values`"))?;
                bank.slots.push((name.trim(), values.split('|').map(str::trim).collect()));
            } else if let Some(head) = line.strip_prefix("= ") {
                bank.sections.entry(section).or_default().push(Exchange::parse(head));
            } else {
                let exchange = bank.sections.get_mut(section).and_then(|list| list.last_mut());
                let exchange = exchange.ok_or_else(|| wrong("a line outside an exchange"))?;
                if let Some(part) = line.strip_prefix("> ") {
                    exchange.parts.push((part, Vec::new()));
                } else {
                    let parsed = Line::parse(line).ok_or_else(|| wrong("a line needs `R:` or `C:` and words"))?;
                    exchange.parts.last_mut().expect("an exchange has a first part").1.push(parsed);
                }
            }
        }
        Ok(bank)
    }
}

impl Exchange {
    /// Reads `id key: value; key: value`.
    fn parse(head: &'static str) -> Self {
        let (id, rest) = head.split_once(' ').unwrap_or((head, ""));
        let attributes = rest
            .split(';')
            .filter_map(|pair| pair.split_once(':'))
            .map(|(key, value)| (key.trim(), value.trim()))
            .collect();
        Self { id, attributes, parts: vec![("", Vec::new())] }
    }
}

impl Line {
    fn parse(line: &'static str) -> Option<Self> {
        let (who, mut rest) = line.split_once(':')?;
        let (side, only_when) = match who {
            "R" => (Side::Internal, None),
            "R+" => (Side::Internal, Some(true)),
            "R-" => (Side::Internal, Some(false)),
            "C" | "G" => (Side::External, None),
            "C+" => (Side::External, Some(true)),
            "C-" => (Side::External, Some(false)),
            _ => return None,
        };
        let mut chunks = Vec::new();
        while !rest.trim().is_empty() {
            let end = rest.find(" @").unwrap_or(rest.len());
            let words = rest[..end].trim();
            rest = rest[end..].trim_start();
            let mut tags = Vec::new();
            while let Some(tagged) = rest.strip_prefix('@') {
                let end = tagged.find(' ').unwrap_or(tagged.len());
                tags.push(&tagged[..end]);
                rest = tagged[end..].trim_start();
            }
            if words.is_empty() {
                return None;
            }
            chunks.push(Chunk { words, tags });
        }
        (!chunks.is_empty()).then_some(Self { side, is_guests: who == "G", only_when, chunks })
    }
}

/// Everything that is embedded.
pub(crate) struct Banks {
    pub(crate) sales: Vec<Bank>,
    pub(crate) sales_common: Bank,
    pub(crate) service: Vec<Bank>,
    pub(crate) service_common: Bank,
    pub(crate) first_names: Vec<&'static str>,
    pub(crate) last_names: Vec<&'static str>,
}

macro_rules! banks {
    ($($path:literal),+ $(,)?) => {
        vec![$(bank(include_str!(concat!("../data/", $path, ".bank")))),+]
    };
}

fn bank(text: &'static str) -> Bank {
    Bank::parse(text).expect("the embedded banks are read in a test")
}

fn names(label: &str) -> Vec<&'static str> {
    let lines = include_str!("../data/names.txt").lines();
    lines.filter_map(|line| line.strip_prefix(label)).flat_map(str::split_whitespace).collect()
}

/// The embedded banks.
pub(crate) static BANKS: LazyLock<Banks> = LazyLock::new(|| Banks {
    sales: banks![
        "sales/hospitality",
        "sales/logistics",
        "sales/dental",
        "sales/maintenance",
        "sales/construction",
        "sales/wholesale",
        "sales/college",
        "sales/property",
        "sales/legal",
        "sales/awareness",
    ],
    sales_common: bank(include_str!("../data/sales/common.bank")),
    service: banks![
        "service/broadband",
        "service/card",
        "service/parcel",
        "service/clinic",
        "service/energy",
        "service/insurance",
        "service/hotel",
        "service/payroll",
        "service/software",
        "service/transit",
    ],
    service_common: bank(include_str!("../data/service/common.bank")),
    first_names: names("first:"),
    last_names: names("last:"),
});

#[cfg(test)]
mod tests;
