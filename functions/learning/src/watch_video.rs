//! POST /v1/videos/{video_id}/progress

use access::VideoLearner;
use domain::learning::{ProgressReport, check_stretches, whole_seconds};
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, Proposed, Route, Table, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{record, save_progress::whole};

/// Takes in what a player reports every few seconds. Only what was really played counts, each second once, so reports may
/// repeat, overlap and arrive late and in any order.
pub struct WatchVideo;

/// A report.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "watched": [[120, 130.5]], "position_seconds": 130.5, "rendition": 720 }))]
pub struct WatchVideoInput {
    /// Stretches that were really played: `[from, to]` in seconds, each ending after it begins. What lies beyond the end is
    /// cut off.
    #[schemars(length(max = 200), inner(length(min = 2, max = 2), inner(range(min = 0, max = 86400))))]
    pub watched: Vec<[f64; 2]>,
    /// Where to resume.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86400))]
    pub position_seconds: Option<f64>,
    /// Height of the picture that was played.
    #[serde(default)]
    #[schemars(range(min = 1, max = 4320))]
    pub rendition: Option<u32>,
}

/// What has been seen of a video.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Watched")]
pub struct WatchedView {
    /// Seconds seen at least once.
    pub watched_seconds: u32,
    #[schemars(range(max = 100))]
    pub percent: u8,
    /// Whether its lesson is completed, which takes 90 percent of its seconds.
    pub completed: bool,
}

impl Endpoint for WatchVideo {
    const NAME: &'static str = "learning-watch-video";
    const ROUTE: Route = post("/v1/videos/{video_id}/progress");
    const SUMMARY: &'static str =
        "Report what was played of a video; nothing that was seen is ever taken back";
    // As saving the progress of a lesson: one read where the video's lesson is known.
    const BUDGET: Budget = Budget { reads: 4, writes: 1 };
    const WAVES: u32 = record::WAVES;
    const NEEDS: Needs = Needs::table(&[Table::Put, Table::Query]);
    type Access = VideoLearner;
    type Input = Proposed<WatchVideoInput>;
    type Output = Json<WatchedView>;

    async fn handle(
        app: &App,
        caller: Caller<VideoLearner>,
        Proposed(input, mut violations): Self::Input,
    ) -> Result<Self::Output> {
        check_stretches(&input.watched, "/watched", &mut violations);
        let report = ProgressReport {
            watched: whole_seconds(&input.watched),
            position_seconds: input.position_seconds.map(whole),
            rendition: input.rendition,
            ..ProgressReport::default()
        };
        let progress = record::progress(app, &caller, &caller.access.0, &report, violations).await?;
        Ok(Json(WatchedView {
            watched_seconds: progress.watched_seconds,
            percent: progress.percent,
            completed: progress.is_completed(),
        }))
    }
}
