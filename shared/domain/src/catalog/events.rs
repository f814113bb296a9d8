//! What happens to courses, as others are told of it.

use kernel::UserId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CourseId;
use crate::event::{EventData, EventType};

/// All of them.
pub(crate) const EVENTS: &[EventType] =
    &[EventType::of::<CoursePublished>(), EventType::of::<CourseUnpublished>()];

/// A course became visible to learners.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CoursePublished {
    pub course_id: CourseId,
    pub author_id: UserId,
    pub title: String,
    pub slug: String,
}

impl EventData for CoursePublished {
    const TYPE: &'static str = "course.published";
    const VERSION: u32 = 1;
}

/// A course went out of sight; its learners keep it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CourseUnpublished {
    pub course_id: CourseId,
    pub author_id: UserId,
    pub title: String,
}

impl EventData for CourseUnpublished {
    const TYPE: &'static str = "course.unpublished";
    const VERSION: u32 = 1;
}
