//! Keys of certificates, of their numbers, and of how they look.

use domain::{
    catalog::CourseId,
    certificates::{Certificate, CertificateId, CertificateKind, CertificateNo, CertificateTemplate},
};
use kernel::{School, Timestamp, UserId};

use super::sequence::Sequence;
use crate::core::key::{GSI1, Key, Partition, Pointer, at, partition, partition_of_index};

/// Points at a certificate.
pub type CertificatePointer = Pointer<CertificateKind>;

/// A certificate.
#[must_use]
pub fn certificate(school: &School, id: CertificateId) -> Key<Certificate> {
    at(partition(school, format_args!("CERTIFICATE#{id}")), "CERTIFICATE")
}

/// Index 1: a learner's certificates by time of issue.
#[must_use]
pub fn certificates_partition(school: &School, user: UserId) -> Partition {
    partition_of_index(GSI1, school, format_args!("CERTIFICATES#{user}"))
}

pub(crate) fn certificate_index(
    school: &School,
    user: UserId,
    number: CertificateNo,
    at: Timestamp,
) -> (String, String) {
    (certificates_partition(school, user).into(), format!("{at}#{number}"))
}

/// Keeps a certificate's number unique and finds the certificate.
#[must_use]
pub fn certificate_no(school: &School, number: CertificateNo) -> Key<CertificatePointer> {
    at(partition(school, format_args!("CERTIFICATENO#{number}")), "CERTIFICATENO")
}

/// The last certificate number of a year.
#[must_use]
pub fn certificate_sequence(school: &School, year: u16) -> Key<Sequence> {
    at(partition(school, format_args!("CERTIFICATESEQUENCE#{year}")), "SEQUENCE")
}

/// How a course's certificates look.
#[must_use]
pub fn certificate_template(school: &School, course: CourseId) -> Key<CertificateTemplate> {
    at(partition(school, format_args!("CERTIFICATETEMPLATE#{course}")), "CERTIFICATETEMPLATE")
}
