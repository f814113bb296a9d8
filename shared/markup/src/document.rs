//! From MDX to HTML that nobody may see yet.

use std::collections::HashMap;

use pulldown_cmark::{
    Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream,
    html::push_html,
};

use crate::{
    clean::{self, Open},
    code, math,
};

const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_MATH)
    .union(Options::ENABLE_GFM);

/// The HTML of a text; none where it is nested deeper than anybody reads.
pub(crate) fn html(mdx: &str) -> Option<String> {
    let mut document = Document { top: top(mdx), effort: code::EFFORT, ..Document::default() };
    let mut events: Vec<Event<'_>> = Vec::new();
    for event in TextMergeStream::new(Parser::new_ext(mdx, OPTIONS)) {
        events.extend(document.ends(&event));
        events.extend(document.event(event));
        if document.within.len() > clean::DEEPEST {
            return None;
        }
    }
    let mut html = String::with_capacity(mdx.len() * 2);
    push_html(&mut html, events.into_iter());
    // The corner of a table heads nothing.
    for class in [Alignment::None, Alignment::Center, Alignment::Right].map(class_of) {
        html = html.replace(&format!("<th{class}></th>"), "<td></td>");
    }
    Some(html)
}

/// The highest level of a heading that the document has.
fn top(mdx: &str) -> usize {
    let levels = Parser::new_ext(mdx, OPTIONS).filter_map(|event| match event {
        Event::Start(Tag::Heading { level, .. }) => Some(level as usize),
        _ => None,
    });
    levels.min().unwrap_or(1)
}

/// What is between a start and its end.
#[derive(Default)]
struct Document {
    /// The highest level of its headings, and the one that the last of them got.
    top: usize,
    level: usize,
    /// The language and the text of a listing.
    listing: Option<(String, String)>,
    /// What may still be highlighted.
    effort: usize,
    /// A block of markup.
    markup: Option<String>,
    /// What the author's own markup has opened, and how much of it was open where each thing began that we are in.
    open: Open,
    within: Vec<usize>,
    /// Of each image that is open, whether it becomes a link.
    images: Vec<bool>,
    /// How the columns of a table are aligned, the column that comes next, and whether it is of the head.
    columns: Vec<Alignment>,
    column: usize,
    is_head: bool,
    /// What authors call footnotes, in the order in which they come up: their own names could be those of a page's parts.
    footnotes: HashMap<String, usize>,
}

impl Document {
    /// What ends before an event, since what it is in does: the author's own markup within a line.
    fn ends<'a>(&mut self, event: &Event<'a>) -> Option<Event<'a>> {
        let depth = match event {
            Event::Start(tag) => {
                let is_of_a_line = matches!(
                    tag,
                    Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
                );
                let depth =
                    if is_of_a_line { self.open.depth() } else { self.open.before_line(self.begun()) };
                self.within.push(depth);
                depth
            }
            Event::End(_) => self.within.pop()?,
            _ => return None,
        };
        let ends = self.open.close(depth);
        (!ends.is_empty()).then(|| Event::InlineHtml(ends.into()))
    }

    /// How much of the author's own markup was open where that began which we are in.
    fn begun(&self) -> usize {
        self.within.last().copied().unwrap_or(0)
    }

    /// What the renderer gets of an event; nothing of what is gathered until its end.
    fn event<'a>(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        Some(match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split([' ', ',', '{']).next().unwrap_or_default().to_owned()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                self.listing = Some((language, String::new()));
                return None;
            }
            Event::End(TagEnd::CodeBlock) => {
                let (language, text) = self.listing.take()?;
                Event::Html(code::html(&language, &text, &mut self.effort).into())
            }
            Event::Text(text) if self.listing.is_some() => {
                self.listing.as_mut()?.1.push_str(&text);
                return None;
            }
            Event::Start(Tag::HtmlBlock) => {
                self.markup = Some(String::new());
                return None;
            }
            Event::End(TagEnd::HtmlBlock) => {
                let markup = self.markup.take()?;
                let is_plain = self.open.takes_block(&markup, self.begun());
                Event::Html(if is_plain { markup } else { code::plain(&markup) }.into())
            }
            Event::Html(text) if self.markup.is_some() => {
                self.markup.as_mut()?.push_str(&text);
                return None;
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                let begun = self.begun();
                if self.open.takes(&text, begun) { Event::InlineHtml(text) } else { Event::Code(text) }
            }
            Event::InlineMath(formula) => Event::InlineHtml(math::html(&formula, false).into()),
            Event::DisplayMath(formula) => Event::InlineHtml(math::html(&formula, true).into()),
            Event::Start(Tag::Heading { level, .. }) => {
                let level = self.below(level);
                Event::Start(Tag::Heading { level, id: None, classes: vec![], attrs: vec![] })
            }
            Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Heading(heading(self.level))),
            Event::Start(Tag::Image { dest_url, title, link_type, id }) => {
                let is_of_this_host = clean::is_of_this_host(&dest_url);
                self.images.push(!is_of_this_host);
                if is_of_this_host {
                    Event::Start(Tag::Image { dest_url, title, link_type, id })
                } else {
                    // What stands between, its description, becomes the link's text.
                    Event::Start(Tag::Link { link_type, dest_url, title, id })
                }
            }
            Event::End(TagEnd::Image) if self.images.pop()? => Event::End(TagEnd::Link),
            // A style in the page itself is nothing that its policy allows, so a class says how a cell is aligned.
            Event::Start(Tag::Table(columns)) => {
                self.columns.clone_from(&columns);
                Event::Start(Tag::Table(columns))
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                self.column = 0;
                self.is_head = event == Event::Start(Tag::TableHead);
                event
            }
            Event::Start(Tag::TableCell) => {
                let alignment = self.columns.get(self.column).copied().unwrap_or(Alignment::None);
                self.column += 1;
                Event::Html(format!("<{}{}>", self.cell(), class_of(alignment)).into())
            }
            Event::End(TagEnd::TableCell) => Event::Html(format!("</{}>", self.cell()).into()),
            Event::FootnoteReference(name) => Event::FootnoteReference(self.footnote(&name)),
            Event::Start(Tag::FootnoteDefinition(name)) => {
                Event::Start(Tag::FootnoteDefinition(self.footnote(&name)))
            }
            other => other,
        })
    }

    /// The page has an `h1`, so the highest headings are `h2`, whatever the author began with; and none skips a level.
    fn below(&mut self, level: HeadingLevel) -> HeadingLevel {
        let most = if self.level == 0 { 2 } else { self.level + 1 };
        self.level = (level as usize + 2 - self.top).min(most);
        heading(self.level)
    }

    fn cell(&self) -> &'static str {
        if self.is_head { "th" } else { "td" }
    }

    fn footnote(&mut self, name: &str) -> CowStr<'static> {
        let next = self.footnotes.len() + 1;
        let number = *self.footnotes.entry(name.to_owned()).or_insert(next);
        format!("note-{number}").into()
    }
}

fn heading(level: usize) -> HeadingLevel {
    HeadingLevel::try_from(level).unwrap_or(HeadingLevel::H6)
}

fn class_of(alignment: Alignment) -> &'static str {
    match alignment {
        Alignment::None | Alignment::Left => "",
        Alignment::Center => " class=\"centered\"",
        Alignment::Right => " class=\"at-end\"",
    }
}
