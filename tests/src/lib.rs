//! What the tests of many features begin with: an app, and courses made through the API.

mod crowd;

use serde_json::{Value, json};
use testkit::{Person, TestApp};

pub use crowd::fill;

/// An empty school with every feature.
pub async fn app() -> TestApp {
    TestApp::new(&local::registry()).await
}

/// A course that was made through the API.
#[derive(Clone, Debug)]
pub struct CourseFixture {
    pub id: String,
    pub slug: String,
    pub modules: Vec<String>,
    /// In outline order.
    pub lessons: Vec<String>,
}

impl CourseFixture {
    /// A path below the course: `path("publish")`.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/courses/{}/{rest}", self.id)
    }
}

/// The text of a member.
///
/// # Panics
/// It is not text.
#[must_use]
pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} of {value}")).to_owned()
}

/// A draft with one module for each number, of so many text lessons of 10 minutes.
pub async fn draft(app: &TestApp, author: &Person, title: &str, lessons: &[usize]) -> CourseFixture {
    let body = json!({ "title": title, "description": format!("All about {title}."), "level": "beginner" });
    draft_of(app, author, &body, lessons).await
}

/// Like [`draft`], of a given body.
pub async fn draft_of(app: &TestApp, author: &Person, body: &Value, lessons: &[usize]) -> CourseFixture {
    let course = app.post("/v1/courses").by(author).json(body).send().await.json(201);
    let mut made = CourseFixture {
        id: text(&course, "id"),
        slug: text(&course, "slug"),
        modules: vec![],
        lessons: vec![],
    };
    for (m, count) in lessons.iter().enumerate() {
        let body = json!({ "title": format!("Module {}", m + 1) });
        let module = app.post(made.path("modules")).by(author).json(&body).send().await.json(201);
        let module = text(&module, "id");
        for l in 0..*count {
            let body = json!({
                "title": format!("Lesson {}.{}", m + 1, l + 1), "content_type": "text",
                "content": format!("# Lesson {}.{}\n", m + 1, l + 1), "duration_minutes": 10,
            });
            let lesson = app.post(format!("/v1/modules/{module}/lessons")).by(author).json(&body);
            made.lessons.push(text(&lesson.send().await.json(201), "id"));
        }
        made.modules.push(module);
    }
    made
}

/// A published course.
pub async fn published(app: &TestApp, author: &Person, title: &str, lessons: &[usize]) -> CourseFixture {
    let course = draft(app, author, title, lessons).await;
    let _ = app.post(course.path("publish")).by(author).send().await.expect(200);
    course
}

/// Enrols a learner.
pub async fn enroll(app: &TestApp, learner: &Person, course: &CourseFixture) -> Value {
    app.post(course.path("enroll")).by(learner).send().await.json(201)
}
