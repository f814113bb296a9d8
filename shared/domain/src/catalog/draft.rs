//! How a course begins.

use kernel::{Money, Result, Timestamp, UserId, Violations};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{
    CategoryId, Course, CourseDescription, CourseId, CourseStatus, Language, Level, LongDescription,
    Objectives, Prerequisites, Slug, Tags, Title,
};

/// What the course is about. A draft needs a title; publishing needs more.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CreateCourseInput")]
#[schemars(example = json!({
    "title": "Rust from the first line", "description": "Write your first programs and understand why they work.",
    "level": "beginner", "price": { "amount": 0, "currency": "USD" }, "tags": ["rust"],
}))]
pub struct NewCourse {
    pub title: Title,
    /// Made of the title when absent.
    pub slug: Option<Slug>,
    #[serde(default)]
    pub description: CourseDescription,
    /// Markdown.
    #[serde(default)]
    pub long_description: LongDescription,
    pub level: Option<Level>,
    pub category_id: Option<CategoryId>,
    /// Free when absent.
    #[serde(default)]
    pub price: Money,
    /// BCP 47; `en` when absent.
    pub language: Option<Language>,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub objectives: Objectives,
    #[serde(default)]
    pub prerequisites: Prerequisites,
}

impl Course {
    /// A draft without modules.
    ///
    /// # Errors
    /// There are violations already, or the slug or the language does not look like one.
    pub fn draft(
        new: NewCourse,
        mut violations: Violations,
        id: CourseId,
        author_id: UserId,
        now: Timestamp,
    ) -> Result<Self> {
        if let Some(slug) = &new.slug {
            slug.check("/slug", &mut violations);
        }
        if let Some(language) = &new.language {
            language.check("/language", &mut violations);
        }
        violations.finish()?;
        Ok(Self {
            id,
            author_id,
            slug: new.slug.unwrap_or_else(|| Slug::of(&new.title, "course")),
            title: new.title,
            description: new.description,
            long_description: new.long_description,
            level: new.level,
            category_id: new.category_id,
            price: new.price,
            language: new.language.unwrap_or_default(),
            tags: new.tags,
            objectives: new.objectives,
            prerequisites: new.prerequisites,
            status: CourseStatus::Draft,
            outline: Vec::new(),
            trailer: None,
            created_at: now,
            updated_at: now,
            published_at: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use kernel::Id;
    use serde_json::Value;

    use super::*;
    use crate::catalog::{course::tests::NOW, rules};

    fn drafted(sent: Value) -> Result<Course> {
        let new = serde_json::from_value(sent).unwrap();
        Course::draft(new, Violations::default(), Id::generate(NOW), Id::generate(NOW), NOW)
    }

    #[test]
    fn a_title_makes_a_draft() {
        let course = drafted(json!({ "title": " Six knots " })).unwrap();
        assert_eq!((&*course.title, &*course.slug), ("Six knots", "six-knots"));
        assert_eq!((course.status, course.published_at), (CourseStatus::Draft, None));
        assert_eq!((course.created_at, course.updated_at), (NOW, NOW));
        assert_eq!((course.language, course.price.is_free()), (Language::default(), true));
        assert_eq!(&*drafted(json!({ "title": "…" })).unwrap().slug, "course");
    }

    #[test]
    fn a_chosen_slug_stays_and_has_the_form_of_one() {
        let course = drafted(json!({ "title": "Knots", "slug": "bowlines", "language": "pt-BR" })).unwrap();
        assert_eq!(&*course.slug, "bowlines");
        let error = drafted(json!({ "title": "Knots", "slug": "A b", "language": "english!" })).unwrap_err();
        let found: Vec<_> =
            error.violation_list().iter().map(|found| (&*found.pointer, found.code)).collect();
        assert_eq!(found, [("/slug", rules::INVALID_SLUG), ("/language", rules::INVALID_LANGUAGE)]);
    }

    #[test]
    fn language_tags_are_letters_then_letters_and_digits() {
        let taken = |language: &str| drafted(json!({ "title": "Knots", "language": language })).is_ok();
        for language in ["en", "pt-BR", "zh-Hant-TW", "de-CH-1996", "tlh"] {
            assert!(taken(language), "{language}");
        }
        for language in ["", "e", "english-", "-en", "e1", "en_US", "de--CH", "abcdefghi", "ä"] {
            assert!(!taken(language), "{language}");
        }
    }
}
