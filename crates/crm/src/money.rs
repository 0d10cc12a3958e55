//! Amounts, exactly.

use serde_json::Value;

/// Digits that a number of JSON keeps on its way through a float.
const EXACT: usize = 15;

/// Hundredths of an amount that is a number or the text of one; none where it is neither, or cannot be told exactly.
pub(crate) fn cents(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => parse(text.trim()),
        Value::Number(number) => {
            let text = number.to_string();
            let digits = text.split(['e', 'E']).next().unwrap_or_default().trim_end_matches(".0");
            let digits = digits.bytes().filter(u8::is_ascii_digit).count();
            if number.is_f64() && digits > EXACT { None } else { parse(&text) }
        }
        _ => None,
    }
}

/// Hundredths of a decimal number, `-1234.5` or `1.2e7`; half a hundredth is rounded away from zero.
fn parse(text: &str) -> Option<i64> {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => (-1, number),
        None => (1, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    if digits.is_empty() || digits.len() > 60 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // How many of the digits stand before the point of the hundredths.
    let before = i64::try_from(whole.len()).ok()? + i64::from(exponent) + 2;
    if before > 40 {
        return digits.iter().all(|digit| *digit == b'0').then_some(0);
    }
    let digit = |at: i64| {
        let found = usize::try_from(at).ok().and_then(|at| digits.get(at));
        i64::from(found.map_or(0, |digit| digit - b'0'))
    };
    let mut cents: i64 = 0;
    for at in 0..before {
        cents = cents.checked_mul(10)?.checked_add(digit(at))?;
    }
    let half = if before < 0 { 0 } else { i64::from(digit(before) >= 5) };
    Some(sign * cents.checked_add(half)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_are_exact() {
        let table = [
            (json!("1234.56"), Some(123_456)),
            (json!("0.1"), Some(10)),
            (json!(".5"), Some(50)),
            (json!("-12.345"), Some(-1_235)),
            (json!("12.344999"), Some(1_234)),
            (json!("0.004"), Some(0)),
            (json!("0.0005"), Some(0)),
            (json!("1.5E7"), Some(1_500_000_000)),
            (json!("125e-2"), Some(125)),
            (json!("5e-3"), Some(1)),
            (json!("9e-4"), Some(0)),
            (json!(" 90000 "), Some(9_000_000)),
            (json!("92233720368547758.07"), Some(i64::MAX)),
            (json!("92233720368547758.08"), None),
            (json!(0.1), Some(10)),
            (json!(1_234.56), Some(123_456)),
            (json!(25_000.0), Some(2_500_000)),
            (json!(1e8), Some(10_000_000_000)),
            (json!(9_999_999_999_999.99), Some(999_999_999_999_999)),
            (json!(123_456_789_012_345.0), Some(12_345_678_901_234_500)),
            (json!(12_345_678_901_234.56), None),
            (json!(12), Some(1_200)),
            (json!("0e99"), Some(0)),
            (json!("1e99"), None),
            (json!(""), None),
            (json!("."), None),
            (json!("1,000"), None),
            (json!("NaN"), None),
            (json!("1e"), None),
            (json!(null), None),
            (json!(true), None),
        ];
        for (value, wanted) in table {
            assert_eq!(cents(&value), wanted, "{value}");
        }
    }
}
