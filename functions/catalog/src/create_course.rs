//! POST /v1/courses

use domain::catalog::{
    Course, CourseCard, CourseStatus, LANGUAGE_PATTERN, Level, SLUG_MAX, SLUG_PATTERN, check_language,
    check_slug, slugify,
};
use kernel::{CategoryId, Code, Error, Money, Result, Violations};
use runtime::{
    App, Budget, Caller, Created, Endpoint, Json, Needs, Revised, Route, Table, access::Instructor, post,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::keys::{self, CoursePointer};

use crate::{CourseView, fetch};

/// Makes a draft that belongs to the caller.
pub struct CreateCourse;

/// What the course is about. A draft needs a title; publishing needs more.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({
    "title": "Rust from the first line", "description": "Write your first programs and understand why they work.",
    "level": "beginner", "price": { "amount": 0, "currency": "USD" }, "tags": ["rust"],
}))]
pub struct CreateCourseInput {
    #[schemars(length(min = 1, max = 100))]
    pub title: String,
    /// Made of the title when absent.
    #[schemars(length(min = 1, max = SLUG_MAX), extend("pattern" = SLUG_PATTERN))]
    pub slug: Option<String>,
    #[serde(default)]
    #[schemars(length(max = 500), extend("format" = "multiline"))]
    pub description: String,
    /// Markdown.
    #[serde(default)]
    #[schemars(length(max = 8000), extend("format" = "multiline"))]
    pub long_description: String,
    pub level: Option<Level>,
    pub category_id: Option<CategoryId>,
    /// Free when absent.
    #[serde(default)]
    pub price: Money,
    /// BCP 47; `en` when absent.
    #[schemars(length(min = 2, max = 35), extend("pattern" = LANGUAGE_PATTERN))]
    pub language: Option<String>,
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 40)), extend("uniqueItems" = true))]
    pub tags: Vec<String>,
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 200)), extend("uniqueItems" = true))]
    pub objectives: Vec<String>,
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 200)), extend("uniqueItems" = true))]
    pub prerequisites: Vec<String>,
}

impl Endpoint for CreateCourse {
    const NAME: &'static str = "catalog-create-course";
    const ROUTE: Route = post("/v1/courses");
    const SUMMARY: &'static str = "Make a draft course";
    // With an Idempotency-Key the kept reply is read, and once more when the request is refused; a slug made of the
    // title may have to be made once more.
    const BUDGET: Budget = Budget { reads: 4, writes: 2 };
    // A slug that is taken is found by the change that it fails.
    const WAVES: u32 = 5;
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    const IDEMPOTENT: bool = true;
    const ERRORS: &'static [Code] = &[Code::SlugTaken];
    const LOCATION: Option<&'static str> = Some("/v1/courses/{course_id}");
    type Access = Instructor;
    type Input = Json<CreateCourseInput>;
    type Output = Revised<Created<CourseView>>;

    async fn handle(app: &App, caller: Caller<Instructor>, Json(input): Self::Input) -> Result<Self::Output> {
        let mut violations = Violations::default();
        if let Some(slug) = &input.slug {
            check_slug(slug, "/slug", &mut violations);
        }
        if let Some(language) = &input.language {
            check_language(language, "/language", &mut violations);
        }
        violations.finish()?;
        fetch::check_category(app, &caller.school, input.category_id).await?;
        let chosen = input.slug.clone();
        let mut course = draft(app, &caller, input);
        match save(app, &caller, &course).await {
            Err(error) if error.code() == Code::SlugTaken && chosen.is_none() => {
                let unique = &course.id.uuid().simple().to_string()[24..];
                let begin: String = course.slug.chars().take(70).collect();
                course.slug = format!("{}-{unique}", begin.trim_end_matches('-'));
                save(app, &caller, &course).await
            }
            done => done,
        }
    }
}

fn draft(app: &App, caller: &Caller<Instructor>, input: CreateCourseInput) -> Course {
    let title = input.title.trim().to_owned();
    Course {
        id: app.id(),
        author_id: caller.access.0.account.value.id,
        slug: input.slug.or_else(|| slugify(&title)).unwrap_or_else(|| "course".to_owned()),
        title,
        description: input.description,
        long_description: input.long_description,
        level: input.level,
        category_id: input.category_id,
        price: input.price,
        language: input.language.unwrap_or_else(|| "en".to_owned()),
        tags: input.tags,
        objectives: input.objectives,
        prerequisites: input.prerequisites,
        status: CourseStatus::Draft,
        outline: Vec::new(),
        created_at: app.now(),
        updated_at: app.now(),
        published_at: None,
    }
}

async fn save(
    app: &App,
    caller: &Caller<Instructor>,
    course: &Course,
) -> Result<Revised<Created<CourseView>>> {
    let school = &caller.school;
    let author = &caller.access.0.account.value;
    let output = Revised(1, Created(CourseView::from(course)));
    let pointer = CoursePointer { target: course.id };
    let twice = || Error::internal("two courses with one id");
    let mut change = app.store.transaction(school);
    change
        .create(&keys::slug(school, &course.slug), &pointer, || {
            Error::new(Code::SlugTaken, "choose another slug")
        })
        .create(&keys::course(school, course.id), course, twice)
        .create(&keys::course_card(school, course.id), &CourseCard::new(course, author.display_name()), twice)
        .create(&keys::authored(school, author.id, course.id), &pointer, twice);
    caller.commit(app, change, output).await
}
