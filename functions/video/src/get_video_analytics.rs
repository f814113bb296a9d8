//! GET /v1/videos/{video_id}/analytics

use access::VideoAuthor;
use domain::video::{BUCKETS, VideoAnalytics};
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Route, get};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Consistency, keys};

/// Shows how a video is watched. What was seen a moment ago may still be missing.
pub struct GetVideoAnalytics;

/// How a video is watched.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "VideoAnalytics")]
pub struct VideoAnalyticsView {
    pub viewers: u32,
    /// Share of the viewers who completed the lesson by it; null before anybody watched.
    #[schemars(range(min = 0, max = 1))]
    pub completion_rate: Option<f64>,
    /// Each second counts once a viewer.
    pub average_watched_seconds: u64,
    /// How many viewers saw each twentieth of it.
    pub drop_off: Vec<DropOff>,
    /// What was played, the best first.
    pub qualities: Vec<QualityView>,
}

/// Who saw a part.
#[derive(Serialize, JsonSchema)]
pub struct DropOff {
    /// Where the part begins.
    pub from_percent: u8,
    pub viewers: u32,
    /// Share of all viewers.
    #[schemars(range(min = 0, max = 1))]
    pub share: f64,
}

/// How long a quality was played.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PlayedQuality")]
pub struct QualityView {
    pub height: u32,
    pub seconds: u64,
}

impl From<VideoAnalytics> for VideoAnalyticsView {
    fn from(analytics: VideoAnalytics) -> Self {
        let drop_off = (0..BUCKETS).zip(analytics.buckets).map(|(bucket, viewers)| DropOff {
            from_percent: bucket * (100 / BUCKETS),
            viewers,
            share: analytics.share(viewers).unwrap_or(0.0),
        });
        let qualities = analytics.qualities.iter().rev();
        Self {
            viewers: analytics.viewers,
            completion_rate: analytics.share(analytics.completions),
            average_watched_seconds: analytics.average_watched_seconds(),
            drop_off: drop_off.collect(),
            qualities: qualities.map(|(&height, &seconds)| QualityView { height, seconds }).collect(),
        }
    }
}

impl Endpoint for GetVideoAnalytics {
    const NAME: &'static str = "video-get-video-analytics";
    const ROUTE: Route = get("/v1/videos/{video_id}/analytics");
    const SUMMARY: &'static str = "How a video is watched: viewers, where they stop, and in which quality";
    const BUDGET: Budget = Budget { reads: 3, writes: 0 };
    // Who calls and the video, its course, and only for its author what is counted.
    const WAVES: u32 = 3;
    type Access = VideoAuthor;
    type Input = ();
    type Output = Json<VideoAnalyticsView>;

    async fn handle(app: &App, caller: Caller<VideoAuthor>, (): ()) -> Result<Self::Output> {
        let key = keys::video_analytics(&caller.school, caller.access.video.value.id);
        let stored = app.store.get(&key, Consistency::Eventual).await?;
        Ok(Json(stored.map(|stored| stored.value).unwrap_or_default().into()))
    }
}
