//! What a video shows.

use domain::{
    catalog::LessonId,
    video::{Failure, FileName, Video, VideoId, VideoStatus},
};
use kernel::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// A video.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Video")]
pub struct VideoView {
    pub id: VideoId,
    pub lesson_id: LessonId,
    pub status: VideoStatus,
    /// Why it failed, for programs.
    pub failure_code: Option<Failure>,
    /// Why it failed and what its author can do about it.
    pub failure_reason: Option<&'static str>,
    /// The file as its owner calls it; for those who may replace it.
    pub filename: Option<FileName>,
    pub size_bytes: u64,
    pub created_at: Timestamp,
}

impl VideoView {
    pub(crate) fn of(video: Video, edits: bool) -> Self {
        let Video { id, lesson_id, status, failure, filename, size_bytes, created_at, .. } = video;
        Self {
            id,
            lesson_id,
            status,
            failure_code: failure,
            failure_reason: failure.map(Failure::advice),
            filename: edits.then_some(filename),
            size_bytes,
            created_at,
        }
    }
}
