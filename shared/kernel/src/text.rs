//! Texts that people write, each kind with its form, its limits and its schema in one place; and which characters show
//! nothing, so that a text of them alone counts as empty.

use std::{borrow::Cow, fmt, ops::Deref};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A text of `MIN` to `MAX` characters. What is sent is held to that by the schema. What is stored reads whatever its
/// length, since it may be older than the limits; so the schema of an answer has none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct Text<const PROSE: bool, const MIN: usize, const MAX: usize>(String);

/// One line, without white space around it.
pub type Line<const MIN: usize, const MAX: usize> = Text<false, MIN, MAX>;

/// Any number of lines, kept exactly as they were written.
pub type Prose<const MIN: usize, const MAX: usize> = Text<true, MIN, MAX>;

impl<const PROSE: bool, const MIN: usize, const MAX: usize> From<String> for Text<PROSE, MIN, MAX> {
    fn from(text: String) -> Self {
        let trimmed = text.trim();
        if PROSE || trimmed.len() == text.len() { Self(text) } else { Self(trimmed.to_owned()) }
    }
}

impl<const PROSE: bool, const MIN: usize, const MAX: usize> From<&str> for Text<PROSE, MIN, MAX> {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl<const PROSE: bool, const MIN: usize, const MAX: usize> From<Text<PROSE, MIN, MAX>> for String {
    fn from(text: Text<PROSE, MIN, MAX>) -> Self {
        text.0
    }
}

impl<const PROSE: bool, const MIN: usize, const MAX: usize> Deref for Text<PROSE, MIN, MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const PROSE: bool, const MIN: usize, const MAX: usize> fmt::Display for Text<PROSE, MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const PROSE: bool, const MIN: usize, const MAX: usize> PartialEq<&str> for Text<PROSE, MIN, MAX> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl<const PROSE: bool, const MIN: usize, const MAX: usize> JsonSchema for Text<PROSE, MIN, MAX> {
    fn schema_name() -> Cow<'static, str> {
        let kind = if PROSE { "Prose" } else { "Line" };
        Cow::Owned(format!("{kind}{MIN}To{MAX}"))
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({ "type": "string" });
        if generator.contract().is_deserialize() {
            if MIN > 0 {
                schema.insert("minLength".to_owned(), MIN.into());
            }
            schema.insert("maxLength".to_owned(), MAX.into());
            if PROSE {
                schema.insert("format".to_owned(), "multiline".into());
            }
        }
        schema
    }
}

/// At most `COUNT` different lines, each of at most `MAX` characters.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Lines<const COUNT: usize, const MAX: usize>(Vec<Line<1, MAX>>);

impl<const COUNT: usize, const MAX: usize> Deref for Lines<COUNT, MAX> {
    type Target = [Line<1, MAX>];

    fn deref(&self) -> &[Line<1, MAX>] {
        &self.0
    }
}

impl<const COUNT: usize, const MAX: usize> JsonSchema for Lines<COUNT, MAX> {
    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("{COUNT}LinesTo{MAX}"))
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let line = generator.subschema_for::<Line<1, MAX>>();
        let mut schema = json_schema!({ "type": "array", "items": line });
        if generator.contract().is_deserialize() {
            schema.insert("maxItems".to_owned(), COUNT.into());
            schema.insert("uniqueItems".to_owned(), true.into());
        }
        schema
    }
}

/// Characters that leave no mark, or only room, beside those that Unicode counts as white space: soft hyphens, joiners,
/// fillers, variation selectors. A title may contain them; a title may not be made of them.
pub const INVISIBLE: [(char, char); 13] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
];

/// Whether nothing of `c` is seen.
#[must_use]
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

#[cfg(test)]
mod tests {
    use schemars::generate::SchemaSettings;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_line_has_no_white_space_around_it_and_prose_stays_as_it_is() {
        let line: Line<1, 100> = serde_json::from_value(json!(" Knots\u{a0}and bends \t")).unwrap();
        assert_eq!(line, "Knots\u{a0}and bends");
        let prose: Prose<0, 100> = serde_json::from_value(json!("  # Knots\n")).unwrap();
        assert_eq!(prose, "  # Knots\n");
        assert_eq!(json!([line, prose]), json!(["Knots\u{a0}and bends", "  # Knots\n"]));
    }

    #[test]
    fn what_was_stored_under_other_limits_still_reads() {
        let line: Line<3, 5> = serde_json::from_value(json!("longer")).unwrap();
        assert_eq!(line, "longer");
        let lines: Lines<1, 3> = serde_json::from_value(json!(["one", "", "three"])).unwrap();
        assert_eq!(json!(lines), json!(["one", "", "three"]));
    }

    #[test]
    fn the_limits_hold_for_what_is_sent_and_answers_promise_none() {
        fn schemas<T: JsonSchema>() -> [Value; 2] {
            let settings = SchemaSettings::draft2020_12().with(|settings| settings.meta_schema = None);
            [settings.clone().for_deserialize(), settings.for_serialize()]
                .map(|settings| settings.into_generator().subschema_for::<T>().to_value())
        }
        let text = json!({ "type": "string" });
        assert_eq!(
            schemas::<Line<1, 100>>(),
            [json!({ "type": "string", "minLength": 1, "maxLength": 100 }), text.clone()]
        );
        assert_eq!(
            schemas::<Prose<0, 500>>(),
            [json!({ "type": "string", "maxLength": 500, "format": "multiline" }), text.clone()]
        );
        let items = json!({ "type": "string", "minLength": 1, "maxLength": 40 });
        assert_eq!(
            schemas::<Lines<20, 40>>(),
            [
                json!({ "type": "array", "items": items, "maxItems": 20, "uniqueItems": true }),
                json!({ "type": "array", "items": text }),
            ]
        );
    }

    #[test]
    fn r22_what_shows_nothing_is_blank_and_what_shows_is_not() {
        for blank in [' ', '\t', '\u{a0}', '\u{3000}', '\u{200b}', '\u{2060}', '\u{3164}', '\u{feff}'] {
            assert!(is_blank(blank), "{:x}", u32::from(blank));
        }
        for seen in ['a', '.', '-', 'é', 'ا', '字', '🦀', '\u{301}'] {
            assert!(!is_blank(seen), "{seen}");
        }
    }
}
