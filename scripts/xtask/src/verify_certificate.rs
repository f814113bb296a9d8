//! A certificate checked without asking the school: what it says, if one of the school's keys signed it.

use std::path::PathBuf;

use certificates::credential;

use crate::Result;

#[derive(clap::Args)]
pub(crate) struct VerifyCertificate {
    /// The PDF, or a file with the credential alone
    file: PathBuf,
    /// The school's published keys: a copy of its /.well-known/jwks.json
    keys: PathBuf,
}

impl VerifyCertificate {
    pub(crate) fn verify(&self) -> Result<String> {
        let read =
            |path: &PathBuf| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
        let keys = serde_json::from_slice(&read(&self.keys)?)
            .map_err(|error| format!("{} is no JWKS document: {error}", self.keys.display()))?;
        let file = read(&self.file)?;
        let credential = match pdf::credential(&file) {
            Some(credential) => credential,
            None => std::str::from_utf8(&file).map_err(|_| "this PDF carries no credential")?.trim(),
        };
        let claims = credential::verify(&keys, credential).map_err(|error| error.to_string())?;
        let rendering =
            claims.rendering.map(|rendering| format!(" this is rendering {rendering};")).unwrap_or_default();
        let said = serde_json::to_string_pretty(&claims).map_err(|error| error.to_string())?;
        Ok(format!(
            "{said}\ngenuine: signed with one of these keys;{rendering} whether a newer one replaced it or it was revoked, \
             the school's verify page tells"
        ))
    }
}
