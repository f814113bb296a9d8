//! A course, its outline and the card that lists show.

use std::collections::BTreeSet;

use kernel::{CategoryId, CourseId, LessonId, ModuleId, Money, Timestamp, UserId, Violations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LessonSummary;
use crate::identity::User;

/// Most modules in a course. With [`MAX_LESSONS`] it bounds the outline to about 14 KB.
pub const MAX_MODULES: usize = 50;
/// Most lessons in a course.
pub const MAX_LESSONS: usize = 300;

/// What language tags look like (BCP 47), as a regular expression.
pub const LANGUAGE_PATTERN: &str = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$";

/// Notes that `language` cannot be a language tag.
pub fn check_language(language: &str, pointer: &str, violations: &mut Violations) {
    let mut parts = language.split('-');
    let is_language = parts.next().is_some_and(|first| {
        (2..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic())
    }) && parts
        .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    violations.require(
        is_language,
        pointer,
        "invalid_language",
        "must be a language tag (BCP 47) such as en or pt-BR",
    );
}

/// Whom a course is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Beginner,
    Intermediate,
    Advanced,
}

/// Where a course stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CourseStatus {
    Draft,
    Published,
    Archived,
}

/// One module's place in the outline with the order of its lessons.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutlineModule {
    pub id: ModuleId,
    #[schemars(length(max = 300))]
    pub lessons: Vec<LessonId>,
}

/// A course. The outline is the only record of which lesson stands where.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Course {
    pub id: CourseId,
    pub author_id: UserId,
    pub title: String,
    pub slug: String,
    pub description: String,
    pub long_description: String,
    pub level: Option<Level>,
    pub category_id: Option<CategoryId>,
    pub price: Money,
    pub language: String,
    pub tags: Vec<String>,
    pub objectives: Vec<String>,
    pub prerequisites: Vec<String>,
    pub status: CourseStatus,
    pub outline: Vec<OutlineModule>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub published_at: Option<Timestamp>,
}

/// A chapter of a course.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Module {
    pub id: ModuleId,
    pub course_id: CourseId,
    pub title: String,
    pub description: String,
}

/// What a list shows of a course, and what the catalogue sorts by.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CourseCard {
    pub id: CourseId,
    pub author_id: UserId,
    /// The author's name when the card was last written.
    pub author_name: String,
    pub title: String,
    pub slug: String,
    pub description: String,
    pub level: Option<Level>,
    pub category_id: Option<CategoryId>,
    pub price: Money,
    pub status: CourseStatus,
    /// Lessons that learners see.
    pub lesson_count: u32,
    /// Their minutes together.
    pub duration_minutes: u32,
    /// Enrolments counted so far; follows the events, so it may lag by seconds.
    pub enrollment_count: u32,
    /// Average rating in hundredths (0 to 500).
    pub rating_hundredths: u16,
    pub rating_count: u32,
    pub created_at: Timestamp,
    pub published_at: Option<Timestamp>,
}

impl Course {
    /// Every lesson in outline order.
    pub fn lesson_ids(&self) -> impl Iterator<Item = LessonId> {
        self.outline.iter().flat_map(|module| module.lessons.iter().copied())
    }

    /// Puts `wanted` in place of the outline if it holds exactly the same modules and lessons, once each.
    pub fn reorder(&mut self, wanted: Vec<OutlineModule>, violations: &mut Violations) {
        let modules =
            |outline: &[OutlineModule]| outline.iter().map(|module| module.id).collect::<BTreeSet<_>>();
        let lessons = |outline: &[OutlineModule]| {
            outline.iter().flat_map(|module| module.lessons.iter().copied()).collect::<BTreeSet<_>>()
        };
        let same_modules = wanted.len() == self.outline.len() && modules(&wanted) == modules(&self.outline);
        violations.require(
            same_modules,
            "/modules",
            "not_a_permutation",
            "must name every module of the course exactly once",
        );
        let count = wanted.iter().map(|module| module.lessons.len()).sum::<usize>();
        let same_lessons = count == self.lesson_ids().count() && lessons(&wanted) == lessons(&self.outline);
        violations.require(
            same_lessons,
            "/modules",
            "not_a_permutation",
            "must name every lesson of the course exactly once",
        );
        if same_modules && same_lessons {
            self.outline = wanted;
        }
    }
}

impl CourseCard {
    /// The card of a course that nobody has enrolled in or rated yet.
    #[must_use]
    pub fn new(course: &Course, author_name: String) -> Self {
        let mut card = Self {
            id: course.id,
            author_id: course.author_id,
            author_name,
            title: String::new(),
            slug: String::new(),
            description: String::new(),
            level: None,
            category_id: None,
            price: course.price,
            status: course.status,
            lesson_count: 0,
            duration_minutes: 0,
            enrollment_count: 0,
            rating_hundredths: 0,
            rating_count: 0,
            created_at: course.created_at,
            published_at: None,
        };
        card.follow(course);
        card
    }

    /// Takes over what the course says of itself, and its author's name if `editor` is the author.
    pub fn follow_edit(&mut self, course: &Course, editor: &User) {
        self.follow(course);
        if editor.id == course.author_id {
            self.author_name = editor.display_name();
        }
    }

    fn follow(&mut self, course: &Course) {
        self.title.clone_from(&course.title);
        self.slug.clone_from(&course.slug);
        self.description.clone_from(&course.description);
        self.level = course.level;
        self.category_id = course.category_id;
        self.price = course.price;
        self.status = course.status;
        self.published_at = course.published_at;
    }

    /// Moves the totals when a lesson appears (`before` absent), changes, or disappears (`after` absent).
    pub fn count_lesson(&mut self, before: Option<&LessonSummary>, after: Option<&LessonSummary>) {
        if let Some(before) = before.filter(|lesson| lesson.is_published) {
            self.lesson_count = self.lesson_count.saturating_sub(1);
            self.duration_minutes = self.duration_minutes.saturating_sub(before.duration_minutes);
        }
        if let Some(after) = after.filter(|lesson| lesson.is_published) {
            self.lesson_count = self.lesson_count.saturating_add(1);
            self.duration_minutes = self.duration_minutes.saturating_add(after.duration_minutes);
        }
    }
}
