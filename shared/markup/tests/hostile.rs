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
                "src" => value.starts_with('/') && !value.starts_with("//") && !value.contains('\\'),
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

/// Texts as long as they may be, made to cost more to show than to write.
#[test]
fn no_text_becomes_much_more_than_it_is() {
    const LONGEST: usize = 64 * 1024;
    let filled = |start: &str, again: &str, end: &str| {
        let times = (LONGEST - start.len() - end.len()) / again.len();
        format!("{start}{}{end}", again.repeat(times))
    };
    let powers = |sizes: &[usize]| {
        let mut formula = String::new();
        for (n, size) in sizes.iter().enumerate() {
            let inner = if n == 0 {
                "#1".repeat(*size)
            } else {
                format!("\\{}{{{}}}", letter(n - 1), "#1".repeat(*size))
            };
            formula += &format!("\\providecommand{{\\{}}}[1]{{{inner}}}", letter(n));
        }
        format!("${formula}\\{}{{xxxxxxxxxx}}$", letter(sizes.len() - 1))
    };
    let formatting = "<b><b><b><i><i><i><em><em><em><code><code><code>";
    let unique: String = (0..2_000).map(|n| format!("<span><i title=\"{n}\"></span>x")).collect();
    for (what, text) in [
        ("a macro with parameters", powers(&[400, 60, 20])),
        ("paragraphs in what was left open", filled(&format!("<div>\n<p>{formatting}"), "<p>x", "")),
        ("lines in what was left open", filled(&format!("{formatting}\n\n"), "x\n\n", "")),
        ("what ends in the wrong order", unique),
        ("what seems closed in comments", format!("<div>\n{}", disguised("<b title={}><!--</b>-->"))),
        ("what seems closed in attributes", format!("<div>\n{}", disguised("<b title=\"{}</b>\">"))),
        (
            "what seems closed in a later attribute",
            format!("<div>\n{}", disguised("<b =\"x title{}=\"></b>")),
        ),
        ("what seems closed in instructions", format!("<div>\n{}", disguised("<b title={}><? </b>"))),
        ("names that go on", filled("<div>\n", "<b\"x></b>", "")),
        ("quotes in quotes", filled("", "> ", "x")),
        ("lists in lists", filled("", "<ol>", "")),
        ("a line that a grammar remembers", filled("```lua\n[", "=", "[\n\n\n\n\n```\n")),
        (
            "many lines that a grammar looks back from",
            filled(&format!("```lua\n[{}[\n", "=".repeat(3_900)), "\n", ""),
        ),
        ("many short such listings", filled("", &format!("```lua\n[{}[\n\n\n```\n", "=".repeat(480)), "")),
    ] {
        let html = html(&text);
        let tags = html.matches('<').count();
        assert!(tags <= text.len(), "{what}: {tags} tags");
        assert!(html.len() <= 8 * text.len(), "{what}: {} bytes", html.len());
    }
}

/// Elements that stay open, each of its own kind, and paragraphs to open them in again.
fn disguised(open: &str) -> String {
    let open: String = (0..60).map(|n| open.replace("{}", &n.to_string())).collect();
    format!("<p>{open}</p>{}", "<p>x</p>".repeat(300))
}

fn letter(n: usize) -> char {
    char::from(b'a' + u8::try_from(n).expect("one of 26"))
}
