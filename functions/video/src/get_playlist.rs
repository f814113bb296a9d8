//! GET /v1/videos/{video_id}/playlists/{playlist}

use domain::video::{Playlist, playback::signed};
use kernel::{Code, Error, Result};
use objects::Objects;
use runtime::{
    App, Budget, Caller, Components, Endpoint, Files, Needs, Output, Parameter, Path, Reply, Route,
    ServiceEntry, get,
};
use serde_json::{Value, json};

use crate::{PlayLinks, video_viewer::VideoViewer};

/// A list that a player reads, in which every address carries the permission that the list was asked for with: players
/// that send no cookies and know of no queries play it.
pub struct GetPlaylist;

/// Which of them; there are no others.
pub struct PlaylistName(Option<Playlist>);

impl Parameter for PlaylistName {
    const NAME: &'static str = "playlist";
    const ERRORS: &'static [Code] = &[];

    fn parse(text: &str) -> std::result::Result<Self, String> {
        Ok(Self(text.parse().ok()))
    }

    fn schema() -> Value {
        json!({ "type": "string" })
    }

    fn example() -> String {
        Playlist::Master.to_string()
    }
}

const HLS: &str = "application/vnd.apple.mpegurl";
const WEBVTT: &str = "text/vtt; charset=utf-8";

/// A playlist, or pictures with their times.
pub struct List {
    content_type: &'static str,
    text: String,
}

impl Output for List {
    const STATUS: u16 = 200;

    fn content(_: &mut Components) -> Value {
        let text = json!({ "schema": { "type": "string" } });
        json!({ HLS: text, "text/vtt": text })
    }

    fn reply(&self) -> Result<Reply> {
        let body = self.text.clone().into_bytes();
        Ok(Reply { status: Self::STATUS, content_type: self.content_type, headers: Vec::new(), body })
    }
}

impl Endpoint for GetPlaylist {
    const NAME: &'static str = "video-get-playlist";
    const ROUTE: Route = get("/v1/videos/{video_id}/playlists/{playlist}");
    const SUMMARY: &'static str = "A playlist of a video, or its small pictures with their times";
    const BUDGET: Budget = Budget { reads: 1, writes: 0 };
    const NEEDS: Needs = Needs {
        files: &[Files::Read("videos")],
        services: &[ServiceEntry::of::<Objects>(), ServiceEntry::of::<PlayLinks>()],
        ..Needs::NOTHING
    };
    type Access = VideoViewer;
    type Input = Path<PlaylistName>;
    type Output = List;

    async fn handle(
        app: &App,
        caller: Caller<VideoViewer>,
        Path(PlaylistName(playlist)): Self::Input,
    ) -> Result<Self::Output> {
        let absent = || Error::not_found("playlist");
        let VideoViewer { video, link } = &caller.access;
        let files = &link.for_files();
        let playlist = playlist.ok_or_else(absent)?;
        let media = video.media.as_ref().ok_or_else(absent)?;
        let list = match &playlist {
            Playlist::Thumbnails => return Ok(List { content_type: WEBVTT, text: media.thumbnails(files) }),
            Playlist::Captions(tag) => {
                let captions = video.captions_in(tag).ok_or_else(absent)?;
                let file = video.captions_object(&caller.school, captions);
                return Ok(List {
                    content_type: HLS,
                    text: media.captions_playlist(&format!("/{file}?{files}")),
                });
            }
            Playlist::Master | Playlist::Quality(_) => {
                app.service::<Objects>().await?.get(&media.object(&playlist).ok_or_else(absent)?).await?
            }
        };
        let list = String::from_utf8(list).map_err(Error::internal)?;
        // The playlists of its qualities are beside it, its segments in the bucket.
        let text = match playlist {
            Playlist::Master => signed(&video.with_captions(&list), "", &link.for_api()),
            _ => signed(&list, &format!("/{}", media.segments()), files),
        };
        Ok(List { content_type: HLS, text })
    }
}
