//! Reads that are behind (F2): an eventually consistent read may return an older version of an item, or nothing for a new one.
//! Every route × every caller, where such reads find the table as it was before a round of changes, or empty, beside the
//! same where they find it as it is. Nobody may do what they otherwise may not, and what is written is the same.

use std::{collections::BTreeSet, rc::Rc};

use serde_json::json;
use testkit::Snapshot;
use tests::{complete, enroll, is_full};

use crate::edge::{
    authorization::{CALLERS, Row, World, rows},
    state::{shape, state},
};

/// Calls that change nothing.
const READS: [&str; 3] = ["BatchGetItem", "GetItem", "Query"];

/// How far reads are behind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lag {
    None,
    /// They miss the round of changes.
    SomeChanges,
    /// Nothing has arrived yet.
    Everything,
}

/// What an old version would permit, show or write back: a role, a lesson, a title, progress, a certificate's state.
async fn change(world: &World) {
    let person = |caller: usize| world.people[caller].as_ref().unwrap();
    let (app, author, admin) = (&world.app, person(3), person(5));
    let roles = app.put(format!("/v1/admin/users/{}/roles", person(4).id)).by(admin);
    let _ = roles.json(&json!({ "roles": ["student"] })).send().await.expect(200);
    let path = format!("/v1/courses/{}", world.published.id);
    let rev = app.get(&path).by(author).send().await.rev();
    let edit = app
        .patch(&path)
        .by(author)
        .if_match(rev)
        .json(&json!({ "title": "Renamed", "price": { "amount": 900, "currency": "EUR" } }));
    let _ = edit.send().await.expect(200);
    complete(app, person(1), &world.published).await;
    let path = format!("/v1/lessons/{}", world.published.lessons[1]);
    let rev = app.get(&path).by(author).send().await.rev();
    let hide = app.patch(&path).by(author).if_match(rev).json(&json!({ "is_preview": false }));
    let _ = hide.send().await.expect(200);
    let revoke = app.post(format!("/v1/admin/certificates/{}/revoke", world.certificate.id)).by(admin);
    let _ = revoke.json(&json!({ "reason": "A mistake." })).send().await.expect(200);
}

/// What a caller is answered, and what the table has afterwards.
struct Told {
    what: String,
    status: u16,
    wrote: bool,
    table: Rc<Vec<String>>,
}

/// The table before a round of changes, and after it.
async fn before_and_after() -> (Snapshot, Snapshot) {
    let world = World::new().await;
    enroll(&world.app, world.people[2].as_ref().unwrap(), &world.published).await;
    let before = world.app.snapshot().await;
    change(&world).await;
    (before, world.app.snapshot().await)
}

/// Each row by each caller, one after the other in one world.
async fn story(rows: &[Row], (before, after): &(Snapshot, Snapshot), lag: Lag) -> Vec<Told> {
    let world = World::at(after).await;
    match lag {
        Lag::None => {}
        Lag::SomeChanges => world.app.read_behind(before).await,
        Lag::Everything => world.app.read_far_behind().await,
    }
    let mut before = state(&world.app).await;
    let mut table = Rc::new(shape(&before));
    let mut told = Vec::new();
    for row in rows {
        for (caller, name) in CALLERS.iter().enumerate() {
            let what = format!("{} of {:?} by {name}, {lag:?} behind", row.route, row.thing);
            let request = world.request(row, caller, false).await;
            world.app.tap().reset();
            let status = request.send().await.status;
            let mut wrote = false;
            // To look at a table takes longer than most requests, so it is left to those that did more than read.
            if world.app.tap().operations().iter().any(|operation| !READS.contains(&operation.as_str())) {
                let after = state(&world.app).await;
                wrote = after != before;
                table = Rc::new(shape(&after));
                before = after;
            }
            told.push(Told { what, status, wrote, table: Rc::clone(&table) });
        }
    }
    told
}

/// All rows that only read in one world, and the first row of each route that writes in one of its own.
fn groups() -> Vec<Vec<Row>> {
    let (reading, writing): (Vec<Row>, Vec<Row>) =
        rows().into_iter().partition(|row| row.route.starts_with("GET "));
    let mut seen = BTreeSet::new();
    let first = writing.into_iter().filter(|row| seen.insert(row.route)).map(|row| vec![row]);
    std::iter::once(reading).chain(first).collect()
}

/// How far reads are behind for a group: both ways, or for a route that writes one that is another for its neighbour.
fn lags(group: usize) -> &'static [Lag] {
    match group {
        _ if group == 0 || is_full() => &[Lag::SomeChanges, Lag::Everything],
        odd if odd % 2 == 1 => &[Lag::SomeChanges],
        _ => &[Lag::Everything],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f2_reads_that_are_behind_permit_nothing_and_spoil_nothing() {
    let (mut wrong, mut behind_at_all) = (Vec::new(), 0);
    // On the heap, or the future is larger than a thread's stack.
    let states = Box::pin(before_and_after()).await;
    for (group, rows) in groups().into_iter().enumerate() {
        let usual = Box::pin(story(&rows, &states, Lag::None)).await;
        for &lag in lags(group) {
            for (usual, told) in usual.iter().zip(Box::pin(story(&rows, &states, lag)).await) {
                let what = &told.what;
                if told.status >= 400 && usual.status < 400 {
                    behind_at_all += 1;
                    // Whoever is told to try again, or that there is nothing yet, has lost nothing. What follows differs.
                    if told.wrote {
                        wrong.push(format!("{what}: refused with {}, but wrote", told.status));
                    }
                    if usual.wrote {
                        break;
                    }
                } else if told.status != usual.status {
                    wrong.push(format!("{what}: {} instead of {}", told.status, usual.status));
                    break;
                } else if told.table != usual.table {
                    let others: Vec<_> =
                        told.table.iter().filter(|item| !usual.table.contains(item)).collect();
                    wrong.push(format!("{what}: leaves {others:#?}"));
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(behind_at_all > 0, "no read was behind, so this proves nothing");
}
