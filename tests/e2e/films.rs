//! Films as people have them, from the file to what a player shows, and files that only claim to be some.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use reqwest::{Client, Response, Url};
use serde_json::{Value, json};
use smoke::Login;
use tests::text;

use crate::server::{Server, data_dir};

/// An author begins so many uploads an hour.
const UPLOADS: usize = 10;
/// How often to look what has become of a file, and how long it may take between two looks. All of them together take
/// about twenty seconds on two cores.
const LOOKS: usize = 300;
const PAUSE: Duration = Duration::from_millis(200);
/// The longest segment that is ordered, and how far a length may be off.
const SEGMENT_SECONDS: f64 = 6.0;
const TOLERANCE: f64 = 0.5;
/// What a page or a program would do that was carried by a film.
const PAYLOAD: &[u8] = b"<?php system($_GET['c']); ?><script>alert(1)</script>";

/// What is to become of a file.
enum Fate {
    /// Pictures of these sizes, the best first, for so long, and with sound or without.
    Ready(&'static [(u64, u64)], f64, bool),
    /// With this code.
    Failed(&'static str),
    /// One or the other: how much can be saved of it is for whoever reads it to say.
    Ended,
}

/// A file.
struct Sample {
    /// Below the folder of this test.
    file: &'static str,
    /// As its owner calls it.
    name: &'static str,
    fate: Fate,
}

const SMALL: &[(u64, u64)] = &[(640, 360)];

/// Films, by what they are, and what only claims to be one.
fn samples() -> Vec<Sample> {
    use Fate::{Ended, Failed, Ready};
    let of = |file, name, fate| Sample { file, name, fate };
    vec![
        of(
            "large.mp4",
            "100 % Knots + Bends.mp4",
            Ready(&[(1920, 1080), (1280, 720), (852, 480)], 1.5, true),
        ),
        of("parts.mp4", "..%2F..%2Fetc%2Fpasswd", Ready(SMALL, 2.0, true)),
        of("turned.mp4", "漢字 🎬 für Größe.mp4", Ready(&[(360, 640)], 2.0, true)),
        of("upright.mp4", "../../upright.mp4", Ready(&[(480, 852)], 2.0, true)),
        of("variable.mp4", "שלום\u{200f}.mp4", Ready(SMALL, 2.0, true)),
        of("silent.mp4", "👩\u{200d}🏫.mp4", Ready(SMALL, 2.0, false)),
        of("film.webm", "<script>alert(1)</script>.webm", Ready(SMALL, 14.0, true)),
        of("recorded.webm", "\"quoted\"; filename=x.webm", Ready(SMALL, 2.0, true)),
        of("film.mkv", "film.mkv", Ready(SMALL, 2.0, true)),
        of("film.mov", "film.mov", Ready(SMALL, 2.0, true)),
        of("payload.mp4", "film.php", Ready(SMALL, 2.0, true)),
        of("sound.mp4", "song.mp4", Failed("no_picture")),
        of("begun.mp4", "begun.mp4", Failed("not_a_video")),
        of("text.mp4", "text.mp4", Failed("not_a_video")),
        of("page.mp4", "page.html", Failed("not_a_video")),
        of("script.mp4", "script.mp4", Failed("not_a_video")),
        of("webm.mp4", "a webm.mp4", Failed("not_a_video")),
        of("days.mp4", "days.mp4", Failed("too_long")),
        of("huge.webm", "huge.webm", Failed("unreadable")),
        of("damaged.mp4", "damaged.mp4", Ended),
        of("wide.mp4", "wide.mp4", Ended),
        of("billions.mp4", "billions.mp4", Ended),
        of("stuck.mp4", "stuck.mp4", Ended),
        of("pause.mp4", "pause.mp4", Ended),
    ]
}

/// Has ffmpeg make a file.
fn ffmpeg(folder: &Path, arguments: &str, file: &str) {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-y"]).args(arguments.split(' ')).arg(file).current_dir(folder);
    let made = ffmpeg.output().unwrap();
    assert!(made.status.success(), "{file}: {}", String::from_utf8_lossy(&made.stderr));
}

/// Makes the files of [`samples`].
fn make(folder: &Path) {
    let picture = |size: &str, rate: u32, seconds: &str| {
        format!("-f lavfi -i testsrc2=size={size}:rate={rate}:duration={seconds}")
    };
    let sound = |seconds: &str| format!("-f lavfi -i sine=frequency=330:duration={seconds}");
    let h264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";
    let vp8 = "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libopus";
    let film = |size: &str, rate: u32, seconds: &str| {
        format!("{} {} {h264} -c:a aac", picture(size, rate, seconds), sound(seconds))
    };
    ffmpeg(folder, &film("3840x2160", 12, "1.5"), "large.mp4");
    ffmpeg(folder, &film("640x360", 12, "2"), "small.mp4");
    ffmpeg(folder, &film("540x960", 12, "2"), "upright.mp4");
    let uneven = format!("{} -vf select='lt(n,10)+not(mod(n,7))' -fps_mode vfr", film("640x360", 30, "2"));
    ffmpeg(folder, &uneven, "variable.mp4");
    ffmpeg(folder, &format!("{} {h264}", picture("640x360", 12, "2")), "silent.mp4");
    ffmpeg(folder, &format!("{} -c:a aac", sound("2")), "sound.mp4");
    ffmpeg(folder, &format!("{} {} {vp8}", picture("640x360", 12, "14"), sound("14")), "film.webm");
    // As a browser writes it while it records: it does not know how long it will last.
    let recording = format!("{} {} {vp8} -live 1", picture("640x360", 12, "2"), sound("2"));
    ffmpeg(folder, &recording, "recorded.webm");
    ffmpeg(folder, "-i small.mp4 -c copy", "film.mkv");
    ffmpeg(folder, "-i small.mp4 -c copy", "film.mov");

    let read = |file: &str| fs::read(folder.join(file)).unwrap();
    let (small, variable, webm) = (read("small.mp4"), read("variable.mp4"), read("film.webm"));
    let write = |file: &str, bytes: &[u8]| fs::write(folder.join(file), bytes).unwrap();
    let most = u32::MAX.to_be_bytes();
    let long = 0x7fff_ffff_u32.to_be_bytes();

    // A quarter to the right, 90° of a phone that was held upright: 1, -1 and where that leads to, in 16.16.
    let turn: [u32; 9] = [0, 0x1_0000, 0, 0xffff_0000, 0, 0, 360 << 16, 0, 1 << 30];
    write("turned.mp4", &patched(&small, b"tkhd", 40, &turn.map(u32::to_be_bytes).concat()));
    // Sixty-four megabytes of nothing, at the end.
    let nothing = vec![0_u8; 64 * 1024 * 1024];
    write("parts.mp4", &[&small[..], &free(&nothing)].concat());
    write("payload.mp4", &[&small[..], &free(PAYLOAD)].concat());
    let beginning = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41";
    write("page.mp4", &[&beginning[..], b"<!doctype html>", PAYLOAD].concat());
    write("script.mp4", &[&beginning[..], PAYLOAD, &small[32..]].concat());
    write("text.mp4", b"Not a film, whatever it is called.\n");
    write("webm.mp4", &webm);

    // It ends before it says where its pictures are.
    write("begun.mp4", &small[..small.len() / 2]);
    let third = small.len() / 3;
    let mut damaged = small.clone();
    damaged[third..2 * third].iter_mut().for_each(|byte| *byte ^= 0x5a);
    write("damaged.mp4", &damaged);
    let days =
        ["mvhd", "mdhd"].iter().fold(small.clone(), |film, name| patched(&film, name.as_bytes(), 16, &long));
    write("days.mp4", &days);
    write("wide.mp4", &patched(&small, b"tkhd", 76, &[most, most].concat()));
    write("billions.mp4", &patched(&small, b"stts", 8, &most));
    // Two seconds are what it says, and a day is what its pictures last, or one of them.
    let all_shown = |film: &[u8]| patched(film, b"edts", -4, b"free");
    write("stuck.mp4", &all_shown(&patched(&small, b"stts", 12, &long)));
    write("pause.mp4", &all_shown(&patched(&variable, b"stts", 20, &long)));
    // Its first picture claims to be 16,000 pixels wide and high: gigabytes, of some kilobytes.
    let mut huge = read("recorded.webm");
    let start = find(&huge, b"\x9d\x01\x2a") + 3;
    huge[start..start + 4].copy_from_slice(&[0x80, 0x3e, 0x80, 0x3e]);
    write("huge.webm", &huge);
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).unwrap()
}

/// A box that is skipped, ISO 14496-12.
fn free(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).unwrap().to_be_bytes();
    [&length[..], b"free", content].concat()
}

