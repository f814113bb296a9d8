//! A lesson and the summary of it that outlines show.

use kernel::{CourseId, LessonId, Timestamp, Violations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Course, CourseStatus};

/// Longest text of a lesson in bytes; with it the item stays below 100 KB (R7).
pub const CONTENT_MAX_BYTES: usize = 64 * 1024;

/// What a lesson consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentType {
    Text,
    Video,
    Quiz,
    Lab,
    Assignment,
}

/// A lesson with its content.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Lesson {
    pub id: LessonId,
    pub course_id: CourseId,
    pub title: String,
    pub content_type: ContentType,
    /// The MDX source exactly as it was written.
    pub content: String,
    pub objectives: Vec<String>,
    pub duration_minutes: u32,
    /// Readable without an enrolment.
    pub is_preview: bool,
    /// Hidden from learners and left out of progress while false.
    pub is_published: bool,
    /// The video of a video lesson, once it has one.
    pub video_id: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What an outline shows of a lesson.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LessonSummary {
    pub id: LessonId,
    pub title: String,
    pub content_type: ContentType,
    pub duration_minutes: u32,
    pub is_preview: bool,
    pub is_published: bool,
    pub has_video: bool,
}

impl Lesson {
    /// Notes that learners would find an empty screen: a visible video lesson of a published course needs its video.
    pub fn check_video(&self, course: &Course, violations: &mut Violations) {
        let is_shown = course.status == CourseStatus::Published && self.is_published;
        let is_empty = self.content_type == ContentType::Video && self.video_id.is_none();
        violations.require(
            !(is_shown && is_empty),
            "/is_published",
            "video_missing",
            "a video lesson of a published course stays hidden until it has its video",
        );
    }

    /// The lesson's line in the outline.
    #[must_use]
    pub fn summary(&self) -> LessonSummary {
        LessonSummary {
            id: self.id,
            title: self.title.clone(),
            content_type: self.content_type,
            duration_minutes: self.duration_minutes,
            is_preview: self.is_preview,
            is_published: self.is_published,
            has_video: self.video_id.is_some(),
        }
    }

    /// Seconds of video that count as all of it, when the lesson is a video of known length.
    #[must_use]
    pub fn video_seconds(&self) -> Option<u32> {
        let seconds = self.duration_minutes.saturating_mul(60);
        (self.content_type == ContentType::Video && seconds > 0).then_some(seconds)
    }
}
