//! The stage's own provider keys, for the sandboxes.

use tripsage_emulators::{Cloud, StartError};

/// The logical id of the secret that holds them.
const PROVIDER_SECRET: &str = "ProviderSecret";

/// What a new stage has, and what one over sandboxes has: places for everybody, flights with one's own key.
const EMPTY: &str = "{}";
const OVER_SANDBOXES: &str = r#"{"google_places":"AIzaSandboxStageKeyForPlacesOnly0000000"}"#;

/// Gives the stage a key of the sandboxes, or takes it away again. Keys that a developer filled in stay.
pub(crate) fn fill_provider_secret(cloud: &Cloud, sandboxes: bool) -> Result<(), StartError> {
    let (from, to) = if sandboxes {
        (EMPTY, OVER_SANDBOXES)
    } else {
        (OVER_SANDBOXES, EMPTY)
    };
    if cloud.secret(PROVIDER_SECRET).as_deref() == Some(from) {
        cloud.set_secret(PROVIDER_SECRET, to)?;
    }
    Ok(())
}
