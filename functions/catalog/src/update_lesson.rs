//! PATCH /v1/lessons/{lesson_id}

use access::LessonAuthor;
use domain::catalog::{LessonEdit, NOT_PUBLISHABLE};
use kernel::{Code, Result};
use runtime::{App, Budget, Caller, Endpoint, IfMatch, Json, Needs, Proposed, Revised, Route, Table, patch};
use store::{Stored, keys};

use crate::{LessonView, html};

/// Changes a lesson. Its type stays what it is.
pub struct UpdateLesson;

impl Endpoint for UpdateLesson {
    const NAME: &'static str = "catalog-update-lesson";
    const ROUTE: Route = patch("/v1/lessons/{lesson_id}");
    const SUMMARY: &'static str = "Edit a lesson";
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    const ERRORS: &'static [Code] = &[NOT_PUBLISHABLE];
    type Access = LessonAuthor;
    type Input = (IfMatch, Proposed<LessonEdit>);
    type Output = Revised<Json<LessonView>>;

    async fn handle(
        app: &App,
        caller: Caller<LessonAuthor>,
        (if_match, Proposed(edit, violations)): Self::Input,
    ) -> Result<Self::Output> {
        let Stored { value: before, rev } = &caller.access.lesson;
        if_match.check(*rev)?;
        let mut lesson = before.edit(edit, violations, &caller.access.course.value, app.now())?;
        html::keep(&mut lesson)?;
        let school = &caller.school;
        let (old, new) = (before.summary(), lesson.summary());
        let mut change = app.store.transaction(school);
        change.replace_or(&keys::lesson(school, lesson.id), &lesson, *rev, IfMatch::stale);
        if old != new {
            change.put_over(&keys::lesson_summary(school, lesson.course_id, lesson.id), &new);
            let card = &caller.access.card;
            let mut new_card = card.value.clone();
            new_card.count_lesson(Some(&old), &new)?;
            if new_card != card.value {
                change.replace_card(card, &new_card);
            }
        }
        caller.commit(app, change, Revised(rev + 1, Json(LessonView::from(lesson)))).await
    }
}
