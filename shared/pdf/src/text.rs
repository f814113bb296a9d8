//! People choose their names and authors their titles: text here can be anything. This makes it printable without
//! changing what it says, and harmless where it is not meant to be read.

use serde::Serialize;
use unicode_bidi::Direction;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use crate::world;

/// What stands for a letter that no font has, so that a loss is seen.
const MISSING: char = '□';
/// Marks on one letter: Vietnamese needs two, Hebrew with cantillation three. A pile of fifty grows into other lines.
const MOST_MARKS: usize = 4;
/// In Myanmar and India vowels and medials are marks too, and most of them stand beside their letter.
const MOST_MARKS_OF_INDIA: usize = 8;
/// More letters than this without a place to break a line are given one in their middle; no word is that long.
const LONGEST_WORD: usize = 40;
const BREAK: char = '\u{200B}';

/// Text as a template gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    text: String,
    /// Whether it reads from right to left, by its first letter.
    rtl: bool,
    /// What its characters add up to, in thousandths of their size; shaping and kerning change that a little.
    width: u32,
    /// The widest part that no line break divides.
    word: String,
}

impl Line {
    /// Cleans text down to at most `most` characters.
    pub(crate) fn new(text: &str, most: usize) -> Self {
        Self::printing(clean(text, most))
    }

    fn printing(text: String) -> Self {
        let width_of = |text: &str| text.chars().map(world::width_of).sum();
        let width = width_of(&text);
        let rtl = unicode_bidi::get_base_direction(text.as_str()) == Direction::Rtl;
        let words = text.split_inclusive(|c| breaks_line(c) || c == BREAK);
        let word = words.max_by_key(|word| width_of(word)).unwrap_or_default().trim_end().to_owned();
        Self { text, rtl, width, word }
    }

    /// As [`Self::new`], or none when nothing printable is left.
    pub(crate) fn some(text: Option<&str>, most: usize) -> Option<Self> {
        text.map(|text| Self::new(text, most)).filter(|line| !line.text.is_empty())
    }

