//! Each layer names only those below it; files are short, say what they are, and are called after what they hold.
#![allow(clippy::unwrap_used, reason = "a test; clippy's exemption covers only the bodies of #[test] functions")]

use std::fs;
use std::path::{Path, PathBuf};

/// A folder of `src`: which of ours it may name, and what of others it must not.
struct Layer {
    name: &'static str,
    may_name: &'static [&'static str],
    must_not_name: &'static [&'static str],
}

/// AWS's crates. One layer names them.
const SDK: [&str; 4] = ["aws_sdk_", "aws_smithy_", "aws_config::", "aws_types::"];

/// Outward in: each names only those that come after it.
const LAYERS: [Layer; 7] = [
    Layer { name: "cli", may_name: &["controller", "aws", "kinds", "core", "api", "process"], must_not_name: &[] },
    Layer { name: "controller", may_name: &["aws", "kinds", "core", "api", "process"], must_not_name: &[] },
    // The only place that names the SDK knows nothing of Kubernetes.
    Layer { name: "aws", may_name: &["kinds", "core", "api"], must_not_name: &["kube::", "k8s_openapi::"] },
    Layer { name: "kinds", may_name: &["core", "api"], must_not_name: IMPURE },
    // Knows no kind.
    Layer { name: "core", may_name: &["api"], must_not_name: IMPURE },
    // Types and rules. What it needs of kube are derives.
    Layer {
        name: "api",
        may_name: &[],
        must_not_name: &["kube::Client", "kube::Api", "kube::runtime", "tokio::", "std::env", "SystemTime", "Instant"],
    },
    // What any long-running program needs.
    Layer { name: "process", may_name: &[], must_not_name: &["lambda_operator"] },
];

/// What the pure layers do without: clients, a runtime, a clock, the environment, chance.
const IMPURE: &[&str] = &[
    "kube::",
    "tokio::",
    "tokio_util::",
    "std::env",
    "std::fs",
    "std::net",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "fastrand",
];

/// Lines of a file, its tests not counted.
const LONGEST: usize = 450;

/// Names that say nothing.
const EMPTY_NAMES: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "manager", "handler"];

#[test]
fn each_layer_names_only_those_below_it() {
    let mut wrong = Vec::new();
    for Layer { name, may_name, must_not_name } in &LAYERS {
        for file in files(&source().join(name)) {
            let code = code(&file);
            let others =
                LAYERS.iter().map(|layer| layer.name).filter(|other| other != name && !may_name.contains(other));
            let ours =
                others.filter(|other| names_of_ours(&code).iter().any(|named| named == other)).map(str::to_owned);
            let sdk = SDK.iter().filter(|_| *name != "aws");
            let foreign =
                must_not_name.iter().chain(sdk).filter(|path| mentions(&code, path)).map(|path| (*path).to_owned());
            wrong.extend(ours.chain(foreign).map(|named| format!("{} names {named}", shown(&file))));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_folder_is_a_layer() {
    let mut folders: Vec<_> =
        entries(&source()).into_iter().filter(|path| path.is_dir()).map(|path| file_name(&path)).collect();
    let mut layers: Vec<_> = LAYERS.iter().map(|layer| layer.name.to_owned()).collect();
    folders.sort();
    layers.sort();
    assert_eq!(folders, layers);
}

#[test]
fn the_reader_of_paths_sees_every_way_to_name_a_layer() {
    let code =
        "use crate::aws::Remote; use crate::{api, kinds::{plan, cli}}; let x = super::process::y; mycrate::cli::z";
    assert_eq!(names_of_ours(code), ["aws", "api", "kinds", "process"]);
    assert!(mentions("let t = std::time::Instant::now();", "Instant"));
    assert!(!mentions("let instant = Instantly;", "Instant"));
    assert!(mentions("use aws_sdk_lambda::Client;", "aws_sdk_"));
    assert!(!mentions("let laws_of = my_kube::x;", "kube::"));
}

#[test]
fn no_file_is_long() {
    let is_test = |file: &Path| file.iter().any(|part| part == "tests") || file_name(file) == "tests.rs";
    for file in files(&source()).into_iter().filter(|file| !is_test(file)) {
        let text = read(&file);
        let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
        assert!(
            lines <= LONGEST,
            "{} has {lines} lines without its tests: cut it where it holds two ideas",
            shown(&file)
        );
    }
}

#[test]
fn every_source_file_starts_with_its_purpose() {
    for file in files(&source()) {
        assert!(read(&file).starts_with("//! "), "{} does not begin with //!", shown(&file));
    }
}

#[test]
fn no_file_has_an_empty_name() {
    for file in files(&source()) {
        let path = shown(&file);
        let empty = path.split(['/', '.']).find(|part| EMPTY_NAMES.contains(part));
        assert_eq!(empty, None, "{path} is to be called after what it holds");
    }
}

/// The layers that some code names, by `crate::x`, `crate::{x, …}` or `super::x`.
fn names_of_ours(code: &str) -> Vec<&str> {
    let mut all = Vec::new();
    for root in ["crate::", "super::"] {
        for rest in after(code, root) {
            match rest.strip_prefix('{') {
                Some(group) => all.extend(first_level(group).map(first_word)),
                None => all.push(first_word(rest)),
            }
        }
    }
    all.retain(|name| LAYERS.iter().any(|layer| layer.name == *name));
    all
}

/// What follows each place where `path` begins.
fn after<'a>(code: &'a str, path: &str) -> impl Iterator<Item = &'a str> {
    code.match_indices(path)
        .filter(|(at, _)| !code[..*at].ends_with(is_word))
        .map(|(at, path)| &code[at + path.len()..])
}

/// The members of a `use` group, without the members of their own groups.
fn first_level(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 1_usize;
    let end = group.find(|character| {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    let mut depth = 0_usize;
    group[..end.unwrap_or(group.len())].split(move |character| {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        character == ',' && depth == 0
    })
}

fn first_word(text: &str) -> &str {
    text.trim_start().split(|character| !is_word(character)).next().unwrap_or_default()
}

/// Whether a path occurs as a whole; one that ends in `_` begins a name.
fn mentions(code: &str, path: &str) -> bool {
    after(code, path).any(|rest| !path.ends_with(char::is_alphanumeric) || !rest.starts_with(is_word))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// A file without its comments.
fn code(file: &Path) -> String {
    let text = read(file);
    let lines = text.lines().map(|line| line.split_once("// ").map_or(line, |(code, _)| code));
    lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file in a folder and below.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (folders, files): (Vec<_>, Vec<_>) = entries(folder).into_iter().partition(|path| path.is_dir());
    let below = folders.iter().flat_map(|folder| self::files(folder));
    files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")).chain(below).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

fn shown(file: &Path) -> String {
    file.strip_prefix(source()).unwrap_or(file).display().to_string()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
