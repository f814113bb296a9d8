//! The readable name in a course's address.

use std::{borrow::Cow, fmt, ops::Deref, str::FromStr};

use deunicode::deunicode_char;
use kernel::{Alias, Violations};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{CourseId, rules};

const MAX: usize = 80;
const FORM: &str = "must be 1 to 80 of a-z and 0-9 with single hyphens inside";
/// So much of an id as tells two courses with one title apart.
const ID_DIGITS: usize = 8;

/// A title for comparison: lower case, without accents. `Äpfel` sorts beside `Apfel`, not after `zebra`.
#[must_use]
pub fn fold_title(title: &str) -> String {
    title.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// A slug made of a title in any script: ASCII letters and digits with single hyphens. None when the title has nothing
/// that can be written so, as `…`; emoji go by their names.
fn slugify(title: &str) -> Option<String> {
    let mut slug = String::new();
    for letters in title.chars().map(|c| deunicode_char(c).unwrap_or(" ")) {
        // What stands for a word, as a Chinese character does, ends with a space.
        let is_word = letters.len() > 1 && letters.ends_with(' ');
        for c in is_word.then_some(' ').into_iter().chain(letters.chars()) {
            match c {
                c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
                // Stands for a letter that has no other, or for an apostrophe.
                '\'' | '`' => {}
                _ if slug.is_empty() || slug.ends_with('-') => {}
                _ => slug.push('-'),
            }
        }
    }
    slug.truncate(MAX);
    let slug = slug.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

/// A slug. What is sent is held to its form by `check`, together with the other rules; what is stored reads as it
/// is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Slug(String);

impl Slug {
    /// What slugs look like, as a regular expression.
    pub const PATTERN: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";

    /// The slug made of a title, or `otherwise` where nothing in the title can be written so.
    #[must_use]
    pub fn of(title: &str, otherwise: &str) -> Self {
        Self(slugify(title).unwrap_or_else(|| otherwise.to_owned()))
    }

    /// The same with the end of the course's id, for when another course has it.
    #[must_use]
    pub fn with_end_of(&self, id: CourseId) -> Self {
        let digits = id.uuid().simple().to_string();
        let end = &digits[digits.len() - ID_DIGITS..];
        let begin: String = self.0.chars().take(MAX - ID_DIGITS - 1).collect();
        Self(format!("{}-{end}", begin.trim_end_matches('-')))
    }

    /// Notes at `pointer` that this is not a valid slug.
    pub(super) fn check(&self, pointer: &str, violations: &mut Violations) {
        violations.require(is_slug(&self.0), pointer, rules::INVALID_SLUG, FORM);
    }
}

impl FromStr for Slug {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_slug(text) { Ok(Self(text.to_owned())) } else { Err(FORM) }
    }
}

impl Alias for Slug {
    const PATTERN: &'static str = Self::PATTERN;
    const WORDS: &'static str = "a slug such as rust-for-beginners";
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Deref for Slug {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl JsonSchema for Slug {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Slug")
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        if generator.contract().is_serialize() {
            return json_schema!({ "type": "string" });
        }
        json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX, "pattern": Self::PATTERN })
    }
}

/// A slug has no underscore, so that it never reads as an id.
fn is_slug(slug: &str) -> bool {
    (1..=MAX).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
        && !slug.contains("--")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn titles_become_slugs() {
        for (title, slug) in [
            ("Rust from the first line", "rust-from-the-first-line"),
            ("  C++ & friends!  ", "c-friends"),
            ("What's new?", "whats-new"),
            ("Äpfel für Café-Gäste", "apfel-fur-cafe-gaste"),
            ("A\u{308}pfel", "apfel"),
        ] {
            assert_eq!(slugify(title).as_deref(), Some(slug), "{title}");
        }
        for nothing in ["", "…", "?!", "\u{200b}", "\u{e000}"] {
            assert_eq!(slugify(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn r21_titles_in_any_script_become_readable_slugs() {
        for (title, slug) in [
            ("Введение в Rust", "vvedenie-v-rust"),
            ("Українська мова", "ukrayinska-mova"),
            ("Εισαγωγή στη Rust", "eisagoge-ste-rust"),
            ("日本語入門", "ri-ben-yu-ru-men"),
            ("Rust入門", "rust-ru-men"),
            ("ひらがな", "hiragana"),
            ("러스트 입문", "reoseuteu-ibmun"),
            ("مقدمة في البرمجة", "mqdm-fy-lbrmj"),
            ("रस्ट का परिचय", "rstt-kaa-pricy"),
            ("שלום עולם", "shlvm-vlm"),
            ("ภาษาไทย", "phaasaaaithy"),
            ("🦀🦀", "crab-crab"),
        ] {
            assert_eq!(slugify(title).as_deref(), Some(slug), "{title}");
        }
    }

    #[test]
    fn r21_a_long_title_is_cut_to_what_a_slug_holds() {
        for title in ["字".repeat(100), "ш".repeat(100), format!("{} x", "a".repeat(79)), "🦀".repeat(50)]
        {
            let slug = slugify(&title).unwrap();
            assert!(is_slug(&slug) && slug.len() > MAX / 2, "{slug}");
        }
    }

    #[test]
    fn a_title_without_letters_has_a_slug_all_the_same() {
        assert_eq!(&*Slug::of("Knots", "course"), "knots");
        assert_eq!(&*Slug::of("…", "course"), "course");
    }

    #[test]
    fn of_two_courses_with_one_title_the_second_has_another_slug() {
        let id: CourseId = "crs_00000000000070008000000012345678".parse().unwrap();
        assert_eq!(&*Slug::of("Knots", "course").with_end_of(id), "knots-12345678");
        for title in ["a".repeat(100), format!("{} b", "a".repeat(70)), "字".repeat(100)] {
            let slug = Slug::of(&title, "course").with_end_of(id);
            assert!(is_slug(&slug) && slug.ends_with("-12345678"), "{slug:?}");
        }
    }

    #[test]
    fn accents_and_case_do_not_order_titles() {
        let mut titles = ["zebra", "Äpfel", "apfelmus", "Éclair", "eclairs"];
        titles.sort_by_key(|title| fold_title(title));
        assert_eq!(titles, ["Äpfel", "apfelmus", "Éclair", "eclairs", "zebra"]);
    }

    proptest! {
        #[test]
        fn every_title_gives_an_acceptable_slug(title in ".{0,200}") {
            if let Some(slug) = slugify(&title) {
                prop_assert!(is_slug(&slug), "{slug}");
            }
        }
    }
}
