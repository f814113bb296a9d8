//! GET /v1/me/recordings

use domain::video::{Recording, Video};
use kernel::{Page, Result};
use runtime::{
    App, Budget, Caller, Endpoint, Json, ListQuery, Needs, PublicUrl, Query, Route, ServiceEntry, Table,
    access::SignedIn, get,
};
use store::{AnyKey, Consistency, Direction, keys};

use crate::{PlayLinks, view::RecordingLine};

/// Lists the caller's recordings, newest first.
pub struct ListMyRecordings;

impl Endpoint for ListMyRecordings {
    const NAME: &'static str = "video-list-my-recordings";
    const ROUTE: Route = get("/v1/me/recordings");
    const SUMMARY: &'static str = "Own recordings, newest first";
    const BUDGET: Budget = Budget { reads: 3, writes: 0 };
    // Who calls, their recordings, then how far each has come.
    const WAVES: u32 = 3;
    const NEEDS: Needs = Needs {
        table: &[Table::Query],
        services: &[ServiceEntry::of::<PlayLinks>(), ServiceEntry::of::<PublicUrl>()],
        ..Needs::NOTHING
    };
    type Access = SignedIn;
    type Input = Query<ListQuery>;
    type Output = Json<Page<RecordingLine>>;

    async fn handle(app: &App, caller: Caller<SignedIn>, Query(list): Self::Input) -> Result<Self::Output> {
        let school = &caller.school;
        let own = keys::recordings_partition(school, caller.access.account.value.id);
        let request = list.page(Direction::Descending);
        let page = app.store.page::<Recording>(&own, request, Consistency::Strong).await?;
        let videos: Vec<_> =
            page.items.iter().map(|recording| keys::video(school, recording.value.video_id)).collect();
        let mut found = app.store.batch_get(videos.iter().map(AnyKey::from), Consistency::Strong).await?;
        let mut items = Vec::with_capacity(videos.len());
        for (recording, key) in page.items.into_iter().zip(&videos) {
            // One that was deleted meanwhile.
            let Some(video) = found.take::<Video>(key)? else { continue };
            items.push(RecordingLine::of(app, school, recording.value, video.value).await?);
        }
        Ok(Json(Page { items, next_cursor: page.next_cursor }))
    }
}
