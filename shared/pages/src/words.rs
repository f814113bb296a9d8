//! The words of `infra/site/texts`.

use std::sync::LazyLock;

use serde_json::Value;

/// A language that pages are in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Language(usize);

/// The first is for whoever wants none of them.
const LANGUAGES: [(&str, &str); 2] = [
    ("en", include_str!("../../../infra/site/texts/en.json")),
    ("de", include_str!("../../../infra/site/texts/de.json")),
];

static TABLES: LazyLock<[Value; LANGUAGES.len()]> =
    LazyLock::new(|| LANGUAGES.map(|(_, table)| serde_json::from_str(table).expect("a test has read it")));

impl Language {
    pub const ENGLISH: Self = Self(0);

    /// The one that an `Accept-Language` header asks for most: `de-AT, en;q=0.8`.
    #[must_use]
    pub fn preferred(accept: &str) -> Self {
        let wish = |range: &str| -> Option<(u16, Self)> {
            let mut parts = range.split(';').map(str::trim);
            let base = parts.next()?.split('-').next()?.to_ascii_lowercase();
            let found = LANGUAGES.iter().position(|(tag, _)| *tag == base)?;
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
            Some(((weight.clamp(0.0, 1.0) * 1000.0) as u16, Self(found)))
        };
        // Of equal wishes the first counts.
        let wishes = accept.split(',').filter_map(wish).filter(|(weight, _)| *weight > 0);
        wishes
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
            .map_or(Self::ENGLISH, |(_, found)| found)
    }

    /// As `lang` has it.
    #[must_use]
    pub fn tag(self) -> &'static str {
        LANGUAGES[self.0].0
    }

    /// What is said under a key; the key where nothing is, which a test finds.
    #[must_use]
    pub fn word(self, key: &str) -> &str {
        TABLES[self.0].get(key).and_then(Value::as_str).unwrap_or(key)
    }

    /// The same of a number of things, with `{count}` replaced.
    #[must_use]
    pub fn count(self, key: &str, count: u32) -> String {
        let form = if count == 1 { "one" } else { "other" };
        let said = &TABLES[self.0][key];
        let said = said.get(form).unwrap_or(said).as_str().unwrap_or(key);
        said.replace("{count}", &count.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_that_which_is_wanted_most() {
        for (accept, tag) in [
            ("", "en"),
            ("de", "de"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("fr, en;q=0.2, de;q=0.3", "de"),
            ("de;q=0, en;q=0.1", "en"),
            ("*", "en"),
            ("en, de", "en"),
            ("ar;q=x,,;", "en"),
        ] {
            assert_eq!(Language::preferred(accept).tag(), tag, "{accept}");
        }
    }

    #[test]
    fn every_language_has_the_same_words_with_the_same_gaps() {
        let gaps = |said: &Value| -> Vec<String> {
            let said = said.get("other").unwrap_or(said).as_str().unwrap().to_owned();
            let mut gaps: Vec<String> =
                said.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect();
            gaps.sort();
            gaps
        };
        let [first, rest @ ..] = &*TABLES;
        for table in rest {
            let keys = |table: &Value| table.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(table), keys(first));
            for (key, said) in first.as_object().unwrap() {
                assert_eq!(gaps(&table[key]), gaps(said), "{key}");
            }
        }
    }

    #[test]
    fn one_lesson_is_not_one_lessons() {
        assert_eq!(Language::ENGLISH.count("course.lessons", 1), "1 lesson");
        assert_eq!(Language::ENGLISH.count("course.lessons", 18), "18 lessons");
        assert_eq!(Language::preferred("de").count("course.lessons", 18), "18 Lektionen");
    }
}
