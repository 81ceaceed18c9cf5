//! The resources as users see them: `lambda-operator.io/v1alpha1`. Types, schemas and rules; no logic.

pub mod alias;
pub mod code_signing_config;
pub mod condition;
pub mod event_invoke_config;
pub mod event_source_mapping;
pub mod function;
pub mod function_url;
pub mod layer_version;
pub mod permission;
pub mod provisioned_concurrency;
mod schema;
pub mod shared;
pub mod terraform;
