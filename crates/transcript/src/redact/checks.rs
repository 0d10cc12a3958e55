//! Check digits and the shapes of numbers.

/// Whether digits (0–9 each) have a right check digit by Luhn's rule (ISO/IEC 7812-1).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| match (place % 2, u32::from(digit)) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether a number of this length and beginning belongs to a payment network (ranges of ISO/IEC 7812 as the networks publish them).
pub(super) fn is_network(digits: &[u8]) -> bool {
    let sixteen = digits.len() == 16 && matches!(digits, [2 | 4..=6, ..] | [3, 5, ..]);
    let fifteen = digits.len() == 15 && matches!(digits, [3, 4 | 7, ..]);
    let fourteen = digits.len() == 14 && matches!(digits, [3, 0 | 6 | 8 | 9, ..]);
    sixteen || fifteen || fourteen
}

/// Whether letters and digits are an IBAN: country, two check digits, 11 to 30 more, remainder 1 by 97 (ISO 13616).
pub(super) fn iban(code: &[u8]) -> bool {
    if !(15..=34).contains(&code.len())
        || !code[..2].iter().all(u8::is_ascii_alphabetic)
        || !code[2..4].iter().all(u8::is_ascii_digit)
    {
        return false;
    }
    let rest = code[4..].iter().chain(&code[..4]).try_fold(0_u32, |rest, c| {
        let value = (*c as char).to_digit(36)?;
        Some(if value < 10 { rest * 10 + value } else { rest * 100 + value } % 97)
    });
    rest == Some(1)
}

/// Whether letters and digits are a British national insurance number: two letters, six digits, A to D.
pub(super) fn national_insurance(code: &[u8]) -> bool {
    let [a, b, digits @ .., last] = code else { return false };
    code.len() == 9
        && [a, b].iter().all(|c| c.is_ascii_uppercase() && !b"DFIQUV".contains(c))
        && *b != b'O'
        && digits.iter().all(u8::is_ascii_digit)
        && (b'A'..=b'D').contains(last)
}

/// Whether three numbers are a social security number: no area 000 and no empty part. Numbers for taxpayers begin with 9.
pub(super) fn social_security(digits: &[u8]) -> bool {
    digits.len() == 9 && digits[..3] != [0; 3] && digits[3..5] != [0; 2] && digits[5..] != [0; 4]
}

/// Whether digits are the number of a Chinese identity card (GB 11643): six for the place, the date of birth, three more, and a check
/// digit (ISO 7064, MOD 11-2) of which 10 is written X.
pub(super) fn resident(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 18] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    digits.len() == 18 && sum % 11 == 1 && digits[0] != 0 && is_date(&digits[6..14])
}

/// Whether digits are a date of 1900 to 2099 as in 20241105.
fn is_date(digits: &[u8]) -> bool {
    matches!(digits[..2], [1, 9] | [2, 0]) && is_below(&digits[4..6], 13) && is_below(&digits[6..8], 32)
}

/// Whether two digits are a number from 1 to less than `limit`.
fn is_below(digits: &[u8], limit: u8) -> bool {
    (1..limit).contains(&(digits[0] * 10 + digits[1]))
}

/// Whether digits are a date and a time of day, as in 20241105143000, with or without parts of a second.
pub(super) fn is_moment(digits: &[u8]) -> bool {
    digits.len() >= 14 && is_date(&digits[..8]) && digits[8] * 10 + digits[9] < 24 && digits[10] < 6 && digits[12] < 6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().map(|b| b - b'0').collect()
    }

    #[test]
    fn published_test_numbers_pass() {
        for number in ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "30569309025904"]
        {
            assert!(luhn(&digits(number)) && is_network(&digits(number)), "{number}");
        }
        assert!(!luhn(&digits("4111111111111112")));
        for code in ["GB29NWBK60161331926819", "DE89370400440532013000", "fr1420041010050500013m02606"] {
            assert!(iban(code.as_bytes()), "{code}");
        }
        assert!(!iban(b"GB29NWBK60161331926818") && !iban(b"GB29") && !iban("GB29ÄÖÜ60161331926819".as_bytes()));
        assert!(national_insurance(b"AB123456C") && !national_insurance(b"AB123456E") && !national_insurance(b"A"));
        let mut resident_with_x = digits("11010519491231002");
        resident_with_x.push(10);
        assert!(resident(&resident_with_x) && !resident(&digits("440524188001010014")));
        assert!(resident(&digits("110101199003070003")) && !resident(&digits("110101199003070004")));
        assert!(is_moment(&digits("20241105143000")) && !is_moment(&digits("20241305143000")));
        assert!(social_security(&digits("123456789")) && !social_security(&digits("000456789")));
    }
}
