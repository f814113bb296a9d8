//! What Lectern costs on AWS: calls and capacity measured on the emulator, times the public price list. Everything is
//! rounded up and no free tier is counted, so that a bill is below it.

mod video;

use std::fmt::Write;

use domain::identity::User;
use serde_json::json;
use store::{Consistency, Meter, keys, metered};
use testkit::{Answer, Person, TestApp};
use tests::{CourseFixture, fill, published, text};

use crate::{Result, source};

const BEGIN: &str = "<!-- costs: begin -->\n";
const END: &str = "<!-- costs: end -->";

/// Dollars in us-east-1, as published in 2025 and 2026.
mod price {
    pub(super) const MILLION_CALLS_OF_THE_API: f64 = 1.0;
    pub(super) const MILLION_CALLS_OF_FUNCTIONS: f64 = 0.20;
    /// arm64.
    pub(super) const GIGABYTE_SECOND: f64 = 0.000_013_333_4;
    pub(super) const MILLION_READ_UNITS: f64 = 0.125;
    pub(super) const MILLION_WRITE_UNITS: f64 = 0.625;
    /// A month of it, with the backups.
    pub(super) const GIGABYTE_OF_TABLE: f64 = 0.25 + 0.20;
    pub(super) const GIGABYTE_OF_LOGS: f64 = 0.50;
    /// By CloudFront in the US and Europe; what it asks of AWS costs nothing to send. A terabyte and ten million requests are
    /// free in each month.
    pub(super) const GIGABYTE_OUT: f64 = 0.085;
    pub(super) const MILLION_REQUESTS_OF_THE_EDGE: f64 = 1.0;
    pub(super) const MILLION_RUNS_AT_THE_EDGE: f64 = 0.10;
    /// A month of it, as of all below.
    pub(super) const METRIC: f64 = 0.30;
    pub(super) const ALARM: f64 = 0.10;
    /// In S3.
    pub(super) const GIGABYTE_OF_FILES: f64 = 0.023;
    /// Where originals of videos go after 30 days: S3 Glacier Instant Retrieval.
    pub(super) const GIGABYTE_OF_OLD_ORIGINALS: f64 = 0.004;
    pub(super) const MILLION_WRITES_OF_FILES: f64 = 5.0;
    pub(super) const MILLION_READS_OF_FILES: f64 = 0.40;
    /// MediaConvert on demand, the first step of its Basic tier, a minute of each output: AVC in a single pass with up to 30
    /// frames a second, below 720 lines and from there to 1080. As <https://aws.amazon.com/mediaconvert/pricing> had it in 2025.
    pub(super) const MINUTE_OF_SD: f64 = 0.0075;
    pub(super) const MINUTE_OF_HD: f64 = 0.015;
    pub(super) const MILLION_CALLS_OF_QUEUES: f64 = 0.40;
    /// Without their attachments, which are small.
    pub(super) const MILLION_MAILS: f64 = 100.0;
}

const LEARNERS: f64 = 1000.0;
/// Metrics that `runtime::telemetry` sends; CloudWatch counts the hours in which they come, and a tick that found nothing to do
/// sends none.
const METRICS: f64 = 4.0;
/// Log lines of a request, ours, Lambda's and the API's, in bytes: 500, three of 300, and 400, and their envelopes.
const LOGGED: f64 = 2048.0;
/// Headers of a response in bytes.
const HEADERS: f64 = 512.0;
/// Calls to SQS for a message: sent, received, deleted.
const CALLS_OF_A_MESSAGE: f64 = 3.0;
/// What Lambda asks an empty queue in a month: five at a time, each for 20 seconds.
const POLLS: f64 = 5.0 * 3.0 * 60.0 * 730.0;
/// When video, labs, payments, analytics and community are there.
const PLANNED_QUEUES: f64 = 25.0;
/// Runs of the sweeper in a month.
const SWEEPS: f64 = 4.0 * 730.0;
/// Scripts, styles and words of the site, which a browser loads once in a month with releases: files and bytes.
const ASSETS: (f64, f64) = (30.0, 120e3);
/// All zipped functions in gigabytes: 240 MB, in ten versions.
const PACKAGES: f64 = 2.4;

/// What a learner does in a month, or what is done for them.
struct Deed {
    name: &'static str,
    times: u32,
    /// Calls of functions each time; only the first comes through the API, if it is answered.
    functions: f64,
    /// Messages through queues each time, and how many of them become mails.
    messages: f64,
    mails: f64,
    /// Memory of the function in gigabytes, and the time it is billed: about ten times what it takes when it is warm.
    memory: f64,
    seconds: f64,
    cost: Meter,
    /// The answer, if anybody gets one.
    answered: Option<usize>,
}

