//! GET /v1/courses/{course_id}/progress

use access::CourseLearner;
use domain::{
    catalog::{ContentType, CourseId, ModuleId},
    learning::{LessonProgress, ProgressSummary, summarize},
};
use kernel::{Error, Result};
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, Route, Table, get};
use schemars::JsonSchema;
use serde::Serialize;
use store::Consistency;

use crate::{EnrollmentView, ProgressView};

/// Shows how far the caller has come in a course, lesson by lesson in outline order.
pub struct GetCourseProgress;

/// Progress in a course.
#[derive(Serialize, JsonSchema)]
pub struct CourseProgressView {
    pub course_id: CourseId,
    pub enrollment: EnrollmentView,
    pub summary: ProgressSummary,
    pub lessons: Vec<LessonProgressLine>,
}

/// Progress in one lesson of the course.
#[derive(Serialize, JsonSchema)]
pub struct LessonProgressLine {
    #[serde(flatten)]
    pub progress: ProgressView,
    pub module_id: ModuleId,
    pub title: String,
    pub content_type: ContentType,
    pub duration_minutes: u32,
}

impl Endpoint for GetCourseProgress {
    const NAME: &'static str = "learning-get-course-progress";
    const ROUTE: Route = get("/v1/courses/{course_id}/progress");
    const SUMMARY: &'static str =
        "The caller's progress: a summary and every visible lesson in outline order";
    const BUDGET: Budget = Budget { reads: 3, writes: 0 };
    const NEEDS: Needs = Needs::table(&[Table::Query]);
    type Access = CourseLearner;
    type Input = ();
    type Output = Json<CourseProgressView>;

    async fn handle(app: &App, caller: Caller<CourseLearner>, (): ()) -> Result<Self::Output> {
        let enrollment = &caller.access.enrollment.value;
        let (school, course_id) = (&caller.school, enrollment.course_id);
        let (outline, progress) = tokio::try_join!(
            app.store.course_outline(school, course_id, Consistency::Strong),
            app.store.course_progress(school, enrollment.user_id, course_id, Consistency::Strong),
        )?;
        let outline = outline.ok_or_else(|| Error::not_found("course"))?;

        let mut lessons = Vec::new();
        for module in &outline.course.value.outline {
            let visible = module.lessons.iter().filter_map(|id| outline.lessons.get(id));
            for lesson in visible.filter(|lesson| lesson.is_published) {
                let none = || LessonProgress::none(lesson.id, course_id, enrollment.enrolled_at);
                let own = progress.get(&lesson.id).cloned().unwrap_or_else(none);
                lessons.push(LessonProgressLine {
                    progress: (&own).into(),
                    module_id: module.id,
                    title: lesson.title.to_string(),
                    content_type: lesson.content_type,
                    duration_minutes: lesson.duration_minutes,
                });
            }
        }
        let summary = summarize(outline.visible_lessons().map(|lesson| progress.get(&lesson.id)));
        Ok(Json(CourseProgressView { course_id, enrollment: enrollment.into(), summary, lessons }))
    }
}
