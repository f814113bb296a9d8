//! PUT /v1/lessons/{lesson_id}/progress

use access::LessonLearner;
use domain::learning::{COMPLETED_BY_KIND, ProgressReport};
use kernel::{Code, Result, Violations};
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, Route, Table, put};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{ProgressView, record};

/// Takes in what a page reports. Reports may repeat and arrive in any order. What was played of a video is told of the
/// video.
pub struct SaveProgress;

/// A report. Everything may be absent.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = json!({ "percent": 40, "position_seconds": 130 }))]
pub struct SaveProgressInput {
    /// Share of a text that is done; no other lesson is completed by word. A lower value than before is ignored.
    #[schemars(range(min = 0, max = 100))]
    pub percent: Option<f64>,
    /// Where to resume.
    #[schemars(range(min = 0, max = 86400))]
    pub position_seconds: Option<f64>,
}

impl Endpoint for SaveProgress {
    const NAME: &'static str = "learning-save-progress";
    const ROUTE: Route = put("/v1/lessons/{lesson_id}/progress");
    const SUMMARY: &'static str = "Report position, or percent of a text; never un-completes";
    const ERRORS: &'static [Code] = &[COMPLETED_BY_KIND];
    // Two reads and a write, and one read where the lesson's course is known; the report that completes the lesson also reads
    // the outline and the other lessons.
    const BUDGET: Budget = Budget { reads: 4, writes: 1 };
    const WAVES: u32 = record::WAVES;
    const NEEDS: Needs = Needs::table(&[Table::Put, Table::Query]);
    type Access = LessonLearner;
    type Input = Json<SaveProgressInput>;
    type Output = Json<ProgressView>;

    async fn handle(
        app: &App,
        caller: Caller<LessonLearner>,
        Json(input): Self::Input,
    ) -> Result<Self::Output> {
        let report = ProgressReport {
            percent: input.percent.map(|percent| u8::try_from(whole(percent)).unwrap_or(100)),
            position_seconds: input.position_seconds.map(whole),
            ..ProgressReport::default()
        };
        let progress = record::progress(app, &caller, &caller.access, &report, Violations::default()).await?;
        Ok(Json((&progress).into()))
    }
}

/// Pages and players report fractions; progress keeps whole ones. The schema bounds what is kept.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 86400")]
pub(crate) fn whole(value: f64) -> u32 {
    value.clamp(0.0, 86_400.0).floor() as u32
}
