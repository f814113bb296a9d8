//! A school's logo, looked at before it is drawn: what would take too much memory, or would reach out of its own file,
//! is refused by name.

use std::collections::HashMap;
use std::io::Cursor;

use image::{ImageFormat, ImageReader};
use roxmltree::{Attribute, Document, Node, ParsingOptions};

use crate::Error;

/// Enough for a logo of 16 mm at 600 dots per inch, eight times over.
const MOST_PIXELS: u32 = 3000;
const MOST_BYTES: usize = 2 << 20;
/// Elements after everything that is named is put in its place: a few bytes can name billions.
const MOST_ELEMENTS: usize = 20_000;
const MOST_LEVELS: usize = 100;
/// A corner of a line is written in about four bytes and kept in nine, anew wherever the line is used.
const BYTES_PER_ELEMENT: usize = 50;

/// The name the logo's format has in a template, or why it cannot be drawn.
pub(crate) fn checked(bytes: &[u8]) -> Result<&'static str, Error> {
    let refused = |reason: &str| Err(Error::Logo(reason.to_owned()));
    if bytes.len() > MOST_BYTES {
        return refused("it has more than 2 MB");
    }
    let format = match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => "png",
        Ok(ImageFormat::Jpeg) => "jpg",
        _ => return drawing(bytes).map(|()| "svg"),
    };
    let dimensions =
        ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|it| Error::Logo(it.to_string()));
    let (width, height) = dimensions?.into_dimensions().map_err(|it| Error::Logo(it.to_string()))?;
    if width.max(height) > MOST_PIXELS {
        return refused("it is wider or higher than 3000 pixels");
    }
    Ok(format)
}

fn drawing(bytes: &[u8]) -> Result<(), Error> {
    let refused = |reason: &str| Err(Error::Logo(reason.to_owned()));
    let Ok(text) = std::str::from_utf8(bytes) else {
        return refused("it is neither PNG nor JPEG nor SVG");
    };
    // Drawing programs write a DOCTYPE; what it may define could grow, or come from elsewhere.
    if text.contains("<!ENTITY") {
        return refused("it defines entities");
    }
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|it| Error::Logo(format!("it is no SVG: {it}")))?;
    if document.root_element().tag_name().name() != "svg" {
        return refused("it is no SVG");
    }
    if let Some(other) = document.descendants().find(|node| node.is_element() && !is_plain(*node)) {
        let name = other.tag_name().name();
        return Err(Error::Logo(format!("<{name}> is more than a plain drawing")));
    }
    let mut by_id = HashMap::new();
    for node in document.descendants() {
        if let Some(id) = node.attribute("id")
            && by_id.insert(id, node).is_some()
        {
            return Err(Error::Logo(format!("it has two elements with the id {id}")));
        }
    }
    if elements(document.root_element(), &by_id, MOST_ELEMENTS, MOST_LEVELS).is_none() {
        return refused("it has too many elements or corners, or too deep");
    }
    Ok(())
}

/// Whether what an element draws costs as much as it looks. Pictures come from elsewhere or are packed, filters and
/// masks are computed in as many pixels as the drawing asks for, markers are drawn at each corner of a line, and what a
/// style sheet refers to would not be counted.
fn is_plain(node: Node<'_, '_>) -> bool {
    const SVG: &str = "http://www.w3.org/2000/svg";
    const PLAIN: [&str; 19] = [
        "svg",
        "g",
        "defs",
        "symbol",
        "use",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "clipPath",
        "linearGradient",
        "radialGradient",
        "stop",
        "title",
        "desc",
        "metadata",
    ];
    const COSTLY: [&str; 3] = ["filter", "marker", "mask"];
    let tag = node.tag_name();
    // Of the drawing program, to itself.
    let is_elsewhere = tag.namespace().is_some_and(|namespace| namespace != SVG);
    let is_costly = |text: &str| COSTLY.iter().any(|costly| text.contains(costly));
    let sheet = || node.descendants().filter_map(|child| child.text()).collect::<String>();
    let is_known = match tag.name() {
        "style" => !is_costly(&sheet()) && !sheet().contains("url") && !sheet().contains('\\'),
        name => PLAIN.contains(&name),
    };
    let asks_for_more = |attribute: Attribute<'_, '_>| match attribute.name() {
        "style" => is_costly(attribute.value()) || attribute.value().contains('\\'),
        name => is_costly(name),
    };
    (is_elsewhere || is_known) && !node.attributes().any(asks_for_more)
}

/// How many of `left` elements are left after drawing this one, or none when they or the levels do not suffice. A line
/// of many corners counts as many elements: it is read anew wherever it is used.
fn elements<'a>(
    node: Node<'a, 'a>,
    by_id: &HashMap<&str, Node<'a, 'a>>,
    left: usize,
    levels: usize,
) -> Option<usize> {
    let bytes: usize = node.attributes().map(|attribute| attribute.value().len()).sum();
    let mut left = left.checked_sub(1 + bytes / BYTES_PER_ELEMENT)?;
    let levels = levels.checked_sub(1)?;
    // `<use href="#id">`, and patterns, masks, markers and clip paths through `url(#id)`.
    for name in node.attributes().flat_map(|attribute| attribute.value().split('#').skip(1)) {
        let name = name.split([')', '"', '\'']).next().unwrap_or_default();
        if let Some(&named) = by_id.get(name) {
            left = elements(named, by_id, left, levels)?;
        }
    }
    for child in node.children().filter(Node::is_element) {
        left = elements(child, by_id, left, levels)?;
    }
    Some(left)
}
