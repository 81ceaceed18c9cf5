//! The kinds of resources, one folder each, with the same file names in each. Pure.

pub mod alias;
pub mod function;
