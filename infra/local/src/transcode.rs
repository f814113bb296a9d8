//! Jobs as MediaConvert does them, by ffmpeg: exactly the outputs that were ordered, under the names that MediaConvert gives
//! them, and what it tells of how they ended.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use emulators::{Job, MediaConvert, Sqs};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use tracing::warn;

use crate::{
    banner,
    probe::{CONTAINERS, container},
};

/// Longest film that is made here of one that does not say how long it is, so that what asks for more is found too long.
const MOST_SECONDS: f64 = 6.0 * 3600.0 + 60.0;
/// Of the largest picture that MediaConvert reads. A few bytes can claim gigabytes.
const MOST_PIXELS: u32 = 8192 * 4320;

/// Does the jobs that wait and those that come, one after the other, on the files below `folder`, and tells `queues` of the
/// end of each. Killed in between, it does the job again.
pub(crate) async fn work(mediaconvert: MediaConvert, folder: PathBuf, sqs: Sqs, queues: Vec<&'static str>) {
    loop {
        let job = mediaconvert.next().await;
        let (id, folder) = (job.id.clone(), folder.clone());
        let Ok(told) = spawn_blocking(move || done(&folder, &job)).await else { return };
        for queue in &queues {
            drop(sqs.send(queue, &told.to_string(), None));
        }
        mediaconvert.end(&id, &told["detail"]);
    }
}

/// Does a job on the files below `folder`, and returns the event of its end. Its line in the log is as those of requests.
fn done(folder: &Path, job: &Job) -> Value {
    let begun = Instant::now();
    let ended = match groups(folder, job) {
        Ok(groups) => json!({ "status": "COMPLETE", "outputGroupDetails": groups }),
        Err(why) => {
            warn!(job = job.id, "a video is not transcoded: {why}");
            json!({ "status": "ERROR", "errorCode": 1040, "errorMessage": why })
        }
    };
    let millis = begun.elapsed().as_secs_f64() * 1000.0;
    let status = ended["status"].as_str().unwrap_or_default();
    banner::say(format_args!("FFMPEG {} {status} {millis:.1} ms", job.input));
    let mut detail = json!({ "jobId": job.id, "userMetadata": job.metadata });
    if let (Some(detail), Value::Object(ended)) = (detail.as_object_mut(), ended) {
        detail.extend(ended);
    }
    json!({
        "version": "0",
        "id": job.id,
        "detail-type": "MediaConvert Job State Change",
        "source": "aws.mediaconvert",
        "account": "000000000000",
        "region": "local",
        "detail": detail,
    })
}

fn groups(folder: &Path, job: &Job) -> Result<Vec<Value>, String> {
    let film = Film {
        file: path(folder, &job.input)?,
        has_sound: !job.settings["inputs"][0]["audioSelectors"].is_null(),
        seconds: most_seconds(&container(folder, &job.input).unwrap_or_default(), &job.settings["inputs"][0]),
    };
    let groups = job.settings["outputGroups"].as_array().into_iter().flatten();
    groups
        .map(|group| {
            let settings = &group["outputGroupSettings"];
            match settings["type"].as_str() {
                Some("HLS_GROUP_SETTINGS") => {
                    stream(folder, &film, &settings["hlsGroupSettings"], &group["outputs"])
                }
                Some("FILE_GROUP_SETTINGS") => {
                    let settings = &settings["fileGroupSettings"];
                    let mut outputs = group["outputs"].as_array().into_iter().flatten();
                    outputs.try_for_each(|output| pictures(folder, &film, settings, output))?;
                    Ok(json!({ "type": "FILE_GROUP" }))
                }
                other => Err(format!("an output group of {other:?}")),
            }
        })
        .collect()
}

/// What a job reads.
struct Film {
    file: PathBuf,
    has_sound: bool,
    /// No more of it is read.
    seconds: f64,
}

/// How much is read of a file that holds `container`: what it says and a little, since a picture that is to stay for a day
/// is a day of pictures here.
fn most_seconds(container: &Value, input: &Value) -> f64 {
    // `HH:MM:SS:FF`, counted from the beginning.
    let end = input["inputClippings"][0]["endTimecode"]
        .as_str()
        .and_then(|end| end.split(':').next()?.parse().ok());
    let most = end.map_or(MOST_SECONDS, |hours: f64| hours * 3600.0);
    container["duration"].as_f64().map_or(most, |seconds| (seconds + 1.0).min(most))
}

/// The file at `s3://bucket/name`.
fn path(folder: &Path, url: &str) -> Result<PathBuf, String> {
    let name = url.strip_prefix("s3://").ok_or_else(|| format!("{url} is not in a bucket"))?;
    Ok(folder.join(name))
}

/// Of the sound, as it is ordered.
const SOUND_BITS: i64 = 128_000;