impl Deed {
    fn of(name: &'static str, times: u32, answer: &Answer) -> Self {
        let answered = Some(answer.body.len());
        Self {
            name,
            times,
            functions: 1.0,
            messages: 0.0,
            mails: 0.0,
            memory: 0.25,
            seconds: 0.1,
            cost: answer.cost,
            answered,
        }
    }

    fn of_carrying(name: &'static str) -> Self {
        Self {
            name,
            times: 1,
            functions: 0.0,
            messages: 0.0,
            mails: 0.0,
            memory: 0.5,
            seconds: 0.2,
            cost: Meter::default(),
            answered: None,
        }
    }
}

/// A month of one learner, and the bytes it leaves in the bucket.
struct Month {
    deeds: Vec<Deed>,
    files: f64,
}

/// Calls and money of a month, for all learners.
#[derive(Default)]
struct Bill {
    calls: f64,
    api: f64,
    functions: f64,
    queues: f64,
    mails: f64,
    table: f64,
    logs: f64,
    edge: f64,
}

#[derive(clap::Args)]
pub(crate) struct Costs {
    /// Write nothing; fail when the README's table is not what it would be
    #[arg(long)]
    check: bool,
}

impl Costs {
    pub(crate) fn write(&self) -> Result<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let table = runtime.map_err(|error| error.to_string())?.block_on(table())?;
        let readme = source::read("README.md")?;
        let (before, rest) = readme.split_once(BEGIN).ok_or("README.md has no place for costs")?;
        let (_, after) = rest.split_once(END).ok_or("README.md has no end of the place for costs")?;
        let new = format!("{before}{BEGIN}{table}{END}{after}");
        if new == readme {
            return Ok("costs: README.md says what they are".to_owned());
        }
        if self.check {
            return Err(
                "README.md does not say what Lectern costs\nrun: cargo run --bin xtask -- costs, and see in \
                 its diff that each difference is meant"
                    .to_owned(),
            );
        }
        source::write("README.md", &new)?;
        Ok("costs: wrote README.md".to_owned())
    }
}

async fn table() -> Result<String> {
    let app = tests::app().await;
    let author = app.instructor("Author").await;
    // Enough courses for full pages.
    fill(&app, &author, 1000);
    let course = published(&app, &author, "Rust from the first line", &[10, 10, 10, 10]).await;
    let before = stored(&app).await;
    let month = month(&app, &course).await;
    let stored = stored(&app).await - before;
    let mut sweeper = Meter::default();
    for schedule in registry::all().schedules {
        let (swept, cost) = metered(schedule.run(app.app(), app.app().now())).await;
        swept.map_err(|error| format!("{error:?}"))?;
        sweeper.capacity += cost.capacity;
    }
    let month = text_of(&month, stored, sweeper, alarms()?);
    Ok(format!("{month}\n{}", video::tables().await?))
}

/// Bytes of all items.
async fn stored(app: &TestApp) -> f64 {
    app.dump().await.iter().map(|item| size(item.len())).sum()
}

/// The next ten: what is drawn by chance has another size each time.
fn tens(number: f64) -> f64 {
    (number / 10.0).ceil() * 10.0
}

fn size(bytes: usize) -> f64 {
    u32::try_from(bytes).map_or(f64::MAX, f64::from)
}

/// A month of one learner. What is done on the 1st and on the 40th lesson costs the same, so one of a kind is measured;
/// all 40 are completed, since they are stored.
async fn month(app: &TestApp, course: &CourseFixture) -> Month {
    let learner = learner(app).await;
    let mut carrying = Deed::of_carrying("carry their events, make and mail a certificate");
    carry(app, &mut carrying).await;
    confirm(app, &learner).await;
    let mut deeds = Vec::new();
    let mut deed = |name, times, answer: Answer| deeds.push(Deed::of(name, times, &answer));
    let get = async |path: String| app.get(path).by(&learner).send().await.expect(200);
    deed("look through the catalogue", 20, get("/v1/courses".to_owned()).await);
    deed("open a course", 20, get(format!("/v1/courses/{}", course.slug)).await);
    let page = app.get(format!("/courses/{}", course.slug)).header("accept", "text/html");
    deed("open the page of a course, which no cache has", 20, page.send().await.expect(200));
    deed("enrol", 1, app.post(course.path("enroll")).by(&learner).send().await.expect(201));
    let mut completed = Vec::new();
    for lesson in &course.lessons {
        let path = format!("/v1/lessons/{lesson}");
        let half = app.put(format!("{path}/progress")).by(&learner).json(&json!({ "percent": 50 }));
        let (opened, saved) = (get(path.clone()).await, half.send().await.expect(200));
        let done = app.post(format!("{path}/complete")).by(&learner).send().await.expect(200);
        completed.push((opened, saved, done));
    }
    let (opened, saved, done) = completed.swap_remove(0);
    deed("open a lesson", 60, opened);
    deed("save progress", 120, saved);
    deed("complete a lesson", 40, done);
    deed("look at the progress", 20, get(course.path("progress")).await);
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    let answer = app.post("/v1/auth/login").json(&login).send().await.expect(200);
    deeds.push(Deed { memory: 0.5, seconds: 1.0, ..Deed::of("sign in", 8, &answer) });
    carry(app, &mut carrying).await;
    deeds.push(carrying);
    let own = app.get("/v1/me/certificates").by(&learner).send().await.json(200);
    let file = format!("certificates/{}/{}/1.pdf", app.school(), text(&own["items"][0], "id"));
    let files = size(app.file(&file).map_or(0, |file| file.len()));
    Month { deeds, files }
}

