//! Captions: what is said in a video, as WebVTT (W3C), in a language.

use std::fmt::Write as _;

use kernel::{Line, Prose, Result, School, Violations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Media, Video, playback::folder, rules};
use crate::catalog::Language;

/// A video has captions in so many languages at most.
const MAX_LANGUAGES: usize = 30;
/// Characters of a file: some three hours of speech.
const MAX_CHARS: usize = 200_000;
/// When a film begins in the clock of its segments, as the job orders it: players set captions by it.
pub const CLOCK_BEGINS_SECONDS: u32 = 10;
/// Ticks of that clock a second (ISO 13818-1).
const TICKS: u32 = 90_000;

/// Captions in a language. They take the place of what the video has in it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AddCaptionsInput")]
#[schemars(example = json!({
    "language": "en", "label": "English", "webvtt": "WEBVTT\n\n00:00.000 --> 00:04.000\nThis is a bowline.\n",
}))]
pub struct NewCaptions {
    pub language: Language,
    /// How a player's menu calls them.
    pub label: Line<1, 60>,
    /// The file.
    pub webvtt: Prose<6, MAX_CHARS>,
}

/// Captions that a video has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Captions {
    pub language: Language,
    pub label: Line<1, 60>,
    /// What stands in the name of its file: another file has another name, since copies of it are kept on the way.
    pub digest: String,
}

/// What is wrong with a file, by the number of the line, counted from 1.
fn mistake(webvtt: &str) -> Option<(usize, &'static str)> {
    let text = webvtt.strip_prefix('\u{feff}').unwrap_or(webvtt);
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.first().copied().unwrap_or_default();
    if first.strip_prefix("WEBVTT").is_none_or(|rest| !rest.is_empty() && !rest.starts_with([' ', '\t'])) {
        return Some((1, "must begin with WEBVTT"));
    }
    let (mut before, mut count) = (0, 0);
    // What stands right below the first line belongs to it.
    let mut n = lines.iter().position(|line| line.is_empty()).unwrap_or(lines.len());
    while n < lines.len() {
        let end = lines[n..].iter().position(|line| line.is_empty()).map_or(lines.len(), |after| n + after);
        let block = &lines[n..end];
        let is_other = |name: &str| block.first().is_some_and(|line| line.starts_with(name));
        if !block.is_empty() && !["NOTE", "STYLE", "REGION"].into_iter().any(is_other) {
            let at = n + block.iter().take(2).position(|line| line.contains("-->")).unwrap_or(0);
            let Some((from, to)) = times(lines[at]) else {
                return Some((at + 1, "must be two times such as 00:01.000 --> 00:04.000"));
            };
            if to <= from || from < before {
                return Some((at + 1, "must end after it begins, and begin no earlier than the one before"));
            }
            if at + 1 == end {
                return Some((at + 1, "has no words below it"));
            }
            (before, count) = (from, count + 1);
        }
        n = end + 1;
    }
    (count == 0).then_some((1, "has no captions"))
}

/// The two times of a line, in milliseconds.
fn times(line: &str) -> Option<(u64, u64)> {
    let (from, rest) = line.split_once("-->")?;
    let to = rest.trim_start().split([' ', '\t']).next()?;
    Some((time(from.trim())?, time(to)?))
}

/// `01:02:03.004` or `02:03.004`.
fn time(text: &str) -> Option<u64> {
    let (clock, ms) = text.split_once('.')?;
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>| -> Option<u64> {
        let is_one = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_one.then(|| text.parse().ok()).flatten()
    };
    let mut parts = clock.rsplit(':');
    let seconds = number(parts.next()?, 2..=2).filter(|seconds| *seconds < 60)?;
    let minutes = number(parts.next()?, 2..=2).filter(|minutes| *minutes < 60)?;
    let hours = parts.next().map_or(Some(0), |hours| number(hours, 2..=4))?;
    let is_whole = parts.next().is_none();
    Some(((hours * 60 + minutes) * 60 + seconds) * 1000 + number(ms, 3..=3)?).filter(|_| is_whole)
}

