//! GET /v1/videos/{video_id}

use access::VideoReader;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Route, get};

use crate::VideoView;

/// Shows a video and how far it has come.
pub struct GetVideo;

impl Endpoint for GetVideo {
    const NAME: &'static str = "video-get-video";
    const ROUTE: Route = get("/v1/videos/{video_id}");
    const SUMMARY: &'static str = "A video of a lesson, and how far it has come";
    const BUDGET: Budget = Budget { reads: 2, writes: 0 };
    type Access = VideoReader;
    type Input = ();
    type Output = Json<VideoView>;

    async fn handle(_: &App, caller: Caller<VideoReader>, (): ()) -> Result<Self::Output> {
        let VideoReader { video, edits, .. } = &caller.access;
        Ok(Json(VideoView::of(video.value.clone(), *edits)))
    }
}