/// Carries every event that waits through the relay and the queues to its consumers, each in calls of its own.
async fn carry(app: &TestApp, deed: &mut Deed) {
    let registry = registry::all();
    loop {
        let waiting = app.outbox("").await;
        let consumed = deed.messages;
        for event in waiting {
            for reader in &registry.streams {
                deed.add(metered(reader.read(app.app(), vec![event.clone()])).await.1);
            }
        }
        for consumer in &registry.consumers {
            let queue = consumer.names.function();
            for message in app.sqs().take(queue, usize::MAX) {
                deed.add(metered(consumer.consume(app.app(), message.body)).await.1);
                app.sqs().delete(queue, &message.id);
                deed.messages += 1.0;
                deed.mails += if queue == "mail-send-mail" { 1.0 } else { 0.0 };
            }
        }
        if deed.messages <= consumed {
            return;
        }
    }
}

const EMAIL: &str = "learner@example.org";
const PASSWORD: &str = "a long enough one";

/// With a password, unlike those of `testkit`.
async fn learner(app: &TestApp) -> Person {
    let account =
        json!({ "email": EMAIL, "password": PASSWORD, "first_name": "Ada", "last_name": "Example" });
    let answer = app.post("/v1/auth/register").json(&account).send().await.json(201);
    let id = text(&answer["user"], "id").parse().expect("an id");
    Person { id, token: text(&answer, "access_token"), school: app.school() }
}

/// As if the mail had been opened that asks to: an address that nobody confirmed gets no other.
async fn confirm(app: &TestApp, learner: &Person) {
    let key = keys::user(&learner.school, learner.id);
    let account = app.store().get(&key, Consistency::Strong).await.expect("readable").expect("there");
    let mut change = app.store().transaction(&learner.school);
    change.replace(&key, &User { email_verified: true, ..account.value }, account.rev);
    change.commit().await.expect("nobody else");
}

/// How many the templates have.
fn alarms() -> Result<f64> {
    let mut templates = vec!["template.yaml".to_owned()];
    let folder = std::fs::read_dir(source::path("infra")).map_err(|error| format!("infra: {error}"))?;
    for file in folder {
        let name = file.map_err(|error| error.to_string())?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".yaml") {
            templates.push(format!("infra/{name}"));
        }
    }
    let mut alarms = 0;
    for template in templates {
        alarms += source::read(&template)?.matches("Type: AWS::CloudWatch::Alarm").count();
    }
    Ok(size(alarms))
}

impl Deed {
    /// A call more, and what it cost.
    fn add(&mut self, cost: Meter) {
        self.functions += 1.0;
        self.cost.capacity += cost.capacity;
        self.cost.written += cost.written;
    }

    fn bill(&self) -> Bill {
        let times = LEARNERS * f64::from(self.times);
        let millions = times / 1e6;
        let calls = times * self.functions;
        let answers = if self.answered.is_some() { times } else { 0.0 };
        let cost = self.cost;
        Bill {
            calls,
            api: answers / 1e6 * price::MILLION_CALLS_OF_THE_API,
            functions: calls / 1e6 * price::MILLION_CALLS_OF_FUNCTIONS
                + calls * self.memory * self.seconds * price::GIGABYTE_SECOND,
            mails: millions * self.mails * price::MILLION_MAILS,
            queues: millions * self.messages * CALLS_OF_A_MESSAGE * price::MILLION_CALLS_OF_QUEUES,
            table: millions * (cost.capacity - cost.written) * price::MILLION_READ_UNITS
                + millions * cost.written * price::MILLION_WRITE_UNITS,
            logs: calls * LOGGED / 1e9 * price::GIGABYTE_OF_LOGS,
            edge: at_the_edge(answers, answers * (size(self.answered.unwrap_or(0)) + HEADERS)),
        }
    }
}

