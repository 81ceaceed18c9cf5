//! An error that repeats the environment of the request, in an encoding that a proxy could use. Tests check that the operator shows none of these
//! values.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::rules::Coding;

/// AWS's message about an invalid value.
pub(super) fn message(body: &[u8], coding: Coding) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let value = match &body["Environment"] {
        Value::Null => body.to_string(),
        environment => environment.to_string(),
    };
    format!(
        "1 validation error detected: Value '{}' at 'environment' failed to satisfy constraint",
        coded(&value, coding)
    )
}

fn coded(json: &str, coding: Coding) -> String {
    let string = |text: &str| Value::from(text).to_string();
    match coding {
        Coding::Json => json.to_owned(),
        Coding::JsonString => string(json),
        Coding::AsciiJson => ascii(json),
        Coding::Url => url(json),
        Coding::Form => url(json).replace("%20", "+"),
        Coding::JsonInUrl => url(&string(json)),
        Coding::Xml => [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")]
            .into_iter()
            .fold(json.to_owned(), |text, (character, code)| text.replace(character, code)),
        Coding::Base64 => STANDARD.encode(json),
        Coding::Base64Url => URL_SAFE_NO_PAD.encode(json),
        Coding::Hex => json.bytes().map(|byte| format!("{byte:02x}")).collect(),
    }
}

fn ascii(json: &str) -> String {
    let mut units = [0; 2];
    let code = |character: char| match character {
        '/' => "\\/".to_owned(),
        c if c.is_ascii() => c.to_string(),
        c => c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    json.chars().map(code).collect()
}

fn url(text: &str) -> String {
    let code = |byte: u8| match char::from(byte) {
        c if c.is_ascii_alphanumeric() || "-_.~".contains(c) => c.to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_coding_repeats_the_environment_in_its_own_way() {
        let body = br#"{"Role":"r","Environment":{"Variables":{"A":"a/\u00fc\"b c"}}}"#;
        let said: std::collections::BTreeSet<_> = Coding::ALL.iter().map(|coding| message(body, *coding)).collect();
        assert_eq!(said.len(), Coding::ALL.len());
        assert!(said.iter().all(|text| !text.contains("Role")), "{said:?}");
        assert!(message(body, Coding::Url).contains("%22a%2F%C3%BC"));
    }
}