/// An MP4 with `value` in its first box `name`, so many bytes from where its content begins.
fn patched(film: &[u8], name: &[u8], offset: isize, value: &[u8]) -> Vec<u8> {
    // What describes the pictures stands behind them.
    let index = film.windows(4).rposition(|window| window == b"moov").unwrap();
    let content = index + find(&film[index..], name) + 4;
    let start = content.checked_add_signed(offset).unwrap();
    let mut patched = film.to_vec();
    patched[start..start + value.len()].copy_from_slice(value);
    patched
}

/// Who uploads, and the module where their lessons stand.
struct Author {
    token: String,
    module: String,
}

impl Author {
    async fn new(server: &Server, admin: &str) -> Self {
        let login = Login::new().unwrap();
        let (id, token) = server.api.register(&login, "Ada").await.unwrap();
        server.letters().confirm(&server.api, &login.email, &token).await.unwrap();
        let roles = json!({ "roles": ["instructor"] });
        server.call(&format!("PUT /v1/admin/users/{id}/roles"), Some(admin), Some(roles), 200).await;
        let make = async |route: String, body: Value| {
            text(&server.call(&route, Some(&token), Some(body), 201).await, "id")
        };
        let draft = json!({ "title": "Films", "description": "All of them.", "level": "beginner" });
        let course = make("POST /v1/courses".to_owned(), draft).await;
        let module = make(format!("POST /v1/courses/{course}/modules"), json!({ "title": "One" })).await;
        Self { token, module }
    }

