//! Whose certificate it is, and which one is meant.

use domain::certificates::{Certificate, CertificateId, CertificateKind, CertificateNo};
use kernel::{Error, Result, School, UserId};
use runtime::{Access, App, Call, IdOr, Path, access::SignedIn};
use store::{AnyKey, Consistency, Stored, keys};

/// The learner whose certificate `{certificate_id}` is. For everybody else it does not exist.
pub struct CertificateOwner {
    pub user: SignedIn,
    pub certificate: Stored<Certificate>,
}

impl Access for CertificateOwner {
    const RULE: &'static str = "owner";
    const WHO: &'static str = "the learner whose certificate it is";
    type Path = Path<CertificateId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<CertificateId>) -> Result<Self> {
        let key = keys::certificate(&call.school, id);
        let (user, mut found) = SignedIn::with(app, call, [AnyKey::from(&key)]).await?;
        let own = found.take(&key)?.filter(|found| found.value.user_id == user.account.value.id);
        Ok(Self { certificate: own.ok_or_else(|| Error::not_found("certificate"))?, user })
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}

/// How an admin names a certificate: by its id, or by its number, which is what people have in hand.
pub(crate) type Named = IdOr<CertificateKind, CertificateNo>;

/// The certificate that is meant.
pub(crate) async fn find(app: &App, school: &School, named: &Named) -> Result<Stored<Certificate>> {
    let absent = || Error::not_found("certificate");
    let id = match named {
        IdOr::Id(id) => *id,
        IdOr::Alias(number) => {
            let key = keys::certificate_no(school, *number);
            app.store.get(&key, Consistency::Strong).await?.ok_or_else(absent)?.value.target
        }
    };
    app.store.get(&keys::certificate(school, id), Consistency::Strong).await?.ok_or_else(absent)
}
