//! Mail addresses, compared without regard to case.

use std::fmt;

use kernel::Violations;
use serde::{Deserialize, Serialize};

use super::rules;

/// What every address matches, as a regular expression; [`Email::parse`] is stricter.
pub const EMAIL_PATTERN: &str = r"^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$";

/// A plausible address in lower case. Only a delivered mail proves it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Email(String);

impl Email {
    /// Longest address that mail can carry (RFC 5321).
    pub const MAX: usize = 254;

    /// Reads an address; notes at `pointer` why it is refused.
    pub fn parse(text: &str, pointer: &str, violations: &mut Violations) -> Option<Self> {
        let email = text.trim().to_lowercase();
        let plausible = email.len() <= Self::MAX
            && email.split_once('@').is_some_and(|(local, host)| is_dot_string(local) && is_domain(host));
        if plausible {
            return Some(Self(email));
        }
        violations.add(pointer, rules::INVALID_EMAIL, "must be a mail address such as ada@example.org");
        None
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `Dot-string` of RFC 5321: atoms with one dot between them. The other form, in quotes, is one that mail services
/// refuse, and so is what is not ASCII; that also leaves no invisible twins.
fn is_dot_string(local: &str) -> bool {
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
    };
    local.len() <= 64 && local.split('.').all(is_atom)
}

/// `Domain` of RFC 5321 with the lengths of RFC 1035, in its ASCII form and below a top-level domain, which is never
/// a number: otherwise it would be an address without its brackets.
fn is_domain(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let top = host.rsplit_once('.').map(|(_, top)| top);
    host.split('.').all(is_label) && top.is_some_and(|top| !top.bytes().all(|b| b.is_ascii_digit()))
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
            assert_refused(text);
        }
    }

    #[test]
    fn a_local_part_is_atoms_with_one_dot_between_them() {
        for text in [
            ".ada@example.org",
            "ada.@example.org",
            "ada..lovelace@example.org",
            ".@example.org",
            "\"ada lovelace\"@example.org",
            "ada\\@example.org",
            "ada,bob@example.org",
        ] {
            assert_refused(text);
        }
        assert_refused(&format!("{}@example.org", "a".repeat(65)));
        for text in ["a.d.a@example.org", "o'neil+news=2026@example.org", "{ada}|/?^_`~!#$%&*-@example.org"] {
            assert_taken(text);
        }
        assert_taken(&format!("{}@example.org", "a".repeat(64)));
    }

    #[test]
    fn a_domain_is_labels_below_a_name() {
        for text in [
            "ada@.example.org",
            "ada@example.org.",
            "ada@example..org",
            "ada@-example.org",
            "ada@example-.org",
            "ada@exa_mple.org",
            "ada@exa!mple.org",
            "ada@192.0.2.1",
            "ada@example.7",
            "ada@[192.0.2.1]",
            "ada@[ipv6:2001:db8::1]",
            "ada@example.org:25",
            "ada@b\u{fc}cher.example",
        ] {
            assert_refused(text);
        }
        assert_refused(&format!("ada@{}.org", "a".repeat(64)));
        for text in ["ada@3com.example", "ada@1.2.example", "ada@xn--bcher-kva.example", "ada@a--b.example"] {
            assert_taken(text);
        }
        assert_taken(&format!("ada@{}.org", "a".repeat(63)));
        // Four labels of 63 are more than an address may have.
        let long = |last: usize| format!("ada@{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(last));
        assert_taken(&long(Email::MAX - "ada@".len() - 3 * 64));
        assert_refused(&long(Email::MAX - "ada@".len() - 3 * 64 + 1));
    }

    #[track_caller]
    fn assert_refused(text: &str) {
        let mut violations = Violations::default();
        assert_eq!(Email::parse(text, "/email", &mut violations), None, "{text:?}");
        assert_eq!(violations.into_vec().len(), 1);
    }

    #[track_caller]
    fn assert_taken(text: &str) {
        let mut violations = Violations::default();
        let email = Email::parse(text, "/email", &mut violations);
        assert_eq!(email.map(|email| email.to_string()).as_deref(), Some(text));
        assert!(violations.is_empty());
    }
}
