//! Lessons and their lines in the outline.

use domain::catalog::{Lesson, LessonSummary};

use crate::Entity;

impl Entity for Lesson {
    const TYPE: &'static str = "lesson";
}

impl Entity for LessonSummary {
    const TYPE: &'static str = "lesson_summary";
}
