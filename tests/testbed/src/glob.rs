//! Globs: `*` is any text, `?` any one character.

/// Does `text` match `pattern`?
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            text.char_indices().map(|(index, _)| index).chain([text.len()]).any(|index| matches(rest, &text[index..]))
        }
        Some(wanted) => text.chars().next().is_some_and(|found| {
            (wanted == '?' || wanted == found) && matches(&pattern[wanted.len_utf8()..], &text[found.len_utf8()..])
        }),
    }
}

/// A pattern that may be absent (matches all) against a value that may be absent (matches only an absent pattern).
pub(crate) fn optional(pattern: Option<&str>, value: Option<&str>) -> bool {
    match (pattern, value) {
        (None, _) => true,
        (Some(pattern), Some(value)) => matches(pattern, value),
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{matches, optional};

    #[test]
    fn stars_and_question_marks() {
        assert!(matches("hello", "hello"));
        assert!(!matches("hello", "hello2"));
        assert!(matches("hello*", "hello-2"));
        assert!(matches("*Function*", "UpdateFunctionCode"));
        assert!(matches("Get*", "GetFunction"));
        assert!(!matches("Get*", "PutGet"));
        assert!(matches("f?o", "füo"));
        assert!(!matches("f?o", "fo"));
        assert!(matches("*", ""));
    }

    #[test]
    fn absence() {
        assert!(optional(None, None));
        assert!(optional(None, Some("x")));
        assert!(!optional(Some("*"), None));
    }
}
