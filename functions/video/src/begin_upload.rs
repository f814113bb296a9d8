//! POST /v1/lessons/{lesson_id}/video

use std::collections::BTreeMap;

use access::LessonAuthor;
use domain::video::{NOT_A_VIDEO_LESSON, NewVideo, PART_BYTES, Video, VideoId};
use kernel::{Code, Error, Result};
use objects::Objects;
use runtime::{
    App, Budget, Caller, Created, Endpoint, Files, Needs, Proposed, Route, Service, ServiceEntry, Table, post,
};
use schemars::JsonSchema;
use serde::Serialize;
use store::{RateLimit, keys};

use crate::sign_parts::{PartLink, links};

/// Uploads cost storage, and what is made of them costs more.
const PER_AUTHOR: RateLimit = RateLimit { name: "upload", burst: 10, per_seconds: 3600 };
/// So many parts are signed at once; links to the others are asked for when they are sent, since links expire.
const FIRST_PARTS: u32 = 10;

/// `MAX_VIDEO_MEGABYTES`: of a file that is uploaded. 5,000 unless set.
struct Largest(u64);

impl Service for Largest {
    const VARIABLES: &'static [&'static str] = &["MAX_VIDEO_MEGABYTES"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        let megabytes = app.environment().number("MAX_VIDEO_MEGABYTES")?.unwrap_or(5000);
        Ok(Self(u64::from(megabytes) * 1_000_000))
    }
}

/// Begins the upload of a lesson's video: the file goes from the browser to the bucket. A video that the lesson has stays
/// until the new one is ready.
pub struct BeginUpload;

/// Where the file goes.
#[derive(Serialize, JsonSchema)]
pub struct BegunUpload {
    pub video_id: VideoId,
    pub upload: UploadView,
}

/// How the file is sent: small ones at once, larger ones in parts.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Upload")]
pub enum UploadView {
    AtOnce(UploadAtOnce),
    InParts(UploadInParts),
}

/// One request with the whole file, within an hour and with just these headers.
#[derive(Serialize, JsonSchema)]
pub struct UploadAtOnce {
    /// `PUT`.
    pub method: &'static str,
    pub url: String,
    pub headers: BTreeMap<String, String>,
}

/// A `PUT` for each part, in any order and again where it breaks off. Keep the `ETag` of each answer: what ends the upload
/// names them all.
#[derive(Serialize, JsonSchema)]
pub struct UploadInParts {
    pub upload_id: String,
    /// Bytes of each part but the last.
    pub part_size: u64,
    pub part_count: u32,
    /// The first of them; `POST /v1/videos/{video_id}/upload/parts` signs the others.
    pub parts: Vec<PartLink>,
}

impl Endpoint for BeginUpload {
    const NAME: &'static str = "video-begin-upload";
    const ROUTE: Route = post("/v1/lessons/{lesson_id}/video");
    const SUMMARY: &'static str = "Upload a lesson's video: links to send the file by, at once or in parts";
    const BUDGET: Budget = Budget { reads: 3, writes: 2 };
    // Who calls and the lesson, its course, the limit read and taken from, then the video.
    const WAVES: u32 = 5;
    const NEEDS: Needs = Needs {
        table: &[Table::Put],
        files: &[Files::Write("uploads")],
        services: &[ServiceEntry::of::<Largest>(), ServiceEntry::of::<Objects>()],
        ..Needs::NOTHING
    };
    const ERRORS: &'static [Code] = &[NOT_A_VIDEO_LESSON];
    type Access = LessonAuthor;
    type Input = Proposed<NewVideo>;
    type Output = Created<BegunUpload>;

    async fn handle(
        app: &App,
        caller: Caller<LessonAuthor>,
        Proposed(new, violations): Self::Input,
    ) -> Result<Self::Output> {
        let LessonAuthor { user, lesson, .. } = &caller.access;
        let (school, owner) = (&caller.school, user.account.value.id);
        let Largest(most) = app.service::<Largest>().await?;
        let mut video = Video::new(new, violations, &lesson.value, owner, *most, (app.id(), app.now()))?;
        caller.take_token(app, PER_AUTHOR, &owner.to_string()).await?;

        let objects = app.service::<Objects>().await?;
        let (object, content_type) = (video.object(school), video.content_type.mime());
        let upload = if video.is_in_parts() {
            let upload_id = objects.begin_upload(&object, content_type).await?;
            video.upload_id = Some(upload_id.clone());
            let numbers: Vec<u32> = (1..=video.parts().min(FIRST_PARTS)).collect();
            let parts = links(objects, school, &video, &numbers).await?;
            UploadView::InParts(UploadInParts {
                upload_id,
                part_size: PART_BYTES,
                part_count: video.parts(),
                parts,
            })
        } else {
            let signed = objects.upload_link(&object, content_type, video.size_bytes).await?;
            UploadView::AtOnce(UploadAtOnce {
                method: "PUT",
                url: signed.url,
                headers: signed.headers.into_iter().collect(),
            })
        };
        let mut change = app.store.transaction(school);
        change.create(&keys::video(school, video.id), &video, || Error::internal("two videos with one id"));
        change.commit().await?;
        Ok(Created(BegunUpload { video_id: video.id, upload }))
    }
}
