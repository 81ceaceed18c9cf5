//! Cargo, and the messages by which it tells a program how far it is.

use std::process::Command;

/// `cargo build` for the whole workspace, reduced to some targets: with the same set of features whatever the targets are.
pub fn cargo(targets: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    // errors and warnings go to the terminal, in its colours; messages for programs go to standard output
    cargo.args(["build", "--quiet", "--message-format", "json-render-diagnostics", "--workspace"]).args(targets);
    cargo
}

/// Is this message of cargo about a crate that it has just compiled?
pub(crate) fn is_compiled(message: &str) -> bool {
    message.starts_with(r#"{"reason":"compiler-artifact""#) && message.contains(r#""fresh":false"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_crate_that_was_compiled_counts() {
        let message = |reason: &str, fresh: bool| {
            format!(r#"{{"reason":"{reason}","package_id":"path+file:///x#0.1.0","filenames":["x"],"fresh":{fresh}}}"#)
        };
        assert!(is_compiled(&message("compiler-artifact", false)));
        assert!(!is_compiled(&message("compiler-artifact", true)));
        assert!(!is_compiled(&message("build-script-executed", false)));
        assert!(!is_compiled(r#"{"reason":"build-finished","success":true}"#));
    }
}
