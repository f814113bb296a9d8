//! PUT /v1/lessons/{lesson_id}/progress

use access::LessonLearner;
use domain::learning::{ProgressReport, check_stretches};
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, Proposed, Route, Table, put};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{ProgressView, record};

/// Takes in what a player or a page reports. Reports may repeat, overlap and arrive in any order.
pub struct SaveProgress;

/// A report. Everything may be absent.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = json!({ "position_seconds": 130, "watched": [[120, 130]] }))]
pub struct SaveProgressInput {
    /// Share of the lesson that is done. A lower value than before is ignored.
    #[schemars(range(min = 0, max = 100))]
    pub percent: Option<f64>,
    /// Where to resume.
    #[schemars(range(min = 0, max = 86400))]
    pub position_seconds: Option<f64>,
    /// Stretches that were really played: `[from, to]` in seconds, each ending after it begins.
    #[schemars(length(max = 200), inner(length(min = 2, max = 2), inner(range(min = 0, max = 86400))))]
    pub watched: Vec<[f64; 2]>,
}

impl Endpoint for SaveProgress {
    const NAME: &'static str = "learning-save-progress";
    const ROUTE: Route = put("/v1/lessons/{lesson_id}/progress");
    const SUMMARY: &'static str = "Report position, watched intervals or percent; never un-completes";
    // Two reads and a write, and one read where the lesson's course is known; the report that completes the lesson also reads
    // the outline and the other lessons.
    const BUDGET: Budget = Budget { reads: 4, writes: 1 };
    const WAVES: u32 = record::WAVES;
    const NEEDS: Needs = Needs::table(&[Table::Put, Table::Query]);
    type Access = LessonLearner;
    type Input = Proposed<SaveProgressInput>;
    type Output = Json<ProgressView>;

    async fn handle(
        app: &App,
        caller: Caller<LessonLearner>,
        Proposed(input, mut violations): Self::Input,
    ) -> Result<Self::Output> {
        check_stretches(&input.watched, "/watched", &mut violations);
        let report = ProgressReport {
            percent: input.percent.map(|percent| u8::try_from(whole(percent)).unwrap_or(100)),
            position_seconds: input.position_seconds.map(whole),
            watched: input.watched.iter().map(|[from, to]| (whole(*from), whole(*to))).collect(),
            complete: false,
        };
        record::progress(app, &caller, &report, violations).await.map(Json)
    }
}

/// Players report fractions; progress counts whole seconds. The schema bounds what is kept.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 86400")]
fn whole(value: f64) -> u32 {
    value.clamp(0.0, 86_400.0).floor() as u32
}
