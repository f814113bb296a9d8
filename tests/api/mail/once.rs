//! A mail goes out once, or at most once where nobody can know.

use std::sync::Arc;

use aws_smithy_http_client::Builder as HttpBuilder;
use domain::{event::Event, mail::DeliveryState};
use emulators::Mailbox;
use kernel::Code;
use testkit::{Moment, every_crash_point};
use tests::{MAIL_IDENTITY, sender};

use crate::mail::setup::{World, newcomer, token_in, world, world_of};

/// Longer than a claim stands.
const LATER: i64 = 61;
/// The calls of a mail without attachment, in order.
const CALLS: [&str; 5] = ["BatchGetItem", "GetItem", "PutItem", "ses:SendEmail", "PutItem"];
/// The claim and the call to SES among them, counted from 1.
const CLAIMING: usize = 3;
const ASKING: usize = 4;

async fn with_event() -> (World, Event) {
    let world = world().await;
    let event = world.enrolled("Knots");
    (world, event)
}

/// Delivers until it is done, as the queue does, and once more.
async fn deliver_to_the_end(world: &World, event: &Event) {
    let mut done = 0;
    for _ in 0..6 {
        world.app.clock().advance(LATER);
        done += i32::from(world.send(event).await.is_ok());
        if done == 2 {
            return;
        }
    }
    panic!("it never ends");
}

#[tokio::test]
async fn r1_an_event_that_comes_again_is_mailed_once() {
    let (world, event) = with_event().await;
    world.app.tap().reset();
    world.send(&event).await.unwrap();
    assert_eq!(world.app.tap().operations(), CALLS);
    // At once, when a claim would be over, and when a DLQ is redriven after two weeks.
    for seconds in [0, LATER, 14 * 24 * 3600] {
        world.app.clock().advance(seconds);
        world.send(&event).await.unwrap();
    }
    assert_eq!((world.mails().len(), world.mailbox.requests()), (1, 1));
    assert_eq!(world.state(&event).await, Some(DeliveryState::Sent));
    world.send(&world.enrolled("Knots")).await.unwrap();
    assert_eq!(world.mails().len(), 2, "another event is another mail");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r2_deliveries_at_the_same_time_send_one_mail() {
    for _ in 0..20 {
        let (world, event) = with_event().await;
        let world = Arc::new(world);
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let (world, event) = (Arc::clone(&world), event.clone());
                tokio::spawn(async move { world.send(&event).await })
            })
            .collect();
        for racer in racers {
            // Who comes while another is at it comes again.
            if let Err(error) = racer.await.unwrap() {
                assert_eq!(error.code(), Code::UNAVAILABLE, "{error:?}");
            }
        }
        assert_eq!((world.mails().len(), world.mailbox.requests()), (1, 1));
        deliver_to_the_end(&world, &event).await;
        assert_eq!(world.mailbox.requests(), 1);
    }
}

