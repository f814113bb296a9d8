//! Random values that can be had again: a failed test printed its seed, and `SEED=<seed>` makes the same values.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

pub(crate) struct Random(TestRunner);

impl Random {
    #[expect(clippy::disallowed_methods, reason = "whoever replays a test sets the seed by hand")]
    #[expect(clippy::print_stdout, reason = "shown when the test fails")]
    pub(crate) fn new() -> Self {
        let given = std::env::var("SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
        let seed = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        println!("SEED={seed}");
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Self(TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)))
    }

    pub(crate) fn value<S: Strategy>(&mut self, strategy: S) -> S::Value {
        strategy.new_tree(&mut self.0).expect("the strategy makes values").current()
    }
}
