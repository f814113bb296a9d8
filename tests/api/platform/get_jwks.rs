//! GET /.well-known/jwks.json

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::identity::Role;
use serde_json::{Value, json};
use tests::{app, text};

#[tokio::test]
async fn the_keys_are_public_and_cacheable() {
    let app = app().await;
    let answer = app.get("/.well-known/jwks.json").send().await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let mut keys = answer.json["keys"].clone();
    for key in keys.as_array_mut().unwrap() {
        assert_eq!(text(key, "x").len(), 43);
        key["x"] = json!("…");
    }
    // Nothing private, and what a verifier needs to fix the algorithm.
    let key =
        |kid| json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": "…" });
    assert_eq!(keys, json!([key("test"), key("certificates")]));
    assert_eq!(app.get("/.well-known/jwks.json").bearer("x").send().await.json(200), answer.json);
    assert_eq!(answer.cost.reads, 0);
}

#[tokio::test]
async fn r23_anybody_can_verify_a_token_with_them() {
    let app = app().await;
    let registration = json!({
        "email": "ada@example.org", "password": "correct horse battery staple",
        "first_name": "Ada", "last_name": "Lovelace",
    });
    let signed_in = app.post("/v1/auth/register").json(&registration).send().await.json(201);
    let elsewhere = app.person(&"other".parse().unwrap(), "Ada", &[Role::Admin]).await;
    let keys = app.get("/.well-known/jwks.json").send().await.json(200);
    for token in [text(&signed_in, "access_token"), elsewhere.token] {
        let (message, signature) = token.rsplit_once('.').unwrap();
        let header = URL_SAFE_NO_PAD.decode(message.split('.').next().unwrap()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
        assert_eq!((&key["alg"], &key["crv"]), (&header["alg"], &json!("Ed25519")));
        let public = URL_SAFE_NO_PAD.decode(text(key, "x")).unwrap();
        let public = UnparsedPublicKey::new(&ED25519, public);
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        public.verify(message.as_bytes(), &signature).unwrap();
        assert!(public.verify(format!("{message}A").as_bytes(), &signature).is_err());
    }
}
