//! POST /v1/videos/{video_id}/upload/parts

use access::VideoAuthor;
use domain::video::{MAX_PARTS, MAX_RECORDING_BYTES, UPLOAD_CLOSED, Video, rules};
use kernel::{Code, Error, Result, School};
use objects::Objects;
use runtime::{App, Budget, Caller, Endpoint, Files, Json, Needs, Proposed, Route, ServiceEntry, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Signs parts of an upload, and tells which have arrived: whoever was interrupted goes on with the others.
pub struct SignParts;

/// Which parts to sign.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "numbers": [11, 12, 13] }))]
pub struct SignPartsInput {
    /// From 1 to the upload's `part_count`, or 125 of a recording; none to hear just what has arrived.
    #[schemars(length(max = 100), inner(range(min = 1, max = MAX_PARTS)))]
    pub numbers: Vec<u32>,
    /// Of a recording that has ended, all of it: the last part's link is for the rest then.
    #[schemars(range(min = 1, max = MAX_RECORDING_BYTES))]
    pub size_bytes: Option<u64>,
}

/// An upload's parts.
#[derive(Serialize, JsonSchema)]
pub struct UploadParts {
    pub parts: Vec<PartLink>,
    pub uploaded: Vec<UploadedPart>,
}

/// What sends a part: `PUT` exactly `part_size` bytes, or of the last part the rest, within an hour.
#[derive(Serialize, JsonSchema)]
pub struct PartLink {
    pub number: u32,
    pub url: String,
}

/// A part that has arrived.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadedPart {
    /// Counts from 1.
    #[schemars(range(min = 1, max = MAX_PARTS))]
    pub number: u32,
    /// As the answer to the part said it, quotes included.
    #[schemars(length(min = 1, max = 100))]
    pub etag: String,
}

impl Endpoint for SignParts {
    const NAME: &'static str = "video-sign-parts";
    const ROUTE: Route = post("/v1/videos/{video_id}/upload/parts");
    const SUMMARY: &'static str = "Sign parts of an upload, and tell which have arrived";
    const BUDGET: Budget = Budget { reads: 2, writes: 0 };
    const NEEDS: Needs = Needs {
        files: &[Files::ListParts("uploads"), Files::Write("uploads")],
        services: &[ServiceEntry::of::<Objects>()],
        ..Needs::NOTHING
    };
    const ERRORS: &'static [Code] = &[UPLOAD_CLOSED];
    type Access = VideoAuthor;
    type Input = Proposed<SignPartsInput>;
    type Output = Json<UploadParts>;

    async fn handle(
        app: &App,
        caller: Caller<VideoAuthor>,
        Proposed(input, mut violations): Self::Input,
    ) -> Result<Self::Output> {
        let mut video = caller.access.video.value.clone();
        if let Some(bytes) = input.size_bytes {
            video.measure(bytes, &mut violations);
        }
        for (n, number) in input.numbers.iter().enumerate() {
            let is_known = video.part_bytes(*number).is_some();
            let detail = "is not the number of a part of this upload";
            if !is_known {
                violations.add(format!("/numbers/{n}"), rules::UNKNOWN_PART, detail);
            }
        }
        violations.finish()?;
        let upload = video.open_upload()?;
        let objects = app.service::<Objects>().await?;
        let arrived = objects.parts(&video.object(&caller.school), upload).await?;
        let arrived = arrived.ok_or_else(expired)?;
        let parts = links(objects, &caller.school, &video, &input.numbers).await?;
        let uploaded = arrived.into_iter().map(|part| UploadedPart { number: part.number, etag: part.etag });
        Ok(Json(UploadParts { parts, uploaded: uploaded.collect() }))
    }
}

/// S3 forgets the parts of an upload that nobody ends.
pub(crate) fn expired() -> Error {
    Error::new(UPLOAD_CLOSED, "the upload was not ended within a day; begin another one")
}

/// Links to parts of a video's file.
pub(crate) async fn links(
    objects: &Objects,
    school: &School,
    video: &Video,
    numbers: &[u32],
) -> Result<Vec<PartLink>> {
    let (object, upload) = (video.object(school), video.open_upload()?);
    let mut links = Vec::with_capacity(numbers.len());
    for &number in numbers {
        let bytes = video.part_bytes(number).ok_or_else(|| Error::internal("no such part"))?;
        links.push(PartLink { number, url: objects.part_link(&object, upload, number, bytes).await?.url });
    }
    Ok(links)
}
