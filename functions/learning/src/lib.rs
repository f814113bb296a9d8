//! Enrolment and progress.

pub mod complete_lesson;
pub mod enroll;
pub mod get_course_progress;
pub mod get_lesson_progress;
pub mod list_my_courses;
mod record;
pub mod save_progress;
mod view;
pub mod watch_video;

pub use view::{EnrollmentView, ProgressView};

/// What this package offers.
#[must_use]
pub fn registry() -> runtime::Registry {
    runtime::Registry::default()
        .endpoint::<complete_lesson::CompleteLesson>()
        .endpoint::<enroll::Enroll>()
        .endpoint::<get_course_progress::GetCourseProgress>()
        .endpoint::<get_lesson_progress::GetLessonProgress>()
        .endpoint::<list_my_courses::ListMyCourses>()
        .endpoint::<save_progress::SaveProgress>()
        .endpoint::<watch_video::WatchVideo>()
        .about(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"))
}
