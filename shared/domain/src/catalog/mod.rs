//! Courses, their modules and lessons, and the catalogue that lists them.

mod category;
mod codes;
mod course;
mod draft;
mod edit;
mod events;
mod ids;
mod language;
mod lesson;
mod listing;
mod outline;
mod publish;
pub mod rules;
mod slug;

pub use category::{
    Category, CategoryDescription, CategoryName, Icon, MAX_CATEGORIES, NewCategory, moved_counts,
};
pub use codes::{NOT_PUBLISHABLE, SLUG_TAKEN};
pub use course::{
    Course, CourseCard, CourseDescription, CourseStatus, Level, LongDescription, Module, ModuleDescription,
    Objectives, Prerequisites, Tag, Tags, Title, Trailer,
};
pub use draft::NewCourse;
pub use edit::CourseEdit;
pub(crate) use events::EVENTS;
pub use events::{CoursePublished, CourseUnpublished};
pub use ids::{CategoryId, CategoryKind, CourseId, CourseKind, LessonId, LessonKind, ModuleId, ModuleKind};
pub use language::Language;
pub use lesson::{
    CONTENT_MAX_BYTES, Content, ContentType, KeptHtml, Lesson, LessonEdit, LessonSummary, NewLesson,
};
pub use listing::{ListingFilter, PriceFilter, Sort, SortPosition, listing_positions};
pub use outline::{NewOrder, OutlineModule};
pub use slug::{Slug, fold_title};