    /// A route that begins the upload of a new lesson's video.
    async fn lesson(&self, server: &Server) -> String {
        let lesson = json!({ "title": "A film", "content_type": "video" });
        let route = format!("POST /v1/modules/{}/lessons", self.module);
        let added = server.call(&route, Some(&self.token), Some(lesson), 201).await;
        format!("POST /v1/lessons/{}/video", text(&added, "id"))
    }

    /// Sends a file as a browser does, and returns its video.
    async fn send(&self, server: &Server, sample: &Sample, bytes: Vec<u8>) -> String {
        let route = self.lesson(server).await;
        let body = upload(sample.name, bytes.len(), content_type(sample.file));
        let begun = server.call(&route, Some(&self.token), Some(body), 201).await;
        let (video, upload) = (text(&begun, "video_id"), &begun["upload"]);
        if upload["upload_id"].is_string() {
            self.send_in_parts(server, &video, upload, &bytes).await;
        } else {
            let sent = put(&text(upload, "url"), &upload["headers"], bytes).await;
            assert_eq!(sent.status(), 200, "{}", sample.file);
        }
        video
    }

    /// The last part first, and the first one twice, since the first time something else has arrived.
    async fn send_in_parts(&self, server: &Server, video: &str, upload: &Value, bytes: &[u8]) {
        let size = usize::try_from(upload["part_size"].as_u64().unwrap()).unwrap();
        let links = upload["parts"].as_array().unwrap();
        assert_eq!(links.len(), bytes.len().div_ceil(size));
        let mut parts = Vec::new();
        for (link, part) in links.iter().zip(bytes.chunks(size)).rev() {
            let url = text(link, "url");
            if link["number"] == 1 {
                let broken: Vec<u8> = part.iter().map(|byte| byte ^ 1).collect();
                assert_eq!(put(&url, &Value::Null, broken).await.status(), 200);
            }
            let sent = put(&url, &Value::Null, part.to_vec()).await;
            assert_eq!(sent.status(), 200);
            let etag = sent.headers()["etag"].to_str().unwrap();
            parts.push(json!({ "number": link["number"], "etag": etag }));
        }
        let all = json!({ "upload_id": upload["upload_id"], "parts": parts });
        let route = format!("POST /v1/videos/{video}/upload/complete");
        server.call(&route, Some(&self.token), Some(all), 200).await;
    }

