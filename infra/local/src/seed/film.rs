//! The demo school's film: title cards with spoken words, made by ffmpeg where it is installed, and captions to match.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use serde::Deserialize;

use crate::Failure;

const FONT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/pdf/fonts/eb-garamond-regular.otf");

/// A card of the film.
#[derive(Deserialize)]
pub(super) struct Card {
    seconds: u32,
    title: String,
    /// What is said meanwhile, and shown as a caption.
    words: String,
}

/// Whether there is what films are made by.
pub(super) fn can_be_made() -> bool {
    Command::new("ffmpeg").arg("-version").output().is_ok_and(|output| output.status.success())
}

/// Their length.
pub(super) fn seconds(cards: &[Card]) -> u32 {
    cards.iter().map(|card| card.seconds).sum()
}

/// The cards as WebVTT.
pub(super) fn captions(cards: &[Card]) -> String {
    let clock = |seconds: u32| format!("{:02}:{:02}.000", seconds / 60, seconds % 60);
    let (mut text, mut at) = ("WEBVTT\n".to_owned(), 0);
    for card in cards {
        let _ = write!(text, "\n{} --> {}\n{}\n", clock(at), clock(at + card.seconds), card.words);
        at += card.seconds;
    }
    text
}

/// The film as MP4, made in `folder`. Without espeak-ng it is silent.
pub(super) fn made(folder: &Path, cards: &[Card]) -> Result<Vec<u8>, Failure> {
    let cannot = |error: std::io::Error| format!("the demo school's film cannot be made: {error}");
    fs::create_dir_all(folder).map_err(cannot)?;
    let total = seconds(cards).to_string();
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-y"]);
    ffmpeg.args(["-f", "lavfi", "-i", &format!("color=c=0x1e3a5f:s=1280x720:r=12:d={total}")]);
    ffmpeg.args(["-f", "lavfi", "-i", &format!("anullsrc=r=48000:cl=mono:d={total}")]);
    let (mut picture, mut sound, mut voices, mut at) = (Vec::new(), String::new(), 1, 0);
    for (n, card) in cards.iter().enumerate() {
        let (title, voice) = (folder.join(format!("{n}.txt")), folder.join(format!("{n}.wav")));
        fs::write(&title, &card.title).map_err(cannot)?;
        picture.push(format!(
            "drawtext=fontfile={FONT}:textfile={}:fontsize=56:fontcolor=white:line_spacing=16:x=(w-text_w)/2:\
             y=(h-text_h)/2:enable='between(t,{at},{})'",
            title.display(),
            at + card.seconds
        ));
        let spoken =
            Command::new("espeak-ng").args(["-s", "150", "-w"]).arg(&voice).arg(&card.words).output();
        if spoken.is_ok_and(|output| output.status.success()) {
            voices += 1;
            ffmpeg.arg("-i").arg(&voice);
            let _ = write!(sound, "[{voices}:a]aresample=48000,adelay={}:all=1[v{voices}];", at * 1000);
        }
        at += card.seconds;
    }
    let inputs: String = (2..=voices).map(|n| format!("[v{n}]")).collect();
    let _ = write!(sound, "[1:a]{inputs}amix=inputs={voices}:normalize=0[a]");
    ffmpeg.args(["-filter_complex", &format!("[0:v]{}[v];{sound}", picture.join(","))]);
    ffmpeg.args(["-map", "[v]", "-map", "[a]", "-t", &total, "-c:v", "libx264", "-preset", "veryfast"]);
    ffmpeg.args(["-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"]);
    let film = folder.join("film.mp4");
    let output = ffmpeg.arg(&film).output().map_err(cannot)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "the demo school's film cannot be made: {}",
            said.lines().next().unwrap_or_default()
        ));
    }
    let bytes = fs::read(film).map_err(cannot)?;
    fs::remove_dir_all(folder).map_err(cannot)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards() -> Vec<Card> {
        let card =
            |seconds, title: &str| Card { seconds, title: title.to_owned(), words: "Hello.".to_owned() };
        vec![card(6, "It's 100 % \"Lectern\": a\\b"), card(58, "Two\nlines")]
    }

    #[test]
    fn captions_follow_the_cards() {
        let expected = "WEBVTT\n\n00:00.000 --> 00:06.000\nHello.\n\n00:06.000 --> 01:04.000\nHello.\n";
        assert_eq!(captions(&cards()), expected);
    }
}
