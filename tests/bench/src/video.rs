//! A lesson's video: what a viewer's reports cost, how long it takes from an author's file to a film, and from the press of
//! play to its first frame.

use std::{
    fs,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use smoke::{Api, text};
use tests::{draft, enroll, film_lesson};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::mpsc,
    time::{sleep, timeout},
};

use crate::{
    Args, Failure,
    figures::{megabytes, ms},
    report::{self, Table},
};

/// Of the clip that is uploaded.
const SECONDS: u32 = 60;
/// ffmpeg shares the machine's cores with all that waits for it.
const PATIENCE: Duration = Duration::from_secs(900);
const PAUSE: Duration = Duration::from_millis(100);

/// Measures, prints, and writes the section.
pub(crate) async fn run(args: &Args) -> Result<(), Failure> {
    let load = report::load();
    let reports = reports().await;
    let mut cloud = Cloud::start().await?;
    let measured = async {
        let upload = cloud.upload().await?;
        Ok::<_, Failure>((upload, cloud.first_frame().await?))
    };
    let measured = measured.await;
    cloud.stop().await?;
    let (upload, frame) = measured?;
    report::publish(args, "video", &load, &section(&reports, &upload, frame))
}

/// What a viewer's reports cost, on a film of ten minutes.
async fn reports() -> Table {
    let app = tests::app().await;
    let author = app.instructor("Author").await;
    let mut course = draft(&app, &author, "Rust on screen", &[1]).await;
    let film = film_lesson(&app, &author, &mut course, 600_000).await;
    let _ = app.post(course.path("publish")).by(&author).send().await.expect(200);
    let reader = app.student("Reader").await;
    enroll(&app, &reader, &course).await;
    app.app().forget();
    let mut table = Table::new(&["report", "calls", "waves", "read units", "write units"]);
    for (what, [from, to]) in [
        ("the first, in a process that does not know the video", [0, 5]),
        ("the next", [5, 14]),
        ("another 5 % of the film", [14, 20]),
        ("the same again", [14, 20]),
        ("eight minutes at once, after no connection", [20, 530]),
        ("what completes the lesson", [530, 545]),
    ] {
        let body = json!({ "watched": [[from, to]], "position_seconds": to, "rendition": 720 });
        let answer = app.post(format!("/v1/videos/{film}/progress")).by(&reader).json(&body);
        let answer = answer.send().await.expect(200);
        let cost = answer.cost;
        table.row(&[
            what.to_owned(),
            (cost.reads + cost.writes).to_string(),
            answer.waves.to_string(),
            (cost.capacity - cost.written).to_string(),
            cost.written.to_string(),
        ]);
    }
    table
}

/// The local cloud as a process of its own, with the demo school.
struct Cloud {
    child: Child,
    home: String,
    folder: PathBuf,
    log: mpsc::UnboundedReceiver<String>,
}

/// From before an upload was begun.
struct Upload {
    bytes: u64,
    sent: Duration,
    ready: Duration,
    /// Milliseconds that ffmpeg took of it.
    ffmpeg: f64,
}

