//! Functions that run elsewhere, such as in containers, share the data and the tokens of the local cloud.

use std::os::unix::fs::PermissionsExt;

use runtime::{Config, Environment, SigningKey};
use serde_json::{Value, json};

use crate::server::{Server, data_dir};

#[tokio::test]
async fn functions_that_run_elsewhere_find_the_table_and_the_keys_by_a_file_for_its_owner_alone() {
    let data = data_dir();
    let server = Server::start(&data, &["--no-seed", "--emulators", "127.0.0.1:0"]).await;
    let file = data.join("env.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let file: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let variables = file["Parameters"].as_object().unwrap().iter();
    let environment: Environment =
        variables.map(|(name, value)| (name.clone(), value.as_str().unwrap())).collect();

    let config = Config::of(&environment).unwrap();
    for (prefix, id) in [("TOKEN", "local-token"), ("CERTIFICATE", "local-certificate")] {
        let name = environment.required(&format!("{prefix}_KEY_PARAMETER")).unwrap();
        let body = json!({ "Names": [name], "WithDecryption": true });
        let ssm = environment.required("AWS_ENDPOINT_URL_SSM").unwrap();
        let found = asked(ssm, "AmazonSSM.GetParameters", &body).await;
        let private = found["Parameters"][0]["Value"].as_str().unwrap();
        assert!(environment.iter().all(|(_, value)| !value.contains(private)), "no key is in the file");
        let published = environment.public_keys(&format!("{prefix}_PUBLIC_KEYS")).unwrap();
        assert_eq!(SigningKey::published(private, &published).unwrap().id, id);
    }
    let jwks = server.call("GET /.well-known/jwks.json", None, None, 200).await;
    assert_eq!(serde_json::to_value(config.public_keys).unwrap()["keys"][0]["x"], jwks["keys"][0]["x"]);

    let table = environment.required("AWS_ENDPOINT_URL").unwrap();
    let tables = asked(table, "DynamoDB_20120810.ListTables", &json!({})).await;
    assert_eq!(tables["TableNames"], json!([config.table]));

    assert_eq!(server.interrupt().await, 0);
    std::fs::remove_dir_all(data).unwrap();
}

/// What an emulator answers, which may want a signature and accepts any.
async fn asked(endpoint: &str, operation: &str, body: &Value) -> Value {
    let signature =
        "AWS4-HMAC-SHA256 Credential=any/20260101/local/any/aws4_request, SignedHeaders=host, Signature=any";
    let answer = reqwest::Client::new()
        .post(endpoint)
        .header("x-amz-target", operation)
        .header("authorization", signature)
        .header("x-amz-date", "20260101T000000Z")
        .header("content-type", "application/x-amz-json-1.0")
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}
