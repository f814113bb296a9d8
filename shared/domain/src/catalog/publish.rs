//! What a course needs before learners may see it, and how it appears and disappears.

use std::collections::HashMap;

use kernel::{Error, Result, Rule, Timestamp, Violations, is_blank};

use super::{ContentType, Course, CourseStatus, LessonId, LessonSummary, NOT_PUBLISHABLE};

impl Course {
    /// The course as learners may see it from now on; nothing where they do already.
    ///
    /// # Errors
    /// All that is missing, with [`NOT_PUBLISHABLE`].
    pub fn publish(
        &self,
        lessons: &HashMap<LessonId, LessonSummary>,
        now: Timestamp,
    ) -> Result<Option<Self>> {
        if self.is_published() {
            return Ok(None);
        }
        let missing = self.missing(lessons);
        if !missing.is_empty() {
            let error =
                Error::new(NOT_PUBLISHABLE, "something is missing before learners may see it; see errors");
            return Err(error.violations(missing.into_vec()));
        }
        let (status, published_at) = (CourseStatus::Published, Some(now));
        Ok(Some(Self { status, published_at, updated_at: now, ..self.clone() }))
    }

    /// The course as a draft again; nothing where learners do not see it.
    #[must_use]
    pub fn unpublish(&self, now: Timestamp) -> Option<Self> {
        let draft =
            || Self { status: CourseStatus::Draft, published_at: None, updated_at: now, ..self.clone() };
        self.is_published().then(draft)
    }

    /// Everything that is missing, in the order an author would fix it.
    fn missing(&self, lessons: &HashMap<LessonId, LessonSummary>) -> Violations {
        let mut missing = Violations::default();
        missing.require(!self.title.chars().all(is_blank), "/title", Rule::MISSING, "a title is needed");
        missing.require(
            !self.description.chars().all(is_blank),
            "/description",
            Rule::MISSING,
            "a description is needed",
        );
        missing.require(self.level.is_some(), "/level", Rule::MISSING, "a level is needed");
        let visible = |id: &LessonId| lessons.get(id).filter(|lesson| lesson.is_published);
        missing.require(
            self.lesson_ids().any(|id| visible(&id).is_some()),
            "/modules",
            Rule::MISSING,
            "at least one module with one published lesson is needed",
        );
        for (m, module) in self.outline.iter().enumerate() {
            for (l, lesson) in module.lessons.iter().enumerate() {
                let Some(lesson) = visible(lesson) else { continue };
                if lesson.content_type == ContentType::Video && !lesson.has_video {
                    let pointer = format!("/modules/{m}/lessons/{l}/video");
                    missing.add(pointer, Rule::MISSING, "a video lesson needs its video");
                }
            }
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use kernel::Id;

    use super::*;
    use crate::catalog::{
        OutlineModule,
        course::tests::{LATER, NOW, course},
        lesson::tests::lesson,
    };

    /// A course with these lessons in two modules: all but the last, and the last.
    fn with(lessons: &[LessonSummary]) -> (Course, HashMap<LessonId, LessonSummary>) {
        let ids: Vec<_> = lessons.iter().map(|lesson| lesson.id).collect();
        let (first, last) = ids.split_at(ids.len().saturating_sub(1));
        let module =
            |lessons: &[LessonId]| OutlineModule { id: Id::generate(NOW), lessons: lessons.to_vec() };
        let course = Course { outline: vec![module(first), module(last)], ..course() };
        (course, lessons.iter().map(|lesson| (lesson.id, lesson.clone())).collect())
    }

    fn pointers(course: &Course, lessons: &HashMap<LessonId, LessonSummary>) -> Vec<String> {
        let error = course.publish(lessons, LATER).unwrap_err();
        assert_eq!(error.code(), NOT_PUBLISHABLE);
        error.violation_list().iter().map(|violation| violation.pointer.clone()).collect()
    }

    #[test]
    fn publishing_shows_a_course_once_and_unpublishing_hides_it() {
        let (draft, lessons) = with(&[lesson(&course()).summary()]);
        assert_eq!(draft.unpublish(LATER), None);
        let shown = draft.publish(&lessons, LATER).unwrap().unwrap();
        let (status, published_at) = (CourseStatus::Published, Some(LATER));
        assert_eq!(shown, Course { status, published_at, updated_at: LATER, ..draft.clone() });
        assert_eq!(shown.publish(&HashMap::new(), LATER).unwrap(), None);
        assert_eq!(shown.unpublish(NOW), Some(draft));
    }

    #[test]
    fn everything_that_is_missing_is_told_in_the_order_of_the_course() {
        let (mut bare, lessons) = with(&[]);
        bare.description = " \u{3164}".into();
        bare.level = None;
        assert_eq!(pointers(&bare, &lessons), ["/description", "/level", "/modules"]);
        // As it may have been stored before titles had to show something.
        bare.title = "\u{200b}".into();
        assert_eq!(pointers(&bare, &lessons)[0], "/title");
    }

    #[test]
    fn a_visible_video_lesson_needs_its_video_and_a_hidden_one_does_not() {
        let text = lesson(&course()).summary();
        let video = || LessonSummary {
            id: Id::generate(NOW),
            content_type: ContentType::Video,
            has_video: false,
            ..text.clone()
        };
        let hidden = LessonSummary { is_published: false, ..video() };
        let (course, lessons) = with(&[text.clone(), hidden.clone(), video(), video()]);
        let missing = ["/modules/0/lessons/2/video", "/modules/1/lessons/0/video"];
        assert_eq!(pointers(&course, &lessons), missing);
        let (course, lessons) = with(std::slice::from_ref(&hidden));
        assert_eq!(pointers(&course, &lessons), ["/modules"]);
        let (course, lessons) = with(&[text.clone(), hidden, LessonSummary { has_video: true, ..video() }]);
        assert!(course.publish(&lessons, LATER).unwrap().is_some());
    }
}
