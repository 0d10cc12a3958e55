//! Names before a colon, `Sam Zhao: Shall we start?`, told apart from colons in speech, `Note: it is dear`.

use crate::roles::is_role;
use rustc_hash::{FxHashMap, FxHashSet};

/// Longest name believed, in characters.
const MAX_CHARS: usize = 60;
/// A file with more lines than this gives enough evidence to ask whatever is not shaped like a name for recurrence.
const LONG_FILE: usize = 20;
/// In a short file this many labels may look like neither name nor role and occur once; beyond, it is a list of settings.
const MAX_ODD_LABELS: usize = 2;

/// Words that begin a remark or a line of a form, not a name.
const OPENERS: &str = "\
    account action actions actually address advantage agenda agreed also alternatively although amount and answer anyway \
    attendees attention because benefit bonus bottom budget but call case catch caveat challenge channel company conclusion \
    confirmed cons context cost created crm date deadline deal decision details direction disclaimer disposition duration \
    email end essentially exactly example fact file finally first firstly for format fun fyi goal great heads hello here hey \
    hi honestly how http https id idea if important in including industry invitees it its kind language last lastly length \
    let like link listen location look maybe meaning meeting methods minutes mood my namely next no not note notes now ok \
    okay one opportunity option options or our outcome owner participants perfect phone plan please point price pricing \
    problem pros ps purpose question questions queue quick quote re reason recap recorded recording region remember reminder \
    result right risk risks same score second secondly see side so solution somehow source spoiler stage start started \
    status step steps subject sum summary sure takeaway that the then there these they thing third this those time timeline \
    tip title to topic topics total transcript transcription truth two type until update url version warning we website well \
    what when where which who why with yeah yep yes you your";
/// Words that no lower-case label contains.
const FUNCTION_WORDS: &str = "\
    a about am an are as asked at be been being by can case class could def default did do does else finally from had has \
    have he her him his i i'd i'll i'm i've is it's just me means of on private public said say says she than that's their \
    them think thought told try up us was were while will would";
/// Lower-case words within names.
const PARTICLES: &str = "\
    & al and bin da das de del della den der di do dos du e el ibn la le of ten ter und van von y zu";
/// Abbreviations whose full stop ends no sentence.
const ABBREVIATIONS: &str = "\
    co corp dr inc jr ltd md mr mrs ms mx phd prof sr st";
/// Sounds that captions put in brackets, where others put names.
const SOUNDS: &str = "\
    applause beep blank_audio click cough coughing coughs crosstalk foreign inaudible indistinct laugh laughing laughs \
    laughter music noise overlapping pause phone ringing sigh sighs silence sound typing unintelligible";

/// Whether a word is in one of the lists above.
fn listed(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

/// How much a text before a colon looks like a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A role or numbered speaker: "Agent 2".
    Role,
    /// Capitalised words: "Sam Zhao".
    Name,
    /// Something short that might be a user name, "kev", or a name with comma, "Doe, Jane [NA]".
    Odd,
    /// Speech.
    None,
}

/// A possible label at the start of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate<'a> {
    pub name: &'a str,
    /// The words after the label.
    pub rest: &'a str,
    /// Whether the way it is written leaves doubt (`[Name] words`, `Name:words`), so that it must recur.
    pub doubtful: bool,
}

/// The possible label of a line: `Name: words`, `Name：words`, `**Name:** words`, `[Name] words`.
pub(crate) fn candidate(line: &str) -> Option<Candidate<'_>> {
    let line = line.trim_start();
    if let Some(bold) = bold_label(line) {
        return Some(bold);
    }
    if let Some((name, rest)) = line.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
        let sure = rest.strip_prefix(':');
        let rest = sure.unwrap_or(rest);
        return Some(Candidate { name: name.trim(), rest: rest.trim_start(), doubtful: sure.is_none() })
            .filter(|c| !c.name.is_empty() && !listed(SOUNDS, &c.name.to_lowercase()));
    }
    let window = prefix(line, MAX_CHARS + 2);
    let narrow = memchr::memchr(b':', window.as_bytes());
    let wide = if window.is_ascii() { None } else { window.find('：') };
    let at = narrow.into_iter().chain(wide).min()?;
    let colon = if narrow == Some(at) { ':' } else { '：' };
    let rest = &line[at + colon.len_utf8()..];
    let name = line[..at].trim_end();
    let next = rest.chars().next();
    if name.is_empty() || next.is_some_and(|c| c == '/' || c == ':' || c.is_ascii_digit() && colon == ':') {
        return None;
    }
    let doubtful = colon == ':' && next.is_some_and(|c| !c.is_whitespace());
    Some(Candidate { name, rest: rest.trim_start(), doubtful })
}

