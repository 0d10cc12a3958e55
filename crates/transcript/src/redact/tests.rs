use super::*;

/// Redacts with every kind.
fn all(text: &str) -> String {
    redact_text(text, None, RedactKinds::ALL).text
}

fn answer(question: &str, text: &str) -> String {
    redact_text(text, Some(question), RedactKinds::ALL).text
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(all(text), *expected, "{text}");
    }
}

#[track_caller]
fn check_answers(cases: &[(&str, &str, &str)]) {
    for (question, text, expected) in cases {
        assert_eq!(answer(question, text), *expected, "{question} {text}");
    }
}

#[track_caller]
fn stays(texts: &[&str]) {
    for text in texts {
        assert_eq!(all(text), *text);
    }
}

/// Redacts a call of lines "A: …" with these kinds and gives back its texts.
fn call_with(kinds: &str, lines: &[&str]) -> Vec<String> {
    let mut transcript = crate::parse_text(&lines.join("\n"), Some(crate::Format::Text)).unwrap();
    redact(&mut transcript, kinds.parse().unwrap());
    transcript.segments.iter().map(|segment| segment.text.clone()).collect()
}

/// Makes a call of lines "A: …" and "B: …" and gives back its texts after redaction.
fn call(lines: &[&str]) -> Vec<String> {
    call_with("default", lines)
}

#[test]
fn card_numbers_are_found_by_their_check_digit() {
    check(&[
        ("My card 4111111111111111 is lost", "My card [CARD] is lost"),
        ("4111 1111 1111 1111", "[CARD]"),
        ("4111-1111-1111-1111.", "[CARD]."),
        ("it is 3782 822463 10005 and", "it is [CARD] and"),
        ("four one one one, one one one one, one one one one, one one one one", "[CARD]"),
        ("It's forty-one eleven, 1111, um, triple one 1 and then double one double one.", "It's [CARD]."),
        ("five five five five five five five five five five five five double four double four", "[CARD]"),
        ("4111 1111 1111 1111, expiry 12/26, 412", "[CARD], expiry 12/26, [CVV]"),
        ("4111 1111 1111 1111 and it costs 250 dollars", "[CARD] and it costs 250 dollars"),
        ("4111/1111/1111/1111 or 4111.1111.1111.1111", "[CARD] or [CARD]"),
        ("4111_1111_1111_1111 | 3782~822463~10005", "[CARD] | [CARD]"),
        ("card4111111111111111 Карта4111111111111111", "[CARD] [CARD]"),
        ("2024-11-05 4111 1111 1111 1111", "2024-11-05 [CARD]"),
        ("４１１１ １１１１ １１１１ １１１１！ ٤١١١١١١١١١١١١١١١", "[CARD]！ [CARD]"),
        ("4111\u{200B}1111\u{200B}1111\u{200B}1111", "[CARD]"),
    ]);
}

#[test]
fn a_card_number_that_was_misheard_is_found_by_the_words_around_it() {
    check(&[("The card number is 4111 1111 1111 1112", "The card number is [CARD]")]);
    check_answers(&[
        ("What's the long number on the card?", "Yes, it's 4111 1111", "Yes, it's [CARD]"),
        ("Your card number please?", "four one one one", "[CARD]"),
    ]);
}

#[test]
fn numbers_that_are_no_cards_stay() {
    stays(&[
        "Order number 4111111111111111 has shipped",
        "The IMEI is 490154203237518",
        "My order is 1234567890123456.",
        "the card ending in 4242",
        "the last four digits of the card are 4242",
        "We have 12 15 18 20 22 and 31 people in the teams",
        "The long number of users is growing",
        "10000000000000000000000000000000",
        "4111/1111/1111/1112",
        "12/10/2024/1111",
        "order 4111/1111/1111/1111",
        "recorded 20241105143008, 2024-11-05-14-30-08",
        "GMT20241105-143008_Recording.transcript.vtt",
        "a41111111111111119b",
    ]);
}

