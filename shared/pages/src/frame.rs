//! What stands around every page.

use askama::Template;
use serde_json::Value;

use crate::Language;

/// A page with its frame.
#[derive(Template)]
#[template(path = "frame.html")]
pub(crate) struct Frame<'a> {
    pub(crate) language: Language,
    pub(crate) school: &'a str,
    pub(crate) title: &'a str,
    /// One or two sentences, for search engines and for who is sent a link.
    pub(crate) description: &'a str,
    /// Its address, where it stands in search engines; none for what is of one person.
    pub(crate) canonical: Option<&'a str>,
    /// What it is about, in the words of schema.org.
    pub(crate) about: Option<&'a Value>,
    /// Where scripts and styles are: `/assets/` and their version.
    pub(crate) assets: &'a str,
    /// The HTML of what it has to say.
    pub(crate) main: &'a str,
}

impl Frame<'_> {
    fn word<'b>(&self, key: &'b str) -> &'b str {
        self.language.word(key)
    }

    /// What stands in a script element must not end it.
    fn data(&self) -> Option<String> {
        self.about.map(|about| about.to_string().replace('<', "\\u003c"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_page_is_about_ends_no_script() {
        let about = json!({ "name": "</script><script>alert(1)</script>" });
        let page = Frame {
            language: Language::ENGLISH,
            school: "<b>School</b>",
            title: "A course",
            description: "\"Quoted\"",
            canonical: Some("https://school.example/courses/a"),
            about: Some(&about),
            assets: "/assets/dev",
            main: "<h1>A course</h1>",
        };
        let html = page.render().unwrap();
        assert_eq!(html.matches("<script").count(), 2, "{html}");
        assert!(html.contains("<h1>A course</h1>") && !html.contains("<b>School"), "{html}");
        assert!(html.contains("<html lang=\"en\""), "{html}");
    }
}
