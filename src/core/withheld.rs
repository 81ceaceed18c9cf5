//! Values that must not be shown: they are found in a text in every usual encoding, and replaced. Pure.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::values::Secret;

/// The text that replaces a value.
pub const MARK: &str = "***";

/// Shorter values are not replaced, because almost every text contains them by chance.
const SHORTEST: usize = 4;

/// Shorter values ("true", "8080") are replaced only as whole words. Inside of other words they occur by chance, and a gap in a well-known text would
/// reveal them.
const LONG: usize = 8;

/// AWS accepts 4 KB of variables in all. A longer value is code, which is sent compressed, so AWS never repeats it in this form.
const LONGEST: usize = 4096;

/// At the end of a text, this number of first characters of a value counts as a value that was cut off.
const BEGINNING: usize = 6;

/// The number of nested encodings that are searched, such as JSON in a JSON string, in another one, in a URL.
const CODINGS: usize = 4;

/// The values of Secrets that were sent to AWS, or may be. Values in the spec are as public as the object, and ConfigMaps hold no secrets. Both
/// contain regions, log levels and ports, without which messages would be unreadable.
#[derive(Clone, Default)]
pub struct Withheld {
    values: Vec<Secret>,
}

impl fmt::Debug for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MARK)
    }
}

/// Decoded characters, each with the part of the text that encodes it.
type View = Vec<(char, Range<usize>)>;

impl Withheld {
    /// No values, for a text about no object or about an object without Secrets.
    #[must_use]
    pub const fn nothing() -> Self {
        Self { values: Vec::new() }
    }

    /// These values, and each long line of values with several lines.
    #[must_use]
    pub fn of<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let texts =
            values.into_iter().filter(|value| value.len() <= LONGEST).filter_map(|one| str::from_utf8(one).ok());
        let mut all = BTreeSet::new();
        for text in texts.map(str::trim).filter(|text| text.chars().count() >= SHORTEST) {
            all.insert(text);
            all.extend(text.lines().map(str::trim).filter(|line| line.chars().count() >= LONG));
        }
        Self { values: all.into_iter().map(|text| Secret::new(text.to_owned())).collect() }
    }

    /// The text with every value replaced.
    #[must_use]
    pub fn cut(&self, text: &str) -> String {
        if self.values.is_empty() {
            return text.to_owned();
        }
        let plain: View = text.char_indices().map(|(at, c)| (c, at..at + c.len_utf8())).collect();
        let mut views = vec![plain];
        for _ in 0..CODINGS {
            views.extend(views.last().map(decoded));
        }
        let mut found = Vec::new();
        for value in &self.values {
            let characters: Vec<char> = value.reveal().chars().collect();
            for view in &views {
                find(view, &characters, &mut found);
                find_beginning(view, &characters, &mut found);
            }
            find_coded(text, value.reveal(), &mut found);
        }
        replaced(text, found)
    }
}

/// The text with a mark in place of these parts.
fn replaced(text: &str, mut parts: Vec<Range<usize>>) -> String {
    parts.sort_by_key(|part| part.start);
    let (mut shown, mut end) = (String::with_capacity(text.len()), 0);
    for part in parts {
        if part.start >= end {
            shown.push_str(&text[end..part.start]);
            shown.push_str(MARK);
        }
        end = end.max(part.end);
    }
    shown.push_str(&text[end..]);
    shown
}

/// Each place where a view shows the value.
fn find(view: &View, value: &[char], found: &mut Vec<Range<usize>>) {
    // Forms write a space as a plus.
    let same = |shown: char, wanted: char| shown == wanted || (wanted == ' ' && shown == '+');
    for (at, window) in view.windows(value.len()).enumerate() {
        if !window.iter().zip(value).all(|((shown, _), wanted)| same(*shown, *wanted)) {
            continue;
        }
        let beside = [at.checked_sub(1).and_then(|before| view.get(before)), view.get(at + value.len())];
        let alone = !beside.into_iter().flatten().any(|(c, _)| c.is_alphanumeric());
        if value.len() >= LONG || alone {
            found.extend(spanned(window));
        }
    }
}

/// The beginning of a value at the end of the text.
fn find_beginning(view: &View, value: &[char], found: &mut Vec<Range<usize>>) {
    if value.len() < LONG {
        return;
    }
    let end = view.iter().rposition(|(c, _)| !matches!(c, '.' | '…' | '"' | '\'' | ' ')).map_or(0, |last| last + 1);
    let part = (BEGINNING..value.len()).rev().find_map(|length| {
        let tail = view.get(end.checked_sub(length)?..end)?;
        tail.iter().zip(value).all(|((shown, _), wanted)| shown == wanted).then_some(tail)
    });
    found.extend(part.and_then(spanned));
}

/// The part of the text that these characters stand for.
fn spanned(characters: &[(char, Range<usize>)]) -> Option<Range<usize>> {
    let ((_, first), (_, last)) = (characters.first()?, characters.last()?);
    Some(first.start..last.end)
}

