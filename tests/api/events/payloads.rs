//! What events say, whole: payload and envelope of each type, as they stand in the outbox and as they lie in queues.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
};

use domain::{event::Event, event_types};
use emulators::MediaConvert;
use objects::Objects;
use serde_json::{Value, json};
use testkit::{Person, TestApp, TestRequest, redacted};
use tests::{CourseFixture, app_and_transcoder, change_account, consumer, draft, sample, text};

/// Sends a request of a chain that has a name. On the heap, or the story is larger than a thread's stack.
fn chain<'a>(request: TestRequest<'a>, name: &str, status: u16) -> Pin<Box<dyn Future<Output = Value> + 'a>> {
    let request = request.header("x-correlation-id", name);
    Box::pin(async move { request.send().await.json(status) })
}

async fn consume(app: &TestApp, function: &str, event_type: &str) {
    let consumer = consumer(function);
    for event in app.outbox(event_type).await {
        app.consume(&consumer, &event).await.unwrap();
    }
}

/// Times in the order in which they are first met, so that equal ones show.
fn with_numbered_times(value: &mut Value, seen: &mut BTreeMap<String, usize>) {
    match value {
        Value::String(text) if text.len() == 24 && text.ends_with('Z') && text.as_bytes()[10] == b'T' => {
            let next = seen.len() + 1;
            let number = *seen.entry(text.clone()).or_insert(next);
            *text = format!("time {number}");
        }
        Value::Array(items) => items.iter_mut().for_each(|item| with_numbered_times(item, seen)),
        Value::Object(members) => members.values_mut().for_each(|member| with_numbered_times(member, seen)),
        _ => {}
    }
}

/// A video that gets ready, and one that is none.
async fn films(
    app: &TestApp,
    mediaconvert: &MediaConvert,
    author: &Person,
    course: &CourseFixture,
) -> Vec<String> {
    let body = json!({ "title": "Bowline", "content_type": "video", "is_published": false });
    let added = app.post(format!("/v1/modules/{}/lessons", course.modules[0])).by(author).json(&body);
    let lesson = text(&added.send().await.json(201), "id");
    let mut videos = Vec::new();
    for bytes in [b"\0\0\0\x20ftypisom", b"not a film.."] {
        let file =
            json!({ "filename": "bowline.mp4", "size_bytes": bytes.len(), "content_type": "video/mp4" });
        let begun = app.post(format!("/v1/lessons/{lesson}/video")).by(author).json(&file);
        let id = text(&begun.send().await.json(201), "video_id");
        let objects = app.app().service::<Objects>().await.unwrap();
        objects.put(&format!("uploads/{}/{id}", app.school()), "video/mp4", bytes.to_vec()).await.unwrap();
        videos.push(id);
    }
    for message in app.sqs().take("video-start-transcoding", 10) {
        app.hear(&consumer("video-start-transcoding"), message.body.clone()).await.unwrap();
        app.sqs().delete("video-start-transcoding", &message.id);
    }
    let job = mediaconvert.jobs().remove(0);
    let mut ended: Value = serde_json::from_str(&sample("video-finish-transcoding")).unwrap();
    ended["detail"]["jobId"] = json!(job.id);
    ended["detail"]["userMetadata"] = json!(job.metadata);
    app.hear(&consumer("video-finish-transcoding"), ended.to_string()).await.unwrap();
    videos
}

/// A video that its lesson shows, and that somebody watches to the end.
async fn watched(app: &TestApp, author: &Person, token: &str, video: &str) {
    consume(app, "catalog-attach-video", "video.ready").await;
    let shown = app.get(format!("/v1/videos/{video}")).by(author).send().await.json(200);
    let lesson = format!("/v1/lessons/{}", text(&shown, "lesson_id"));
    let rev = app.get(&lesson).by(author).send().await.expect(200).rev();
    let show = app.patch(&lesson).by(author).if_match(rev).json(&json!({ "is_published": true }));
    let _ = show.send().await.expect(200);
    let played = json!({ "watched": [[0, 60]], "position_seconds": 60, "rendition": 720 });
    let heartbeat = app.post(format!("/v1/videos/{video}/progress")).bearer(token).json(&played);
    chain(heartbeat, "watches", 200).await;
}