    /// As [`Self::new`], or a dash when nothing printable is left.
    pub(crate) fn or_dash(text: &str, most: usize) -> Self {
        Self::some(Some(text), most).unwrap_or_else(|| Self::printing("—".to_owned()))
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// * White space of any kind becomes one space, controls and what is invisible are dropped, with them everything that
///   turns the direction of text: each line stands for itself.
/// * A letter and its marks come from one font, or the marks are dropped.
/// * What no font has is replaced by its plain form (`𝓐` by `A`), a letter without one by [`MISSING`], and anything
///   else, emoji above all, is dropped.
fn clean(text: &str, most: usize) -> String {
    // Four bytes and a handful of marks for each character that can stay; what follows is not looked at.
    let head: String = text.chars().take(most.saturating_mul(8)).collect();
    let visible = visible(&head.nfc().collect::<Vec<_>>());

    let mut kept: Vec<Vec<char>> = vec![];
    let mut count = 0;
    for cluster in clusters(&visible) {
        let printable = printable(&cluster);
        if printable.is_empty() || (printable == [' '] && kept.last().is_none_or(|last| *last == [' '])) {
            continue;
        }
        count += printable.len();
        if count > most {
            kept.push(vec!['…']);
            break;
        }
        kept.push(printable);
    }

    let mut out = String::new();
    let in_one_word = |cluster: &[char]| !cluster.iter().any(|&c| breaks_line(c));
    for word in kept.chunk_by(|one, next| in_one_word(one) && in_one_word(next)) {
        let parts = word.len().div_ceil(LONGEST_WORD);
        for (index, part) in word.chunks(word.len().div_ceil(parts)).enumerate() {
            out.extend((index > 0).then_some(BREAK));
            out.extend(part.iter().flatten());
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Letters with their marks. To Unicode's rules some marks of Myanmar are letters of their own; to a font they are not.
fn clusters(text: &str) -> Vec<Vec<char>> {
    let mut clusters: Vec<Vec<char>> = vec![];
    for grapheme in text.graphemes(true) {
        match clusters.last_mut().filter(|_| grapheme.starts_with(is_combining_mark)) {
            Some(cluster) => cluster.extend(grapheme.chars()),
            None => clusters.push(grapheme.chars().collect()),
        }
    }
    clusters
}

/// Without what is not seen.
fn visible(chars: &[char]) -> String {
    let mut out = String::new();
    for (index, &c) in chars.iter().enumerate() {
        // Persian and the scripts of India spell with joiners, between two letters; elsewhere they only hide.
        let joins = matches!(c, '\u{200C}' | '\u{200D}')
            && out.chars().next_back().is_some_and(uses_joiners)
            && chars.get(index + 1).copied().is_some_and(uses_joiners);
        if joins || !is_invisible(c) {
            out.push(if c.is_whitespace() { ' ' } else { c });
        }
    }
    out
}

fn is_invisible(c: char) -> bool {
    let ignorable = matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}');
    ignorable || (c.is_control() && !c.is_whitespace())
}

fn uses_joiners(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{6D3}' | '\u{900}'..='\u{DFF}')
}

/// Scripts that end a line anywhere, or that the typesetter breaks by a dictionary.
fn breaks_line(c: char) -> bool {
    matches!(c, ' ' | '-' | '/' | '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3000}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}')
}

fn printable(cluster: &[char]) -> Vec<char> {
    let Some(&base) = cluster.first() else { return vec![] };
    if base == ' ' {
        return vec![' ']; // a mark on nothing would float
    }
    if is_combining_mark(base) {
        return vec![];
    }
    let visible: Vec<char> =
        cluster.iter().copied().filter(|c| !matches!(c, '\u{200C}' | '\u{200D}')).collect();
    if let Some(family) = world::family_with(&visible).or_else(|| world::family_with(&[base])) {
        let mut marks = 0;
        let india = matches!(base, '\u{900}'..='\u{DFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}');
        let most = if india { MOST_MARKS_OF_INDIA } else { MOST_MARKS };
        let fits = |&c: &char| {
            marks = if is_combining_mark(c) { marks + 1 } else { 0 };
            marks <= most && (matches!(c, '\u{200C}' | '\u{200D}') || world::family_has(family, c))
        };
        return cluster.iter().copied().filter(fits).collect();
    }
    let plain: Vec<char> = std::iter::once(base).nfkc().collect();
    if plain != [base] && world::family_with(&plain).is_some() {
        return plain;
    }
    if base.is_alphanumeric() { vec![MISSING] } else { vec![] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_as_they_are() {
        for name in [
            "Amélie Brontë-Nakamura",
            "O’Brien, Jr.",
            "Nguyễn Thị Ánh",
            "محمد بن عبد الله",
            "علی\u{200C}رضا",
            "क्षितिज श्रीवास्तव",
            "ශ්\u{200D}රී",
            "สมชาย น้ำใจ",
            "ສົມສັກ ນ້ຳ",
            "အောင်ဆန်းစုကြည် မြွှေ့ာ",
            "អង្គរវត្ត ស្រ្តី",
            "சுப்பிரமணியன் கொடை",
            "𠮷野 﨑",
            "山田 さくら",
            "김민준",
        ] {
            assert_eq!(clean(name, 500), name);
        }
    }

    #[test]
    fn what_hides_or_turns_is_dropped() {
        assert_eq!(clean("An\u{200D}na\u{202E}b\u{2067}\u{E0041}", 500), "Annab");
        assert_eq!(clean("\u{2028} a\u{3000}\u{A0}\tb\u{0} ", 500), "a b");
        assert_eq!(clean("a \u{301}b", 500), "a b");
    }

    #[test]
    fn what_no_font_has_is_plain_or_seen_or_dropped() {
        assert_eq!(clean("𝓐𝖓𝓷𝕒 ﷲ", 500), "Anna الله");
        assert_eq!(clean("A\u{13A0}B", 500), "A□B");
        assert_eq!(clean("A 🎉 B 1\u{FE0F}\u{20E3}", 500), "A B 1");
    }

    #[test]
    fn marks_do_not_pile_up() {
        let pile: String = std::iter::once('x').chain(std::iter::repeat_n('\u{30A}', 90)).collect();
        assert_eq!(clean(&pile, 500).chars().count(), 1 + MOST_MARKS);
    }

    #[test]
    fn what_is_too_long_is_cut_and_says_so() {
        assert_eq!(clean("abcdef", 6), "abcdef");
        assert_eq!(clean("abcdefg", 6), "abcdef…");
    }

    #[test]
    fn a_word_that_is_no_word_breaks_in_its_middle() {
        let broken =
            |letters: usize| clean(&"x".repeat(letters), 500).split(BREAK).map(str::len).collect::<Vec<_>>();
        assert_eq!(broken(40), [40]);
        assert_eq!(broken(41), [21, 20]);
        assert_eq!(broken(100), [34, 34, 32]);
        assert_eq!(Line::new("il MMM-iiiii iiii", 500).word, "MMM-");
    }

    #[test]
    fn the_first_letter_gives_the_direction() {
        assert!(Line::new("1. محمد (Ali)", 500).rtl);
        assert!(!Line::new("Ali (محمد)", 500).rtl);
        assert!(!Line::new("Ali\u{202E}", 500).rtl);
    }
}
