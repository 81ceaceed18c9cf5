//! No core dump: it would hold whatever Secrets the process had in memory. Touches the limits of this process.

use rustix::process::{Resource, Rlimit, setrlimit};
use tracing::warn;

/// For good, and for whatever the process starts.
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
