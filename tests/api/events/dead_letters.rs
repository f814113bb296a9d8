//! What a consumer cannot take: it goes to the dead letters with its reason, and the rest flows.

use std::collections::BTreeSet;

use runtime::Queues;
use serde_json::json;
use store::{Consistency, keys};
use testkit::every_crash_point;
use tests::{app, enroll, is_full, published};

const QUEUE: &str = "catalog-count-enrollment";
const DEAD: &str = "catalog-count-enrollment-dead-letters";

#[tokio::test]
async fn r8_a_poison_message_goes_to_the_dead_letters_with_its_reason_and_the_rest_flows() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    app.sqs().send(QUEUE, "{\"id\": ", None);
    app.sqs().send(QUEUE, &json!({ "type": "enrollment.created", "version": 99 }).to_string(), None);
    let learner = app.student("Grace").await;
    enroll(&app, &learner, &course).await;
    for _ in 0..6 {
        app.carry().await;
    }
    let dead = app.sqs().waiting(DEAD);
    assert_eq!(dead.len(), 2);
    assert!(
        dead.iter().all(|letter| letter.reason.as_ref().is_some_and(|reason| !reason.is_empty())),
        "{dead:?}"
    );
    assert!(app.sqs().waiting(QUEUE).is_empty());
    let shown = app.get(format!("/v1/courses/{}", course.id)).send().await.json(200);
    assert_eq!(shown["stats"]["enrollment_count"], 1);
}

/// R10: a broken handler, everything into the dead letters, the handler mended, and all of it sent back twice.
#[tokio::test]
async fn r10_redrive_restores_what_an_outage_broke_however_often_it_runs() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    let card = keys::course_card(&app.school(), course.id.parse().unwrap());
    let stored = app.store().get(&card, Consistency::Strong).await.unwrap().unwrap();
    let school = app.school();
    // Without its card the course cannot be counted for: that is the broken handler.
    let mut change = app.store().transaction(&school);
    change.delete(&card).delete(&keys::slug(&school, "nothing"));
    change.commit().await.unwrap();
    let letters = if is_full() { 500 } else { 50 };
    for number in (0..).take(letters) {
        let event = crate::events::setup::enrolled(&app, &course, number);
        app.sqs().send(QUEUE, &serde_json::to_string(&event).unwrap(), None);
    }
    for _ in 0..6 {
        app.carry().await;
    }
    assert_eq!(app.sqs().waiting(DEAD).len(), letters);

    let mut change = app.store().transaction(&school);
    change.put_over(&card, &stored.value);
    change.commit().await.unwrap();
    let queues = app.app().service::<Queues>().await.unwrap();
    let looked = queues.redrive(QUEUE, true).await.unwrap();
    assert_eq!(looked.len(), letters);
    assert!(looked.iter().all(|letter| letter.reason.as_ref().unwrap().contains("no card")));
    assert_eq!(app.sqs().waiting(DEAD).len(), letters, "a dry run changes nothing");
    let copies = app.sqs().waiting(DEAD);
    assert_eq!(queues.redrive(QUEUE, false).await.unwrap().len(), letters);
    // As if it had died before it took the letters out.
    copies.iter().for_each(|letter| {
        app.sqs().send(DEAD, &letter.body, letter.reason.clone());
    });
    assert_eq!(queues.redrive(QUEUE, false).await.unwrap().len(), letters);
    app.carry().await;
    assert!(app.sqs().waiting(DEAD).is_empty());
    let shown = app.get(format!("/v1/courses/{}", course.id)).send().await.json(200);
    assert_eq!(shown["stats"]["enrollment_count"], letters);
}

#[tokio::test]
async fn r8_every_consumer_sets_aside_what_it_cannot_read() {
    let app = app().await;
    let queues: Vec<&str> =
        registry::all().consumers.iter().map(|consumer| consumer.names.function()).collect();
    for queue in &queues {
        app.sqs().send(queue, "{\"id\": ", None);
    }
    for _ in 0..6 {
        app.carry().await;
    }
    for queue in &queues {
        let dead = app.sqs().waiting(&format!("{queue}-dead-letters"));
        assert_eq!(dead.len(), 1, "{queue}");
        assert!(dead[0].reason.as_ref().is_some_and(|reason| !reason.is_empty()), "{queue}");
    }
}

/// Whoever sends a letter back has it in the one queue or in the other at every moment: never in neither.
#[tokio::test]
async fn r10_a_redrive_that_dies_at_any_call_loses_no_letter() {
    let points = every_crash_point(
        async || {
            let app = app().await;
            for letter in 0..3 {
                app.sqs().send(DEAD, &format!("letter {letter}"), Some("no card".to_owned()));
            }
            app
        },
        |app| app,
        async |app| drop(app.app().service::<Queues>().await.unwrap().redrive(QUEUE, false).await),
        async |app, point| {
            app.sqs().show_all();
            let waiting = [QUEUE, DEAD].map(|queue| app.sqs().waiting(queue));
            let bodies: BTreeSet<String> =
                waiting.into_iter().flatten().map(|message| message.body).collect();
            assert_eq!(
                bodies.into_iter().collect::<Vec<_>>(),
                ["letter 0", "letter 1", "letter 2"],
                "{point:?}"
            );
            let rest = app.app().service::<Queues>().await.unwrap().redrive(QUEUE, false).await.unwrap();
            assert!(rest.iter().all(|letter| letter.reason.as_deref() == Some("no card")), "{point:?}");
            assert!(app.sqs().waiting(DEAD).is_empty(), "{point:?}");
            assert!(app.sqs().waiting(QUEUE).len() >= 3, "{point:?}");
        },
    )
    .await;
    assert_eq!(points, 2 * 8, "two looks, and for each letter a call to send and one to delete");
}
