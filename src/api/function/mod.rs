//! LambdaFunction: its spec, its status, and the rules that the object alone can decide.

pub mod blocks;
pub mod code;
pub mod environment;
pub mod ignored;
pub mod spec;
pub mod status;
