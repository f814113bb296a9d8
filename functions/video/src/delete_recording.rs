//! DELETE /v1/recordings/{recording_id}

use access::RecordingOwner;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Needs, NoContent, Route, Table, delete};
use store::{Stored, keys};

/// Deletes a recording: nobody finds it or begins to play it any more, and its files go with the sweep an hour later. Whoever
/// plays it may go on as long as CloudFront has copies and their link lasts. Said again, it answers 404: it is done.
pub struct DeleteRecording;

impl Endpoint for DeleteRecording {
    const NAME: &'static str = "video-delete-recording";
    const ROUTE: Route = delete("/v1/recordings/{recording_id}");
    const SUMMARY: &'static str = "Delete an own recording";
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Delete, Table::Put]);
    type Access = RecordingOwner;
    type Input = ();
    type Output = NoContent;

    async fn handle(app: &App, caller: Caller<RecordingOwner>, (): ()) -> Result<Self::Output> {
        let RecordingOwner { recording, video, .. } = &caller.access;
        let Stored { value: mut video, rev } = video.clone();
        video.remove(app.now());
        let school = &caller.school;
        let mut change = app.store.transaction(school);
        change.take(&keys::recording(school, recording.value.owner_id, recording.value.id), recording.rev);
        change.replace(&keys::video(school, video.id), &video, rev);
        change.commit().await?;
        Ok(NoContent)
    }
}
