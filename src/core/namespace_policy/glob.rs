//! Globs for the values that a namespace allows. `*` and `?` match no slash, so that a glob for one folder, path or repository matches no other.
//! Pure.

/// A list of globs. An empty one allows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Globs(Vec<Glob>);

/// One glob: `?` is one character and `*` any number of them, both without `/`; `**` is anything.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Glob(Vec<Part>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Just(char),
    One,
    Many,
    Anything,
}

impl Globs {
    /// Reads a list; `None` if an item contains white space, because the author probably meant several items.
    pub(super) fn read(text: &str) -> Option<Self> {
        let items: Vec<_> = text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
        let readable =
            |item: &&str| !item.contains(|character: char| character.is_whitespace() || character.is_control());
        items.iter().all(readable).then(|| Self(items.into_iter().map(Glob::read).collect()))
    }

    /// Whether the list is empty.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a glob matches. A path with a part `.` or `..` is never allowed, because it can lead out of the allowed folder.
    pub(super) fn allow(&self, text: &str) -> bool {
        !text.split('/').any(|part| matches!(part, "." | "..")) && self.0.iter().any(|glob| glob.matches(text))
    }
}

impl Glob {
    fn read(text: &str) -> Self {
        // A single `*` means every value, slashes included.
        if text == "*" {
            return Self(vec![Part::Anything]);
        }
        let mut parts: Vec<Part> = Vec::new();
        for character in text.chars() {
            match (character, parts.last_mut()) {
                ('*', Some(last @ (Part::Many | Part::Anything))) => *last = Part::Anything,
                ('*', _) => parts.push(Part::Many),
                ('?', _) => parts.push(Part::One),
                (character, _) => parts.push(Part::Just(character)),
            }
        }
        Self(parts)
    }

    /// Runs in linear time for every glob, because a tenant chooses the text.
    fn matches(&self, text: &str) -> bool {
        let Self(parts) = self;
        // For each prefix of the glob: whether it matches the part of the text that the loop has read.
        let mut reached = vec![false; parts.len() + 1];
        if let Some(start) = reached.first_mut() {
            *start = true;
        }
        self.skip_empty(&mut reached);
        for character in text.chars() {
            let mut next = vec![false; parts.len() + 1];
            for (place, part) in parts.iter().enumerate().filter(|(place, _)| reached[*place]) {
                match part {
                    Part::Just(wanted) => next[place + 1] |= *wanted == character,
                    Part::One => next[place + 1] |= character != '/',
                    Part::Many => next[place] |= character != '/',
                    Part::Anything => next[place] = true,
                }
            }
            self.skip_empty(&mut next);
            reached = next;
        }
        reached.last().copied().unwrap_or_default()
    }

    /// A star matches nothing, too.
    fn skip_empty(&self, reached: &mut [bool]) {
        for (place, part) in self.0.iter().enumerate() {
            if reached[place] && matches!(part, Part::Many | Part::Anything) {
                reached[place + 1] = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(list: &str, text: &str) -> bool {
        Globs::read(list).unwrap().allow(text)
    }

    #[test]
    fn a_star_stops_at_a_slash_and_two_do_not() {
        assert!(allows("team-a/*", "team-a/app.zip") && !allows("team-a/*", "team-a/old/app.zip"));
        assert!(allows("team-a/**", "team-a/old/app.zip") && !allows("team-a/**", "team-b/app.zip"));
        let role = "arn:aws:iam::*:role/team-*";
        assert!(allows(role, "arn:aws:iam::1:role/team-a") && !allows(role, "arn:aws:iam::1:role/team-a/admin"));
        assert!(!allows(role, "arn:aws:iam::1:role/admin/team-a"));
        let image = "*.dkr.ecr.eu-west-1.amazonaws.com/team-a/*";
        assert!(allows(image, "1.dkr.ecr.eu-west-1.amazonaws.com/team-a/app:1"));
        assert!(!allows(image, "evil.example/x.dkr.ecr.eu-west-1.amazonaws.com/team-a/app:1"));
        assert!(allows("?", "a") && !allows("?", "/") && !allows("?", "") && !allows("?", "ab"));
    }

    #[test]
    fn a_star_alone_allows_everything_and_an_empty_list_nothing() {
        assert!(["", "a", "arn:aws:iam::1:role/a/b"].into_iter().all(|text| allows("*", text)));
        for empty in ["", " ", ",", " , ,"] {
            let list = Globs::read(empty).unwrap();
            assert!(list.is_empty() && ["", "a", "*"].into_iter().all(|text| !list.allow(text)), "{empty:?}");
        }
    }

    #[test]
    fn a_path_that_climbs_is_never_allowed() {
        assert!(!allows("team-a/**", "team-a/../team-b/app.zip") && !allows("*", "../x"));
        assert!(!allows("arn:aws:iam::1:role/team-a/**", "arn:aws:iam::1:role/team-a/../admin"));
        assert!(!allows("*", "./team-a/app.zip") && !allows("team-a/**", "team-a/./app.zip"));
        assert!(allows("*", "a..b") && allows("*", "a.b/c."));
    }

    #[test]
    fn items_are_separated_by_commas_and_by_nothing_else() {
        assert!(allows(" a, b ,c", "b") && !allows("a,b", "a,b"));
        assert!(["a b", "a\nb", "a,b\tc", "a\u{7f}"].into_iter().all(|text| Globs::read(text).is_none()));
    }

    /// The result equals that of a slow search through all possibilities.
    #[test]
    fn globs_match_as_a_naive_search_does() {
        fn naive(glob: &[char], text: &[char]) -> bool {
            match (glob, text) {
                ([], []) => true,
                (['*', '*', rest @ ..], _) => {
                    naive(rest, text) || text.split_first().is_some_and(|(_, text)| naive(glob, text))
                }
                (['*', rest @ ..], _) => {
                    naive(rest, text)
                        || text.split_first().is_some_and(|(first, text)| *first != '/' && naive(glob, text))
                }
                (['?', glob @ ..], [first, text @ ..]) => *first != '/' && naive(glob, text),
                ([wanted, glob @ ..], [first, text @ ..]) => wanted == first && naive(glob, text),
                ([] | [_, ..], _) => false,
            }
        }
        let words = |letters: &[char], longest: usize| {
            let mut all = vec![Vec::new()];
            for _ in 0..longest {
                let longer: Vec<Vec<char>> = all
                    .iter()
                    .flat_map(|word| letters.iter().map(move |letter| [word.as_slice(), &[*letter]].concat()))
                    .collect();
                all.extend(longer);
            }
            all
        };
        let texts = words(&['a', '/'], 3);
        for glob in words(&['a', '*', '?', '/'], 3) {
            let text_of = |word: &[char]| word.iter().collect::<String>();
            let read = Glob::read(&text_of(&glob));
            for text in &texts {
                let expected = glob == ['*'] || naive(&glob, text);
                assert_eq!(read.matches(&text_of(text)), expected, "{glob:?} {text:?}");
            }
        }
    }
}
