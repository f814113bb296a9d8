//! POST /v1/modules/{module_id}/lessons

use domain::catalog::{CONTENT_MAX_BYTES, ContentType, Course, CourseStatus, Lesson, MAX_LESSONS};
use kernel::{Code, Error, Result, Violations};
use runtime::{
    App, Budget, Caller, Created, Endpoint, Json, Needs, Revised, Route, Table, access::ModuleAuthor, post,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{Stored, keys};

use crate::{Added, LessonView, fetch};

/// Adds a lesson at the end of a module.
pub struct AddLesson;

/// The new lesson.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({
    "title": "Your first program", "content_type": "text", "content": "# Hello\n\nWrite `fn main() {}`.",
    "duration_minutes": 8, "is_preview": true,
}))]
pub struct AddLessonInput {
    #[schemars(length(min = 1, max = 100))]
    pub title: String,
    pub content_type: ContentType,
    /// MDX, kept as it is; at most 64 KiB.
    #[serde(default)]
    #[schemars(length(max = 65536), extend("format" = "multiline"))]
    pub content: String,
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 200)), extend("uniqueItems" = true))]
    pub objectives: Vec<String>,
    #[serde(default)]
    #[schemars(range(min = 0, max = 1440))]
    pub duration_minutes: u32,
    /// Readable without an enrolment.
    #[serde(default)]
    pub is_preview: bool,
    /// Hidden from learners while false; true when absent, but for a video of a published course.
    pub is_published: Option<bool>,
}

/// Notes a text that is too long: what counts is bytes, since an item's size is limited.
pub(crate) fn check_content(content: &str) -> Result<()> {
    let mut violations = Violations::default();
    violations.require(
        content.len() <= CONTENT_MAX_BYTES,
        "/content",
        "too_long",
        "must have at most 64 KiB",
    );
    violations.finish()
}

impl Endpoint for AddLesson {
    const NAME: &'static str = "catalog-add-lesson";
    const ROUTE: Route = post("/v1/modules/{module_id}/lessons");
    const SUMMARY: &'static str = "Add a lesson at the end of a module";
    // Two of the reads look for the reply kept under an Idempotency-Key: before, and after a refusal.
    const BUDGET: Budget = Budget { reads: 6, writes: 1 };
    // Who calls, the module's course, the course, then what is added to; each names the next.
    const WAVES: u32 = 6;
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    const IDEMPOTENT: bool = true;
    const ERRORS: &'static [Code] = &[Code::LimitReached];
    const LOCATION: Option<&'static str> = Some("/v1/lessons/{lesson_id}");
    type Access = ModuleAuthor;
    type Input = Json<AddLessonInput>;
    type Output = Revised<Created<Added<LessonView>>>;

    async fn handle(
        app: &App,
        caller: Caller<ModuleAuthor>,
        Json(input): Self::Input,
    ) -> Result<Self::Output> {
        check_content(&input.content)?;
        let course = caller.access.course.clone();
        let waits_for_video =
            input.content_type == ContentType::Video && course.value.status == CourseStatus::Published;
        let lesson = Lesson {
            id: app.id(),
            course_id: course.value.id,
            title: input.title.trim().to_owned(),
            content_type: input.content_type,
            content: input.content,
            objectives: input.objectives,
            duration_minutes: input.duration_minutes,
            is_preview: input.is_preview,
            is_published: input.is_published.unwrap_or(!waits_for_video),
            video_id: None,
            created_at: app.now(),
            updated_at: app.now(),
        };
        let mut violations = Violations::default();
        lesson.check_video(&course.value, &mut violations);
        violations.finish()?;
        add(app, &caller, course, &lesson).await
    }
}

async fn add(
    app: &App,
    caller: &Caller<ModuleAuthor>,
    Stored { value: mut course, rev }: Stored<Course>,
    lesson: &Lesson,
) -> Result<Revised<Created<Added<LessonView>>>> {
    if course.lesson_ids().count() >= MAX_LESSONS {
        return Err(Error::new(Code::LimitReached, format!("a course has at most {MAX_LESSONS} lessons")));
    }
    let module = course.outline.iter_mut().find(|module| module.id == caller.access.module_id);
    module.ok_or_else(|| Error::not_found("module"))?.lessons.push(lesson.id);
    course.updated_at = app.now();
    let school = &caller.school;
    let card = fetch::card(app, school, course.id).await?;
    let mut new_card = card.value.clone();
    let summary = lesson.summary();
    new_card.count_lesson(None, Some(&summary));
    let added = Added { part: LessonView::from(lesson.clone()), course_rev: rev + 1 };
    let output = Revised(1, Created(added));
    let twice = || Error::internal("two lessons with one id");
    let mut change = app.store.transaction(school);
    change
        .replace(&keys::course(school, course.id), &course, rev)
        .replace_card(&card, &new_card)
        .create(&keys::lesson(school, lesson.id), lesson, twice)
        .create(&keys::lesson_summary(school, course.id, lesson.id), &summary, twice);
    caller.commit(app, change, output).await
}
