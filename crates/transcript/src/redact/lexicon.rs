//! The words that numbers, fillers and contexts are made of.

use super::RedactKind;
use super::lexicon_zh;
use super::tokens::is_sign;
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// What a word can be; one word can be several things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Word {
    /// Bits of the constants below.
    pub(super) flags: u16,
    /// The number it says, or how often it doubles.
    pub(super) value: u8,
}

/// Zero to nine.
pub(super) const DIGIT: u16 = 1;
/// "oh": a digit beside other digits only.
pub(super) const OH: u16 = 1 << 1;
/// Ten to nineteen.
pub(super) const TEEN: u16 = 1 << 2;
/// Twenty to ninety.
pub(super) const TENS: u16 = 1 << 3;
/// "double", "triple".
pub(super) const TIMES: u16 = 1 << 4;
/// "hundred".
pub(super) const HUNDRED: u16 = 1 << 5;
/// Said between the digits of one number: "um", "dash", "then".
pub(super) const FILLER: u16 = 1 << 6;
/// What a listener says while a number is dictated, and what leads on to its next part.
pub(super) const BACK: u16 = 1 << 7;
/// A word of a request: "can I have", "what is".
pub(super) const REQUEST: u16 = 1 << 8;
/// After a number, it says that the number is a quantity, a date or a time.
pub(super) const UNIT: u16 = 1 << 9;
/// Directly before a number, it says that the number is a quantity, a date, a time or a place.
pub(super) const BEFORE: u16 = 1 << 10;
/// First word of a phrase in [`PHRASES`].
pub(super) const CUE: u16 = 1 << 11;
/// Joins a number to the context after it: "412 *is* the security code".
pub(super) const IS: u16 = 1 << 12;

impl Word {
    /// Whether it is one of these things.
    pub(super) fn is(self, flags: u16) -> bool {
        self.flags & flags != 0
    }
}

/// What the words around a number say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Cue {
    /// Nothing.
    #[default]
    None,
    /// A card is spoken of.
    Card,
    /// The number of a card.
    CardNumber,
    /// Security code.
    Cvv,
    /// "The code": a security code where a card was spoken of.
    Code,
    /// PIN.
    Pin,
    /// Bank account.
    Bank,
    /// Identity number.
    Id,
    /// The social security number, of which the last four digits identify as well.
    Social,
    /// Telephone.
    Phone,
    /// A number that is none of these: of an order, a room, a flight.
    Other,
    /// "The last four", "ending in": what may be kept of a card.
    LastFour,
}

impl Cue {
    /// The kind of number that it asks for, if that is one kind.
    pub(super) fn kind(self) -> Option<RedactKind> {
        Some(match self {
            Self::CardNumber => RedactKind::Card,
            Self::Cvv => RedactKind::Cvv,
            Self::Pin => RedactKind::Pin,
            Self::Bank => RedactKind::BankAccount,
            Self::Id | Self::Social => RedactKind::IdNumber,
            Self::Phone => RedactKind::Phone,
            Self::None | Self::Card | Self::Code | Self::Other | Self::LastFour => return None,
        })
    }
}

