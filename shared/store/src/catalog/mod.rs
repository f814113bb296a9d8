//! Courses and their parts: everything that an outline shows lives in the course's own partition.

mod course;
pub(crate) mod keys;
mod listing;

use domain::catalog::{Category, Course, CourseCard, Lesson, LessonSummary, Module};
use kernel::{Error, Result};

pub use course::CourseOutline;

use crate::core::{
    entity::{Entity, Form},
    table::{Consistency, Store},
};

impl Entity for Category {
    const TYPE: &'static str = "category";
    const FORM: Form = Form::Attributes;
}

impl Entity for Course {
    const TYPE: &'static str = "course";
}

impl Entity for CourseCard {
    const TYPE: &'static str = "course_card";
}

impl Entity for Module {
    const TYPE: &'static str = "module";
}

impl Entity for Lesson {
    const TYPE: &'static str = "lesson";
}

impl Entity for LessonSummary {
    const TYPE: &'static str = "lesson_summary";
}

impl Store {
    /// Opens the connection by asking for a course that is never there.
    ///
    /// # Errors
    /// DynamoDB fails.
    pub async fn warm_up(&self) -> Result<()> {
        let school = "main".parse().map_err(Error::internal)?;
        self.get(&keys::slug(&school, ""), Consistency::Eventual).await.map(|_| ())
    }
}
