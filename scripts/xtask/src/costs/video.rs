//! What an hour of video costs: to make, to keep and to watch. Its outputs are those of the job that an upload orders, each
//! as long as the film and at its highest bitrate all the time.

use std::fmt::Write;

use domain::video::PART_BYTES;
use objects::Objects;
use serde_json::{Value, json};
use testkit::{Answer, BUCKET, Person, TestApp};
use tests::{app_and_transcoder, draft, enroll, film, sample, text};

use super::{Deed, LEARNERS, carry, price, size, table_of};
use crate::{Result, source};

const SECONDS: u32 = 3600;
/// Gigabytes of the file that an author sends: as many as a school takes, unless it says otherwise.
const ORIGINAL: f64 = 5.0;
/// As a file of MP4 begins.
const BEGINNING: &[u8] = b"\0\0\0\x20ftypisom";

/// What MediaConvert makes of the film.
struct Output {
    /// Length of the shorter side.
    lines: f64,
    /// Most bits a second, with the sound; none of pictures.
    bits: Option<f64>,
    files: f64,
}

impl Output {
    fn all(settings: &Value) -> Vec<Self> {
        let groups = settings["outputGroups"].as_array().into_iter().flatten();
        let outputs = groups.flat_map(|group| {
            let segment = group["outputGroupSettings"]["hlsGroupSettings"]["segmentLength"].as_f64();
            let outputs = group["outputs"].as_array().into_iter().flatten();
            outputs.map(move |output| Self::of(output, segment))
        });
        outputs.collect()
    }

    fn of(output: &Value, segment: Option<f64>) -> Self {
        let number = |value: &Value| value.as_f64().unwrap_or_default();
        let (picture, seconds) = (&output["videoDescription"], f64::from(SECONDS));
        let codec = &picture["codecSettings"];
        let sound = &output["audioDescriptions"][0]["codecSettings"]["aacSettings"]["bitrate"];
        let capture = &codec["frameCaptureSettings"];
        let captures = seconds / number(&capture["framerateDenominator"]) + 1.0;
        Self {
            lines: number(&picture["width"]).min(number(&picture["height"])),
            bits: codec["h264Settings"]["maxBitrate"].as_f64().map(|bits| bits + number(sound)),
            files: match segment {
                Some(length) => (seconds / length).ceil(),
                None => captures.min(number(&capture["maxCaptures"])),
            },
        }
    }

    /// To make it once. The price list has nothing on pictures, so they cost as much as a film of their size.
    fn dollars(&self) -> f64 {
        let minute = if self.lines < 720.0 { price::MINUTE_OF_SD } else { price::MINUTE_OF_HD };
        f64::from(SECONDS) / 60.0 * minute
    }

    fn gigabytes(&self) -> f64 {
        self.bits.unwrap_or_default() / 8.0 * f64::from(SECONDS) / 1e9
    }
}

/// Both tables, and what makes the figures others.
pub(super) async fn tables() -> Result<String> {
    let (app, mediaconvert) = app_and_transcoder(&[]).await;
    mediaconvert.find(|_| Some(film(1920, 1080, 0, f64::from(SECONDS))));
    let author = app.instructor("Author").await;
    // A second lesson, which nobody completes, keeps the course's completion out of the bill.
    let course = draft(&app, &author, "Rust on screen", &[1]).await;
    let body = json!({ "title": "On film", "content_type": "video" });
    let lesson = app.post(format!("/v1/modules/{}/lessons", course.modules[0])).by(&author).json(&body);
    let lesson = text(&lesson.send().await.json(201), "id");

    let mut made = Deed::of_carrying("upload and transcode it");
    let body = json!({ "filename": "film.mp4", "size_bytes": BEGINNING.len(), "content_type": "video/mp4" });
    let begun = app.post(format!("/v1/lessons/{lesson}/video")).by(&author).json(&body);
    let begun = begun.send().await.expect(201);
    made.add(begun.cost);
    let video = text(&begun.json, "video_id");
    put(&app, &format!("uploads/{}/{video}", app.school()), BEGINNING.to_vec()).await;
    carry(&app, &mut made).await;
    let job = mediaconvert.jobs().pop().ok_or("an upload orders no job")?;
    let (films, pictures): (Vec<_>, Vec<_>) =
        Output::all(&job.settings).into_iter().partition(|output| output.bits.is_some());
    let best = films.first().ok_or("a job makes no film")?;
    put_playlists(&app, &job.settings, best).await;
    let mut ended: Value =
        serde_json::from_str(&sample("video-finish-transcoding")).map_err(|error| error.to_string())?;
    ended["detail"]["jobId"] = json!(job.id);
    ended["detail"]["userMetadata"] = json!(job.metadata);
    ended["detail"]["outputGroupDetails"][0]["outputDetails"][0]["durationInMs"] = json!(SECONDS * 1000);
    let _ = app.sqs().send("video-finish-transcoding", &ended.to_string(), None);
    carry(&app, &mut made).await;

    let _ = app.post(course.path("publish")).by(&author).send().await.expect(200);
    let learner = app.student("Grace").await;
    enroll(&app, &learner, &course).await;
    carry(&app, &mut Deed::of_carrying("enrol")).await;
    let watched = watched(&app, &learner, &format!("/v1/videos/{video}"), &films).await?;
    Ok(text_of(&films, &pictures, &made, &watched))
}