/// `**Name:** words` or `**Name**: words`, also with `__`.
pub(crate) fn bold_label(line: &str) -> Option<Candidate<'_>> {
    let mark = ["**", "__"].into_iter().find(|mark| line.starts_with(mark))?;
    let inside = prefix(&line[2..], MAX_CHARS + 4);
    let end = inside.find(mark)?;
    let after = &line[2 + end + 2..];
    let (name, rest) = match inside[..end].trim_end().strip_suffix(':') {
        Some(name) => (name, after),
        None => (&inside[..end], after.strip_prefix(':')?),
    };
    let name = name.trim();
    (!name.is_empty()).then_some(Candidate { name, rest: rest.trim_start(), doubtful: false })
}

/// The beginning of a text, in which so many characters have room.
fn prefix(text: &str, chars: usize) -> &str {
    &text[..text.floor_char_boundary(chars * char::MAX_LEN_UTF8)]
}

fn shape(name: &str) -> Shape {
    let length = name.chars().count();
    if length > MAX_CHARS
        || !name.chars().any(char::is_alphabetic)
        || name.contains(['?', '!', ';', '…', '"', '“', '”', '<', '>', '=', '{', '}', '\\', '。', '，'])
    {
        return Shape::None;
    }
    if is_role(name) {
        return Shape::Role;
    }
    let words: Vec<&str> = name.split_whitespace().collect();
    let first = words[0].trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    if words.len() > 6 || listed(OPENERS, &first) || words.iter().any(|word| ends_sentence(word)) {
        return Shape::None;
    }
    let starts_with_letter = |word: &&str| !listed(PARTICLES, word) && bare(word).starts_with(char::is_alphabetic);
    if words.iter().all(|word| is_name_word(word)) && words.iter().any(starts_with_letter) {
        return if name.contains(',') { Shape::Odd } else { Shape::Name };
    }
    let speech = |word: &&str| {
        let word = word.to_lowercase();
        listed(FUNCTION_WORDS, &word) || listed(OPENERS, &word) || word.contains(['(', ',', '\''])
    };
    if words.len() <= 2 && !words.iter().any(speech) { Shape::Odd } else { Shape::None }
}

/// Whether a word ends in a full stop that is not an abbreviation's.
fn ends_sentence(word: &str) -> bool {
    word.strip_suffix('.').is_some_and(|stem| {
        let stem = stem.trim_start_matches('(').to_lowercase();
        stem.chars().count() > 1 && !stem.contains('.') && !listed(ABBREVIATIONS, &stem)
    })
}

/// Whether a word may stand in a name: capitalised, in a script without capitals, a particle, a number, or in brackets.
fn is_name_word(word: &str) -> bool {
    listed(PARTICLES, word) || bare(word).chars().next().is_none_or(|c| !c.is_lowercase())
}

/// A word without the punctuation before it.
fn bare(word: &str) -> &str {
    word.trim_start_matches(|c: char| !c.is_alphanumeric())
}

/// The labels of a file, decided by all of its lines.
#[derive(Debug, Default)]
pub(crate) struct Labels<'a> {
    accepted: FxHashSet<&'a str>,
}

impl<'a> Labels<'a> {
    /// Decides which of the candidates are names; `lines` is the number of lines they were found among.
    pub(crate) fn learn(candidates: impl Iterator<Item = Candidate<'a>>, lines: usize) -> Self {
        let mut tally: FxHashMap<&'a str, (usize, bool)> = FxHashMap::default();
        let mut labelled = 0;
        for candidate in candidates {
            labelled += 1;
            let (count, doubtful) = tally.entry(candidate.name).or_insert((0, true));
            *count += 1;
            *doubtful &= candidate.doubtful;
        }
        let mostly_labelled = labelled * 2 > lines;
        let is_long = lines > LONG_FILE;
        let mut accepted = FxHashSet::default();
        let (mut once, mut odd) = (Vec::new(), Vec::new());
        for (name, (count, doubtful)) in tally {
            match shape(name) {
                Shape::None => {}
                Shape::Role if !doubtful => drop(accepted.insert(name)),
                _ if count > 1 => drop(accepted.insert(name)),
                _ if doubtful => {}
                Shape::Role | Shape::Name => once.push(name),
                Shape::Odd => odd.push(name),
            }
        }
        // One remark with a colon does not make a long text a dialogue.
        if !is_long || !accepted.is_empty() {
            accepted.extend(once);
        }
        if !is_long && mostly_labelled && odd.len() <= MAX_ODD_LABELS {
            accepted.extend(odd);
        }
        Self { accepted }
    }

    /// These names too, whatever they look like.
    pub(crate) fn with(mut self, names: &[&'a str]) -> Self {
        self.accepted.extend(names);
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.accepted.is_empty()
    }

    pub(crate) fn accepts(&self, name: &str) -> bool {
        self.accepted.contains(name)
    }

    /// The label of a line and the words after it, if it has an accepted one.
    pub(crate) fn split<'l>(&self, line: &'l str) -> Option<(&'l str, &'l str)> {
        let candidate = candidate(line)?;
        self.accepts(candidate.name).then_some((candidate.name, candidate.rest))
    }
}
