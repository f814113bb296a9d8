//! What the site's distribution says of a request: whose host it was sent to, and from which address. API Gateway refuses a
//! host that is not its own, and sees the distribution's addresses alone.

use std::net::{IpAddr, Ipv6Addr};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::{HeaderMap, HeaderName, header};

use crate::Config;

/// Set by the distribution as infra/site.yaml has it: anybody may send them, so they count only beside the secret.
const SECRET: &str = "x-lectern-edge";
const HOST: &str = "x-lectern-host";
const ADDRESS: &str = "x-lectern-address";

/// Puts the host that the distribution was called by into `Host`, and returns the caller's address; takes away what it said
/// of them, whoever said it.
pub(crate) fn believe(config: &Config, headers: &mut HeaderMap) -> Option<String> {
    let [secret, host, address] =
        [SECRET, HOST, ADDRESS].map(|name| headers.remove(HeaderName::from_static(name)));
    let secret = secret?;
    let is_known = |known: &String| verify_slices_are_equal(known.as_bytes(), secret.as_bytes()).is_ok();
    if !config.edge_secrets.iter().any(is_known) {
        return None;
    }
    if let Some(host) = host {
        headers.insert(header::HOST, host);
    }
    Some(address?.to_str().ok()?.to_owned())
}

/// What limits count as one address. Whoever has an address of version 6 has 2^64 of them.
pub(crate) fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => {
            format!("{}/64", Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::app;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn r28_whoever_does_not_know_the_secret_is_not_believed_and_loses_what_they_said() {
        let mut config = app().config.clone();
        let said = [("host", "api.example"), (HOST, "two.example"), (ADDRESS, "203.0.113.9")];
        for (secrets, given, is_believed) in [
            (vec![], None, false),
            (vec![], Some(""), false),
            (vec!["old", "new"], None, false),
            (vec!["old", "new"], Some("ol"), false),
            (vec!["old", "new"], Some("old,new"), false),
            (vec!["old", "new"], Some("old"), true),
            (vec!["old", "new"], Some("new"), true),
        ] {
            config.edge_secrets = secrets.into_iter().map(str::to_owned).collect();
            let mut headers = headers(&said);
            headers.extend(given.map(|secret| (HeaderName::from_static(SECRET), secret.parse().unwrap())));
            let address = believe(&config, &mut headers);
            assert_eq!(address.as_deref(), is_believed.then_some("203.0.113.9"), "{given:?}");
            assert_eq!(headers["host"], if is_believed { "two.example" } else { "api.example" }, "{given:?}");
            assert_eq!(headers.len(), 1, "{headers:?}");
        }
    }

    #[test]
    fn r28_all_addresses_of_a_network_of_version_6_count_as_one() {
        for (address, counted) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("", ""),
        ] {
            assert_eq!(network(address), counted);
        }
    }
}