/// A certificate that is issued, rendered, asked for again and revoked.
async fn certified(app: &TestApp, admin: &Person, token: &str) -> String {
    consume(app, "certificates-issue-certificate", "course.completed").await;
    consume(app, "certificates-render-certificate", "certificate.issued").await;
    let own = app.get("/v1/me/certificates").bearer(token).send().await.json(200);
    let certificate = text(&own["items"][0], "id");
    chain(app.post(format!("/v1/certificates/{certificate}/render")).bearer(token), "asks-again", 202).await;
    let revoke = app.post(format!("/v1/admin/certificates/{certificate}/revoke")).by(admin);
    chain(revoke.json(&json!({ "reason": "A mistake." })), "revokes", 200).await;
    certificate
}

#[tokio::test]
async fn r4_every_event_is_told_whole_and_arrives_as_it_was_told() {
    let (app, mediaconvert) = app_and_transcoder(&[]).await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Root").await);
    let account = json!({
        "email": "grace@example.org", "password": "correct horse battery staple",
        "first_name": "Grace", "last_name": "Hopper",
    });
    let grace = chain(app.post("/v1/auth/register").json(&account), "registers", 201).await;
    let token = text(&grace, "access_token");
    let learner = text(&grace["user"], "id");
    chain(app.post("/v1/auth/email/verify/resend").bearer(&token), "wants-another-mail", 202).await;
    let forgot = json!({ "email": "grace@example.org" });
    chain(app.post("/v1/auth/password/forgot").json(&forgot), "forgot-the-password", 202).await;
    change_account(&app, learner.parse().unwrap(), |user| user.email_verified = true).await;
    let roles = app.put(format!("/v1/admin/users/{learner}/roles")).by(&admin);
    chain(roles.json(&json!({ "roles": ["instructor"] })), "teaches", 200).await;
    let course = draft(&app, &author, "Rust from the first line", &[2]).await;
    let videos = films(&app, &mediaconvert, &author, &course).await;
    chain(app.post(course.path("publish")).by(&author), "publishes", 200).await;
    let enrollment = chain(app.post(course.path("enroll")).bearer(&token), "enrols", 201).await;
    watched(&app, &author, &token, &videos[0]).await;
    for (n, lesson) in course.lessons.iter().enumerate() {
        let done = app.post(format!("/v1/lessons/{lesson}/complete")).bearer(&token);
        chain(done, &format!("completes-{n}"), 200).await;
    }
    let certificate = certified(&app, &admin, &token).await;
    chain(app.post(course.path("unpublish")).by(&author), "unpublishes", 200).await;

    let mut events = app.outbox("").await;
    // Those of one change have the same time and ids in any order.
    events.sort_by_key(|event| (event.occurred_at, event.event_type.clone()));
    let told: BTreeSet<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
    let known: BTreeSet<&str> = event_types().map(|known| known.name).collect();
    assert_eq!(told, known, "let the story above cause each event");
    // Names for the ids, so that it shows which of them stands where.
    let mut whole = json!({
        "people": { "author": author.id, "admin": admin.id, "learner": learner },
        "things": {
            "course": course.id, "lessons": course.lessons, "enrollment": enrollment["id"],
            "certificate": certificate, "videos": videos,
        },
        "events": events,
    });
    with_numbered_times(&mut whole, &mut BTreeMap::new());
    insta::assert_json_snapshot!(redacted(&whole));

    app.relay().await;
    for (event_type, functions) in events::SUBSCRIPTIONS {
        for function in *functions {
            let wanted = events.iter().filter(|event| event.event_type == *event_type);
            let messages = app.sqs().waiting(function);
            let arrived: Vec<Event> =
                messages.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect();
            for event in wanted {
                let copies = arrived.iter().filter(|other| *other == event).count();
                assert_eq!(copies, 1, "{event_type} in the queue of {function}");
            }
        }
    }
}
