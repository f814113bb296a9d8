//! certificate.issued, certificate.changed → a PDF in the bucket

use std::pin::pin;

use certificates::credential;
use domain::certificates::CertificateChanged;
use testkit::every_crash_point;
use tests::{app, complete, consumer, dying, enroll, event, published};

use crate::certificates::setup::{alter, graduate, own, stored, verified};

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
    let claims = verified(&class.app, &made.credential).unwrap();
    assert_eq!(claims.certificate_no.to_string(), class.number);
    assert_eq!(
        (claims.learner_name.as_str(), claims.course_title.as_str()),
        ("Grace Example", "Rust from the first line")
    );
    assert_eq!(claims.rendering, Some(1));
    let link = format!("/URI(https://lectern.test{})", class.verify);
    assert!(class.verify.contains("?code=") && String::from_utf8_lossy(&pdf).contains(&link), "{link}");
    // What the token key signed is no credential, nor the other way round.
    assert!(credential::verify(&class.app.app().config.public_keys, &made.credential).is_err());
    assert!(verified(&class.app, &class.learner.token).is_err());
    let forged = made.credential.replacen('.', ".e", 1);
    assert!(verified(&class.app, &forged).is_err());
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
    let files = class.app.app().service::<objects::Objects>().await.unwrap();
    files.put(&object, "application/pdf", b"half of it".to_vec()).await.unwrap();
    let event = domain::event::Event { id: class.app.app().id(), ..issued(&class).await };
    class.app.consume(&consumer(FUNCTION), &event).await.unwrap();
    assert_eq!(class.app.file(&object).unwrap(), first);
}

/// The event that made the certificate's PDF, which has left the outbox.
async fn issued(class: &crate::certificates::setup::Graduate) -> domain::event::Event {
    use domain::certificates::CertificateIssued;
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

/// Of two deliveries the one that writes the file last need not be the one that commits, so both must print one code; also
/// on a certificate that has none yet.
#[tokio::test]
async fn r1_two_deliveries_at_once_print_the_code_that_is_kept() {
    let class = graduate().await;
    let (app, id) = (&class.app, class.id.parse().unwrap());
    let wanted = || event(app, &CertificateChanged { certificate_id: id, user_id: class.learner.id });
    for polls in 1..24 {
        alter(app, &class.id, |certificate| {
            certificate.code_key = None;
            certificate.renderings += 1;
        })
        .await;
        let (one, other, again) = (wanted(), wanted(), wanted());
        let entry = consumer(FUNCTION);
        let mut first = pin!(app.consume(&entry, &one));
        let done = dying(polls, first.as_mut()).await;
        app.consume(&entry, &other).await.unwrap();
        if done.is_none() {
            first.await.unwrap();
        }
        let object = stored(app, id).await.rendering.unwrap().object;
        let kept = app.file(&object).unwrap();
        alter(app, &class.id, |certificate| certificate.rendering = None).await;
        app.consume(&entry, &again).await.unwrap();
        assert!(app.file(&object).unwrap() == kept, "after {polls} polls the file says something else");
    }
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
            // Who is enrolled is counted and told elsewhere.
            app.sqs().overlook();
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
