//! POST /v1/modules/{module_id}/lessons

use access::ModuleAuthor;
use domain::catalog::{Lesson, NewLesson};
use kernel::{Code, Error, Result};
use runtime::{App, Budget, Caller, Created, Endpoint, Needs, Proposed, Revised, Route, Table, post};
use store::{Stored, keys};

use crate::{Added, LessonView, html};

/// Adds a lesson at the end of a module.
pub struct AddLesson;

impl Endpoint for AddLesson {
    const NAME: &'static str = "catalog-add-lesson";
    const ROUTE: Route = post("/v1/modules/{module_id}/lessons");
    const SUMMARY: &'static str = "Add a lesson at the end of a module";
    // Two of the reads look for the reply kept under an Idempotency-Key: before, and after a refusal.
    const BUDGET: Budget = Budget { reads: 4, writes: 1 };
    // Who calls and the module's course, what it is added to, a kept reply, then the change.
    const WAVES: u32 = 4;
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    const IDEMPOTENT: bool = true;
    const ERRORS: &'static [Code] = &[Code::LIMIT_REACHED];
    const LOCATION: Option<&'static str> = Some("/v1/lessons/{lesson_id}");
    type Access = ModuleAuthor;
    type Input = Proposed<NewLesson>;
    type Output = Revised<Created<Added<LessonView>>>;

    async fn handle(
        app: &App,
        caller: Caller<ModuleAuthor>,
        Proposed(new, violations): Self::Input,
    ) -> Result<Self::Output> {
        let school = &caller.school;
        let Stored { value: before, rev } = &caller.access.course;
        let mut lesson = Lesson::new(new, violations, before, app.id(), app.now())?;
        html::keep(&mut lesson)?;
        let course = before.add_lesson(caller.access.module.value.id, lesson.id, app.now())?;
        let summary = lesson.summary();
        let mut card = caller.access.card.value.clone();
        card.count_lesson(None, &summary)?;
        let twice = || Error::internal("two lessons with one id");
        let mut change = app.store.transaction(school);
        change
            .replace(&keys::course(school, course.id), &course, *rev)
            .replace_card(&caller.access.card, &card)
            .create(&keys::lesson(school, lesson.id), &lesson, twice)
            .create(&keys::lesson_summary(school, course.id, lesson.id), &summary, twice);
        let added = Added { part: LessonView::from(lesson), course_rev: rev + 1 };
        caller.commit(app, change, Revised(1, Created(added))).await
    }
}
