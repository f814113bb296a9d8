//! What videos can be refused with, besides what can happen to any request.

use kernel::{Code, Meaning};

/// Only a video lesson has a video.
pub const NOT_A_VIDEO_LESSON: Code = Code(&Meaning {
    status: 409,
    name: "not_a_video_lesson",
    title: "Only a video lesson has a video",
    members: &[],
});

/// This upload takes no more parts.
pub const UPLOAD_CLOSED: Code = Code(&Meaning {
    status: 409,
    name: "upload_closed",
    title: "This upload takes no more parts",
    members: &[],
});
