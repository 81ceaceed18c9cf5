//! AWS Lambda: one adapter for each kind of resource.

mod convert;
pub mod function;
pub mod list;
mod side;
