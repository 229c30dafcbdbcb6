//! That somebody looks at something of which it is counted how many have seen it.

use serde::{Deserialize, Serialize};
use tripsage_domain::{text::TextRule, validation::Checks};
use tripsage_store::views::Viewer;
use utoipa::ToSchema;

use crate::{ApiError, MaybeCaller};

/// What a client may call a session.
const SESSION: TextRule = TextRule::line(1, 128);

/// Who is looking.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewRequest {
    /// A name that the client gives to itself and keeps; needed from whoever is not signed in, and of no matter else.
    #[schema(min_length = 1, max_length = 128)]
    session_id: Option<String>,
}

/// How often a thing was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ViewBody {
    /// Travellers and sessions that have seen it.
    pub view_count: i64,
    /// Whether this one is among them for the first time.
    pub is_new_view: bool,
}

impl ViewRequest {
    /// Who it is.
    ///
    /// # Errors
    /// Names what is missing or wrong.
    pub fn viewer(self, caller: &MaybeCaller) -> Result<Viewer, ApiError> {
        let mut checks = Checks::default();
        let session = checks.take(
            "session_id",
            self.session_id.map(|text| SESSION.parse(&text)).transpose(),
        );
        let session = session.flatten();
        let is_known = caller.0.is_some() || session.is_some();
        checks.ensure(
            is_known,
            "session_id",
            "required",
            "is required unless you are signed in",
        );
        checks.finish()?;
        Ok(match (&caller.0, session) {
            (Some(principal), _) => Viewer::Traveller(principal.user),
            (None, session) => Viewer::Session(session.unwrap_or_default()),
        })
    }
}
