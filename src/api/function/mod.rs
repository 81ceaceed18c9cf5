//! LambdaFunction: its spec, its status, and the rules that the object alone can tell.

pub mod blocks;
pub mod code;
pub mod environment;
pub mod ignored;
pub mod spec;
pub mod status;
