//! A route and what it does.

use std::future::Future;

use kernel::{Code, Result};

use crate::{Access, App, Caller, Input, Needs, Output, Route};

/// The most calls to DynamoDB that a request may make when nothing collides. Tests hold every request to it, at a
/// thousand items and at a hundred thousand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    pub reads: u32,
    pub writes: u32,
}

/// One feature behind one route: one file, one Lambda.
pub trait Endpoint: 'static {
    /// The function's name: `<domain>-<verb>-<noun>`, after which its file and its binary are called.
    const NAME: &'static str;
    const ROUTE: Route;
    /// One sentence for the API reference.
    const SUMMARY: &'static str;
    const BUDGET: Budget;
    /// Whether `Idempotency-Key` is honoured: then the handler sends its change by [`Caller::commit`].
    const IDEMPOTENT: bool = false;
    /// What it refuses by itself. What follows from `ROUTE`, `BUDGET`, `IDEMPOTENT`, `Access` and `Input` is derived.
    const ERRORS: &'static [Code] = &[];
    /// The `GET` route of what it creates: `Location` of a 201, with the `id` of the answer between the braces.
    const LOCATION: Option<&'static str> = None;
    /// The most calls that may wait for one another: who calls and the thing, then what hangs on it, then the change. On AWS
    /// each takes 2 to 5 ms. Whatever needs more says why.
    const WAVES: u32 = if Self::BUDGET.writes > 0 { 3 } else { 2 };
    const NEEDS: Needs = Needs::NOTHING;
    /// For how many seconds the distribution may hand out an answer to others who say nothing of who they are. Only for what
    /// is the same for all of them, and may be that old.
    const SHARED_SECONDS: Option<u32> = None;

    type Access: Access;
    type Input: Input;
    type Output: Output;

    /// Answers. When its change loses a race ([`Code::CONFLICT`]), permission is asked and it is called once more: what it
    /// does beside the change must bear that, and tokens are taken by [`Call::take_token`](crate::Call::take_token).
    fn handle(
        app: &App,
        caller: Caller<Self::Access>,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output>> + Send;
}
