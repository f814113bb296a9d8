//! What a stranger sees of a name.

use unicode_segmentation::UnicodeSegmentation;

/// A letter with its marks; a pile of marks is cut.
const MOST_CHARS: usize = 8;

/// The first letters of the first and the last word of a name: `G. H.` Of a name that would be told whole that way, the
/// first alone. In any script: a letter keeps its marks, what is not a letter or digit is not an initial, and a name without any
/// has none.
#[must_use]
pub fn initials(name: &str) -> String {
    let letters = |word| -> Vec<&str> { UnicodeSegmentation::graphemes(word, true).collect() };
    let words: Vec<Vec<&str>> = name
        .split_whitespace()
        .map(|word| letters(word.trim_start_matches(|c: char| !c.is_alphanumeric())))
        .filter(|word| !word.is_empty())
        .collect();
    let shown = match words.as_slice() {
        [] => vec![],
        [only] => vec![only],
        [first, last] if first.len() == 1 && last.len() == 1 => vec![first],
        [first, .., last] => vec![first, last],
    };
    let initial = |word: &Vec<&str>| format!("{}.", word[0].chars().take(MOST_CHARS).collect::<String>());
    shown.into_iter().map(initial).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_in_any_script_has_initials() {
        for (name, shown) in [
            ("Grace Hopper", "G. H."),
            ("Grace Brewster Murray Hopper", "G. H."),
            ("amélie brontë-nakamura", "a. b."),
            ("e\u{301}mile Zola", "e\u{301}. Z."),
            ("O’Brien", "O."),
            ("(Dr.) \u{202e}\"Ada\" Lovelace", "D. L."),
            ("محمد بن سلمان", "م. س."),
            ("王小明", "王."),
            ("山田 さくら", "山. さ."),
            ("क्षितिज श्रीवास्तव", "क्षि. श्री."),
            ("Ł Ж", "Ł."),
            ("X", "X."),
            ("Anna 🎉", "A."),
            ("\u{a0}Anna\u{3000}Bell\u{a0}", "A. B."),
            ("🎉 —", ""),
            ("", ""),
        ] {
            assert_eq!(initials(name), shown, "{name}");
        }
    }

    #[test]
    fn a_pile_of_marks_is_cut() {
        let pile: String = std::iter::once('x').chain(std::iter::repeat_n('\u{30a}', 500)).collect();
        assert_eq!(initials(&pile).chars().count(), MOST_CHARS + 1);
        assert_eq!(initials(&"Wolfe schlegel ".repeat(500)), "W. s.");
    }

    proptest! {
        #[test]
        fn initials_of_any_name_are_short(name in any::<String>()) {
            prop_assert!(initials(&name).chars().count() <= 2 * MOST_CHARS + 3);
        }
    }
}
