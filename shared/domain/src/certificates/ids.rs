//! Ids of certificates.

kernel::ids! {
    CertificateKind, CertificateId, "crt", "certificate_id";
}
