//! The key of links to videos: the one that a stage has, or a new one. Its links last for hours, so a lost one is no loss.

use std::io::Read;

use serde_json::json;

use crate::Result;

/// Takes the private half from standard input, nothing where a stage has none, and says it with the template's parameter.
pub(crate) fn found_or_made() -> Result<String> {
    let mut private = String::new();
    std::io::stdin().read_to_string(&mut private).map_err(|error| error.to_string())?;
    said(private.trim())
}

fn said(private: &str) -> Result<String> {
    let made = if private.is_empty() { Some(video::generate_key()?) } else { None };
    let public = video::public_key(made.as_deref().unwrap_or(private))?;
    Ok(json!({ "private": made, "parameters": { "VideoPublicKey": public } }).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_stage_keeps_its_key_and_one_without_gets_one() {
        let made: Value = serde_json::from_str(&said("").unwrap()).unwrap();
        let kept: Value = serde_json::from_str(&said(made["private"].as_str().unwrap()).unwrap()).unwrap();
        assert_eq!((&kept["private"], &kept["parameters"]), (&Value::Null, &made["parameters"]));
        assert!(said("no key").is_err());
    }
}
