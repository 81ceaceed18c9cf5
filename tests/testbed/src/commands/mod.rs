//! The commands of the program `testbed`.

pub(crate) mod arguments;
pub(crate) mod bench;
pub(crate) mod demo;
pub(crate) mod fault;
pub(crate) mod prepare;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod story;
pub(crate) mod up;
