//! What has to agree: the registry, the binaries, the templates, the API reference, the samples and the schemas. A
//! function that is missing in one of them, or a rule of operation that a template breaks, fails here and says what
//! to do.

mod alarms;
mod binaries;
mod claims;
mod contracts;
mod deploy_role;
mod functions;
mod inputs;
mod layers;
mod operator;
mod permissions;
mod queues;
mod repository;
mod rules;
mod setup;
mod stacks;
mod state;
mod template;

/// Fails with everything that is wrong and what to do about it.
#[track_caller]
fn nothing_wrong(wrong: &[String], advice: &str) {
    assert!(wrong.is_empty(), "\n  {}\n{advice}\n", wrong.join("\n  "));
}
