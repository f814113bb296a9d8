//! What a course needs before learners may see it.

use std::collections::HashMap;

use kernel::{LessonId, Violations, is_blank};

use super::{ContentType, Course, LessonSummary};

/// Notes everything that is missing for publication, in the order an author would fix it.
pub fn publish_checklist(course: &Course, lessons: &[LessonSummary], violations: &mut Violations) {
    violations.require(!course.title.chars().all(is_blank), "/title", "missing", "a title is needed");
    violations.require(
        !course.description.chars().all(is_blank),
        "/description",
        "missing",
        "a description is needed",
    );
    violations.require(course.level.is_some(), "/level", "missing", "a level is needed");
    let by_id: HashMap<LessonId, &LessonSummary> = lessons.iter().map(|lesson| (lesson.id, lesson)).collect();
    let visible = |id: &LessonId| by_id.get(id).is_some_and(|lesson| lesson.is_published);
    violations.require(
        course.outline.iter().any(|module| module.lessons.iter().any(visible)),
        "/modules",
        "missing",
        "at least one module with one published lesson is needed",
    );
    for (m, module) in course.outline.iter().enumerate() {
        for (l, lesson) in module.lessons.iter().enumerate() {
            let Some(lesson) = by_id.get(lesson).filter(|lesson| lesson.is_published) else { continue };
            if lesson.content_type == ContentType::Video && !lesson.has_video {
                violations.add(
                    format!("/modules/{m}/lessons/{l}/video"),
                    "missing",
                    "a video lesson needs its video",
                );
            }
        }
    }
}
