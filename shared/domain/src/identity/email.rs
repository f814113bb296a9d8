//! Mail addresses, compared without regard to case.

use std::fmt;

use kernel::Violations;
use serde::{Deserialize, Serialize};

/// A plausible address in lower case. Only a delivered mail proves it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Email(String);

impl Email {
    /// Longest address that mail can carry (RFC 5321).
    pub const MAX: usize = 254;

    /// Reads an address; notes at `pointer` why it is refused.
    pub fn parse(text: &str, pointer: &str, violations: &mut Violations) -> Option<Self> {
        let email = text.trim().to_lowercase();
        // What SES can deliver to: ASCII, a host name in its ASCII form. That also leaves no invisible twins.
        let in_local = |b: u8| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b);
        let is_label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let plausible = email.len() <= Self::MAX
            && email.split_once('@').is_some_and(|(local, host)| {
                (1..=64).contains(&local.len())
                    && local.bytes().all(in_local)
                    && host.contains('.')
                    && host.split('.').all(is_label)
            });
        if plausible {
            return Some(Self(email));
        }
        violations.add(pointer, "invalid_email", "must be a mail address such as ada@example.org");
        None
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_outer_space_do_not_matter() {
        let mut violations = Violations::default();
        let email = Email::parse("  Ada@Example.ORG ", "/email", &mut violations);
        assert_eq!(email.map(|email| email.to_string()).as_deref(), Some("ada@example.org"));
        assert!(violations.is_empty());
    }

    #[test]
    fn implausible_addresses_are_refused() {
        for text in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a@b",
            "a@b..c",
            "a@b@c.d",
            "a b@c.d",
            "a\u{7}@c.d",
            "a@b.c\u{200b}",
            "a@-.-",
            "<a>@b.c",
            "ä@b.c",
        ] {
            let mut violations = Violations::default();
            assert_eq!(Email::parse(text, "/email", &mut violations), None, "{text:?}");
            assert_eq!(violations.into_vec().len(), 1);
        }
    }
}
