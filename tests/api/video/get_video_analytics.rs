//! GET /v1/videos/{video_id}/analytics

use serde_json::{Value, json};
use testkit::Person;
use tests::{app, consumer, enroll, film_lesson, published};

#[tokio::test]
async fn an_author_sees_who_watched_how_far_and_in_which_quality() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let mut course = published(&app, &author, "Knots", &[1]).await;
    let film = film_lesson(&app, &author, &mut course, 100_000).await;
    let path = format!("/v1/videos/{film}/analytics");
    let nobody = app.get(&path).by(&author).send().await.json(200);
    assert_eq!(
        (&nobody["viewers"], &nobody["completion_rate"], &nobody["average_watched_seconds"]),
        (&json!(0), &Value::Null, &json!(0))
    );
    assert_eq!((nobody["drop_off"].as_array().unwrap().len(), &nobody["qualities"]), (20, &json!([])));
    assert_eq!(nobody["drop_off"][19], json!({ "from_percent": 95, "viewers": 0, "share": 0.0 }));

    let mut learners: Vec<Person> = Vec::new();
    for name in ["Grace", "Hopper", "Linus", "Margaret", "Edsger"] {
        let learner = app.student(name).await;
        enroll(&app, &learner, &course).await;
        learners.push(learner);
    }
    for (n, body) in [
        (0, json!({ "watched": [[0, 50]], "rendition": 480 })),
        (0, json!({ "watched": [[50, 100]], "rendition": 720 })),
        (1, json!({ "watched": [[0, 50]], "rendition": 720 })),
        (2, json!({ "watched": [[0, 5]] })),
        (3, json!({ "watched": [[0, 3]] })),
        // Too little to be told of.
        (4, json!({ "watched": [[0, 1]] })),
    ] {
        let heartbeat = app.post(format!("/v1/videos/{film}/progress")).by(&learners[n]).json(&body);
        let _ = heartbeat.send().await.expect(200);
    }
    for event in app.outbox("video.watched").await {
        app.consume(&consumer("video-fold-watching"), &event).await.unwrap();
    }
    let mut shown = app.get(&path).by(&author).send().await.json(200);
    let drop_off = shown["drop_off"].take();
    assert_eq!(
        shown,
        json!({
            "viewers": 4, "completion_rate": 0.25, "average_watched_seconds": 39, "drop_off": null,
            "qualities": [{ "height": 720, "seconds": 100 }, { "height": 480, "seconds": 50 }],
        })
    );
    let viewers: Vec<u64> =
        drop_off.as_array().unwrap().iter().map(|part| part["viewers"].as_u64().unwrap()).collect();
    assert_eq!(viewers, [&[4][..], &[2; 9], &[1; 10]].concat());
    assert_eq!(drop_off[1], json!({ "from_percent": 5, "viewers": 2, "share": 0.5 }));
    app.get(&path).by(&learners[0]).send().await.refused(404, "not_found");
}
