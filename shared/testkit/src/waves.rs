//! How many calls to DynamoDB wait for one another: on AWS each of those is a round trip, and what goes out together takes
//! the time of one.

use std::sync::{Arc, Mutex};

tokio::task_local! {
    static CHAINS: Arc<Mutex<Chains>>;
}

/// What a request waited for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Chains {
    pub(crate) calls: u32,
    /// The calls of the longest chain.
    pub(crate) longest: u32,
    /// The longest of those whose last call was answered: what comes now had to wait for it.
    answered: u32,
}

/// A call on its way. It is answered when this is dropped.
pub(crate) struct Call {
    chains: Arc<Mutex<Chains>>,
    place: u32,
}

/// Runs `work` and tells what it waited for.
pub(crate) async fn counted<T>(work: impl Future<Output = T>) -> (T, Chains) {
    let chains = Arc::<Mutex<Chains>>::default();
    let output = CHAINS.scope(Arc::clone(&chains), work).await;
    let chains = *chains.lock().expect("no panic inside");
    (output, chains)
}

/// Notes that a call goes out, if it is for something that is counted.
pub(crate) fn begin() -> Option<Call> {
    let chains = CHAINS.try_with(Arc::clone).ok()?;
    let place = {
        let mut chains = chains.lock().expect("no panic inside");
        chains.calls += 1;
        let place = chains.answered + 1;
        chains.longest = chains.longest.max(place);
        place
    };
    Some(Call { chains, place })
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Ok(mut chains) = self.chains.lock() {
            chains.answered = chains.answered.max(self.place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_goes_out_together_is_one_wave() {
        let call = async || {
            let call = begin();
            tokio::task::yield_now().await;
            drop(call);
        };
        let story = async {
            call().await;
            tokio::join!(call(), call(), call());
            call().await;
        };
        let ((), chains) = counted(story).await;
        assert_eq!((chains.calls, chains.longest), (5, 3));
        let ((), chains) = counted(async {}).await;
        assert_eq!((chains.calls, chains.longest), (0, 0));
        assert!(begin().is_none(), "nobody counts");
    }
}
