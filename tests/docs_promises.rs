//! `tests/README.md` maps each promise to its tests: the tests that it names exist, and it names every test.
#![allow(clippy::unwrap_used, reason = "a test; clippy's exemption covers only the bodies of #[test] functions")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The tests that the table names.
fn named() -> BTreeSet<String> {
    let text = std::fs::read_to_string(Path::new(ROOT).join("tests/README.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| "));
    tests_in(rows.filter_map(|row| row.split(" | ").nth(1)))
}

/// What stands in backquotes.
fn tests_in<'a>(cells: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Every test function of the tree.
fn present() -> BTreeSet<String> {
    let files = ["src", "tests"].iter().flat_map(|folder| below(&Path::new(ROOT).join(folder)));
    let sources = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    sources.flat_map(|path| tests_of(&std::fs::read_to_string(path).unwrap())).collect()
}

/// A test is a function under an attribute that ends in `test`, whatever attributes and comments come between.
fn tests_of(source: &str) -> Vec<String> {
    let mut tests = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(name) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) {
            let name = name.split(['(', '<']).next().unwrap_or_default();
            // A macro's `fn $name` is no test of its own.
            tests.extend(Some(name.to_owned()).filter(|name| is_test && !name.starts_with('$')));
            is_test = false;
        }
    }
    tests
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

#[test]
fn every_test_that_the_table_names_exists() {
    let (named, present) = (named(), present());
    assert!(named.len() > 500, "only {} tests are named", named.len());
    assert_eq!(named.difference(&present).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn every_promise_to_a_tenant_names_tests_that_exist() {
    let text = std::fs::read_to_string(Path::new(ROOT).join("docs/security.md")).unwrap();
    let (_, table) = text.split_once("## Promises to every tenant").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let rows: Vec<_> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() >= 30, "only {} promises", rows.len());
    let present = present();
    for row in rows {
        let [promise, how, tests] = row.trim_matches('|').split(" | ").collect::<Vec<_>>()[..] else { panic!("{row}") };
        assert!(promise.ends_with('.') && !how.is_empty(), "{row}");
        let named = tests_in(std::iter::once(tests));
        assert!(!named.is_empty(), "no test proves: {promise}");
        assert_eq!(named.difference(&present).collect::<Vec<_>>(), Vec::<&String>::new(), "{promise}");
    }
}

#[test]
fn every_test_is_named_in_the_table() {
    assert_eq!(present().difference(&named()).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// A break whose line has moved would break nothing, and nobody would see that its rule has lost its test.
#[test]
fn every_break_names_a_line_that_is_there_once_and_a_test() {
    let present = present();
    let table = std::fs::read_to_string(Path::new(ROOT).join("tests/breaks/breaks.tsv")).unwrap();
    let mut names = BTreeSet::new();
    for row in table.lines().skip(1) {
        let [name, _rule, file, line, broken, test] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        assert!(names.insert(name), "{name} is there twice");
        assert_ne!(line, broken, "{name} breaks nothing");
        let source = std::fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
        assert_eq!(source.matches(line).count(), 1, "{name}: {file} must hold its line once");
        let function = test.split(' ').next_back().unwrap_or_default();
        let is_target = Path::new(ROOT).join("tests").join(function).is_dir();
        assert!(present.contains(function) || is_target, "{name}: there is no test {function}");
    }
    assert!(names.len() > 80, "only {} breaks", names.len());
}
