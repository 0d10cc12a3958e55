//! Mail addresses, and whose firm they tell of.

/// Providers at whose domains anybody has an address: they tell of no firm.
const PUBLIC: [&str; 24] = [
    "aol.com",
    "fastmail.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mac.com",
    "mail.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "web.de",
    "yahoo.co.uk",
    "yahoo.com",
    "yandex.ru",
    "zoho.com",
];

/// An address as it is compared: trimmed, in lower case, without the name that may stand before it in `Name <address>`. `None` where it is none.
pub fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = match (text.rfind('<'), text.ends_with('>')) {
        (Some(open), true) => &text[open + 1..text.len() - 1],
        _ => text,
    };
    let address = inner.trim().to_lowercase();
    let (name, domain) = address.rsplit_once('@')?;
    let is_one = !name.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
    (is_one && !address.contains(char::is_whitespace)).then_some(address)
}

/// The domain of an address that tells of a firm; `None` for public providers.
pub fn firm(address: &str) -> Option<&str> {
    let (_, domain) = address.rsplit_once('@')?;
    (!PUBLIC.contains(&domain)).then_some(domain)
}

/// The mail domain that a web page or domain tells: without protocol, `www.`, port and path. `None` where it is none, or a public provider's.
pub fn domain(page: &str) -> Option<String> {
    let page = page.trim().to_lowercase();
    let page = page.split_once("://").map_or(&*page, |(_, rest)| rest);
    let host = page.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let host = host.strip_prefix("www.").unwrap_or(host).trim_matches('.');
    let is_one = host.contains('.')
        && host.chars().all(|letter| letter.is_alphanumeric() || letter == '.' || letter == '-')
        && host.chars().any(char::is_alphabetic);
    (is_one && !PUBLIC.contains(&host)).then(|| host.to_owned())
}

/// Whether a domain is that of a firm or lies below it: `mail.acme.example` is Acme's.
pub fn belongs(domain: &str, firm: &str) -> bool {
    domain == firm || domain.strip_suffix(firm).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_of_a_firm_or_of_nobody() {
        assert_eq!(address(" Dana Whitlock <Dana@Acme.Example> ").as_deref(), Some("dana@acme.example"));
        assert_eq!(address("dana@acme.example").as_deref(), Some("dana@acme.example"));
        for none in ["", "dana", "@acme.example", "dana@acme", "dana@.example", "da na@acme.example", "Dana <>"] {
            assert_eq!(address(none), None, "{none}");
        }
        assert_eq!(firm("dana@acme.example"), Some("acme.example"));
        assert_eq!(firm("dana@gmail.com"), None);
    }

    #[test]
    fn a_page_tells_a_domain() {
        for page in ["https://www.acme.example/en?x=1", "acme.example", "ACME.example:8080", "http://acme.example#top"]
        {
            assert_eq!(domain(page).as_deref(), Some("acme.example"), "{page}");
        }
        for none in ["", "acme", "https://gmail.com", "127.0.0.1", "a b.example"] {
            assert_eq!(domain(none), None, "{none}");
        }
        assert!(belongs("acme.example", "acme.example") && belongs("mail.acme.example", "acme.example"));
        assert!(!belongs("notacme.example", "acme.example") && !belongs("acme.example", "mail.acme.example"));
    }
}
