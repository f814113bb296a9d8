//! user.registered, enrollment.created, certificate.rendered → one mail

use domain::{certificates::Rendering, identity::Email};
use emulators::Mailbox;
use kernel::Violations;
use mail::Sender;
use objects::Objects;
use serde_json::json;
use tests::{
    HOME, MAIL_IDENTITY, app_and_mailbox, complete, enroll, published, sender, tripled_and_shuffled,
};

use crate::setup::{PDF, World, world, world_of};

#[tokio::test]
async fn a_new_account_is_welcomed() {
    let world = world().await;
    let event = world.registered(world.ada.id);
    world.send(&event).await.unwrap();
    let mails = world.mails();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("Lectern <no-reply@lectern.test>", &["ada@example.org".to_owned()][..])
    );
    assert_eq!(mail.subject, "Welcome to Lectern");
    assert!(mail.text.starts_with("Hello Ada,\n\n"), "{}", mail.text);
    for body in [&mail.text, &mail.html] {
        assert!(body.contains(HOME) && body.contains("Choose a course"), "{body}");
    }
    assert!(mail.attachments.is_empty());
    assert_eq!(mail.tags["school"], "main");
    assert_eq!(mail.tags["event"], event.id.to_string());
}

#[tokio::test]
async fn until_there_are_pages_no_mail_leads_to_any() {
    let mailbox = Mailbox::new(MAIL_IDENTITY);
    let sender = sender().map(|sender| Sender { home: None, ..sender });
    let world = world_of(sender, mailbox.clone(), mailbox.http_client()).await;
    for event in [world.registered(world.ada.id), world.enrolled("Knots"), world.certified(1).await] {
        world.send(&event).await.unwrap();
    }
    let mails = world.mails();
    assert_eq!(mails.len(), 3);
    for body in mails.iter().flat_map(|mail| [&mail.text, &mail.html]) {
        for invitation in ["Choose a course<", "Choose a course:", "Begin<", "Begin:", HOME] {
            assert!(!body.contains(invitation), "{body}");
        }
        assert_eq!(body.contains("https://"), body.contains("/v1/verify/"), "{body}");
    }
}

#[tokio::test]
async fn a_learner_is_told_of_their_enrolment() {
    let world = world().await;
    world.send(&world.enrolled("Knots & <b>splices</b>")).await.unwrap();
    let mails = world.mails();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(mail.subject, "You are enrolled: Knots & <b>splices</b>");
    assert!(mail.text.contains("\"Knots & <b>splices</b>\" is open to you now."), "{}", mail.text);
    assert!(!mail.html.contains("<b>splices") && mail.html.contains("splices"), "{}", mail.html);
}

#[tokio::test]
async fn a_certificate_comes_with_its_pdf_and_a_link_that_verifies_it() {
    let world = world().await;
    world.send(&world.certified(1).await).await.unwrap();
    let mails = world.mails();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(mail.subject, "Your certificate: Knots");
    for body in [&mail.text, &mail.html] {
        assert!(body.contains("https://lectern.test/v1/verify/CERT-2026-000123"), "{body}");
    }
    let [file] = mail.attachments.as_slice() else { panic!("{mail:?}") };
    assert_eq!(
        (file.file_name.as_str(), file.content_type.as_str()),
        ("CERT-2026-000123.pdf", "application/pdf")
    );
    assert_eq!(file.bytes(), PDF);
}

#[tokio::test]
async fn a_certificate_that_is_made_anew_is_no_news() {
    let world = world().await;
    world.send(&world.certified(2).await).await.unwrap();
    assert_eq!(world.mailbox.requests(), 0);
}

#[tokio::test]
async fn a_certificate_whose_file_is_not_there_waits_for_it() {
    let world = world().await;
    let event = world.certified(1).await;
    let moved = async |to: &str| {
        world.change_certificate(&event, |it| it.rendering.as_mut().unwrap().object = to.to_owned()).await;
    };
    moved("certificates/none.pdf").await;
    assert!(world.send(&event).await.is_err());
    moved("certificates/one.pdf").await;
    world.send(&event).await.unwrap();
    assert_eq!(world.mails().len(), 1);
}

