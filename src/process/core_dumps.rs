//! Disables core dumps, because they would contain the Secrets in the memory of the process. Changes the limits of this process.

use rustix::process::{Resource, Rlimit, setrlimit};
use tracing::warn;

/// The limit cannot be raised again, and child processes inherit it.
pub fn switch_off() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        warn!(%error, "Core dumps are not switched off: set the limit of core files to 0 where the process is started");
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::getrlimit;

    use super::*;

    #[test]
    fn the_process_leaves_no_core_dump() {
        switch_off();
        assert_eq!(getrlimit(Resource::Core), Rlimit { current: Some(0), maximum: Some(0) });
    }
}
