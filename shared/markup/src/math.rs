//! Formulas, as MathML, which browsers draw themselves.

use pulldown_latex::{Parser, RenderConfig, Storage, config::DisplayMode, push_mathml};

use crate::code::escaped;

/// Longer ones stay as they are written.
const LONGEST: usize = 2 * 1024;
/// What makes macros, and what stands in them: with them a short formula becomes an endless one, and the parser looks at its
/// length only afterwards. `command` is the end of several that it knows.
const MACROS: [&str; 5] = ["\\def", "\\let", "\\futurelet", "command", "#"];

/// A formula in a line of text, or in one of its own; its source where it is no formula, or one that could take long.
pub(crate) fn html(formula: &str, is_display: bool) -> String {
    if formula.len() > LONGEST || MACROS.iter().any(|name| formula.contains(name)) {
        return format!("<code>{}</code>", escaped(formula));
    }
    let storage = Storage::new();
    let display_mode = if is_display { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut mathml = String::new();
    let made = push_mathml(&mut mathml, Parser::new(formula, &storage), config);
    if made.is_ok() && !mathml.contains("<merror") {
        mathml
    } else {
        format!("<code>{}</code>", escaped(formula))
    }
}
