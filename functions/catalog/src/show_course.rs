//! GET /courses/{slug}

use askama::Template;
use domain::{
    catalog::{LessonSummary, Slug},
    identity::User,
};
use kernel::{Code, Result};
use pages::{Content, Html, Language, SERVICES, language};
use runtime::{App, Budget, Caller, Endpoint, Needs, Parameter, Path, Route, Table, access::Public, get};
use serde_json::{Value, json};
use store::{
    Consistency, CourseOutline,
    keys::{self, CoursePointer},
};

use crate::card::{Card, SHARED_SECONDS, decimal, duration};

/// The page of a published course.
pub struct ShowCourse;

#[derive(Template)]
#[template(path = "course.html")]
struct CoursePage<'a> {
    language: Language,
    outline: &'a CourseOutline,
    card: Card<'a>,
    modules: Vec<(&'a str, Vec<&'a LessonSummary>)>,
    author: Option<&'a User>,
    /// The long description as HTML that is safe to show.
    about: String,
}

impl CoursePage<'_> {
    fn lessons(&self, count: usize) -> String {
        self.language.count("course.lessons", u32::try_from(count).unwrap_or(u32::MAX))
    }

    fn minutes(&self, minutes: &u32) -> String {
        duration(self.language, *minutes)
    }

    fn learners(&self) -> String {
        self.language.count("course.learners", self.card.card.enrollment_count)
    }
}

/// A course's slug, or whatever else stands in an address that a person follows: it leads to a page that says so.
pub struct Followed(Option<Slug>);

impl Parameter for Followed {
    const NAME: &'static str = "slug";
    const ERRORS: &'static [Code] = &[];

    fn parse(text: &str) -> std::result::Result<Self, String> {
        Ok(Self(text.parse().ok()))
    }

    fn schema() -> Value {
        json!({ "type": "string", "pattern": Slug::PATTERN })
    }

    fn example() -> String {
        "rust-for-beginners".to_owned()
    }
}

impl Endpoint for ShowCourse {
    const NAME: &'static str = "catalog-show-course";
    const ROUTE: Route = get("/courses/{slug}");
    const SUMMARY: &'static str = "The page of a course";
    const BUDGET: Budget = Budget { reads: 3, writes: 0 };
    // The slug, its course, its author.
    const WAVES: u32 = 3;
    const NEEDS: Needs = Needs { services: &SERVICES, ..Needs::table(&[Table::Query]) };
    const SHARED_SECONDS: Option<u32> = Some(SHARED_SECONDS);
    type Access = Public;
    type Input = Path<Followed>;
    type Output = Html;

    async fn handle(app: &App, caller: Caller<Public>, Path(Followed(slug)): Self::Input) -> Result<Html> {
        let school = &caller.school;
        let Some(slug) = slug else { return Html::absent(app, &caller).await };
        let pointer: Option<CoursePointer> = app
            .store
            .get(&keys::slug(school, &slug), Consistency::Eventual)
            .await?
            .map(|pointer| pointer.value);
        let Some(pointer) = pointer else { return Html::absent(app, &caller).await };
        let outline = app.store.course_outline(school, pointer.target, Consistency::Eventual).await?;
        let Some(outline) = outline.filter(|outline| outline.course.value.is_published()) else {
            return Html::absent(app, &caller).await;
        };
        let course = &outline.course.value;
        let author = app.store.get(&keys::user(school, course.author_id), Consistency::Eventual).await?;
        let author = author.map(|author| author.value);
        let language = language(&caller);
        let page = CoursePage {
            language,
            outline: &outline,
            card: Card { card: &outline.card.value, language },
            modules: modules(&outline),
            author: author.as_ref(),
            about: markup::html(&course.long_description),
        };
        let path = format!("/courses/{}", course.slug);
        let content = Content {
            title: &course.title,
            description: &course.description,
            path: Some(&path),
            about: Some(about(&outline)),
        };
        Html::page(app, &caller, content, &page).await
    }
}

/// The modules that have something to learn, with what learners see of them.
fn modules(outline: &CourseOutline) -> Vec<(&str, Vec<&LessonSummary>)> {
    let places = outline.course.value.outline.iter();
    let modules = places.filter_map(|place| {
        let module = outline.modules.get(&place.id)?;
        let lessons = place.lessons.iter().filter_map(|id| outline.lessons.get(id));
        Some((&*module.value.title, lessons.filter(|lesson| lesson.is_published).collect::<Vec<_>>()))
    });
    modules.filter(|(_, lessons)| !lessons.is_empty()).collect()
}

/// The course as schema.org describes one.
fn about(outline: &CourseOutline) -> Value {
    let (course, card) = (&outline.course.value, &outline.card.value);
    json!({
        "@context": "https://schema.org",
        "@type": "Course",
        "name": course.title,
        "description": course.description,
        "inLanguage": course.language,
        "educationalLevel": course.level,
        "instructor": { "@type": "Person", "name": card.author_name },
        "offers": { "@type": "Offer", "price": decimal(course.price), "priceCurrency": course.price.currency },
        "timeRequired": format!("PT{}M", card.duration_minutes),
    })
}
