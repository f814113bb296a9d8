//! POST /v1/recordings

use domain::{
    identity::EMAIL_UNCONFIRMED,
    video::{MAX_RECORDINGS, NewRecording, Recording, RecordingId, TOO_MANY_RECORDINGS, VideoId},
};
use kernel::{Code, Error, Result};
use objects::Objects;
use runtime::{
    App, Budget, Caller, Created, Endpoint, Needs, Proposed, Route, Service, ServiceEntry, Table,
    access::SignedIn, post,
};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Consistency, Direction, PageRequest, RateLimit, keys};

use crate::sending::{self, UploadInParts};

const DAY_SECONDS: u32 = 24 * 3600;

/// `RECORDINGS_PER_DAY`: of a person, deleted ones too, since each is transcoded. 10 unless set; with 0 nobody records.
struct PerDay(u32);

impl Service for PerDay {
    const VARIABLES: &'static [&'static str] = &["RECORDINGS_PER_DAY"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        let most = app.environment().optional("RECORDINGS_PER_DAY").unwrap_or("10");
        most.parse().map(Self).map_err(|_| "RECORDINGS_PER_DAY must be a whole number".to_owned())
    }
}

/// Begins a recording, whose parts are sent while it goes on: whole ones by the links to them, and the last when
/// `POST /v1/videos/{video_id}/upload/parts` has heard how large all of it is.
pub struct BeginRecording;

/// Where the parts go.
#[derive(Serialize, JsonSchema)]
pub struct BegunRecording {
    pub recording_id: RecordingId,
    /// What the routes of its upload are called by.
    pub video_id: VideoId,
    /// Its links take whole parts alone.
    pub upload: UploadInParts,
}

impl Endpoint for BeginRecording {
    const NAME: &'static str = "video-begin-recording";
    const ROUTE: Route = post("/v1/recordings");
    const SUMMARY: &'static str =
        "Begin a recording of a screen or a camera: links to send it by as it grows";
    // Two of the reads look for the reply kept under an Idempotency-Key: before, and after a refusal.
    const BUDGET: Budget = Budget { reads: 5, writes: 2 };
    // Who calls, the kept reply, what they have, the limit read and taken from, then the recording.
    const WAVES: u32 = 6;
    const NEEDS: Needs = Needs {
        table: &[Table::Put, Table::Query],
        files: sending::FILES,
        services: &[ServiceEntry::of::<Objects>(), ServiceEntry::of::<PerDay>()],
        ..Needs::NOTHING
    };
    const LOCATION: Option<&'static str> = Some("/v1/recordings/{recording_id}");
    const IDEMPOTENT: bool = true;
    const ERRORS: &'static [Code] = &[Code::FORBIDDEN, EMAIL_UNCONFIRMED, TOO_MANY_RECORDINGS];
    type Access = SignedIn;
    type Input = Proposed<NewRecording>;
    type Output = Created<BegunRecording>;

    async fn handle(
        app: &App,
        caller: Caller<SignedIn>,
        Proposed(new, violations): Self::Input,
    ) -> Result<Self::Output> {
        let (school, account) = (&caller.school, &caller.access.account.value);
        let (owner, PerDay(per_day)) = (account.id, app.service::<PerDay>().await?);
        if *per_day == 0 {
            return Err(Error::new(Code::FORBIDDEN, "nobody records in this school"));
        }
        if !account.email_verified {
            let first = "POST /v1/auth/email/verify/resend mails the link again";
            return Err(Error::new(EMAIL_UNCONFIRMED, first));
        }
        let (recording, mut video) = Recording::new(new, violations, owner, (app.id(), app.id(), app.now()))?;
        // Who begins two at once may get one more, which costs little.
        let all = PageRequest { limit: MAX_RECORDINGS, cursor: None, direction: Direction::Ascending };
        let own = keys::recordings_partition(school, owner);
        let own = app.store.page::<Recording>(&own, all, Consistency::Strong).await?.items;
        if u32::try_from(own.len()).is_ok_and(|count| count >= MAX_RECORDINGS) {
            return Err(Error::new(TOO_MANY_RECORDINGS, "delete one that you no longer need"));
        }
        let limit = RateLimit { name: "recording", burst: *per_day, per_seconds: DAY_SECONDS };
        caller.take_token(app, limit, &owner.to_string()).await?;
        let upload = sending::begin_in_parts(app, school, &mut video).await?;
        let mut change = app.store.transaction(school);
        let twice = || Error::internal("two recordings with one id");
        change.create(&keys::video(school, video.id), &video, twice);
        change.create(&keys::recording(school, owner, recording.id), &recording, twice);
        let begun = BegunRecording { recording_id: recording.id, video_id: video.id, upload };
        caller.commit(app, change, Created(begun)).await
    }
}
