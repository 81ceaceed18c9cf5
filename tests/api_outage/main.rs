//! The API server away: stopped, refusing, forgetful, or made anew from a backup. The operator recovers alone, and AWS
//! is asked for nothing twice.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod lease;
mod older_crd;
mod places;
mod refused;
mod stopped;
mod told;
mod unwatched;
mod wiped;
