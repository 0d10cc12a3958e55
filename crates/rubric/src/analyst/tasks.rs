//! The errands callers bring to a service desk, and the sentences that tell what became of them.

use super::facts::value_words;
use super::questions::contains;

/// An errand by the words that name it.
struct Task {
    /// Sequences of which one names it.
    named: &'static [&'static [&'static str]],
    /// Sequences beside which the name means something else.
    unless: &'static [&'static [&'static str]],
}

/// Errands of which one is never the answer to another: who asked for a password is not helped with a balance. What desks of all trades do is
/// listed, not what one of them sells.
const TASKS: &[Task] = &[
    // Cheques ordered.
    Task {
        named: &[&["checks"], &["cheques"], &["checkbook"], &["chequebook"], &["check", "book"], &["order", "check"]],
        unless: &[],
    },
    // A balance told.
    Task {
        named: &[
            &["balance"],
            &["balances"],
            &["how", "much", "do", "i", "have"],
            &["how", "much", "money"],
            &["how", "much", "is", "in"],
        ],
        unless: &[&["balance", "transfer"], &["pay"]],
    },
    // A card replaced.
    Task {
        named: &[
            &["debit", "card"],
            &["credit", "card"],
            &["my", "card"],
            &["new", "card"],
            &["your", "card"],
            &["replacement", "card"],
        ],
        unless: &[&["bill"], &["pay"], &["payment"], &["balance"], &["number"], &["on", "file"], &["fee"], &["charge"]],
    },
    // A way back into an account.
    Task {
        named: &[
            &["password"],
            &["passcode"],
            &["log", "in"],
            &["login"],
            &["locked", "out"],
            &["sign", "in"],
            &["reset", "link"],
        ],
        unless: &[],
    },
    // An appointment made.
    Task {
        named: &[&["appointment"], &["schedule"], &["scheduled"], &["meeting"]],
        unless: &[&["payment"], &["transfer"], &["opening"], &["hours"]],
    },
    // Opening hours told.
    Task {
        named: &[
            &["hours"],
            &["opening", "times"],
            &["what", "time", "open"],
            &["what", "time", "close"],
            &["time", "do", "you", "close"],
            &["time", "do", "you", "open"],
            &["branch", "opens"],
            &["branch", "closes"],
            &["branch", "open"],
            &["branch", "close"],
            &["is", "open", "from"],
            &["is", "open", "until"],
        ],
        unless: &[
            &["twenty", "four", "hours"],
            &["business", "hours"],
            &["hours", "ago"],
            &["within"],
            &["takes"],
            &["take"],
            &["few"],
        ],
    },
    // A bill paid.
    Task { named: &[&["bill"], &["bills"], &["invoice"]], unless: &[&["dollar", "bill"]] },
    // Money moved.
    Task {
        named: &[&["transfer"], &["transferred"], &["move", "money"], &["moved", "money"], &["move", "some", "money"]],
        unless: &[&["you", "to"], &["your", "call"]],
    },
];

/// The errands a sentence names, one bit each.
pub(super) fn tasks_of(words: &[&str]) -> u16 {
    let named = |task: &Task| contains(words, task.named) && !contains(words, task.unless);
    TASKS.iter().enumerate().filter(|(_, task)| named(task)).fold(0, |all, (bit, _)| all | 1 << bit)
}

/// Participles with which something is told to be done ("has been ordered", "I just sent").
const DONE_VERBS: &[&str] = &[
    "activated",
    "arranged",
    "booked",
    "canceled",
    "cancelled",
    "changed",
    "completed",
    "confirmed",
    "credited",
    "delivered",
    "deposited",
    "emailed",
    "fixed",
    "issued",
    "mailed",
    "moved",
    "ordered",
    "paid",
    "placed",
    "processed",
    "refunded",
    "registered",
    "replaced",
    "requested",
    "reserved",
    "reset",
    "resolved",
    "scheduled",
    "sent",
    "set",
    "shipped",
    "submitted",
    "transferred",
    "unlocked",
    "updated",
];

/// Words that may stand before such a participle where it tells what was done now. Not "was": what was sent last week is what the caller calls about.
const DONE_HELPERS: &[&str] = &[
    "been",
    "is",
    "are",
    "have",
    "has",
    "i",
    "we",
    "just",
    "now",
    "got",
    "it",
    "already",
    "successfully",
    "am",
    "you",
];

/// Wordings that tell the same without a participle.
const DONE_PHRASES: &[&[&str]] = &[
    &["all", "set"],
    &["all", "done"],
    &["it", "is", "done"],
    &["that", "is", "done"],
    &["went", "through"],
    &["gone", "through"],
    &["is", "complete"],
    &["taken", "care", "of"],
    &["took", "care", "of"],
    &["on", "its", "way"],
    &["on", "the", "way"],
    &["on", "their", "way"],
    &["in", "the", "mail"],
    &["i", "am", "sending"],
    &["is", "being"],
    &["are", "being"],
    &["will", "go", "out"],
    &["have", "you", "down"],
    &["got", "you", "down"],
    &["put", "you", "down"],
    &["there", "you", "go"],
    &["should", "arrive"],
    &["will", "arrive"],
    &["will", "be", "mailed"],
    &["will", "be", "sent"],
    &["see", "you", "on"],
    &["see", "you", "then"],
];

/// Wordings with which something is on its way to the caller, where a word tells how or when: "you should see an option" only describes a screen.
const COMING: &[&[&str]] = &[
    &["you", "should", "receive"],
    &["you", "should", "get"],
    &["you", "should", "have"],
    &["you", "should", "see"],
    &["you", "will", "receive"],
    &["you", "will", "get"],
];

/// Words that tell how or when something comes.
const COMES: &[&str] = &[
    "shortly",
    "soon",
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
    "week",
    "weeks",
    "tomorrow",
    "tonight",
    "today",
    "within",
    "mail",
    "email",
    "text",
    "letter",
    "post",
    "inbox",
    "confirmation",
    "link",
    "card",
    "checks",
    "check",
    "money",
    "refund",
    "call",
    "message",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "them",
    "it",
];

/// What is seen on a screen, not received.
const SCREEN: &[&str] =
    &["option", "options", "button", "menu", "screen", "tab", "window", "settings", "page", "icon", "list"];

/// Wordings beside which nothing is told to be done.
const NOT_DONE: &[&[&str]] = &[
    &["not"],
    &["never"],
    &["unable"],
    &["if"],
    &["once"],
    &["until"],
    &["when"],
    &["unless"],
    &["would", "you"],
    &["did", "you"],
    &["want", "me"],
];

/// Whether a sentence of ours tells that something is done or on its way.
pub(super) fn tells_done(words: &[&str]) -> bool {
    // "I have you scheduled" is done by us, "that is what you ordered" was not.
    let ours = |at: usize| words[at] != "you" || at > 0 && matches!(words[at - 1], "have" | "got" | "getting" | "get");
    let told = words
        .windows(2)
        .enumerate()
        .any(|(at, pair)| DONE_HELPERS.contains(&pair[0]) && ours(at) && DONE_VERBS.contains(&pair[1]))
        || contains(words, DONE_PHRASES)
        || contains(words, COMING)
            && words.iter().any(|word| COMES.contains(word))
            && !words.iter().any(|word| SCREEN.contains(word))
        || words == ["done"]
        || words == ["okay", "done"];
    told && !contains(words, NOT_DONE)
}

/// Whether a sentence of ours tells what was asked about: hours or a balance with its figures.
pub(super) fn tells_fact(words: &[&str]) -> bool {
    const HOURS: &[&[&str]] =
        &[&["is", "open"], &["are", "open"], &["opens"], &["close"], &["closes"], &["closed"], &["hours", "are"]];
    const BALANCE: &[&[&str]] = &[&["balance"], &["you", "have"], &["account", "has"], &["there", "is"]];
    const MONEY: &[&[&str]] = &[&["dollars"], &["dollar"], &["pounds"], &["euros"], &["cents"], &["balance", "is"]];
    let told = contains(words, HOURS) || contains(words, BALANCE) && contains(words, MONEY);
    told && !value_words(words).is_empty() && !contains(words, &[&["would", "you"], &["do", "you"], &["not"]])
}
