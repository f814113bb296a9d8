//! The whole chain under everything that queues may do: course completed → certificate → PDF → mail.

use std::collections::BTreeSet;

use domain::{certificates::Certificate, learning::CourseCompleted};
use emulators::Mailbox;
use serde_json::json;
use testkit::{Person, TestApp};
use tests::{app_and_mailbox, consumer, is_full, text, tripled_and_shuffled};

use crate::certificates::setup::{completed_by, numbers, own, stored};

/// When a queue delivers a message again that was not done.
const VISIBLE_AGAIN_SECONDS: i64 = 180;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_completions_tripled_and_shuffled_with_lost_replies_make_one_certificate_each() {
    let completions = if is_full() { 2_000 } else { 40 };
    let (app, mailbox) = app_and_mailbox(&[]).await;
    let author = app.instructor("Ada").await;
    let mut events = Vec::new();
    for n in 0..completions {
        let learner = app.student(&format!("Grace{n}")).await;
        events.push(completed_by(&app, &author, learner.id));
    }
    for event in &events {
        app.sqs().send("certificates-issue-certificate", &serde_json::to_string(event).unwrap(), None);
    }
    app.tap().lose_every(10);
    let mut tamper = tripled_and_shuffled(42);
    // What lost its reply too often waits for its next turn.
    for _ in 0..20 {
        app.carry_as(&mut tamper).await;
        app.clock().advance(VISIBLE_AGAIN_SECONDS);
    }
    app.tap().reset();
    app.carry_as(&mut tamper).await;

    assert_eq!(numbers(&app).await as usize, completions);
    let mut taken = BTreeSet::new();
    for event in &events {
        let data: CourseCompleted = event.data().unwrap();
        let certificate = stored(&app, Certificate::id_for(data.enrollment_id)).await;
        assert_eq!(certificate.rendering.as_ref().unwrap().count, 1);
        assert!(app.file(&certificate.rendering.unwrap().object).unwrap().starts_with(b"%PDF-"));
        taken.insert(certificate.number.sequence as usize);
    }
    assert_eq!(taken, (1..=completions).collect());
    assert!(app.outbox("").await.is_empty());

    assert_eq!(mailbox.requests(), completions, "one mail each");
    // The mailbox keeps the last thousand.
    let mails = mailbox.messages();
    let attached: BTreeSet<&str> = mails.iter().map(|mail| mail.attachments[0].file_name.as_str()).collect();
    let addresses: BTreeSet<&str> = mails.iter().map(|mail| mail.to[0].as_str()).collect();
    let kept = completions.min(1000);
    assert_eq!((mails.len(), attached.len(), addresses.len()), (kept, kept, kept), "to everybody their own");
}

/// A learner whose certificate has its number and no PDF yet, the inbox of everybody, and the certificate's id.
async fn without_pdf() -> (TestApp, Mailbox, Person, String) {
    let (app, mailbox) = app_and_mailbox(&[]).await;
    let author = app.instructor("Ada").await;
    let learner = app.student("Grace").await;
    let event = completed_by(&app, &author, learner.id);
    app.consume(&consumer("certificates-issue-certificate"), &event).await.unwrap();
    let id = text(&own(&app, &learner).await[0], "id");
    (app, mailbox, learner, id)
}

#[tokio::test]
async fn asking_for_another_pdf_before_the_first_is_there_costs_nobody_their_mail() {
    let (app, mailbox, learner, id) = without_pdf().await;
    let _ = app.post(format!("/v1/certificates/{id}/render")).by(&learner).send().await.expect(202);
    app.carry().await;
    assert_eq!(own(&app, &learner).await[0]["status"], "ready");
    assert_eq!(mailbox.messages().len(), 1);
    // The next one is no news.
    let _ = app.post(format!("/v1/certificates/{id}/render")).by(&learner).send().await.expect(202);
    app.carry().await;
    assert_eq!(mailbox.messages().len(), 1);
}

#[tokio::test]
async fn what_is_revoked_before_its_mail_goes_out_is_not_mailed() {
    let (app, mailbox, learner, id) = without_pdf().await;
    let issued = app.outbox("certificate.issued").await.remove(0);
    app.consume(&consumer("certificates-render-certificate"), &issued).await.unwrap();
    let admin = app.admin("Root").await;
    let reason = json!({ "reason": "A mistake." });
    let _ = app
        .post(format!("/v1/admin/certificates/{id}/revoke"))
        .by(&admin)
        .json(&reason)
        .send()
        .await
        .expect(200);
    app.carry().await;
    assert_eq!(own(&app, &learner).await[0]["status"], "revoked");
    assert!(mailbox.messages().is_empty());
}
