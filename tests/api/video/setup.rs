//! What these tests begin with.

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use testkit::{Person, TestApp};
use tests::{CourseFixture, app, draft, text};

/// An author with a video lesson.
pub(crate) struct Studio {
    pub(crate) app: TestApp,
    pub(crate) author: Person,
    pub(crate) course: CourseFixture,
    pub(crate) lesson: String,
}

pub(crate) async fn studio() -> Studio {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Knots", &[1]).await;
    let body = json!({ "title": "Bowline", "content_type": "video" });
    let added = app.post(format!("/v1/modules/{}/lessons", course.modules[0])).by(&author).json(&body);
    let lesson = text(&added.send().await.json(201), "id");
    Studio { app, author, course, lesson }
}

impl Studio {
    /// Begins an upload of so many bytes.
    pub(crate) async fn begin(&self, bytes: u64) -> Value {
        let body = json!({ "filename": "bowline.mp4", "size_bytes": bytes, "content_type": "video/mp4" });
        let request = self.app.post(format!("/v1/lessons/{}/video", self.lesson)).by(&self.author);
        request.json(&body).send().await.json(201)
    }

    /// The video as its author sees it.
    pub(crate) async fn video(&self, id: &str) -> Value {
        self.app.get(format!("/v1/videos/{id}")).by(&self.author).send().await.json(200)
    }

    /// Where its file is stored.
    pub(crate) fn object(&self, id: &str) -> String {
        format!("uploads/{}/{id}", self.app.school())
    }
}

/// Sends what a browser would: the headers that it was told, and its own.
pub(crate) async fn put(upload: &Value, bytes: Vec<u8>) -> Response {
    let mut request = Client::new().request(Method::PUT, text(upload, "url")).body(bytes);
    for (name, value) in upload["headers"].as_object().into_iter().flatten() {
        request = request.header(name, value.as_str().unwrap());
    }
    request.send().await.unwrap()
}
