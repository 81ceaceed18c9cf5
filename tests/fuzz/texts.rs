//! Texts that are likely to meet something: names that recur, what looks like a value of AWS, and what breaks parsers.

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;

/// Few, so that a name and what it refers to often are the same.
const NAMES: [&str; 6] = ["db", "AB", "password", "main.py", "code.zip", "dir/sub/x"];

const ODD: [&str; 16] = [
    "",
    " ",
    "-",
    ".",
    "..",
    "/",
    "\u{0}",
    "\u{feff}ß\u{202e}\u{1f980}",
    "{}",
    "{{x}}",
    "%s%n",
    "a\nb\r\n",
    "\"'\\",
    "null",
    "arn:",
    "999999999999999999999h",
];

const PLAUSIBLE: [&str; 12] = [
    "arn:aws:iam::123456789012:role/hello",
    "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555",
    "arn:aws:s3files:eu-west-1:123456789012:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0",
    "python3.13",
    "subnet-1",
    "sg-1",
    "$LATEST",
    "7",
    "1h30m",
    "90s",
    "/aws/lambda/hello",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1",
];

/// Any text, of at most `longest` characters.
pub(crate) fn text(longest: usize) -> BoxedStrategy<String> {
    let any_text = prop_oneof![
        4 => select(&NAMES[..]).prop_map(str::to_owned),
        4 => select(&PLAUSIBLE[..]).prop_map(str::to_owned),
        2 => select(&ODD[..]).prop_map(str::to_owned),
        2 => any::<String>(),
        // A longest text is easily one too long somewhere.
        1 => Just("x".repeat(longest.min(5000))),
    ];
    any_text.prop_map(move |text| text.chars().take(longest).collect()).boxed()
}

/// Names of environment variables, nearly always good ones.
pub(crate) fn variable() -> BoxedStrategy<String> {
    prop_oneof![
        12 => select(vec!["AB", "C_1", "STAGE", "Db2"]).prop_map(str::to_owned),
        12 => "[A-Z][A-Z0-9_]{1,6}",
        1 => text(64),
        1 => select(vec!["AWS_REGION", "LAMBDA_TASK_ROOT", "_HANDLER"]).prop_map(str::to_owned),
    ]
    .boxed()
}

/// A value that must be shown nowhere.
pub(crate) fn secret() -> BoxedStrategy<String> {
    text(300).prop_map(|text| format!("{}{text}", super::SECRET)).boxed()
}
