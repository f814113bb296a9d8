//! Which characters show nothing, so that a text of them alone is no text.

/// Characters that leave no mark, or only room, beside those that Unicode counts as white space: soft hyphens, joiners,
/// fillers, variation selectors. A title may contain them; a title may not be made of them.
pub const INVISIBLE: [(char, char); 13] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
];

/// Whether nothing of `c` is seen.
#[must_use]
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r22_what_shows_nothing_is_blank_and_what_shows_is_not() {
        for blank in [' ', '\t', '\u{a0}', '\u{3000}', '\u{200b}', '\u{2060}', '\u{3164}', '\u{feff}'] {
            assert!(is_blank(blank), "{:x}", u32::from(blank));
        }
        for seen in ['a', '.', '-', 'é', 'ا', '字', '🦀', '\u{301}'] {
            assert!(!is_blank(seen), "{seen}");
        }
    }
}
