//! Turns the MDX of lessons into HTML that is safe to show. What authors write is kept as it is; this makes what learners
//! see of it, in three steps: `document` parses it, `code` and `math` make listings and formulas of their parts, and
//! `clean` lets through what it knows to be harmless, whoever made it.

mod clean;
mod code;
mod document;
mod math;

/// Goes up with each change that makes other HTML of the same text: what was made with an older one is made anew.
pub const VERSION: u32 = 2;

/// More than an honest text makes; one that makes more, or is nested without end, is shown as it is written, since to clean it
/// would take seconds.
const LONGEST: usize = 1024 * 1024;

/// The HTML of a lesson's text, for a page whose own headings are `h1`.
///
/// Markdown as CommonMark has it, with tables, footnotes, task lists, struck-out text, formulas between dollars and the
/// callouts of GitHub. Plain elements such as `<kbd>` or `<details>` stay; a component shows as its source, since there is
/// nothing here that could run it. Images of other hosts become links, so that a lesson tells nobody who reads it.
#[must_use]
pub fn html(mdx: &str) -> String {
    let made = document::html(mdx).filter(|html| html.len() <= LONGEST);
    let cleaned = made.map(|html| clean::clean(&html)).filter(|html| html.len() <= LONGEST);
    cleaned.unwrap_or_else(|| code::plain(mdx))
}
