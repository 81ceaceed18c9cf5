//! Between the SDK's types and ours, field by field, both ways.

pub(super) mod read;
pub(super) mod write;
