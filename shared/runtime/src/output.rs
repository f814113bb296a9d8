//! What a route answers.

use http::{HeaderName, HeaderValue, header};
use kernel::{Error, Result};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Components, Json};

/// An answer before gzip and CORS.
#[derive(Clone, PartialEq, Debug)]
pub struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The revision in its `ETag`, if it has one.
    #[must_use]
    pub fn etag(&self) -> Option<&HeaderValue> {
        self.headers.iter().find(|(name, _)| *name == header::ETAG).map(|(_, value)| value)
    }
}

/// Something that a route can answer with.
pub trait Output: Send {
    /// The status of success.
    const STATUS: u16;

    /// The body by media type, as OpenAPI writes it; empty when there is none.
    fn content(components: &mut Components) -> Value;

    /// The headers of success that clients rely on.
    fn headers() -> &'static [&'static str] {
        &[]
    }

    /// Encodes.
    ///
    /// # Errors
    /// The value has no JSON form: a bug.
    fn reply(&self) -> Result<Reply>;
}

fn json(status: u16, value: &impl Serialize) -> Result<Reply> {
    let body = serde_json::to_vec(value).map_err(Error::internal)?;
    Ok(Reply { status, content_type: "application/json", headers: Vec::new(), body })
}

/// 201 with the new thing.
pub struct Created<T>(pub T);

/// 202 with the thing as it is until what was asked for is done.
pub struct Accepted<T>(pub T);

macro_rules! json_outputs {
    ($($output:ident: $status:literal)*) => { $(
        impl<T: Serialize + JsonSchema + Send + Sync> Output for $output<T> {
            const STATUS: u16 = $status;

            fn content(components: &mut Components) -> Value {
                json!({ "application/json": { "schema": components.answered::<T>() } })
            }

            fn reply(&self) -> Result<Reply> {
                json(Self::STATUS, &self.0)
            }
        }

        impl<T: Serialize + JsonSchema + Send + Sync> Output for Revised<$output<T>> {
            const STATUS: u16 = $status;

            fn content(components: &mut Components) -> Value {
                <Etag<$output<WithRev<T>>>>::content(components)
            }

            fn headers() -> &'static [&'static str] {
                <Etag<$output<T>>>::headers()
            }

            fn reply(&self) -> Result<Reply> {
                let Self(rev, $output(view)) = self;
                Etag(*rev, $output(WithRev { view, rev: *rev })).reply()
            }
        }
    )* };
}

json_outputs! { Json: 200 Created: 201 Accepted: 202 }

/// 204.
pub struct NoContent;

/// 202 that tells nothing: what comes of it arrives elsewhere, or does not.
pub struct Requested;

macro_rules! empty_outputs {
    ($($output:ident: $status:literal)*) => { $(
        impl Output for $output {
            const STATUS: u16 = $status;

            fn content(_: &mut Components) -> Value {
                json!({})
            }

            fn reply(&self) -> Result<Reply> {
                Ok(Reply { status: Self::STATUS, content_type: "", headers: Vec::new(), body: Vec::new() })
            }
        }
    )* };
}

empty_outputs! { NoContent: 204 Requested: 202 }

/// An answer with the revision of its thing as `ETag`.
pub struct Etag<R>(pub u64, pub R);

/// An answer with the revision of its thing as `ETag`, and as `rev` in its JSON.
pub struct Revised<R>(pub u64, pub R);

// A thing beside its revision. It bears the name and the description of what it shows.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}")]
pub struct WithRev<T> {
    #[serde(flatten)]
    pub view: T,
    /// The revision. `If-Match` and `ETag` have it in quotes: `"2"` for 2.
    pub rev: u64,
}

impl<R: Output + Sync> Output for Etag<R> {
    const STATUS: u16 = R::STATUS;

    fn content(components: &mut Components) -> Value {
        R::content(components)
    }

    fn headers() -> &'static [&'static str] {
        &["ETag"]
    }

    fn reply(&self) -> Result<Reply> {
        let mut reply = self.1.reply()?;
        let value = HeaderValue::from_str(&format!("\"{}\"", self.0)).map_err(Error::internal)?;
        reply.headers.push((header::ETAG, value));
        Ok(reply)
    }
}

/// A document made elsewhere, sent as it is and cacheable by anybody for `max_age` seconds; by nobody if that is 0.
pub struct Raw {
    pub content_type: &'static str,
    pub max_age: u32,
    pub body: Vec<u8>,
}

impl Output for Raw {
    const STATUS: u16 = 200;

    fn content(_: &mut Components) -> Value {
        json!({ "application/json": { "schema": { "type": "object" } } })
    }

    fn reply(&self) -> Result<Reply> {
        let mut headers = Vec::new();
        if self.max_age > 0 {
            let cache = HeaderValue::from_str(&format!("public, max-age={}", self.max_age));
            headers.push((header::CACHE_CONTROL, cache.map_err(Error::internal)?));
        }
        Ok(Reply { status: 200, content_type: self.content_type, headers, body: self.body.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thing.
    #[derive(Serialize, JsonSchema)]
    struct ThingView {
        id: u8,
    }

    #[test]
    fn a_revision_stands_in_the_header_and_beside_what_has_it() {
        let reply = Revised(7, Created(ThingView { id: 1 })).reply().unwrap();
        assert_eq!((reply.status, reply.etag().unwrap().to_str().unwrap()), (201, "\"7\""));
        assert_eq!(serde_json::from_slice::<Value>(&reply.body).unwrap(), json!({ "id": 1, "rev": 7 }));
    }

    #[test]
    fn its_schema_has_the_name_and_the_words_of_what_has_it() {
        let mut components = Components::default();
        let content = Revised::<Json<ThingView>>::content(&mut components);
        let mut document = json!({ "content": content });
        components.put_into(&mut document);
        let schema = json!({ "$ref": "#/components/schemas/Thing" });
        assert_eq!(document["content"]["application/json"]["schema"], schema);
        let thing = &document["components"]["schemas"]["Thing"];
        assert_eq!((&thing["description"], &thing["required"]), (&json!("A thing."), &json!(["id", "rev"])));
        assert_eq!(thing["properties"]["rev"]["type"], "integer");
    }
}
