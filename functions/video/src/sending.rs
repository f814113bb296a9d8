//! How a file is sent: past the functions, by links that S3 takes for exactly that file.

use std::collections::BTreeMap;

use domain::video::{PART_BYTES, Video, VideoId};
use kernel::{Error, Result, School};
use objects::Objects;
use runtime::{App, Caller, Created, Files, Needs, Service, ServiceEntry, Table};
use schemars::JsonSchema;
use serde::Serialize;
use store::{RateLimit, keys};

use crate::sign_parts::{PartLink, links};

/// Uploads cost storage, and what is made of them costs more.
pub(crate) const PER_AUTHOR: RateLimit = RateLimit { name: "upload", burst: 10, per_seconds: 3600 };
/// So many parts are signed at once; links to the others are asked for when they are sent, since links expire.
const FIRST_PARTS: u32 = 10;

/// What a feature needs that begins an upload for others to watch.
pub(crate) const NEEDS: Needs = Needs {
    table: &[Table::Put],
    files: FILES,
    services: &[ServiceEntry::of::<Largest>(), ServiceEntry::of::<Objects>()],
    ..Needs::NOTHING
};
pub(crate) const FILES: &[Files] = &[Files::Write("uploads")];

/// `MAX_VIDEO_MEGABYTES`: of a file that is uploaded. 5,000 unless set.
pub(crate) struct Largest(pub(crate) u64);

impl Service for Largest {
    const VARIABLES: &'static [&'static str] = &["MAX_VIDEO_MEGABYTES"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        let megabytes = app.environment().number("MAX_VIDEO_MEGABYTES")?.unwrap_or(5000);
        Ok(Self(u64::from(megabytes) * 1_000_000))
    }
}

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
    /// None of a recording, which nobody knows the end of.
    pub part_count: Option<u32>,
    /// The first of them; `POST /v1/videos/{video_id}/upload/parts` signs the others.
    pub parts: Vec<PartLink>,
}

/// Keeps `video`, and says how its file is sent.
pub(crate) async fn begin<A>(
    app: &App,
    caller: &Caller<A>,
    mut video: Video,
) -> Result<Created<BegunUpload>> {
    let school = &caller.school;
    let upload = if video.is_in_parts() {
        UploadView::InParts(begin_in_parts(app, school, &mut video).await?)
    } else {
        let objects = app.service::<Objects>().await?;
        let (object, bytes) = (video.object(school), video.size_bytes.unwrap_or_default());
        let signed = objects.upload_link(&object, video.content_type.mime(), bytes).await?;
        let headers = signed.headers.into_iter().collect();
        UploadView::AtOnce(UploadAtOnce { method: "PUT", url: signed.url, headers })
    };
    let mut change = app.store.transaction(school);
    change.create(&keys::video(school, video.id), &video, || Error::internal("two videos with one id"));
    caller.commit(app, change, Created(BegunUpload { video_id: video.id, upload })).await
}

/// What sends the parts of the file of `video`, which has yet to be kept.
pub(crate) async fn begin_in_parts(app: &App, school: &School, video: &mut Video) -> Result<UploadInParts> {
    let objects = app.service::<Objects>().await?;
    let upload_id = objects.begin_upload(&video.object(school), video.content_type.mime()).await?;
    video.upload_id = Some(upload_id.clone());
    let numbers: Vec<u32> = (1..=video.parts().min(FIRST_PARTS)).collect();
    let parts = links(objects, school, video, &numbers).await?;
    let part_count = video.size_bytes.map(|_| video.parts());
    Ok(UploadInParts { upload_id, part_size: PART_BYTES, part_count, parts })
}