fn stream(folder: &Path, film: &Film, settings: &Value, outputs: &Value) -> Result<Value, String> {
    let url = settings["destination"].as_str().unwrap_or_default();
    let base = path(folder, url)?;
    let name = base.file_name().unwrap_or_default().to_string_lossy().into_owned();
    fs::create_dir_all(base.parent().unwrap_or(folder)).map_err(|error| error.to_string())?;
    let mut master = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n".to_owned();
    let mut details = Vec::new();
    for output in outputs.as_array().into_iter().flatten() {
        let picture = &output["videoDescription"];
        let number = |value: &Value| value.as_i64().unwrap_or_default();
        let (width, height) = (number(&picture["width"]), number(&picture["height"]));
        let bits = number(&picture["codecSettings"]["h264Settings"]["maxBitrate"]);
        let playlist = format!("{name}{}", output["nameModifier"].as_str().unwrap_or_default());
        let file = base.with_file_name(format!("{playlist}.m3u8"));
        let segments = base.with_file_name(format!("{playlist}_%05d.ts"));
        let mut ffmpeg = quiet(film);
        ffmpeg.args(["-map", "0:v:0", "-vf", &format!("scale={width}:{height},setsar=1")]);
        ffmpeg.args(["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-crf", "23"]);
        ffmpeg.args(["-maxrate", &bits.to_string(), "-bufsize", &(2 * bits).to_string()]);
        ffmpeg.args(["-force_key_frames", "expr:gte(t,n_forced*2)"]);
        if film.has_sound && !output["audioDescriptions"].is_null() {
            ffmpeg.args(["-map", "0:a:0", "-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2"]);
        }
        let clock = number(&output["containerSettings"]["m3u8Settings"]["ptsOffset"]);
        ffmpeg.args(["-output_ts_offset", &clock.to_string(), "-muxdelay", "0"]);
        let seconds = number(&settings["segmentLength"]).to_string();
        ffmpeg.args(["-f", "hls", "-hls_time", &seconds, "-hls_playlist_type", "vod"]);
        ffmpeg.arg("-hls_segment_filename").arg(segments).arg(&file);
        run(ffmpeg)?;
        let lasting = lasting(&file)?;
        let _ = write!(
            master,
            "#EXT-X-STREAM-INF:BANDWIDTH={},RESOLUTION={width}x{height}\n{playlist}.m3u8\n",
            bits + SOUND_BITS
        );
        details.push(json!({
            "outputFilePaths": [format!("{}{}.m3u8", url, output["nameModifier"].as_str().unwrap_or_default())],
            "durationInMs": lasting,
            "videoDetails": { "widthInPx": width, "heightInPx": height },
        }));
    }
    fs::write(base.with_file_name(format!("{name}.m3u8")), master).map_err(|error| error.to_string())?;
    Ok(json!({
        "outputDetails": details, "playlistFilePaths": [format!("{url}.m3u8")], "type": "HLS_GROUP",
    }))
}

fn pictures(folder: &Path, film: &Film, settings: &Value, output: &Value) -> Result<(), String> {
    let base = path(folder, settings["destination"].as_str().unwrap_or_default())?;
    fs::create_dir_all(base.parent().unwrap_or(folder)).map_err(|error| error.to_string())?;
    let picture = &output["videoDescription"];
    let capture = &picture["codecSettings"]["frameCaptureSettings"];
    let number = |value: &Value| value.as_i64().unwrap_or_default();
    let seconds = number(&capture["framerateDenominator"]) / number(&capture["framerateNumerator"]).max(1);
    // The first picture and one each so many seconds; the filter `fps` would begin in the middle of the first of them.
    let filter = format!(
        "select='isnan(prev_selected_t)+gte(t-prev_selected_t,{seconds})',scale={}:{}",
        picture["width"], picture["height"]
    );
    let name = base.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = format!("{name}{}.%07d.jpg", output["nameModifier"].as_str().unwrap_or_default());
    let mut ffmpeg = quiet(film);
    ffmpeg.args([
        "-map",
        "0:v:0",
        "-vf",
        &filter,
        "-fps_mode",
        "passthrough",
        "-start_number",
        "0",
        "-q:v",
        "5",
    ]);
    ffmpeg.args(["-frames:v", &capture["maxCaptures"].to_string()]).arg(base.with_file_name(name));
    run(ffmpeg)
}

fn quiet(film: &Film) -> Command {
    let mut ffmpeg = Command::new("timeout");
    // Told to stop, it first makes all the pictures that it is at.
    ffmpeg.args(["-k", "10", "3600", "ffmpeg", "-nostdin", "-v", "error", "-y"]);
    ffmpeg.args(["-format_whitelist", CONTAINERS, "-protocol_whitelist", "file"]);
    ffmpeg.args(["-max_pixels", &MOST_PIXELS.to_string(), "-t", &film.seconds.to_string()]);
    ffmpeg.arg("-i").arg(&film.file);
    ffmpeg
}

fn run(mut ffmpeg: Command) -> Result<(), String> {
    let output = ffmpeg.output().map_err(|error| format!("ffmpeg cannot be run: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    output.status.success().then_some(()).ok_or_else(|| said.lines().next().unwrap_or_default().to_owned())
}

/// The length of a playlist in milliseconds.
fn lasting(playlist: &Path) -> Result<u64, String> {
    let text = fs::read_to_string(playlist).map_err(|error| error.to_string())?;
    let lines = text.lines().filter_map(|line| line.strip_prefix("#EXTINF:"));
    let seconds: f64 = lines.filter_map(|line| line.trim_end_matches(',').parse::<f64>().ok()).sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hours")]
    Ok((seconds * 1000.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_made_of_a_film_than_it_says_and_of_none_more_than_is_taken() {
        let of = |duration: Value| most_seconds(&json!({ "duration": duration }), &Value::Null);
        let read = [of(json!(2.0)), of(json!(21_600.0)), of(json!(null)), of(json!(1e300))];
        assert_eq!(read.map(|seconds| seconds.to_string()), ["3", "21601", "21660", "21660"]);
        let clipped = json!({ "inputClippings": [{ "endTimecode": "02:00:00:00" }] });
        let read = [json!(2.0), json!(21_600.0), json!(null)];
        let read = read.map(|seconds| most_seconds(&json!({ "duration": seconds }), &clipped).to_string());
        assert_eq!(read, ["3", "7200", "7200"]);
    }
}
