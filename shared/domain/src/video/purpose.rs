//! What a video is for, which decides who sees it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RecordingId;
use crate::catalog::{CourseId, LessonId};

/// What a video is for, told by the ids that it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "VideoPurpose")]
pub enum Purpose {
    /// Taught in a lesson: for those who may read it.
    Lesson { lesson_id: LessonId, course_id: CourseId },
    /// Shows what a course is about: for whoever sees the course.
    Trailer { course_id: CourseId },
    /// Somebody's own.
    Recording { recording_id: RecordingId },
}

impl Purpose {
    /// The lesson that it is taught in.
    #[must_use]
    pub fn lesson_id(self) -> Option<LessonId> {
        match self {
            Self::Lesson { lesson_id, .. } => Some(lesson_id),
            Self::Trailer { .. } | Self::Recording { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_ids_tell_what_it_is_for() {
        let id = |kind: &str| format!("{kind}_00000000000070008000000000000000");
        let (course_id, lesson_id, recording_id) = (id("crs"), id("les"), id("rec"));
        let lesson = json!({ "lesson_id": lesson_id, "course_id": course_id });
        let trailer = json!({ "course_id": course_id });
        let recording = json!({ "recording_id": recording_id });
        let read = |it: &serde_json::Value| serde_json::from_value::<Purpose>(it.clone()).unwrap();
        assert!(matches!(read(&lesson), Purpose::Lesson { .. }));
        assert!(matches!(read(&trailer), Purpose::Trailer { .. }));
        assert!(matches!(read(&recording), Purpose::Recording { .. }));
        for stored in [lesson, trailer, recording] {
            assert_eq!(serde_json::to_value(read(&stored)).unwrap(), stored);
        }
    }
}
