//! The words before and after a number that say what it is.

use super::RedactKind;
use super::lexicon::{Cue, IS};
use super::runs::is_backchannel;
use super::tokens::{Stream, gap};

/// Words between a phrase and the number it speaks of.
const WORDS: usize = 10;
/// Words between a question and the number in the answer.
const ANSWER_WORDS: usize = 16;
/// Words of the question that are read, from its end.
const QUESTION_WORDS: usize = 40;
/// Stretches of speech that are read backwards.
const PIECES: usize = 8;
/// Names, addresses and the like that are read across.
const CROSSED: usize = 8;
/// Words between a number and the phrase after it: "412 is the security code".
const AFTER_WORDS: usize = 5;
/// Words between a card number and the code that goes with it, in all stretches of speech.
const CARD_WORDS: usize = 40;

/// A phrase near a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clue {
    /// What it says.
    pub(super) cue: Cue,
    /// Words between.
    pub(super) words: usize,
    /// Ends of sentences between.
    pub(super) sentences: usize,
    /// Whether the other side asked for it.
    pub(super) asked: bool,
}

/// Phrases before a token, nearest first. Nothing is read across another number that is already taken. Names and addresses count
/// nothing, so that the same is read where they are replaced already.
pub(super) fn clues_before(stream: &Stream<'_>, token: usize) -> Vec<Clue> {
    let mut clues = Vec::new();
    let mut walk = Walk { words: 0, sentences: 0, limit: ANSWER_WORDS, crossed: 0, asked: false, question: false };
    let piece = stream.tokens[token].piece as usize;
    if !walk.back(stream, stream.range(piece).start..token, stream.tokens[token].before, &mut clues) {
        return clues;
    }
    let speaker = stream.pieces[piece].speaker;
    let mut asker = None;
    for piece in (0..piece).rev().take(PIECES) {
        let from = &stream.pieces[piece];
        if is_backchannel(stream, piece) {
            continue;
        }
        match asker {
            Some(asker) if asker != from.speaker => break,
            None if from.speaker != speaker || speaker.is_none() && from.asks => {
                if walk.words > ANSWER_WORDS || !from.asks {
                    break;
                }
                asker = Some(from.speaker);
                walk.asked = true;
                walk.words = 0;
                walk.limit = QUESTION_WORDS;
            }
            _ => {}
        }
        // The end of a piece is not the end of a sentence: recognisers cut where somebody breathes.
        if !walk.back(stream, stream.range(piece), from.tail, &mut clues) {
            break;
        }
    }
    clues
}

struct Walk {
    words: usize,
    sentences: usize,
    limit: usize,
    crossed: usize,
    asked: bool,
    /// Whether a question was read already: what was said before it is answered by something else.
    question: bool,
}

impl Walk {
    /// Reads tokens from the end; says whether to read on before them. `after` is what stands after the last.
    fn back(&mut self, stream: &Stream<'_>, range: std::ops::Range<usize>, after: u16, clues: &mut Vec<Clue>) -> bool {
        let mut after = after;
        for at in range.rev() {
            let token = &stream.tokens[at];
            if after & gap::SENTENCE != 0 {
                if self.asked && self.question {
                    return false;
                }
                self.sentences += 1;
            }
            self.question |= self.asked && after & gap::QUESTION != 0;
            if is_crossed(token.taken) && self.crossed < CROSSED {
                self.crossed += usize::from(!token.inner);
                after = if token.inner { 0 } else { token.before };
                continue;
            }
            if token.taken.is_some() || self.words >= self.limit {
                return false;
            }
            if token.cue != Cue::None && (self.asked || self.words < WORDS) {
                clues.push(Clue { cue: token.cue, words: self.words, sentences: self.sentences, asked: self.asked });
            }
            self.words += 1;
            after = token.before;
        }
        true
    }
}

fn is_crossed(taken: Option<RedactKind>) -> bool {
    matches!(taken, Some(RedactKind::Name | RedactKind::Email | RedactKind::Address))
}

/// Whether a card number was told not long before a token.
pub(super) fn is_near_card(stream: &Stream<'_>, token: usize) -> bool {
    let (mut words, mut places) = (0, 0);
    for before in stream.tokens[..token].iter().rev() {
        match before.taken {
            Some(RedactKind::Card) => return true,
            Some(_) => places += usize::from(!before.inner),
            None => words += 1,
        }
        if words > CARD_WORDS || places > CROSSED {
            break;
        }
    }
    false
}

/// Phrases after a token that are said of it: "412 is the security code".
pub(super) fn clues_after(stream: &Stream<'_>, token: usize) -> Vec<Clue> {
    let mut clues = Vec::new();
    let Some(is) = stream.next(token).filter(|&next| stream.tokens[next].word.is(IS)) else { return clues };
    let joined = |at: usize| {
        let token = &stream.tokens[at];
        token.taken.is_none() && token.before & !gap::SPACE == 0
    };
    let mut at = Some(is);
    for words in 0..AFTER_WORDS {
        let Some(next) = at.filter(|&at| joined(at)) else { break };
        let cue = stream.tokens[next].cue;
        if cue != Cue::None {
            clues.push(Clue { cue, words, sentences: 0, asked: false });
        }
        at = stream.next(next);
    }
    clues
}