impl Cloud {
    /// Starts it, as it was built beside this program, and waits until it is ready.
    async fn start() -> Result<Self, Failure> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?.with_file_name("local");
        let folder = std::env::temp_dir().join(format!("lectern-bench-{}", std::process::id()));
        let mut child = Command::new(&program)
            .args(["--port", "0", "--data"])
            .arg(&folder)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no standard output")?).lines();
        let mut home = String::new();
        loop {
            let line = lines.next_line().await.map_err(|error| error.to_string())?;
            let line = line.ok_or("the local cloud ended before it was ready")?;
            let line = line.trim_start();
            if let Some(address) = line.strip_prefix("home") {
                address.trim().clone_into(&mut home);
            }
            if line.starts_with("stop") {
                break;
            }
        }
        // It stops where nobody takes its lines.
        let (sender, log) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = sender.send(line);
            }
        });
        Ok(Self { child, home, folder, log })
    }

    async fn stop(mut self) -> Result<(), Failure> {
        self.child.kill().await.map_err(|error| error.to_string())?;
        fs::remove_dir_all(&self.folder).map_err(|error| error.to_string())
    }

    /// Sends a clip as its author's browser does, and waits until it can be watched.
    async fn upload(&mut self) -> Result<Upload, Failure> {
        let clip = self.clip().await?;
        let bytes = u64::try_from(clip.len()).map_err(|error| error.to_string())?;
        let api = Api::new(&self.home);
        let author = self.sign_in(&api, "instructor").await?;
        let make = async |route: String, body: Value| api.call(&route, Some(&author), Some(&body), 201).await;
        let body = json!({ "title": "A minute", "description": "On film.", "level": "beginner" });
        let course = text(&make("POST /v1/courses".to_owned(), body).await?, "id")?;
        let module = make(format!("POST /v1/courses/{course}/modules"), json!({ "title": "One" })).await?;
        let lesson = format!("POST /v1/modules/{}/lessons", text(&module, "id")?);
        let lesson = make(lesson, json!({ "title": "One", "content_type": "video" })).await?;

        let begun = Instant::now();
        let file = json!({ "filename": "minute.mp4", "size_bytes": bytes, "content_type": "video/mp4" });
        let upload = make(format!("POST /v1/lessons/{}/video", text(&lesson, "id")?), file).await?;
        put(&upload["upload"], clip).await?;
        let sent = begun.elapsed();
        let id = text(&upload, "video_id")?;
        let ready = loop {
            let video = api.call(&format!("GET /v1/videos/{id}"), Some(&author), None, 200).await?;
            match video["status"].as_str() {
                Some("ready") => break begun.elapsed(),
                Some("failed") => return Err(format!("the clip is not made into a film: {video}")),
                _ if begun.elapsed() > PATIENCE => return Err("the clip never becomes a film".to_owned()),
                _ => sleep(PAUSE).await,
            }
        };
        Ok(Upload { bytes, sent, ready, ffmpeg: self.ffmpeg(&id).await? })
    }

    /// A test card with a tone, at the bitrate of a camera and small enough to be sent at once.
    async fn clip(&self) -> Result<Vec<u8>, Failure> {
        let file = self.folder.join("minute.mp4");
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-nostdin", "-v", "error", "-y"]);
        for source in ["testsrc2=size=1920x1080:rate=30", "sine=frequency=330"] {
            ffmpeg.args(["-f", "lavfi", "-i", &format!("{source}:duration={SECONDS}")]);
        }
        ffmpeg.args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]);
        ffmpeg.args(["-b:v", "6M", "-maxrate", "6M", "-bufsize", "12M", "-c:a", "aac"]);
        said(ffmpeg.arg(&file)).await?;
        fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))
    }

    async fn sign_in(&self, api: &Api, role: &str) -> Result<String, Failure> {
        let demo = fs::read_to_string(self.folder.join("demo.json")).map_err(|error| error.to_string())?;
        let demo: Value = serde_json::from_str(&demo).map_err(|error| error.to_string())?;
        let login = &demo[role];
        api.sign_in(&text(login, "email")?, &text(login, "password")?).await
    }

    /// How long ffmpeg took for a video, as the log says.
    async fn ffmpeg(&mut self, video: &str) -> Result<f64, Failure> {
        while let Ok(Some(line)) = timeout(PATIENCE, self.log.recv()).await {
            let words: Vec<&str> = line.split(' ').collect();
            if let ["FFMPEG", input, "COMPLETE", millis, "ms"] = words[..]
                && input.ends_with(video)
            {
                return millis.parse().map_err(|_| format!("no time: {line}"));
            }
        }
        Err("the log does not say how long ffmpeg took".to_owned())
    }

    /// Milliseconds from the press of play to the first frame, as the browser's test of the player measures them.
    async fn first_frame(&self) -> Result<f64, Failure> {
        let mut browser = Command::new("./scripts/browser");
        let output = said(browser.arg(&self.home).env("ONLY", "a lesson's video")).await?;
        let found =
            output.lines().find_map(|line| line.strip_prefix("first frame after ")?.strip_suffix(" ms"));
        let found = found.and_then(|millis| millis.parse().ok());
        found.ok_or_else(|| format!("the browser does not say when the first frame came:\n{output}"))
    }
}

/// Sends a file where an upload at once goes.
async fn put(upload: &Value, file: Vec<u8>) -> Result<(), Failure> {
    let mut request = reqwest::Client::new().put(text(upload, "url")?).body(file);
    for (name, value) in upload["headers"].as_object().into_iter().flatten() {
        request = request.header(name, value.as_str().unwrap_or_default());
    }
    let response = request.send().await.map_err(|error| error.without_url().to_string())?;
    let status = response.status();
    if status.is_success() { Ok(()) } else { Err(format!("the file is answered {status}")) }
}

/// What a command says that succeeds.
async fn said(command: &mut Command) -> Result<String, Failure> {
    let output = command.output().await.map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if !output.status.success() {
        return Err(format!("{command:?}: {}\n{}", text(&output.stdout), text(&output.stderr)));
    }
    Ok(text(&output.stdout))
}

fn section(reports: &Table, upload: &Upload, frame: f64) -> String {
    let Upload { bytes, sent, ready, ffmpeg } = upload;
    let [sent, ready] = [sent, ready].map(|time| time.as_secs_f64() * 1000.0);
    let mut times = Table::new(&["from, to", "ms"]);
    for (what, millis) in [
        ("upload begun, film can be watched", ready),
        ("of that: sending the file", sent),
        ("of that: ffmpeg", *ffmpeg),
        ("of that: everything else", ready - sent - ffmpeg),
        ("press of play, first frame", frame),
    ] {
        times.row(&[what.to_owned(), ms(millis)]);
    }
    format!(
        "{}\nOnce each; the upload is a clip of {SECONDS} s in 1920 × 1080 with 30 frames a second, {} MB.\n\n{}",
        reports.text(),
        megabytes(*bytes),
        times.text()
    )
}