    /// What has become of a video, once something has.
    async fn ended(&self, server: &Server, video: &str) -> Value {
        let route = format!("GET /v1/videos/{video}");
        for _ in 0..LOOKS {
            let shown = server.call(&route, Some(&self.token), None, 200).await;
            if shown["status"] == "ready" || shown["status"] == "failed" {
                return shown;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("nothing becomes of {video}");
    }
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("webm") => "video/webm",
        Some("mkv") => "video/x-matroska",
        Some("mov") => "video/quicktime",
        _ => "video/mp4",
    }
}

fn upload(name: &str, bytes: usize, content_type: &str) -> Value {
    json!({ "filename": name, "size_bytes": bytes, "content_type": content_type })
}

async fn put(url: &str, headers: &Value, bytes: Vec<u8>) -> Response {
    let mut request = Client::new().put(url).body(bytes);
    for (name, value) in headers.as_object().into_iter().flatten() {
        request = request.header(name, value.as_str().unwrap());
    }
    request.send().await.unwrap()
}

/// What is behind a link, which leads nowhere without the permission that it carries.
async fn fetched(link: &str) -> Vec<u8> {
    let (bare, permission) = link.split_once('?').unwrap_or_else(|| panic!("{link} carries no permission"));
    let carries = |name: &str| permission.split('&').any(|part| part.starts_with(name));
    assert!(carries("link=") || carries("Signature="), "{link}");
    let client = Client::new();
    assert_eq!(client.get(bare).send().await.unwrap().status(), 403, "{bare}");
    let answer = client.get(link).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{bare}");
    let bytes = answer.bytes().await.unwrap();
    let carried = bytes.windows(PAYLOAD.len()).any(|window| window == PAYLOAD);
    assert!(!carried, "{bare} is what was uploaded");
    bytes.to_vec()
}

/// The lines of a list with the addresses of those that are some.
async fn list(link: &str) -> (Vec<String>, Vec<String>) {
    let list = String::from_utf8(fetched(link).await).unwrap();
    let (addresses, lines): (Vec<&str>, Vec<&str>) = list.lines().partition(|line| line.contains('?'));
    let link = Url::parse(link).unwrap();
    let whole = |address: &&str| link.join(address).unwrap().to_string();
    (lines.into_iter().map(str::to_owned).collect(), addresses.iter().map(whole).collect())
}

fn probed(file: &Path) -> Value {
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-of", "json", "-show_format", "-show_streams"]).arg(file);
    let said = ffprobe.stdin(Stdio::null()).output().unwrap();
    assert!(said.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&said.stderr));
    serde_json::from_slice(&said.stdout).unwrap()
}

fn is_about(seconds: f64, expected: f64) -> bool {
    (seconds - expected).abs() <= TOLERANCE
}

/// Gets the picture behind a link, has it decoded, and returns its size.
async fn picture(link: &str, file: PathBuf) -> (u64, u64) {
    fs::write(&file, fetched(link).await).unwrap();
    let mut decode = Command::new("ffmpeg");
    decode.args(["-nostdin", "-v", "error", "-xerror", "-i"]).arg(&file).args(["-f", "null", "-"]);
    let decoded = decode.output().unwrap();
    assert!(decoded.status.success() && decoded.stderr.is_empty(), "{}: {decoded:?}", file.display());
    let picture = &probed(&file)["streams"][0];
    assert_eq!(picture["codec_name"], "mjpeg");
    (picture["width"].as_u64().unwrap(), picture["height"].as_u64().unwrap())
}

