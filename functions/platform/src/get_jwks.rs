//! GET /.well-known/jwks.json

use jsonwebtoken::jwk::JwkSet;
use kernel::{Error, Result};
use runtime::{App, Budget, Caller, Endpoint, Needs, Raw, Route, Service, ServiceEntry, access::Public, get};

/// `CERTIFICATE_PUBLIC_KEYS`: every key that ever signed a certificate.
struct CertificateKeys(JwkSet);

impl Service for CertificateKeys {
    const VARIABLES: &'static [&'static str] = &["CERTIFICATE_PUBLIC_KEYS"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        app.environment().public_keys("CERTIFICATE_PUBLIC_KEYS").map(Self)
    }
}

/// Returns the public keys that verify access tokens and certificates. The `typ` of a JWT tells which it is.
pub struct GetJwks;

impl Endpoint for GetJwks {
    const NAME: &'static str = "platform-get-jwks";
    const ROUTE: Route = get("/.well-known/jwks.json");
    const SUMMARY: &'static str = "Public keys that verify access tokens and certificates";
    const BUDGET: Budget = Budget { reads: 0, writes: 0 };
    const NEEDS: Needs = Needs { services: &[ServiceEntry::of::<CertificateKeys>()], ..Needs::NOTHING };
    type Access = Public;
    type Input = ();
    type Output = Raw;

    async fn handle(app: &App, _: Caller<Public>, (): ()) -> Result<Raw> {
        let CertificateKeys(certificates) = app.service().await?;
        let body = serde_json::to_vec(&JwkSet {
            keys: [&app.config.public_keys, certificates]
                .into_iter()
                .flat_map(|set| set.keys.clone())
                .collect(),
        })
        .map_err(Error::internal)?;
        Ok(Raw { content_type: "application/json", max_age: 300, body })
    }
}
