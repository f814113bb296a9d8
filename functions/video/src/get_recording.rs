//! GET /v1/recordings/{recording_id}

use access::RecordingOwner;
use domain::video::{Project, RecordingId};
use kernel::{Line, Result, Timestamp};
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, PublicUrl, Route, ServiceEntry, get};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{PlayLinks, view::VideoDetail};

/// Shows a recording to whoever made it, with links to watch it by.
pub struct GetRecording;

/// A recording.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Recording")]
pub struct RecordingDetail {
    pub id: RecordingId,
    pub title: Line<1, 100>,
    pub project: Option<Project>,
    pub created_at: Timestamp,
    pub video: VideoDetail,
}

impl Endpoint for GetRecording {
    const NAME: &'static str = "video-get-recording";
    const ROUTE: Route = get("/v1/recordings/{recording_id}");
    const SUMMARY: &'static str = "An own recording: how far it has come, and links to watch it by";
    const BUDGET: Budget = Budget { reads: 2, writes: 0 };
    const NEEDS: Needs = Needs {
        services: &[ServiceEntry::of::<PlayLinks>(), ServiceEntry::of::<PublicUrl>()],
        ..Needs::NOTHING
    };
    type Access = RecordingOwner;
    type Input = ();
    type Output = Json<RecordingDetail>;

    async fn handle(app: &App, caller: Caller<RecordingOwner>, (): ()) -> Result<Self::Output> {
        let RecordingOwner { recording, video, .. } = &caller.access;
        let recording = recording.value.clone();
        Ok(Json(RecordingDetail {
            id: recording.id,
            title: recording.title,
            project: recording.project,
            created_at: recording.created_at,
            video: VideoDetail::of(app, &caller.school, video.value.clone(), None).await?,
        }))
    }
}
