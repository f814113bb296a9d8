//! A learner's progress in lessons.

use std::collections::HashMap;

use domain::learning::LessonProgress;
use kernel::{CourseId, LessonId, Result, School, UserId};

use crate::{Consistency, Entity, Store, entity::decode, keys};

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
