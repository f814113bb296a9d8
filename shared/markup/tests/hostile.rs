//! Whatever an author types: nothing in what learners see of it runs, loads from elsewhere, or stands in for a part of the
//! page.

use markup::html;

/// What is hostile by itself, and where in a document it stands. A test in the browser puts the same into a page.
#[derive(serde::Deserialize)]
struct Documents {
    hostile: Vec<String>,
    /// With `{}` in its place.
    places: Vec<String>,
}

#[test]
fn five_hundred_hostile_documents_leave_nothing_that_runs_or_loads() {
    let documents: Documents = serde_json::from_str(include_str!("hostile.json")).unwrap();
    let mut tried = 0;
    for hostile in &documents.hostile {
        for place in &documents.places {
            let document = place.replace("{}", hostile);
            let html = html(&document);
            if let Some(wrong) = wrong(&html) {
                panic!("{wrong} of {document:?} in {html}");
            }
            tried += 1;
        }
    }
    assert!(tried >= 500);
}

/// What a page must not have. What is cleaned is written in one way, so that its elements are read by cutting it.
fn wrong(html: &str) -> Option<String> {
    const FORBIDDEN: [&str; 24] = [
        "script",
        "style",
        "svg",
        "iframe",
        "object",
        "embed",
        "base",
        "meta",
        "link",
        "form",
        "button",
        "video",
        "audio",
        "source",
        "template",
        "noscript",
        "select",
        "textarea",
        "maction",
        "annotation-xml",
        "mglyph",
        "foreignobject",
        "frame",
        "title",
    ];
    for piece in html.split('<').skip(1) {
        let (tag, _) = piece.split_once('>')?;
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if FORBIDDEN.contains(&name.trim_start_matches('/')) {
            return Some(format!("<{name}>"));
        }
        for attribute in attributes.split("\" ").filter(|attribute| !attribute.is_empty()) {
            let (attribute, value) = attribute.split_once("=\"").unwrap_or((attribute, ""));
            let value = value.trim_end_matches('"');
            let is_harmless = match attribute {
                "href" => {
                    ["http://", "https://", "mailto:", "/", "#"].iter().any(|start| value.starts_with(start))
                }
                "src" => value.starts_with('/') && !value.starts_with("//"),
                "id" => value.starts_with("note-"),
                "class" => !value.contains("button"),
                "type" => value == "checkbox",
                other => {
                    !other.starts_with("on")
                        && !["style", "srcset", "target", "name", "xlink:href"].contains(&other)
                }
            };
            if !is_harmless {
                return Some(format!("{attribute}={value:?}"));
            }
        }
    }
    None
}
