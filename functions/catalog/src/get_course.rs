//! GET /v1/courses/{course_id}

use std::collections::HashMap;

use domain::{
    catalog::{CourseStatus, ModuleDescription, Slug, Title},
    identity::{Bio, Headline, User as Account},
    learning::{Enrollment, EnrollmentStatus, LessonProgress, ProgressSummary, summarize},
};
use kernel::{
    CourseId, CourseKind, EnrollmentId, Error, LessonId, ModuleId, Result, School, Timestamp, UserId,
};
use runtime::{
    App, Budget, Caller, Endpoint, IdOr, Json, Needs, Path, Revised, Route, Table, access::Visitor, get,
};
use schemars::JsonSchema;
use serde::Serialize;
use store::{
    AnyKey, Consistency, CourseOutline,
    keys::{self, CoursePointer},
};

use crate::{
    CourseView,
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
    pub average_rating: f64,
    pub rating_count: u32,
}

/// A module with its lessons in order.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ModuleDetail")]
pub struct OutlineModuleView {
    pub id: ModuleId,
    /// The module's `ETag`, for `If-Match`.
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
    // A slug is looked up first, and who learns here sees their progress.
    const WAVES: u32 = 5;
    const NEEDS: Needs = Needs::table(&[Table::Query]);
    type Access = Visitor;
    type Input = Path<IdOr<CourseKind, Slug>>;
    type Output = Revised<Json<CourseDetail>>;

    async fn handle(app: &App, caller: Caller<Visitor>, Path(named): Self::Input) -> Result<Self::Output> {
        let id = find(app, &caller.school, &named).await?.ok_or_else(|| Error::not_found("course"))?;
        // Whoever signed in may just have written what they now read.
        let consistency = if caller.user_id.is_some() { Consistency::Strong } else { Consistency::Eventual };
        let outline = app.store.course_outline(&caller.school, id, consistency).await?;
        let outline = outline.ok_or_else(|| Error::not_found("course"))?;
        let course = &outline.course.value;
        let edits = caller.access.0.as_ref().is_some_and(|user| user.account.value.may_edit(course));

        let author_key = keys::user(&caller.school, course.author_id);
        let own_key = caller.user_id.map(|user| keys::enrollment(&caller.school, user, id));
        let wanted = std::iter::once(AnyKey::from(&author_key)).chain(own_key.iter().map(AnyKey::from));
        let mut found = app.store.batch_get(wanted, consistency).await?;
        let author = found.take(&author_key)?.map(|author| author.value);
        let own = match &own_key {
            Some(key) => found.take(key)?.map(|own| own.value).filter(Enrollment::gives_access),
            None => None,
        };
        if course.status != CourseStatus::Published && !edits && own.is_none() {
            return Err(Error::not_found("course"));
        }
        let own = match own {
            None => None,
            Some(enrollment) => {
                let progress =
                    app.store.course_progress(&caller.school, enrollment.user_id, id, consistency).await?;
                Some(own_enrollment(&outline, &enrollment, &progress))
            }
        };
        let detail = CourseDetail {
            course: CourseView::from(course),
            instructor: instructor(&outline, author),
            stats: stats(&outline),
            modules: modules(&outline, edits),
            enrollment: own,
        };
        Ok(Revised(outline.course.rev, Json(detail)))
    }
}

async fn find(app: &App, school: &School, named: &IdOr<CourseKind, Slug>) -> Result<Option<CourseId>> {
    let slug = match named {
        IdOr::Id(id) => return Ok(Some(*id)),
        IdOr::Alias(slug) => slug,
    };
    let key = keys::slug(school, slug);
    let pointer = app.store.get::<CoursePointer>(&key, Consistency::Eventual).await?;
    Ok(pointer.map(|pointer| pointer.value.target))
}

fn instructor(outline: &CourseOutline, author: Option<Account>) -> InstructorView {
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

fn own_enrollment(
    outline: &CourseOutline,
    enrollment: &Enrollment,
    progress: &HashMap<LessonId, LessonProgress>,
) -> OwnEnrollment {
    OwnEnrollment {
        id: enrollment.id,
        status: enrollment.status,
        enrolled_at: enrollment.enrolled_at,
        completed_at: enrollment.completed_at,
        progress: summarize(outline.visible_lessons().map(|lesson| progress.get(&lesson.id))),
    }
}
