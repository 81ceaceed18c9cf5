//! LambdaEventSourceMapping as users see it. No logic.

pub mod blocks;
pub mod ignored;
pub mod spec;
pub mod status;
