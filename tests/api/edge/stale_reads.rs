//! Reads that are behind (F2): an eventually consistent read may return an older version of an item, or nothing for a new one.
//! Every route × every caller, where such reads find the table as it was before a round of changes, or empty, beside the
//! same where they find it as it is. Nobody may do what they otherwise may not, and what is written is the same.

use serde_json::json;
use tests::{complete, enroll};

use crate::{
    authorization::{CALLERS, Row, World, rows},
    state::{shape, state},
};

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

/// What each caller is answered, and what the table has afterwards.
async fn story(row: &Row, lag: Lag) -> Vec<(u16, bool, Vec<String>)> {
    let world = World::new().await;
    enroll(&world.app, world.people[2].as_ref().unwrap(), &world.published).await;
    if lag == Lag::SomeChanges {
        world.app.read_behind().await;
    }
    change(&world).await;
    if lag == Lag::Everything {
        world.app.read_far_behind().await;
    }
    let mut told = Vec::new();
    for caller in 0..CALLERS.len() {
        let request = world.request(row, caller, false).await;
        let before = state(&world.app).await;
        let status = request.send().await.status;
        let after = state(&world.app).await;
        told.push((status, after != before, shape(&after)));
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f2_reads_that_are_behind_permit_nothing_and_spoil_nothing() {
    let mut wrong = Vec::new();
    for row in rows() {
        let usual = story(&row, Lag::None).await;
        for lag in [Lag::SomeChanges, Lag::Everything] {
            let behind = story(&row, lag).await;
            for (caller, (usual, behind)) in usual.iter().zip(&behind).enumerate() {
                let what = format!("{} of {:?} by {}, {lag:?} behind", row.route, row.thing, CALLERS[caller]);
                let (status, wrote, table) = behind;
                if *status >= 400 && usual.0 < 400 {
                    // Whoever is told to try again, or that there is nothing yet, has lost nothing.
                    if *wrote {
                        wrong.push(format!("{what}: refused with {status}, but wrote"));
                    }
                    break;
                }
                if *status != usual.0 {
                    wrong.push(format!("{what}: {status} instead of {}", usual.0));
                    break;
                }
                if *table != usual.2 {
                    let others: Vec<_> = table.iter().filter(|item| !usual.2.contains(item)).collect();
                    wrong.push(format!("{what}: leaves {others:#?}"));
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
