//! `Idempotency-Key`: a repeated request gets the reply of the first. The handler writes the reply in the transaction
//! of its effect ([`Idempotency::keep`]), so a process that dies in between leaves both or neither, two racing
//! copies cannot both commit, and there is no "in progress" state to get stuck in (R1).

use http::{HeaderName, HeaderValue, header};
use kernel::{Code, Error, Result, UserId};
use sha2::{Digest, Sha256};
use store::{Consistency, Key, KeptReply, Transaction, keys};

use crate::{App, Call, Output, Reply, Route};

/// A request that may be a repetition.
#[derive(Clone)]
pub struct Idempotency {
    key: Key<KeptReply>,
    request_hash: String,
}

/// Reads the header.
pub(crate) fn of_call(call: &Call, user: UserId, route: Route) -> Result<Option<Idempotency>> {
    let Some(value) = call.headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=255).contains(&text.len()));
    let Some(text) = text else {
        return Err(Error::new(Code::InvalidHeader, "Idempotency-Key must be 1 to 255 visible ASCII characters"));
    };
    let digest = Sha256::new().chain_update(&call.path).chain_update([0]).chain_update(&call.body).finalize();
    let request_hash = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let key = keys::kept_reply(&call.school, user, route.path, text);
    Ok(Some(Idempotency { key, request_hash }))
}

impl Idempotency {
    /// The kept reply to this very request, if there is one.
    pub(crate) async fn replay(&self, app: &App) -> Result<Option<Reply>> {
        let kept = app.store.get(&self.key, Consistency::Strong).await?.map(|kept| kept.value);
        let Some(kept) = kept.filter(|kept| kept.is_valid(app.now())) else { return Ok(None) };
        if kept.request_hash != self.request_hash {
            return Err(Error::new(Code::IdempotencyKeyReused, "use a new Idempotency-Key for a new request"));
        }
        let mut headers = vec![(HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"))];
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
    ///
    /// # Errors
    /// The output has no JSON form: a bug.
    pub fn keep(&self, app: &App, change: &mut Transaction<'_>, output: &impl Output) -> Result<()> {
        let reply = output.reply()?;
        let kept = KeptReply {
            request_hash: self.request_hash.clone(),
            status: reply.status,
            etag: reply.etag().and_then(|etag| etag.to_str().ok()).map(str::to_owned),
            body: String::from_utf8(reply.body).map_err(Error::internal)?,
            created_at: app.now(),
        };
        change.create_or_expired(&self.key, &kept, app.now(), || {
            Error::new(Code::Conflict, "the same request is being answered right now")
        });
        Ok(())
    }
}
