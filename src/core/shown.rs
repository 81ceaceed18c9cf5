//! Text from AWS and other sources in a form that can be shown: without secret values and without control characters. Pure.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use super::withheld::{MARK, Withheld};

/// After these words AWS repeats the whole environment, with values of ConfigMaps and of earlier reconciles.
const ECHOES: [&str; 1] = ["String measured:"];

/// Longer texts are cut before the search for values, which takes time.
const LONGEST: usize = 32_768;

/// A longer run of base64 characters is code, a key or a whole request, not a word. ARNs and hashes are shorter.
const LONGEST_RUN: usize = 100;

/// Text that may go into conditions, Events and logs. Text from AWS becomes a `Shown` only through [`Shown::new`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    /// AWS's text, without the values that it repeats from the request.
    #[must_use]
    pub fn new(text: &str, withheld: &Withheld) -> Self {
        let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
        let echo = ECHOES.iter().filter_map(|echo| text.find(echo)).min().unwrap_or(end);
        let kept = text[..echo.min(end)].trim();
        // Runs are removed first: a run in which a value was replaced could be too short to be recognised.
        Self(printable(&withheld.cut(&without_runs(kept))).into_owned())
    }

    /// The text, cut to this number of characters.
    #[must_use]
    pub fn brief(self, longest: usize) -> Self {
        Self(brief(&self.0, longest).into_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text of this program, which needs no check.
impl From<&'static str> for Shown {
    fn from(words: &'static str) -> Self {
        Self(words.to_owned())
    }
}

impl From<Shown> for String {
    fn from(Shown(text): Shown) -> Self {
        text
    }
}

impl Deref for Shown {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text in one line, which also ends no line of YAML. Characters that control a terminal or the direction of writing, and those that a text should not
/// contain, are replaced by their codes.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_steering) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_steering(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

fn is_steering(character: char) -> bool {
    let turns = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    let ends_a_line = matches!(character, '\u{2028}' | '\u{2029}');
    // A byte order mark, and codes that are no characters: some parsers refuse them.
    let is_no_text = matches!(character, '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    character.is_control() || turns || ends_a_line || is_no_text
}

/// A text, cut to this number of characters.
#[must_use]
pub fn brief(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn without_runs(text: &str) -> String {
    let is_code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_code) {
        let (before, run) = rest.split_at(start);
        let (run, after) = run.split_at(run.find(|c| !is_code(c)).unwrap_or(run.len()));
        shown.push_str(before);
        shown.push_str(if run.len() > LONGEST_RUN { MARK } else { run });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_steer_a_terminal_are_shown_by_their_codes() {
        assert_eq!(printable("one\ntwo\tthree\u{1b}[31m"), "one\\ntwo\\tthree\\u{1b}[31m");
        assert_eq!(printable("\u{202e}gnp.exe"), "\\u{202e}gnp.exe");
        for odd in ['\u{85}', '\u{61c}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'] {
            assert_eq!(printable(&format!("a{odd}b")), format!("a{}b", odd.escape_default()));
        }
        assert!(matches!(printable("Zürich – ラムダ"), Cow::Borrowed("Zürich – ラムダ")));
    }

    #[test]
    fn text_of_aws_is_one_line_without_what_it_repeats() {
        let nothing = Withheld::nothing();
        let said = Shown::new("no\r\nvalue: String measured: {\"PASSWORD\":\"s3cret\"}", &nothing);
        assert_eq!(said.as_str(), "no\\r\\nvalue:");
        let package = "UEsDBBQAAAAI".repeat(20);
        let said = Shown::new(&format!("{{\"ZipFile\":\"{package}\"}} is wrong"), &nothing);
        assert_eq!(said.as_str(), "{\"ZipFile\":\"***\"} is wrong");
        let role =
            "arn:aws:iam::123456789012:role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambdaReplicator";
        assert_eq!(Shown::new(role, &nothing).as_str(), role);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(brief("éé", 2), "éé");
        assert_eq!(brief("ééé", 2), "éé…");
    }
}
