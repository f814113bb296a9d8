//! Answers that are the same for everybody, which the distribution and browsers may keep.

use http::{HeaderValue, Method, header};
use sha2::{Digest, Sha256};

use crate::{Reply, call::Call};

/// How long an old answer may still be handed out while a new one is fetched.
const STALE_SECONDS: u32 = 60;

/// What decides whether an answer may be kept, taken from the request before it is handled.
pub(crate) struct SharedCache {
    seconds: u32,
    /// Whoever says who they are may be told more than others.
    is_of_nobody: bool,
    known: Option<HeaderValue>,
}

impl SharedCache {
    /// Of a request to an endpoint whose answers may be kept for so long; `None` where they may not be kept at all.
    pub(crate) fn of(call: &Call, seconds: Option<u32>) -> Option<Self> {
        let seconds = seconds.filter(|_| [Method::GET, Method::HEAD].contains(&call.method))?;
        Some(Self {
            seconds,
            // A cookie says nothing of who reads: the routes of sign-in alone look at it.
            is_of_nobody: !call.headers.contains_key(header::AUTHORIZATION),
            known: call.headers.get(header::IF_NONE_MATCH).cloned(),
        })
    }

    /// Says how long the answer may be kept, and cuts it down to 304 for who has it.
    pub(crate) fn apply(self, reply: &mut Reply) {
        if reply.status != 200 {
            return;
        }
        let mut set = |name, value: String| {
            reply.headers.retain(|(known, _)| *known != name);
            reply.headers.extend(HeaderValue::from_str(&value).ok().map(|value| (name, value)));
        };
        if !self.is_of_nobody {
            set(header::CACHE_CONTROL, "private, no-store".to_owned());
            return;
        }
        // Weak, since the bytes differ when they are compressed. The revision would not do: a card counts its learners.
        let digest = Sha256::digest(&reply.body);
        let tag = digest[..12].iter().fold("W/\"".to_owned(), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
        let (seconds, stale) = (self.seconds, STALE_SECONDS);
        set(header::ETAG, tag.clone());
        set(
            header::CACHE_CONTROL,
            format!("public, max-age=0, s-maxage={seconds}, stale-while-revalidate={stale}"),
        );
        let is_known = |known: &str| known == "*" || known.split(',').any(|known| known.trim() == tag);
        if self.known.is_some_and(|known| known.to_str().is_ok_and(is_known)) {
            reply.status = 304;
            reply.content_type = "";
            reply.body.clear();
        }
    }
}
