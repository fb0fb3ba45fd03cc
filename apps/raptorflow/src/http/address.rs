//! The client's address, behind proxies that are trusted by name.

use actix_web::dev::RequestHead;
use std::net::{IpAddr, Ipv6Addr};

/// Whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

/// An address with the number of its leading bits that count. IPv4 is held as IPv6-mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: u128,
    prefix: u32,
}

impl TrustedProxies {
    /// Reads addresses and networks, separated by commas: `10.0.0.0/8, ::1`.
    ///
    /// # Errors
    /// A reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(network).collect::<Option<_>>().map(Self).ok_or_else(|| {
            "must list addresses and networks such as 10.0.0.0/8, separated by commas".to_owned()
        })
    }

    fn trust(&self, address: IpAddr) -> bool {
        let bits = bits(address);
        self.0.iter().any(|network| {
            let mask = u128::MAX.checked_shl(128 - network.prefix).unwrap_or(0);
            bits & mask == network.address & mask
        })
    }

    /// The client's address: the last one of `X-Forwarded-For` that no trusted proxy has, read from the right, as
    /// everything left of it is the client's own say.
    #[must_use]
    pub fn client(&self, head: &RequestHead) -> Option<IpAddr> {
        let mut client = head.peer_addr.map(|peer| peer.ip().to_canonical())?;
        let lines: Vec<&str> =
            head.headers.get_all("x-forwarded-for").filter_map(|line| line.to_str().ok()).collect();
        let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        while self.trust(client) {
            match hops.next().and_then(|hop| hop.trim().parse::<IpAddr>().ok()) {
                Some(hop) => client = hop.to_canonical(),
                None => break,
            }
        }
        Some(client)
    }
}

fn bits(address: IpAddr) -> u128 {
    let mapped: Ipv6Addr = match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    mapped.to_bits()
}

fn network(entry: &str) -> Option<Network> {
    let (address, prefix) = match entry.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.parse::<u32>().ok()?)),
        None => (entry, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let (width, offset) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
    let prefix = prefix.unwrap_or(width);
    (prefix <= width).then(|| Network { address: bits(address), prefix: prefix + offset })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn client(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let mut request = TestRequest::get().peer_addr(format!("{peer}:9").parse().unwrap());
        for line in forwarded {
            request = request.append_header(("X-Forwarded-For", *line));
        }
        let request = request.to_http_request();
        TrustedProxies::parse(proxies).unwrap().client(request.head()).unwrap().to_string()
    }

    #[test]
    fn nobody_is_believed_unless_trusted() {
        assert_eq!(client("", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.0/8", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn the_last_address_that_no_proxy_has_is_the_clients() {
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["6.6.6.6, 198.51.100.1, 10.0.0.7"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["6.6.6.6", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8,198.51.100.1", "10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["nonsense"]), "10.1.2.3");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn networks_are_read_or_refused() {
        for good in ["10.0.0.0/8", "::1", "2001:db8::/32, 127.0.0.1", "0.0.0.0/0", "::/0"] {
            assert!(TrustedProxies::parse(good).is_ok(), "{good}");
        }
        for bad in ["10.0.0.0/33", "::1/129", "proxy", "10.0.0.0/", "10.0.0/8"] {
            assert!(TrustedProxies::parse(bad).is_err(), "{bad}");
        }
        assert!(TrustedProxies::parse("::/0").unwrap().trust("10.0.0.1".parse().unwrap()));
        assert!(!TrustedProxies::parse("0.0.0.0/0").unwrap().trust("2001:db8::1".parse().unwrap()));
    }
}
