//! GET /v1/lessons/{lesson_id}/progress

use access::LessonLearner;
use domain::learning::LessonProgress;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Route, get};

use crate::ProgressView;

/// Shows the caller's progress in one lesson: where to resume.
pub struct GetLessonProgress;

impl Endpoint for GetLessonProgress {
    const NAME: &'static str = "learning-get-lesson-progress";
    const ROUTE: Route = get("/v1/lessons/{lesson_id}/progress");
    const SUMMARY: &'static str = "The caller's progress in one lesson";
    const BUDGET: Budget = Budget { reads: 3, writes: 0 };
    // Who calls and the lesson, the enrolment and the progress, and for whoever is not enrolled the course.
    const WAVES: u32 = 3;
    type Access = LessonLearner;
    type Input = ();
    type Output = Json<ProgressView>;

    async fn handle(app: &App, caller: Caller<LessonLearner>, (): ()) -> Result<Self::Output> {
        let LessonLearner { lesson, progress, .. } = caller.access;
        let none = || LessonProgress::none(lesson.id, lesson.course_id, app.now());
        let progress = progress.map_or_else(none, |progress| progress.value);
        Ok(Json((&progress).into()))
    }
}