#[test]
fn security_codes_need_their_context() {
    check(&[
        ("CVV: 412", "CVV: [CVV]"),
        ("The security code on the back is four one two.", "The security code on the back is [CVV]."),
        ("412 is the security code", "[CVV] is the security code"),
        ("and the CVC is four hundred and twelve", "and the CVC is [CVV]"),
        ("the cvv is 412, and I want 20 seats", "the cvv is [CVV], and I want 20 seats"),
        ("The CVV's four one two.", "The CVV's [CVV]."),
        ("4111 1111 1111 1111, expires 12 27, and the code is 412", "[CARD], expires 12 27, and the code is [CVV]"),
        ("4111 1111 1111 1111, expiry 12/27, code 412", "[CARD], expiry 12/27, code [CVV]"),
        ("4111 1111 1111 1111 12 27 412", "[CARD] 12 27 [CVV]"),
        ("378282246310005, the code is 4127", "[CARD], the code is [CVV]"),
    ]);
    check_answers(&[
        ("Can I have the security code?", "four one two", "[CVV]"),
        (
            "And the three digits on the back of the card, please?",
            "Sure, that's double four oh.",
            "Sure, that's [CVV].",
        ),
        ("What is the CVV? It's on the back.", "9 8 7", "[CVV]"),
        ("Never tell me your security code. How many seats do you need?", "412", "412"),
        ("Can I have the security code?", "Could you call back at two thirty?", "Could you call back at two thirty?"),
        ("Can I have the security code?", "It costs $250, right?", "It costs $250, right?"),
        ("Can I have the security code?", "Not before 12/26 or 2:30.", "Not before 12/26 or 2:30."),
        ("Which room is it?", "four one two", "four one two"),
        (
            "And the security code?",
            "Let me find my glasses, hang on a second, here it is, four one two",
            "Let me find my glasses, hang on a second, here it is, [CVV]",
        ),
        ("And then the three digits on the back", "that would be four one two", "that would be [CVV]"),
        ("4111 1111 1111 1111. And the code?", "412", "[CVV]"),
        ("4111 1111 1111 1111. And the promo code?", "412", "412"),
        ("And the code?", "412", "412"),
    ]);
    stays(&["The error code is 404", "our area code is 412 there", "the code base has 4120 files"]);
    check(&[("4111 1111 1111 1111, and error code 404", "[CARD], and error code 404")]);
}

#[test]
fn pins_need_their_context() {
    check(&[
        ("My PIN is 1984.", "My PIN is [PIN]."),
        ("my pin number is one nine eight four", "my pin number is [PIN]"),
        ("1234 is my pin", "[PIN] is my pin"),
        ("The passcode is 482913", "The passcode is [PIN]"),
    ]);
    check_answers(&[("Please tell me your PIN.", "nineteen eighty-four", "[PIN]")]);
    stays(&[
        "We can't pin it down to 2024",
        "the pin costs 1200 dollars",
        "I will drop a pin in the map at 1600",
        "Pin that for later, we have 2500 users",
    ]);
}

#[test]
fn bank_accounts_are_found() {
    check(&[
        ("IBAN GB29 NWBK 6016 1331 9268 19 please", "IBAN [BANK_ACCOUNT] please"),
        ("Send it to DE89370400440532013000.", "Send it to [BANK_ACCOUNT]."),
        (
            "my account number is 12345678 and the sort code is 20-30-40",
            "my account number is [BANK_ACCOUNT] and the sort code is [BANK_ACCOUNT]",
        ),
        ("routing number zero two one zero zero zero zero two one", "routing number [BANK_ACCOUNT]"),
        (
            "The IBAN is g b two nine n w b k six zero one six one three three one nine two six eight one nine",
            "The IBAN is [BANK_ACCOUNT]",
        ),
        ("the iban is g b 29 nwbk 6016 1331 9268 19", "the iban is [BANK_ACCOUNT]"),
    ]);
    check_answers(&[
        ("What's the account number?", "It's 0012 3456 78.", "It's [BANK_ACCOUNT]."),
        ("What's the account number?", "Sorry, my order number is 48219.", "Sorry, my order number is 48219."),
    ]);
    stays(&[
        "Our account manager has 12500 contacts",
        "The account has 25,000 users",
        "We opened the account in 2019",
        "The account grew by 120000 dollars",
    ]);
}

