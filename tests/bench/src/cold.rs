//! Cold starts behind TLS with the CPU that a small Lambda has: Init and the first request, with and without a call
//! during Init, for each TLS back-end of the SDK.

use std::{fmt::Write, path::Path};

use crate::{
    Args, Failure,
    compare::{ask, bare_environment},
    figures::{Times, megabytes, ms},
    process::{Lambda, Memory, Process, zipped},
    report::{self, Table},
    routes::Route,
    scene::Scene,
    share::Share,
    tls::TlsFront,
};

const MEMORIES: [u64; 3] = [128, 256, 512];
/// The first is what the product has. `aws-lc-jitter` is the same as its makers set it up, gathering entropy from CPU
/// jitter.
const BACK_ENDS: [&str; 4] = ["aws-lc", "aws-lc-jitter", "ring", "s2n"];
const HEAD: &str = "function, back-end, call in Init";
const ROUTES: [Route; 3] = [Route::ListCourses, Route::SaveProgress, Route::Login];

/// One kind of start.
#[derive(Default)]
struct Start {
    init: Times,
    first: Times,
    cold: Times,
    init_cpu: Times,
    first_cpu: Times,
}

struct Subject {
    name: String,
    route: Option<Route>,
    lambda: Lambda,
    /// With whole CPUs.
    free: Start,
    /// Init with a whole CPU, the request with its share, by memory.
    init_free: [Start; 3],
    /// Everything with its share.
    limited: [Start; 3],
    memory: Option<Memory>,
}

/// Measures, prints, and writes the section.
pub(crate) async fn run(args: &Args) -> Result<(), Failure> {
    let load = report::load();
    let share = Share::new()?;
    let mut scene = Scene::new(1_000, 1).await;
    let front = TlsFront::start(scene.endpoint()).await?;
    let mut subjects = subjects(&scene, &front)?;
    // One start of each that does not count: the file comes from memory in all others.
    for round in 0..=args.starts {
        for subject in &mut subjects {
            let mut free = Start::default();
            subject.memory = Some(start(subject, &mut scene, &share, (None, None), &mut free).await?);
            if round == 0 {
                continue;
            }
            subject.free.add(&free);
            for (n, memory) in MEMORIES.into_iter().enumerate() {
                let (mut init_free, mut limited) = (Start::default(), Start::default());
                start(subject, &mut scene, &share, (None, Some(memory)), &mut init_free).await?;
                start(subject, &mut scene, &share, (Some(memory), Some(memory)), &mut limited).await?;
                subject.init_free[n].add(&init_free);
                subject.limited[n].add(&limited);
            }
        }
    }
    report::publish(args, "tls", &load, &text(args, &subjects, &share, &front)?)
}

fn subjects(scene: &Scene, front: &TlsFront) -> Result<Vec<Subject>, Failure> {
    let mut subjects = Vec::new();
    let mut add = |name: String, route, mut lambda: Lambda| {
        lambda.environment.push(("SSL_CERT_FILE".to_owned(), front.bundle.display().to_string()));
        subjects.push(Subject {
            name,
            route,
            lambda,
            free: Start::default(),
            init_free: Default::default(),
            limited: Default::default(),
            memory: None,
        });
    };
    for back_end in BACK_ENDS {
        for warms_up in [true, false] {
            let name = format!("bare, {back_end}, {}", if warms_up { "warm-up" } else { "none" });
            let environment = bare_environment(scene, &front.endpoint, warms_up)?;
            let binary = Path::new("target/bench").join(format!("bare-{back_end}"));
            add(name, None, Lambda { binary, environment });
        }
    }
    for route in ROUTES {
        let lambda = scene.lambda(route, &front.endpoint, "target/lambda")?;
        add(format!("{}, aws-lc, warm-up", route.name()), Some(route), lambda);
    }
    Ok(subjects)
}

impl Start {
    fn add(&mut self, other: &Self) {
        self.init.append(&other.init);
        self.first.append(&other.first);
        self.cold.append(&other.cold);
        self.init_cpu.append(&other.init_cpu);
        self.first_cpu.append(&other.first_cpu);
    }
}

/// Starts it and sends one request, under the limits of Init and of the request.
async fn start(
    subject: &Subject,
    scene: &mut Scene,
    share: &Share,
    (of_init, of_request): (Option<u64>, Option<u64>),
    found: &mut Start,
) -> Result<Memory, Failure> {
    share.limit(of_init)?;
    let mut process = Process::start(&subject.lambda, Some(share)).await?;
    let init_cpu = process.cpu()?;
    share.limit(of_request)?;
    let first = ask(subject.route, scene, &mut process)
        .await
        .map_err(|error| format!("{}: {error}", subject.name))?;
    found.init.push(process.init);
    found.first.push(first);
    found.cold.push(process.init + first);
    found.init_cpu.push(init_cpu);
    found.first_cpu.push(process.cpu()?.saturating_sub(init_cpu));
    let memory = process.memory()?;
    process.stop().await?;
    Ok(memory)
}

fn text(args: &Args, subjects: &[Subject], share: &Share, front: &TlsFront) -> Result<String, Failure> {
    let mut whole = Table::new(&[
        HEAD,
        "zipped, MB",
        "resident, MB",
        "CPU of Init, ms",
        "CPU of first request, ms",
        "Init, ms",
        "first request, ms",
    ]);
    let mut as_on_lambda = by_memory(["first request", "cold"]);
    let mut all_slow = by_memory(["Init", "cold"]);
    for subject in subjects {
        let free = &subject.free;
        whole.row(&[
            subject.name.clone(),
            megabytes(zipped(&subject.lambda.binary)?),
            megabytes(subject.memory.map_or(0, |memory| memory.resident)),
            ms(free.init_cpu.at(50)),
            ms(free.first_cpu.at(50)),
            ms(free.init.at(50)),
            ms(free.first.at(50)),
        ]);
        let row = |kinds: [Vec<f64>; 2]| -> Vec<String> {
            [subject.name.clone()].into_iter().chain(kinds.concat().into_iter().map(ms)).collect()
        };
        let median = |starts: &[Start], of: fn(&Start) -> &Times| -> Vec<f64> {
            starts.iter().map(|start| of(start).at(50)).collect()
        };
        let (init_free, limited) = (&subject.init_free, &subject.limited);
        as_on_lambda
            .row(&row([median(init_free, |start| &start.first), median(init_free, |start| &start.cold)]));
        all_slow.row(&row([median(limited, |start| &start.init), median(limited, |start| &start.cold)]));
    }
    let mut text = format!(
        "Medians of {} starts; {} trusted roots; CPU share by {}.\n\nWith whole CPUs:\n\n{}",
        args.starts,
        front.trusted,
        share.means(),
        whole.text()
    );
    let _ = write!(
        text,
        "\nInit with a whole CPU, the request with the share of that memory, in ms:\n\n{}",
        as_on_lambda.text()
    );
    let _ = write!(text, "\nInit with that share too, in ms:\n\n{}", all_slow.text());
    Ok(text)
}

fn by_memory(kinds: [&str; 2]) -> Table {
    let columns = kinds.into_iter().flat_map(|kind| MEMORIES.map(|memory| format!("{kind}, {memory} MB")));
    let head: Vec<String> = [HEAD.to_owned()].into_iter().chain(columns).collect();
    Table::new(&head)
}
