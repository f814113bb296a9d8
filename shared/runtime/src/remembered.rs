//! What one call learnt that helps the next in the same process.

use std::{borrow::Borrow, collections::HashMap, hash::Hash, sync::Mutex};

/// Most that is remembered of a kind; then it begins anew. Below 1 MB of access tokens, the longest of it.
const MOST: usize = 1000;

/// Facts that never change, by what they are about: which course a lesson belongs to, what a token says. Everybody's calls
/// share them, so that nothing may be decided on one but where it holds for everybody.
pub struct Remembered<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    /// What is remembered of `key`.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.0.lock().expect("nothing panics while holding it").get(key).cloned()
    }

    /// Remembers `value`, in place of what was remembered of `key`.
    pub fn keep(&self, key: K, value: V) {
        let mut all = self.0.lock().expect("nothing panics while holding it");
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_is_remembered_and_never_more_than_the_most() {
        let squares = Remembered::<usize, usize>::default();
        for n in 0..3 * MOST {
            squares.keep(n, n);
            squares.keep(n, n * n);
            assert_eq!(squares.get(&n), Some(n * n));
            let known = squares.0.lock().unwrap().len();
            assert!((1..=MOST).contains(&known), "{known} after {n}");
        }
        assert_eq!(squares.get(&0), None);
    }
}
