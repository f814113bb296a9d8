//! Whose certificate it is, and which one is meant.

use domain::certificates::Certificate;
use kernel::{CertificateId, CertificateKind, Error, Result, UserId};
use runtime::{Access, App, Call, access::User};
use store::{Consistency, Stored, keys};

/// The learner whose certificate `{certificate_id}` is. For everybody else it does not exist.
pub struct CertificateOwner {
    pub user: User,
    pub certificate: Stored<Certificate>,
}

impl Access for CertificateOwner {
    const RULE: &'static str = "owner";

    async fn authorize(app: &App, call: &Call) -> Result<Self> {
        let user = User::authorize(app, call).await?;
        let absent = || Error::not_found("certificate");
        let id = call.id::<CertificateKind>("certificate_id")?;
        let found = app.store.get(&keys::certificate(&call.school, id), Consistency::Strong).await?;
        let own = found.filter(|found| found.value.user_id == user.account.value.id);
        Ok(Self { user, certificate: own.ok_or_else(absent)? })
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}

/// The certificate that an admin's path names: by its id, or by its number, which is what people have in hand.
pub(crate) async fn named(app: &App, call: &Call) -> Result<CertificateId> {
    let Ok(number) = call.parameter("certificate_id").parse() else {
        return call.id::<CertificateKind>("certificate_id");
    };
    let pointer = app.store.get(&keys::certificate_no(&call.school, number), Consistency::Strong).await?;
    pointer.map(|pointer| pointer.value.target).ok_or_else(|| Error::not_found("certificate"))
}
