//! A whole application of a function and everything around it, on a real kube-apiserver and an AWS emulator with AWS's manners, with the chart's rights only.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod application;
mod endings;
mod flashes;
mod imported;
mod orders;
mod planned;
mod reads;
mod tree;