async fn put(app: &TestApp, name: &str, content: Vec<u8>) {
    let bucket = app.app().service::<Objects>().await.expect("a bucket");
    bucket.put(name, "video/mp4", content).await.expect("a bucket that can be written");
}

/// The playlists of all qualities and of one, as long as MediaConvert's.
async fn put_playlists(app: &TestApp, settings: &Value, quality: &Output) {
    let hls = &settings["outputGroups"][0]["outputGroupSettings"]["hlsGroupSettings"];
    let destination = text(hls, "destination");
    let index = destination.trim_start_matches("s3://").trim_start_matches(BUCKET).trim_start_matches('/');
    let Output { lines, files, .. } = quality;
    let mut segments = "#EXTM3U\n".to_owned();
    for n in (1..=SECONDS).take_while(|n| f64::from(*n) <= *files) {
        let _ = write!(segments, "#EXTINF:6.00000,\nindex_{lines}_{n:05}.ts\n");
    }
    let stream = "#EXT-X-STREAM-INF:BANDWIDTH=5128000,RESOLUTION=1920x1080\nindex_1080.m3u8\n";
    put(app, &format!("{index}.m3u8"), format!("#EXTM3U\n{}", stream.repeat(3)).into_bytes()).await;
    put(app, &format!("{index}_{lines}.m3u8"), segments.into_bytes()).await;
}

/// An hour of a learner's player, each playlist asked for once.
async fn watched(app: &TestApp, learner: &Person, video: &str, films: &[Output]) -> Result<Vec<Deed>> {
    let opened = app.get(video).by(learner).send().await.expect(200);
    let playback = text(&opened.json, "playback_url");
    let (_, query) = playback.split_once('?').ok_or("a link without a permission")?;
    let list =
        async |name: &str| app.get(format!("{video}/playlists/{name}?{query}")).send().await.expect(200);
    let best = films.first().map_or(0.0, |film| film.lines);
    let qualities = u32::try_from(films.len()).unwrap_or(u32::MAX);
    let mut deeds = vec![
        Deed::of("get a link to it", 1, &opened),
        Deed::of("get the list of its qualities", 1, &list("index.m3u8").await),
        Deed::of(
            "get the list of a quality's segments",
            qualities,
            &list(&format!("index_{best}.m3u8")).await,
        ),
        Deed::of("get the list of its small pictures", 1, &list("thumbnails.vtt").await),
    ];
    deeds.extend(heartbeats(app, learner, video).await?);
    let mut carrying = Deed::of_carrying("carry what others are told of it");
    carry(app, &mut carrying).await;
    deeds.push(carrying);
    Ok(deeds)
}

