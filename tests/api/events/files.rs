//! Files that come into being, as those hear of them who listen.

use kernel::Result;
use runtime::{App, Listener, Source};
use serde_json::Value;
use testkit::TestApp;

struct NoteFile;

impl Listener for NoteFile {
    const NAME: &'static str = "tests-note-file";
    const SOURCE: Source = Source::Created("tests");
    const SAMPLE: &'static str = "{}";
    type Message = Value;

    async fn hear(_: &App, _: Value) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_file_is_told_by_its_own_name_whatever_is_in_it() {
    let app = TestApp::new(&registry::all().listener::<NoteFile>()).await;
    let files = app.app().service::<objects::Objects>().await.unwrap();
    for name in ["tests/plain.png", "tests/a b+ü%20.png"] {
        files.put(name, "image/png", b"12345".to_vec()).await.unwrap();
        let [message] = &app.sqs().take("tests-note-file", 2)[..] else { panic!("{name}: one message") };
        let told: Value = serde_json::from_str(&message.body).unwrap();
        let object = &told["detail"]["object"];
        assert_eq!((&object["key"], &object["size"]), (&Value::from(name), &Value::from(5)), "{told}");
        assert_ne!(object["sequencer"], "0".repeat(32), "{told}");
        app.sqs().delete("tests-note-file", &message.id);
    }
}
