//! certificate.issued, certificate.changed → a PDF in the bucket

use certificates::credential;
use testkit::every_crash_point;
use tests::{app, complete, enroll, event, published};

use crate::setup::{consumer, graduate, own, stored};

const FUNCTION: &str = "certificates-render-certificate";

#[tokio::test]
async fn the_pdf_carries_a_credential_that_the_school_signed() {
    let class = graduate().await;
    let certificate = stored(&class.app, class.id.parse().unwrap()).await;
    let made = certificate.rendering.unwrap();
    assert_eq!(made.object, format!("certificates/main/{}/1.pdf", class.id));
    let pdf = class.app.file(&made.object).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    assert_eq!(pdf::credential(&pdf), Some(made.credential.as_str()));
    let keys = &class.app.app().config.certificate_keys;
    let claims = credential::verify(keys, &made.credential).unwrap();
    assert_eq!(claims.certificate_no.to_string(), class.number);
    assert_eq!(
        (claims.learner_name.as_str(), claims.course_title.as_str()),
        ("Grace Example", "Rust from the first line")
    );
    // What the token key signed is no credential, nor the other way round.
    assert!(credential::verify(&class.app.app().config.public_keys, &made.credential).is_err());
    assert!(credential::verify(keys, &class.learner.token).is_err());
    let forged = made.credential.replacen('.', ".e", 1);
    assert!(credential::verify(keys, &forged).is_err());
}

#[tokio::test]
async fn r14_the_same_certificate_makes_the_same_file() {
    let class = graduate().await;
    let object = format!("certificates/main/{}/1.pdf", class.id);
    let first = class.app.file(&object).unwrap();
    // As if the process had died after the file was written.
    let id = class.id.parse().unwrap();
    let key = store::keys::certificate(&class.app.school(), id);
    let stored = class.app.store().get(&key, store::Consistency::Strong).await.unwrap().unwrap();
    let mut certificate = stored.value;
    certificate.rendering = None;
    let school = class.app.school();
    let mut change = class.app.store().transaction(&school);
    change.replace(&key, &certificate, stored.rev);
    change.commit().await.unwrap();
    let files = class.app.app().service::<objects::Objects>().unwrap();
    files.put(&object, "application/pdf", b"half of it".to_vec()).await.unwrap();
    let event = domain::event::Event { id: class.app.app().id(), ..issued(&class).await };
    class.app.consume(&consumer(FUNCTION), &event).await.unwrap();
    assert_eq!(class.app.file(&object).unwrap(), first);
}

/// The event that made the certificate's PDF, which has left the outbox.
async fn issued(class: &crate::setup::Graduate) -> domain::event::Event {
    use domain::event::CertificateIssued;
    let certificate = stored(&class.app, class.id.parse().unwrap()).await;
    let data = CertificateIssued {
        certificate_id: certificate.id,
        certificate_no: certificate.number,
        user_id: certificate.user_id,
        course_id: certificate.course_id,
        course_title: certificate.course_title,
        learner_name: certificate.learner_name,
    };
    event(&class.app, &data)
}

#[tokio::test]
async fn f1_a_crash_at_any_call_leaves_one_pdf_announced_once() {
    let points = every_crash_point(
        async || {
            let app = app().await;
            let author = app.instructor("Ada").await;
            let course = published(&app, &author, "Rust", &[1]).await;
            let learner = app.student("Grace").await;
            enroll(&app, &learner, &course).await;
            complete(&app, &learner, &course).await;
            app.relay().await;
            let completed = app.sqs().take("certificates-issue-certificate", 1).remove(0);
            let issue = consumer("certificates-issue-certificate");
            issue.consume(app.app(), completed.body).await.unwrap();
            let event = app.outbox("certificate.issued").await.remove(0);
            (app, learner, event)
        },
        |(app, ..)| app,
        async |(app, _, event)| {
            let _ = app.consume(&consumer(FUNCTION), event).await;
        },
        async |(app, learner, event), point| {
            app.consume(&consumer(FUNCTION), event).await.unwrap();
            let own = own(app, learner).await;
            assert_eq!(own[0]["status"], "ready", "{point:?}");
            assert_eq!(app.outbox("certificate.rendered").await.len(), 1, "{point:?}");
        },
    )
    .await;
    assert!(points >= 8, "{points}");
}
