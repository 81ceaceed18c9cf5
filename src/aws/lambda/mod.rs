//! AWS Lambda: one adapter for each kind of resource.

pub mod alias;
pub mod code_signing_config;
mod convert;
pub mod event_invoke_config;
pub mod event_source_mapping;
pub mod function;
pub mod layer_version;
pub mod list;
mod log_group;
pub mod permission;
pub mod provisioned_concurrency;
pub mod remote;
mod side;
pub mod url;
