use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tripsage_cache::{CompositeKey, Content, Made, Tag};
use tripsage_store::catalogue::{Found, Walk};

use crate::{Admitted, ApiError, Code, CursorPages, CursorScope, Edge, PageQuery, Pagination};

/// A page that is the same for everybody, as the cache keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptPage<T> {
    entries: Vec<T>,
    next: Option<String>,
    total: Option<u64>,
}

/// What a page is made of.
#[derive(Debug, Clone)]
pub struct Step {
    /// The walk that it continues, or begins.
    pub walk: Walk,
    /// Entries on it at most.
    pub limit: usize,
    /// Entries before it, when the walk begins.
    pub skip: usize,
}

/// The pages of a list of the catalogue: by cursor, each of which continues a walk, or by number.
pub struct WalkPages<'a> {
    edge: &'a Edge,
    scope: CursorScope<'a>,
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
            edge: self,
            scope,
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
        self.walk_from(self.position().await?.as_deref())
    }

    async fn position(&self) -> Result<Option<String>, ApiError> {
        self.pages.after(self.query.cursor.as_deref()).await
    }

    fn walk_from(&self, position: Option<&str>) -> Result<Walk, ApiError> {
        match position {
            Some(text) => Walk::parse(text, self.now).ok_or_else(|| ApiError::new(Code::InvalidCursor)),
            None => Ok(Walk::begin(self.now)),
        }
    }

    /// A page that is the same for everybody, from the cache, or else made by `make`. It depends on `tag`; `schema` is the
    /// version of the entries' type. What is about to be another page is not kept.
    ///
    /// # Errors
    /// As [`Self::walk`], and what `make` fails with.
    pub async fn kept<T, F>(
        &self,
        admitted: &Admitted,
        (tag, schema): (Tag, u32),
        make: impl FnOnce(Step) -> F,
    ) -> Result<(Vec<T>, Pagination), ApiError>
    where
        T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
        F: Future<Output = Result<(Vec<T>, Found), ApiError>>,
    {
        let position = self.position().await?;
        let place = position.clone().unwrap_or_else(|| self.skip().to_string());
        let size = self.per_page.to_string();
        let parts = [self.scope.operation, self.scope.selection, &size, &place];
        let step = self.walk_from(position.as_deref()).map(|walk| Step {
            walk,
            limit: self.size(),
            skip: self.skip(),
        });
        // Votes and ratings move itineraries all the time; their lists may be as old as any feed.
        let always = tag == Tag::Itineraries;
        let key = CompositeKey::new(Content::Feed, schema, &parts, &[tag]);
        let made = || async {
            let (entries, found) = make(step?).await?;
            let keep = always || !found.moves;
            let value = KeptPage {
                entries,
                next: found.next.map(|next| next.to_string()),
                total: found.total,
            };
            Ok::<_, ApiError>(Made { value, keep })
        };
        let page = self.edge.get_or_make(admitted, &key, made).await?.value;
        let pagination = self.numbered(page.next.as_deref(), page.total).await?;
        Ok((page.entries.clone(), pagination))
    }

    /// Where the page is. `total` is how many entries there are in the whole list, where that is known exactly.
    ///
    /// # Errors
    /// 503 when the key of cursors cannot be read.
    pub async fn pagination(&self, found: &Found, total: Option<u64>) -> Result<Pagination, ApiError> {
        let next = found.next.as_ref().map(ToString::to_string);
        self.numbered(next.as_deref(), total).await
    }

    async fn numbered(&self, next: Option<&str>, total: Option<u64>) -> Result<Pagination, ApiError> {
        let pagination = self.pages.pagination(next).await?;
        let page = self.query.cursor.is_none().then_some(self.query.page.unwrap_or(1));
        Ok(Pagination {
            page,
            total,
            total_pages: total.map(|total| total.div_ceil(u64::from(self.per_page))),
            ..pagination
        })
    }
}