#[test]
fn identity_numbers_are_found() {
    check(&[
        ("It's 123-45-6789.", "It's [ID_NUMBER]."),
        ("my social is one two three, four five, six seven eight nine", "my social is [ID_NUMBER]"),
        ("My passport number is A1234567.", "My passport number is [ID_NUMBER]."),
        ("my driver's license is D 123 4567", "my driver's license is [ID_NUMBER]"),
        ("NHS number 943 476 5919", "NHS number [ID_NUMBER]"),
        ("11010519491231002X and 110101 19900307 0003", "[ID_NUMBER] and [ID_NUMBER]"),
        ("AB 12 34 56 C", "[ID_NUMBER]"),
        ("tax ID: 98-7654321", "tax ID: [ID_NUMBER]"),
    ]);
    check_answers(&[
        ("The last four of your social?", "six seven eight nine", "[ID_NUMBER]"),
        ("Can I have your driving licence number?", "Yes, it's MORGA657054SM9IJ", "Yes, it's [ID_NUMBER]"),
    ]);
    stays(&[
        "We need 25000 licenses",
        "The passport expires on 12/27/2026",
        "Our social media budget is 20000 dollars",
        "ISO date 2024-11-05",
        "Room 123, order 45-6789",
        "110101199003070004",
        "110105194912310021X",
    ]);
}

#[test]
fn mail_addresses_are_found() {
    check(&[
        ("Write to ann.lee@example.com.", "Write to [EMAIL]."),
        ("ann dot lee at example dot com", "[EMAIL]"),
        ("my email is ann at example dot co dot uk please", "my email is [EMAIL] please"),
        ("it's annlee42 at gmail dot com", "it's [EMAIL]"),
        ("it's ann underscore lee at gmail.com", "it's [EMAIL]"),
        ("my email is dana whitlock at acme dot com", "my email is [EMAIL]"),
        ("dana (at) acme.com", "[EMAIL]"),
        ("dana@acme.com.555-867-5309", "[EMAIL].[PHONE]"),
        ("dana@acme-west.com-4111111111111111", "[EMAIL]-[CARD]"),
        ("Dana, dana.whitlock@acme.com", "Dana, [EMAIL]"),
    ]);
    stays(&["Meet me at ten", "we are @ the office", "look at example dot com", "a@b"]);
}

#[test]
fn telephone_numbers_are_found() {
    check(&[
        ("Call me on (07) 5331 0577 today", "Call me on [PHONE] today"),
        ("+44 20 7946 0958", "[PHONE]"),
        ("555-867-5309", "[PHONE]"),
        ("Call me at 555.867.5309x123 or 555-867-5308 ext. 12", "Call me at [PHONE] or [PHONE]"),
        ("my number is five five five, eight six seven, five three oh nine", "my number is [PHONE]"),
        ("+1 (555) 867-5309, 1-800-555-0123, 555.867.5309", "[PHONE], [PHONE], [PHONE]"),
        ("my number is double four twenty seven nine four six oh nine five eight", "my number is [PHONE]"),
    ]);
    check_answers(&[(
        "What's the best number to reach you?",
        "Oh two oh, seven nine four six, oh nine five eight",
        "[PHONE]",
    )]);
    stays(&[
        "order 555-867-5309",
        "The server is at 10.20.30.40",
        "We have 1,250,000 users",
        "ticket 5558675309",
        "2024-11-05",
    ]);
}

#[test]
fn only_the_kinds_asked_for_are_replaced() {
    let text = "Card 4111111111111111, mail ann@example.com";
    let only = |list: &str| redact_text(text, None, list.parse().unwrap()).text;
    assert_eq!(only("card"), "Card [CARD], mail ann@example.com");
    assert_eq!(only("email"), "Card 4111111111111111, mail [EMAIL]");
    assert_eq!(only("none"), text);
}

#[test]
fn spans_tell_where_and_what() {
    let text = "Grüße, PIN 1234 und Karte 4111111111111111!";
    let redacted = redact_text(text, None, RedactKinds::default());
    let spans: Vec<_> =
        redacted.spans.iter().map(|s| (&redacted.text[s.start..s.end], &text[s.original.clone()])).collect();
    assert_eq!(spans, [("[PIN]", "1234"), ("[CARD]", "4111111111111111")]);
}

#[test]
fn a_number_is_found_over_several_segments() {
    assert_eq!(
        call(&[
            "A: Can I take the card number?",
            "B: Sure, it's four one one one",
            "A: Mm-hm.",
            "B: one one one one",
            "A: One one one one, okay.",
            "B: then 1111",
            "A: Go ahead.",
            "B: and double one, double one. That's it.",
            "A: And the security code?",
            "B: Um.",
            "B: Four one two.",
            "A: Four one two, thank you. That is 250 for the year.",
        ]),
        [
            "Can I take the card number?",
            "Sure, it's [CARD]",
            "Mm-hm.",
            "[CARD]",
            "[CARD], okay.",
            "then [CARD]",
            "Go ahead.",
            "and [CARD]. That's it.",
            "And the security code?",
            "Um.",
            "[CVV].",
            "[CVV], thank you. That is 250 for the year.",
        ]
    );
}

