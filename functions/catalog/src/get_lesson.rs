//! GET /v1/lessons/{lesson_id}

use access::LessonReader;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Revised, Route, get};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{LessonView, html};

/// Gives a lesson's content to whoever may read it.
pub struct GetLesson;

/// A lesson as its readers see it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LessonDetail")]
pub struct LessonDetail {
    #[serde(flatten)]
    lesson: LessonView,
    /// The content as HTML that is safe to show, for a page that has an `h1`: whatever could run, load from elsewhere or look
    /// like a part of the page is left out or shown as its source.
    content_html: String,
}

impl Endpoint for GetLesson {
    const NAME: &'static str = "catalog-get-lesson";
    const ROUTE: Route = get("/v1/lessons/{lesson_id}");
    const SUMMARY: &'static str = "A lesson's content; previews are public";
    const BUDGET: Budget = Budget { reads: 3, writes: 0 };
    // Who calls and the lesson, the enrolment, and for whoever has none the course.
    const WAVES: u32 = 3;
    type Access = LessonReader;
    type Input = ();
    type Output = Revised<Json<LessonDetail>>;

    async fn handle(_: &App, caller: Caller<LessonReader>, (): ()) -> Result<Self::Output> {
        let lesson = caller.access.lesson;
        let content_html = html::of(&lesson.value)?;
        Ok(Revised(lesson.rev, Json(LessonDetail { lesson: lesson.value.into(), content_html })))
    }
}