/// Phrases in lower case. Of those that begin at a word the longest counts.
const PHRASES: &[(Cue, &[&str])] = &[
    (Cue::Card, &["card", "visa", "mastercard", "amex", "american express", "maestro", "cards"]),
    (
        Cue::CardNumber,
        &[
            "card number",
            "card no",
            "card numbers",
            "card digits",
            "number on the card",
            "number on your card",
            "numbers on the card",
            "number on the front",
            "numbers on the front",
            "number across the front",
            "long number",
            "long card number",
            "sixteen digit",
            "16 digit",
            "sixteen digits",
            "16 digits",
            "card details",
        ],
    ),
    (
        Cue::Cvv,
        &[
            "cvv",
            "cvv number",
            "cvv code",
            "cvc",
            "cvc number",
            "cvc code",
            "cvn",
            "csc",
            "cid",
            "c v v",
            "c v c",
            "cv v",
            "cbv",
            "cvv2",
            "cvc2",
            "security code",
            "security number",
            "security digits",
            "card code",
            "verification code",
            "verification value",
            "card verification number",
            "three digits on the back",
            "three digit number on the back",
            "three digit code",
            "three digit number",
            "3 digit code",
            "3 digit number",
            "3 digits on the back",
            "three numbers on the back",
            "digits on the back",
            "numbers on the back",
            "number on the back",
            "code on the back",
            "code on back",
            "on the back",
            "back of the card",
            "back of your card",
            "back of my card",
            "back of it",
            "signature strip",
            "four digits on the front",
            "four digit code on the front",
        ],
    ),
    (Cue::Code, &["code", "codes"]),
    (
        Cue::Pin,
        &[
            "pin",
            "pin number",
            "pin code",
            "pins",
            "p i n",
            "passcode",
            "pass code",
            "personal identification number",
            "atm code",
        ],
    ),
    (
        Cue::Bank,
        &[
            "account number",
            "account numbers",
            "account no",
            "account num",
            "account",
            "acct",
            "acct number",
            "acct no",
            "bank account",
            "bank account number",
            "bank details",
            "checking account",
            "savings account",
            "current account",
            "iban",
            "i ban",
            "iban number",
            "routing",
            "routing number",
            "routing code",
            "routing transit number",
            "transit number",
            "sort code",
            "sort codes",
            "aba",
            "aba number",
            "bsb",
            "bsb number",
            "ifsc",
        ],
    ),
    (
        Cue::Social,
        &[
            "ssn",
            "s s n",
            "social",
            "social security",
            "social security number",
            "social security no",
            "social security card",
            "social number",
            "socials",
        ],
    ),
    (
        Cue::Id,
        &[
            "social insurance",
            "social insurance number",
            "sin number",
            "national insurance",
            "national insurance number",
            "ni number",
            "n i number",
            "nino",
            "passport",
            "passport number",
            "passport no",
            "driver license",
            "driver licence",
            "drivers license",
            "drivers licence",
            "driver's license",
            "driver's licence",
            "driving licence",
            "driving license",
            "driver license number",
            "driver licence number",
            "drivers license number",
            "drivers licence number",
            "driver's license number",
            "driver's licence number",
            "driving licence number",
            "driving license number",
            "license number",
            "licence number",
            "dl number",
            "nhs",
            "nhs number",
            "n h s number",
            "medicare number",
            "medicaid number",
            "tax id",
            "tax i d",
            "tax id number",
            "tax number",
            "tax file number",
            "tax identification number",
            "tax reference",
            "taxpayer",
            "taxpayer id",
            "taxpayer identification number",
            "unique taxpayer reference",
            "tfn",
            "ein",
            "itin",
            "identity card",
            "identity card number",
            "id card",
            "id card number",
            "identity number",
            "identification number",
            "national id",
            "national id number",
            "personal number",
            "personal id number",
            "aadhaar",
            "aadhaar number",
            "residence permit",
            "green card",
            "green card number",
            "alien number",
        ],
    ),
    (
        Cue::Phone,
        &[
            "phone",
            "phone number",
            "telephone",
            "telephone number",
            "mobile",
            "mobile number",
            "cell",
            "cell number",
            "cellphone",
            "landline",
            "tel",
            "fax",
            "fax number",
            "desk",
            "call me",
            "call us",
            "call you",
            "call him",
            "call her",
            "call back",
            "callback",
            "reach me",
            "reach you",
            "reach us",
            "text me",
            "text you",
            "ring me",
            "contact number",
            "best number",
            "number to reach",
            "number to call",
            "my number",
            "your number",
            "work number",
            "home number",
            "office number",
            "direct line",
            "whatsapp",
        ],
    ),
    (
        Cue::Other,
        &[
            "order",
            "order number",
            "order id",
            "reference",
            "reference number",
            "ref",
            "tracking",
            "tracking number",
            "invoice",
            "invoice number",
            "ticket",
            "ticket number",
            "case",
            "case number",
            "case id",
            "confirmation",
            "confirmation number",
            "confirmation code",
            "area code",
            "country code",
            "dialling code",
            "dialing code",
            "discount code",
            "promo code",
            "coupon code",
            "voucher code",
            "referral code",
            "error code",
            "status code",
            "source code",
            "bar code",
            "qr code",
            "access code",
            "approval code",
            "authorization code",
            "authorisation code",
            "billing code",
            "code base",
            "code review",
            "code word",
            "booking",
            "booking number",
            "serial",
            "serial number",
            "model",
            "model number",
            "part number",
            "product code",
            "sku",
            "imei",
            "quote number",
            "purchase order",
            "po number",
            "customer number",
            "customer id",
            "member number",
            "loyalty card number",
            "loyalty number",
            "gift card number",
            "library card number",
            "card reader",
            "vehicle identification number",
            "registration number",
            "number plate",
            "license plate",
            "licence plate",
            "room",
            "flight",
            "gate",
            "extension",
            "article",
            "version",
            "chapter",
            "page",
            "meeting id",
            "account manager",
            "account executive",
            "account managers",
            "account executives",
            "phone system",
            "pin it",
            "pin that",
            "pin this",
            "pin down",
            "pin point",
            "zip",
            "zip code",
            "postal code",
            "postcode",
            "price",
            "cost",
            "costs",
            "budget",
            "total",
            "amount",
            "balance",
            "how many",
            "how much",
            "how long",
            "how old",
        ],
    ),
    (
        Cue::LastFour,
        &[
            "last four",
            "last 4",
            "last four digits",
            "last 4 digits",
            "final four",
            "ending in",
            "ending",
            "ends in",
            "ends with",
            "ending with",
        ],
    ),
];