#[tokio::test]
async fn a_late_mail_brings_the_newest_pdf() {
    let world = world().await;
    let event = world.certified(1).await;
    let newer = Rendering { count: 2, object: "certificates/two.pdf".to_owned(), credential: String::new() };
    let files = world.app.app().service::<Objects>().unwrap();
    files.put(&newer.object, "application/pdf", b"%PDF-2".to_vec()).await.unwrap();
    world.change_certificate(&event, |certificate| certificate.rendering = Some(newer)).await;
    world.send(&event).await.unwrap();
    assert_eq!(world.mails()[0].attachments[0].bytes(), b"%PDF-2");
}

#[tokio::test]
async fn another_school_has_its_own_links() {
    let mut world = world().await;
    let school = "other".parse().unwrap();
    world.ada = world.app.person(&school, "Ada", &[]).await;
    world.send(&world.certified(1).await).await.unwrap();
    let mails = world.mails();
    assert!(mails[0].text.contains("https://other.example/v1/verify/CERT-2026-000123"), "{}", mails[0].text);
    assert_eq!(mails[0].tags["school"], "other");
}

#[tokio::test]
async fn the_address_of_now_counts_and_not_the_one_of_the_event() {
    let world = world().await;
    let event = world.registered(world.ada.id);
    world
        .change_account(|user| {
            user.email = Email::parse("new@example.org", "", &mut Violations::default()).unwrap();
        })
        .await;
    world.send(&event).await.unwrap();
    assert_eq!(world.mails()[0].to, ["new@example.org"]);
}

/// Delivers an event that is done without a mail.
async fn is_withheld(world: &World, event: &domain::event::Event) {
    world.send(event).await.expect("no failure");
    assert_eq!((world.mailbox.requests(), world.state(event).await), (0, None));
}

#[tokio::test]
async fn who_is_suspended_or_gone_gets_no_mail() {
    let world = world().await;
    is_withheld(&world, &world.registered(world.app.app().id())).await;
    world.change_account(|user| user.is_active = false).await;
    is_withheld(&world, &world.registered(world.ada.id)).await;
}

#[tokio::test]
async fn without_a_sender_nothing_is_sent_and_nothing_fails() {
    let mailbox = Mailbox::new(MAIL_IDENTITY);
    let world = world_of(None, mailbox.clone(), mailbox.http_client()).await;
    is_withheld(&world, &world.registered(world.ada.id)).await;
}

#[tokio::test]
async fn another_event_or_version_is_not_taken() {
    let world = world().await;
    let event = world.registered(world.ada.id);
    for (event_type, version) in [("user.roles_changed", 1), ("user.registered", 2)] {
        let mut other = event.clone();
        (other.event_type, other.version) = (event_type.to_owned(), version);
        assert!(world.send(&other).await.is_err(), "{event_type} v{version}");
    }
    assert_eq!(world.mailbox.requests(), 0);
}

#[tokio::test]
async fn r1_the_whole_loop_sends_three_mails_whatever_the_queues_do() {
    for seed in 1..=3 {
        let (app, mailbox) = app_and_mailbox(|_| {}).await;
        let account = json!({
            "email": "Grace@example.org", "password": "correct horse battery staple",
            "first_name": "Grace", "last_name": "Hopper",
        });
        let tokens = app.post("/v1/auth/register").json(&account).send().await.json(201);
        let me = app.get("/v1/me").bearer(&tests::text(&tokens, "access_token")).send().await.json(200);
        let grace = testkit::Person {
            id: tests::text(&me, "id").parse().unwrap(),
            token: tests::text(&tokens, "access_token"),
            school: app.school(),
        };
        let author = app.instructor("Ada").await;
        let course = published(&app, &author, "Knots", &[2]).await;
        enroll(&app, &grace, &course).await;
        complete(&app, &grace, &course).await;
        app.carry_as(tripled_and_shuffled(seed)).await;
        let mails = mailbox.messages();
        let mut subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
        subjects.sort_unstable();
        assert_eq!(
            subjects,
            ["Welcome to Lectern", "You are enrolled: Knots", "Your certificate: Knots"],
            "{seed}"
        );
        assert!(mails.iter().all(|mail| mail.to == ["grace@example.org"]), "{seed}");
        let certificate = mails.iter().find(|mail| !mail.attachments.is_empty()).unwrap();
        assert!(certificate.attachments[0].bytes().starts_with(b"%PDF-"), "{seed}");
    }
}
