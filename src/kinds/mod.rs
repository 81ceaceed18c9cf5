//! The kinds of resources, one folder for each. A module that is one file in a small kind can be a folder in a large kind. Pure.

pub mod alias;
pub mod code_signing_config;
pub mod event_invoke_config;
pub mod event_source_mapping;
pub mod function;
pub mod layer_version;
pub mod permission;
pub mod provisioned_concurrency;
pub mod url;
