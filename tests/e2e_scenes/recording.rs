//! The recorded scenes: files in tests/data/scenes.

use std::path::{Path, PathBuf};

/// What is recorded of a scene; empty if nothing is, and where it is to be recorded anew.
pub(crate) fn recorded(scene: &str) -> String {
    if updates() { String::new() } else { std::fs::read_to_string(file(scene)).unwrap_or_default() }
}

/// Compares, or with UPDATE set writes.
pub(crate) fn compare(scene: &str, seen: &str, log: &str) {
    if updates() {
        std::fs::write(file(scene), seen).unwrap();
    }
    let recorded = std::fs::read_to_string(file(scene)).unwrap_or_default();
    assert!(
        recorded == seen,
        "{scene} is not as it is recorded (-) but (+):\n{}\nIf it shall be so: UPDATE=1 records it anew.\nthe operator's log:\n{log}",
        difference(&recorded, seen)
    );
}

fn updates() -> bool {
    std::env::var_os("UPDATE").is_some()
}

fn file(scene: &str) -> PathBuf {
    let name = format!("{}.txt", scene.replace(' ', "-"));
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scenes").join(name)
}

/// All lines of both: those of one alone are marked.
fn difference(recorded: &str, seen: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (recorded.lines().collect(), seen.lines().collect());
    let mut shown = String::new();
    let (mut at, mut to) = (0, 0);
    while at < old.len() || to < new.len() {
        let common = longest_common(&old[at..], &new[to..]);
        let (mark, line) = if at < old.len() && to < new.len() && old[at] == new[to] {
            (at, to) = (at + 1, to + 1);
            (' ', old[at - 1])
        } else if at < old.len() && longest_common(&old[at + 1..], &new[to..]) == common {
            at += 1;
            ('-', old[at - 1])
        } else {
            to += 1;
            ('+', new[to - 1])
        };
        shown += &format!("{mark} {line}\n");
    }
    shown
}

/// The length of the longest common subsequence.
fn longest_common(one: &[&str], other: &[&str]) -> usize {
    let mut above = vec![0; other.len() + 1];
    for line in one {
        let mut row = vec![0; other.len() + 1];
        for (at, with) in other.iter().enumerate() {
            row[at + 1] = if line == with { above[at] + 1 } else { row[at].max(above[at + 1]) };
        }
        above = row;
    }
    above[other.len()]
}

#[test]
fn a_difference_shows_what_both_have_and_what_only_one_has() {
    assert_eq!(difference("a\nb\nc\n", "a\nx\nc\nd\n"), "  a\n- b\n+ x\n  c\n+ d\n");
    assert_eq!(difference("", "a\n"), "+ a\n");
}
