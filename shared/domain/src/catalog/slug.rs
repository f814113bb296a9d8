//! The readable name in a course's address.

use kernel::Violations;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

const MAX: usize = 80;

/// A title for comparison: lower case, without accents. `Äpfel` sorts beside `Apfel`, not after `zebra`.
#[must_use]
pub fn fold_title(title: &str) -> String {
    title.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// A slug made of a title: ASCII letters and digits with single hyphens. A title without any gives `course`.
#[must_use]
pub fn slugify(title: &str) -> String {
    let mut slug = String::new();
    for c in fold_title(title).chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') && !matches!(c, '\'' | '’') {
            slug.push('-');
        }
        if slug.len() >= MAX {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "course".to_owned() } else { slug.to_owned() }
}

/// Whether `text` can be a slug. A slug has no underscore, so that it never reads as an id.
#[must_use]
pub fn is_slug(slug: &str) -> bool {
    (1..=MAX).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
        && !slug.contains("--")
}

/// Notes at `pointer` that `slug` is none.
pub fn check_slug(slug: &str, pointer: &str, violations: &mut Violations) {
    violations.require(
        is_slug(slug),
        pointer,
        "invalid_slug",
        "must be 1 to 80 of a-z and 0-9 with single hyphens inside",
    );
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
            ("日本語", "course"),
        ] {
            assert_eq!(slugify(title), slug);
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
            let mut violations = Violations::default();
            check_slug(&slugify(&title), "/slug", &mut violations);
            prop_assert!(violations.is_empty());
        }
    }
}
