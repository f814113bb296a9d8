//! Functions that run elsewhere, such as in containers, share the data and the tokens of the local cloud.

use std::os::unix::fs::PermissionsExt;

use runtime::Config;
use serde_json::Value;

use crate::server::{Server, data_dir};

#[tokio::test]
async fn functions_that_run_elsewhere_find_the_table_and_the_key_in_a_file_for_its_owner_alone() {
    let data = data_dir();
    let server = Server::start(&data, &["--no-seed", "--emulators", "127.0.0.1:0"]).await;
    let file = data.join("env.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let file: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let variable = |name: &str| file["Parameters"][name].as_str().map(str::to_owned);

    let config = Config::from_lookup(variable).unwrap();
    assert_eq!(config.signing_key.expect("the key that signs").id, "local-token");
    let jwks = server.call("GET /.well-known/jwks.json", None, None, 200).await;
    assert_eq!(serde_json::to_value(config.public_keys).unwrap()["keys"][0]["x"], jwks["keys"][0]["x"]);

    // The emulator wants a signature and accepts any.
    let signature = "AWS4-HMAC-SHA256 Credential=any/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=any";
    let tables = reqwest::Client::new()
        .post(variable("AWS_ENDPOINT_URL").unwrap())
        .header("x-amz-target", "DynamoDB_20120810.ListTables")
        .header("authorization", signature)
        .header("x-amz-date", "20260101T000000Z")
        .header("content-type", "application/x-amz-json-1.0")
        .body("{}")
        .send()
        .await
        .unwrap();
    let tables: Value = serde_json::from_slice(&tables.bytes().await.unwrap()).unwrap();
    assert_eq!(tables["TableNames"], serde_json::json!([config.table]));

    assert_eq!(server.interrupt().await, 0);
    std::fs::remove_dir_all(data).unwrap();
}
