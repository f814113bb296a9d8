//! What is harmless, whoever wrote it. Nothing else gets through.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};

/// Elements that authors may write themselves, and that Markdown is made of: those that begin a line of their own,
const BLOCKS: [&str; 28] = [
    "blockquote",
    "caption",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];
/// and those within a line.
const PHRASES: [&str; 29] = [
    "a", "abbr", "b", "bdi", "br", "cite", "code", "del", "dfn", "em", "i", "img", "ins", "kbd", "mark", "q",
    "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "u", "var", "wbr",
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
        .tags(BLOCKS.into_iter().chain(PHRASES).chain(MATH).chain(["input"]).collect())
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

/// What a browser opens again in whatever follows, where it was not closed in what it stood in.
const REOPENED: [&str; 9] = ["a", "b", "code", "em", "i", "s", "small", "strong", "u"];
/// What ends without saying so, when what it is in ends.
const IMPLIED: [&str; 11] = ["dd", "dt", "li", "p", "rp", "rt", "tbody", "td", "th", "thead", "tr"];
/// What has no end.
const VOID: [&str; 4] = ["br", "hr", "img", "wbr"];

/// What may be open at once: cleaning what is nested costs the square of its depth.
pub(crate) const DEEPEST: usize = 100;

/// A tag in a piece of markup.
enum MarkupTag {
    Start(&'static str),
    End(&'static str),
}

/// The tags in a piece of markup; none where one is not that of a plain element, or not written so plainly that every parser
/// reads it alike: what one takes for a tag, another could take for a part of a comment or of an attribute. Case matters:
/// `<Details>` is a component.
fn tags(markup: &str) -> Option<Vec<MarkupTag>> {
    let mut found = Vec::new();
    for rest in markup.split('<').skip(1) {
        if rest.starts_with("!--") {
            rest.find("-->")?;
            continue;
        }
        let (is_end, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
        // Declarations and instructions are comments too, up to the next `>`; whatever else begins no name is text.
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            if is_end || rest.starts_with(['!', '?']) {
                rest.find('>')?;
            }
            continue;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>')?;
        let (name, attributes) = rest.split_at(end);
        let name = BLOCKS.iter().chain(&PHRASES).find(|known| **known == name)?;
        if !is_well_written(attributes) {
            return None;
        }
        if !VOID.contains(name) {
            found.push(if is_end { MarkupTag::End(name) } else { MarkupTag::Start(name) });
        }
    }
    Some(found)
}

/// Whether attributes as CommonMark has them, and the end of their tag, are all that stands before what follows the tag.
fn is_well_written(mut rest: &str) -> bool {
    loop {
        let attribute = rest.trim_ascii_start();
        if attribute.starts_with('>') || attribute.starts_with("/>") {
            return true;
        }
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_.:-".contains(c);
        let end = attribute.find(|c| !is_of_name(c)).unwrap_or(attribute.len());
        if end == 0 || attribute.len() == rest.len() {
            return false;
        }
        rest = &attribute[end..];
        let Some(value) = rest.trim_ascii_start().strip_prefix('=').map(str::trim_ascii_start) else {
            continue;
        };
        let quoted = ['"', '\''].into_iter().find_map(|quote| Some((quote, value.strip_prefix(quote)?)));
        let end = match quoted {
            Some((quote, text)) => text.find(quote).map(|end| end + 2),
            None => {
                value.find(|c: char| c.is_ascii_whitespace() || "\"'=>`".contains(c)).filter(|end| *end > 0)
            }
        };
        let Some(end) = end else { return false };
        rest = &value[end..];
    }
}

/// The elements that an author opened and has not closed yet. They have to be well nested: browsers mend what is not, by
/// elements that grow with the square of the text.
#[derive(Default)]
pub(crate) struct Open(Vec<&'static str>);

impl Open {
    pub(crate) fn depth(&self) -> usize {
        self.0.len()
    }

    fn is_in_a_line(&self) -> bool {
        self.0.iter().any(|name| REOPENED.contains(name))
    }

    /// Whether a piece of markup is of plain elements and well nested in what is open, of which it may not close the first `from`;
    /// then what it opens and closes is noted.
    pub(crate) fn takes(&mut self, markup: &str, from: usize) -> bool {
        let Some(tags) = tags(markup) else { return false };
        let mut open = Self(self.0.clone());
        for tag in tags {
            let is_well = match tag {
                MarkupTag::Start(name) => {
                    let may_begin = !(open.is_in_a_line() && BLOCKS.contains(&name));
                    open.0.push(name);
                    may_begin && open.depth() <= DEEPEST
                }
                MarkupTag::End(name) => {
                    while open.0.last().is_some_and(|last| *last != name && IMPLIED.contains(last)) {
                        open.0.pop();
                    }
                    open.depth() > from && open.0.pop() == Some(name)
                }
            };
            if !is_well {
                return false;
            }
        }
        *self = open;
        true
    }

    /// The same of a block that stands by itself: what it leaves open may have Markdown in it, until a later block closes it.
    pub(crate) fn takes_block(&mut self, markup: &str, from: usize) -> bool {
        let mut open = Self(self.0.clone());
        let is_well = open.takes(markup, from) && !open.is_in_a_line();
        if is_well {
            *self = open;
        }
        is_well
    }

    /// How much was open before the line that we are in, of which `from` was before all else.
    pub(crate) fn before_line(&self, from: usize) -> usize {
        let line = self.0.iter().skip(from).position(|name| PHRASES.contains(name));
        line.map_or(self.0.len(), |line| from + line)
    }

    /// The ends of all but the first `depth`, as what they are in ends.
    pub(crate) fn close(&mut self, depth: usize) -> String {
        let depth = depth.min(self.0.len());
        self.0.drain(depth..).rev().map(|name| format!("</{name}>")).collect()
    }
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
