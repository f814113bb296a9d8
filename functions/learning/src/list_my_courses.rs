//! GET /v1/me/courses

use domain::{
    catalog::{CourseCard, Level},
    learning::Enrollment,
};
use kernel::{Page, Result};
use runtime::{
    App, Budget, Caller, Endpoint, Json, ListQuery, Needs, Query, Route, Table, access::SignedIn, get,
};
use schemars::JsonSchema;
use serde::Serialize;
use store::{AnyKey, Consistency, Direction, GSI1, keys};

use crate::EnrollmentView;

/// Lists the caller's enrolments, newest first, with the course and how far they have come.
pub struct ListMyCourses;

/// An enrolment in a list.
#[derive(Serialize, JsonSchema)]
pub struct MyCourse {
    #[serde(flatten)]
    pub enrollment: EnrollmentView,
    pub course: Option<MyCourseCard>,
    pub completed_lessons: u32,
    pub completion_percent: u32,
}

/// The course of an enrolment.
#[derive(Serialize, JsonSchema)]
pub struct MyCourseCard {
    pub title: String,
    pub slug: String,
    pub description: String,
    pub level: Option<Level>,
    pub instructor_name: String,
    pub lesson_count: u32,
    pub duration_minutes: u32,
}

impl Endpoint for ListMyCourses {
    const NAME: &'static str = "learning-list-my-courses";
    const ROUTE: Route = get("/v1/me/courses");
    const SUMMARY: &'static str = "Own enrolments with progress, newest first";
    const BUDGET: Budget = Budget { reads: 3, writes: 0 };
    // Who calls, before their query is even parsed, the enrolments, their cards.
    const WAVES: u32 = 3;
    const NEEDS: Needs = Needs::table(&[Table::QueryIndex(GSI1)]);
    type Access = SignedIn;
    type Input = Query<ListQuery>;
    type Output = Json<Page<MyCourse>>;

    async fn handle(app: &App, caller: Caller<SignedIn>, Query(list): Self::Input) -> Result<Self::Output> {
        let school = &caller.school;
        let own = keys::enrollments_partition(school, caller.access.account.value.id);
        let request = list.page(Direction::Descending);
        let page = app.store.page::<Enrollment>(&own, request, Consistency::Eventual).await?;
        let card_key = |enrollment: &Enrollment| keys::course_card(school, enrollment.course_id);
        let wanted: Vec<AnyKey> =
            page.items.iter().map(|stored| AnyKey::from(&card_key(&stored.value))).collect();
        let mut cards = app.store.batch_get(wanted, Consistency::Eventual).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for enrollment in page.items.iter().map(|stored| &stored.value) {
            let card = cards.take(&card_key(enrollment))?.map(|card| card.value);
            items.push(my_course(enrollment, card));
        }
        Ok(Json(Page { items, next_cursor: page.next_cursor }))
    }
}

fn my_course(enrollment: &Enrollment, card: Option<CourseCard>) -> MyCourse {
    // As of the lesson that was completed last; the course may have grown or shrunk since, and neither may look done.
    let now = card.as_ref().map_or(0, |card| card.lesson_count);
    let total = now.max(enrollment.total_lessons);
    let completed = enrollment.completed_lessons;
    MyCourse {
        enrollment: enrollment.into(),
        completed_lessons: completed,
        completion_percent: (completed * 100).checked_div(total).unwrap_or(0),
        course: card.map(|card| MyCourseCard {
            title: card.title.into(),
            slug: card.slug.into(),
            description: card.description.into(),
            level: card.level,
            instructor_name: card.author_name,
            lesson_count: card.lesson_count,
            duration_minutes: card.duration_minutes,
        }),
    }
}
