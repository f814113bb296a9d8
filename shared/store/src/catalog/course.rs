//! Courses: everything that an outline shows lives in the course's own partition and comes in one query.

use std::collections::HashMap;

use domain::catalog::{Course, CourseCard, CourseId, LessonId, LessonSummary, Module, ModuleId};
use kernel::{Result, School};

use super::keys;
use crate::core::{
    entity::{Entity, Stored, decode, type_of},
    table::{Consistency, Store},
};

/// A course with its card, modules and lesson summaries.
#[derive(Debug)]
pub struct CourseOutline {
    pub course: Stored<Course>,
    pub card: Stored<CourseCard>,
    pub modules: HashMap<ModuleId, Stored<Module>>,
    pub lessons: HashMap<LessonId, LessonSummary>,
}

impl CourseOutline {
    /// The summaries in outline order.
    pub fn ordered_lessons(&self) -> impl Iterator<Item = &LessonSummary> {
        self.course.value.lesson_ids().filter_map(|id| self.lessons.get(&id))
    }

    /// What learners see of them.
    pub fn visible_lessons(&self) -> impl Iterator<Item = &LessonSummary> {
        self.ordered_lessons().filter(|lesson| lesson.is_published)
    }
}

impl Store {
    /// A course and all that its outline shows.
    ///
    /// # Errors
    /// DynamoDB fails, or an item is not readable.
    pub async fn course_outline(
        &self,
        school: &School,
        id: CourseId,
        consistency: Consistency,
    ) -> Result<Option<CourseOutline>> {
        let (mut course, mut card) = (None, None);
        let (mut modules, mut lessons) = (HashMap::new(), HashMap::new());
        for item in self.whole_partition(&keys::course_partition(school, id), consistency).await? {
            match type_of(&item) {
                Some(Course::TYPE) => course = Some(decode::<Course>(item)?),
                Some(CourseCard::TYPE) => card = Some(decode::<CourseCard>(item)?),
                Some(Module::TYPE) => {
                    let module = decode::<Module>(item)?;
                    modules.insert(module.value.id, module);
                }
                Some(LessonSummary::TYPE) => {
                    let lesson = decode::<LessonSummary>(item)?.value;
                    lessons.insert(lesson.id, lesson);
                }
                // Another domain may keep its own things beside the course.
                _ => {}
            }
        }
        Ok(course.zip(card).map(|(course, card)| CourseOutline { course, card, modules, lessons }))
    }
}
