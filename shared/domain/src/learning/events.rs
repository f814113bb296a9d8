//! What happens to learners, as others are told of it.

use kernel::{Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EnrollmentId;
use crate::{
    catalog::{CourseId, LessonId},
    event::{EventData, EventType},
};

/// All of them.
pub(crate) const EVENTS: &[EventType] = &[
    EventType::of::<EnrollmentCreated>(),
    EventType::of::<LessonCompleted>(),
    EventType::of::<CourseCompleted>(),
];

/// A learner got access to a course.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EnrollmentCreated {
    pub enrollment_id: EnrollmentId,
    pub user_id: UserId,
    pub course_id: CourseId,
    pub course_title: String,
    pub learner_name: String,
}

impl EventData for EnrollmentCreated {
    const TYPE: &'static str = "enrollment.created";
    const VERSION: u32 = 1;
}

/// A learner completed a lesson, for the first and only time.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LessonCompleted {
    pub user_id: UserId,
    pub course_id: CourseId,
    pub lesson_id: LessonId,
    pub completed_at: Timestamp,
}

impl EventData for LessonCompleted {
    const TYPE: &'static str = "lesson.completed";
    const VERSION: u32 = 1;
}

/// A learner completed a course, for the first and only time.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CourseCompleted {
    pub enrollment_id: EnrollmentId,
    pub user_id: UserId,
    pub course_id: CourseId,
    pub course_title: String,
    pub author_id: UserId,
    pub learner_name: String,
    pub duration_minutes: u32,
    pub completed_at: Timestamp,
}

impl EventData for CourseCompleted {
    const TYPE: &'static str = "course.completed";
    const VERSION: u32 = 1;
}
