//! How something is built while a person waits: lines of progress, several builds at the same time, and no process that
//! outlives the one that started it. The standard library alone.

mod cargo;
mod guard;
mod parts;
mod progress;

pub use cargo::cargo;
pub use guard::{Guard, Signal};
pub use parts::{Announced, Part, run};
pub use progress::{after, pause};
