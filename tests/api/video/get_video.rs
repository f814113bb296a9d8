//! GET /v1/videos/{video_id}

use domain::{catalog::Lesson, video::Video};
use serde_json::{Value, json};
use store::{Consistency, Entity, Key, Stored, keys};
use testkit::TestApp;
use tests::{app, enroll, published};

use crate::edge::authorization::film_of;

async fn alter<E: Entity>(app: &TestApp, key: &Key<E>, with: impl FnOnce(&mut E)) {
    let Stored { mut value, rev } = app.store().get(key, Consistency::Strong).await.unwrap().unwrap();
    with(&mut value);
    let school = app.school();
    let mut change = app.store().transaction(&school);
    change.replace(key, &value, rev);
    change.commit().await.unwrap();
}

#[tokio::test]
async fn the_enrolled_watch_what_their_lesson_shows_and_a_preview_is_for_everybody() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let mut course = published(&app, &author, "Knots", &[1]).await;
    let learner = app.student("Grace").await;
    enroll(&app, &learner, &course).await;
    let Video { id, purpose, .. } = film_of(&app, &author, &mut course, false).await;
    let lesson_id = purpose.lesson_id().unwrap();
    let path = format!("/v1/videos/{id}");
    let shown = app.get(&path).by(&learner).send().await.json(200);
    assert_eq!((&shown["lesson_id"], &shown["filename"]), (&json!(lesson_id), &Value::Null));
    let none = json!({ "position_seconds": 0, "watched_seconds": 0, "percent": 0, "completed": false });
    assert_eq!(shown["progress"], none);
    let own = app.get(&path).by(&author).send().await.json(200);
    assert_eq!((&own["filename"], &own["progress"]), (&json!("film.mp4"), &Value::Null));
    app.get(&path).send().await.refused(401, "unauthenticated");

    let school = app.school();
    let lesson = keys::lesson(&school, lesson_id);
    alter(&app, &lesson, |lesson: &mut Lesson| lesson.is_preview = true).await;
    let _ = app.get(&path).send().await.expect(200);
    let _ = app.get(&path).by(&app.student("Passer").await).send().await.expect(200);

    // What a newer one replaced, and what is hidden, is there for its author alone.
    let hidden: [fn(&mut Lesson); 2] =
        [|lesson| lesson.is_published = false, |lesson| lesson.video_id = Some("vid_newer".to_owned())];
    for hide in hidden {
        alter(&app, &lesson, |lesson: &mut Lesson| {
            lesson.is_published = true;
            hide(lesson);
        })
        .await;
        app.get(&path).by(&learner).send().await.refused(404, "not_found");
        app.get(&path).send().await.refused(404, "not_found");
        let _ = app.get(&path).by(&author).send().await.expect(200);
    }
}

#[tokio::test]
async fn a_course_that_went_out_of_sight_keeps_its_learners() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let mut course = published(&app, &author, "Knots", &[1]).await;
    let learner = app.student("Grace").await;
    enroll(&app, &learner, &course).await;
    let video = film_of(&app, &author, &mut course, false).await;
    let _ = app.post(course.path("unpublish")).by(&author).send().await.expect(200);
    let path = format!("/v1/videos/{}", video.id);
    let _ = app.get(&path).by(&learner).send().await.expect(200);
    app.get(&path).by(&app.student("Passer").await).send().await.refused(404, "not_found");
}
