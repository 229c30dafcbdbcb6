use jiff::Timestamp;

use crate::{ApiError, CursorScope, Edge, Pagination};

/// A list that the store reads in pages, each of which begins where the cursor of the one before says.
#[derive(Clone, Copy)]
pub struct CursorPages<'a> {
    edge: &'a Edge,
    scope: CursorScope<'a>,
    per_page: u32,
    now: Timestamp,
}

impl Edge {
    /// The pages of the list that `scope` tells from others.
    pub fn cursor_pages<'a>(&'a self, scope: CursorScope<'a>, per_page: u32, now: Timestamp) -> CursorPages<'a> {
        CursorPages {
            edge: self,
            scope,
            per_page,
            now,
        }
    }
}

impl CursorPages<'_> {
    /// Entries on a page at most.
    pub fn size(&self) -> usize {
        usize::try_from(self.per_page).unwrap_or(usize::MAX)
    }

    /// The position after which the page begins; `None`: at the beginning. The key is read only when there is a cursor.
    ///
    /// # Errors
    /// 400 when it is not a cursor for this list, or too old.
    pub async fn after(&self, cursor: Option<&str>) -> Result<Option<String>, ApiError> {
        match cursor {
            Some(cursor) => Ok(Some(self.edge.cursors(self.now).await?.open(self.scope, cursor)?)),
            None => Ok(None),
        }
    }

    /// Where the page is: there is more when there is a position that the next one begins after.
    ///
    /// # Errors
    /// 503 when the key cannot be read.
    pub async fn pagination(&self, next: Option<&str>) -> Result<Pagination, ApiError> {
        let next_cursor = match next {
            Some(next) => Some(self.edge.cursors(self.now).await?.seal(self.scope, next)?),
            None => None,
        };
        Ok(Pagination {
            per_page: self.per_page,
            has_more: next.is_some(),
            next_cursor,
            ..Pagination::default()
        })
    }
}
