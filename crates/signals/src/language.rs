//! Whether the words of a call can be understood here: cues, lexicon and labels are English.

use std::collections::HashSet;
use std::sync::LazyLock;
use transcript::Transcript;

/// Frequent English words that are no frequent words of other languages that are written alike: a quarter and more of what is said in English.
const ENGLISH: &str = "the and that it it's that's this what you your you're they are not there would if about just know how our from them when \
    think which their because could should don't i'm we're i'll i've we'll we've been where does did really get going got these those with have had";

/// So many words tell; with fewer, what the source says does.
const ENOUGH: usize = 40;
/// Of so many at most.
const LOOKED_AT: usize = 4_000;
/// Shares of [`ENGLISH`] words from which on a call is English, and below which it is not.
const SURE: (f64, f64) = (0.12, 0.05);

/// Whether a call is in English. Its words decide where they are clear, then what its source says; a call of which neither is known is taken for
/// English.
pub fn is_english(transcript: &Transcript) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| ENGLISH.split_whitespace().collect());
    let letters = |c: char| c.is_alphabetic() || c == '\'' || c == '’';
    let texts = transcript.segments.iter().map(|segment| segment.text.as_str());
    let words = texts.flat_map(|text| text.split(move |c| !letters(c))).filter(|word| !word.is_empty());
    let (mut all, mut english) = (0, 0);
    for word in words.take(LOOKED_AT) {
        all += 1;
        english += usize::from(WORDS.contains(word.to_lowercase().replace('’', "'").as_str()));
    }
    let share = english as f64 / all.max(1) as f64;
    // What is written without spaces has few words, and none of these.
    let signs: usize = transcript.segments.iter().take(LOOKED_AT).map(|segment| segment.text.chars().count()).sum();
    if all >= ENOUGH || signs >= 8 * ENOUGH && english == 0 {
        if share >= SURE.0 {
            return true;
        }
        if share < SURE.1 {
            return false;
        }
    }
    let told = transcript.language.as_deref().and_then(|tag| tag.split(['-', '_']).next());
    told.is_none_or(|language| {
        language.is_empty() || ["en", "eng", "english", "und"].contains(&language.to_lowercase().as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use transcript::Format;
    use transcript::formats::{Builder, Found};

    fn call(language: Option<&str>, text: &str) -> Transcript {
        let mut builder = Builder::new(Format::Text);
        builder.call().language = language.map(str::to_owned);
        for line in text.lines() {
            builder.push(1, Found { text: line.to_owned(), ..Found::default() });
        }
        builder.finish().unwrap()
    }

    const EN: &str = "Thanks for the time today. I would like to hear how you plan your routes, and then we look at two things.\n\
        Fine, but I have to go at ten. We plan by hand, and that costs us an hour each morning.\n\
        What does that hour cost you in a month? And who else looks at it when it goes wrong?";
    const DE: &str = "Danke für Ihre Zeit heute. Ich würde gern hören, wie Sie Ihre Touren planen, und dann sehen wir uns zwei Dinge an.\n\
        Gut, aber ich muss um zehn los. Wir planen von Hand, und das kostet uns jeden Morgen eine Stunde.\n\
        Was kostet Sie diese Stunde im Monat? Und wer sieht sonst noch darauf, wenn etwas schiefgeht?";
    const ES: &str = "Gracias por su tiempo. Me gustaría saber cómo planifican sus rutas y después vemos dos cosas juntos.\n\
        Bien, pero tengo que irme a las diez. Planificamos a mano y eso nos cuesta una hora cada mañana.\n\
        ¿Cuánto les cuesta esa hora al mes? ¿Y quién más lo mira cuando algo sale mal con los clientes?";
    const NL: &str = "Bedankt voor de tijd vandaag. Ik wil graag horen hoe jullie de routes plannen, en dan kijken we naar twee dingen.\n\
        Goed, maar ik moet om tien uur weg. We plannen met de hand en dat kost ons elke ochtend een uur.\n\
        Wat kost dat uur jullie in een maand? En wie kijkt er nog meer naar als het misgaat bij een klant?";
    const JA: &str = "本日はお時間をいただきありがとうございます。まず現在のルート計画の方法についてお聞かせください。\n\
        毎朝手作業で計画しています。変更があるたびに一時間ほどかかってしまい、担当者の負担が大きいです。\n\
        その一時間は月にするとどのくらいの費用になりますか。ほかにどなたが確認されていますか。\n\
        正確には分かりませんが、月に二十万円ほどだと思います。部長も毎週確認しています。価格も心配です。\n\
        ご心配はよく分かります。同じ規模のお客様の事例をお見せしますので、来週の火曜日にまたお話しできますか。\n\
        はい、火曜日の十時であれば大丈夫です。資料は事前に送ってください。よろしくお願いいたします。\n\
        承知しました。木曜日までに資料をお送りして、火曜日の十時にお電話いたします。ありがとうございました。";

    #[test]
    fn the_words_decide_where_they_are_clear() {
        for (text, english) in [(EN, true), (DE, false), (ES, false), (NL, false), (JA, false)] {
            for told in [None, Some("en"), Some("de-DE")] {
                assert_eq!(is_english(&call(told, text)), english, "{told:?}: {text}");
            }
        }
    }

    #[test]
    fn where_little_is_said_the_source_does_and_english_is_usual() {
        assert!(is_english(&call(None, "Yes. No. Tuesday.")) && is_english(&call(Some("en_GB"), "Ja.")));
        assert!(!is_english(&call(Some("de"), "Guten Tag.")));
    }
}
