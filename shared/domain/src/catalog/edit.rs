//! What changes of a course while it is written, also after it was published.

use kernel::{Change, Money, Patch, Result, Rule, Timestamp, Violations, is_blank};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{
    CategoryId, Course, CourseDescription, Language, Level, LongDescription, Objectives, Prerequisites, Slug,
    Tags, Title,
};

/// The fields to change.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "UpdateCourseInput")]
#[schemars(example = json!({ "title": "Rust from the very first line", "price": { "amount": 4900, "currency": "USD" } }))]
pub struct CourseEdit {
    pub title: Change<Title>,
    pub slug: Change<Slug>,
    pub description: Change<CourseDescription>,
    /// Markdown.
    pub long_description: Change<LongDescription>,
    pub level: Patch<Level>,
    pub category_id: Patch<CategoryId>,
    pub price: Change<Money>,
    /// BCP 47.
    pub language: Change<Language>,
    pub tags: Change<Tags>,
    pub objectives: Change<Objectives>,
    pub prerequisites: Change<Prerequisites>,
}

impl Course {
    /// The course as `edit` makes it. What it leaves alone stays, even if it was taken in under other rules.
    ///
    /// # Errors
    /// There are violations already, a new slug or language does not look like one, or a published course would lose what learners read before they
    /// enrol.
    pub fn edit(&self, edit: CourseEdit, mut violations: Violations, now: Timestamp) -> Result<Self> {
        let mut course = Self { updated_at: now, ..self.clone() };
        edit.title.apply(&mut course.title);
        edit.slug.apply(&mut course.slug);
        edit.description.apply(&mut course.description);
        edit.long_description.apply(&mut course.long_description);
        edit.level.apply(&mut course.level);
        edit.category_id.apply(&mut course.category_id);
        edit.price.apply(&mut course.price);
        edit.language.apply(&mut course.language);
        edit.tags.apply(&mut course.tags);
        edit.objectives.apply(&mut course.objectives);
        edit.prerequisites.apply(&mut course.prerequisites);

        if course.slug != self.slug {
            course.slug.check("/slug", &mut violations);
        }
        if course.language != self.language {
            course.language.check("/language", &mut violations);
        }
        if course.is_published() {
            let kept = "a published course keeps its description and level";
            violations.require(
                !course.description.chars().all(is_blank),
                "/description",
                Rule::MISSING,
                kept,
            );
            violations.require(course.level.is_some(), "/level", Rule::MISSING, kept);
        }
        violations.finish()?;
        Ok(course)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::catalog::{
        CourseStatus,
        course::tests::{LATER, course},
    };

    fn edited(course: &Course, sent: Value) -> Result<Course> {
        course.edit(serde_json::from_value(sent).unwrap(), Violations::default(), LATER)
    }

    fn pointers(result: Result<Course>) -> Vec<String> {
        result.unwrap_err().violation_list().iter().map(|violation| violation.pointer.clone()).collect()
    }

    #[test]
    fn what_is_absent_stays() {
        let before = course();
        let after = edited(&before, json!({})).unwrap();
        assert_eq!(after, Course { updated_at: LATER, ..before.clone() });
        let after = edited(&before, json!({ "title": " Bends ", "level": null })).unwrap();
        let wanted = Course { title: "Bends".into(), level: None, updated_at: LATER, ..before };
        assert_eq!(after, wanted);
    }

    #[test]
    fn a_published_course_keeps_its_description_and_level() {
        let draft = course();
        let published = Course { status: CourseStatus::Published, ..course() };
        let nothing = json!({ "description": " \u{200b}\n", "level": null });
        assert!(edited(&draft, nothing.clone()).is_ok());
        assert_eq!(pointers(edited(&published, nothing)), ["/description", "/level"]);
        assert!(edited(&published, json!({ "description": "Seven.", "level": "advanced" })).is_ok());
    }

    #[test]
    fn what_was_taken_in_under_other_rules_stays() {
        let mut before = course();
        before.slug = serde_json::from_value(json!("An_old_slug")).unwrap();
        before.language = serde_json::from_value(json!("english!")).unwrap();
        assert!(edited(&before, json!({ "title": "Bends", "slug": "An_old_slug" })).is_ok());
        let refused = json!({ "slug": "Another_slug", "language": "german!" });
        assert_eq!(pointers(edited(&before, refused)), ["/slug", "/language"]);
    }
}
