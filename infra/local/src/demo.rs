//! The demo school's logins, kept beside its data for people, pages and tests.

use serde::{Deserialize, Serialize};

use crate::{
    Failure,
    data::{DEMO, DataDir},
};

/// One account of each role.
#[derive(Serialize, Deserialize)]
pub(crate) struct Demo {
    pub(crate) admin: Login,
    pub(crate) instructor: Login,
    pub(crate) learner: Login,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Demo {
    pub(crate) fn load(data: &DataDir) -> Result<Option<Self>, Failure> {
        let Some(content) = data.read(DEMO)? else {
            return Ok(None);
        };
        let demo = serde_json::from_slice(&content).map_err(|error| format!("{DEMO} is damaged: {error}"))?;
        Ok(Some(demo))
    }

    pub(crate) fn save(&self, data: &DataDir) -> Result<(), Failure> {
        data.write(DEMO, &serde_json::to_vec_pretty(self).map_err(|error| error.to_string())?)
    }

    /// Each role with its login.
    pub(crate) fn logins(&self) -> [(&'static str, &Login); 3] {
        [("admin", &self.admin), ("instructor", &self.instructor), ("learner", &self.learner)]
    }
}
