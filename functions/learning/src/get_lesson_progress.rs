//! GET /v1/lessons/{lesson_id}/progress

use domain::learning::LessonProgress;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Route, access::LessonLearner, get};
use store::{Consistency, keys};

use crate::ProgressView;

/// Shows the caller's progress in one lesson: where to resume.
pub struct GetLessonProgress;

impl Endpoint for GetLessonProgress {
    const NAME: &'static str = "learning-get-lesson-progress";
    const ROUTE: Route = get("/v1/lessons/{lesson_id}/progress");
    const SUMMARY: &'static str = "The caller's progress in one lesson";
    const BUDGET: Budget = Budget { reads: 4, writes: 0 };
    // Who calls, the lesson, the enrolment, the progress.
    const WAVES: u32 = 4;
    type Access = LessonLearner;
    type Input = ();
    type Output = Json<ProgressView>;

    async fn handle(app: &App, caller: Caller<LessonLearner>, (): ()) -> Result<Self::Output> {
        let (lesson, enrollment) = (&caller.access.lesson, &caller.access.enrollment.value);
        let key = keys::progress(&caller.school, enrollment.user_id, lesson.course_id, lesson.id);
        let progress = app.store.get(&key, Consistency::Strong).await?.map(|progress| progress.value);
        let progress =
            progress.unwrap_or_else(|| LessonProgress::none(lesson.id, lesson.course_id, app.now()));
        Ok(Json((&progress).into()))
    }
}
