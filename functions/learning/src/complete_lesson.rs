//! POST /v1/lessons/{lesson_id}/complete

use access::LessonLearner;
use domain::learning::{COMPLETED_BY_KIND, ProgressReport};
use kernel::{Code, Result, Violations};
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, Route, Table, post};

use crate::{ProgressView, record};

/// Marks a text as completed, by the learner's own word. Saying it again changes nothing.
pub struct CompleteLesson;

impl Endpoint for CompleteLesson {
    const NAME: &'static str = "learning-complete-lesson";
    const ROUTE: Route = post("/v1/lessons/{lesson_id}/complete");
    const SUMMARY: &'static str = "Mark a text lesson as completed";
    const ERRORS: &'static [Code] = &[COMPLETED_BY_KIND];
    const BUDGET: Budget = Budget { reads: 4, writes: 1 };
    const WAVES: u32 = record::WAVES;
    const NEEDS: Needs = Needs::table(&[Table::Put, Table::Query]);
    type Access = LessonLearner;
    type Input = ();
    type Output = Json<ProgressView>;

    async fn handle(app: &App, caller: Caller<LessonLearner>, (): ()) -> Result<Self::Output> {
        let report = ProgressReport { complete: true, ..ProgressReport::default() };
        let progress = record::progress(app, &caller, &caller.access, &report, Violations::default()).await?;
        Ok(Json((&progress).into()))
    }
}
