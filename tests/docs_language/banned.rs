//! The forms that are refused, and where a text has them. Pure.

/// Words, and the forms of them, that say something only together with what stands around them.
const WORDS: [&str; 11] =
    ["anew", "mend", "mends", "mended", "mending", "told", "let go", "lets go", "letting go", "for ever", "made again"];

/// Openings of sentences that put the subject last.
const OPENINGS: [&str; 3] = ["What", "Who", "Whose"];

/// The banned forms of one piece of text: a paragraph, a cell, a description.
pub(crate) fn found(text: &str) -> Vec<String> {
    let plain = without_code(text);
    let mut all: Vec<String> = sentences(&plain).filter_map(opening).collect();
    let words = format!(" {} ", words(&plain).collect::<Vec<_>>().join(" ").to_lowercase());
    all.extend(WORDS.iter().filter(|word| words.contains(&format!(" {word} "))).map(|word| format!("\"{word}\"")));
    all.extend(fragment(&plain).then(|| "a fragment that does not stand alone".to_owned()));
    all
}

/// A sentence that begins with one of the openings; a question may.
fn opening(sentence: &str) -> Option<String> {
    let first = words(sentence).next()?;
    let opens = OPENINGS.iter().find(|opening| **opening == first)?;
    (!sentence.trim_end_matches(['*', '_', '"', ')']).ends_with('?')).then(|| format!("a sentence opens with {opens}"))
}

/// "Its name.", "The key.": a description that is understood only beside its neighbour.
fn fragment(text: &str) -> bool {
    let all: Vec<&str> = words(text).collect();
    matches!(all.as_slice(), ["Its" | "The", _]) && text.trim_end().ends_with('.')
}

/// What stands between backticks is somebody else's.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join("code")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |c: char| c.is_alphanumeric() || c == '\'' || c == '-' || c == '\u{2019}';
    text.split(move |c: char| !inside(c)).filter(|word| !word.is_empty())
}

/// A sentence ends with a mark before a space, or with the text.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let marks = rest.match_indices(['.', '!', '?', ':', ';']).map(|(at, mark)| at + mark.len());
        let end = marks.into_iter().find(|end| rest[*end..].starts_with([' ', '\n']) && ends(&rest[..*end]));
        let (sentence, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        (!sentence.is_empty()).then_some(sentence)
    })
}

/// A colon or a semicolon ends no sentence, and neither does an abbreviation.
fn ends(sentence: &str) -> bool {
    sentence.ends_with(['.', '!', '?']) && !sentence.ends_with("e.g.") && !sentence.ends_with("i.e.")
}

#[test]
fn each_banned_form_is_found() {
    for text in [
        "What is left out has a default.",
        "It waits. Who may edit it decides.",
        "A table.\nWhose a resource is.",
        "The cluster is built anew.",
        "To have it mended, wait.",
        "It is told in status.",
        "It lets go of the function.",
        "They stay for\never.",
        "The function is made again.",
        "Its name.",
        "The key.",
    ] {
        assert_eq!(found(text).len(), 1, "{text}: {:?}", found(text));
    }
}

#[test]
fn plain_text_has_no_banned_form() {
    for text in [
        "The message says what happened, and who has to act.",
        "What does a reason mean?",
        "Run `what for ever` and amend the commit.",
        "The key is wrong. Its name is in the message.",
        "Recommended, e.g. What-If tools.",
    ] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
}
