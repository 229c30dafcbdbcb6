//! Everything about one place at once.

mod question;
mod results;
mod search_unified;

pub(crate) use question::UnifiedSearch;
pub(crate) use search_unified::{__path_search_unified, search_unified};
