//! A learner's place in a course.

use kernel::{Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EnrollmentId;
use crate::catalog::CourseId;

/// Where an enrolment stands. Nothing sets `dropped` or `expired` yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnrollmentStatus {
    Active,
    Completed,
    Dropped,
    Expired,
}

/// How the learner came by it. Nothing sets any but `free` yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnrollmentKind {
    Free,
    Paid,
    Subscription,
    Corporate,
}

/// An enrolment: at most one for each learner and course.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Enrollment {
    pub id: EnrollmentId,
    pub user_id: UserId,
    pub course_id: CourseId,
    pub kind: EnrollmentKind,
    pub status: EnrollmentStatus,
    pub enrolled_at: Timestamp,
    /// Set once, by the lesson that completed the course; later lessons do not take it back.
    pub completed_at: Option<Timestamp>,
    /// Visible lessons completed when one was last completed.
    pub completed_lessons: u32,
    /// Visible lessons at that time.
    #[serde(default)]
    pub total_lessons: u32,
}

impl Enrollment {
    /// Whether the learner may open the course's lessons.
    #[must_use]
    pub fn gives_access(&self) -> bool {
        matches!(self.status, EnrollmentStatus::Active | EnrollmentStatus::Completed)
    }
}