/// Each place where the text has the value in base64, also between other bytes, or in hexadecimal digits.
fn find_coded(text: &str, value: &str, found: &mut Vec<Range<usize>>) {
    let is_long = value.len() >= LONG;
    let mut codes = BTreeSet::new();
    for shift in 0..if is_long { 3 } else { 1 } {
        let bytes: Vec<u8> = std::iter::repeat_n(0, shift).chain(value.bytes()).collect();
        // The first and the last base64 character also contain bits of the neighbouring bytes.
        let (first, last) = ((shift * 8).div_ceil(6), if is_long { bytes.len() * 8 / 6 } else { usize::MAX });
        for code in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            codes.extend(code.get(first..last.min(code.len())).map(str::to_owned));
        }
    }
    let hex = |byte: u8| format!("{byte:02x}");
    codes.insert(value.bytes().map(hex).collect());
    codes.insert(value.bytes().map(hex).collect::<String>().to_uppercase());
    for code in codes {
        for (at, _) in text.match_indices(&code) {
            let beside = [text[..at].chars().next_back(), text[at + code.len()..].chars().next()];
            if is_long || !beside.into_iter().flatten().any(|c| c.is_ascii_alphanumeric()) {
                found.push(at..at + code.len());
            }
        }
    }
}

/// The characters with one layer of escapes decoded: those of URLs, JSON, XML and Rust.
fn decoded(view: &View) -> View {
    let mut plain = View::with_capacity(view.len());
    let mut rest = view.as_slice();
    while let Some((character, _)) = rest.first() {
        let (shown, taken) = match character {
            '%' => percent(rest),
            '\\' => backslash(rest),
            '&' => entity(rest),
            _ => None,
        }
        .unwrap_or_else(|| (vec![(*character, 1)], 1));
        let mut at = 0;
        for (character, length) in shown {
            plain.extend(spanned(&rest[at..at + length]).map(|range| (character, range)));
            at += length;
        }
        rest = &rest[taken..];
    }
    plain
}

/// Decoded characters, each with the number of encoded characters that it takes, and the sum of these numbers.
type Decoded = Option<(Vec<(char, usize)>, usize)>;

/// Bytes as `%C3%BC`.
fn percent(rest: &[(char, Range<usize>)]) -> Decoded {
    let byte = |code: &[(char, Range<usize>)]| match code {
        [('%', _), (high, _), (low, _)] => u8::try_from(high.to_digit(16)? * 16 + low.to_digit(16)?).ok(),
        _ => None,
    };
    let bytes: Vec<u8> = rest.chunks(3).map_while(byte).collect();
    let taken = bytes.len() * 3;
    let characters = match str::from_utf8(&bytes) {
        Ok(text) => text.chars().map(|c| (c, c.len_utf8() * 3)).collect(),
        Err(_) => bytes.iter().map(|byte| (char::from(*byte), 3)).collect(),
    };
    (taken > 0).then_some((characters, taken))
}

/// `\n`, `\"`, `\/`, `\x1b`, `\u00fc`, `\u{fc}`.
fn backslash(rest: &[(char, Range<usize>)]) -> Decoded {
    let one = |character, taken| Some((vec![(character, taken)], taken));
    let hex = |from: usize, digits: usize| {
        let code = rest.get(from..from + digits)?;
        code.iter().try_fold(0, |code, (c, _)| Some(code * 16 + c.to_digit(16)?))
    };
    match rest.get(1)?.0 {
        'n' => one('\n', 2),
        't' => one('\t', 2),
        'r' => one('\r', 2),
        'b' => one('\u{8}', 2),
        'f' => one('\u{c}', 2),
        'x' => one(char::from_u32(hex(2, 2)?)?, 4),
        'u' if rest.get(2)?.0 == '{' => {
            let digits = rest.iter().skip(3).position(|(c, _)| *c == '}').filter(|digits| *digits <= 6)?;
            one(char::from_u32(hex(3, digits)?)?, digits + 4)
        }
        'u' => match hex(2, 4)? {
            // The first half of a surrogate pair: the second half follows.
            high @ 0xd800..0xdc00 => {
                let low = hex(8, 4).filter(|low| (0xdc00..0xe000).contains(low))?;
                one(char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?, 12)
            }
            code => one(char::from_u32(code)?, 6),
        },
        character @ ('"' | '\\' | '/' | '\'') => one(character, 2),
        _ => None,
    }
}

/// `&lt;`, `&#252;`, `&#xfc;`.
fn entity(rest: &[(char, Range<usize>)]) -> Decoded {
    let length = rest.iter().take(10).position(|(c, _)| *c == ';')?;
    let name: String = rest[1..length].iter().map(|(c, _)| *c).collect();
    let character = match name.as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        code => {
            let code = code.strip_prefix('#')?;
            let code = code.strip_prefix(['x', 'X']).map_or_else(|| code.parse(), |hex| u32::from_str_radix(hex, 16));
            char::from_u32(code.ok()?)?
        }
    };
    Some((vec![(character, length + 1)], length + 1))
}

#[cfg(test)]
mod tests;
