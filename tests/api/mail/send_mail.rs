//! user.registered, user.verification_requested, user.password_forgotten, enrollment.created, certificate.rendered,
//! video.failed → one mail

use domain::{certificates::Rendering, identity::Email, video::Purpose};
use emulators::Mailbox;
use kernel::Violations;
use mail::Sender;
use objects::Objects;
use runtime::Listener;
use serde_json::json;
use store::RateLimit;
use tests::{
    HOME, MAIL_IDENTITY, app_and_mailbox, complete, enroll, published, sender, tripled_and_shuffled,
};

use crate::mail::setup::{PDF, World, newcomer, token_in, world, world_of};

#[tokio::test]
async fn a_new_account_is_asked_to_confirm_its_address() {
    let world = newcomer().await;
    let event = world.registered(world.ada.id);
    world.send(&event).await.unwrap();
    let mails = world.mails();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("Lectern <no-reply@lectern.test>", &["ada@example.org".to_owned()][..])
    );
    assert_eq!(mail.subject, "Confirm your address at Lectern");
    assert!(mail.text.starts_with("Hello Ada,\n\n"), "{}", mail.text);
    for body in [&mail.text, &mail.html] {
        assert!(body.contains(&format!("{HOME}/verify-email#{}", token_in(mail))), "{body}");
    }
    assert!(mail.attachments.is_empty());
    assert_eq!(mail.tags["school"], "main");
    assert_eq!(mail.tags["event"], event.id.to_string());
}

#[tokio::test]
async fn who_forgot_the_password_is_led_to_where_they_choose_another() {
    let mailbox = Mailbox::new(MAIL_IDENTITY);
    let with_slash = sender().map(|sender| Sender { home: Some(format!("{HOME}/")), ..sender });
    let slashed = world_of(with_slash, mailbox.clone(), mailbox.http_client()).await;
    for world in [world().await, newcomer().await, slashed] {
        world.send(&world.password_forgotten()).await.unwrap();
        let mails = world.mails();
        let [mail] = mails.as_slice() else { panic!("{mails:?}") };
        assert_eq!(mail.subject, "Choose a new password at Lectern");
        for body in [&mail.text, &mail.html] {
            assert!(body.contains(&format!("{HOME}/reset-password#{}", token_in(mail))), "{body}");
        }
    }
}

#[tokio::test]
async fn whose_file_is_no_video_hears_what_to_do_about_it() {
    let world = world().await;
    let (lesson_id, course_id, recording_id) =
        (world.app.app().id(), world.app.app().id(), world.app.app().id());
    for (purpose, reason, had_another) in [
        (Purpose::Lesson { lesson_id, course_id }, "you uploaded this file as the video of a lesson.", true),
        (Purpose::Trailer { course_id }, "you uploaded this file as the trailer of a course.", true),
        (Purpose::Recording { recording_id }, "you made this recording.", false),
    ] {
        let failed = world.video_failed("holiday <b>\r\nBcc: all@example.org.mp4", purpose);
        world.send(&failed).await.unwrap();
        let mails = world.mails();
        let mail = mails.last().unwrap();
        assert_eq!(mail.to, ["ada@example.org"]);
        assert!(
            mail.subject.starts_with("This video could not be prepared: holiday <b>"),
            "{}",
            mail.subject
        );
        assert!(!mail.subject.contains(['\r', '\n']), "{}", mail.subject);
        for body in [&mail.text, &mail.html] {
            assert!(body.contains("The file has sound but no picture. Upload a video with both."), "{body}");
            assert!(body.contains(&format!("You get this mail because {reason}")), "{body}");
            assert_eq!(body.contains("What was shown in its place before is still there."), had_another);
        }
        assert!(mail.html.contains("holiday &#60;b&#62;"), "{}", mail.html);
    }
    assert_eq!(world.mails().len(), 3);
}

