//! How often somebody may ask: users by their account, others by their address.

use super::Limits;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use kernel::{Actor, Problem};
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use uuid::Uuid;
use web::Fault;

/// What has been asked lately. Clones share it.
#[derive(Clone)]
pub struct Meter {
    users: Option<Arc<DefaultKeyedRateLimiter<Uuid>>>,
    addresses: Option<Arc<DefaultKeyedRateLimiter<IpAddr>>>,
    /// Each page that is opened asks for one, and a whole office may come from one address; nobody guesses a token.
    refreshes: Option<Arc<DefaultKeyedRateLimiter<IpAddr>>>,
    proxies: Arc<[IpAddr]>,
}

impl Meter {
    /// With these limits.
    pub fn new(limits: &Limits) -> Self {
        // An IPv4 address is the same where it comes to a listener of IPv6 (`::ffff:192.0.2.1`).
        let proxies = limits.proxies.iter().map(IpAddr::to_canonical).collect();
        let (users, addresses) = (limiter(limits.user), limiter(limits.address));
        Self { users, addresses, refreshes: limiter(limits.address.saturating_mul(10)), proxies }
    }

    /// Counts a request of a user.
    pub fn user(&self, actor: &Actor) -> Result<(), Fault> {
        count(self.users.as_deref(), &actor.id)
    }

    /// Counts a request of somebody who is not known.
    pub fn stranger(&self, address: Option<IpAddr>) -> Result<(), Fault> {
        count(self.addresses.as_deref(), &key(address))
    }

    /// Counts that somebody shows a refresh token.
    pub fn refresh(&self, address: Option<IpAddr>) -> Result<(), Fault> {
        count(self.refreshes.as_deref(), &key(address))
    }

    /// From where a request comes: by the connection, or by what a proxy in front of the program says that is believed.
    pub fn address(&self, request: &Request) -> Option<IpAddr> {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        peer.map(|peer| behind(peer.to_canonical(), request.headers(), &self.proxies))
    }

    /// Forgets who has not asked for a while.
    pub fn tidy(&self) {
        if let Some(users) = &self.users {
            users.retain_recent();
        }
        for addresses in [&self.addresses, &self.refreshes].into_iter().flatten() {
            addresses.retain_recent();
        }
    }
}

fn key(address: Option<IpAddr>) -> IpAddr {
    address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), web::subscriber)
}

/// So many a minute, and as many as a sixth of that at once.
fn limiter<K: Hash + Eq + Clone>(a_minute: u32) -> Option<Arc<DefaultKeyedRateLimiter<K>>> {
    let rate = NonZeroU32::new(a_minute)?;
    let burst = NonZeroU32::new(a_minute.div_ceil(6).max(10)).unwrap_or(rate);
    Some(Arc::new(DefaultKeyedRateLimiter::keyed(Quota::per_minute(rate).allow_burst(burst))))
}

fn count<K: Hash + Eq + Clone>(limiter: Option<&DefaultKeyedRateLimiter<K>>, key: &K) -> Result<(), Fault> {
    let Some(limiter) = limiter else { return Ok(()) };
    limiter.check_key(key).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        let seconds = wait.as_secs() + 1;
        Fault(Problem::too_many(format!("too many requests; try again in {seconds} s"), seconds))
    })
}

/// The last entry of `X-Forwarded-For` that is no proxy of ours, if the connection comes from one: those before it are anybody's word. Where that
/// entry is no address, the peer: who stands before an entry that is not understood is not known.
fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    if !proxies.contains(&peer) {
        return peer;
    }
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let words = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let mut entries = words.filter(|word| !word.is_empty()).map(entry);
    let not_ours = entries.find(|entry| entry.is_none_or(|address| !proxies.contains(&address)));
    not_ours.flatten().unwrap_or(peer)
}

/// An address, perhaps with a port as some proxies write it: `192.0.2.1:5000`, `[2001:db8::1]:5000`.
fn entry(word: &[u8]) -> Option<IpAddr> {
    let word = std::str::from_utf8(word).ok()?;
    let address: Option<IpAddr> =
        word.parse().or_else(|_| word.parse().map(|with_port: SocketAddr| with_port.ip())).ok();
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_proxies_are_believed() {
        let proxies: Vec<IpAddr> = ["10.0.0.7", "10.0.0.8"].iter().map(|ip| ip.parse().unwrap()).collect();
        let of = |peer: &str, lines: &str| {
            let mut headers = HeaderMap::new();
            for line in lines.lines() {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            behind(peer.parse().unwrap(), &headers, &proxies).to_string()
        };
        assert_eq!(of("192.0.2.1", "203.0.113.9"), "192.0.2.1", "anybody can write it");
        assert_eq!(of("10.0.0.7", "203.0.113.9"), "203.0.113.9");
        assert_eq!(
            of("10.0.0.7", "1.1.1.1, 203.0.113.9, 10.0.0.8"),
            "203.0.113.9",
            "what stands before is anybody's word"
        );
        for forged in [
            "what, 203.0.113.9",
            "what\n203.0.113.9",
            "1.1.1.1,unknown ,, 203.0.113.9, 10.0.0.8:443",
            "é, 203.0.113.9,",
        ] {
            assert_eq!(of("10.0.0.7", forged), "203.0.113.9", "what our proxy wrote holds after {forged}");
        }
        assert_eq!(of("10.0.0.7", "203.0.113.9:5000"), "203.0.113.9");
        assert_eq!(of("10.0.0.7", "203.0.113.9, ::ffff:10.0.0.8"), "203.0.113.9", "the same address");
        assert_eq!(of("10.0.0.7", "1.1.1.1, [2001:db8::1]:5000"), "2001:db8::1");
        for unknown in ["what", "1.1.1.1, what, 10.0.0.8", "1.1.1.1\nwhat", "10.0.0.8", ","] {
            assert_eq!(of("10.0.0.7", unknown), "10.0.0.7", "{unknown}");
        }
    }

    #[test]
    fn somebody_who_asks_too_often_is_told_when_to_come_back_and_others_are_not() {
        let limits = Limits { user: 0, address: 60, proxies: Vec::new() };
        let meter = Meter::new(&limits);
        let ask = |address: &str| meter.stranger(Some(address.parse().unwrap()));
        for _ in 0..10 {
            ask("2001:db8::1").unwrap();
        }
        let Fault(problem) = ask("2001:db8::2").unwrap_err();
        assert_eq!((problem.status, problem.retry_after), (429, Some(1)), "the same network");
        assert!(ask("2001:db8:0:1::1").is_ok() && ask("192.0.2.1").is_ok());
        let refresh = || meter.refresh(Some("2001:db8::1".parse().unwrap()));
        assert!((0..100).all(|_| refresh().is_ok()) && refresh().is_err(), "many pages are opened from one office");
        let anybody = Actor { id: Uuid::from_u128(1), role: kernel::Role::Rep, session: Uuid::from_u128(1) };
        assert!((0..1000).all(|_| meter.user(&anybody).is_ok()), "0 is no limit");
    }
}
