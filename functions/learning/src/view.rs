//! What this package's routes show.

use domain::{
    catalog::{CourseId, LessonId},
    learning::{Enrollment, EnrollmentId, EnrollmentKind, EnrollmentStatus, LessonProgress, ProgressStatus},
};
use kernel::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// An enrolment.
#[derive(Clone, Serialize, JsonSchema)]
pub struct EnrollmentView {
    pub id: EnrollmentId,
    pub course_id: CourseId,
    #[serde(rename = "type")]
    pub kind: EnrollmentKind,
    pub status: EnrollmentStatus,
    pub enrolled_at: Timestamp,
    pub completed_at: Option<Timestamp>,
}

impl From<&Enrollment> for EnrollmentView {
    fn from(enrollment: &Enrollment) -> Self {
        Self {
            id: enrollment.id,
            course_id: enrollment.course_id,
            kind: enrollment.kind,
            status: enrollment.status,
            enrolled_at: enrollment.enrolled_at,
            completed_at: enrollment.completed_at,
        }
    }
}

/// Progress in a lesson.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "LessonProgress")]
pub struct ProgressView {
    pub lesson_id: LessonId,
    pub status: ProgressStatus,
    #[schemars(range(max = 100))]
    pub percent: u8,
    /// Where to resume.
    pub position_seconds: u32,
    /// Seconds seen at least once.
    pub watched_seconds: u32,
    pub completed_at: Option<Timestamp>,
}

impl From<&LessonProgress> for ProgressView {
    fn from(progress: &LessonProgress) -> Self {
        Self {
            lesson_id: progress.lesson_id,
            status: progress.status,
            percent: progress.percent,
            position_seconds: progress.position_seconds,
            watched_seconds: progress.watched_seconds,
            completed_at: progress.completed_at,
        }
    }
}
