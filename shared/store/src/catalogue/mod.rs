//! The catalogue: everything that travellers publish, found by any combination of properties, in any order, page by
//! page.
//!
//! A published thing has an entry in the list of each of its facets, and in a list of everything in each order. All
//! its entries say the same: its facets and its measures, the earlier ones of the last ten minutes included. So a
//! [`Walk`] through a list, which takes several requests, sees the order of the moment at which it began: each thing
//! once, whatever moves meanwhile.
//!
//! A [`Query`] with several properties can be answered from the list of any one of them, or from the list of everything
//! in the right order. Which of them is the cheapest depends on what is stored, and nobody counts that beforehand: the
//! beginning of each tells which is likely to be, and those are read much faster than the others until one knows the
//! answer.

mod facet;
mod listing;
mod scan;
mod walk;

pub use facet::{Facet, FacetName};
pub use listing::{Kind, Listing, relist};
pub use walk::{Found, Order, Query, Walk, Within};

pub(crate) use listing::EntryRow;
