//! What others are told of a video by jobs that nobody asked for.

use domain::video::{Failure, Video, VideoFailed};
use runtime::App;
use store::Origin;

/// The origin of what follows from no request and no event of ours.
pub(crate) fn origin(app: &App) -> Origin {
    Origin {
        now: app.now(),
        actor: None,
        correlation_id: app.id::<domain::event::EventKind>().to_string(),
        causation_id: None,
    }
}

/// That a file is no video for learners.
pub(crate) fn failed(video: &Video, failure: Failure) -> VideoFailed {
    VideoFailed {
        video_id: video.id,
        purpose: video.purpose,
        owner_id: video.owner_id,
        filename: video.filename.to_string(),
        failure,
    }
}
