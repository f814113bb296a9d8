//! a file in the bucket below `uploads` → the job that transcodes it

use std::collections::{BTreeMap, BTreeSet};

use domain::video::VideoStatus;
use kernel::Code;
use serde_json::{Value, json};
use testkit::every_crash_point;
use tests::{TRANSCODER_ROLE, film, is_full, tripled_and_shuffled};

use crate::video::setup::{BEGINNING, studio};

#[tokio::test]
async fn an_upload_is_ordered_in_every_quality_that_it_fills() {
    let studio = studio().await;
    let (id, told) = studio.uploaded(BEGINNING).await;
    studio.start(&told).await.unwrap();
    assert_eq!(studio.video(&id).await["status"], "processing");
    let [job] = &studio.jobs(&id)[..] else { panic!("one job") };
    let stored = studio.stored(&id).await.value;
    assert_eq!(stored.job.unwrap().id, Some(job.id.clone()));
    let etag = stored.source.unwrap().etag;
    assert_eq!((job.role.as_str(), &job.metadata["etag"]), (TRANSCODER_ROLE, &etag));
    assert_eq!(job.input, format!("s3://lectern-test-files/{}", studio.object(&id)));
    let [streams, pictures] = &job.settings["outputGroups"].as_array().unwrap()[..] else {
        panic!("{}", job.settings)
    };
    let folder = format!("s3://lectern-test-files/videos/main/{id}/{etag}");
    let hls = &streams["outputGroupSettings"]["hlsGroupSettings"];
    assert_eq!(
        (&hls["destination"], &hls["segmentLength"]),
        (&json!(format!("{folder}/hls/index")), &json!(6))
    );
    let qualities: Vec<_> = streams["outputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|output| {
            let picture = &output["videoDescription"];
            let sound = output["audioDescriptions"][0]["codecSettings"]["codec"].clone();
            (picture["width"].clone(), picture["height"].clone(), sound)
        })
        .collect();
    let aac = || json!("AAC");
    assert_eq!(
        qualities,
        [
            (json!(1920), json!(1080), aac()),
            (json!(1280), json!(720), aac()),
            (json!(852), json!(480), aac())
        ]
    );
    let files = &pictures["outputGroupSettings"]["fileGroupSettings"]["destination"];
    assert_eq!(*files, json!(format!("{folder}/pictures/at")));
    let captured: Vec<_> = pictures["outputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|output| {
            let capture = &output["videoDescription"]["codecSettings"]["frameCaptureSettings"];
            (&output["nameModifier"], &output["videoDescription"]["width"], &capture["framerateDenominator"])
        })
        .collect();
    assert_eq!(
        captured,
        [(&json!("_small"), &json!(160), &json!(10)), (&json!("_poster"), &json!(1920), &json!(4))]
    );
}

#[tokio::test]
async fn a_film_of_a_phone_that_was_held_upright_stays_upright_and_a_silent_one_silent() {
    let studio = studio().await;
    studio.mediaconvert.find(|_| Some(film(1280, 720, 90, 3.0)));
    let (id, told) = studio.uploaded(BEGINNING).await;
    studio.start(&told).await.unwrap();
    let job = studio.jobs(&id).remove(0);
    let best = &job.settings["outputGroups"][0]["outputs"][0]["videoDescription"];
    assert_eq!((&best["width"], &best["height"]), (&json!(720), &json!(1280)));

    studio.mediaconvert.find(|_| {
        let mut silent = film(640, 360, 0, 3.0);
        let _ = silent["tracks"].as_array_mut().unwrap().pop();
        Some(silent)
    });
    let (id, told) = studio.uploaded(BEGINNING).await;
    studio.start(&told).await.unwrap();
    let job = studio.jobs(&id).remove(0);
    let [only] = &job.settings["outputGroups"][0]["outputs"].as_array().unwrap()[..] else {
        panic!("one quality")
    };
    assert_eq!(only["videoDescription"]["height"], 360, "not above its source");
    assert!(
        only["audioDescriptions"].is_null() && job.settings["inputs"][0]["audioSelectors"].is_null(),
        "{only}"
    );
}

#[tokio::test]
async fn what_is_no_video_fails_with_advice_and_costs_no_job() {
    let studio = studio().await;
    let fine = || Some(film(1920, 1080, 0, 60.0));
    let no_picture = || {
        let mut sound = film(1, 1, 0, 60.0);
        let _ = sound["tracks"].as_array_mut().unwrap().remove(0);
        Some(sound)
    };
    let cases = [
        (&b"<!doctype html><script>"[..], fine(), "not_a_video"),
        (b"\x1a\x45\xdf\xa3 a webm that is called mp4", fine(), "not_a_video"),
        (BEGINNING, None, "not_a_video"),
        (BEGINNING, no_picture(), "no_picture"),
        (BEGINNING, Some(film(1920, 1080, 0, 0.1)), "too_short"),
        (BEGINNING, Some(film(1920, 1080, 0, 30_000.0)), "too_long"),
    ];
    for (bytes, held, code) in cases {
        studio.mediaconvert.find(move |_| held.clone());
        let (id, told) = studio.uploaded(bytes).await;
        studio.start(&told).await.unwrap();
        studio.start(&told).await.unwrap();
        let shown = studio.video(&id).await;
        assert_eq!((&shown["status"], &shown["failure_code"]), (&json!("failed"), &json!(code)));
        assert!(shown["failure_reason"].as_str().unwrap().ends_with('.'), "{shown}");
    }
    // Nobody's link takes another length, so somebody else wrote it.
    let id = studio.next(100).await;
    studio.write(&id, BEGINNING).await;
    studio.start(&studio.told()[0].body).await.unwrap();
    assert_eq!(studio.video(&id).await["failure_code"], "not_a_video");
    assert_eq!(studio.mediaconvert.jobs(), []);
}

