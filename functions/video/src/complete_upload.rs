//! POST /v1/videos/{video_id}/upload/complete

use access::VideoAuthor;
use domain::video::{MAX_PARTS, UPLOAD_CLOSED, Video, VideoStatus, rules};
use kernel::{Code, Error, Result, Violations};
use objects::{Objects, Part};
use runtime::{
    App, Budget, Caller, Endpoint, Files, Json, Needs, Proposed, Route, ServiceEntry, Table, post,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{Stored, keys};

use crate::{
    VideoView,
    sign_parts::{UploadedPart, expired},
};

/// Makes the parts of an upload into the file. Said twice, it answers as the first time.
pub struct CompleteUpload;

/// What was sent.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({
    "upload_id": "2~abc", "parts": [{ "number": 1, "etag": "\"d41d8cd98f00b204e9800998ecf8427e\"" }],
}))]
pub struct CompleteUploadInput {
    #[schemars(length(min = 1, max = 1024))]
    pub upload_id: String,
    /// All of them, in any order.
    #[schemars(length(min = 1, max = MAX_PARTS))]
    pub parts: Vec<UploadedPart>,
}

impl Endpoint for CompleteUpload {
    const NAME: &'static str = "video-complete-upload";
    const ROUTE: Route = post("/v1/videos/{video_id}/upload/complete");
    const SUMMARY: &'static str = "End an upload in parts";
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    const NEEDS: Needs = Needs {
        table: &[Table::Put],
        files: &[Files::ListParts("uploads"), Files::Read("uploads"), Files::Write("uploads")],
        services: &[ServiceEntry::of::<Objects>()],
        ..Needs::NOTHING
    };
    const ERRORS: &'static [Code] = &[UPLOAD_CLOSED];
    type Access = VideoAuthor;
    type Input = Proposed<CompleteUploadInput>;
    type Output = Json<VideoView>;

    async fn handle(
        app: &App,
        caller: Caller<VideoAuthor>,
        Proposed(input, mut violations): Self::Input,
    ) -> Result<Self::Output> {
        let Stored { value: mut video, rev } = caller.access.video.clone();
        let is_own = video.upload_id.as_deref() == Some(&*input.upload_id);
        if !is_own {
            violations.finish()?;
            return Err(Error::new(UPLOAD_CLOSED, "this is not the upload of this video"));
        }
        if video.status != VideoStatus::Uploading {
            violations.finish()?;
            return Ok(Json(VideoView::from(video)));
        }
        let (object, objects) = (video.object(&caller.school), app.service::<Objects>().await?);
        // Nothing is left of the parts where an earlier try has made them into the file.
        if let Some(arrived) = objects.parts(&object, &input.upload_id).await? {
            if video.size_bytes.is_none() {
                video.measure(arrived.iter().map(|part| part.bytes).sum(), &mut violations);
            }
            let parts = compared(&input.parts, &arrived, &video, violations)?;
            objects.complete_upload(&object, &input.upload_id, &parts).await?;
        } else if objects.look(&object).await?.is_none() {
            return Err(expired());
        }
        if video.arrive(app.now()) {
            let mut change = app.store.transaction(&caller.school);
            change.replace(&keys::video(&caller.school, video.id), &video, rev);
            change.commit().await?;
        }
        Ok(Json(VideoView::from(video)))
    }
}

/// What S3 has of all parts, where it is what was said.
fn compared(
    said: &[UploadedPart],
    arrived: &[Part],
    video: &Video,
    mut violations: Violations,
) -> Result<Vec<Part>> {
    for (n, part) in said.iter().enumerate() {
        let is_there = |there: &Part| {
            let is_whole = video.part_bytes(there.number) == Some(there.bytes);
            there.number == part.number && there.etag == part.etag && is_whole
        };
        let detail = "has not arrived so; POST /v1/videos/{video_id}/upload/parts tells what has";
        if !arrived.iter().any(is_there) {
            violations.add(format!("/parts/{n}"), rules::UNKNOWN_PART, detail);
        }
    }
    let count = video.parts();
    for number in 1..=count {
        if !said.iter().any(|part| part.number == number) {
            violations.add("/parts", rules::PART_MISSING, format!("part {number} of {count} is missing"));
        }
    }
    violations.finish()?;
    Ok(arrived.to_vec())
}
