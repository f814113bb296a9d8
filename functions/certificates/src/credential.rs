//! What a certificate says, signed by the school: a compact JWS that anybody can check offline with the published
//! keys, for as long as the key is published.

use domain::certificates::{Certificate, CertificateNo};
use jsonwebtoken::jwk::JwkSet;
use kernel::{Result, School, Timestamp};
use runtime::{App, Service, SigningKey, token};
use serde::{Deserialize, Serialize};

/// `typ` of every credential: an access token is never taken for one, nor the other way round.
const TYPE: &str = "certificate+jwt";

/// The canonical fields. Their order is the order in which they are signed. A later version may say more.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The school's address.
    pub iss: String,
    pub school: School,
    pub certificate_no: CertificateNo,
    pub learner_name: String,
    pub course_title: String,
    pub instructor_name: String,
    pub duration_minutes: u32,
    pub completed_at: Timestamp,
    pub issued_at: Timestamp,
    /// Which of the certificate's renderings it is, counted from 1; the earliest were not counted, later
    /// ones said `drawing`.
    #[serde(alias = "drawing", skip_serializing_if = "Option::is_none")]
    pub rendering: Option<u32>,
}

/// The key that signs certificates: not the one of the access tokens, since certificates outlive every token key.
pub struct CertificateKey(SigningKey);

impl Service for CertificateKey {
    const VARIABLES: &'static [&'static str] = &["CERTIFICATE_KEY_PARAMETER", "CERTIFICATE_PUBLIC_KEYS"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        let published = app.environment().public_keys("CERTIFICATE_PUBLIC_KEYS")?;
        SigningKey::of_parameter(app, "CERTIFICATE_KEY_PARAMETER", &published).await.map(Self)
    }
}

impl CertificateKey {
    /// A key from elsewhere.
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
        Self(key)
    }

    /// What `certificate` says, signed by its school, which people reach at `site`.
    pub(crate) fn sign(&self, school: &School, site: &str, certificate: &Certificate) -> Result<String> {
        let claims = Claims {
            iss: site.to_owned(),
            school: school.clone(),
            certificate_no: certificate.number,
            learner_name: certificate.learner_name.clone(),
            course_title: certificate.course_title.clone(),
            instructor_name: certificate.instructor_name.clone(),
            duration_minutes: certificate.duration_minutes,
            completed_at: certificate.completed_at,
            issued_at: certificate.issued_at,
            rendering: Some(certificate.renderings),
        };
        token::sign_as(TYPE, &self.0, &claims)
    }
}

/// What a genuine credential says.
///
/// # Errors
/// It was not signed with one of `keys`, or it is not a credential.
pub fn verify(keys: &JwkSet, credential: &str) -> Result<Claims> {
    token::verify_as(TYPE, keys, credential)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_earlier_version_is_read_and_a_later_one_may_say_more() {
        let mut claims = json!({
            "iss": "https://school.example", "school": "main", "certificate_no": "CERT-2026-000123",
            "learner_name": "Ada", "course_title": "Knots", "instructor_name": "Grace", "duration_minutes": 60,
            "completed_at": "2026-01-15T09:00:00.000Z", "issued_at": "2026-01-15T09:00:01.000Z",
        });
        let first: Claims = serde_json::from_value(claims.clone()).unwrap();
        assert_eq!((first.learner_name.as_str(), first.rendering), ("Ada", None));
        assert_eq!(serde_json::to_value(&first).unwrap(), claims, "nothing is said that was not signed");
        claims["drawing"] = json!(1);
        assert_eq!(serde_json::from_value::<Claims>(claims.clone()).unwrap().rendering, Some(1));
        claims.as_object_mut().unwrap().remove("drawing");
        claims["rendering"] = json!(2);
        claims["honours"] = json!("with distinction");
        assert_eq!(serde_json::from_value::<Claims>(claims).unwrap().rendering, Some(2));
    }
}
