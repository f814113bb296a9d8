//! Puts a table into its place in `tests/bench/RESULTS.md`, with the day and the machine. What stands between the places
//! is written by people.

use std::{fmt::Write, fs, process::Command};

use kernel::{Clock, SystemClock};

use crate::{Args, Failure};

const FILE: &str = "tests/bench/RESULTS.md";

/// Lines of a table, the first being its head.
pub(crate) struct Table(String);

impl Table {
    pub(crate) fn new<Cell: AsRef<str>>(head: &[Cell]) -> Self {
        let mut table = Self(String::new());
        table.row(head);
        let rule: String =
            head.iter().enumerate().map(|(n, _)| if n == 0 { "| --- " } else { "| --: " }).collect();
        table.0.push_str(&rule);
        table.0.push_str("|\n");
        table
    }

    pub(crate) fn row<Cell: AsRef<str>>(&mut self, cells: &[Cell]) {
        for cell in cells {
            let _ = write!(self.0, "| {} ", cell.as_ref());
        }
        self.0.push_str("|\n");
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// The one-minute load before this measurement adds to it, and the priority over those who make it.
pub(crate) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let status = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = status.rsplit(')').next().unwrap_or_default();
    match after_name.split_whitespace().nth(16) {
        None | Some("0") => format!("load {load} before"),
        Some(nice) => format!("load {load} before, measured at nice {nice}"),
    }
}

/// Prints the section and replaces what the file has of it, unless this is a dry run.
#[expect(clippy::print_stdout, reason = "a measurement tells what it found")]
pub(crate) fn publish(args: &Args, section: &str, load: &str, text: &str) -> Result<(), Failure> {
    let text = format!("{}\n\n{}\n", circumstances(load), text.trim());
    println!("{text}");
    if args.dry_run || !args.routes.is_empty() {
        return Ok(());
    }
    let (begin, end) = (format!("<!-- {section}: begin -->\n"), format!("<!-- {section}: end -->"));
    let file = fs::read_to_string(FILE).map_err(|error| format!("{FILE}: {error}"))?;
    let place = file.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) = place.ok_or_else(|| format!("{FILE} has no place for {section}"))?;
    fs::write(FILE, format!("{before}{begin}{text}{end}{after}")).map_err(|error| format!("{FILE}: {error}"))
}

fn circumstances(load: &str) -> String {
    let day: String = SystemClock.now().to_string().chars().take(10).collect();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = memory.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or_default();
    let rustc = Command::new("rustc").arg("-V").output();
    let rustc = rustc.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let rustc: Vec<&str> = rustc.split(' ').take(2).collect();
    let versions: Vec<String> = ["lambda_http", "aws-sdk-dynamodb", "rustls", "dynoxide-rs"]
        .iter()
        .filter_map(|name| locked(name))
        .collect();
    format!(
        "{day}, {cores} cores ({}), {} GB, {load}; {}, {}",
        std::env::consts::ARCH,
        kilobytes / 1_000_000,
        rustc.join(" "),
        versions.join(", ")
    )
}

/// `name version` from the lock file.
fn locked(name: &str) -> Option<String> {
    let lock = fs::read_to_string("Cargo.lock").ok()?;
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    Some(format!("{name} {}", rest.split('"').next()?))
}