impl Video {
    /// Takes captions in, whose file has this digest, and returns the file as players read it.
    ///
    /// # Errors
    /// There are violations already, the file is no WebVTT, or there are too many languages.
    pub fn caption(
        &mut self,
        new: NewCaptions,
        mut violations: Violations,
        digest: String,
    ) -> Result<(Captions, String)> {
        new.language.check("/language", &mut violations);
        if let Some((line, why)) = mistake(&new.webvtt) {
            violations.add("/webvtt", rules::INVALID_WEBVTT, format!("line {line} {why}"));
        }
        self.captions.retain(|known| !known.language.tag().eq_ignore_ascii_case(new.language.tag()));
        let fits = self.captions.len() < MAX_LANGUAGES;
        violations.require(fits, "/language", rules::TOO_MANY_LANGUAGES, "30 languages are the most");
        violations.finish()?;
        let captions = Captions { language: new.language, label: new.label, digest };
        self.captions.push(captions.clone());
        self.captions.sort_by(|a, b| a.language.tag().cmp(b.language.tag()));
        // Where the captions of a stream begin is said in its own clock (RFC 8216, 3.5).
        let webvtt: &str = &new.webvtt;
        let (first, rest) = webvtt.split_once('\n').unwrap_or((webvtt, ""));
        let clock = format!("X-TIMESTAMP-MAP=MPEGTS:{},LOCAL:00:00:00.000", CLOCK_BEGINS_SECONDS * TICKS);
        Ok((captions, format!("{}\n{clock}\n{rest}", first.trim_start_matches('\u{feff}').trim_end())))
    }

    /// Where the file of its captions is in the bucket.
    #[must_use]
    pub fn captions_object(&self, school: &School, captions: &Captions) -> String {
        let Captions { language, digest, .. } = captions;
        format!("{}/{}.{digest}.vtt", self.captions_folder(school), language.tag().to_lowercase())
    }

    /// The folder of its captions, which are of no version.
    #[must_use]
    pub fn captions_folder(&self, school: &School) -> String {
        format!("{}/captions", folder(school, self.id))
    }

    /// Its captions in the language of this tag, however it is written.
    #[must_use]
    pub fn captions_in(&self, tag: &str) -> Option<&Captions> {
        self.captions.iter().find(|captions| captions.language.tag().eq_ignore_ascii_case(tag))
    }

    /// A master playlist that offers its captions.
    #[must_use]
    pub fn with_captions(&self, master: &str) -> String {
        if self.captions.is_empty() {
            return master.to_owned();
        }
        let mut text = String::with_capacity(master.len() * 2);
        let mut offered = false;
        for line in master.lines() {
            if let Some(stream) = line.strip_prefix("#EXT-X-STREAM-INF:") {
                if !offered {
                    for Captions { language, label, .. } in &self.captions {
                        let (tag, name) = (language.tag(), label.to_string().replace(['"', '\\'], "'"));
                        let _ = writeln!(
                            text,
                            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"{name}\",LANGUAGE=\"{tag}\",\
                             AUTOSELECT=YES,URI=\"captions_{}.m3u8\"",
                            tag.to_lowercase()
                        );
                    }
                    offered = true;
                }
                let _ = writeln!(text, "#EXT-X-STREAM-INF:{stream},SUBTITLES=\"captions\"");
            } else {
                let _ = writeln!(text, "{line}");
            }
        }
        text
    }
}

