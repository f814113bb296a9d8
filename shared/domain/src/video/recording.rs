//! What somebody recorded of their screen or themselves: sent while it is recorded, so nobody knows how large it will be.

use kernel::{Line, Result, Timestamp, UserId, Violations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{PART_BYTES, Purpose, RecordingId, Video, VideoId, VideoType, rules};

/// So many a person: each is stored and was paid for.
pub const MAX_RECORDINGS: u32 = 50;
/// Whole parts, some 2 GB: an hour and a half of a sharp screen.
pub const MAX_RECORDING_BYTES: u64 = 125 * PART_BYTES;

/// What a recording belongs to, in its owner's words.
pub type Project = Line<1, 100>;

/// The recording that is about to begin.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BeginRecordingInput")]
#[schemars(example = json!({ "title": "My first bowline", "project": "Knots", "content_type": "video/webm" }))]
pub struct NewRecording {
    pub title: Line<1, 100>,
    pub project: Option<Project>,
    /// As the browser's recorder says, without codecs.
    pub content_type: VideoType,
}

/// Somebody's recording.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recording {
    pub id: RecordingId,
    pub owner_id: UserId,
    pub title: Line<1, 100>,
    pub project: Option<Project>,
    pub video_id: VideoId,
    pub created_at: Timestamp,
}

impl Recording {
    /// A recording and the video that it becomes.
    ///
    /// # Errors
    /// There are violations already.
    pub fn new(
        new: NewRecording,
        violations: Violations,
        owner_id: UserId,
        (id, video_id, now): (RecordingId, VideoId, Timestamp),
    ) -> Result<(Self, Video)> {
        violations.finish()?;
        let (purpose, filename) = (Purpose::Recording { recording_id: id }, new.title.to_string().into());
        let video = Video::unmeasured(purpose, (filename, new.content_type), owner_id, (video_id, now));
        let recording =
            Self { id, owner_id, title: new.title, project: new.project, video_id, created_at: now };
        Ok((recording, video))
    }
}

impl Video {
    /// Takes in how large a recording has become; what is known stays.
    pub fn measure(&mut self, bytes: u64, violations: &mut Violations) {
        if self.can_have(bytes) {
            self.size_bytes = Some(bytes);
        } else {
            let most = self.size_bytes.unwrap_or(MAX_RECORDING_BYTES);
            violations.add("/size_bytes", rules::OVER_LIMIT, format!("this upload takes {most} bytes"));
        }
    }
}
