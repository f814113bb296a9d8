//! bounces and complaints, as SES tells them → no more mail to that address

use runtime::Listener;
use serde_json::{Value, json};
use testkit::every_crash_point;

use crate::mail::setup::{World, world};

fn bounce() -> Value {
    serde_json::from_str(mail::record_feedback::RecordFeedback::SAMPLE).expect("the sample is JSON")
}

fn complaint() -> Value {
    let mut event = bounce();
    event["eventType"] = json!("Complaint");
    event.as_object_mut().expect("an object").remove("bounce");
    event["complaint"] = json!({
        "complainedRecipients": [{ "emailAddress": "ada@example.org" }],
        "timestamp": "2026-01-01T00:00:01.000Z", "feedbackId": "sample", "complaintFeedbackType": "abuse",
    });
    event
}

/// How many mails come of one more event.
async fn still_gets_mail(world: &World) -> bool {
    let before = world.mailbox.requests();
    world.send(&world.enrolled("Knots")).await.expect("no failure");
    world.mailbox.requests() > before
}

#[tokio::test]
async fn a_bounce_or_a_complaint_ends_mail_to_that_address() {
    for feedback in [bounce(), complaint()] {
        let world = world().await;
        assert!(still_gets_mail(&world).await);
        for _ in 0..2 {
            world.hear(&feedback).await.unwrap();
            assert!(!still_gets_mail(&world).await, "{feedback}");
        }
        world
            .change_account(|user| {
                let mut ignored = kernel::Violations::default();
                user.email = domain::identity::Email::parse("new@example.org", "", &mut ignored).unwrap();
            })
            .await;
        assert!(still_gets_mail(&world).await, "the new address has done nothing");
    }
}

#[tokio::test]
async fn case_does_not_matter() {
    let world = world().await;
    let mut feedback = bounce();
    feedback["mail"]["destination"][0] = json!("Ada@Example.ORG");
    world.hear(&feedback).await.unwrap();
    assert!(!still_gets_mail(&world).await);
}

#[tokio::test]
async fn behind_a_forwarding_our_address_is_meant() {
    let world = world().await;
    let mut feedback = bounce();
    feedback["bounce"]["bouncedRecipients"][0]["emailAddress"] = json!("ada@elsewhere.example");
    world.hear(&feedback).await.unwrap();
    assert!(!still_gets_mail(&world).await);
}

#[tokio::test]
async fn what_passes_by_itself_ends_nothing() {
    let world = world().await;
    let mut full = bounce();
    full["bounce"]["bounceType"] = json!("Transient");
    let mut unsure = bounce();
    unsure["bounce"]["bounceType"] = json!("Undetermined");
    let mut delivered = complaint();
    delivered["eventType"] = json!("Delivery");
    for feedback in [full, unsure, delivered] {
        world.hear(&feedback).await.unwrap();
        assert!(still_gets_mail(&world).await, "{feedback}");
    }
}

#[tokio::test]
async fn another_school_may_still_write() {
    let world = world().await;
    let mut feedback = bounce();
    feedback["mail"]["tags"]["school"][0] = json!("other");
    world.hear(&feedback).await.unwrap();
    assert!(still_gets_mail(&world).await);
}

#[tokio::test]
async fn what_is_not_about_our_mail_becomes_a_dead_letter() {
    let world = world().await;
    for (pointer, value) in [
        ("/mail/tags/school", json!([])),
        ("/mail/tags", json!({})),
        ("/mail/tags/school/0", json!("No School")),
        ("/mail/destination/0", json!("nobody")),
        ("/mail", json!({})),
    ] {
        let mut feedback = bounce();
        *feedback.pointer_mut(pointer).unwrap() = value;
        assert!(world.hear(&feedback).await.is_err(), "{pointer}");
    }
    assert!(still_gets_mail(&world).await);
}

#[tokio::test]
async fn the_address_itself_is_not_kept() {
    let world = world().await;
    world.hear(&bounce()).await.unwrap();
    let kept = world.app.dump().await.into_iter().find(|item| item.contains("SUPPRESSION")).unwrap();
    assert!(!kept.contains("ada@example.org"), "{kept}");
}

#[tokio::test]
async fn f1_wherever_it_dies_the_next_delivery_completes_it() {
    let hear = async |world: &World| world.hear(&bounce()).await.unwrap();
    every_crash_point(
        world,
        |world| &world.app,
        hear,
        async |world, point| {
            hear(world).await;
            assert!(!still_gets_mail(world).await, "{point:?}");
        },
    )
    .await;
}

/// SES judges a whole account by what bounces, and strangers' addresses are what bounces.
#[tokio::test]
async fn r28_after_twenty_bounces_in_an_hour_unconfirmed_addresses_get_no_mail_for_a_while() {
    let world = world().await;
    let set = async |confirmed: bool| world.change_account(|user| user.email_verified = confirmed).await;
    let mails = async || {
        for (event, _) in world.asked_for() {
            world.send(&event).await.unwrap();
        }
        world.mails().len()
    };
    set(false).await;
    let hear = async |number: usize, feedback: Value| {
        let mut feedback = feedback;
        feedback["mail"]["destination"][0] = json!(format!("nobody{number}@example.org"));
        world.hear(&feedback).await.unwrap();
    };
    // Told again, it is the same bounce.
    for _ in 0..25 {
        hear(0, bounce()).await;
    }
    for number in 1..19 {
        hear(number, if number % 2 == 0 { bounce() } else { complaint() }).await;
    }
    assert_eq!(mails().await, 3);
    for number in 19..25 {
        hear(number, bounce()).await;
    }
    assert_eq!(mails().await, 3);
    // Who confirmed the address gets theirs, and the others again when some time has passed.
    set(true).await;
    world.send(&world.password_forgotten()).await.unwrap();
    assert_eq!(world.mails().len(), 4);
    set(false).await;
    world.app.clock().advance(3600 / 20);
    world.send(&world.password_forgotten()).await.unwrap();
    assert_eq!(world.mails().len(), 5);
}