impl Media {
    /// The playlist of captions whose file is at `address`: all of them at once.
    #[must_use]
    pub fn captions_playlist(&self, address: &str) -> String {
        let (seconds, ms) = (self.duration_ms / 1000, self.duration_ms % 1000);
        format!(
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{}\n#EXT-X-PLAYLIST-TYPE:VOD\n\
             #EXTINF:{seconds}.{ms:03},\n{address}\n#EXT-X-ENDLIST\n",
            self.duration_ms.div_ceil(1000)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::upload::tests::video;

    const FINE: &str = "WEBVTT - Knots\n\nNOTE of the author\n\n1\n00:01.000 --> 00:04.000 line:0\nThis is a bowline.\n\n\
                        00:00:04.000 --> 01:00:00.500\nAnd this\nis how it holds.\n";

    fn new(tag: &str, webvtt: &str) -> NewCaptions {
        let sent = json!({ "language": tag, "label": "Some", "webvtt": webvtt });
        serde_json::from_value(sent).unwrap()
    }

    #[test]
    fn a_file_is_webvtt_or_the_line_is_named_that_is_not() {
        assert_eq!(mistake(FINE), None);
        assert_eq!(mistake(&format!("\u{feff}{}", FINE.replace('\n', "\r\n"))), None);
        for (webvtt, line) in [
            ("", 1),
            ("1\n00:00:01,000 --> 00:00:04,000\nSubRip\n", 1),
            ("WEBVTTX\n", 1),
            ("WEBVTT\n", 1),
            ("WEBVTT\n\nwords alone\n", 3),
            ("WEBVTT\n\n00:01.000 --> 00:04.000\n", 3),
            ("WEBVTT\n\n00:04.000 --> 00:04.000\nno time\n", 3),
            ("WEBVTT\n\n00:04.000 --> 00:05.000\na\n\nid\n00:03.999 --> 00:05.000\nb\n", 7),
            ("WEBVTT\n\n00:61.000 --> 01:02.000\na\n", 3),
            ("WEBVTT\n\n0:01.000 --> 00:02.000\na\n", 3),
            ("WEBVTT\n\n00:01.00 --> 00:02.000\na\n", 3),
            ("WEBVTT\n\n00:01.000 --> soon\na\n", 3),
        ] {
            assert_eq!(mistake(webvtt).map(|(line, _)| line), Some(line), "{webvtt:?}");
        }
    }

    #[test]
    fn a_video_has_captions_once_in_each_language() {
        let mut video = video();
        let (_, file) = video.caption(new("en", FINE), Violations::default(), "1".to_owned()).unwrap();
        let clock = "WEBVTT - Knots\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\nNOTE";
        assert!(file.starts_with(clock), "{file}");
        assert_eq!(mistake(&file), None);
        let _ = video.caption(new("de", FINE), Violations::default(), "2".to_owned()).unwrap();
        let (replaced, _) = video.caption(new("en", FINE), Violations::default(), "3".to_owned()).unwrap();
        let tags: Vec<_> = video.captions.iter().map(|it| (it.language.tag(), it.digest.as_str())).collect();
        assert_eq!(tags, [("de", "2"), ("en", "3")]);
        assert_eq!(video.captions_in("EN"), Some(&replaced));
        let school = "main".parse().unwrap();
        assert!(video.captions_object(&school, &replaced).ends_with("/captions/en.3.vtt"));

        let before = video.clone();
        for (tag, webvtt) in [("en", "no"), ("e/n", FINE), ("../x", FINE)] {
            assert!(
                video.clone().caption(new(tag, webvtt), Violations::default(), String::new()).is_err(),
                "{tag}"
            );
        }
        assert_eq!(video, before);
        for n in 0..MAX_LANGUAGES - 2 {
            let tag = format!("en-x{n}");
            let _ = video.caption(new(&tag, FINE), Violations::default(), String::new()).unwrap();
        }
        assert!(video.clone().caption(new("fr", FINE), Violations::default(), String::new()).is_err());
        let _ = video.caption(new("de", FINE), Violations::default(), String::new()).unwrap();
    }

    #[test]
    fn a_playlist_offers_the_captions_that_there_are() {
        let master = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nindex_720.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nindex_480.m3u8\n";
        let mut video = video();
        assert_eq!(video.with_captions(master), master);
        let mut german = new("de-AT", FINE);
        german.label = "\"Deutsch\"".into();
        let _ = video.caption(german, Violations::default(), "1".to_owned()).unwrap();
        assert_eq!(
            video.with_captions(master),
            "#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"'Deutsch'\",LANGUAGE=\"de-AT\",\
             AUTOSELECT=YES,URI=\"captions_de-at.m3u8\"\n#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES=\"captions\"\n\
             index_720.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2,SUBTITLES=\"captions\"\nindex_480.m3u8\n"
        );
        let media = Media { folder: String::new(), duration_ms: 12_480, renditions: Vec::new() };
        let list = media.captions_playlist("/a.vtt?k=v");
        assert!(
            list.contains("TARGETDURATION:13\n") && list.contains("#EXTINF:12.480,\n/a.vtt?k=v\n"),
            "{list}"
        );
    }
}
