//! The kinds of resources, one folder each. A small kind has one file where a large one has a folder of that name. Pure.

pub mod alias;
pub mod code_signing_config;
pub mod event_invoke_config;
pub mod event_source_mapping;
pub mod function;
pub mod permission;
pub mod provisioned_concurrency;
pub mod url;