const LISTS: &[(u16, &str)] = &[
    (FILLER, "um uh er erm hm dash hyphen space then and so okay ok like comma slash"),
    (
        BACK,
        "mm mhm mmhm hmm hm uh huh okay ok yes yeah yep yup right sure go ahead on and then next got it that's that is it's its the so \
         perfect great good thanks thank you alright all fine please continue i i'm listening carry keep going after last rest was \
         um er erm ah oh sorry repeat again slower slow down lovely brilliant cool next first four digits numbers of with you mm-hm \
         uh-huh mm-hmm ready me noted copy done",
    ),
    (
        REQUEST,
        "can could may might what what's whats which give tell need read provide confirm verify enter please have type say your \
         share spell would repeat",
    ),
    (
        UNIT,
        "dollars dollar bucks quid euros euro pounds pound pence cents cent percent seats seat users user licenses licences license \
         people employees agents reps hours hour minutes minute mins seconds second days day weeks week months month quarters quarter \
         years year times am pm a.m p.m o'clock items units orders calls emails customers clients accounts cards pages rooms trucks \
         thousand million billion grand k m kg km miles meters metres feet inches gb mb tb digit digits number numbers of point \
         january february march april may june july august september october november december st nd rd th usd eur gbp",
    ),
    (
        BEFORE,
        "at around about by until till before after since room page line suite floor version chapter in article over under than \
         nearly almost roughly approximately between every within year q january february march april june july august september \
         october november december thousand million billion point times plus minus only top windows office gate flight order",
    ),
    (IS, "is was as for are were"),
];

/// Adds spoken numbers to the words.
fn numbers(words: &mut FxHashMap<&'static str, Word>) {
    let mut add = |list: &'static str, flags: u16, first: u8, step: u8| {
        for (value, word) in (0_u8..).zip(list.split(' ')) {
            let entry = words.entry(word).or_default();
            entry.flags |= flags;
            entry.value = first + step * value;
        }
    };
    add("zero one two three four five six seven eight nine", DIGIT, 0, 1);
    add("nought", DIGIT, 0, 1);
    add("naught", DIGIT, 0, 1);
    add("niner", DIGIT, 9, 1);
    add("oh", OH, 0, 1);
    add("o", OH, 0, 1);
    add("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", TEEN, 10, 1);
    add("twenty thirty forty fifty sixty seventy eighty ninety", TENS, 20, 10);
    add("fourty", TENS, 40, 10);
    add("double triple quadruple", TIMES, 2, 1);
    add("treble", TIMES, 3, 1);
    add("hundred", HUNDRED, 100, 1);
    add(lexicon_zh::DIGITS, DIGIT, 0, 1);
    for (word, value) in lexicon_zh::MORE_DIGITS {
        add(word, DIGIT, *value, 1);
    }
}

