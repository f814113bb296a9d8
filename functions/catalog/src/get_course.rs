//! GET /v1/courses/{course_id}

use access::CourseReader;
use domain::{
    catalog::{ModuleDescription, ModuleId, Title},
    identity::{Bio, Headline, User},
    learning::{EnrollmentId, EnrollmentStatus, ProgressSummary, summarize},
};
use kernel::{Result, Timestamp, UserId};
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, Revised, Route, Table, get};
use schemars::JsonSchema;
use serde::Serialize;
use store::{CourseOutline, keys};

use crate::{
    CourseView,
    card::SHARED_SECONDS,
    view::{LessonLine, stars},
};

/// Shows a course by id or slug: with its outline, its instructor, its numbers and, to whoever signed in, their own
/// enrolment and progress. Drafts and hidden lessons are for those who may edit them.
pub struct GetCourse;

/// A course in full.
#[derive(Serialize, JsonSchema)]
pub struct CourseDetail {
    #[serde(flatten)]
    pub course: CourseView,
    pub instructor: InstructorView,
    pub stats: StatsView,
    pub modules: Vec<OutlineModuleView>,
    /// The caller's own, if there is one.
    pub enrollment: Option<OwnEnrollment>,
}

/// Who teaches.
#[derive(Serialize, JsonSchema)]
pub struct InstructorView {
    pub id: UserId,
    pub name: String,
    pub headline: Option<Headline>,
    pub bio: Option<Bio>,
}

/// A course in numbers. Enrolments and ratings follow the events, so they may lag by seconds.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CourseStats")]
pub struct StatsView {
    pub lesson_count: u32,
    pub duration_minutes: u32,
    pub enrollment_count: u32,
    /// 0.00 to 5.00; 0 while nobody has rated, which no route takes yet.
    pub average_rating: f64,
    pub rating_count: u32,
}

/// A module with its lessons in order.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ModuleDetail")]
pub struct OutlineModuleView {
    pub id: ModuleId,
    /// The module's revision, in quotes for the `If-Match` of its next edit.
    pub rev: u64,
    pub title: Title,
    pub description: ModuleDescription,
    pub lesson_count: u32,
    pub duration_minutes: u32,
    pub lessons: Vec<LessonLine>,
}

/// The caller's enrolment and progress.
#[derive(Serialize, JsonSchema)]
pub struct OwnEnrollment {
    pub id: EnrollmentId,
    pub status: EnrollmentStatus,
    pub enrolled_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub progress: ProgressSummary,
}

impl Endpoint for GetCourse {
    const NAME: &'static str = "catalog-get-course";
    const ROUTE: Route = get("/v1/courses/{course_id}");
    const SUMMARY: &'static str =
        "A course by id or slug, with its outline and, when signed in, the caller's progress";
    const BUDGET: Budget = Budget { reads: 5, writes: 0 };
    // Who calls and the course, then its author and the caller's progress; a slug is looked up before.
    const WAVES: u32 = 3;
    const NEEDS: Needs = Needs::table(&[Table::Query]);
    const SHARED_SECONDS: Option<u32> = Some(SHARED_SECONDS);
    type Access = CourseReader;
    type Input = ();
    type Output = Revised<Json<CourseDetail>>;

    async fn handle(app: &App, caller: Caller<CourseReader>, (): ()) -> Result<Self::Output> {
        let CourseReader { outline, edits, .. } = &caller.access;
        let course = &outline.course.value;
        let (author, enrollment) = tokio::try_join!(author(app, &caller), own_enrollment(app, &caller))?;
        let detail = CourseDetail {
            course: CourseView::from(course),
            instructor: instructor(outline, author),
            stats: stats(outline),
            modules: modules(outline, *edits),
            enrollment,
        };
        Ok(Revised(outline.course.rev, Json(detail)))
    }
}

fn instructor(outline: &CourseOutline, author: Option<User>) -> InstructorView {
    let id = outline.course.value.author_id;
    match author {
        Some(author) => InstructorView {
            id,
            name: author.display_name(),
            headline: author.profile.headline,
            bio: author.profile.bio,
        },
        None => {
            InstructorView { id, name: outline.card.value.author_name.clone(), headline: None, bio: None }
        }
    }
}

fn stats(outline: &CourseOutline) -> StatsView {
    let card = &outline.card.value;
    StatsView {
        lesson_count: card.lesson_count,
        duration_minutes: card.duration_minutes,
        enrollment_count: card.enrollment_count,
        average_rating: stars(card.rating_hundredths),
        rating_count: card.rating_count,
    }
}

fn modules(outline: &CourseOutline, edits: bool) -> Vec<OutlineModuleView> {
    let places = outline.course.value.outline.iter();
    places
        .filter_map(|place| {
            let module = outline.modules.get(&place.id)?;
            let lessons: Vec<LessonLine> = place
                .lessons
                .iter()
                .filter_map(|id| outline.lessons.get(id))
                .filter(|lesson| edits || lesson.is_published)
                .map(LessonLine::from)
                .collect();
            Some(OutlineModuleView {
                id: place.id,
                rev: module.rev,
                title: module.value.title.clone(),
                description: module.value.description.clone(),
                lesson_count: u32::try_from(lessons.len()).unwrap_or(u32::MAX),
                duration_minutes: lessons.iter().map(|lesson| lesson.duration_minutes).sum(),
                lessons,
            })
        })
        .collect()
}

async fn author(app: &App, caller: &Caller<CourseReader>) -> Result<Option<User>> {
    let CourseReader { outline, author, .. } = &caller.access;
    if author.is_some() {
        return Ok(author.clone());
    }
    let key = keys::user(&caller.school, outline.course.value.author_id);
    Ok(app.store.get(&key, caller.access.consistency()).await?.map(|author| author.value))
}

async fn own_enrollment(app: &App, caller: &Caller<CourseReader>) -> Result<Option<OwnEnrollment>> {
    let CourseReader { outline, enrollment, .. } = &caller.access;
    let Some(own) = enrollment else { return Ok(None) };
    let consistency = caller.access.consistency();
    let progress = app.store.course_progress(&caller.school, own.user_id, own.course_id, consistency).await?;
    Ok(Some(OwnEnrollment {
        id: own.id,
        status: own.status,
        enrolled_at: own.enrolled_at,
        completed_at: own.completed_at,
        progress: summarize(outline.visible_lessons().map(|lesson| progress.get(&lesson.id))),
    }))
}
