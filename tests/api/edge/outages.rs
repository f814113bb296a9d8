//! DynamoDB in trouble (F2, F3): every route × every kind of outage × the call from which on it lasts. The answer comes in
//! time and says that it is worth a retry, the table has all of a change or nothing, and the trouble gets at most three
//! times the load. Time is virtual.

use std::{collections::BTreeSet, time::Duration};

use testkit::{Outage, TestApp};
use tests::is_full;
use tokio::{runtime::Builder, time::Instant};

use crate::edge::{
    authorization::{Row, World, rows},
    state::{shape, state},
};

/// As `runtime` has it, and a step of the timer.
const DEADLINE: Duration = Duration::from_millis(4510);
/// After so long all limits have their tokens back.
const REST_SECONDS: i64 = 300;

/// The first of a row's callers who may do it.
fn caller(row: &Row) -> usize {
    row.expected.iter().position(|status| *status < 300).unwrap_or(0)
}

/// The first row of each route.
fn routes() -> Vec<Row> {
    let mut seen = BTreeSet::new();
    rows().into_iter().filter(|row| seen.insert(row.route)).collect()
}

/// Runs a story about a world, in virtual time and in a runtime of its own, which ends with it.
fn in_virtual_time<T>(story: impl AsyncFnOnce(&World) -> T) -> T {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::new().await;
        world.app.use_virtual_time();
        story(&world).await
    })
}

/// What a request does when all is well.
struct Usual {
    status: u16,
    calls: usize,
    /// What it leaves.
    after: Vec<String>,
}

impl Usual {
    fn of(row: &Row) -> Self {
        in_virtual_time(async |world| {
            let request = world.request(row, caller(row), false).await;
            world.app.tap().reset();
            let status = request.send().await.status;
            let calls = world.app.tap().calls();
            Self { status, calls, after: shape(&state(&world.app).await) }
        })
    }
}

/// All of them, or one that is another for each route: what hurts one route by chance hurts its neighbours too.
fn outages(route: usize) -> Vec<Outage> {
    let one = Outage::ALL.into_iter().cycle().skip(route).take(1);
    if is_full() { Outage::ALL.to_vec() } else { one.collect() }
}

/// Where in the list of outages and calls a story goes on.
#[derive(Clone, Copy, PartialEq, Debug)]
struct At {
    outage: usize,
    call: usize,
}

impl At {
    fn next(self, calls: usize) -> Self {
        if self.call < calls {
            Self { call: self.call + 1, ..self }
        } else {
            Self { outage: self.outage + 1, call: 1 }
        }
    }
}

/// Tries a row's outages from `at` on, until one came too late to hinder the change; returns where to go on in a new world.
async fn try_outages(
    world: &World,
    row: &Row,
    usual: &Usual,
    outages: &[Outage],
    mut at: At,
    tripled: &mut usize,
) -> At {
    let app: &TestApp = &world.app;
    let before = state(app).await;
    while let Some(outage) = outages.get(at.outage) {
        let what = format!("{} with {outage:?} from call {} of {}", row.route, at.call, usual.calls);
        let request = world.request(row, caller(row), false).await.racing().may_fail();
        app.app().forget();
        app.tap().fail_from(at.call, *outage);
        let begun = Instant::now();
        let answer = request.send().await;
        let (took, sent) = (begun.elapsed(), app.tap().calls());
        app.tap().reset();
        app.clock().advance(REST_SECONDS);
        let after = state(app).await;

        assert!(took <= DEADLINE, "{what}: answered after {took:?}");
        assert!(sent <= 3 * usual.calls, "{what}: {sent} calls");
        *tripled += usize::from(sent == at.call + 2);
        assert_eq!(answer.status, 503, "{what}: {}", answer.text());
        assert!(answer.header("retry-after").is_some(), "{what}: no Retry-After");
        at = at.next(usual.calls);
        if after != before {
            assert_eq!(shape(&after), usual.after, "{what}: half of it was done");
            return at;
        }
    }
    at
}

#[test]
fn f2_f3_every_route_answers_every_outage_in_time_with_503_after_three_times_the_load_and_leaves_nothing_halved()
 {
    let (mut tries, mut tripled) = (0, 0);
    for (n, row) in routes().into_iter().enumerate() {
        let outages = outages(n);
        let usual = Usual::of(&row);
        assert!(usual.status < 500);
        let end = At { outage: if usual.calls > 0 { outages.len() } else { 0 }, call: 1 };
        let mut at = At { outage: 0, call: 1 };
        while at != end {
            let story =
                async |world: &World| try_outages(world, &row, &usual, &outages, at, &mut tripled).await;
            at = in_virtual_time(story);
        }
        tries += outages.len() * usual.calls;
    }
    println!("{tries} tries, {tripled} of them sent their last call three times");
    let least = if is_full() { 400 } else { 80 };
    assert!(tries > least && tripled > tries / 2, "{tripled} of {tries}: nothing tries again");
}
