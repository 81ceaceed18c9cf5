//! AWS: the only place that names its SDK. It looks at functions and does one step at a time; it decides nothing.

mod bucket;
mod budget;
mod clients;
mod convert;
mod ec2;
mod inventory;
mod sdk;
mod silence;
mod web;

use std::time::Duration;

pub use budget::{Budget, Rates};
pub use clients::{Caller, Clients, Identity, Level, Settings};
pub use inventory::Listed;
pub use sdk::Remote;

use crate::function::Operation;

/// Asked just before each call is sent.
pub trait Gate: Send + Sync {
    /// Whether calls may be sent now.
    fn is_open(&self) -> bool;
}

/// Told of every call that was sent.
pub trait Meter: Send + Sync {
    /// `code` is AWS's error code, `ok`, or `error` where no answer came.
    fn called(&self, operation: Operation, code: &str, took: Duration);
}
