//! POST /v1/videos/{video_id}/captions

use access::VideoAuthor;
use data_encoding::HEXLOWER;
use domain::video::NewCaptions;
use kernel::Result;
use objects::Objects;
use runtime::{
    App, Budget, Caller, Endpoint, Files, Json, Needs, Proposed, Route, ServiceEntry, Table, post,
};
use sha2::{Digest, Sha256};
use store::{RateLimit, Stored, keys};

use crate::view::CaptionsView;

/// Each is a file that stays as long as its video.
const PER_PERSON: RateLimit = RateLimit { name: "captions", burst: 60, per_seconds: 3600 };

/// Adds what is said in a video, in a language; what it had in that language is replaced.
pub struct AddCaptions;

impl Endpoint for AddCaptions {
    const NAME: &'static str = "video-add-captions";
    const ROUTE: Route = post("/v1/videos/{video_id}/captions");
    const SUMMARY: &'static str = "Add captions in a language, as WebVTT, or replace them";
    const BUDGET: Budget = Budget { reads: 3, writes: 2 };
    // Who calls and the video, its course, the limit read and taken from, then the video again.
    const WAVES: u32 = 5;
    const NEEDS: Needs = Needs {
        table: &[Table::Put],
        files: &[Files::Write("videos")],
        services: &[ServiceEntry::of::<Objects>()],
        ..Needs::NOTHING
    };
    type Access = VideoAuthor;
    type Input = Proposed<NewCaptions>;
    type Output = Json<CaptionsView>;

    async fn handle(
        app: &App,
        caller: Caller<VideoAuthor>,
        Proposed(new, violations): Self::Input,
    ) -> Result<Self::Output> {
        let (school, Stored { value: mut video, rev }) = (&caller.school, caller.access.video.clone());
        let digest = HEXLOWER.encode(&Sha256::digest(new.webvtt.as_bytes())[..8]);
        let (captions, file) = video.caption(new, violations, digest)?;
        let author = caller.access.user.account.value.id;
        caller.take_token(app, PER_PERSON, &author.to_string()).await?;
        // The file first: nobody is led to one that is not there.
        let objects = app.service::<Objects>().await?;
        let object = video.captions_object(school, &captions);
        objects.put(&object, "text/vtt; charset=utf-8", file.into_bytes()).await?;
        let mut change = app.store.transaction(school);
        change.replace(&keys::video(school, video.id), &video, rev);
        change.commit().await?;
        Ok(Json((&captions).into()))
    }
}