#[test]
fn a_sentence_that_was_cut_keeps_its_context() {
    assert_eq!(call(&["B: okay my PIN is", "B: 4821", "A: Right.", "B: and I need", "B: 4000 seats"])[1], "[PIN]");
    assert_eq!(
        call(&["A: How many trucks do you run?", "B: About 1200.", "A: And how many people?", "B: 4111"]),
        ["How many trucks do you run?", "About 1200.", "And how many people?", "4111"]
    );
}

#[test]
fn redacting_twice_changes_nothing() {
    for text in ["PIN 1234 5678 and 9999", "412 is the security code, 413 is my pin", "[CARD] 412", "cvv [CVV] 412"] {
        let once = all(text);
        assert_eq!(all(&once), once, "{text}");
    }
}

#[test]
fn names_are_those_of_the_participants_and_of_who_is_introduced() {
    check(&[
        ("My name is Priya Shah and I call about the bill.", "My name is [NAME] and I call about the bill."),
        ("Hello, this is Tom speaking.", "Hello, this is [NAME] speaking."),
        ("my name is priya", "my name is [NAME]"),
        ("Please ask Mrs. Ayers.", "Please ask Mrs. [NAME]."),
    ]);
    check_answers(&[("What's your last name?", "It's Krylova.", "It's [NAME].")]);
    stays(&["This is great.", "My name is on the list.", "this is from the team", "Please call me back."]);
    let mut transcript = crate::parse_text(
        "Will Hart: Hi Ann, will you mark this?\nAnn Lee: Thanks, Will. Will it work? ann's note is here.\nAgent 2: Sure.\nAnn Hart: Yes.",
        Some(crate::Format::Text),
    )
    .unwrap();
    let counts = redact(&mut transcript, RedactKinds::NONE.with(RedactKind::Name));
    let texts: Vec<&str> = transcript.segments.iter().map(|segment| segment.text.as_str()).collect();
    assert_eq!(texts[0], "Hi [NAME], will you mark this?");
    assert_eq!(texts[1], "Thanks, [NAME]. Will it work? [NAME] note is here.");
    let names: Vec<&str> = transcript.participants.iter().map(|participant| participant.name.as_str()).collect();
    assert_eq!(names, ["[NAME]", "[NAME] (2)", "Agent 2", "[NAME] (3)"]);
    assert_eq!(counts.iter().collect::<Vec<_>>(), [(RedactKind::Name, 6)]);
}

#[test]
fn addresses_are_found() {
    check(&[
        ("I live at 12 Main Road, Flat 3, Springfield.", "I live at [ADDRESS]."),
        ("The station is on Ziegelgasse 26", "The station is on [ADDRESS]"),
        ("my zip code is nine four one oh seven", "my zip code is [ADDRESS]"),
        ("It is SW1A 1AA.", "It is [ADDRESS]."),
    ]);
    stays(&[
        "We are 2 minutes down the road",
        "There are 12 ways to do it, 5 on the street",
        "We need 20 seats in Springfield",
        "In 2024 Main Street grew",
    ]);
}

#[test]
fn chinese_cues_and_numbers_are_read() {
    check(&[
        ("我的卡号是4111111111111111，密码是1234", "我的卡号是[CARD]，密码是[PIN]"),
        ("卡号４１１１１１１１１１１１１１１２。安全码：412", "卡号[CARD]。安全码：[CVV]"),
        ("身份证号码是11010519491231002x。", "身份证号码是[ID_NUMBER]。"),
        ("密码是一二三四", "密码是[PIN]"),
        ("我的邮箱是dana.lee@acme.com谢谢", "我的邮箱是[EMAIL]谢谢"),
        ("手机号13812345678，账号6222021234567", "手机号[PHONE]，账号[BANK_ACCOUNT]"),
    ]);
    check_answers(&[
        ("您的卡号是多少？", "4111 1111 1111 1112", "[CARD]"),
        ("请告诉我安全码", "好的，412", "好的，[CVV]"),
        ("카드번호는?", "카드4111111111111111입니다", "카드[CARD]입니다"),
    ]);
    stays(&[
        "订单号是4111111111111111，价格是5000元，一共412个人",
        "我们在2024年有1200个客户",
        "尾号4242的卡",
        "版本12345678",
    ]);
    assert_eq!(call_with("all", &["王小明: 你好", "李雷: 小明，王小明的卡"])[1], "[NAME]，[NAME]的卡");
}

