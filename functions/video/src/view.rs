//! What a video shows.

use domain::{
    catalog::{Language, LessonId},
    learning::LessonProgress,
    video::{
        Captions, Failure, FileName, Playlist, Project, Recording, RecordingId, Rendition, Video, VideoId,
        VideoStatus,
    },
};
use kernel::{Line, Result, School, Timestamp};
use runtime::{App, PublicUrl};
use schemars::JsonSchema;
use serde::Serialize;

use crate::PlayLinks;

/// A video.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Video")]
pub struct VideoView {
    pub id: VideoId,
    /// The lesson that it is taught in; none of a trailer and of a recording.
    pub lesson_id: Option<LessonId>,
    pub status: VideoStatus,
    /// Why it failed, for programs.
    pub failure_code: Option<Failure>,
    /// Why it failed and what its author can do about it.
    pub failure_reason: Option<&'static str>,
    /// The file as its owner calls it; for those who may replace it.
    pub filename: Option<FileName>,
    /// None of a recording that goes on.
    pub size_bytes: Option<u64>,
    pub created_at: Timestamp,
}

impl From<Video> for VideoView {
    fn from(video: Video) -> Self {
        let Video { id, purpose, status, failure, filename, size_bytes, created_at, .. } = video;
        Self {
            id,
            lesson_id: purpose.lesson_id(),
            status,
            failure_code: failure,
            failure_reason: failure.map(Failure::advice),
            filename: Some(filename),
            size_bytes,
            created_at,
        }
    }
}

/// A video, and what it is watched by.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "VideoDetail")]
pub struct VideoDetail {
    #[serde(flatten)]
    pub video: VideoView,
    /// None until it is ready; so are all of the following.
    pub duration_seconds: Option<f64>,
    /// What a player can choose from, the best first.
    pub renditions: Vec<Rendition>,
    /// The HLS playlist of all of them. It plays without cookies, for as long as the film lasts and an hour; then it answers
    /// 403, and this route makes another.
    pub playback_url: Option<String>,
    /// A picture that stands for it, JPEG.
    pub poster_url: Option<String>,
    /// Small pictures for the bar of a player, as WebVTT: a JPEG for every ten seconds.
    pub thumbnails_url: Option<String>,
    /// What is said in it, by language.
    pub captions: Vec<CaptionsView>,
    /// How far the caller is; none for who has not enrolled.
    pub progress: Option<ViewerProgress>,
}

/// Captions of a video.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Captions")]
pub struct CaptionsView {
    pub language: Language,
    /// How a player's menu calls them.
    pub label: Line<1, 60>,
    /// WebVTT; none until the video is ready.
    pub url: Option<String>,
}

impl From<&Captions> for CaptionsView {
    fn from(captions: &Captions) -> Self {
        Self { language: captions.language.clone(), label: captions.label.clone(), url: None }
    }
}

/// How far a viewer is in a video.
#[derive(Serialize, JsonSchema)]
pub struct ViewerProgress {
    /// Where to resume.
    pub position_seconds: u32,
    /// Seconds seen at least once.
    pub watched_seconds: u32,
    #[schemars(range(max = 100))]
    pub percent: u8,
    pub completed: bool,
}

impl From<&LessonProgress> for ViewerProgress {
    fn from(progress: &LessonProgress) -> Self {
        Self {
            position_seconds: progress.position_seconds,
            watched_seconds: progress.watched_seconds,
            percent: progress.percent,
            completed: progress.is_completed(),
        }
    }
}

/// A recording in a list.
#[derive(Serialize, JsonSchema)]
pub struct RecordingLine {
    pub id: RecordingId,
    pub title: Line<1, 100>,
    pub project: Option<Project>,
    pub video_id: VideoId,
    pub status: VideoStatus,
    /// Why it failed and what can be done about it.
    pub failure_reason: Option<&'static str>,
    /// None until it is ready.
    pub duration_seconds: Option<f64>,
    /// None while it goes on.
    pub size_bytes: Option<u64>,
    /// A picture that stands for it, JPEG; none until it is ready.
    pub poster_url: Option<String>,
    pub created_at: Timestamp,
}

impl RecordingLine {
    pub(crate) async fn of(app: &App, school: &School, recording: Recording, video: Video) -> Result<Self> {
        let VideoDetail { video, duration_seconds, poster_url, .. } =
            VideoDetail::of(app, school, video, None).await?;
        Ok(Self {
            id: recording.id,
            title: recording.title,
            project: recording.project,
            video_id: video.id,
            status: video.status,
            failure_reason: video.failure_reason,
            duration_seconds,
            size_bytes: video.size_bytes,
            poster_url,
            created_at: recording.created_at,
        })
    }
}

impl VideoDetail {
    /// The video with links that its viewer can use from now on.
    pub(crate) async fn of(
        app: &App,
        school: &School,
        video: Video,
        progress: Option<ViewerProgress>,
    ) -> Result<Self> {
        let mut shown = Self {
            duration_seconds: None,
            renditions: Vec::new(),
            playback_url: None,
            poster_url: None,
            thumbnails_url: None,
            captions: video.captions.iter().map(Into::into).collect(),
            progress,
            video: VideoView::from(video.clone()),
        };
        let Some(media) = video.media.as_ref().filter(|_| video.status == VideoStatus::Ready) else {
            return Ok(shown);
        };
        let home = app.service::<PublicUrl>().await?.of(school);
        let until = video.playable_until(app.now());
        let link = app.service::<PlayLinks>().await?.link(&home, school, video.id, until)?;
        let (lists, files) = (link.for_api(), link.for_files());
        let list = |list: Playlist| format!("{home}/v1/videos/{}/playlists/{list}?{lists}", video.id);
        #[expect(clippy::cast_precision_loss, reason = "some hours")]
        let seconds = media.duration_ms as f64 / 1000.0;
        shown.duration_seconds = Some(seconds);
        shown.renditions.clone_from(&media.renditions);
        shown.playback_url = Some(list(Playlist::Master));
        shown.thumbnails_url = Some(list(Playlist::Thumbnails));
        for (shown, captions) in shown.captions.iter_mut().zip(&video.captions) {
            shown.url = Some(format!("{home}/{}?{files}", video.captions_object(school, captions)));
        }
        shown.poster_url = Some(format!("{home}/{}?{files}", media.poster()));
        Ok(shown)
    }
}
