//! Crash points (F1): kills an action before and after each of its outgoing calls, one run for each, and lets the
//! test look at what is left and deliver the action again. A handler keeps nothing outside its future, so dropping
//! the future at a call is to the rest of the world what SIGKILL is.

use std::ops::AsyncFn;

use crate::{Moment, TestApp};

/// Where an action died.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CrashPoint {
    /// Counts from 1.
    pub call: usize,
    pub of: usize,
    pub moment: Moment,
}

/// Runs `act` on a fresh world for every crash point, then `check`. Gives the number of points.
///
/// # Panics
/// The action made no call, or ended before its crash point came.
pub async fn every_crash_point<W>(
    world: impl AsyncFn() -> W,
    app: impl Fn(&W) -> &TestApp,
    act: impl AsyncFn(&W),
    check: impl AsyncFn(&W, CrashPoint),
) -> usize {
    let dry = world().await;
    app(&dry).tap().reset();
    app(&dry).app().forget();
    act(&dry).await;
    let of = app(&dry).tap().calls();
    // What it leaves in queues is looked at below, once it has died on the way.
    app(&dry).sqs().overlook();
    assert!(of > 0, "the action makes no call");
    for call in 1..=of {
        for moment in [Moment::BeforeSend, Moment::AfterCommit] {
            let point = CrashPoint { call, of, moment };
            let world = world().await;
            let tap = app(&world).tap();
            app(&world).app().forget();
            tap.crash_at(call, moment);
            tokio::select! {
                () = tap.crashed() => {}
                () = act(&world) => panic!("ended before {point:?}"),
            }
            tap.reset();
            check(&world, point).await;
        }
    }
    of * 2
}
