//! Sits between the SDK and the emulator: counts and names every call, and breaks the one that a test points at.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use tokio::sync::Notify;

use crate::{
    Outage,
    canaries::Canaries,
    grants,
    outage::{in_no_time, may_be_behind},
    waves,
};

/// On which side of a call something happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// The call never leaves.
    BeforeSend,
    /// DynamoDB has done it, but nobody hears so.
    AfterCommit,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// The process dies: the call never returns and its caller is to be dropped.
    Crash(Moment),
    /// The connection breaks: the SDK sees an error and may retry.
    Break(Moment),
    /// The call waits for what the test does meanwhile.
    Hold,
    /// DynamoDB is in trouble, at this call and at all that follow.
    Fail(Outage),
}

#[derive(Debug, Default)]
struct State {
    calls: AtomicUsize,
    armed: Mutex<Option<(usize, Fault)>>,
    /// Every so manieth reply is lost; none when 0.
    losing: AtomicUsize,
    /// The calls whose replies are lost besides.
    lost: Mutex<Range<usize>>,
    /// Who answers reads that may be behind.
    replica: Mutex<Option<String>>,
    virtual_time: AtomicBool,
    operations: Mutex<Vec<String>>,
    /// The armed crash or hold has come.
    reached: Notify,
    released: Notify,
    canaries: Canaries,
}

/// The tap. Clones share it.
#[derive(Clone, Debug)]
pub struct Tap {
    inner: SharedHttpClient,
    state: Arc<State>,
}

impl Tap {
    pub(crate) fn new(inner: SharedHttpClient) -> Self {
        let state = State { canaries: Canaries::new(), ..State::default() };
        Self { inner, state: Arc::new(state) }
    }

    pub(crate) fn canaries(&self) -> &Canaries {
        &self.state.canaries
    }

    /// The same tap over another service: its calls are counted and broken in the same row.
    #[must_use]
    pub fn over(&self, inner: SharedHttpClient) -> Self {
        Self { inner, state: Arc::clone(&self.state) }
    }

    /// Counts from zero again and breaks nothing; reads stay behind.
    pub fn reset(&self) {
        self.state.calls.store(0, Ordering::SeqCst);
        self.state.losing.store(0, Ordering::SeqCst);
        *self.state.armed.lock().expect("no panic inside") = None;
        self.state.operations.lock().expect("no panic inside").clear();
        *self.state.lost.lock().expect("no panic inside") = 0..0;
    }

    /// Calls since the last reset.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.state.calls.load(Ordering::SeqCst)
    }

    /// The operations called since the last reset, in order; those of other services than DynamoDB with the service in front.
    #[must_use]
    pub fn operations(&self) -> Vec<String> {
        self.state.operations.lock().expect("no panic inside").clone()
    }

    /// Resets, and lets the process die at its `call`-th call from now (the first is 1).
    pub fn crash_at(&self, call: usize, moment: Moment) {
        self.arm(call, Fault::Crash(moment));
    }

    /// Resets, and breaks the connection at the `call`-th call from now, once.
    pub fn break_at(&self, call: usize, moment: Moment) {
        self.arm(call, Fault::Break(moment));
    }

    /// Resets, and loses every `period`-th reply from now on: what was asked for is done, and nobody hears so.
    pub fn lose_every(&self, period: usize) {
        self.reset();
        self.state.losing.store(period, Ordering::SeqCst);
    }

    /// Resets, and loses the replies to these calls from now (the first is 1).
    pub fn lose(&self, calls: Range<usize>) {
        self.reset();
        *self.state.lost.lock().expect("no panic inside") = calls;
    }

    /// Resets, and holds the `call`-th call from now back, until [`Tap::release`].
    pub fn hold_at(&self, call: usize) {
        self.arm(call, Fault::Hold);
    }

    /// Returns when a call is held back.
    pub async fn held(&self) {
        self.state.reached.notified().await;
    }

    /// Lets the call go that is held back.
    pub fn release(&self) {
        self.state.released.notify_one();
    }

    /// Resets, and lets DynamoDB fail from the `call`-th call from now on.
    pub fn fail_from(&self, call: usize, outage: Outage) {
        self.arm(call, Fault::Fail(outage));
    }

    /// Lets the DynamoDB at `endpoint` answer reads that need not be consistent.
    pub(crate) fn read_behind(&self, endpoint: String) {
        *self.state.replica.lock().expect("no panic inside") = Some(endpoint);
    }

    /// Lets time stand still while a call is answered.
    pub(crate) fn use_virtual_time(&self) {
        self.state.virtual_time.store(true, Ordering::SeqCst);
    }

    fn arm(&self, call: usize, fault: Fault) {
        self.reset();
        *self.state.armed.lock().expect("no panic inside") = Some((call, fault));
    }

    /// Returns when the armed crash has come.
    pub async fn crashed(&self) {
        self.state.reached.notified().await;
    }
}

