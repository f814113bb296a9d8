//! Listings.

use std::sync::LazyLock;

use syntect::{
    html::{ClassStyle, ClassedHTMLGenerator},
    parsing::SyntaxSet,
    util::LinesWithEndings,
};

/// Longer lines stay plain with their listing: a grammar may look for what a line has said before, by a regular expression that
/// is as long as that and is made anew for each line.
const LONGEST_LINE: usize = 500;
/// What is highlighted of a document: of each listing, as many lines as it has times the longest of them. A few hundred lines
/// of code in each of a few listings fit.
pub(crate) const EFFORT: usize = 200_000;
const STYLE: ClassStyle = ClassStyle::SpacedPrefixed { prefix: "code-" };

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// A listing with what its language calls its parts as classes; a plain one where nobody knows the language, or where that
/// would take more than what is left of `effort`.
pub(crate) fn html(language: &str, text: &str, effort: &mut usize) -> String {
    let parts = highlighted(language, text, effort).unwrap_or_else(|| escaped(text));
    format!("<pre tabindex=\"0\"><code>{parts}</code></pre>\n")
}

/// A text as it is written.
pub(crate) fn plain(text: &str) -> String {
    html("", text, &mut 0)
}

fn highlighted(language: &str, text: &str, effort: &mut usize) -> Option<String> {
    if language.is_empty() {
        return None;
    }
    let longest = text.lines().map(str::len).max().filter(|longest| *longest <= LONGEST_LINE)?;
    *effort = effort.checked_sub(longest * text.lines().count())?;
    let syntax = SYNTAXES.find_syntax_by_token(language)?;
    let mut generator = ClassedHTMLGenerator::new_with_class_style(syntax, &SYNTAXES, STYLE);
    for line in LinesWithEndings::from(text) {
        generator.parse_html_for_line_which_includes_newline(line).ok()?;
    }
    Some(generator.finalize())
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
