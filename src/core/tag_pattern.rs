//! Patterns for the keys of tags that others manage: a key, or the beginning of one with a `*` at the end. Pure.

/// Prefix of the operator's own tags, which cannot be ignored.
const OURS: &str = "lambda-operator.io/";

/// A key of a tag, or the beginning of one with a `*` at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagPattern(String);

impl TagPattern {
    /// A pattern that matches every tag of users.
    #[must_use]
    pub fn any() -> Self {
        Self("*".into())
    }

    /// A pattern from a spec, which the schema has validated.
    #[must_use]
    pub const fn new(pattern: String) -> Self {
        Self(pattern)
    }

    /// A pattern from a flag.
    ///
    /// # Errors
    /// If it cannot match a tag that others manage.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let key = text.strip_suffix('*').unwrap_or(text);
        if text.is_empty() || key.contains('*') || key.starts_with("aws:") || key.starts_with(OURS) {
            return Err(format!(
                "'{text}' is not a pattern for tags to ignore: write a key, or the beginning of one with a * at the end; it must not begin with aws: or {OURS}"
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether others manage a tag with this key. They never manage the operator's own tags.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        let Self(pattern) = self;
        let matches = pattern.strip_suffix('*').map_or(key == pattern, |beginning| key.starts_with(beginning));
        matches && !key.starts_with(OURS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_key_or_its_beginning_and_never_the_operators() {
        let matches = |pattern: &str, key| TagPattern::parse(pattern).unwrap().matches(key);
        assert!(matches("CreatedBy", "CreatedBy") && !matches("CreatedBy", "CreatedByRule"));
        assert!(matches("cost:*", "cost:center") && matches("cost:*", "cost:") && !matches("cost:*", "cost"));
        assert!(matches("*", "team") && !matches("*", "lambda-operator.io/owner"));
        assert!(!matches("lambda-*", "lambda-operator.io/owner"));
        for wrong in ["", " ", "a*b", "**", "aws:*", "lambda-operator.io/owner"] {
            assert!(TagPattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
