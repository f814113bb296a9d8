//! PATCH /v1/lessons/{lesson_id}

use domain::catalog::{CourseStatus, Lesson};
use kernel::{Code, Error, Result, Violations};
use runtime::{
    App, Budget, Caller, Change, Endpoint, IfMatch, Json, Needs, Revised, Route, Table, access::LessonAuthor,
    patch,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{Stored, keys};

use crate::{LessonView, add_lesson::check_content, fetch};

/// Changes a lesson. Its type stays what it is.
pub struct UpdateLesson;

/// The fields to change.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = json!({ "content": "# Hello again\n", "duration_minutes": 10 }))]
pub struct UpdateLessonInput {
    #[schemars(length(min = 1, max = 100))]
    pub title: Change<String>,
    /// MDX, kept as it is; at most 64 KiB.
    #[schemars(length(max = 65536), extend("format" = "multiline"))]
    pub content: Change<String>,
    #[schemars(length(max = 20), inner(length(min = 1, max = 200)), extend("uniqueItems" = true))]
    pub objectives: Change<Vec<String>>,
    #[schemars(range(min = 0, max = 1440))]
    pub duration_minutes: Change<u32>,
    pub is_preview: Change<bool>,
    /// Hidden from learners while false.
    pub is_published: Change<bool>,
}

impl Endpoint for UpdateLesson {
    const NAME: &'static str = "catalog-update-lesson";
    const ROUTE: Route = patch("/v1/lessons/{lesson_id}");
    const SUMMARY: &'static str = "Edit a lesson";
    const BUDGET: Budget = Budget { reads: 4, writes: 1 };
    // Who calls, the lesson, its course, its card, then the change.
    const WAVES: u32 = 5;
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    const ERRORS: &'static [Code] = &[Code::NotPublishable];
    type Access = LessonAuthor;
    type Input = (IfMatch, Json<UpdateLessonInput>);
    type Output = Revised<Json<LessonView>>;

    async fn handle(
        app: &App,
        caller: Caller<LessonAuthor>,
        (if_match, Json(input)): Self::Input,
    ) -> Result<Self::Output> {
        let Stored { value: before, rev } = &caller.access.lesson;
        if_match.check(*rev)?;
        let mut lesson = before.clone();
        input.title.apply(&mut lesson.title);
        lesson.title = lesson.title.trim().to_owned();
        input.content.apply(&mut lesson.content);
        input.objectives.apply(&mut lesson.objectives);
        input.duration_minutes.apply(&mut lesson.duration_minutes);
        input.is_preview.apply(&mut lesson.is_preview);
        input.is_published.apply(&mut lesson.is_published);
        lesson.updated_at = app.now();
        check_content(&lesson.content)?;
        let mut violations = Violations::default();
        lesson.check_video(&caller.access.course.value, &mut violations);
        violations.finish()?;
        save(app, &caller, before, lesson, *rev).await
    }
}

async fn save(
    app: &App,
    caller: &Caller<LessonAuthor>,
    before: &Lesson,
    lesson: Lesson,
    rev: u64,
) -> Result<Revised<Json<LessonView>>> {
    let school = &caller.school;
    let (old, new) = (before.summary(), lesson.summary());
    let mut change = app.store.transaction(school);
    change.replace_or(&keys::lesson(school, lesson.id), &lesson, rev, IfMatch::stale);
    if old != new {
        change.put_over(&keys::lesson_summary(school, lesson.course_id, lesson.id), &new);
        let card = fetch::card(app, school, lesson.course_id).await?;
        let mut new_card = card.value.clone();
        new_card.count_lesson(Some(&old), Some(&new));
        if new_card.lesson_count == 0 && card.value.status == CourseStatus::Published {
            return Err(Error::new(
                Code::NotPublishable,
                "a published course keeps at least one visible lesson",
            ));
        }
        if new_card != card.value {
            change.replace_card(&card, &new_card);
        }
    }
    caller.commit(app, change, Revised(rev + 1, Json(LessonView::from(lesson)))).await
}
