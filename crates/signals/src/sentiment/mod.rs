//! How positive or negative a text sounds, from its words alone.
//!
//! [`vader()`] is VADER (C.J. Hutto and E.E. Gilbert, ICWSM 2014), equal to the Python package vaderSentiment 3.3.2: on the 6,400 lines
//! of `tests/golden/vader.tsv` all four numbers are the same. [`spoken()`] puts the lexicon right for business conversation and keeps
//! long texts from saturating. Lexicon, modifiers and emoji come from the package (MIT, `data/sentiment/LICENSE-vader.txt`) through
//! `bench/peers/vader_golden.py`; `data/sentiment/spoken.tsv` is our own.
//!
//! Beside each other, as `tests/it/sentiment_figures.rs` prints them:
//!
//! | | VADER | spoken |
//! |---|---|---|
//! | 400 rated tweets: r (in view when the table was made) | 0.864 | 0.874 |
//! | the same in lower case without punctuation | 0.826 | 0.841 |
//! | held-out support calls, customer's words: AUC for satisfied | 0.533 | 0.667 |
//! | the same, last quarter of the call | 0.600 | 0.867 |
//! | held-out support calls: rank correlation with the sentiment label | 0.639 | 0.759 |
//! | the same, last quarter of the call | 0.337 | 0.675 |
//!
//! The calls are synthetic and a model labelled them, and there are only 8 different transcripts in the held-out half: they show a direction,
//! no size. Where a customer is satisfied shows in the last quarter rather than in the mean, because early words tell of the trouble.
//!
//! Time on 2,539 lines of conversation of 12 words each, one core: 0.78 µs a line for `vader`, 1.3 µs for `spoken`, 43 µs for the
//! package on Python 3.11 (`examples/sentiment_lines.rs`, `bench/peers/vader_golden.py --time`).
//!
//! Deliberately absent: languages other than English, sarcasm, and anything from voice or video.

mod lexicon;
mod spoken;
mod token;
mod vader;

pub use spoken::spoken;
pub use vader::{Scores, vader};