#[tokio::test]
async fn mails_lead_to_the_pages_of_their_school_where_it_has_no_others() {
    let mailbox = Mailbox::new(MAIL_IDENTITY);
    let sender = sender().map(|sender| Sender { home: None, ..sender });
    let mut world = world_of(sender, mailbox.clone(), mailbox.http_client()).await;
    for (school, name, site) in
        [("main", "Bea", "https://lectern.test"), ("other", "Cem", "https://other.example")]
    {
        world.ada = world.app.person(&school.parse().unwrap(), name, &[]).await;
        world.change_account(|user| user.email_verified = false).await;
        let before = world.mails().len();
        for (event, _) in world.asked_for() {
            world.send(&event).await.unwrap();
        }
        let mails = world.mails();
        assert_eq!(mails.len(), before + 3);
        for mail in &mails[before..] {
            let led = ["verify-email", "reset-password"].iter().any(|page| {
                let link = format!("{site}/{page}#{}", token_in(mail));
                mail.text.contains(&link) && mail.html.contains(&link)
            });
            assert!(led, "{}", mail.text);
        }
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
    let event = world.certified(1).await;
    world.send(&event).await.unwrap();
    let mails = world.mails();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(mail.subject, "Your certificate: Knots");
    let mut certificate = None;
    world.change_certificate(&event, |it| certificate = Some(it.clone())).await;
    let certificate = certificate.unwrap();
    let verify_url = certificate.verify_url("https://lectern.test", 1);
    for body in [&mail.text, &mail.html] {
        assert!(body.contains(&verify_url), "{body}");
    }
    // It comes from the certificate, since queues keep events.
    let code = certificate.code(1).unwrap();
    assert!(verify_url.ends_with(&code) && !event.data.to_string().contains(&code), "{event:?}");
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
    let files = world.app.app().service::<Objects>().await.unwrap();
    files.put(&newer.object, "application/pdf", b"%PDF-2".to_vec()).await.unwrap();
    world.change_certificate(&event, |certificate| certificate.rendering = Some(newer)).await;
    world.send(&event).await.unwrap();
    let mail = &world.mails()[0];
    assert_eq!(mail.attachments[0].bytes(), b"%PDF-2");
    let mut code = None;
    world.change_certificate(&event, |certificate| code = certificate.code(2)).await;
    assert!(mail.text.contains(&code.unwrap()), "with the code that is on it: {}", mail.text);
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
    let event = world.enrolled("Knots");
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
    for event in [world.enrolled("Knots"), world.password_forgotten()] {
        is_withheld(&world, &event).await;
    }
}

#[tokio::test]
async fn an_address_that_nobody_confirmed_gets_nothing_but_what_confirms_it() {
    let world = newcomer().await;
    for event in [world.enrolled("Knots"), world.certified(1).await] {
        is_withheld(&world, &event).await;
    }
    for (number, (event, _)) in (1..).zip(world.asked_for()) {
        world.send(&event).await.unwrap();
        assert_eq!(world.mails().len(), number);
    }
}

#[tokio::test]
async fn a_confirmed_address_is_not_asked_again() {
    let world = world().await;
    for event in [world.registered(world.ada.id), world.verification_requested()] {
        is_withheld(&world, &event).await;
    }
}

#[tokio::test]
async fn where_nobody_has_the_address_nobody_gets_a_mail() {
    let world = world().await;
    let mut event = world.password_forgotten();
    event.data = json!({ "user_id": null });
    is_withheld(&world, &event).await;
}

#[tokio::test]
async fn an_address_that_bounced_gets_no_token_either() {
    let world = newcomer().await;
    let bounce = serde_json::from_str(mail::record_feedback::RecordFeedback::SAMPLE).unwrap();
    world.hear(&bounce).await.unwrap();
    for (event, _) in world.asked_for() {
        is_withheld(&world, &event).await;
    }
}

#[tokio::test]
async fn r32_a_token_is_in_the_mail_alone_and_its_hash_in_the_table() {
    let world = newcomer().await;
    for (event, purpose) in world.asked_for() {
        world.send(&event).await.unwrap();
        let mails = world.mails();
        let mail = mails.last().unwrap();
        let kept = world.kept(mail, purpose).await.expect("its hash").value;
        assert_eq!((kept.user_id, kept.email.as_str(), kept.epoch), (world.ada.id, "ada@example.org", 0));
        assert_eq!(mail.tags.values().find(|value| value.contains("lot_")), None);
    }
    let items = world.app.dump().await.join("\n");
    for mail in world.mails() {
        let token = token_in(&mail).strip_prefix("lot_").unwrap();
        assert!(!items.contains(token), "the table has a token");
    }
}

#[tokio::test]
async fn r28_a_school_sends_two_thousand_mails_of_a_kind_an_hour_that_unconfirmed_addresses_ask_for() {
    let world = newcomer().await;
    let limit = RateLimit { name: "mail-unconfirmed-school", burst: u32::MAX, per_seconds: 3600 };
    for _ in 0..1999 {
        let now = world.app.app().now();
        world.app.store().count_in_window(&world.ada.school, limit, "verify-email", now).await.unwrap();
    }
    world.send(&world.verification_requested()).await.unwrap();
    world.send(&world.verification_requested()).await.unwrap();
    assert_eq!(world.mails().len(), 1);
    // However many ask again, newcomers get their first mail, and who forgot the password gets theirs.
    world.send(&world.registered(world.ada.id)).await.unwrap();
    world.send(&world.password_forgotten()).await.unwrap();
    assert_eq!(world.mails().len(), 3);
    // Who confirmed their address is not concerned, nor is another school, nor the next hour.
    world.change_account(|user| user.email_verified = true).await;
    world.send(&world.password_forgotten()).await.unwrap();
    assert_eq!(world.mails().len(), 4);
    world.change_account(|user| user.email_verified = false).await;
    world.app.clock().advance(3600);
    world.send(&world.verification_requested()).await.unwrap();
    assert_eq!(world.mails().len(), 5);
}

#[tokio::test]
async fn without_a_sender_nothing_is_sent_and_nothing_fails() {
    let mailbox = Mailbox::new(MAIL_IDENTITY);
    let world = world_of(None, mailbox.clone(), mailbox.http_client()).await;
    for event in [world.enrolled("Knots"), world.password_forgotten()] {
        is_withheld(&world, &event).await;
    }
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
        let (app, mailbox) = app_and_mailbox(&[]).await;
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
        app.carry_as(tripled_and_shuffled(seed)).await;
        let verify = json!({ "token": token_in(&mailbox.messages()[0]) });
        let _ = app.post("/v1/auth/email/verify").by(&grace).json(&verify).send().await.expect(204);
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
            ["Confirm your address at Lectern", "You are enrolled: Knots", "Your certificate: Knots"],
            "{seed}"
        );
        assert!(mails.iter().all(|mail| mail.to == ["grace@example.org"]), "{seed}");
        let certificate = mails.iter().find(|mail| !mail.attachments.is_empty()).unwrap();
        assert!(certificate.attachments[0].bytes().starts_with(b"%PDF-"), "{seed}");
    }
}
