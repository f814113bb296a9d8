//! What happens to videos, as others are told of it.

use kernel::UserId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Failure, Purpose, VideoId};
use crate::{
    catalog::{CourseId, LessonId},
    event::{EventData, EventType},
};

/// All of them.
pub(crate) const EVENTS: &[EventType] =
    &[EventType::of::<VideoFailed>(), EventType::of::<VideoReady>(), EventType::of::<VideoWatched>()];

/// A video can be watched.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VideoReady {
    pub video_id: VideoId,
    #[serde(flatten)]
    pub purpose: Purpose,
    pub duration_ms: u64,
}

impl EventData for VideoReady {
    const TYPE: &'static str = "video.ready";
    const VERSION: u32 = 1;
}

/// A file turned out to be no video for learners.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VideoFailed {
    pub video_id: VideoId,
    #[serde(flatten)]
    pub purpose: Purpose,
    /// Who uploaded it.
    pub owner_id: UserId,
    /// As they call the file.
    pub filename: String,
    pub failure: Failure,
}

impl EventData for VideoFailed {
    const TYPE: &'static str = "video.failed";
    const VERSION: u32 = 1;
}

/// A learner watched a part of a video for the first time, or so much of it that its lesson is completed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VideoWatched {
    pub user_id: UserId,
    pub course_id: CourseId,
    pub lesson_id: LessonId,
    pub video_id: VideoId,
    /// Nothing was told of this viewer before.
    pub is_first: bool,
    /// Which twentieths of the video were covered by this, from 0.
    pub buckets: Vec<u8>,
    /// Seconds seen that no event told of yet.
    pub seconds: u32,
    /// Height of the picture that was played last, where the player said.
    pub rendition: Option<u32>,
    /// Whether the lesson was completed by this.
    pub is_completed: bool,
}

impl EventData for VideoWatched {
    const TYPE: &'static str = "video.watched";
    const VERSION: u32 = 1;
}
