//! The whole product on a laptop: the local cloud, and every function's router behind one port.
//!
//! [`Product`] is what `cargo dev` starts and what black-box tests start. Functions run in this process, but they see
//! what they would see on AWS: an environment, and requests that went through API Gateway's event format.
//!
//! What this crate must never do: tell a function that it is local. A difference between the laptop and AWS that a
//! function could notice is a defect here.

mod functions;
pub mod gateway;
mod jobs;
mod mail;
mod openapi;
mod product;
pub mod reading;
mod sandbox;
pub mod seed;
mod streams;

pub use functions::{FUNCTIONS, Function};
pub use openapi::openapi;
pub use product::{Product, ProductError, ProductOptions, default_template};
pub use streams::DeadLetter;
