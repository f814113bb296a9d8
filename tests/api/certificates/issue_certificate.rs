//! course.completed → a certificate with the next number

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::{
    certificates::{Certificate, CertificateNo},
    learning::CourseCompleted,
};
use store::{Consistency, keys};
use testkit::every_crash_point;
use tests::{app, consumer, dying};

use crate::certificates::setup::{completed, graduate, numbers, own, stored};

const FUNCTION: &str = "certificates-issue-certificate";

#[tokio::test]
async fn completing_a_course_gives_a_certificate_with_what_was_true_then() {
    let class = graduate().await;
    let own = own(&class.app, &class.learner).await;
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["certificate_no"], "CERT-2026-000001");
    assert_eq!(own[0]["course_id"], class.course.id);
    assert_eq!(own[0]["course_title"], "Rust from the first line");
    assert_eq!(own[0]["status"], "ready");
    let shown =
        class.app.get(format!("/v1/certificates/{}", class.id)).by(&class.learner).send().await.json(200);
    assert_eq!(shown["learner_name"], "Grace Example");
    assert_eq!(shown["instructor_name"], "Ada Example");
    assert_eq!(shown["duration_minutes"], 20);
}

#[tokio::test]
async fn r3_an_event_that_comes_again_issues_nothing() {
    let app = app().await;
    let event = completed(&app, &app.instructor("Ada").await);
    // DynamoDB forgets a request after ten minutes, a receipt stays for months.
    for seconds in [0, 1, 660, 14 * 24 * 3600] {
        app.clock().advance(seconds);
        app.expire().await;
        app.consume(&consumer(FUNCTION), &event).await.unwrap();
        // The certificate would stop the event too: without it, the receipt alone does.
        let school = app.school();
        let id = Certificate::id_for(event.data::<CourseCompleted>().unwrap().enrollment_id);
        let mut change = app.store().transaction(&school);
        change.delete(&keys::certificate(&school, id));
        change.delete(&keys::certificate_no(&school, CertificateNo { year: 2026, sequence: 1 }));
        change.commit().await.unwrap();
    }
    assert_eq!(numbers(&app).await, 1);
    assert_eq!(app.outbox("certificate.issued").await.len(), 1);
}

#[tokio::test]
async fn another_event_of_the_same_enrolment_issues_nothing() {
    let app = app().await;
    let first = completed(&app, &app.instructor("Ada").await);
    let mut second = first.clone();
    second.id = app.app().id();
    app.consume(&consumer(FUNCTION), &first).await.unwrap();
    app.consume(&consumer(FUNCTION), &second).await.unwrap();
    assert_eq!(numbers(&app).await, 1);
}

#[tokio::test]
async fn f1_a_crash_at_any_call_leaves_one_certificate_with_one_number() {
    let points = every_crash_point(
        async || {
            let app = app().await;
            let event = completed(&app, &app.instructor("Ada").await);
            (app, event)
        },
        |(app, _)| app,
        async |(app, event)| {
            let _ = app.consume(&consumer(FUNCTION), event).await;
        },
        async |(app, event), point| {
            app.consume(&consumer(FUNCTION), event).await.unwrap();
            assert_eq!(numbers(app).await, 1, "{point:?}");
            assert_eq!(app.outbox("certificate.issued").await.len(), 1, "{point:?}");
        },
    )
    .await;
    assert!(points >= 6, "{points}");
}

/// M11: eight writers, each of them dying now and then, take the numbers 1 to 64 and leave none out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m11_numbers_are_gapless_under_eight_writers_that_die() {
    let app = Arc::new(app().await);
    let author = app.instructor("Ada").await;
    let events: Vec<_> = (0..64).map(|_| completed(&app, &author)).collect();
    let deaths = Arc::new(AtomicUsize::new(0));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8 {
        let (app, events, deaths) = (Arc::clone(&app), events.clone(), Arc::clone(&deaths));
        writers.spawn(async move {
            // Each event belongs to two writers, as when a queue delivers it twice.
            for (n, event) in
                events.iter().enumerate().filter(|(n, _)| n % 8 == writer || n % 8 == (writer + 3) % 8)
            {
                // Each time it dies somewhat later; a lost race goes back to the queue.
                for polls in (1 + (n + writer) % 4).. {
                    match dying(polls, app.consume(&consumer(FUNCTION), event)).await {
                        Some(Ok(())) => break,
                        Some(Err(_)) => {}
                        None => _ = deaths.fetch_add(1, Ordering::Relaxed),
                    }
                }
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    assert!(deaths.load(Ordering::Relaxed) >= 64, "{deaths:?}");
    assert_eq!(numbers(&app).await, 64);
    let mut taken = BTreeSet::new();
    for event in &events {
        let data: CourseCompleted = event.data().unwrap();
        taken.insert(stored(&app, Certificate::id_for(data.enrollment_id)).await.number.sequence);
    }
    assert_eq!(taken, (1..=64).collect());
    assert_eq!(app.outbox("certificate.issued").await.len(), 64);
}

#[tokio::test]
async fn a_new_year_begins_with_number_one() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    app.consume(&consumer(FUNCTION), &completed(&app, &author)).await.unwrap();
    app.clock().advance(360 * 24 * 3600);
    let event = completed(&app, &author);
    app.consume(&consumer(FUNCTION), &event).await.unwrap();
    let data: CourseCompleted = event.data().unwrap();
    let number = stored(&app, Certificate::id_for(data.enrollment_id)).await.number;
    assert_eq!(number.to_string(), "CERT-2027-000001");
}

#[tokio::test]
async fn r29_every_school_counts_for_itself() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let first = completed(&app, &author);
    let mut elsewhere = completed(&app, &author);
    elsewhere.school = "other".parse().unwrap();
    for event in [&first, &elsewhere] {
        app.consume(&consumer(FUNCTION), event).await.unwrap();
        let data: CourseCompleted = event.data().unwrap();
        let key = keys::certificate(&event.school, Certificate::id_for(data.enrollment_id));
        let certificate = app.store().get(&key, Consistency::Strong).await.unwrap().unwrap();
        assert_eq!(certificate.value.number.to_string(), "CERT-2026-000001", "{}", event.school);
    }
}