/// What CloudFront costs for requests by way of its function, and for the bytes of their answers.
fn at_the_edge(requests: f64, bytes: f64) -> f64 {
    let million = price::MILLION_REQUESTS_OF_THE_EDGE + price::MILLION_RUNS_AT_THE_EDGE;
    requests / 1e6 * million + bytes / 1e9 * price::GIGABYTE_OUT
}

impl Bill {
    fn total(&self) -> f64 {
        self.api + self.functions + self.queues + self.mails + self.table + self.logs + self.edge
    }

    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.api += other.api;
        self.functions += other.functions;
        self.queues += other.queues;
        self.mails += other.mails;
        self.table += other.table;
        self.logs += other.logs;
        self.edge += other.edge;
    }
}

/// Each deed on a line, and all of them together.
fn table_of(what: &str, deeds: &[Deed]) -> (String, Bill) {
    let mut text = format!(
        "| {what} | calls | read units each | write units each | $ |\n\
        | --- | ---: | ---: | ---: | ---: |\n"
    );
    let mut sum = Bill::default();
    for deed in deeds {
        let (name, times, cost, bill) = (deed.name, deed.times, deed.cost, deed.bill());
        let (reads, writes) = (cost.capacity - cost.written, cost.written);
        let _ = writeln!(
            text,
            "| {times} × {name} | {} | {reads} | {writes} | {:.2} |",
            bill.calls,
            bill.total()
        );
        sum.add(&bill);
    }
    let _ = writeln!(text, "| **together** | {} | | | **{:.2}** |", sum.calls, sum.total());
    (text, sum)
}

fn text_of(month: &Month, stored: f64, sweeper: Meter, alarms: f64) -> String {
    let (mut text, sum) = table_of("1,000 learners in a month", &month.deeds);
    let (kept, files) = (stored * LEARNERS / 1e9, month.files * LEARNERS / 1e9);
    let sweeps =
        SWEEPS * (sweeper.capacity / 1e6 * price::MILLION_READ_UNITS + 0.25 * 0.5 * price::GIGABYTE_SECOND);
    let queues = size(registry::all().consumers.len());
    let asked = |queues: f64| queues * POLLS / 1e6 * price::MILLION_CALLS_OF_QUEUES;
    let packages = PACKAGES * price::GIGABYTE_OF_FILES;
    // A queue brings an alarm on the age of its messages.
    let planned =
        packages + asked(PLANNED_QUEUES) + sweeps + (alarms + PLANNED_QUEUES - queues) * price::ALARM;
    let month = [
        ("1,000 learners: API Gateway".to_owned(), sum.api),
        ("Lambda".to_owned(), sum.functions),
        ("DynamoDB, reading and writing".to_owned(), sum.table),
        ("messages through queues".to_owned(), sum.queues),
        ("mails".to_owned(), sum.mails),
        ("logs".to_owned(), sum.logs),
        ("CloudFront: requests, its function, answers".to_owned(), sum.edge),
        (
            "and the scripts of the site; CloudFront's first ten million requests and terabyte are free"
                .to_owned(),
            at_the_edge(LEARNERS * ASSETS.0, LEARNERS * ASSETS.1),
        ),
        (
            format!("what they leave in the table: below {:.0} MB with backups", tens(kept * 1e3)),
            kept * price::GIGABYTE_OF_TABLE,
        ),
        (
            format!("what they leave in the bucket: below {:.0} MB", tens(files * 1e3)),
            files * price::GIGABYTE_OF_FILES + LEARNERS / 1e6 * price::MILLION_WRITES_OF_FILES,
        ),
        (format!("{METRICS} metrics, while anybody learns"), METRICS * price::METRIC),
        ("**nobody learns**: each GB of the table, with backups".to_owned(), price::GIGABYTE_OF_TABLE),
        (format!("{PACKAGES} GB of packages: ten versions"), packages),
        (format!("{queues} empty queues, asked all the time; a million calls are free"), asked(queues)),
        ("the sweeper, every 15 minutes".to_owned(), sweeps),
        (format!("{alarms} alarms; ten are free per account"), alarms * price::ALARM),
    ];
    text.push_str("\n| in a month | $ |\n| --- | ---: |\n");
    for (what, dollars) in month {
        let _ = writeln!(text, "| {what} | {dollars:.2} |");
    }
    let _ = writeln!(
        text,
        "\nWith {PLANNED_QUEUES} queues, as many as are planned, what stands idle costs ${planned:.2} a month beside the table."
    );
    text
}
