#!/usr/bin/env python3
"""What crates/signals takes from the Python package vaderSentiment, and what it is compared with.

    pip install vaderSentiment==3.3.2
    vader_golden.py --lexicon crates/signals/data/sentiment          # the embedded tables
    vader_golden.py --golden crates/signals/tests/golden/vader.tsv   # lines and the package's scores for them
    vader_golden.py --time lines.txt                                 # the package's nanoseconds a line, as JSON

Every line of the golden file comes from the seeded generator below; running it again gives the same bytes.
"""

import argparse
import json
import random
import re
import time
from importlib.metadata import distribution
from pathlib import Path

from vaderSentiment import vaderSentiment as peer

SEED = 20140601
LINES = 6_400

SOURCE = """\
# {what}
# From vaderSentiment {version} (https://github.com/cjhutto/vaderSentiment), (c) 2016 C.J. Hutto, MIT licence (LICENSE-vader.txt).
# C.J. Hutto and E.E. Gilbert: VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text. ICWSM 2014.
# Written by bench/peers/vader_golden.py --lexicon; not edited by hand.
"""


# --- the tables -------------------------------------------------------------------------------------------------------


def write_tables(folder: Path) -> None:
    """Writes lexicon.tsv, modifiers.tsv, emoji.tsv and the licence. What no text can reach is left out: the package looks words up
    one by one and in lower case, so entries with a space or a capital never match; and emoji by single code points."""
    analyzer = peer.SentimentIntensityAnalyzer()
    folder.mkdir(parents=True, exist_ok=True)

    reachable = {w: v for w, v in analyzer.lexicon.items() if w == w.lower() and not re.search(r"\s", w)}
    write_table(folder / "lexicon.tsv", "word, mean valence (-4..4) of ten raters", sorted(reachable.items()))

    modifiers = [("booster", w, v) for w, v in sorted(peer.BOOSTER_DICT.items())]
    modifiers += [("negation", w, "") for w in sorted(set(peer.NEGATE))]
    modifiers += [("idiom", w, v) for w, v in sorted(peer.SPECIAL_CASES.items())]
    write_table(folder / "modifiers.tsv", "kind, word or phrase, amount", modifiers)

    emoji = [(e, name) for e, name in sorted(analyzer.emojis.items()) if len(e) == 1]
    write_table(folder / "emoji.tsv", "emoji, the words that stand for it", emoji)

    licence = distribution("vaderSentiment").locate_file(f"vaderSentiment-{version()}.dist-info/LICENSE.txt")
    text = "\n".join(line.rstrip() for line in Path(licence).read_text().splitlines())
    (folder / "LICENSE-vader.txt").write_text(text + "\n")


def write_table(path: Path, what: str, rows) -> None:
    lines = ["\t".join(f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in row).rstrip("\t") for row in rows]
    path.write_text(SOURCE.format(what=what, version=version()) + "\n".join(lines) + "\n", encoding="utf-8")


def version() -> str:
    return distribution("vaderSentiment").version


# --- the lines --------------------------------------------------------------------------------------------------------

PEOPLE = ["I", "you", "we", "they", "she", "Marta", "Jonas", "everybody", "nobody", "our team", "the vendor", "my manager", "procurement", "the board"]
TOPICS = """the pilot | the rollout | your pricing | that invoice | the dashboard | our last provider | the contract | this onboarding
| the demo | the integration | your support line | the renewal | the export | single sign-on | the migration | the second quote""".split("|")
TOPICS = [t.strip() for t in TOPICS]
PLAIN = """table seat quarter number email calendar region Tuesday spreadsheet warehouse figure account login device colour invoice
pipeline forecast segment ledger router shelf""".split()
GOOD = "good great helpful happy glad nice smooth impressive easy wonderful reliable pleased perfect friendly love".split()
BAD = "bad terrible slow broken awful annoying frustrating unhappy useless horrible confusing hate angry worried poor".split()
LINKS = "is was seems looks feels sounds stays became remains".split()
FILLERS = ["um", "uh", "you know", "I mean", "like", "well", "so", "er", "right", "actually", "sort of", "kind of", "yeah"]
EMOTICONS = [":)", ":-)", ":(", ":-(", ";)", ":D", ":p", ":/", "<3", "</3", ":'(", "xD", "=)", "8-)", "(:", "D:", "^_^", ">:(", ":|", "\\o/"]
CONTRACTIONS = """don't can't won't isn't wasn't aren't couldn't shouldn't wouldn't hasn't haven't didn't doesn't ain't mustn't
dont cant wont isnt wasnt couldnt shouldnt wouldnt hasnt didnt doesnt aint needn't daren't uh-uh""".split()
MARKS = ["!", "!!", "!!!", "!!!!", "!!!!!!", "?", "??", "???", "????", "?!", "!?!", "...", ".", ",", ";", "\u2026", ""]
CLAUSE = [" ", ", ", "; ", " - ", " and ", " but ", " because ", " so ", " yet ", " or ", ". "]


