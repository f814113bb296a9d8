//! PATCH /v1/courses/{course_id}

use domain::catalog::{
    Course, CourseStatus, LANGUAGE_PATTERN, Level, SLUG_MAX, SLUG_PATTERN, check_language, check_slug,
};
use kernel::{CategoryId, Code, Error, Money, Result, Violations, is_blank};
use runtime::{
    App, Budget, Caller, Change, Endpoint, IfMatch, Json, Needs, Patch, Revised, Route, Table,
    access::CourseAuthor, patch,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{
    Stored,
    keys::{self, CoursePointer},
};

use crate::{CourseView, fetch};

/// Changes what a course says of itself, also while it is published.
pub struct UpdateCourse;

/// The fields to change.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = json!({ "title": "Rust from the very first line", "price": { "amount": 4900, "currency": "USD" } }))]
pub struct UpdateCourseInput {
    #[schemars(length(min = 1, max = 100))]
    pub title: Change<String>,
    #[schemars(length(min = 1, max = SLUG_MAX), extend("pattern" = SLUG_PATTERN))]
    pub slug: Change<String>,
    #[schemars(length(max = 500), extend("format" = "multiline"))]
    pub description: Change<String>,
    /// Markdown.
    #[schemars(length(max = 8000), extend("format" = "multiline"))]
    pub long_description: Change<String>,
    pub level: Patch<Level>,
    pub category_id: Patch<CategoryId>,
    pub price: Change<Money>,
    /// BCP 47.
    #[schemars(length(min = 2, max = 35), extend("pattern" = LANGUAGE_PATTERN))]
    pub language: Change<String>,
    #[schemars(length(max = 20), inner(length(min = 1, max = 40)), extend("uniqueItems" = true))]
    pub tags: Change<Vec<String>>,
    #[schemars(length(max = 20), inner(length(min = 1, max = 200)), extend("uniqueItems" = true))]
    pub objectives: Change<Vec<String>>,
    #[schemars(length(max = 20), inner(length(min = 1, max = 200)), extend("uniqueItems" = true))]
    pub prerequisites: Change<Vec<String>>,
}

impl Endpoint for UpdateCourse {
    const NAME: &'static str = "catalog-update-course";
    const ROUTE: Route = patch("/v1/courses/{course_id}");
    const SUMMARY: &'static str = "Edit a course";
    const BUDGET: Budget = Budget { reads: 4, writes: 1 };
    // Who calls, the course, what finds it, then the change.
    const WAVES: u32 = 5;
    const NEEDS: Needs = Needs::table(&[Table::Delete, Table::Put, Table::Update]);
    const ERRORS: &'static [Code] = &[Code::SlugTaken];
    type Access = CourseAuthor;
    type Input = (IfMatch, Json<UpdateCourseInput>);
    type Output = Revised<Json<CourseView>>;

    async fn handle(
        app: &App,
        caller: Caller<CourseAuthor>,
        (if_match, Json(input)): Self::Input,
    ) -> Result<Self::Output> {
        let Stored { value: before, rev } = &caller.access.course;
        if_match.check(*rev)?;
        let mut course = before.clone();
        input.apply(&mut course);
        course.title = course.title.trim().to_owned();
        course.updated_at = app.now();
        check(before, &course)?;
        if before.category_id != course.category_id {
            fetch::check_category(app, &caller.school, course.category_id).await?;
        }
        save(app, &caller, before, &course, *rev).await
    }
}

fn check(before: &Course, course: &Course) -> Result<()> {
    let mut violations = Violations::default();
    if before.slug != course.slug {
        check_slug(&course.slug, "/slug", &mut violations);
    }
    if before.language != course.language {
        check_language(&course.language, "/language", &mut violations);
    }
    if course.status == CourseStatus::Published {
        let kept = "a published course keeps its description and level";
        violations.require(!course.description.chars().all(is_blank), "/description", "missing", kept);
        violations.require(course.level.is_some(), "/level", "missing", kept);
    }
    violations.finish()
}

async fn save(
    app: &App,
    caller: &Caller<CourseAuthor>,
    before: &Course,
    course: &Course,
    rev: u64,
) -> Result<Revised<Json<CourseView>>> {
    let school = &caller.school;
    let card = fetch::card(app, school, course.id).await?;
    let mut new_card = card.value.clone();
    new_card.follow_edit(course, &caller.access.user.account.value);
    let mut change = app.store.transaction(school);
    change
        .replace_or(&keys::course(school, course.id), course, rev, IfMatch::stale)
        .replace_card(&card, &new_card);
    if before.slug != course.slug {
        change.delete(&keys::slug(school, &before.slug)).create(
            &keys::slug(school, &course.slug),
            &CoursePointer { target: course.id },
            || Error::new(Code::SlugTaken, "choose another slug"),
        );
    }
    if course.status == CourseStatus::Published && before.category_id != course.category_id {
        for (category, amount) in [(before.category_id, -1), (course.category_id, 1)] {
            if let Some(id) = category {
                change.add(&keys::category(school, id), "course_count", amount);
            }
        }
    }
    caller.commit(app, change, Revised(rev + 1, Json(CourseView::from(course)))).await
}

impl UpdateCourseInput {
    fn apply(self, course: &mut Course) {
        self.title.apply(&mut course.title);
        self.slug.apply(&mut course.slug);
        self.description.apply(&mut course.description);
        self.long_description.apply(&mut course.long_description);
        self.level.apply(&mut course.level);
        self.category_id.apply(&mut course.category_id);
        self.price.apply(&mut course.price);
        self.language.apply(&mut course.language);
        self.tags.apply(&mut course.tags);
        self.objectives.apply(&mut course.objectives);
        self.prerequisites.apply(&mut course.prerequisites);
    }
}
