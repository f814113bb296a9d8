//! The same functions as they are built, for size but where it is hot, and all compiled for speed.

use std::{fs, time::Duration};

use crate::{
    Args, Failure,
    compare::{TURNS, UNCOUNTED, ask},
    figures::{Times, megabytes, ms},
    process::{Lambda, Memory, Process, zipped},
    report::{self, Table},
    routes::Route,
    scene::Scene,
};

const ROUTES: [Route; 3] = [Route::ListCourses, Route::SaveProgress, Route::Login];
const LEVELS: [(&str, &str); 2] = [("as built", "target/lambda"), ("3", "target/bench/lambda-3")];

struct Subject {
    route: Route,
    level: &'static str,
    lambda: Lambda,
    init: Times,
    first: Times,
    warm: Times,
    cpu: Duration,
    memory: Option<Memory>,
}

/// Measures, prints, and writes the section.
pub(crate) async fn run(args: &Args) -> Result<(), Failure> {
    let load = report::load();
    let mut scene = Scene::new(1_000, 1).await;
    let mut subjects = Vec::new();
    for route in ROUTES {
        for (level, folder) in LEVELS {
            subjects.push(Subject {
                route,
                level,
                lambda: scene.lambda(route, scene.endpoint(), folder)?,
                init: Times::default(),
                first: Times::default(),
                warm: Times::default(),
                cpu: Duration::ZERO,
                memory: None,
            });
        }
    }
    for _ in 0..args.starts {
        for subject in &mut subjects {
            let mut process = Process::start(&subject.lambda, None).await?;
            subject.init.push(process.init);
            subject.first.push(ask(Some(subject.route), &mut scene, &mut process).await?);
            process.stop().await?;
        }
    }
    let mut processes = Vec::new();
    for subject in &subjects {
        let mut process = Process::start(&subject.lambda, None).await?;
        for _ in 0..UNCOUNTED {
            ask(Some(subject.route), &mut scene, &mut process).await?;
        }
        processes.push(process);
    }
    for _ in 0..TURNS {
        for (subject, process) in subjects.iter_mut().zip(&mut processes) {
            let before = process.cpu()?;
            for _ in 0..args.requests / TURNS {
                subject.warm.push(ask(Some(subject.route), &mut scene, process).await?);
            }
            subject.cpu += process.cpu()?.saturating_sub(before);
            subject.memory = Some(process.memory()?);
        }
    }
    report::publish(args, "opt", &load, &text(args, &subjects)?)
}

fn text(args: &Args, subjects: &[Subject]) -> Result<String, Failure> {
    let mut table = Table::new(&[
        "function",
        "opt-level",
        "file, MB",
        "zipped, MB",
        "exec → first poll, ms",
        "first request, ms",
        "p50, ms",
        "CPU, ms",
        "resident, MB",
    ]);
    for subject in subjects {
        let binary = &subject.lambda.binary;
        let size = fs::metadata(binary).map_err(|error| format!("{}: {error}", binary.display()))?.len();
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let cpu = subject.cpu.as_secs_f64() * 1000.0 / subject.warm.len() as f64;
        table.row(&[
            subject.route.name().to_owned(),
            subject.level.to_owned(),
            megabytes(size),
            megabytes(zipped(binary)?),
            ms(subject.init.at(50)),
            ms(subject.first.at(50)),
            ms(subject.warm.at(50)),
            ms(cpu),
            megabytes(subject.memory.map_or(0, |memory| memory.resident)),
        ]);
    }
    Ok(format!(
        "Medians of {} starts and {} warm requests.\n\n{}",
        args.starts,
        args.requests / TURNS * TURNS,
        table.text()
    ))
}