/// What the player reports while the film runs, by what comes of it. The dearest of a kind stands for all of it.
async fn heartbeats(app: &TestApp, learner: &Person, video: &str) -> Result<Vec<Deed>> {
    let every = heartbeat_seconds()?;
    let names = ["report what was played", "report another twentieth", "report what completes the lesson"];
    let mut kinds: [Vec<Answer>; 3] = Default::default();
    let mut is_completed = false;
    for n in 0..SECONDS / every {
        let (from, to) = (n * every, (n + 1) * every);
        let body = json!({ "watched": [[from, to]], "position_seconds": to, "rendition": 1080 });
        let beat = app.post(format!("{video}/progress")).by(learner).json(&body).send().await.expect(200);
        // The first is of no twentieth; what is writes an event too.
        let is_told = kinds[0].first().is_some_and(|first| beat.cost.written > first.cost.written);
        let completes = beat.json["completed"] == true && !is_completed;
        is_completed |= completes;
        kinds[if completes { 2 } else { usize::from(is_told) }].push(beat);
    }
    let deeds = names.into_iter().zip(kinds).filter_map(|(name, beats)| {
        let dearest = beats.iter().max_by(|a, b| a.cost.capacity.total_cmp(&b.cost.capacity))?;
        Some(Deed::of(name, u32::try_from(beats.len()).ok()?, dearest))
    });
    Ok(deeds.collect())
}

/// How often a player reports.
fn heartbeat_seconds() -> Result<u32> {
    let file = "infra/site/parts/watching.js";
    let script = source::read(file)?;
    let said = script.split_once("const EVERY_MS = ").and_then(|(_, rest)| rest.split_once(';'));
    let ms: Option<u32> = said.and_then(|(ms, _)| ms.replace('_', "").parse().ok());
    let seconds = ms.map(|ms| ms / 1000).filter(|seconds| *seconds > 0);
    seconds.ok_or_else(|| format!("{file} does not say how often a player reports"))
}

fn text_of(films: &[Output], pictures: &[Output], made: &Deed, watched: &[Deed]) -> String {
    let (mut text, watching) = table_of("1,000 learners watch an hour of video", watched);
    let each = watching.total() / LEARNERS;
    let qualities: Vec<String> = films.iter().map(|film| format!("{}p", film.lines)).collect();
    let parts = ORIGINAL * 1e9 / size(usize::try_from(PART_BYTES).unwrap_or(usize::MAX));
    let written = parts.ceil() + sum(films, |film| film.files) + sum(pictures, |picture| picture.files);
    let kept = sum(films, Output::gigabytes);
    let mut rows = vec![
        (format!("transcoding it once, into {}", qualities.join(", ")), sum(films, Output::dollars)),
        ("its pictures, counted as films of their size".to_owned(), sum(pictures, Output::dollars)),
        (
            format!("{written:.0} files written, and the calls around them"),
            written / 1e6 * price::MILLION_WRITES_OF_FILES + made.bill().total() / LEARNERS,
        ),
        (format!("keeping what it was made into for a month: {kept:.1} GB"), kept * price::GIGABYTE_OF_FILES),
        (
            format!("keeping the original, {ORIGINAL} GB at most, for its first month"),
            ORIGINAL * price::GIGABYTE_OF_FILES,
        ),
        ("and for each later one".to_owned(), ORIGINAL * price::GIGABYTE_OF_OLD_ORIGINALS),
    ];
    for (film, name) in films.iter().zip(&qualities) {
        let segment = price::MILLION_REQUESTS_OF_THE_EDGE + price::MILLION_READS_OF_FILES;
        let traffic = film.gigabytes() * price::GIGABYTE_OUT + film.files / 1e6 * segment;
        let what = format!("**one learner watches it** in {name}: {:.1} GB by CloudFront", film.gigabytes());
        rows.push((what, traffic + each));
    }
    text.push_str("\n| an hour of video in 1920 × 1080 | $ |\n| --- | ---: |\n");
    for (what, dollars) in rows {
        let _ = writeln!(text, "| {what} | {:.2} |", cents(dollars));
    }
    text.push_str(
        "\nThat is with up to 30 frames a second; with more, transcoding costs twice as much. CloudFront's first terabyte is \
         free in each month.\n",
    );
    text
}

fn sum(outputs: &[Output], of: impl Fn(&Output) -> f64) -> f64 {
    outputs.iter().map(of).sum()
}

/// The next cent; what rounding adds to a sum is none.
fn cents(dollars: f64) -> f64 {
    (dollars * 100.0 - 1e-6).ceil() / 100.0
}
