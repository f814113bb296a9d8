//! GET /v1/lessons/{lesson_id}

use access::LessonReader;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Revised, Route, get};

use crate::LessonView;

/// Gives a lesson's content to whoever may read it.
pub struct GetLesson;

impl Endpoint for GetLesson {
    const NAME: &'static str = "catalog-get-lesson";
    const ROUTE: Route = get("/v1/lessons/{lesson_id}");
    const SUMMARY: &'static str = "A lesson's content; previews are public";
    const BUDGET: Budget = Budget { reads: 3, writes: 0 };
    // Who calls and the lesson, the enrolment, and for whoever has none the course.
    const WAVES: u32 = 3;
    type Access = LessonReader;
    type Input = ();
    type Output = Revised<Json<LessonView>>;

    async fn handle(_: &App, caller: Caller<LessonReader>, (): ()) -> Result<Self::Output> {
        let lesson = caller.access.lesson;
        Ok(Revised(lesson.rev, Json(lesson.value.into())))
    }
}