class Generator:
    """Lines of many kinds. Lexicon words, boosters, negations and emoji are dealt from shuffled decks, so that all get their turn."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        analyzer = peer.SentimentIntensityAnalyzer()
        self.decks = {
            "affect": sorted(analyzer.lexicon),
            "booster": sorted(peer.BOOSTER_DICT),
            "negation": sorted(set(peer.NEGATE)),
            "emoji": sorted(analyzer.emojis),
            "idiom": sorted(peer.SPECIAL_CASES) + sorted(peer.SENTIMENT_LADEN_IDIOMS),
        }
        self.hands = {name: [] for name in self.decks}
        self.halves = [(a, b, a) for a in GOOD + BAD for b in GOOD + BAD + ["thanks", "hope", "silly", "fine", "clever", "resolve", "error"]
                       if analyzer.lexicon.get(a) == 2 * analyzer.lexicon.get(b, 0)]

    def draw(self, name: str) -> str:
        hand = self.hands[name]
        if not hand:
            hand.extend(self.decks[name])
            self.rng.shuffle(hand)
        return hand.pop()

    def pick(self, options):
        return self.rng.choice(options)

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    def affect(self) -> str:
        return self.draw("affect") if self.chance(0.75) else self.pick(GOOD + BAD)

    def clause(self) -> str:
        words = [self.pick(PEOPLE), self.pick(["said", "think", "found", "told us", "hear"]), self.pick(TOPICS), self.pick(LINKS)]
        if self.chance(0.3):
            words.append(self.draw("negation"))
        if self.chance(0.4):
            words.append(self.draw("booster"))
        words.append(self.affect())
        return " ".join(words)

    # One method a kind; each gives one line.

    def plain(self) -> str:
        return f"{self.clause()}{self.pick(['.', '', '!', '?'])}"

    def punctuation(self) -> str:
        return f"{self.pick(['', '!', '¡', '(', '*'])}{self.clause()}{self.pick(MARKS)} {self.pick(TOPICS)}{self.pick(MARKS)}"

    def capitals(self) -> str:
        words = self.clause().split() + [self.affect()]
        style = self.pick(["one", "some", "all", "title", "swap"])
        if style == "all":
            return " ".join(words).upper()
        if style == "title":
            return " ".join(words).title()
        if style == "swap":
            return " ".join(words).swapcase()
        p = 0.2 if style == "one" else 0.5
        return " ".join(w.upper() if self.chance(p) else w for w in words) + self.pick(MARKS)

    def boosters(self) -> str:
        run = [self.draw("booster") for _ in range(self.rng.randint(1, 3))]
        run = [w.upper() if self.chance(0.25) else w for w in run]
        return f"{self.pick(TOPICS)} {self.pick(LINKS)} {' '.join(run)} {self.affect()} {self.pick(PLAIN)}"

    def negations(self) -> str:
        pad = [self.pick(PLAIN + ["so", "this", "that", "really", "been", "doubt", "a", "the"]) for _ in range(self.rng.randint(0, 3))]
        opener = self.pick(["never so", "never this", "without doubt", "without a doubt", "never", "without", "despite", self.draw("negation")])
        return f"{self.pick(PEOPLE)} {opener} {' '.join(pad)} {self.affect()} {self.pick(['', self.affect()])}".strip()

    def no_as_word(self) -> str:
        return self.pick([
            f"no {self.affect()}", f"no {self.pick(PLAIN)} {self.affect()}", f"NO {self.affect()} here",
            f"there is no {self.affect()} or {self.affect()} in {self.pick(TOPICS)}",
            f"no {self.affect()} {self.pick(PLAIN)} nor {self.affect()}", f"no {self.pick(PLAIN)} {self.pick(PLAIN)} {self.affect()}", f"{self.pick(TOPICS)}, no", "no no no", "No.", "no thanks",
            f"no, {self.clause()}", f"{self.clause()}, no {self.draw('booster')} {self.affect()}",
        ])

    def least(self) -> str:
        return f"{self.pick(['', 'at', 'very', 'At the', 'the', 'my', 'AT'])} {self.pick(['least', 'LEAST', 'Least'])} {self.affect()} {self.clause()}".strip()

    def but(self) -> str:
        parts = [self.clause() for _ in range(self.rng.randint(2, 3))]
        if self.chance(0.4):  # a value on one side that is half of that on the other
            parts = [f"{part} {self.pick(PLAIN)} {self.pick(PLAIN)} a {word}" for part, word in zip(parts, self.pick(self.halves))]
        return f" {self.pick(['but', 'BUT', ', but', 'but,'])} ".join(parts)

    def idioms(self) -> str:
        return f"{self.pick(['', self.pick(TOPICS), self.clause()])} {self.pick(['is', 'was not', 'so', 'a', 'really'])} {self.draw('idiom')} {self.pick(['', self.affect(), self.pick(PLAIN), self.clause()])}".strip()

    def dampened_pairs(self) -> str:
        return f"{self.pick(TOPICS)} {self.pick(LINKS)} {self.pick(['kind of', 'sort of', 'just enough', 'Kind Of', 'kind-of', 'sortof', 'a kind'])} {self.pick(['', 'a', 'not', 'very'])} {self.affect()} {self.pick(['', self.affect()])}".strip()

    def emoji(self) -> str:
        icons = [self.draw("emoji") for _ in range(self.rng.randint(1, 4))]
        glue = self.pick(["", " ", "  "])
        return self.pick([
            f"{self.clause()} {glue.join(icons)}", f"{glue.join(icons)}{self.clause()}",
            f"{self.clause()}{glue.join(icons)}{self.pick(MARKS)}", glue.join(icons), f"not {icons[0]} {self.affect()}",
        ])

    def emoticons(self) -> str:
        return f"{self.pick([self.clause(), self.pick(TOPICS), ''])} {self.pick(EMOTICONS)} {self.pick(['', self.affect(), self.pick(EMOTICONS)])}".strip()

    def contractions(self) -> str:
        line = f"{self.pick(PEOPLE)} {self.pick(CONTRACTIONS)} {self.pick(['', 'really', 'be', 'think it is'])} {self.affect()}, {self.pick(CONTRACTIONS).upper()} {self.affect()}"
        return line.replace("'", "\u2019") if self.chance(0.3) else line

    def quotes(self) -> str:
        a, b = self.pick([("\u201c", "\u201d"), ("\u2018", "\u2019"), ('"', '"'), ("'", "'"), ("\u00ab", "\u00bb"), ("(", ")"), ("[", "]"), ("**", "**")])
        return f"{self.pick(PEOPLE)} called it {a}{self.affect()}{b}\u2014{self.pick(['', ' '])}{a}{self.draw('booster')} {self.affect()}{b}"

    def numbers(self) -> str:
        return f"{self.rng.randint(0, 10**6)} {self.pick(PLAIN)}s, {self.rng.random():.1%} {self.affect()}, ${self.rng.randint(1, 999)}.99 #{self.rng.randint(1, 99)} {self.pick(['', '10/10', '24/7', '3rd', '1st'])} {self.affect()}"

    def nearly_empty(self) -> str:
        return self.pick(["", " ", "   ", ".", "!", "!!!!!", "?", "??", "-", "a", "I", "ok", "...", "\u2026", "\u00a0", "\u200b", "\ufeff", "0", "'", "n't",
                          "not", "but", "least", "kind of", "so", "no", ":", "( )", "*"]) * self.rng.randint(1, 2)

    def speech(self) -> str:
        parts = [self.clause() for _ in range(self.rng.randint(2, 5))]
        line = parts[0]
        for part in parts[1:]:
            line += self.pick(CLAUSE) + part
        return line[0].upper() + line[1:] + self.pick([".", "?", ""])

    def disfluent(self) -> str:
        words = []
        for word in self.clause().split():
            if self.chance(0.25):
                words.append(self.pick(FILLERS) + self.pick(["", ","]))
            words.append(word)
            if self.chance(0.15):
                words.append(self.pick([word, word[:2] + "-", word]))
        return " ".join(words)

    def recognised(self) -> str:
        return re.sub(r"[.,;!?]", "", f"{self.speech()} {self.disfluent()}").lower()

    def word_salad(self) -> str:
        decks = ["affect", "affect", "booster", "negation", "idiom"]
        return " ".join(self.draw(self.pick(decks)) if self.chance(0.6) else self.pick(PLAIN + ["so", "this", "but", "at", "or", "nor", "of", "doubt"])
                        for _ in range(self.rng.randint(3, 14)))

    def stripped(self) -> str:
        """Punctuation stuck to words, where stripping and its exception for short tokens matter."""
        return " ".join(self.pick(["", "'", '"', "(", "*", "--", "<", "."]) + self.pick([self.affect(), self.pick(PLAIN), "ok", "a"])
                        + self.pick(["", "'", '"', ")", "*", ",", "...", "!!", ":", "'s", "-"]) for _ in range(self.rng.randint(2, 6)))

    def odd_letters(self) -> str:
        word = self.affect()
        return self.pick([
            word.replace("k", "\u212a"), word.replace("i", "\u0130"), f"\u01c5 {word.upper()} caf\u00e9", f"\u01c5AB {word.upper()}", f"\u00c9T\u00c9 {word.upper()} \u00e9t\u00e9",
            f"{word}\u00a0{self.affect()}", f"{word}\u2009{self.draw('booster')}\u3000{self.affect()}", f"{word}\x1f{self.affect()}",
            f"{word}\u200b {self.affect()}", f"\u65e5\u672c {word} \u65e5\u672c", f"{word}\ufe0f {self.affect()}", f"STRASSE stra\u00dfe {word.upper()}",
        ])

    KINDS = [plain, punctuation, capitals, boosters, negations, no_as_word, least, but, idioms, dampened_pairs, emoji, emoticons, contractions,
             quotes, numbers, speech, disfluent, recognised, word_salad, stripped, odd_letters]

    def lines(self, count: int):
        """`count` different lines, the kinds in turn, after the nearly empty ones."""
        seen = set()
        for _ in range(200):
            seen.add(self.nearly_empty())
        yield from sorted(seen)
        turn = 0
        while len(seen) < count:
            line = self.KINDS[turn % len(self.KINDS)](self)
            turn += 1
            if line not in seen:
                seen.add(line)
                yield line


def write_golden(path: Path) -> None:
    """Writes `line, compound, pos, neu, neg`, tab-separated."""
    analyzer = peer.SentimentIntensityAnalyzer()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for line in Generator(random.Random(SEED)).lines(LINES):
            assert not re.search(r"[\t\n\r]", line), line
            s = analyzer.polarity_scores(line)
            out.write(f"{line}\t{s['compound']:g}\t{s['pos']:g}\t{s['neu']:g}\t{s['neg']:g}\n")


# --- the time ---------------------------------------------------------------------------------------------------------


def measure(path: Path, seconds: float = 3.0) -> None:
    """Prints the package's time a line as JSON, the fields of crates/signals/examples/sentiment_lines.rs; the best of the
    passes in processor time, so that other programs on the machine do not count."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    analyzer = peer.SentimentIntensityAnalyzer()
    best, end = float("inf"), time.process_time() + seconds
    while time.process_time() < end:
        start = time.process_time()
        for line in lines:
            analyzer.polarity_scores(line)
        best = min(best, time.process_time() - start)
    words = sum(len(line.split()) for line in lines)
    print(json.dumps({"scorer": f"vaderSentiment {version()}", "lines": len(lines), "words": words, "ns_per_line": round(best * 1e9 / len(lines))}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lexicon", type=Path, metavar="FOLDER", help="write the embedded tables")
    parser.add_argument("--golden", type=Path, metavar="FILE", help="write lines with the package's scores")
    parser.add_argument("--time", type=Path, metavar="FILE", help="time the package on the lines of a file")
    args = parser.parse_args()
    if not (args.lexicon or args.golden or args.time):
        parser.error("nothing to do: give --lexicon, --golden or --time")
    if args.lexicon:
        write_tables(args.lexicon)
    if args.golden:
        write_golden(args.golden)
    if args.time:
        measure(args.time)


if __name__ == "__main__":
    main()
