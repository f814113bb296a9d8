//! What videos can be refused with, besides what can happen to any request.

use kernel::{Code, Meaning};

/// Only a video lesson has a video.
pub const NOT_A_VIDEO_LESSON: Code = Code(&Meaning {
    status: 409,
    name: "not_a_video_lesson",
    title: "Only a video lesson has a video",
    members: &[],
});

/// Somebody has as many recordings as anybody may have.
pub const TOO_MANY_RECORDINGS: Code = Code(&Meaning {
    status: 409,
    name: "too_many_recordings",
    title: "You have as many recordings as a person can have",
    members: &[],
});

/// This upload takes no more parts.
pub const UPLOAD_CLOSED: Code = Code(&Meaning {
    status: 409,
    name: "upload_closed",
    title: "This upload takes no more parts",
    members: &[],
});
