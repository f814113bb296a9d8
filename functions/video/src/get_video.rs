//! GET /v1/videos/{video_id}

use access::VideoReader;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, PublicUrl, Route, ServiceEntry, get};

use crate::{PlayLinks, view::VideoDetail};

/// Shows a video, how far it has come and how far its viewer is, with links to watch it by.
pub struct GetVideo;

impl Endpoint for GetVideo {
    const NAME: &'static str = "video-get-video";
    const ROUTE: Route = get("/v1/videos/{video_id}");
    const SUMMARY: &'static str = "A video: how far it has come, and links to watch it by";
    const BUDGET: Budget = Budget { reads: 2, writes: 0 };
    const NEEDS: Needs = Needs {
        services: &[ServiceEntry::of::<PlayLinks>(), ServiceEntry::of::<PublicUrl>()],
        ..Needs::NOTHING
    };
    type Access = VideoReader;
    type Input = ();
    type Output = Json<VideoDetail>;

    async fn handle(app: &App, caller: Caller<VideoReader>, (): ()) -> Result<Self::Output> {
        let VideoReader { video, progress, edits, .. } = &caller.access;
        let progress = progress.as_ref().map(Into::into);
        let mut shown = VideoDetail::of(app, &caller.school, video.value.clone(), progress).await?;
        shown.video.filename = shown.video.filename.filter(|_| *edits);
        Ok(Json(shown))
    }
}
