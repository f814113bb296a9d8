//! What these tests begin with.

use domain::video::Video;
use emulators::{Job, MediaConvert, Message};
use kernel::Result;
use objects::Objects;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use store::{Consistency, Stored, keys};
use testkit::{Person, TestApp};
use tests::{CourseFixture, app_and_transcoder, consumer, draft, schedule, text};

/// As a file of MP4 begins.
pub(crate) const BEGINNING: &[u8] = b"\0\0\0\x20ftypisom";
/// As what a browser records begins.
const WEBM: &[u8] = b"\x1a\x45\xdf\xa3webm";

/// Time passes quickly here.
const DAYS: &str = "2000000";

/// An author with a video lesson.
pub(crate) struct Studio {
    pub(crate) app: TestApp,
    pub(crate) mediaconvert: MediaConvert,
    pub(crate) author: Person,
    pub(crate) course: CourseFixture,
    pub(crate) lesson: String,
}

pub(crate) async fn studio() -> Studio {
    let (app, mediaconvert) = app_and_transcoder(&[("ACCESS_TOKEN_SECONDS", DAYS)]).await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Knots", &[1]).await;
    let body = json!({ "title": "Bowline", "content_type": "video" });
    let added = app.post(format!("/v1/modules/{}/lessons", course.modules[0])).by(&author).json(&body);
    let lesson = text(&added.send().await.json(201), "id");
    Studio { app, mediaconvert, author, course, lesson }
}

impl Studio {
    /// Begins an upload of so many bytes.
    pub(crate) async fn begin(&self, bytes: u64) -> Value {
        let body = json!({ "filename": "bowline.mp4", "size_bytes": bytes, "content_type": "video/mp4" });
        let request = self.app.post(format!("/v1/lessons/{}/video", self.lesson)).by(&self.author);
        request.json(&body).send().await.json(201)
    }

    /// A video whose file, of so many bytes, is yet to be written; ten an hour are allowed.
    pub(crate) async fn next(&self, bytes: usize) -> String {
        self.app.clock().advance(400);
        text(&self.begin(bytes as u64).await, "video_id")
    }

    /// Writes its file, past the link.
    pub(crate) async fn write(&self, id: &str, bytes: &[u8]) {
        let objects = self.app.app().service::<Objects>().await.unwrap();
        objects.put(&self.object(id), "video/mp4", bytes.to_vec()).await.unwrap();
    }

    /// A video with its file, and what S3 tells of it.
    pub(crate) async fn uploaded(&self, bytes: &[u8]) -> (String, String) {
        let id = self.next(bytes.len()).await;
        self.write(&id, bytes).await;
        let [told] = &self.told()[..] else { panic!("one event") };
        (id, told.body.clone())
    }

    /// A video whose job was ordered.
    pub(crate) async fn processing(&self) -> (String, Job) {
        let (id, told) = self.uploaded(BEGINNING).await;
        self.start(&told).await.unwrap();
        let job = self.jobs(&id).pop().unwrap();
        (id, job)
    }

    /// What S3 tells of files and nobody has heard, each message once.
    pub(crate) fn told(&self) -> Vec<Message> {
        let messages = self.app.sqs().take("video-start-transcoding", 10_000);
        messages.iter().for_each(|message| self.app.sqs().delete("video-start-transcoding", &message.id));
        messages
    }

    pub(crate) async fn start(&self, told: &str) -> Result<()> {
        self.app.hear(&consumer("video-start-transcoding"), told.to_owned()).await
    }

    /// MediaConvert ends a job so, and tells of it.
    pub(crate) async fn end(&self, job: &Job, detail: &Value) -> Result<()> {
        self.mediaconvert.end(&job.id, detail);
        self.app.hear(&consumer("video-finish-transcoding"), ended(job, detail)).await
    }

    /// Begins a recording; ten a day are allowed.
    pub(crate) async fn record(&self, title: &str) -> Value {
        self.app.clock().advance(24 * 360);
        let body = json!({ "title": title, "project": "Knots", "content_type": "video/webm" });
        self.app.post("/v1/recordings").by(&self.author).json(&body).send().await.json(201)
    }

    /// A recording of a few bytes that can be watched, and its video.
    pub(crate) async fn recorded(&self, title: &str) -> (String, String) {
        let begun = self.record(title).await;
        let id = text(&begun, "video_id");
        self.write(&id, WEBM).await;
        let [told] = &self.told()[..] else { panic!("one event") };
        self.start(&told.body).await.unwrap();
        self.end(&self.jobs(&id)[0], &a_minute()).await.unwrap();
        (text(&begun, "recording_id"), id)
    }

    /// Somebody goes through what was told of videos that are ready.
    pub(crate) async fn attach(&self) {
        for ready in self.app.outbox("video.ready").await {
            self.app.consume(&consumer("catalog-attach-video"), &ready).await.unwrap();
        }
    }

    pub(crate) async fn sweep(&self) -> Result<()> {
        self.app.run(&schedule("video-sweep-videos")).await
    }

    /// Writes a file of what a video was made into, and returns its name.
    pub(crate) async fn made(&self, id: &str, name: &str) -> String {
        let name = format!("videos/{}/{id}/{name}", self.app.school());
        let objects = self.app.app().service::<Objects>().await.unwrap();
        objects.put(&name, "video/mp2t", b"film".to_vec()).await.unwrap();
        name
    }

    /// The jobs of a video, oldest first.
    pub(crate) fn jobs(&self, id: &str) -> Vec<Job> {
        self.mediaconvert.jobs().into_iter().filter(|job| job.metadata["video_id"] == id).collect()
    }

    pub(crate) async fn stored(&self, id: &str) -> Stored<Video> {
        let key = keys::video(&self.app.school(), id.parse().unwrap());
        self.app.store().get(&key, Consistency::Strong).await.unwrap().unwrap()
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

/// A job that has made a minute of film.
pub(crate) fn a_minute() -> Value {
    json!({ "status": "COMPLETE", "outputGroupDetails": [
        { "type": "HLS_GROUP", "outputDetails": [{ "durationInMs": 60_000 }, { "durationInMs": 59_990 }] },
        { "type": "FILE_GROUP" },
    ] })
}

/// What MediaConvert tells of a job that has ended so.
pub(crate) fn ended(job: &Job, detail: &Value) -> String {
    let mut event: Value = serde_json::from_str(&tests::sample("video-finish-transcoding")).unwrap();
    let told = json!({ "jobId": job.id, "userMetadata": job.metadata });
    event["detail"] = told;
    event["detail"].as_object_mut().unwrap().extend(detail.as_object().unwrap().clone());
    event.to_string()
}
