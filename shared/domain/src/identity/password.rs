//! What a password must be (OWASP ASVS 6.2): long enough, not a known one, nothing about its composition. Its length is
//! for the schemas of those who send one to say.

use kernel::Violations;

use super::rules;

/// Fewest characters.
pub const PASSWORD_MIN: usize = 8;
/// Most characters: hashing must stay bounded.
pub const PASSWORD_MAX: usize = 128;

/// Passwords of at least eight characters that head every list of breached ones.
const COMMON: &str = include_str!("common_passwords.txt");

/// Notes at `pointer` why `password` is refused.
pub fn check_password(password: &str, email: &str, pointer: &str, violations: &mut Violations) {
    if COMMON.lines().any(|common| common.eq_ignore_ascii_case(password)) {
        violations.add(pointer, rules::COMMON_PASSWORD, "is one of the most used passwords; choose another");
    } else if !email.is_empty() && password.eq_ignore_ascii_case(email) {
        violations.add(pointer, rules::SAME_AS_EMAIL, "must not be the mail address");
    }
}

#[cfg(test)]
mod tests {
    use kernel::Rule;

    use super::*;

    fn broken(password: &str) -> Vec<Rule> {
        let mut violations = Violations::default();
        check_password(password, "ada@example.org", "/password", &mut violations);
        violations.into_vec().into_iter().map(|violation| violation.code).collect()
    }

    #[test]
    fn r25_known_passwords_are_refused() {
        assert_eq!(broken("Password1"), [rules::COMMON_PASSWORD]);
        assert_eq!(broken("ADA@example.org"), [rules::SAME_AS_EMAIL]);
        assert_eq!(broken("correct horse battery staple"), []);
    }
}
