//! POST /v1/recordings

use domain::video::{MAX_RECORDINGS, NewRecording, Recording, RecordingId, TOO_MANY_RECORDINGS, VideoId};
use kernel::{Code, Error, Result};
use objects::Objects;
use runtime::{
    App, Budget, Caller, Created, Endpoint, Needs, Proposed, Route, ServiceEntry, Table, access::SignedIn,
    post,
};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Consistency, Direction, PageRequest, RateLimit, keys};

use crate::sending::{self, UploadInParts};

/// Apart from what authors upload for others.
const PER_PERSON: RateLimit = RateLimit { name: "recording", burst: 10, per_seconds: 3600 };

/// Begins a recording, whose parts are sent while it goes on: whole ones by the links to them, and the last when
/// `POST /v1/videos/{video_id}/upload/parts` has heard how large all of it is.
pub struct BeginRecording;

/// Where the parts go.
#[derive(Serialize, JsonSchema)]
pub struct BegunRecording {
    pub recording_id: RecordingId,
    /// What the routes of its upload are called by.
    pub video_id: VideoId,
    pub upload: UploadInParts,
}

impl Endpoint for BeginRecording {
    const NAME: &'static str = "video-begin-recording";
    const ROUTE: Route = post("/v1/recordings");
    const SUMMARY: &'static str =
        "Begin a recording of a screen or a camera: links to send it by as it grows";
    const BUDGET: Budget = Budget { reads: 3, writes: 2 };
    // Who calls, what they have, the limit read and taken from, then the recording.
    const WAVES: u32 = 5;
    const NEEDS: Needs = Needs {
        table: &[Table::Put, Table::Query],
        files: sending::FILES,
        services: &[ServiceEntry::of::<Objects>()],
        ..Needs::NOTHING
    };
    const LOCATION: Option<&'static str> = Some("/v1/recordings/{recording_id}");
    const ERRORS: &'static [Code] = &[TOO_MANY_RECORDINGS];
    type Access = SignedIn;
    type Input = Proposed<NewRecording>;
    type Output = Created<BegunRecording>;

    async fn handle(
        app: &App,
        caller: Caller<SignedIn>,
        Proposed(new, violations): Self::Input,
    ) -> Result<Self::Output> {
        let (school, owner) = (&caller.school, caller.access.account.value.id);
        let (recording, mut video) = Recording::new(new, violations, owner, (app.id(), app.id(), app.now()))?;
        // Who begins two at once may get one more, which costs little.
        let all = PageRequest { limit: MAX_RECORDINGS, cursor: None, direction: Direction::Ascending };
        let own = keys::recordings_partition(school, owner);
        let own = app.store.page::<Recording>(&own, all, Consistency::Strong).await?.items;
        if u32::try_from(own.len()).is_ok_and(|count| count >= MAX_RECORDINGS) {
            return Err(Error::new(TOO_MANY_RECORDINGS, "delete one that you no longer need"));
        }
        caller.take_token(app, PER_PERSON, &owner.to_string()).await?;
        let upload = sending::begin_in_parts(app, school, &mut video).await?;
        let mut change = app.store.transaction(school);
        let twice = || Error::internal("two recordings with one id");
        change.create(&keys::video(school, video.id), &video, twice);
        change.create(&keys::recording(school, owner, recording.id), &recording, twice);
        change.commit().await?;
        Ok(Created(BegunRecording { recording_id: recording.id, video_id: video.id, upload }))
    }
}
