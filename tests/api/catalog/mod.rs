//! Making courses, publishing them, finding them and reading them, feature by feature.

mod add_lesson;
mod add_module;
mod attach_video;
mod authoring;
pub(crate) mod authorization;
mod catalogue;
mod count_enrollment;
mod create_category;
mod create_course;
mod get_course;
mod get_lesson;
mod list_authored_courses;
mod list_categories;
mod list_courses;
mod pages;
mod publish_course;
mod random;
mod reorder_outline;
mod support;
mod unpublish_course;
mod update_course;
mod update_lesson;
mod update_module;
