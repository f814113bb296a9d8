//! Courses: making them, publishing them, finding them, reading them.

pub mod add_lesson;
pub mod add_module;
pub mod attach_video;
mod card;
pub mod count_enrollment;
pub mod create_category;
pub mod create_course;
mod fetch;
mod follow;
pub mod get_course;
pub mod get_lesson;
mod html;
pub mod list_authored_courses;
pub mod list_categories;
pub mod list_courses;
pub mod list_pages;
pub mod publish_course;
pub mod remove_trailer;
pub mod reorder_outline;
pub mod show_catalog;
pub mod show_course;
pub mod show_home;
pub mod unpublish_course;
pub mod update_course;
pub mod update_lesson;
pub mod update_module;
mod view;

pub use view::{Added, CardView, CourseView, LessonView, ModuleView};

/// What this package offers.
#[must_use]
pub fn registry() -> runtime::Registry {
    runtime::Registry::default()
        .endpoint::<add_lesson::AddLesson>()
        .endpoint::<add_module::AddModule>()
        .endpoint::<create_category::CreateCategory>()
        .endpoint::<create_course::CreateCourse>()
        .endpoint::<get_course::GetCourse>()
        .endpoint::<get_lesson::GetLesson>()
        .endpoint::<list_authored_courses::ListAuthoredCourses>()
        .endpoint::<list_categories::ListCategories>()
        .endpoint::<list_courses::ListCourses>()
        .endpoint::<list_pages::ListPages>()
        .endpoint::<publish_course::PublishCourse>()
        .endpoint::<remove_trailer::RemoveTrailer>()
        .endpoint::<reorder_outline::ReorderOutline>()
        .endpoint::<show_catalog::ShowCatalog>()
        .endpoint::<show_course::ShowCourse>()
        .endpoint::<show_home::ShowHome>()
        .endpoint::<unpublish_course::UnpublishCourse>()
        .endpoint::<update_course::UpdateCourse>()
        .endpoint::<update_lesson::UpdateLesson>()
        .endpoint::<update_module::UpdateModule>()
        .consumer::<attach_video::AttachVideo>()
        .consumer::<count_enrollment::CountEnrollment>()
        .about(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"))
}
