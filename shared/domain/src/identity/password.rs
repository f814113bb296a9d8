//! What a password must be (OWASP ASVS 6.2): long enough, not a known one, nothing about its composition.

use kernel::Violations;

/// Fewest characters.
pub const PASSWORD_MIN: usize = 8;
/// Most characters: hashing must stay bounded.
pub const PASSWORD_MAX: usize = 128;

/// Passwords of at least eight characters that head every list of breached ones.
const COMMON: &str = include_str!("common_passwords.txt");

/// Notes at `pointer` why `password` is refused. Counts characters, never truncates.
pub fn check_password(password: &str, email: &str, pointer: &str, violations: &mut Violations) {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        violations.add(pointer, "too_short", "must have at least 8 characters");
    } else if length > PASSWORD_MAX {
        violations.add(pointer, "too_long", "must have at most 128 characters");
    } else if COMMON.lines().any(|common| common.eq_ignore_ascii_case(password)) {
        violations.add(pointer, "common_password", "is one of the most used passwords; choose another");
    } else if !email.is_empty() && password.eq_ignore_ascii_case(email) {
        violations.add(pointer, "same_as_email", "must not be the mail address");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(password: &str) -> Vec<String> {
        let mut violations = Violations::default();
        check_password(password, "ada@example.org", "/password", &mut violations);
        violations.into_vec().into_iter().map(|violation| violation.code.into_owned()).collect()
    }

    #[test]
    fn r25_length_counts_characters_and_known_passwords_are_refused() {
        assert_eq!(codes("kurz"), ["too_short"]);
        assert_eq!(codes(&"ß".repeat(128)), [""; 0]);
        assert_eq!(codes(&"a".repeat(129)), ["too_long"]);
        assert_eq!(codes("Password1"), ["common_password"]);
        assert_eq!(codes("ADA@example.org"), ["same_as_email"]);
        assert_eq!(codes("correct horse battery staple"), [""; 0]);
    }
}
