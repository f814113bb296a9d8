//! Every route of the learner loop beside the bare Lambda, in one run.

use std::{fmt::Write, path::Path, time::Duration};

use crate::{
    Args, Failure,
    figures::{Times, marked, megabytes, ms, ratio},
    floor,
    process::{Cost, Lambda, Memory, Process, zipped},
    recorder::{Call, Recorder},
    report::{self, Table},
    routes::Route,
    scene::{BARE_KEY, Scene},
};

const SMALL: usize = 1_000;
const LARGE: usize = 100_000;
/// Requests for counting, in each school.
const COUNTED: usize = 3;
/// Requests before the measured ones.
pub(crate) const UNCOUNTED: usize = 20;
/// The measured ones are made in turns, so that a bad moment of the machine falls on all alike.
pub(crate) const TURNS: usize = 3;
/// What a call to DynamoDB takes where a network is between: its p50 on AWS, more or less.
const NETWORK: Duration = Duration::from_millis(4);
/// The CPU that a lean FastAPI of the same routes takes for a request, in milliseconds: what ours may take at most.
const LEAN: [(Route, f64); 3] =
    [(Route::ListCourses, 0.60), (Route::SaveProgress, 0.64), (Route::OpenCourse, 0.73)];

/// A function and what was found.
struct Subject {
    name: &'static str,
    /// `None`: the bare Lambda.
    route: Option<Route>,
    lambda: Lambda,
    zipped: u64,
    init: Times,
    first: Times,
    warm: Times,
    /// With every call to DynamoDB as long as [`NETWORK`].
    far: Times,
    /// The same calls by the bare client.
    own: Times,
    cpu: Times,
    memory: Option<Memory>,
    small: Cost,
    large: Cost,
    calls: Vec<Call>,
}

/// Measures, prints, and writes the section.
pub(crate) async fn run(args: &Args) -> Result<(), Failure> {
    let load = report::load();
    let mut small = Scene::new(SMALL, COUNTED).await;
    let times = COUNTED + args.starts + 2 * UNCOUNTED + args.requests + args.requests / TURNS;
    let mut large = Scene::new(LARGE, times).await;
    let mut subjects = vec![bare(&large, true)?, bare(&large, false)?];
    for route in Route::ALL.into_iter().filter(|route| args.routes.is_empty() || args.routes.contains(route))
    {
        subjects.push(subject(&mut large, route)?);
    }
    for subject in &mut subjects {
        (subject.small, _) = cost(subject, &mut small).await?;
        (subject.large, subject.calls) = cost(subject, &mut large).await?;
    }
    for _ in 0..args.starts {
        for subject in &mut subjects {
            let mut process = Process::start(&subject.lambda, None).await?;
            subject.init.push(process.init);
            let first = ask(subject.route, &mut large, &mut process).await?;
            subject.first.push(first);
            process.stop().await?;
        }
    }
    warm(args, &mut subjects, &mut large).await?;
    far(args, &mut subjects, &mut large).await?;
    report::publish(args, "routes", &load, &text(args, &subjects))
}

fn bare(scene: &Scene, warms_up: bool) -> Result<Subject, Failure> {
    let name = if warms_up { "bare GetItem" } else { "bare GetItem, no warm-up" };
    let binary = Path::new("target/bench/bare-aws-lc");
    let lambda = Lambda {
        binary: binary.to_owned(),
        environment: bare_environment(scene, scene.endpoint(), warms_up)?,
    };
    Subject::new(name, None, lambda)
}

/// The variables of the bare Lambda.
pub(crate) fn bare_environment(
    scene: &Scene,
    endpoint: &str,
    warms_up: bool,
) -> Result<Vec<(String, String)>, Failure> {
    let mut environment = scene.environment(endpoint)?;
    environment.extend(["PK", "SK"].map(|name| (name.to_owned(), BARE_KEY.to_owned())));
    environment.extend(warms_up.then(|| ("WARM_UP".to_owned(), "yes".to_owned())));
    Ok(environment)
}

fn subject(scene: &mut Scene, route: Route) -> Result<Subject, Failure> {
    let lambda = scene.lambda(route, scene.endpoint(), "target/lambda")?;
    Subject::new(route.name(), Some(route), lambda)
}

impl Subject {
    fn new(name: &'static str, route: Option<Route>, lambda: Lambda) -> Result<Self, Failure> {
        Ok(Self {
            name,
            route,
            zipped: zipped(&lambda.binary)?,
            lambda,
            init: Times::default(),
            first: Times::default(),
            warm: Times::default(),
            far: Times::default(),
            own: Times::default(),
            cpu: Times::default(),
            memory: None,
            small: Cost::default(),
            large: Cost::default(),
            calls: Vec::new(),
        })
    }
}

/// One request, answered.
pub(crate) async fn ask(
    route: Option<Route>,
    scene: &mut Scene,
    process: &mut Process,
) -> Result<Duration, Failure> {
    let payload = scene.request(route.unwrap_or(Route::ListCourses))?;
    let answer = process.invoke(payload).await?;
    if let Some(route) = route {
        scene.learn(route, &answer.body);
    }
    Ok(answer.took)
}

/// The function, with its calls going through `recorder`.
async fn behind(recorder: &Recorder, subject: &Subject, scene: &Scene) -> Result<Process, Failure> {
    let environment = match subject.route {
        None => bare_environment(scene, &recorder.endpoint, true)?,
        Some(route) => scene.lambda(route, &recorder.endpoint, "target/lambda")?.environment,
    };
    Process::start(&Lambda { binary: subject.lambda.binary.clone(), environment }, None).await
}

