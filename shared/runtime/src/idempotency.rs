//! `Idempotency-Key`: a repeated request gets the reply of the first. The reply is written in the transaction of its
//! effect ([`Caller::commit`](crate::Caller::commit)), so a process that dies in between leaves both or neither, two racing
//! copies cannot both commit, and there is no "in progress" state to get stuck in (R1).

use std::borrow::Cow;

use http::{HeaderName, HeaderValue, header};
use kernel::{Code, Error, Result, Rule, UserId, Violations};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{Consistency, KeptReply, Key, Transaction, keys};

use crate::{App, Call, Output, Reply, Route, json::canonical};

/// Longest key.
const KEY_MAX: usize = 255;

/// A request that may be a repetition.
#[derive(Clone)]
pub(crate) struct Idempotency {
    key: Key<KeptReply>,
    request_hash: String,
}

/// Reads the header.
pub(crate) fn of_call(call: &Call, user: UserId, route: Route) -> Result<Option<Idempotency>> {
    let Some(value) = call.headers.get("idempotency-key") else {
        return Ok(None);
    };
    let is_key = |text: &&str| {
        (1..=KEY_MAX).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b' '..=b'~'))
            && text.trim_matches(' ') == *text
    };
    let Some(text) = value.to_str().ok().filter(is_key) else {
        let mut violations = Violations::default();
        let detail = format!("must be 1 to {KEY_MAX} printable ASCII characters, such as a UUID");
        violations.add("Idempotency-Key", Rule::INVALID_VALUE, detail);
        return Err(Error::new(Code::INVALID_HEADER, "a header is wrong; see errors")
            .violations(violations.into_vec()));
    };
    let body = body_of(call);
    let digest = Sha256::new().chain_update(&call.path).chain_update([0]).chain_update(body).finalize();
    let request_hash = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let key = keys::kept_reply(&call.school, user, &route.to_string(), text);
    Ok(Some(Idempotency { key, request_hash }))
}

/// What makes a body the same as another: its JSON value, so that a client may write it anew for a repetition; its
/// bytes when it has none.
fn body_of(call: &Call) -> Cow<'_, [u8]> {
    match serde_json::from_slice(&call.body) {
        Ok(value) => Cow::Owned(canonical(value).to_string().into_bytes()),
        Err(_) => Cow::Borrowed(&call.body),
    }
}

impl Idempotency {
    /// What the header may hold.
    pub(crate) fn schema() -> Value {
        json!({ "type": "string", "minLength": 1, "maxLength": KEY_MAX, "pattern": "^[!-~]([ -~]*[!-~])?$" })
    }

