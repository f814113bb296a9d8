//! What a player reads: playlists that lead to segments, whose addresses carry a permission that ends, and pictures.

use std::{fmt, fmt::Write as _, str::FromStr};

use kernel::{School, Timestamp};

use super::{Media, Rendition, Video, VideoId};

/// A link lasts as long as the film, and so much longer: for pauses.
const PAUSES_SECONDS: i64 = 3600;
/// From one small picture to the next, as the job orders them.
pub const THUMBNAIL_SECONDS: u32 = 10;
/// The picture that stands for a film is what it shows then, since many begin in black; of a shorter one its beginning.
pub const POSTER_SECONDS: u32 = 4;

/// A list that a player reads, by the last part of its address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Playlist {
    /// Which qualities there are: `index.m3u8`.
    Master,
    /// The segments of one, by the height of its picture: `index_720.m3u8`.
    Quality(u32),
    /// Captions in a language, by its tag in small letters: `captions_en.m3u8`.
    Captions(String),
    /// Small pictures, each with its time: `thumbnails.vtt`.
    Thumbnails,
}

impl fmt::Display for Playlist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Master => f.write_str("index.m3u8"),
            Self::Quality(height) => write!(f, "index_{height}.m3u8"),
            Self::Captions(tag) => write!(f, "captions_{tag}.m3u8"),
            Self::Thumbnails => f.write_str("thumbnails.vtt"),
        }
    }
}

impl FromStr for Playlist {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let height = || text.strip_prefix("index_")?.strip_suffix(".m3u8")?.parse().ok();
        let tag = || text.strip_prefix("captions_")?.strip_suffix(".m3u8");
        let list = match text {
            "index.m3u8" => Self::Master,
            "thumbnails.vtt" => Self::Thumbnails,
            _ => match tag() {
                Some(tag) => Self::Captions(tag.to_lowercase()),
                None => Self::Quality(height().ok_or(())?),
            },
        };
        // One spelling each: no leading zero or sign.
        (list.to_string() == text).then_some(list).ok_or(())
    }
}

/// The folder of all that a video was ever made into: what a link opens.
#[must_use]
pub fn folder(school: &School, video: VideoId) -> String {
    format!("videos/{school}/{video}")
}

impl Video {
    /// Until when a link to it that is made now can be used.
    #[must_use]
    pub fn playable_until(&self, now: Timestamp) -> Timestamp {
        let lasts = self.media.as_ref().map_or(0, |media| media.duration_ms.div_ceil(1000));
        now.plus_seconds(i64::try_from(lasts).unwrap_or(i64::MAX / 2) + PAUSES_SECONDS)
    }
}

impl Media {
    /// Where a playlist is in the bucket; none of a quality that it does not have, and of what is not kept.
    #[must_use]
    pub fn object(&self, playlist: &Playlist) -> Option<String> {
        let has = |height| self.renditions.iter().any(|Rendition { height: own, .. }| own == height);
        match playlist {
            Playlist::Quality(height) if !has(height) => None,
            Playlist::Captions(_) | Playlist::Thumbnails => None,
            Playlist::Master | Playlist::Quality(_) => Some(format!("{}/hls/{playlist}", self.folder)),
        }
    }

    /// The folder of its segments.
    #[must_use]
    pub fn segments(&self) -> String {
        format!("{}/hls", self.folder)
    }

    /// The picture that stands for it.
    #[must_use]
    pub fn poster(&self) -> String {
        let n = u8::from(self.duration_ms > u64::from(POSTER_SECONDS) * 1000 + 500);
        format!("{}/pictures/at_poster.{n:07}.jpg", self.folder)
    }

    /// Its small pictures as WebVTT, at addresses that end in `query`.
    #[must_use]
    pub fn thumbnails(&self, query: &str) -> String {
        let step = u64::from(THUMBNAIL_SECONDS) * 1000;
        let mut list = "WEBVTT\n".to_owned();
        for n in 0..self.duration_ms.div_ceil(step).max(1) {
            let (from, to) = (n * step, ((n + 1) * step).min(self.duration_ms));
            let address = format!("/{}/pictures/at_small.{n:07}.jpg?{query}", self.folder);
            let _ = write!(list, "\n{} --> {}\n{address}\n", clock(from), clock(to));
        }
        list
    }
}

