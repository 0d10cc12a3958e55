//! Values of records, whatever is missing or odd.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use url::Url;

/// A text that is there and not empty; a number or a yes as its text.
pub(crate) fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A yes, as such or as text.
pub(crate) fn yes(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.trim().to_ascii_lowercase().parse().ok())
}

/// A number, as such or as text; finite.
pub(crate) fn number(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    number.filter(|number| number.is_finite())
}

/// A time: ISO 8601 with or without the colon of its offset, or milliseconds since 1970.
pub(crate) fn time(value: &Value) -> Option<DateTime<Utc>> {
    if let Some(ms) = value.as_i64() {
        return DateTime::from_timestamp_millis(ms);
    }
    let text = value.as_str()?.trim();
    let parsed =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    parsed.map(|time| time.to_utc()).ok().or_else(|| DateTime::from_timestamp_millis(text.parse().ok()?))
}

/// A day, as such or of a time (UTC).
pub(crate) fn day(value: &Value) -> Option<NaiveDate> {
    let day = value.as_str().and_then(|text| text.trim().parse().ok());
    day.or_else(|| time(value).map(|time| time.date_naive()))
}

/// An address of mail, in small letters: `Ann <ann@example.com>` and `ann@example.com` alike.
pub(crate) fn address(text: &str) -> Option<String> {
    let text = text.rsplit_once('<').map_or(text, |(_, address)| address);
    let address = text.trim_matches(|c: char| c.is_whitespace() || "<>\"',;".contains(c)).to_lowercase();
    let is_one = address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    (is_one && !address.contains(char::is_whitespace)).then_some(address)
}

/// The addresses of lists of them, each once, divided by `;` or `,`.
pub(crate) fn addresses<'a>(lists: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    let mut all = Vec::new();
    for list in lists.into_iter().filter_map(Value::as_str) {
        for address in list.split([';', ',']).filter_map(address) {
            if !all.contains(&address) {
                all.push(address);
            }
        }
    }
    all
}

/// The domain of mail of a site: `https://www.example.com/about` has `example.com`.
pub(crate) fn domain(site: &str) -> Option<String> {
    let site = site.trim();
    let url = if site.contains("://") { Url::parse(site) } else { Url::parse(&format!("https://{site}")) };
    let host = url.ok()?.host_str()?.trim_end_matches('.').to_lowercase();
    let domain = host.strip_prefix("www.").unwrap_or(&host);
    let is_name = domain.contains('.') && domain.parse::<std::net::Ipv4Addr>().is_err();
    is_name.then(|| domain.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_read_however_they_are_written() {
        let noon = "2026-11-02T12:00:00.5Z".parse::<DateTime<Utc>>().unwrap();
        for value in [
            json!("2026-11-02T12:00:00.500+0000"),
            json!("2026-11-02T13:00:00.5+01:00"),
            json!(noon.timestamp_millis()),
            json!(noon.timestamp_millis().to_string()),
        ] {
            assert_eq!(time(&value), Some(noon), "{value}");
            assert_eq!(day(&value).unwrap().to_string(), "2026-11-02");
        }
        assert_eq!(day(&json!("2026-11-30")).unwrap().to_string(), "2026-11-30");
        assert_eq!([json!(null), json!("soon"), json!({})].map(|value| time(&value)), [None; 3]);
        assert_eq!(
            [json!(true), json!("TRUE"), json!("no"), json!(1)].map(|value| yes(&value)),
            [Some(true), Some(true), None, None]
        );
        assert_eq!(
            [json!(" x "), json!(" "), json!(1.5), json!(null)].map(|value| text(&value)),
            [Some("x".into()), None, Some("1.5".into()), None]
        );
        assert!([json!("NaN"), json!("inf"), json!("x")].iter().all(|value| number(value).is_none()));
    }

    #[test]
    fn addresses_and_domains_are_found() {
        let both =
            [json!("Ann <Ann@Example.com>; bob@example.com"), json!(null), json!("ann@example.com, nobody, x@y")];
        assert_eq!(addresses(&both), ["ann@example.com", "bob@example.com"]);
        let table = [
            ("https://www.Example.com/about", Some("example.com")),
            ("example.com", Some("example.com")),
            ("http://shop.example.co.uk:8080", Some("shop.example.co.uk")),
            ("localhost", None),
            ("10.0.0.1", None),
            ("", None),
            ("no site", None),
        ];
        for (site, wanted) in table {
            assert_eq!(domain(site).as_deref(), wanted, "{site}");
        }
    }
}
