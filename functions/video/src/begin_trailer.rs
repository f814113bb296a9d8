//! POST /v1/courses/{course_id}/trailer

use access::CourseAuthor;
use domain::video::{NewVideo, Video};
use kernel::Result;
use runtime::{App, Budget, Caller, Created, Endpoint, Needs, Proposed, Route, post};

use crate::sending::{self, BegunUpload, Largest, PER_AUTHOR};

/// Begins the upload of a course's trailer, which whoever sees the course can watch. One that it has stays until the new one
/// is ready.
pub struct BeginTrailer;

impl Endpoint for BeginTrailer {
    const NAME: &'static str = "video-begin-trailer";
    const ROUTE: Route = post("/v1/courses/{course_id}/trailer");
    const SUMMARY: &'static str = "Upload a course's trailer: links to send the file by, at once or in parts";
    // Two of the reads look for the reply kept under an Idempotency-Key: before, and after a refusal.
    const BUDGET: Budget = Budget { reads: 4, writes: 2 };
    // Who calls and the course, the kept reply, the limit read and taken from, then the video.
    const WAVES: u32 = 5;
    const NEEDS: Needs = sending::NEEDS;
    const IDEMPOTENT: bool = true;
    type Access = CourseAuthor;
    type Input = Proposed<NewVideo>;
    type Output = Created<BegunUpload>;

    async fn handle(
        app: &App,
        caller: Caller<CourseAuthor>,
        Proposed(new, violations): Self::Input,
    ) -> Result<Self::Output> {
        let CourseAuthor { user, course, .. } = &caller.access;
        let owner = user.account.value.id;
        let Largest(most) = app.service::<Largest>().await?;
        let new = new.within(*most, violations)?;
        let video = Video::trailer(new, &course.value, owner, (app.id(), app.now()));
        caller.take_token(app, PER_AUTHOR, &owner.to_string()).await?;
        sending::begin(app, &caller, video).await
    }
}
