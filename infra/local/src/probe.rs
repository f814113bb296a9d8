//! What a file holds, as ffprobe reads it, in the words of MediaConvert's Probe.

use std::{path::Path, process::Command};

use serde_json::{Value, json};
use tracing::warn;

/// What ffmpeg calls the containers that are taken.
pub(crate) const CONTAINERS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm";

/// The `container` of the file at `s3://bucket/name`, which stands below `folder`; none where it is nothing that can be
/// read, or ffprobe is not installed.
pub(crate) fn container(folder: &Path, url: &str) -> Option<Value> {
    let file = folder.join(url.strip_prefix("s3://")?);
    // Only files of the kinds that are taken, which name no others: a list of addresses that is called a video would have it
    // read them.
    let output = Command::new("timeout")
        .args([
            "20",
            "ffprobe",
            "-v",
            "error",
            "-format_whitelist",
            CONTAINERS,
            "-protocol_whitelist",
            "file",
        ])
        .args(["-of", "json", "-show_format", "-show_streams"])
        .arg(file)
        .output()
        .ok()?;
    // As shells and `timeout` say that there is no such command.
    if output.status.code() == Some(127) {
        warn!("no video can be read without ffprobe: apt-get install ffmpeg");
    }
    of(&serde_json::from_slice(&output.stdout).ok()?)
}

fn of(probed: &Value) -> Option<Value> {
    // A browser's recording does not say.
    let seconds: Option<f64> = probed["format"]["duration"].as_str().and_then(|text| text.parse().ok());
    let streams = probed["streams"].as_array()?;
    let tracks =
        streams.iter().enumerate().filter_map(|(n, stream)| match stream["codec_type"].as_str()? {
            // The cover of a song is a stream too.
            "video" if stream["disposition"]["attached_pic"] == 1 => None,
            "video" => {
                let turned = stream["side_data_list"].as_array().into_iter().flatten();
                let rotation = turned.filter_map(|data| data["rotation"].as_i64()).next().unwrap_or(0);
                let picture =
                    json!({ "width": stream["width"], "height": stream["height"], "rotation": rotation });
                Some(json!({ "index": n + 1, "trackType": "video", "videoProperties": picture }))
            }
            "audio" => Some(json!({ "index": n + 1, "trackType": "audio" })),
            _ => None,
        });
    Some(json!({ "duration": seconds, "tracks": tracks.collect::<Vec<_>>() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_become_tracks_but_for_the_cover_of_a_song() {
        let probed = json!({
            "format": { "duration": "12.480000" },
            "streams": [
                { "codec_type": "video", "width": 1280, "height": 720, "side_data_list": [{ "rotation": -90 }] },
                { "codec_type": "audio" },
                { "codec_type": "video", "width": 500, "height": 500, "disposition": { "attached_pic": 1 } },
                { "codec_type": "subtitle" },
            ],
        });
        let container = of(&probed).unwrap();
        assert_eq!(container["duration"], 12.48);
        let tracks = container["tracks"].as_array().unwrap();
        assert_eq!(tracks.len(), 2);
        assert_eq!(tracks[0]["videoProperties"], json!({ "width": 1280, "height": 720, "rotation": -90 }));
        let recording = of(&json!({ "format": {}, "streams": [{ "codec_type": "audio" }] })).unwrap();
        assert!(recording["duration"].is_null());
        assert_eq!(of(&json!({ "error": {} })), None);
    }
}
