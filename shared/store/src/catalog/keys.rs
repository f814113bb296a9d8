//! Keys of courses and their parts, and of the orderings of the catalogue.

use domain::catalog::{
    Category, CategoryId, CategoryKind, Course, CourseCard, CourseId, CourseKind, Lesson, LessonId,
    LessonSummary, ListingFilter, Module, ModuleId, Sort, SortPosition,
};
use kernel::{School, UserId};

use crate::core::key::{Key, Partition, Pointer, at, partition};

/// Points at a course.
pub type CoursePointer = Pointer<CourseKind>;
/// Points at a category.
pub type CategoryPointer = Pointer<CategoryKind>;

/// A course with its card, modules and lesson summaries.
#[must_use]
pub fn course_partition(school: &School, id: CourseId) -> Partition {
    partition(school, format_args!("COURSE#{id}"))
}

/// A course.
#[must_use]
pub fn course(school: &School, id: CourseId) -> Key<Course> {
    at(course_partition(school, id), "COURSE")
}

/// A course's card.
#[must_use]
pub fn course_card(school: &School, id: CourseId) -> Key<CourseCard> {
    at(course_partition(school, id), "CARD")
}

/// A module, beside its course.
#[must_use]
pub fn module(school: &School, course: CourseId, id: ModuleId) -> Key<Module> {
    at(course_partition(school, course), format_args!("MODULE#{id}"))
}

/// Finds a module's course.
#[must_use]
pub fn module_course(school: &School, id: ModuleId) -> Key<CoursePointer> {
    at(partition(school, format_args!("MODULE#{id}")), "MODULE")
}

/// A lesson's line in the outline, beside its course.
#[must_use]
pub fn lesson_summary(school: &School, course: CourseId, id: LessonId) -> Key<LessonSummary> {
    at(course_partition(school, course), format_args!("LESSON#{id}"))
}

/// A lesson with its content.
#[must_use]
pub fn lesson(school: &School, id: LessonId) -> Key<Lesson> {
    at(partition(school, format_args!("LESSON#{id}")), "LESSON")
}

/// Keeps a slug unique and finds its course.
#[must_use]
pub fn slug(school: &School, slug: &str) -> Key<CoursePointer> {
    at(partition(school, format_args!("SLUG#{slug}")), "SLUG")
}

/// The courses that somebody wrote, by creation.
#[must_use]
pub fn authored_partition(school: &School, author: UserId) -> Partition {
    partition(school, format_args!("AUTHORED#{author}"))
}

/// One course in its author's list.
#[must_use]
pub fn authored(school: &School, author: UserId, course: CourseId) -> Key<CoursePointer> {
    at(authored_partition(school, author), course)
}

/// One ordering of the catalogue: the courses that match `filter`, sorted by `sort`.
#[must_use]
pub fn listing_partition(school: &School, filter: &ListingFilter, sort: Sort) -> Partition {
    partition(school, format_args!("LISTING#{filter}#{}", sort.name()))
}

/// One course's place in one ordering, with a copy of its card.
#[must_use]
pub fn listing(school: &School, position: &SortPosition) -> Key<CourseCard> {
    at(listing_partition(school, &position.filter, position.sort), &position.value)
}

/// All categories of a school.
#[must_use]
pub fn categories_partition(school: &School) -> Partition {
    partition(school, format_args!("CATEGORIES"))
}

/// A category.
#[must_use]
pub fn category(school: &School, id: CategoryId) -> Key<Category> {
    at(categories_partition(school), id)
}

/// Keeps a category's slug unique.
#[must_use]
pub fn category_slug(school: &School, slug: &str) -> Key<CategoryPointer> {
    at(partition(school, format_args!("CATEGORYSLUG#{slug}")), "CATEGORYSLUG")
}
