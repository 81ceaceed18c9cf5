//! The `lambda-operator` binary: hands its arguments to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    lambda_operator::cli::main()
}
