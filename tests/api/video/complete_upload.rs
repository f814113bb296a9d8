//! POST /v1/videos/{video_id}/upload/complete

use std::sync::Arc;

use serde_json::{Value, json};
use testkit::{Answer, Moment, every_crash_point};
use tests::text;

use crate::video::setup::{Studio, put, studio};

const PART: usize = 16 * 1024 * 1024;

/// An upload of five parts, all of which have arrived.
struct Sent {
    studio: Studio,
    id: String,
    body: Value,
}

impl Sent {
    async fn complete(&self, body: &Value) -> Answer {
        let path = format!("/v1/videos/{}/upload/complete", self.id);
        self.studio.app.post(path).by(&self.studio.author).json(body).send().await
    }
}

async fn sent() -> Sent {
    let studio = studio().await;
    let begun = studio.begin(4 * PART as u64 + 3).await;
    let mut parts = Vec::new();
    for (n, part) in begun["upload"]["parts"].as_array().unwrap().iter().enumerate() {
        let bytes = if n == 4 { b"end".to_vec() } else { vec![u8::try_from(n).unwrap(); PART] };
        let answer = put(part, bytes).await;
        parts.push(json!({ "number": n + 1, "etag": answer.headers()["etag"].to_str().unwrap() }));
    }
    let body = json!({ "upload_id": begun["upload"]["upload_id"], "parts": parts });
    Sent { studio, id: text(&begun, "video_id"), body }
}

#[tokio::test]
async fn the_parts_become_the_file_in_their_order_however_they_are_named() {
    let sent = sent().await;
    let mut body = sent.body.clone();
    body["parts"].as_array_mut().unwrap().reverse();
    let done = sent.complete(&body).await.json(200);
    assert_eq!(done["status"], "uploaded");
    let file = sent.studio.app.file(&sent.studio.object(&sent.id)).unwrap();
    assert_eq!((file.len(), file[PART], &file[4 * PART..]), (4 * PART + 3, 1, &b"end"[..]));
    assert_eq!(sent.complete(&sent.body).await.json(200), done, "said twice");
    let path = format!("/v1/videos/{}/upload/parts", sent.id);
    let parts = sent.studio.app.post(path).by(&sent.studio.author).json(&json!({ "numbers": [1] }));
    parts.send().await.refused(409, "upload_closed");
    assert_eq!(sent.studio.told().len(), 1);
}

#[tokio::test]
async fn what_has_not_arrived_is_named_and_the_upload_stays_open() {
    let sent = sent().await;
    let mut body = sent.body.clone();
    body["parts"][0]["etag"] = json!("\"another\"");
    let _ = body["parts"].as_array_mut().unwrap().pop();
    let refused = sent.complete(&body).await.refused(422, "validation_failed");
    let expected = [("/parts/0", "unknown_part"), ("/parts", "part_missing")];
    assert_eq!(refused, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    let mut other = sent.body.clone();
    other["upload_id"] = json!("00000000-0000-7000-8000-000000000000");
    sent.complete(&other).await.refused(409, "upload_closed");
    assert_eq!(sent.studio.video(&sent.id).await["status"], "uploading");
    let _ = sent.complete(&sent.body).await.expect(200);
    assert_eq!(sent.studio.told().len(), 1);
}

#[tokio::test]
async fn f1_wherever_it_dies_the_next_try_ends_the_upload() {
    let points = every_crash_point(
        sent,
        |sent| &sent.studio.app,
        async |sent| {
            let _ = sent.complete(&sent.body).await;
        },
        async |sent, point| {
            let done = sent.complete(&sent.body).await;
            assert_eq!(done.status, 200, "{point:?}: {}", done.text());
            assert_eq!(sent.studio.video(&sent.id).await["status"], "uploaded", "{point:?}");
            let file = sent.studio.app.file(&sent.studio.object(&sent.id)).unwrap();
            assert_eq!(file.len(), 4 * PART + 3, "{point:?}");
            assert!(!sent.studio.told().is_empty(), "{point:?}");
        },
    )
    .await;
    assert_eq!(points, 10, "who and video, course, the parts, the file, the video: twice each");
}

#[tokio::test]
async fn while_nobody_knows_what_became_of_it_the_author_is_told_to_ask_again() {
    let sent = sent().await;
    sent.studio.app.tap().break_at(4, Moment::AfterCommit);
    let path = format!("/v1/videos/{}/upload/complete", sent.id);
    let request = sent.studio.app.post(path).by(&sent.studio.author).json(&sent.body);
    request.may_fail().send().await.refused(503, "unavailable");
    assert_eq!(sent.studio.app.tap().calls(), 4, "S3 is asked once, since it may be at it for minutes");
    sent.studio.app.tap().reset();
    assert_eq!(sent.complete(&sent.body).await.json(200)["status"], "uploaded");
    assert_eq!(sent.studio.told().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_is_sent_again_meanwhile_is_named_and_nothing_is_lost() {
    let sent = Arc::new(sent().await);
    let path = format!("/v1/videos/{}/upload/parts", sent.id);
    let signed = sent.studio.app.post(path).by(&sent.studio.author).json(&json!({ "numbers": [5] }));
    let link = signed.send().await.json(200)["parts"][0].clone();
    sent.studio.app.tap().hold_at(4);
    let ending = Arc::clone(&sent);
    let held = tokio::spawn(async move {
        let path = format!("/v1/videos/{}/upload/complete", ending.id);
        let request = ending.studio.app.post(path).by(&ending.studio.author).json(&ending.body).racing();
        request.send().await
    });
    sent.studio.app.tap().held().await;
    assert_eq!(put(&link, b"new".to_vec()).await.status(), 200);
    sent.studio.app.tap().release();
    let refused = held.await.unwrap().refused(422, "validation_failed");
    assert_eq!(refused, [("/parts/4".to_owned(), "unknown_part".to_owned())]);
    assert_eq!(sent.studio.video(&sent.id).await["status"], "uploading");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_ends_meanwhile_is_done_only_where_its_file_is_there() {
    for expired in [false, true] {
        let sent = Arc::new(sent().await);
        sent.studio.app.tap().hold_at(4);
        let ending = Arc::clone(&sent);
        let held = tokio::spawn(async move {
            let path = format!("/v1/videos/{}/upload/complete", ending.id);
            let request = ending.studio.app.post(path).by(&ending.studio.author).json(&ending.body).racing();
            request.send().await
        });
        sent.studio.app.tap().held().await;
        let objects = sent.studio.app.app().service::<objects::Objects>().await.unwrap();
        let (object, upload) = (sent.studio.object(&sent.id), text(&sent.body, "upload_id"));
        let parts = objects.parts(&object, &upload).await.unwrap().unwrap();
        objects.complete_upload(&object, &upload, &parts).await.unwrap();
        if expired {
            sent.studio.app.remove_file(&object);
        }
        sent.studio.app.tap().release();
        let answer = held.await.unwrap();
        if expired {
            answer.refused(409, "upload_closed");
        } else {
            assert_eq!(answer.json(200)["status"], "uploaded");
        }
        assert_eq!(sent.studio.told().len(), 1);
    }
}