    /// The kept reply to this very request, if there is one.
    pub(crate) async fn replay(&self, app: &App) -> Result<Option<Reply>> {
        let kept = app.store.get(&self.key, Consistency::Strong).await?.map(|kept| kept.value);
        let Some(kept) = kept.filter(|kept| kept.is_valid(app.now())) else {
            return Ok(None);
        };
        if kept.request_hash != self.request_hash {
            return Err(Error::new(
                Code::IDEMPOTENCY_KEY_REUSED,
                "use a new Idempotency-Key for a new request",
            ));
        }
        let mut headers =
            vec![(HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"))];
        if let Some(etag) = kept.etag.as_deref().and_then(|etag| HeaderValue::from_str(etag).ok()) {
            headers.push((header::ETAG, etag));
        }
        Ok(Some(Reply {
            status: kept.status,
            content_type: "application/json",
            headers,
            body: kept.body.into_bytes(),
        }))
    }

    /// Keeps `output` as the reply, in the same transaction as the effect.
    pub(crate) fn keep(&self, app: &App, change: &mut Transaction<'_>, output: &impl Output) -> Result<()> {
        let reply = output.reply()?;
        let kept = KeptReply {
            request_hash: self.request_hash.clone(),
            status: reply.status,
            etag: reply.etag().and_then(|etag| etag.to_str().ok()).map(str::to_owned),
            body: String::from_utf8(reply.body).map_err(Error::internal)?,
            created_at: app.now(),
        };
        change.create_or_expired(&self.key, &kept, app.now(), || {
            // No collision, which would be begun again: whoever asked gets the kept reply instead.
            Error::new(Code::IDEMPOTENCY_KEY_REUSED, "the same request is being answered right now")
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Budget, Caller, Endpoint, EndpointEntry, Json,
        fakes::{Somebody, app, request},
        post, put,
    };

    struct Pay;

    impl Endpoint for Pay {
        const NAME: &'static str = "tests-pay";
        const ROUTE: Route = post("/v1/pay");
        const SUMMARY: &'static str = "";
        const BUDGET: Budget = Budget { reads: 0, writes: 0 };
        const IDEMPOTENT: bool = true;
        type Access = Somebody;
        type Input = ();
        type Output = Json<u8>;

        async fn handle(_: &App, caller: Caller<Somebody>, (): ()) -> Result<Json<u8>> {
            Ok(Json(u8::from(caller.idempotency.is_some())))
        }
    }

    fn read(path: &str, key: &str, body: &str) -> Idempotency {
        let mut call = call(&[("idempotency-key", key)], body);
        path.clone_into(&mut call.path);
        of_call(&call, Somebody::id(), Pay::ROUTE).unwrap().unwrap()
    }

    fn call(headers: &[(&str, &str)], body: &str) -> Call {
        Call::new(app(), request(&EndpointEntry::of::<Pay>(), headers, body.as_bytes()))
    }

    #[test]
    fn r1_one_request_has_one_hash_and_any_other_has_another() {
        let first = read("/v1/pay", "k", "{}");
        assert_eq!(first.request_hash, read("/v1/pay", "k", "{}").request_hash);
        for other in [read("/v1/pay", "k", "[]"), read("/v1/pay/2", "k", "{}"), read("/v1/pay", "k", "")] {
            assert_eq!(other.key, first.key, "the same key must meet, to be refused");
            assert_ne!(other.request_hash, first.request_hash);
        }
        // Path and body cannot be shifted into each other.
        assert_ne!(read("/v1/pay", "k", "/2").request_hash, read("/v1/pay/2", "k", "").request_hash);
        assert_ne!(read("/v1/pay", "other", "{}").key, first.key);
    }

    #[test]
    fn r25_a_body_is_compared_by_its_value_and_by_its_bytes_when_it_has_none() {
        let hash = |body: &str| read("/v1/pay", "k", body).request_hash;
        let first = hash(r#"{"title":"Knots","price":{"amount":100,"currency":"USD"},"tags":["a","b"]}"#);
        let again = r#" { "tags": ["a", "b"], "price": { "currency": "USD", "amount": 1e2 }, "title": "\u004bnots" } "#;
        assert_eq!(hash(again), first);
        for other in [
            r#"{"title":"Knots","price":{"amount":100,"currency":"USD"},"tags":["b","a"]}"#,
            r#"{"title":"Knots","price":{"amount":"100","currency":"USD"},"tags":["a","b"]}"#,
            r#"{"title":"Knots","price":{"amount":100,"currency":"USD"},"tags":["a","b"],"slug":null}"#,
        ] {
            assert_ne!(hash(other), first, "{other}");
        }
        assert_eq!(hash("no json"), hash("no json"));
        assert_ne!(hash("no json"), hash("no  json"));
    }

    #[test]
    fn r1_a_key_is_of_one_person_in_one_school_on_one_route() {
        let here = call(&[("idempotency-key", "k")], "");
        let of = |call: &Call, user, route| of_call(call, user, route).unwrap().unwrap().key;
        let mine = of(&here, Somebody::id(), Pay::ROUTE);
        let other: UserId = "usr_00000000000070008000000000000002".parse().unwrap();
        let mut there = call(&[("idempotency-key", "k")], "");
        there.school = "other".parse().unwrap();
        for key in [
            of(&here, other, Pay::ROUTE),
            of(&here, Somebody::id(), post("/v1/refund")),
            of(&here, Somebody::id(), put("/v1/pay")),
            of(&there, Somebody::id(), Pay::ROUTE),
        ] {
            assert_ne!(key, mine);
        }
    }

    #[test]
    fn a_missing_key_is_no_key_and_a_bad_one_is_refused() {
        let of = |headers: &[(&str, &str)]| of_call(&call(headers, ""), Somebody::id(), Pay::ROUTE);
        assert!(of(&[]).unwrap().is_none());
        let longest = "k".repeat(255);
        assert!(of(&[("idempotency-key", &longest)]).unwrap().is_some());
        for bad in ["", &"k".repeat(256), "cl\u{e9}", " k", "k ", "k\t"] {
            assert_eq!(of(&[("idempotency-key", bad)]).err().unwrap().code(), Code::INVALID_HEADER, "{bad}");
        }
    }

    /// The client's text is hashed: it neither shapes the key of an item nor stands in it.
    #[test]
    fn r29_a_key_cannot_leave_its_place() {
        let key = format!("{:?}", read("/v1/pay", "x#REPLY#usr_1", "").key);
        assert!(!key.contains("x#") && key.starts_with("S#main#REPLY#usr_"), "{key}");
    }
}