/// Follows every link of a video that is ready, and reads all that it is made of. It lasts `seconds`.
async fn watch(shown: &Value, seconds: f64, has_sound: Option<bool>, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let (_, qualities) = list(&text(shown, "playback_url")).await;
    let renditions = shown["renditions"].as_array().unwrap();
    assert_eq!(qualities.len(), renditions.len(), "{shown}");
    for (quality, rendition) in qualities.iter().zip(renditions) {
        let (lines, segments) = list(quality).await;
        let number = |name: &str| {
            let numbers = lines.iter().filter_map(|line| line.strip_prefix(name));
            numbers.map(|number| number.trim_end_matches(',').parse().unwrap()).collect::<Vec<f64>>()
        };
        let (longest, lengths) = (number("#EXT-X-TARGETDURATION:"), number("#EXTINF:"));
        assert_eq!((longest.len(), lengths.len()), (1, segments.len()), "{lines:?}");
        assert!(longest[0] <= SEGMENT_SECONDS, "{lines:?}");
        assert!(lengths.iter().all(|length| *length <= SEGMENT_SECONDS + TOLERANCE), "{lengths:?}");
        assert!(is_about(lengths.iter().sum(), seconds), "{lengths:?} of {seconds}");
        let mut film = Vec::new();
        for segment in &segments {
            film.extend(fetched(segment).await);
        }
        let file = folder.join(format!("{}.ts", rendition["height"]));
        fs::write(&file, film).unwrap();
        let film = probed(&file);
        let streams = film["streams"].as_array().unwrap();
        let of =
            |kind: &str| streams.iter().filter(|stream| stream["codec_type"] == kind).collect::<Vec<_>>();
        let [picture] = of("video")[..] else { panic!("{film}") };
        assert_eq!(
            (&picture["codec_name"], &picture["width"], &picture["height"]),
            (&json!("h264"), &rendition["width"], &rendition["height"])
        );
        let sounds: Vec<_> = of("audio").iter().map(|sound| sound["codec_name"].clone()).collect();
        if let Some(has_sound) = has_sound {
            assert_eq!(sounds, if has_sound { vec!["aac"] } else { Vec::new() }, "{film}");
            let lasts: f64 = text(&film["format"], "duration").parse().unwrap();
            assert!(is_about(lasts, seconds), "{lasts} of {seconds}");
        }
    }

    let (times, pictures) = list(&text(shown, "thumbnails_url")).await;
    assert_eq!(times[0], "WEBVTT");
    let times = times.iter().filter(|line| line.contains(" --> ")).count();
    let wanted = (0_u32..).take_while(|n| f64::from(*n) * 10.0 < seconds).count();
    assert_eq!((times, pictures.len()), (wanted, wanted), "one for each ten of {seconds} s");
    for (n, link) in pictures.iter().enumerate() {
        assert_eq!(picture(link, folder.join(format!("{n}.jpg"))).await.0, 160);
    }
    let poster = picture(&text(shown, "poster_url"), folder.join("poster.jpg")).await;
    assert_eq!(json!([poster.0, poster.1]), json!([renditions[0]["width"], renditions[0]["height"]]));
}

/// Compares what has become of a file with what should have.
async fn judge(sample: &Sample, shown: &Value, folder: &Path) {
    assert_eq!(shown["filename"], sample.name);
    let (has_failed, code) = (shown["status"] == "failed", &shown["failure_code"]);
    let seconds = shown["duration_seconds"].as_f64();
    match &sample.fate {
        Fate::Ready(sizes, expected, has_sound) => {
            assert!(!has_failed && code.is_null(), "{shown}");
            let size = |it: &Value| (it["width"].as_u64().unwrap(), it["height"].as_u64().unwrap());
            let made: Vec<_> = shown["renditions"].as_array().unwrap().iter().map(size).collect();
            assert_eq!(made, *sizes, "{}", sample.file);
            let seconds = seconds.unwrap();
            assert!(is_about(seconds, *expected), "{} lasts {seconds}", sample.file);
            watch(shown, seconds, Some(*has_sound), folder).await;
        }
        Fate::Failed(expected) => {
            assert_eq!((has_failed, code), (true, &json!(expected)), "{}: {shown}", sample.file);
        }
        Fate::Ended if has_failed => {
            assert!(["unreadable", "not_a_video", "too_long"].iter().any(|known| code == known), "{shown}");
        }
        Fate::Ended => watch(shown, seconds.unwrap(), None, folder).await,
    }
    if has_failed {
        let reason = text(shown, "failure_reason");
        assert!(reason.contains(' ') && reason.ends_with('.') && !reason.contains("ffmpeg"), "{reason}");
        let has_links =
            ["playback_url", "poster_url", "thumbnails_url"].iter().any(|name| !shown[name].is_null());
        assert!(!has_links, "{shown}");
    }
}

