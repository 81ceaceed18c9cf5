//! Values that AWS or a proxy can repeat from a request, in every usual encoding.

use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::*;
use crate::core::shown::Shown;

/// A value with every character that encodings escape: quotes, a backslash, a slash, a space, plus, ampersand, angle bracket, per cent, letters of
/// two and four bytes, a line break.
const VALUE: &str = "p\"a\\s's/ w+o&r<d>%=ü🔑\nsecond line of it";

/// Parts of the value that no coding changes.
const PARTS: [&str; 2] = ["second", "line of it"];

fn withheld() -> Withheld {
    Withheld::of([VALUE.as_bytes()])
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// JSON with ASCII characters only, as some libraries write it.
fn ascii_json(text: &str) -> String {
    let units = json(text).encode_utf16().collect::<Vec<_>>();
    let ascii = |unit: &u16| match u8::try_from(*unit).ok().filter(u8::is_ascii) {
        Some(byte) => char::from(byte).to_string(),
        None => format!("\\u{unit:04x}"),
    };
    units.iter().map(ascii).collect::<String>().replace('/', "\\/")
}

fn url(text: &str, keep: &str) -> String {
    let code = |byte: u8| match char::from(byte) {
        c if c.is_ascii_alphanumeric() || keep.contains(c) => c.to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(code).collect()
}

fn xml(text: &str) -> String {
    let all = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;"), ('\n', "&#xA;")];
    text.chars()
        .map(|c| all.iter().find(|(one, _)| *one == c).map_or(c.to_string(), |(_, code)| (*code).into()))
        .collect()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_value_is_cut_in_whatever_coding_it_is_repeated() {
    let body = format!("{{\"Environment\":{{\"Variables\":{{\"A\":{}}}}}}}", json(VALUE));
    let codings = [
        ("as it is", VALUE.to_owned()),
        ("JSON", json(VALUE)),
        ("ASCII JSON", ascii_json(VALUE)),
        ("JSON in JSON", json(&body)),
        ("a URL", url(VALUE, "-_.~")),
        ("a URL in small letters", url(VALUE, "-_.~/").replace("%C3%BC", "%c3%bc")),
        ("a form", url(VALUE, "-_.* ").replace(' ', "+")),
        ("JSON in a URL", url(&body, "")),
        ("JSON in JSON in a URL", url(&json(&body), "")),
        ("XML", xml(VALUE)),
        ("JSON in XML", xml(&body)),
        ("base64", STANDARD.encode(VALUE)),
        ("base64 of URLs", URL_SAFE.encode(VALUE)),
        ("base64 amid other bytes", STANDARD.encode(format!("x{VALUE}y"))),
        ("base64 amid other bytes, shifted", STANDARD.encode(format!("xx{VALUE}yy"))),
        ("a request in base64", STANDARD.encode(&body)),
        ("hexadecimal digits", hex(VALUE)),
        ("Rust", format!("{VALUE:?}")),
    ];
    for (name, coded) in codings {
        let said = Shown::new(&format!("1 validation error detected: Value '{coded}' at 'environment'"), &withheld());
        assert!(said.starts_with("1 validation error detected: Value '"), "{name}: {said}");
        assert!(said.ends_with("' at 'environment'") && said.contains(MARK), "{name}: {said}");
        let codes = PARTS.map(|part| [part.to_owned(), part.replace(' ', "+"), part.replace(' ', "%20")]);
        let (base64, digits) = (STANDARD_NO_PAD.encode(PARTS[0]), hex(PARTS[0]));
        let shown = codes.iter().flatten().chain([&base64, &digits]).find(|part| said.contains(part.as_str()));
        assert_eq!(shown, None, "{name}: {said}");
    }
}

#[test]
fn lines_of_a_value_and_beginnings_that_are_cut_off_are_cut_too() {
    let said = |text: &str| withheld().cut(text);
    assert_eq!(said("wrong: second line of it, and more"), "wrong: ***, and more");
    assert_eq!(said("wrong: second line of…"), "wrong: ***…");
    assert_eq!(said("wrong: this second"), "wrong: this ***");
}

#[test]
fn short_values_are_cut_only_where_they_stand_alone() {
    let short = Withheld::of([b"true".as_slice(), b"8080", b"abc", b"12"]);
    assert_eq!(
        short.cut("port 8080 of 18080, construed as true: abc 12"),
        "port *** of 18080, construed as ***: abc 12"
    );
    assert_eq!(short.cut("{\"A\":\"dHJ1ZQ==\",\"B\":\"xdHJ1ZQ==\"}"), "{\"A\":\"***==\",\"B\":\"xdHJ1ZQ==\"}");
    let text = "arn:aws:lambda:eu-west-1:123456789012:function:f";
    assert_eq!(Withheld::nothing().cut(text), text);
}

#[test]
fn code_and_bytes_that_are_no_text_are_not_searched_for() {
    let code = "x".repeat(LONGEST + 1);
    assert!(Withheld::of([code.as_bytes(), b"\xff\xfe\xfd\xfc"]).values.is_empty());
    assert_eq!(format!("{:?}", withheld()), MARK);
}
