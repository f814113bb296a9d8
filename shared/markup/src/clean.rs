//! What is harmless, whoever wrote it. Nothing else gets through.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};

/// Elements that authors may write themselves, and that Markdown is made of.
const ELEMENTS: [&str; 57] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
    "var",
    "wbr",
];
/// What formulas are made of: MathML Core, without what links or runs.
const MATH: [&str; 28] = [
    "math",
    "menclose",
    "merror",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "ms",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "none",
];
/// How MathML says what a formula looks like.
const MATH_ATTRIBUTES: [&str; 24] = [
    "accent",
    "accentunder",
    "columnalign",
    "columnlines",
    "columnspacing",
    "depth",
    "display",
    "displaystyle",
    "fence",
    "form",
    "height",
    "largeop",
    "linethickness",
    "lspace",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "notation",
    "rowspacing",
    "rspace",
    "scriptlevel",
    "stretchy",
    "width",
];
/// Classes that the steps before this one give. What begins with `code-` is of listings.
const CLASSES: [&str; 10] = [
    "at-end",
    "centered",
    "footnote-definition",
    "footnote-definition-label",
    "footnote-reference",
    "markdown-alert-caution",
    "markdown-alert-important",
    "markdown-alert-note",
    "markdown-alert-tip",
    "markdown-alert-warning",
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    cleaner
        .tags(ELEMENTS.into_iter().chain(MATH).chain(["input"]).collect())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .generic_attributes(HashSet::from(["class", "dir", "lang", "title"]))
        .tag_attributes(attributes())
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("nofollow noopener noreferrer"))
        .attribute_filter(kept);
    cleaner
});

fn attributes() -> HashMap<&'static str, HashSet<&'static str>> {
    let mut attributes: HashMap<_, HashSet<_>> =
        MATH.into_iter().map(|element| (element, HashSet::from(MATH_ATTRIBUTES))).collect();
    attributes.extend([
        ("a", HashSet::from(["href"])),
        ("details", HashSet::from(["open"])),
        ("div", HashSet::from(["id"])),
        ("img", HashSet::from(["alt", "height", "src", "width"])),
        ("input", HashSet::from(["checked", "disabled", "type"])),
        ("ol", HashSet::from(["reversed", "start"])),
        ("pre", HashSet::from(["tabindex"])),
        ("td", HashSet::from(["colspan", "rowspan"])),
        ("th", HashSet::from(["colspan", "rowspan", "scope"])),
    ]);
    attributes
}

/// What stays of an attribute that its element may have.
fn kept<'a>(element: &str, attribute: &str, value: &'a str) -> Option<Cow<'a, str>> {
    let is_kept = match (element, attribute) {
        (_, "class") => {
            let known = |class: &&str| CLASSES.contains(class) || class.starts_with("code-");
            let classes: Vec<&str> = value.split_whitespace().filter(known).collect();
            return (!classes.is_empty()).then(|| classes.join(" ").into());
        }
        // Names of ours alone: one of the author's could stand in for a part of the page.
        (_, "id") => value
            .strip_prefix("note-")
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())),
        ("a", "href") => is_link(value),
        ("img", "src") => is_of_this_host(value),
        ("input", "type") => value == "checkbox",
        ("pre", "tabindex") => value == "0",
        _ => true,
    };
    is_kept.then_some(Cow::Borrowed(value))
}

/// The harmless part of a document.
pub(crate) fn clean(html: &str) -> String {
    CLEANER.clean(html).to_string()
}

/// What a browser opens again in each paragraph that follows where it was left open. It does so three times for each kind, and a
/// kind is an element with its attributes: with attributes a short text would become millions of elements.
const REOPENED: [&str; 8] = ["b", "code", "em", "i", "s", "small", "strong", "u"];

/// Whether all elements in a piece of markup are plain ones. Case matters: `<Details>` is a component.
pub(crate) fn knows(markup: &str) -> bool {
    markup.split('<').skip(1).all(|rest| {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let end =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-._:".contains(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let has_attributes = !after.trim_start().starts_with('>');
        let is_plain = ELEMENTS.contains(&name) && !(has_attributes && REOPENED.contains(&name));
        rest.starts_with("!--") || end == 0 || is_plain
    })
}

/// Where a link may lead: elsewhere, to a page of this host, or within the lesson. What a lesson stands beside has no address.
fn is_link(url: &str) -> bool {
    ["http://", "https://", "mailto:", "/", "#"].iter().any(|start| url.starts_with(start))
}

/// `/pictures/a.png`, but not `//elsewhere/a.png`.
pub(crate) fn is_of_this_host(url: &str) -> bool {
    // Browsers take a backslash for a slash, and do not see control characters.
    let is_disguised = |c: char| c == '\\' || c.is_ascii_control();
    url.starts_with('/') && !url.starts_with("//") && !url.contains(is_disguised)
}
