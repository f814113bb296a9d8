//! Counts what a request costs: calls to DynamoDB, the capacity they consumed, and password hashes, which cost more than
//! everything else. `runtime` logs the figures and the tests hold every route to its declared budget.

use std::{cell::Cell, future::Future};

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// What one request has cost so far.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Meter {
    /// Calls that only read.
    pub reads: u32,
    /// Calls that write.
    pub writes: u32,
    /// Capacity units, read and write together, as DynamoDB reports them.
    pub capacity: f64,
    /// Those of them that were written, which cost five times as much as the others.
    pub written: f64,
    /// Password hashes computed.
    pub hashes: u32,
}

tokio::task_local! {
    static METER: Cell<Meter>;
}

/// Runs `work` and tells what it cost.
pub async fn metered<T>(work: impl Future<Output = T>) -> (T, Meter) {
    METER
        .scope(Cell::new(Meter::default()), async {
            let output = work.await;
            (output, METER.with(Cell::get))
        })
        .await
}

fn change(with: impl FnOnce(&mut Meter)) {
    // Outside a request (the seed, a script) nobody asks.
    let _ = METER.try_with(|cell| {
        let mut meter = cell.get();
        with(&mut meter);
        cell.set(meter);
    });
}

pub(crate) fn read() {
    change(|meter| meter.reads += 1);
}

pub(crate) fn write() {
    change(|meter| meter.writes += 1);
}

/// Notes that a password is being hashed.
pub fn hashing() {
    change(|meter| meter.hashes += 1);
}

fn units<'a>(capacity: impl IntoIterator<Item = &'a ConsumedCapacity>) -> f64 {
    capacity.into_iter().filter_map(ConsumedCapacity::capacity_units).sum()
}

pub(crate) fn consumed<'a>(capacity: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    let units = units(capacity);
    change(|meter| meter.capacity += units);
}

pub(crate) fn consumed_in_writing<'a>(capacity: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    let units = units(capacity);
    change(|meter| {
        meter.capacity += units;
        meter.written += units;
    });
}
