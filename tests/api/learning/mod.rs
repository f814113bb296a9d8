//! Enrolment and progress, feature by feature.

#![expect(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in what they share")]

pub(crate) mod authorization;
mod complete_lesson;
mod enroll;
mod general_limit;
mod get_course_progress;
mod get_lesson_progress;
mod journey;
mod list_my_courses;
mod save_progress;
mod setup;
mod watch_video;