#[test]
fn two_numbers_that_follow_each_other_are_two() {
    let both = call(&[
        "A: What's your card number?",
        "B: It's 4000 1234 5678 9017.",
        "A: And the last four of your social?",
        "B: six seven eight nine",
        "B: and my tax id is 12-3456789",
        "B: the last four of my other card",
    ]);
    assert_eq!(both[3], "[ID_NUMBER]");
    assert_eq!(both[4], "and my tax id is [ID_NUMBER]");
    // 345678912341234 has the right check digit.
    let chance = call(&["B: my tax id is 12-3456789", "B: 1234", "B: 1234", "A: Right.", "B: And 4111 1111 1111 1111"]);
    assert!(!chance[0].contains("12-"), "{chance:?}");
    assert_eq!(chance[4], "And [CARD]");
    assert_eq!(
        call_with("all", &["B: 555-867-5309", "B: six seven eight nine", "A: ok", "B: 020 7946 0958"]),
        ["[PHONE]", "six seven eight nine", "ok", "[PHONE]"]
    );
}

#[test]
fn the_nearest_phrase_says_what_a_number_is_that_was_heard_before() {
    let texts =
        call(&["B: My card is 4000 1234 5678 9017.", "A: Yes.", "B: My social, let me think a moment now, 5678"]);
    assert_eq!(texts[2], "My social, let me think a moment now, [ID_NUMBER]");
    let texts = call(&["B: My card is 4000 1234 5678 9017.", "A: So that is 5678."]);
    assert_eq!(texts[1], "So that is [CARD].");
}

#[test]
fn names_do_not_break_up_what_they_are_part_of() {
    let lines = [
        "Dana Whitlock: dana.whitlock@acme.com",
        "Card Services: I live at 12 Whitlock Road. Thanks, Dana. Your card number?",
    ];
    assert_eq!(call_with("all", &lines), ["[EMAIL]", "I live at [ADDRESS]. Thanks, [NAME]. Your card number?"]);
    assert_eq!(call_with("name", &lines)[0], "[NAME].[NAME]@acme.com");
    let lines = ["Dana: And the security code, Dana?", "Bo: four one two", "Bo: my name is bo four one two five"];
    assert_eq!(call_with("all", &lines)[1..], ["[CVV]", "my name is [NAME] four one two five"]);
}

#[test]
fn names_are_known_in_every_spelling() {
    let texts = call_with(
        "name",
        &[
            "José O’Neil: hi this is jose oneil",
            "Will Hart: Jose's here, JOSÉ, Jose\u{301} O'Neil’s team, will hart's too. will you? hi will",
            "José O’Neil: we will hire, thanks will, will it?",
        ],
    );
    assert_eq!(texts[0], "hi this is [NAME]");
    assert_eq!(texts[1], "[NAME] here, [NAME], [NAME] team, [NAME] too. will you? hi [NAME]");
    assert_eq!(texts[2], "we will hire, thanks [NAME], will it?");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(4_000))]

    /// What is not read word by word because it holds no number would have been left as it is.
    #[test]
    fn what_holds_no_number_is_left_as_reading_it_leaves_it(
        words in proptest::collection::vec((0..WORDS.len(), 0..GAPS.len()), 1..12),
        upper in proptest::bool::ANY,
    ) {
        let text: String = words.iter().flat_map(|(word, gap)| [WORDS[*word], GAPS[*gap]]).collect();
        let text = if upper { text.to_ascii_uppercase() } else { text };
        let kinds = RedactKinds::DEFAULT.with(RedactKind::Phone);
        let names = Names::default();
        proptest::prop_assert_eq!(redact_line(&text, None, kinds, &names), read_line(&text, None, kinds, &names));
    }
}

const GAPS: [&str; 6] = [" ", " ", " ", "-", ", ", ". "];
const WORDS: [&str; 40] = [
    "one",
    "four",
    "nine",
    "oh",
    "o",
    "twelve",
    "twenty",
    "seventy",
    "double",
    "triple",
    "quadruple",
    "hundred",
    "thousand",
    "my",
    "pin",
    "is",
    "the",
    "security code",
    "card number",
    "cvv",
    "account",
    "iban",
    "gb",
    "de",
    "AB",
    "C",
    "social",
    "zip",
    "phone",
    "someone",
    "often",
    "it's",
    "four's",
    "and",
    "um",
    "[CARD]",
    "last four digits",
    "national insurance number",
    "?",
    "ending in",
];