/// `0:00:04.120` as WebVTT writes it.
fn clock(ms: u64) -> String {
    format!("{:02}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

/// A playlist whose addresses begin with `base`, unless that is empty, and end in `query`: whoever follows them shows the
/// permission that they came with.
#[must_use]
pub fn signed(playlist: &str, base: &str, query: &str) -> String {
    let mut signed = String::with_capacity(playlist.len() * 2);
    let address = |name: &str| match base {
        "" => format!("{name}?{query}"),
        _ => format!("{base}/{name}?{query}"),
    };
    for line in playlist.lines() {
        match line.split_once("URI=\"").and_then(|(before, rest)| Some((before, rest.split_once('"')?))) {
            Some((before, (name, after))) if line.starts_with('#') => {
                let _ = write!(signed, "{before}URI=\"{}\"{after}", address(name));
            }
            _ if line.is_empty() || line.starts_with('#') => signed.push_str(line),
            _ => signed.push_str(&address(line)),
        }
        signed.push('\n');
    }
    signed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::{
        Source,
        upload::tests::{LATER, NOW, video},
    };

    fn ready(duration_ms: u64) -> Video {
        let mut video = video();
        let renditions = vec![Rendition { width: 1280, height: 720, bitrate: 1 }];
        video.claim(Source { etag: "e".to_owned(), bytes: 7 }, renditions, NOW);
        video.finish("videos/main/v/e".to_owned(), duration_ms, LATER);
        video
    }

    #[test]
    fn a_playlist_has_one_name() {
        for (name, list) in [
            ("index.m3u8", Playlist::Master),
            ("index_720.m3u8", Playlist::Quality(720)),
            ("captions_de-at.m3u8", Playlist::Captions("de-at".to_owned())),
            ("thumbnails.vtt", Playlist::Thumbnails),
        ] {
            assert_eq!((name.parse(), list.to_string().as_str()), (Ok(list.clone()), name));
        }
        for other in
            ["", "index", "index_.m3u8", "index_0720.m3u8", "index_+720.m3u8", "captions_DE.m3u8", "../x"]
        {
            assert_eq!(other.parse::<Playlist>(), Err(()), "{other}");
        }
    }

    #[test]
    fn a_link_lasts_as_long_as_the_film_and_an_hour() {
        assert_eq!(ready(90_001).playable_until(NOW), NOW.plus_seconds(91 + 3600));
        assert_eq!(video().playable_until(NOW), NOW.plus_seconds(3600));
    }

    #[test]
    fn every_address_of_a_playlist_carries_the_permission_and_nothing_else_changes() {
        let master = "#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,URI=\"de.m3u8\",LANGUAGE=\"de\"\n\
                      #EXT-X-STREAM-INF:BANDWIDTH=1\nindex_720.m3u8\n";
        assert_eq!(
            signed(master, "", "k=v"),
            "#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,URI=\"de.m3u8?k=v\",LANGUAGE=\"de\"\n\
             #EXT-X-STREAM-INF:BANDWIDTH=1\nindex_720.m3u8?k=v\n"
        );
        let segments = "#EXTM3U\r\n#EXTINF:6.0,\r\n\r\na_00000.ts\r\n#EXT-X-ENDLIST";
        assert_eq!(
            signed(segments, "/videos/v", "k=v"),
            "#EXTM3U\n#EXTINF:6.0,\n\n/videos/v/a_00000.ts?k=v\n#EXT-X-ENDLIST\n"
        );
    }

    #[test]
    fn what_is_not_made_has_no_address() {
        let media = ready(60_000).media.unwrap();
        assert_eq!(media.object(&Playlist::Master).unwrap(), "videos/main/v/e/hls/index.m3u8");
        assert_eq!(media.object(&Playlist::Quality(720)).unwrap(), "videos/main/v/e/hls/index_720.m3u8");
        assert_eq!(
            (media.object(&Playlist::Quality(1080)), media.object(&Playlist::Thumbnails)),
            (None, None)
        );
    }

    #[test]
    fn a_film_has_a_small_picture_every_ten_seconds_and_one_that_stands_for_it() {
        let of = |duration_ms| ready(duration_ms).media.unwrap();
        assert_eq!(
            of(12_480).thumbnails("k=v"),
            "WEBVTT\n\n00:00:00.000 --> 00:00:10.000\n/videos/main/v/e/pictures/at_small.0000000.jpg?k=v\n\
             \n00:00:10.000 --> 00:00:12.480\n/videos/main/v/e/pictures/at_small.0000001.jpg?k=v\n"
        );
        assert_eq!(of(20_000).thumbnails("").matches("-->").count(), 2);
        assert!(of(3_725_500).thumbnails("").contains("01:02:00.000 --> 01:02:05.500"));
        assert_eq!(of(4_400).poster(), "videos/main/v/e/pictures/at_poster.0000000.jpg");
        assert_eq!(of(4_501).poster(), "videos/main/v/e/pictures/at_poster.0000001.jpg");
    }
}
