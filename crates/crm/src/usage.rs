//! How much of a day's requests is used.

use reqwest::header::HeaderMap;

/// What the service said last of the requests of a day (with Salesforce of the last 24 hours), those of other programs among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Requests that were sent.
    pub used: u64,
    /// Requests that may be sent.
    pub allowed: u64,
}

impl Usage {
    /// As headers of either service tell.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let number = |name: &str| text(name)?.trim().parse::<u64>().ok();
        if let Some(info) = text("sforce-limit-info") {
            // `api-usage=18/15000`, at times with others behind it, divided by `,` or `;`.
            let api = info.split([',', ';']).find_map(|part| part.trim().strip_prefix("api-usage="))?;
            let (used, allowed) = api.split_once('/')?;
            return Some(Self { used: used.trim().parse().ok()?, allowed: allowed.trim().parse().ok()? });
        }
        let (allowed, left) = (number("x-hubspot-ratelimit-daily")?, number("x-hubspot-ratelimit-daily-remaining")?);
        Some(Self { used: allowed.saturating_sub(left), allowed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &'static str)]) -> Option<(u64, u64)> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        Usage::read(&headers).map(|usage| (usage.used, usage.allowed))
    }

    #[test]
    fn both_services_are_understood() {
        assert_eq!(read(&[("sforce-limit-info", "api-usage=18/15000")]), Some((18, 15_000)));
        let both = "per-app-api-usage=17/250(appName=x), api-usage=25/5000";
        assert_eq!(read(&[("sforce-limit-info", both)]), Some((25, 5_000)));
        assert_eq!(read(&[("sforce-limit-info", "api-usage=many")]), None);
        let daily = ("x-hubspot-ratelimit-daily", "250000");
        assert_eq!(read(&[daily, ("x-hubspot-ratelimit-daily-remaining", "249000")]), Some((1_000, 250_000)));
        assert_eq!(read(&[daily]), None);
    }
}
