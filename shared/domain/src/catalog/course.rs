//! A course, and the card that lists show of it.

use kernel::{Error, Line, Lines, Money, Prose, Result, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CategoryId, CourseId, Language, LessonSummary, ModuleId, NOT_PUBLISHABLE, OutlineModule, Slug};
use crate::identity::{Role, User};

/// What a course, a module or a lesson is called.
pub type Title = Line<1, 100>;
/// What a list shows of a course below its title.
pub type CourseDescription = Prose<0, 500>;
/// All that there is to say about a course, in Markdown.
pub type LongDescription = Prose<0, 8000>;
/// What a module is about.
pub type ModuleDescription = Prose<0, 1000>;
/// A word to find a course by.
pub type Tag = Line<1, 40>;
/// All of a course's.
pub type Tags = Lines<20, 40>;
/// How many of them a card shows.
const CARD_TAGS: usize = 3;
/// What learners can do afterwards.
pub type Objectives = Lines<20, 200>;
/// What learners bring with them.
pub type Prerequisites = Lines<20, 200>;

/// Whom a course is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Beginner,
    Intermediate,
    Advanced,
}

/// Where a course stands. Nothing sets `archived` yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CourseStatus {
    Draft,
    Published,
    Archived,
}

/// A course. The outline is the only record of which lesson stands where.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Course {
    pub id: CourseId,
    pub author_id: UserId,
    pub title: Title,
    pub slug: Slug,
    pub description: CourseDescription,
    pub long_description: LongDescription,
    pub level: Option<Level>,
    pub category_id: Option<CategoryId>,
    pub price: Money,
    pub language: Language,
    pub tags: Tags,
    pub objectives: Objectives,
    pub prerequisites: Prerequisites,
    pub status: CourseStatus,
    pub outline: Vec<OutlineModule>,
    #[serde(default)]
    pub trailer: Option<Trailer>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub published_at: Option<Timestamp>,
}

/// The newest video of what a course is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Trailer {
    pub video_id: String,
    /// Whether whoever sees the course sees it too. One that was taken off is kept until another comes.
    pub is_shown: bool,
}

/// A chapter of a course.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Module {
    pub id: ModuleId,
    pub course_id: CourseId,
    pub title: Title,
    pub description: ModuleDescription,
}

/// What a list shows of a course, and what the catalogue sorts by.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CourseCard {
    pub id: CourseId,
    pub author_id: UserId,
    /// The author's name when the card was last written.
    pub author_name: String,
    pub title: Title,
    pub slug: Slug,
    pub description: CourseDescription,
    pub level: Option<Level>,
    pub category_id: Option<CategoryId>,
    /// The first of the course's: a card is kept in every place of the catalogue, so it is small. Cards from before have none
    /// until their course is edited.
    #[serde(default)]
    pub tags: Vec<Tag>,
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
    /// Whether `user` may change it: its author, while an instructor, and every admin.
    #[must_use]
    pub fn may_be_edited_by(&self, user: &User) -> bool {
        (self.author_id == user.id && user.has(Role::Instructor)) || user.has(Role::Admin)
    }

    /// Shows the trailer `id` from now on; `false` where there was a newer one, whose id is the greater, or it was taken off.
    pub fn attach_trailer(&mut self, id: &str, now: Timestamp) -> bool {
        let is_new = self.trailer.as_ref().is_none_or(|known| *known.video_id < *id);
        if is_new {
            self.trailer = Some(Trailer { video_id: id.to_owned(), is_shown: true });
            self.updated_at = now;
        }
        is_new
    }

    /// Shows no trailer any more; `false` where it shows none.
    pub fn detach_trailer(&mut self, now: Timestamp) -> bool {
        let Some(shown) = self.trailer.as_mut().filter(|trailer| trailer.is_shown) else { return false };
        shown.is_shown = false;
        self.updated_at = now;
        true
    }

    /// The trailer that whoever sees the course sees too.
    #[must_use]
    pub fn shown_trailer(&self) -> Option<&str> {
        self.trailer.as_ref().filter(|trailer| trailer.is_shown).map(|trailer| &*trailer.video_id)
    }

    fn card_tags(&self) -> Vec<Tag> {
        self.tags.iter().take(CARD_TAGS).cloned().collect()
    }

    /// Whether learners may find it.
    #[must_use]
    pub fn is_published(&self) -> bool {
        self.status == CourseStatus::Published
    }
}