#[tokio::test]
async fn what_is_told_of_no_video_is_let_go() {
    let studio = studio().await;
    let (_, told) = studio.uploaded(BEGINNING).await;
    let mut event: Value = serde_json::from_str(&told).unwrap();
    let unknown = format!("uploads/main/{}", "vid_00000000000070008000000000000000");
    let before = studio.app.dump().await;
    for key in
        [unknown.as_str(), "uploads/main/a b+ü%2F.mp4", "uploads/main", "uploads/MAIN/vid_1", "videos/x"]
    {
        event["detail"]["object"]["key"] = json!(key);
        studio.start(&event.to_string()).await.unwrap();
    }
    assert_eq!(studio.app.dump().await, before);
    assert_eq!(studio.mediaconvert.jobs(), []);
}

#[tokio::test]
async fn while_mediaconvert_takes_no_more_a_burst_waits_and_none_is_lost() {
    let studio = studio().await;
    let mut waiting = Vec::new();
    for _ in 0..5 {
        waiting.push(studio.uploaded(BEGINNING).await);
    }
    for (_, told) in &waiting {
        studio.mediaconvert.throttle(3);
        assert_eq!(studio.start(told).await.unwrap_err().code(), Code::UNAVAILABLE);
    }
    assert_eq!(studio.mediaconvert.jobs(), []);
    studio.app.clock().advance(180);
    for (id, told) in &waiting {
        studio.start(told).await.unwrap();
        assert_eq!(studio.jobs(id).len(), 1);
    }
}

#[tokio::test]
async fn f1_r2_wherever_it_dies_the_next_delivery_finds_its_job_or_orders_it() {
    for forgotten in [false, true] {
        let points = every_crash_point(
            async || {
                let studio = studio().await;
                let (id, told) = studio.uploaded(BEGINNING).await;
                (studio, id, told)
            },
            |(studio, ..)| &studio.app,
            async |(studio, _, told)| {
                let _ = studio.start(told).await;
            },
            async |(studio, id, told), point| {
                if forgotten {
                    studio.mediaconvert.forget_tokens();
                }
                // Somebody may still be at it.
                if let Err(error) = studio.start(told).await {
                    assert_eq!(error.code(), Code::UNAVAILABLE, "{point:?}");
                    assert_eq!(studio.stored(id).await.value.status, VideoStatus::Processing, "{point:?}");
                }
                studio.app.clock().advance(180);
                studio.start(told).await.unwrap();
                let [job] = &studio.jobs(id)[..] else { panic!("{point:?}: {:?}", studio.jobs(id)) };
                assert_eq!(studio.stored(id).await.value.job.unwrap().id, Some(job.id.clone()), "{point:?}");
            },
        )
        .await;
        assert_eq!(points, 14, "video, file, its beginning, probe, claim, job, video: twice each");
    }
}

/// R11: of 2,000 uploads, told three times each in any order, a hundred of them overwritten meanwhile.
#[tokio::test]
async fn r11_each_version_has_one_job_and_the_newest_wins() {
    let (uploads, overwrites) = if is_full() { (2000, 100) } else { (60, 12) };
    let studio = studio().await;
    let mut shuffle = tripled_and_shuffled(20_261_122);
    let mut ids = Vec::new();
    for n in 0..uploads {
        let bytes = [BEGINNING, format!("{n:06} first").as_bytes()].concat();
        let id = studio.next(bytes.len()).await;
        studio.write(&id, &bytes).await;
        ids.push(id);
    }
    let first = shuffle(studio.told());
    let (before, after) = first.split_at(first.len() / 2);
    for message in before {
        studio.start(&message.body).await.unwrap();
    }
    for (n, id) in ids.iter().enumerate().take(overwrites) {
        studio.write(id, &[BEGINNING, format!("{n:06} later").as_bytes()].concat()).await;
    }
    let later = shuffle(studio.told());
    for message in after.iter().chain(&later) {
        studio.start(&message.body).await.unwrap();
    }

    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for job in studio.mediaconvert.jobs() {
        let is_new = versions
            .entry(job.metadata["video_id"].clone())
            .or_default()
            .insert(job.metadata["etag"].clone());
        assert!(is_new, "a version was ordered twice: {job:?}");
    }
    assert_eq!(versions.len(), uploads);
    assert!(versions.values().any(|etags| etags.len() == 2), "none was ordered before it was overwritten");
    for (n, id) in ids.iter().enumerate() {
        let video = studio.stored(id).await.value;
        let newest = studio.jobs(id).pop().unwrap();
        assert_eq!(video.source.unwrap().etag, newest.metadata["etag"], "{n}");
        assert_eq!(video.job.unwrap().id, Some(newest.id), "{n}");
        if n >= overwrites {
            assert_eq!(versions[id].len(), 1, "{n}");
        }
    }
}