impl HttpClient for Tap {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(TapConnector {
            inner: self.inner.http_connector(settings, components),
            state: Arc::clone(&self.state),
        })
    }
}

#[derive(Debug)]
struct TapConnector {
    inner: SharedHttpConnector,
    state: Arc<State>,
}

/// `service:Operation`, as IAM writes it.
fn operation_of(request: &HttpRequest) -> String {
    let path = request.uri().split('?').next().unwrap_or_default();
    match request.headers().get("x-amz-target").and_then(|target| target.split_once('.')) {
        Some(("AmazonSQS", operation)) => format!("sqs:{operation}"),
        Some((_, operation)) => format!("dynamodb:{operation}"),
        None if path.ends_with("/v2/email/outbound-emails") => "ses:SendEmail".to_owned(),
        None if path.contains("/2017-08-29/jobs/") => "mediaconvert:GetJob".to_owned(),
        None if path.ends_with("/2017-08-29/jobs") => "mediaconvert:CreateJob".to_owned(),
        None if path.ends_with("/2017-08-29/probe") => "mediaconvert:Probe".to_owned(),
        None if path.ends_with("/2017-08-29/search") => "mediaconvert:SearchJobs".to_owned(),
        None if request.uri().contains("?delete") => "s3:DeleteObject".to_owned(),
        None if request.uri().contains("list-type=2") => "s3:ListBucket".to_owned(),
        None if ["POST", "PUT"].contains(&request.method()) => "s3:PutObject".to_owned(),
        None if request.uri().contains("uploadId=") => "s3:ListMultipartUploadParts".to_owned(),
        None => "s3:GetObject".to_owned(),
    }
}

impl HttpConnector for TapConnector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let state = Arc::clone(&self.state);
        let number = state.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let operation = operation_of(&request);
        let body = request.body().bytes().unwrap_or_default();
        grants::note(&operation, body);
        state.canaries.note(&operation, body);
        // SES makes the mail itself then, and asks for the permission to send one that was made.
        if operation == "ses:SendEmail" && body.windows(13).any(|part| part == b"\"Attachments\"") {
            grants::note("ses:SendRawEmail", body);
        }
        let on_its_way = operation.starts_with("dynamodb:").then(waves::begin);
        let name = operation.strip_prefix("dynamodb:").unwrap_or(&operation).to_owned();
        state.operations.lock().expect("no panic inside").push(name);
        let armed = state.armed.lock().expect("no panic inside").filter(|(call, fault)| match fault {
            Fault::Fail(_) => *call <= number,
            Fault::Crash(_) | Fault::Break(_) | Fault::Hold => *call == number,
        });
        let period = state.losing.load(Ordering::SeqCst);
        let is_among_the_lost = state.lost.lock().expect("no panic inside").contains(&number);
        let lost = is_among_the_lost || (period > 0 && number.is_multiple_of(period));
        let fault = armed.map(|(_, fault)| fault).or(lost.then_some(Fault::Break(Moment::AfterCommit)));
        let broken = || ConnectorError::io("the connection broke, as the test wants it".into());
        let answer = match fault {
            Some(Fault::Fail(outage)) => outage.answer(&operation, body),
            _ => None,
        };
        if may_be_behind(&operation, body) {
            let replica = state.replica.lock().expect("no panic inside").clone();
            replica.into_iter().for_each(|replica| request.set_uri(replica).expect("an address"));
        }
        let virtual_time = state.virtual_time.load(Ordering::SeqCst);
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            let _until_it_is_answered = on_its_way;
            // What is polled together goes out together, even if the machine is so busy that this one could be answered before
            // the next is made.
            tokio::task::yield_now().await;
            match fault {
                None if virtual_time => in_no_time(inner, request).await,
                None => inner.call(request).await,
                Some(Fault::Fail(_)) => match answer {
                    Some(answer) => Ok(answer),
                    None => std::future::pending().await,
                },
                Some(Fault::Break(Moment::BeforeSend)) => Err(broken()),
                Some(Fault::Break(Moment::AfterCommit)) => {
                    let _ = inner.call(request).await;
                    Err(broken())
                }
                Some(Fault::Crash(moment)) => {
                    if moment == Moment::AfterCommit {
                        let _ = inner.call(request).await;
                    }
                    state.reached.notify_one();
                    std::future::pending().await
                }
                Some(Fault::Hold) => {
                    state.reached.notify_one();
                    state.released.notified().await;
                    inner.call(request).await
                }
            }
        })
    }
}