/// The most that one of a few requests cost in this school, and the calls of the last one.
async fn cost(subject: &Subject, scene: &mut Scene) -> Result<(Cost, Vec<Call>), Failure> {
    let recorder = Recorder::start(scene.endpoint(), Duration::ZERO).await?;
    let mut process = behind(&recorder, subject, scene).await?;
    let (mut most, mut calls) = (Cost::default(), Vec::new());
    for _ in 0..COUNTED {
        recorder.take();
        ask(subject.route, scene, &mut process).await?;
        calls = recorder.take();
        let made = u64::try_from(calls.len()).unwrap_or(u64::MAX);
        let cost = match subject.route {
            // It writes no such line: an eventually consistent read of up to 4 KB is half a unit.
            None => Cost { calls: made, capacity: 0.5 },
            Some(_) => process.cost().await?,
        };
        if cost.calls != made {
            return Err(format!("{} says {} calls but made {made}", subject.name, cost.calls));
        }
        most = Cost { calls: most.calls.max(cost.calls), capacity: most.capacity.max(cost.capacity) };
    }
    process.stop().await?;
    Ok((most, calls))
}

async fn warm(args: &Args, subjects: &mut [Subject], scene: &mut Scene) -> Result<(), Failure> {
    let mut processes = Vec::new();
    for subject in subjects.iter() {
        let mut process = Process::start(&subject.lambda, None).await?;
        for _ in 0..UNCOUNTED {
            ask(subject.route, scene, &mut process).await?;
        }
        processes.push(process);
    }
    let each = args.requests / TURNS;
    for _ in 0..TURNS {
        for (subject, process) in subjects.iter_mut().zip(&mut processes) {
            for _ in 0..each {
                let before = process.cpu()?;
                subject.warm.push(ask(subject.route, scene, process).await?);
                subject.cpu.push(process.cpu()?.saturating_sub(before));
            }
            subject.memory = Some(process.memory()?);
            subject.own.extend(floor::replay(scene.endpoint(), &subject.calls, each).await?);
        }
    }
    Ok(())
}

/// As [`warm`], once and with a network.
async fn far(args: &Args, subjects: &mut [Subject], scene: &mut Scene) -> Result<(), Failure> {
    for subject in subjects {
        let recorder = Recorder::start(scene.endpoint(), NETWORK).await?;
        let mut process = behind(&recorder, subject, scene).await?;
        for _ in 0..UNCOUNTED {
            ask(subject.route, scene, &mut process).await?;
        }
        for _ in 0..args.requests / TURNS {
            subject.far.push(ask(subject.route, scene, &mut process).await?);
        }
        process.stop().await?;
    }
    Ok(())
}

fn text(args: &Args, subjects: &[Subject]) -> String {
    let mut starts = Table::new(&[
        "function",
        "exec → first poll, ms",
        "× bare",
        "first request, ms",
        "resident, MB",
        "peak, MB",
        "zipped, MB",
    ]);
    let mut requests = Table::new(&[
        "function",
        "p50, ms",
        "p99, ms",
        "p50, 4 ms a call",
        "own calls, ms",
        "× own calls",
        "CPU, ms",
        "× bare",
        "calls at 1,000",
        "at 100,000",
        "capacity at 1,000",
        "at 100,000",
    ]);
    let bare = &subjects[0];
    let is_fat = |subject: &Subject, cpu: f64| {
        LEAN.iter().any(|(route, allowed)| Some(*route) == subject.route && cpu > *allowed)
    };
    let cpu = |subject: &Subject| subject.cpu.at(50);
    for subject in subjects {
        let (init, own) = (subject.init.at(50), subject.own.at(50));
        let (resident, peak) = subject.memory.map_or((0, 0), |memory| (memory.resident, memory.peak));
        starts.row(&[
            subject.name.to_owned(),
            ms(init),
            ratio(init, bare.init.at(50), 1.5),
            ms(subject.first.at(50)),
            marked(megabytes(resident), resident > 16_000_000),
            megabytes(peak),
            marked(megabytes(subject.zipped), subject.zipped > 5_000_000),
        ]);
        let grows = |small: f64, large: f64| large > small + 0.01;
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let calls = |cost: Cost| cost.calls as f64;
        requests.row(&[
            subject.name.to_owned(),
            ms(subject.warm.at(50)),
            ms(subject.warm.at(99)),
            ms(subject.far.at(50)),
            ms(own),
            ratio(subject.warm.at(50), own, if subject.route.is_some() { 2.0 } else { f64::INFINITY }),
            marked(ms(cpu(subject)), is_fat(subject, cpu(subject))),
            format!("{:.2}", cpu(subject) / cpu(bare)),
            subject.small.calls.to_string(),
            marked(subject.large.calls.to_string(), grows(calls(subject.small), calls(subject.large))),
            subject.small.capacity.to_string(),
            marked(subject.large.capacity.to_string(), grows(subject.small.capacity, subject.large.capacity)),
        ]);
    }
    let mut text = format!("Medians of {} starts.\n\n{}", args.starts, starts.text());
    let _ = write!(
        text,
        "\n{} warm requests each, in the school of 100,000 items.\n\n{}",
        args.requests / TURNS * TURNS,
        requests.text()
    );
    text
}
