//! In what order results are shown, and which page of them.

use tripsage_domain::{
    search::{Direction, SortBy, chosen_direction},
    validation::Checks,
};
use tripsage_http::{PageQuery, Pagination};

/// How a list of results is sorted and cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<O> {
    pub(crate) order: O,
    pub(crate) direction: Direction,
    pub(crate) page: u32,
    pub(crate) per_page: u32,
}

/// What clients say of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Showing {
    pub(crate) sort_by: Option<String>,
    pub(crate) sort_order: Option<String>,
    pub(crate) page: Option<u32>,
    pub(crate) per_page: Option<u32>,
}

impl Showing {
    /// Takes it out of a question, which is the same question however its answer is shown.
    pub(crate) fn take(
        sort_by: &mut Option<String>,
        sort_order: &mut Option<String>,
        page: &mut Option<u32>,
        per_page: &mut Option<u32>,
    ) -> Self {
        Self {
            sort_by: sort_by.take(),
            sort_order: sort_order.take(),
            page: page.take(),
            per_page: per_page.take(),
        }
    }

    pub(crate) fn parse<O: SortBy>(&self, checks: &mut Checks, usual: O) -> Option<Shown<O>> {
        let sorting = match self.sort_by.as_deref() {
            None => Some((usual, None)),
            Some(name) => checks.take("sort_by", O::parse(name)),
        };
        let said = checks.optional("sort_order", self.sort_order.as_deref(), chosen_direction);
        let named = sorting.and_then(|(_, named)| named);
        let agree = said.zip(named).is_none_or(|(said, named)| said == named);
        checks.ensure(agree, "sort_order", "exclusive", "must not contradict `sort_by`");
        let pages = self.pages();
        let per_page = match pages.checked() {
            Ok(per_page) => Some(per_page),
            Err(invalid) => {
                for violation in invalid.into_violations() {
                    checks.ensure(false, &violation.field, violation.rule, violation.message);
                }
                None
            }
        };
        let (order, _) = sorting?;
        Some(Shown {
            order,
            direction: said.or(named).unwrap_or_else(|| order.natural()),
            page: self.page.unwrap_or(1),
            per_page: per_page?,
        })
    }

    fn pages(&self) -> PageQuery {
        PageQuery {
            cursor: None,
            page: self.page,
            per_page: self.per_page,
        }
    }
}

impl<O> Shown<O> {
    /// The page of a whole list, with where it is.
    pub(crate) fn cut<T>(&self, all: Vec<T>) -> (Vec<T>, Pagination) {
        let pages = PageQuery {
            cursor: None,
            page: Some(self.page),
            per_page: Some(self.per_page),
        };
        let (page, pagination, _) = pages.slice(self.per_page, all, None);
        (page, pagination)
    }
}

#[cfg(test)]
mod tests {
    use tripsage_domain::search::StayOrder;

    use super::*;

    #[test]
    fn a_name_that_says_the_direction_is_not_contradicted() {
        let shown = |sort_by: Option<&str>, sort_order: Option<&str>| {
            let mut checks = Checks::default();
            let showing = Showing {
                sort_by: sort_by.map(str::to_owned),
                sort_order: sort_order.map(str::to_owned),
                ..Showing::default()
            };
            let shown = showing.parse(&mut checks, StayOrder::Relevance);
            let invalid = checks.finish().err();
            match invalid {
                None => Ok(shown.map(|shown| (shown.order, shown.direction)).unwrap()),
                Some(invalid) => Err(invalid.violations()[0].field.clone()),
            }
        };
        let (up, down) = (Direction::Ascending, Direction::Descending);
        assert_eq!(shown(None, None), Ok((StayOrder::Relevance, down)));
        assert_eq!(shown(Some("price"), Some("desc")), Ok((StayOrder::Price, down)));
        assert_eq!(shown(Some("price_asc"), None), Ok((StayOrder::Price, up)));
        assert_eq!(shown(Some("price_desc"), None), Ok((StayOrder::Price, down)));
        assert_eq!(shown(Some("price_desc"), Some("desc")), Ok((StayOrder::Price, down)));
        assert_eq!(shown(Some("price_desc"), Some("asc")), Err("sort_order".to_owned()));
        assert_eq!(shown(Some("price_down"), None), Err("sort_by".to_owned()));
    }
}
