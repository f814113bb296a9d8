//! Enrolments, unique by their key and listed by time in an index, and the progress of a learner in lessons.

pub(crate) mod keys;

use std::collections::HashMap;

use domain::{
    catalog::{CourseId, LessonId},
    learning::{Enrollment, LessonProgress},
};
use kernel::{Result, School, UserId};

use crate::core::{
    entity::{Entity, decode},
    table::{Consistency, Store},
};

impl Entity for Enrollment {
    const TYPE: &'static str = "enrollment";

    fn index(&self, school: &School) -> Option<(String, String)> {
        Some(keys::enrollment_index(school, self.user_id, self.id, self.enrolled_at))
    }
}

impl Entity for LessonProgress {
    const TYPE: &'static str = "lesson_progress";
}

impl Store {
    /// A learner's progress in every lesson of a course that they opened.
    ///
    /// # Errors
    /// DynamoDB fails, or an item is not readable.
    pub async fn course_progress(
        &self,
        school: &School,
        user: UserId,
        course: CourseId,
        consistency: Consistency,
    ) -> Result<HashMap<LessonId, LessonProgress>> {
        let items =
            self.whole_partition(&keys::progress_partition(school, user, course), consistency).await?;
        items
            .into_iter()
            .map(|item| decode::<LessonProgress>(item).map(|stored| (stored.value.lesson_id, stored.value)))
            .collect()
    }
}
