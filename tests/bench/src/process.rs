//! A Lambda's binary as a process of its own: how long it takes, what it burns, what it holds.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::mpsc,
    time::timeout,
};

use crate::{
    Failure,
    runtime_api::{Event, RuntimeApi},
    share::Share,
};

const PATIENCE: Duration = Duration::from_secs(30);

/// What to start.
#[derive(Clone)]
pub(crate) struct Lambda {
    pub(crate) binary: PathBuf,
    pub(crate) environment: Vec<(String, String)>,
}

/// The running process. It dies with this value, and before the Runtime API does.
pub(crate) struct Process {
    child: Child,
    api: RuntimeApi,
    pid: u32,
    /// The CPU time that a shell took before it became the process.
    before: Duration,
    log: mpsc::UnboundedReceiver<String>,
    /// From before `fork` until it first asked for work.
    pub(crate) init: Duration,
}

/// An answer to one payload.
pub(crate) struct Answer {
    /// From handing the payload out until the answer is in.
    pub(crate) took: Duration,
    pub(crate) body: Value,
}

/// What the log line of a call says it cost.
#[derive(Clone, Copy, PartialEq, PartialOrd, Default)]
pub(crate) struct Cost {
    pub(crate) calls: u64,
    pub(crate) capacity: f64,
}

/// From `/proc/<pid>/status`, in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) resident: u64,
    pub(crate) peak: u64,
}

impl Process {
    /// Starts it and waits until it asks for work. With a `share`, it gets no more CPU than that from `exec` on: a shell
    /// goes there, says so, and becomes the process. To move a process that runs takes milliseconds.
    pub(crate) async fn start(lambda: &Lambda, share: Option<&Share>) -> Result<Self, Failure> {
        let mut api = RuntimeApi::start().await?;
        let name = lambda.binary.display();
        let mut command =
            share.map_or_else(|| Command::new(&lambda.binary), |share| share.command(&lambda.binary));
        command
            .env_clear()
            .envs(lambda.environment.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut begun = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("cannot start {name}: {error}"))?;
        let pid = child.id().ok_or_else(|| format!("{name} ended at once"))?;
        let output = child.stdout.take().ok_or("no standard output")?;
        let mut lines = BufReader::new(output).lines();
        let mut before = Duration::ZERO;
        if share.is_some() {
            let line = lines.next_line().await.map_err(|error| error.to_string())?;
            line.ok_or_else(|| format!("{name} could not be put into its cgroup"))?;
            begun = Instant::now();
            before = cpu(pid)?;
        }
        let (line_sender, log) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = line_sender.send(line);
            }
        });
        let polled = match timeout(PATIENCE, api.events.recv()).await {
            Ok(Some(Event::Polled(at))) => at,
            Ok(Some(Event::Failed(text))) => return Err(format!("{name} failed to start: {text}")),
            _ => return Err(format!("{name} never asked for work")),
        };
        Ok(Self { child, api, pid, before, log, init: polled - begun })
    }

    /// Ends it and waits until nothing is left of it, so that the next start has the machine for itself.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        self.child.kill().await.map_err(|error| error.to_string())
    }

    /// Lets it answer one HTTP request.
    pub(crate) async fn invoke(&mut self, payload: String) -> Result<Answer, Failure> {
        let (took, response) = self.call(payload).await?;
        let text = response["body"].as_str().unwrap_or_default();
        if response["statusCode"].as_u64().is_none_or(|status| status >= 300) {
            return Err(format!("the call was refused: {response}"));
        }
        Ok(Answer { took, body: serde_json::from_str(text).unwrap_or_default() })
    }

    /// Lets it answer one payload, and waits until it asks for the next.
    pub(crate) async fn call(&mut self, payload: String) -> Result<(Duration, Value), Failure> {
        self.api.payloads.send(payload).map_err(|error| error.to_string())?;
        let (mut sent, mut answered) = (None, None);
        loop {
            match timeout(PATIENCE, self.api.events.recv()).await {
                Ok(Some(Event::Sent(at))) => sent = Some(at),
                Ok(Some(Event::Answered(at, body))) => answered = Some((at, body)),
                Ok(Some(Event::Polled(_))) => break,
                Ok(Some(Event::Failed(text))) => return Err(format!("the call failed: {text}")),
                Ok(None) | Err(_) => return Err("the process does not answer".to_owned()),
            }
        }
        let (Some(sent), Some((at, body))) = (sent, answered) else {
            return Err("the process asked for work without an answer".to_owned());
        };
        Ok((at - sent, serde_json::from_slice(&body).map_err(|error| error.to_string())?))
    }

    /// What the oldest call whose log line was not yet asked for has cost.
    pub(crate) async fn cost(&mut self) -> Result<Cost, Failure> {
        while let Ok(Some(line)) = timeout(PATIENCE, self.log.recv()).await {
            let line: Value = serde_json::from_str(&line).unwrap_or_default();
            if let (Some(calls), Some(capacity)) =
                (line["dynamodb_calls"].as_u64(), line["dynamodb_capacity"].as_f64())
            {
                return Ok(Cost { calls, capacity });
            }
        }
        Err("the process writes no log line".to_owned())
    }

    /// CPU time so far.
    pub(crate) fn cpu(&self) -> Result<Duration, Failure> {
        Ok(cpu(self.pid)?.saturating_sub(self.before))
    }

    pub(crate) fn memory(&self) -> Result<Memory, Failure> {
        let file = format!("/proc/{}/status", self.pid);
        let text = fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        let kilobytes = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|rest| rest.trim().split(' ').next()?.parse::<u64>().ok());
            number.map(|n| n * 1024).ok_or_else(|| format!("{file} has no {name}"))
        };
        Ok(Memory { resident: kilobytes("VmRSS:")?, peak: kilobytes("VmHWM:")? })
    }
}

/// CPU time of all threads of a process, to the nanosecond: `utime` and `stime` only count in hundredths of a second.
fn cpu(pid: u32) -> Result<Duration, Failure> {
    let threads = format!("/proc/{pid}/task");
    let mut nanos = 0;
    for thread in fs::read_dir(&threads).map_err(|error| format!("{threads}: {error}"))? {
        let file = thread.map_err(|error| error.to_string())?.path().join("schedstat");
        // A thread may end meanwhile: then it was one that resolved a name, and had next to nothing to do.
        let text = fs::read_to_string(file).unwrap_or_default();
        nanos += text.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or_default();
    }
    Ok(Duration::from_nanos(nanos))
}

/// What the file takes in a package: deflated as zip does by default.
pub(crate) fn zipped(binary: &Path) -> Result<u64, Failure> {
    let cannot = |error: std::io::Error| format!("{}: {error}", binary.display());
    let mut file = fs::File::open(binary).map_err(cannot)?;
    let mut deflater = flate2::write::DeflateEncoder::new(std::io::sink(), flate2::Compression::new(6));
    std::io::copy(&mut file, &mut deflater).map_err(cannot)?;
    deflater.try_finish().map_err(cannot)?;
    Ok(deflater.total_out())
}
