//! Conversions between the SDK's types and ours, field by field, in both directions.

pub(super) mod mapping_read;
pub(super) mod mapping_write;
pub(super) mod read;
pub(super) mod write;
