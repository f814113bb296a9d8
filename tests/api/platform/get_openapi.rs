//! GET /v1/openapi.json

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::json;
use tests::app;

const DOCUMENT: &str = include_str!("../../../infra/openapi.json");

#[tokio::test]
async fn the_document_is_the_one_that_is_checked_in() {
    let app = app().await;
    let answer = app.get("/v1/openapi.json").send().await.expect(200);
    // Byte for byte, but an assertion on 200 KB would print both.
    assert!(answer.text() == DOCUMENT, "the route answers another document than infra/openapi.json");
    assert_eq!(answer.json["openapi"], "3.1.0");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    assert_eq!((answer.header("content-encoding"), answer.cost.reads), (None, 0));
}

#[tokio::test]
async fn whoever_accepts_gzip_gets_the_same_document_smaller() {
    let app = app().await;
    let answer = app.get("/v1/openapi.json").header("accept-encoding", "br, gzip").send().await.expect(200);
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert!(answer.header("vary").unwrap().contains("accept-encoding"));
    assert!(answer.body.len() * 4 < DOCUMENT.len(), "{} of {} bytes", answer.body.len(), DOCUMENT.len());
    let mut unpacked = String::new();
    GzDecoder::new(answer.body.as_slice()).read_to_string(&mut unpacked).unwrap();
    assert!(unpacked == DOCUMENT, "the packed document is another one");
}

#[tokio::test]
async fn it_tells_of_every_route_that_answers() {
    let app = app().await;
    let document = app.get("/v1/openapi.json").send().await.json(200);
    for entry in registry::all().endpoints {
        let method = entry.route.method.as_str().to_lowercase();
        assert!(document["paths"][entry.route.path][method].is_object(), "{}", entry.route);
    }
}

#[tokio::test]
async fn every_refusal_has_an_example_that_its_schema_takes() {
    let app = app().await;
    let document = app.get("/v1/openapi.json").send().await.json(200);
    let responses = document["components"]["responses"].as_object().unwrap();
    assert!(responses.len() > 20);
    for (name, response) in responses {
        let media = &response["content"]["application/problem+json"];
        let example = &media["example"];
        let mut schema = media["schema"].clone();
        schema["components"] = json!({ "schemas": document["components"]["schemas"] });
        let wrong = jsonschema::validate(&schema, example);
        assert!(wrong.is_ok(), "{name}: {wrong:?}");
        let mut other = example.clone();
        other["code"] = json!("another");
        assert!(!jsonschema::is_valid(&schema, &other), "{name} takes any code");
        assert_eq!(example["type"], format!("urn:lectern:problem:{}", example["code"].as_str().unwrap()));
    }
}
