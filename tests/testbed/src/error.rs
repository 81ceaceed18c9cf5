//! What can go wrong in the test bed; each error is a sentence that says what to do.

use std::fmt;
use std::path::PathBuf;

/// An error of the test bed.
#[derive(thiserror::Error)]
pub enum Error {
    /// Something that the test bed needs is not on this machine.
    #[error("{what} is missing: {remedy}")]
    Missing {
        /// The thing.
        what: String,
        /// How to get it.
        remedy: String,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// "read", "write", …
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("cannot start {program}: {source}; is it installed and executable?")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// A program ended with an error.
    #[error("`{command}` failed ({status}):\n{output}")]
    Failed {
        /// The command line.
        command: String,
        /// How it ended.
        status: String,
        /// The end of what it wrote.
        output: String,
    },
    /// A process that should stay alive ended.
    #[error("{name} ended by itself ({status}); the end of its log:\n{log}")]
    Died {
        /// Which process.
        name: String,
        /// How it ended.
        status: String,
        /// The last lines that it wrote.
        log: String,
    },
    /// Something did not happen in time.
    #[error("waited {seconds} s for {event}, in vain; last seen: {seen}")]
    Timeout {
        /// What should have happened.
        event: String,
        /// How long we waited.
        seconds: u64,
        /// What was seen last.
        seen: String,
    },
    /// No port, no socket.
    #[error("cannot {doing}: {source}")]
    Network {
        /// What was tried.
        doing: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// An HTTP call got no answer.
    #[error("no answer from {url}: {reason}; is `testbed up` or `testbed run` still running?")]
    NoAnswer {
        /// Where.
        url: String,
        /// Why.
        reason: String,
    },
    /// An answer was not what it should be.
    #[error("expected {expected}, but saw {seen}")]
    Unexpected {
        /// What should have been.
        expected: String,
        /// What was.
        seen: String,
    },
    /// A certificate or key could not be made.
    #[error("cannot make the control plane's certificates: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The code runs outside a test bed.
    #[error(
        "{variable} is not set, so there is no test bed around this process: \
         use `make test` or `cargo run -p testbed -- run -- cargo test`"
    )]
    Outside {
        /// The missing environment variable.
        variable: &'static str,
    },
}

/// The sentence: a test that unwraps shows this and not the fields.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error {
    /// For `map_err`: a file operation that failed.
    pub(crate) fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.into();
        move |source| Error::File { doing, path, source }
    }

    /// Expected one thing, saw another.
    pub fn unexpected(expected: impl Into<String>, seen: impl Into<String>) -> Error {
        Error::Unexpected { expected: expected.into(), seen: seen.into() }
    }
}
