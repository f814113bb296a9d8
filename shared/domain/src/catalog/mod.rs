//! Courses, their modules and lessons, and the catalogue that lists them.

mod category;
mod course;
mod lesson;
mod listing;
mod publish;
mod slug;

pub use category::Category;
pub use course::{
    Course, CourseCard, CourseStatus, LANGUAGE_PATTERN, Level, MAX_LESSONS, MAX_MODULES, Module,
    OutlineModule, check_language,
};
pub use lesson::{CONTENT_MAX_BYTES, ContentType, Lesson, LessonSummary};
pub use listing::{ListingFilter, PriceFilter, Sort, SortPosition, listing_positions};
pub use publish::publish_checklist;
pub use slug::{SLUG_MAX, SLUG_PATTERN, Slug, check_slug, fold_title, is_slug, slugify};
