//! Amounts and large numbers for people.

/// Millionths of a US dollar.
pub fn dollars(micros: Option<u64>) -> String {
    match micros {
        Some(0) => "US$ 0".to_owned(),
        Some(micros) if micros < 10_000 => "less than US$ 0.01".to_owned(),
        Some(micros) => format!("US$ {:.2}", micros as f64 / 1e6),
        None => "an unknown price".to_owned(),
    }
}

/// So many of them: `1 call`, `1,200 calls`, `2 batches`.
pub fn plural(count: usize, what: &str) -> String {
    let end = match (count, what.ends_with("ch")) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{} {what}{end}", grouped(count as u64))
}

/// With a comma between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = digits[..first].to_owned();
    for at in (first..digits.len()).step_by(3) {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&digits[at..at + 3]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{dollars, grouped, plural};

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [0, 7, 999, 1_000, 71_500, 1_234_567].map(grouped),
            ["0", "7", "999", "1,000", "71,500", "1,234,567"]
        );
    }

    #[test]
    fn many_are_more_than_one() {
        let told = [plural(0, "call"), plural(1, "batch"), plural(2, "batch"), plural(1_200, "call")];
        assert_eq!(told, ["0 calls", "1 batch", "2 batches", "1,200 calls"]);
    }

    #[test]
    fn amounts_are_told_to_the_cent() {
        let told = [Some(0), Some(9_999), Some(10_000), Some(1_234_567), None].map(dollars);
        assert_eq!(told, ["US$ 0", "less than US$ 0.01", "US$ 0.01", "US$ 1.23", "an unknown price"]);
    }
}
