//! POST /v1/lessons/{lesson_id}/video

use access::LessonAuthor;
use domain::video::{NOT_A_VIDEO_LESSON, NewVideo, Video};
use kernel::{Code, Result};
use runtime::{App, Budget, Caller, Created, Endpoint, Needs, Proposed, Route, post};

use crate::sending::{self, BegunUpload, Largest, PER_AUTHOR};

/// Begins the upload of a lesson's video: the file goes from the browser to the bucket. A video that the lesson has stays
/// until the new one is ready.
pub struct BeginUpload;

impl Endpoint for BeginUpload {
    const NAME: &'static str = "video-begin-upload";
    const ROUTE: Route = post("/v1/lessons/{lesson_id}/video");
    const SUMMARY: &'static str = "Upload a lesson's video: links to send the file by, at once or in parts";
    // Two of the reads look for the reply kept under an Idempotency-Key: before, and after a refusal.
    const BUDGET: Budget = Budget { reads: 5, writes: 2 };
    // Who calls and the lesson, its course, the kept reply, the limit read and taken from, then the video.
    const WAVES: u32 = 6;
    const NEEDS: Needs = sending::NEEDS;
    const ERRORS: &'static [Code] = &[NOT_A_VIDEO_LESSON];
    const IDEMPOTENT: bool = true;
    type Access = LessonAuthor;
    type Input = Proposed<NewVideo>;
    type Output = Created<BegunUpload>;

    async fn handle(
        app: &App,
        caller: Caller<LessonAuthor>,
        Proposed(new, violations): Self::Input,
    ) -> Result<Self::Output> {
        let LessonAuthor { user, lesson, .. } = &caller.access;
        let owner = user.account.value.id;
        let Largest(most) = app.service::<Largest>().await?;
        let new = new.within(*most, violations)?;
        let video = Video::of_lesson(new, &lesson.value, owner, (app.id(), app.now()))?;
        caller.take_token(app, PER_AUTHOR, &owner.to_string()).await?;
        sending::begin(app, &caller, video).await
    }
}
