use jiff::Timestamp;
use tripsage_store::catalogue::{Found, Walk};

use crate::{ApiError, Code, CursorPages, CursorScope, Edge, PageQuery, Pagination};

/// The pages of a list of the catalogue: by cursor, each of which continues a walk, or by number.
pub struct WalkPages<'a> {
    pages: CursorPages<'a>,
    query: &'a PageQuery,
    per_page: u32,
    now: Timestamp,
}

impl Edge {
    /// The pages of the list that `scope` tells from others.
    ///
    /// # Errors
    /// 400 naming the parameter of the page that is out of bounds.
    pub fn walk_pages<'a>(
        &'a self,
        scope: CursorScope<'a>,
        query: &'a PageQuery,
        now: Timestamp,
    ) -> Result<WalkPages<'a>, ApiError> {
        let per_page = query.checked()?;
        Ok(WalkPages {
            pages: self.cursor_pages(scope, per_page, now),
            query,
            per_page,
            now,
        })
    }
}

impl WalkPages<'_> {
    /// Entries on a page at most.
    pub fn size(&self) -> usize {
        self.pages.size()
    }

    /// Entries before a page that is asked for by its number.
    pub fn skip(&self) -> usize {
        let before = self.query.page.unwrap_or(1).saturating_sub(1);
        usize::try_from(before)
            .unwrap_or(usize::MAX)
            .saturating_mul(self.size())
    }

    /// The walk that the cursor continues, or a new one.
    ///
    /// # Errors
    /// 400 when it is not a cursor for this list, or too old.
    pub async fn walk(&self) -> Result<Walk, ApiError> {
        match self.pages.after(self.query.cursor.as_deref()).await? {
            Some(text) => Walk::parse(&text, self.now).ok_or_else(|| ApiError::new(Code::InvalidCursor)),
            None => Ok(Walk::begin(self.now)),
        }
    }

    /// Where the page is. `total` is how many entries there are in the whole list, where that is known exactly.
    ///
    /// # Errors
    /// 503 when the key of cursors cannot be read.
    pub async fn pagination(&self, found: &Found, total: Option<u64>) -> Result<Pagination, ApiError> {
        let next = found.next.as_ref().map(ToString::to_string);
        let pagination = self.pages.pagination(next.as_deref()).await?;
        let page = self.query.cursor.is_none().then_some(self.query.page.unwrap_or(1));
        Ok(Pagination {
            page,
            total,
            total_pages: total.map(|total| total.div_ceil(u64::from(self.per_page))),
            ..pagination
        })
    }
}