impl CourseCard {
    /// The card of a course that nobody has enrolled in or rated yet.
    #[must_use]
    pub fn new(course: &Course, author_name: String) -> Self {
        Self {
            id: course.id,
            author_id: course.author_id,
            author_name,
            title: course.title.clone(),
            slug: course.slug.clone(),
            description: course.description.clone(),
            level: course.level,
            category_id: course.category_id,
            tags: course.card_tags(),
            price: course.price,
            status: course.status,
            lesson_count: 0,
            duration_minutes: 0,
            enrollment_count: 0,
            rating_hundredths: 0,
            rating_count: 0,
            created_at: course.created_at,
            published_at: course.published_at,
        }
    }

    /// Takes over what the course says of itself, and its author's name if `editor` is the author.
    pub fn follow_edit(&mut self, course: &Course, editor: &User) {
        self.title.clone_from(&course.title);
        self.slug.clone_from(&course.slug);
        self.description.clone_from(&course.description);
        self.level = course.level;
        self.category_id = course.category_id;
        self.tags = course.card_tags();
        self.price = course.price;
        self.status = course.status;
        self.published_at = course.published_at;
        if editor.id == course.author_id {
            self.author_name = editor.display_name();
        }
    }

    /// Moves the totals as a lesson is added (`before` is absent) or changes.
    ///
    /// # Errors
    /// It was the last lesson that learners see of a published course.
    pub fn count_lesson(&mut self, before: Option<&LessonSummary>, after: &LessonSummary) -> Result<()> {
        if let Some(before) = before.filter(|lesson| lesson.is_published) {
            self.lesson_count = self.lesson_count.saturating_sub(1);
            self.duration_minutes = self.duration_minutes.saturating_sub(before.duration_minutes);
        }
        if after.is_published {
            self.lesson_count = self.lesson_count.saturating_add(1);
            self.duration_minutes = self.duration_minutes.saturating_add(after.duration_minutes);
        } else if before.is_some() && self.lesson_count == 0 && self.status == CourseStatus::Published {
            let kept = "a published course keeps at least one visible lesson";
            return Err(Error::new(NOT_PUBLISHABLE, kept));
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use kernel::{Id, Violations};

    use super::*;
    use crate::{
        catalog::{ContentType, NewCourse, lesson::tests::lesson},
        identity::Email,
    };

    pub(in crate::catalog) const NOW: Timestamp = Timestamp::from_millis(1_768_467_600_000);
    pub(in crate::catalog) const LATER: Timestamp = Timestamp::from_millis(1_768_467_660_000);

    /// A draft that says all that publishing asks of it, with an empty outline.
    pub(in crate::catalog) fn course() -> Course {
        let sent =
            serde_json::json!({ "title": "Knots", "description": "Six that hold.", "level": "beginner" });
        let new: NewCourse = serde_json::from_value(sent).unwrap();
        Course::draft(new, Violations::default(), Id::generate(NOW), Id::generate(NOW), NOW).unwrap()
    }

    #[test]
    fn a_card_bears_its_authors_name_whoever_edits_the_course() {
        let course = course();
        let person = |id, name: &str| {
            let email = Email::parse("ada@example.org", "", &mut Violations::default()).unwrap();
            User::new(id, email, String::new(), name.into(), "Lovelace".into(), NOW)
        };
        let mut card = CourseCard::new(&course, "Ada Byron".to_owned());
        card.follow_edit(&course, &person(Id::generate(LATER), "An admin"));
        assert_eq!(card.author_name, "Ada Byron");
        card.follow_edit(&course, &person(course.author_id, "Ada"));
        assert_eq!(card.author_name, "Ada Lovelace");
    }

    #[test]
    fn a_card_counts_the_lessons_that_learners_see() {
        let course = Course { status: CourseStatus::Published, ..course() };
        let mut card = CourseCard::new(&course, "Ada".to_owned());
        let visible = |duration_minutes| LessonSummary { duration_minutes, ..lesson(&course).summary() };
        let hidden = LessonSummary { is_published: false, content_type: ContentType::Video, ..visible(7) };
        let mut counted = |before: Option<&LessonSummary>, after: &LessonSummary| {
            card.count_lesson(before, after).map(|()| (card.lesson_count, card.duration_minutes))
        };
        assert_eq!(counted(None, &hidden).unwrap(), (0, 0));
        assert_eq!(counted(None, &visible(10)).unwrap(), (1, 10));
        assert_eq!(counted(Some(&hidden), &visible(7)).unwrap(), (2, 17));
        assert_eq!(counted(Some(&visible(10)), &visible(12)).unwrap(), (2, 19));
        assert_eq!(counted(Some(&visible(7)), &hidden).unwrap(), (1, 12));
        assert_eq!(counted(Some(&hidden), &hidden).unwrap(), (1, 12));
        assert_eq!(counted(Some(&visible(12)), &hidden).unwrap_err().code(), NOT_PUBLISHABLE);
        card.status = CourseStatus::Draft;
        card.count_lesson(Some(&visible(12)), &hidden).unwrap();
    }
}