#[tokio::test]
async fn r2_what_ses_did_not_take_is_sent_later() {
    for (status, code) in [
        (429, "TooManyRequestsException"),
        (400, "LimitExceededException"),
        (400, "SendingPausedException"),
        // An unverified sender, above all.
        (400, "MessageRejected"),
        (400, "BadRequestException"),
        (403, "AccessDeniedException"),
        (404, "NotFoundException"),
        (503, "ServiceUnavailable"),
    ] {
        let (world, event) = with_event().await;
        world.mailbox.refuse_next(status, code);
        let error = world.send(&event).await.unwrap_err();
        let told = format!("{error:?}");
        assert!(told.contains(code) && !told.contains('@'), "r32: {told}");
        assert_eq!((world.mails().len(), world.mailbox.requests()), (0, 1), "{code}");
        assert_eq!(world.state(&event).await, Some(DeliveryState::Waiting), "{code}");
        // No claim has to run out.
        world.send(&event).await.unwrap();
        assert_eq!(world.mails().len(), 1, "{code}");
        deliver_to_the_end(&world, &event).await;
        assert_eq!(world.mails().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn r2_without_an_answer_it_is_never_sent_again() {
    let lost = async |breaks: fn(&World), delivered: usize| {
        let (world, event) = with_event().await;
        breaks(&world);
        world.send(&event).await.unwrap();
        assert_eq!(world.state(&event).await, Some(DeliveryState::Unknown));
        deliver_to_the_end(&world, &event).await;
        assert_eq!(world.mails().len(), delivered);
    };
    lost(|world| world.app.tap().break_at(ASKING, Moment::AfterCommit), 1).await;
    lost(|world| world.app.tap().break_at(ASKING, Moment::BeforeSend), 0).await;
    lost(|world| world.mailbox.refuse_next(500, "InternalFailure"), 0).await;
    lost(|world| world.mailbox.refuse_next(504, "GatewayTimeout"), 0).await;
}

#[tokio::test]
async fn r2_where_no_connection_is_made_nothing_went_out() {
    // Over the network, to a port where nobody listens.
    let network = HttpBuilder::new().build_http();
    let world = world_of(sender(), Mailbox::new(MAIL_IDENTITY), network).await;
    let event = world.enrolled("Knots");
    for _ in 0..3 {
        assert!(world.send(&event).await.is_err());
        assert_eq!(world.state(&event).await, Some(DeliveryState::Waiting));
    }
}

#[tokio::test]
async fn r1_a_reply_of_the_table_that_gets_lost_makes_no_second_mail_and_no_missing_one() {
    for call in (1..=CALLS.len()).filter(|call| *call != ASKING) {
        for moment in [Moment::BeforeSend, Moment::AfterCommit] {
            let (world, event) = with_event().await;
            world.app.tap().break_at(call, moment);
            world.send(&event).await.unwrap();
            assert_eq!(world.state(&event).await, Some(DeliveryState::Sent), "{call} {moment:?}");
            deliver_to_the_end(&world, &event).await;
            assert_eq!((world.mails().len(), world.mailbox.requests()), (1, 1), "{call} {moment:?}");
        }
    }
}

#[tokio::test]
async fn r2_a_claim_that_nobody_was_told_of_is_given_back_since_nobody_has_asked_ses() {
    let (world, event) = with_event().await;
    // The claim and each try to send it again.
    world.app.tap().lose(CLAIMING..CLAIMING + 3);
    assert!(world.send(&event).await.is_err());
    assert_eq!(world.app.tap().operations()[CLAIMING - 1..][..3], ["PutItem"; 3]);
    assert_eq!((world.state(&event).await, world.mailbox.requests()), (Some(DeliveryState::Waiting), 0));
    // Not a minute later, when it would be in doubt.
    world.send(&event).await.unwrap();
    assert_eq!((world.mails().len(), world.mailbox.requests()), (1, 1));
}

#[tokio::test]
async fn f1_wherever_it_dies_there_is_never_a_second_mail() {
    let send = async |(world, event): &(World, Event)| world.send(event).await.unwrap();
    let points = every_crash_point(
        with_event,
        |(world, _)| &world.app,
        send,
        async |(world, event), point| {
            // Claimed and not sent looks like claimed and sent.
            let done =
                |call| point.call > call || (point.call == call && point.moment == Moment::AfterCommit);
            let (claimed, sent) = (done(CLAIMING), done(ASKING));
            assert_eq!(world.mails().len(), usize::from(sent), "{point:?}");
            if claimed && !done(CALLS.len()) {
                assert!(world.send(event).await.is_err(), "the claim may still be somebody's: {point:?}");
            }
            deliver_to_the_end(world, event).await;
            assert_eq!(world.mails().len(), usize::from(sent || !claimed), "{point:?}");
        },
    )
    .await;
    assert_eq!(points, CALLS.len() * 2);
}

#[tokio::test]
async fn f1_a_certificate_that_dies_before_its_claim_is_sent_in_full() {
    let with_certificate = async || {
        let world = world().await;
        let event = world.certified(1).await;
        (world, event)
    };
    let send = async |(world, event): &(World, Event)| world.send(event).await.unwrap();
    let check = async |(world, event): &(World, Event), point: testkit::CrashPoint| {
        deliver_to_the_end(world, event).await;
        assert!(world.mails().len() <= 1, "{point:?}");
        // The fourth call is the claim; the third reads the PDF.
        if point.call < 4 {
            assert_eq!(world.mails()[0].attachments.len(), 1, "{point:?}");
        }
    };
    assert_eq!(every_crash_point(with_certificate, |(world, _)| &world.app, send, check).await, 12);
}

/// The calls of a mail that brings a token: who it is for, whether they may have it, the claim with the token's hash.
const CALLS_WITH_TOKEN: [&str; 9] = [
    "BatchGetItem",
    "GetItem",
    "GetItem",
    "GetItem",
    "PutItem",
    "UpdateItem",
    "TransactWriteItems",
    "ses:SendEmail",
    "PutItem",
];
/// What the mail that comes of registering does without: the count of those that a school's people ask for.
const COUNTING: usize = 6;

#[tokio::test]
async fn f1_wherever_it_dies_a_token_that_was_mailed_is_good_and_there_is_never_a_second_mail() {
    for number in 0..3 {
        let with_event = async || {
            let world = newcomer().await;
            let [first, second, third] = world.asked_for();
            (world, [first, second, third].into_iter().nth(number).expect("one of three"))
        };
        let points = every_crash_point(
            with_event,
            |(world, _)| &world.app,
            async |(world, (event, _))| world.send(event).await.unwrap(),
            async |(world, (event, purpose)), point| {
                let done =
                    |call| point.call > call || (point.call == call && point.moment == Moment::AfterCommit);
                let claiming = if number == 0 { COUNTING } else { COUNTING + 1 };
                let (claimed, sent) = (done(claiming), done(claiming + 1));
                let hashes = async || {
                    let items = world.app.dump().await;
                    items.iter().filter(|item| item.contains("et=S(\"one_time_token\")")).count()
                };
                // Never a mail without its hash; a hash without its mail opens nothing, since nobody has its token.
                assert_eq!(hashes().await, usize::from(claimed), "{point:?}");
                deliver_to_the_end(world, event).await;
                assert_eq!(world.mails().len(), usize::from(sent || !claimed), "{point:?}");
                assert_eq!(hashes().await, 1, "{point:?}");
                for mail in world.mails() {
                    let kept = world.kept(&mail, *purpose).await.expect("the hash of what was mailed");
                    assert_eq!(kept.value.user_id, world.ada.id, "{point:?}");
                }
            },
        )
        .await;
        assert_eq!(points, (CALLS_WITH_TOKEN.len() - usize::from(number == 0)) * 2);
    }
}

#[tokio::test]
async fn a_mail_with_a_token_makes_these_calls() {
    let world = newcomer().await;
    world.app.tap().reset();
    world.send(&world.verification_requested()).await.unwrap();
    assert_eq!(world.app.tap().operations(), CALLS_WITH_TOKEN);
    world.app.tap().reset();
    world.send(&world.registered(world.ada.id)).await.unwrap();
    let mut calls = CALLS_WITH_TOKEN.to_vec();
    calls.remove(COUNTING - 1);
    assert_eq!(world.app.tap().operations(), calls);
}

#[tokio::test]
async fn r2_what_ses_did_not_take_is_sent_later_with_a_token_that_is_good_and_counts_once() {
    let world = newcomer().await;
    for (number, (event, purpose)) in world.asked_for().iter().enumerate() {
        for _ in 0..3 {
            world.mailbox.refuse_next(429, "TooManyRequestsException");
            assert!(world.send(event).await.is_err());
        }
        world.send(event).await.unwrap();
        let mails = world.mails();
        assert_eq!(mails.len(), number + 1);
        assert!(world.kept(mails.last().unwrap(), *purpose).await.is_some());
    }
    // Two of five of that kind are gone, not eight.
    for _ in 0..4 {
        world.send(&world.verification_requested()).await.unwrap();
    }
    assert_eq!(world.mails().len(), 6);
}

#[tokio::test]
async fn r1_an_event_with_a_token_that_comes_again_is_mailed_once() {
    let world = newcomer().await;
    for (number, (event, _)) in world.asked_for().iter().enumerate() {
        for seconds in [0, LATER, 60] {
            world.app.clock().advance(seconds);
            world.send(event).await.unwrap();
        }
        assert_eq!(world.mails().len(), number + 1);
    }
    let mails = world.mails();
    assert_ne!(token_in(&mails[0]), token_in(&mails[1]));
}
