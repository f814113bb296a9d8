//! MediaConvert as the product reaches it in tests: over an emulator, and through the tap.

use aws_sdk_sesv2::config::{Credentials, Region, SharedCredentialsProvider};
use emulators::MediaConvert;
use runtime::sdk_limits;
use serde_json::{Value, json};
use testkit::{BUCKET, Tap};
use video::Transcoder;

/// As whom MediaConvert works.
pub const TRANSCODER_ROLE: &str = "arn:aws:iam::000000000000:role/lectern-test-transcoder";

/// A transcoder whose requests go through the tap to `mediaconvert`.
#[must_use]
pub fn transcoder(tap: &Tap, mediaconvert: &MediaConvert) -> Transcoder {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let sdk = sdk_limits()
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        // Nobody listens there, should a request get past the emulator.
        .endpoint_url("http://127.0.0.1:1")
        .http_client(tap.over(mediaconvert.http_client()));
    Transcoder::new(&sdk.build(), BUCKET.to_owned(), TRANSCODER_ROLE.to_owned())
}

/// What a probe says of a minute of film of this size.
#[must_use]
pub fn film(width: u32, height: u32, rotation: i32, seconds: f64) -> Value {
    let picture = json!({ "width": width, "height": height, "rotation": rotation });
    json!({ "duration": seconds, "format": "mp4", "tracks": [
        { "index": 1, "trackType": "video", "codec": "AVC", "videoProperties": picture },
        { "index": 2, "trackType": "audio", "codec": "AAC" },
    ] })
}