/// What is refused before anything is sent.
async fn refusals(server: &Server, author: &Author) {
    let route = author.lesson(server).await;
    for (body, pointer, code) in [
        (upload("a.mp4", 0, "video/mp4"), "/size_bytes", "too_small"),
        (upload("a.mp4", 5, "text/html"), "/content_type", "not_allowed"),
        (upload("a.mp4", 5, "video/x-msvideo"), "/content_type", "not_allowed"),
        (upload("a.mp4", 5, ""), "/content_type", "not_allowed"),
        (upload("a\u{202e}4pm.exe", 5, "video/mp4"), "/filename", "control_character"),
        (upload("a\nb.mp4", 5, "video/mp4"), "/filename", "control_character"),
    ] {
        let refused = server.call(&route, Some(&author.token), Some(body), 422).await;
        let [error] = &refused["errors"].as_array().unwrap()[..] else { panic!("{refused}") };
        assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)));
    }
    let begun = server.call(&route, Some(&author.token), Some(upload("a.mp4", 5, "video/mp4")), 201).await;
    let (url, headers) = (text(&begun["upload"], "url"), &begun["upload"]["headers"]);
    let mut another = headers.clone();
    another["content-type"] = json!("text/html");
    for (headers, bytes) in [(&another, "12345"), (headers, ""), (headers, "1234"), (headers, "123456")] {
        assert_eq!(put(&url, headers, bytes.into()).await.status(), 403, "{bytes:?} with {headers}");
    }
}

#[tokio::test]
async fn every_film_can_be_watched_in_all_its_qualities_and_nothing_else_does_harm() {
    if let Err(error) = Command::new("ffmpeg").arg("-version").output() {
        println!("SKIPPED: ffmpeg does not start ({error}); apt-get install ffmpeg");
        return;
    }
    let data = data_dir();
    let folder = data.join("films");
    fs::create_dir_all(&folder).unwrap();
    make(&folder);
    let server = Server::start(&data, &["--no-seed"]).await;
    let admin = Login::new().unwrap();
    let (_, token) = server.api.register(&admin, "Ada").await.unwrap();
    server.letters().confirm(&server.api, &admin.email, &token).await.unwrap();
    assert_eq!(server.interrupt().await, 0);
    let server = Server::start(&data, &["--no-seed", "--admin", &admin.email]).await;
    let admin = server.api.sign_in(&admin.email, &admin.password).await.unwrap();

    // All of them are on their way before anybody looks.
    let (samples, mut sent) = (samples(), Vec::new());
    for some in samples.chunks(UPLOADS) {
        let author = Author::new(&server, &admin).await;
        let mut videos = Vec::new();
        for sample in some {
            let bytes = fs::read(folder.join(sample.file)).unwrap();
            videos.push((sample, author.send(&server, sample, bytes).await));
        }
        sent.push((author, videos));
    }
    refusals(&server, &Author::new(&server, &admin).await).await;
    for (author, videos) in &sent {
        for (sample, video) in videos {
            let shown = author.ended(&server, video).await;
            println!("{}: {}", sample.file, shown["status"]);
            judge(sample, &shown, &folder.join(video)).await;
        }
    }
    server.call("GET /v1/health", None, None, 200).await;
    assert_eq!(server.interrupt().await, 0);
    fs::remove_dir_all(data).unwrap();
}