/// A word in lower case, as far as it is known.
pub(super) fn word(lower: &str) -> Word {
    static WORDS: OnceLock<FxHashMap<&'static str, Word>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let mut words = FxHashMap::default();
        numbers(&mut words);
        let lists = LISTS.iter().chain(lexicon_zh::LISTS);
        let lists = lists.flat_map(|(flag, list)| list.split_ascii_whitespace().map(move |word| (*flag, word)));
        let cues = all_phrases().filter_map(|(_, phrase)| parts(phrase).next());
        for (flag, word) in lists.chain(cues.map(|word| (CUE, word))) {
            words.entry(word).or_insert_with(Word::default).flags |= flag;
        }
        words
    });
    words.get(lower).copied().unwrap_or_default()
}

/// Letters of the longest word of a number in Latin letters.
const LONGEST: usize = 9;

/// Whether a text may hold a number of three digits: it has a digit, two words of a number ("triple four"), or letters that are no ASCII.
pub(super) fn may_hold_number(text: &str) -> bool {
    let is_number = |letters: &[u8]| {
        let mut lower = [0; LONGEST];
        let Some(lower) = lower.get_mut(..letters.len()).filter(|lower| !lower.is_empty()) else { return false };
        lower.copy_from_slice(letters);
        lower.make_ascii_lowercase();
        std::str::from_utf8(lower).is_ok_and(|lower| word(lower).is(DIGIT | TEEN | TENS | OH | TIMES | HUNDRED))
    };
    !text.is_ascii()
        || text.bytes().any(|byte| byte.is_ascii_digit())
        || text.as_bytes().split(|byte| !byte.is_ascii_alphabetic()).filter(|word| is_number(word)).nth(1).is_some()
}

/// All phrases with what they say.
fn all_phrases() -> impl Iterator<Item = (Cue, &'static str)> {
    let english = PHRASES.iter().flat_map(|(cue, phrases)| phrases.iter().map(move |phrase| (*cue, *phrase)));
    let chinese = lexicon_zh::PHRASES.iter();
    english.chain(chinese.flat_map(|(cue, list)| list.split_ascii_whitespace().map(move |phrase| (*cue, phrase))))
}

/// The tokens of a phrase: words, and signs that are words of their own.
fn parts(phrase: &'static str) -> impl Iterator<Item = &'static str> {
    let pieces = phrase.split(' ').flat_map(|word| word.split_inclusive(is_sign));
    let both = pieces.flat_map(|piece| {
        let sign = piece.char_indices().next_back().filter(|(_, c)| is_sign(*c));
        let (word, sign) = piece.split_at(sign.map_or(piece.len(), |(at, _)| at));
        [word, sign]
    });
    both.filter(|part| !part.is_empty())
}

/// The words of a phrase after its first, and what it says.
pub(super) type Phrase = (Vec<&'static str>, Cue);

/// The phrases that begin with this word: the words after it, and the meaning.
pub(super) fn phrases(first: &str) -> &'static [Phrase] {
    static BY_FIRST: OnceLock<FxHashMap<&'static str, Vec<Phrase>>> = OnceLock::new();
    let by_first = BY_FIRST.get_or_init(|| {
        let mut by_first: FxHashMap<&'static str, Vec<Phrase>> = FxHashMap::default();
        for (cue, phrase) in all_phrases() {
            let mut words = parts(phrase);
            let first = words.next().unwrap_or_default();
            by_first.entry(first).or_default().push((words.collect(), cue));
        }
        for list in by_first.values_mut() {
            list.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        }
        by_first
    });
    by_first.get(first).map_or(&[], Vec::as_slice)
}
