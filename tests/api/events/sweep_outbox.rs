//! every 15 minutes: what the stream missed → the queues of the subscribers

use domain::identity::UserRegistered;
use store::metered;
use testkit::{TestApp, every_crash_point};
use tests::{app, schedule};

use crate::events::relay_events::{commit, origin, queued, registered};

async fn sweep(app: &TestApp) -> kernel::Result<()> {
    app.run(&schedule("events-sweep-outbox")).await
}

#[tokio::test]
async fn r4_a_stream_that_was_dead_for_25_hours_loses_nothing() {
    let app = app().await;
    let mut ids = commit(&app, 300).await;
    app.clock().advance(25 * 3600);
    sweep(&app).await.unwrap();
    ids.sort();
    assert_eq!(queued(&app).keys().copied().collect::<Vec<_>>(), ids);
    assert!(app.outbox("").await.is_empty());
    sweep(&app).await.unwrap();
    assert_eq!(queued(&app).values().sum::<usize>(), 300, "once");
}

/// What writes nothing sends no metrics, which are paid for in the hours that have one.
#[tokio::test]
async fn f13_a_tick_with_nothing_to_do_writes_nothing() {
    let app = app().await;
    for schedule in registry::all().schedules {
        let (done, cost) = metered(schedule.run(app.app(), app.app().now())).await;
        done.unwrap();
        assert_eq!(cost.writes, 0, "{}", schedule.names.function());
    }
}

#[tokio::test]
async fn what_is_fresh_is_left_to_the_relay() {
    let app = app().await;
    commit(&app, 20).await;
    sweep(&app).await.unwrap();
    assert!(queued(&app).is_empty());
    app.clock().advance(299);
    commit(&app, 1).await;
    app.clock().advance(2);
    sweep(&app).await.unwrap();
    assert_eq!(queued(&app).len(), 20, "all but the last, which is a moment old");
}

#[tokio::test]
async fn a_queue_that_takes_nothing_raises_an_error_and_the_next_run_has_it_all() {
    let app = app().await;
    let ids = commit(&app, 30).await;
    app.clock().advance(3600);
    app.sqs().refuse(0..1000);
    assert!(sweep(&app).await.is_err());
    assert_eq!(app.outbox("").await.len(), 30);
    app.sqs().refuse(0..0);
    sweep(&app).await.unwrap();
    assert_eq!(queued(&app).keys().copied().collect::<Vec<_>>(), ids);
}

#[tokio::test]
async fn an_item_that_cannot_be_read_holds_up_nobody_and_raises_an_error() {
    let app = app().await;
    let ids = commit(&app, 200).await;
    let school = app.school();
    let poison = (0..34).map(|_| {
        let mut change = app.store().transaction(&school);
        change.event(&origin(&app), &registered(&app));
        let mut item = change.into_items().unwrap().remove(0);
        item.remove("b");
        item
    });
    app.import(poison.collect());
    app.clock().advance(3600);
    let error = sweep(&app).await.unwrap_err();
    assert!(format!("{error:?}").contains("34 events"), "{error:?}");
    assert_eq!(queued(&app).keys().copied().collect::<Vec<_>>(), ids, "all that can be read");
}

/// DynamoDB ends a page at 1 MB: there is more, though fewer came than were asked for.
#[tokio::test]
async fn r4_a_page_that_is_cut_at_a_megabyte_has_a_next_one() {
    const EVENTS: usize = 24;
    let app = app().await;
    let school = app.school();
    // Of one shard, which the last byte of an event's id chooses.
    let mut items = Vec::new();
    while items.len() < EVENTS {
        let data = UserRegistered { first_name: "x".repeat(50_000), ..registered(&app) };
        let mut change = app.store().transaction(&school);
        change.event(&origin(&app), &data);
        let item = change.into_items().unwrap().remove(0);
        if item["PK"].as_s().unwrap().ends_with("#07") {
            items.push(item);
        }
    }
    app.import(items);
    let (mut pages, mut seen, mut cursor) = (0, 0, None::<String>);
    loop {
        let waiting = app.store().waiting_events(&school, 7, cursor.as_deref()).await.unwrap();
        (pages, seen) = (pages + 1, seen + waiting.events.len());
        let Some(next) = waiting.next_cursor else { break };
        cursor = Some(next);
    }
    assert_eq!(seen, EVENTS, "of {pages} pages");
    assert!(pages > 1, "the emulator cuts no page, so this shows nothing");
    app.clock().advance(3600);
    sweep(&app).await.unwrap();
    assert_eq!(queued(&app).len(), EVENTS);
    assert!(app.outbox("").await.is_empty());
}

#[tokio::test]
async fn f1_a_sweeper_that_dies_at_any_call_loses_nothing() {
    let points = every_crash_point(
        async || {
            let app = app().await;
            let ids = commit(&app, 1).await;
            app.clock().advance(3600);
            (app, ids)
        },
        |(app, _)| app,
        async |(app, _)| drop(sweep(app).await),
        async |(app, ids), point| {
            sweep(app).await.unwrap();
            assert_eq!(queued(app).keys().copied().collect::<Vec<_>>(), *ids, "{point:?}");
            assert!(app.outbox("").await.is_empty(), "{point:?}");
        },
    )
    .await;
    assert_eq!(points, 2 * 34, "16 shards in each of two schools, one queue, one deletion");
}
