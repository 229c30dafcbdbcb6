//! The edge: what every HTTP function does with a request before its handler sees it, and with the answer after.
//!
//! A function builds its routes, and [`Edge::serve`] puts the layers around them: request id, CORS, compression,
//! security headers, who is asking ([`Principal`]), how often ([`RateClass`]), whether it was asked before
//! (idempotency), and errors in one envelope. Handlers take [`Json`], [`Query`], [`Path`], [`Context`] and
//! [`Caller`], and return a [`Reply`] or an [`ApiError`]: the only type that knows a status.

mod admit;
mod caller;
mod context;
mod cookies;
mod csrf;
mod cursor;
mod cursor_pages;
mod edge;
mod envelope;
mod error;
mod etag;
mod extract;
mod finish;
mod groups;
mod idempotent;
mod json;
mod keyring;
mod merge;
mod money;
mod openapi;
mod operations;
mod pages;
mod points;
#[cfg(feature = "providers")]
mod providers;
mod serve;
mod token;
#[cfg(feature = "vault")]
mod vault;
mod views;
mod walks;

pub use admit::{Admitted, By, RateClass};
pub use caller::{Caller, MaybeCaller};
pub use context::Context;
pub use cookies::{SetCookies, cookie};
pub use cursor::{CursorScope, Cursors};
pub use cursor_pages::CursorPages;
pub use edge::{Asked, Edge, EdgeOptions, Foresee};
pub use envelope::{Envelope, Pagination, Reply};
pub use error::{ApiError, Code, ErrorBody, ErrorDetails, FieldError};
pub use etag::IfMatch;
pub use extract::{Form, Lists, Path, Query, QueryWithLists, RawBody};
pub use idempotent::IdempotencyKey;
pub use json::{Json, OptionalJson, present, read_value};
pub use keyring::Keyring;
pub use merge::{merge_patch, replace_fields};
pub use money::{Amount, MoneyFields};
pub use openapi::{Errors, describe};
pub use pages::PageQuery;
pub use points::{PointFields, PointInput};
pub use serve::run;
pub use token::{AccessClaims, TOKEN_PREFIX, csrf_digest};
pub use tripsage_domain::principal::Principal;
pub use views::{ViewBody, ViewRequest};
pub use walks::{Step, WalkPages};
