//! Listings.

use std::sync::LazyLock;

use syntect::{
    html::{ClassStyle, ClassedHTMLGenerator},
    parsing::SyntaxSet,
    util::LinesWithEndings,
};

/// Longer ones stay plain, since grammars are regular expressions that a hostile text can make slow.
const LONGEST: usize = 16 * 1024;
const STYLE: ClassStyle = ClassStyle::SpacedPrefixed { prefix: "code-" };

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// A listing with what its language calls its parts as classes; a plain one where nobody knows the language.
pub(crate) fn html(language: &str, text: &str) -> String {
    let parts = highlighted(language, text).unwrap_or_else(|| escaped(text));
    format!("<pre tabindex=\"0\"><code>{parts}</code></pre>\n")
}

fn highlighted(language: &str, text: &str) -> Option<String> {
    if language.is_empty() || text.len() > LONGEST {
        return None;
    }
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
