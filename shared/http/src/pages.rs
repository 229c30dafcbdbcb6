use serde::Deserialize;
use tripsage_domain::validation::{Checks, Invalid};
use utoipa::IntoParams;

use crate::Pagination;

/// Where in a list to begin and how much of it to give. `cursor` continues a list; `page` counts pages from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Number of the page, from 1; not together with `cursor`.
    #[param(minimum = 1, maximum = 50)]
    pub page: Option<u32>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    pub per_page: Option<u32>,
}

/// Pages that can be asked for by number; further on, the cursor.
const MAX_PAGE: u32 = 50;

/// Entries on a page when the client does not say.
const DEFAULT_PER_PAGE: u32 = 20;

/// Entries on a page at most.
const MAX_PER_PAGE: u32 = 100;

impl PageQuery {
    /// Checks the entries per page of a list that knows cursors only.
    ///
    /// # Errors
    /// Names the parameter.
    pub fn checked_per_page(per_page: Option<u32>) -> Result<u32, Invalid> {
        let pages = Self {
            per_page,
            ..Self::default()
        };
        pages.checked()
    }

    /// Checks the bounds; gives the entries per page.
    ///
    /// # Errors
    /// Names the parameter that is out of bounds.
    pub fn checked(&self) -> Result<u32, Invalid> {
        let mut checks = Checks::default();
        let per_page = self.per_page.unwrap_or(DEFAULT_PER_PAGE);
        let in_range = (1..=MAX_PER_PAGE).contains(&per_page);
        checks.ensure(
            in_range,
            "per_page",
            "range",
            format!("must be between 1 and {MAX_PER_PAGE}"),
        );
        if let Some(page) = self.page {
            let reachable = (1..=MAX_PAGE).contains(&page);
            checks.ensure(
                reachable,
                "page",
                "range",
                format!("must be between 1 and {MAX_PAGE}; further on use `cursor`"),
            );
            checks.ensure(
                self.cursor.is_none(),
                "page",
                "exclusive",
                "must not be given together with `cursor`",
            );
        }
        checks.finish()?;
        Ok(per_page)
    }

    /// Cuts the page out of a whole list that is in memory; `start` is the index after the cursor, when there is one.
    pub fn slice<T>(&self, per_page: u32, all: Vec<T>, start: Option<usize>) -> (Vec<T>, Pagination, Option<usize>) {
        let size = usize::try_from(per_page).unwrap_or(usize::MAX);
        let total = all.len();
        let page = self.page.unwrap_or(1);
        let begin = start.unwrap_or((page as usize - 1).saturating_mul(size)).min(total);
        let end = begin.saturating_add(size).min(total);
        let has_more = end < total;
        let pagination = Pagination {
            per_page,
            page: (start.is_none()).then_some(page),
            total: Some(total as u64),
            total_pages: Some((total as u64).div_ceil(u64::from(per_page))),
            has_more,
            next_cursor: None,
        };
        (
            all.into_iter().skip(begin).take(end - begin).collect(),
            pagination,
            has_more.then_some(end),
        )
    }
}
