//! The documents and workflows are true where a program can tell: links lead somewhere, commands exist, what CI uses is pinned.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(Path::new(ROOT).join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn documents() -> Vec<PathBuf> {
    ["", "docs", "charts/lambda-operator"].into_iter().flat_map(|folder| files(folder, "md")).collect()
}

/// The lines of a document that are not inside a block of code.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// As the usual hosts make them of headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.split("\n```").step_by(2).flat_map(str::lines).filter(|line| line.starts_with('#'));
    let slug = |heading: &str| {
        let kept = heading.trim_start_matches('#').trim().to_lowercase();
        kept.chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    };
    headings.map(slug).collect()
}

/// Targets of `[text](target)`.
fn links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.map(str::to_owned).collect()
}

/// Why a link of `document` leads nowhere, if it does.
fn fault(document: &Path, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = if path.is_empty() { document.to_owned() } else { document.parent().unwrap().join(path) };
    if !target.exists() {
        return Some("there is no such file".into());
    }
    let known = |anchor: &&str| target.is_file() && anchors(&read(&target)).contains(*anchor);
    anchor.filter(|anchor| !known(anchor)).map(|anchor| format!("there is no heading #{anchor}"))
}

#[test]
fn every_link_between_files_leads_somewhere() {
    let mut checked = 0;
    let mut wrong = Vec::new();
    for document in documents() {
        for link in links(&prose(&read(&document))) {
            checked += 1;
            wrong.extend(fault(&document, &link).map(|fault| format!("{}: {link}: {fault}", document.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 20, "only {checked} links were found");
}

#[test]
fn a_link_that_leads_nowhere_is_noticed() {
    let readme = Path::new(ROOT).join("README.md");
    assert!(fault(&readme, "docs/nothing.md").is_some());
    assert!(fault(&readme, "docs/operations.md#nothing").is_some());
    assert_eq!(fault(&readme, "docs/operations.md#stalled-action-required"), None);
}

/// The commands that the Makefile has.
fn targets() -> BTreeSet<String> {
    let makefile = read(&Path::new(ROOT).join("Makefile"));
    let names = makefile.lines().filter_map(|line| line.split_once(':').map(|(name, _)| name));
    names
        .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .map(str::to_owned)
        .collect()
}

/// The target of a line `make TARGET`.
fn target(line: &str) -> Option<&str> {
    line.strip_prefix("make ")?.split_whitespace().next()
}

#[test]
fn every_make_command_of_the_documents_exists() {
    let targets = targets();
    for document in documents() {
        let text = read(&document);
        // Code alone: prose may well make something.
        let code: Vec<_> = text.split('`').skip(1).step_by(2).filter(|code| code.starts_with("make ")).collect();
        let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
        let lines = blocks.flat_map(str::lines).filter(|line| line.starts_with("make "));
        for target in code.into_iter().chain(lines).filter_map(target) {
            assert!(targets.contains(target), "{}: `make {target}`", document.display());
        }
    }
}

/// A block of Rust that begins with a file's name shows lines of that file.
/// A command that lists the objects of several kinds lists those of all. A kind that the backup leaves out is lost with its cluster.
#[test]
fn commands_for_all_kinds_name_every_kind() {
    // The folder has a file that lists the CRDs, too.
    let short = |file: &PathBuf| {
        let crd = read(file);
        let (_, names) = crd.split_once("shortNames:")?;
        names.lines().nth(1).map(|name| name.trim().trim_start_matches("- ").to_owned())
    };
    let kinds: BTreeSet<String> = files("crds", "yaml").iter().filter_map(short).collect();
    let mut commands = 0;
    for document in documents() {
        for command in read(&document).split("kubectl get lfn,").skip(1) {
            let list = command.split([' ', '\n', '`']).next().unwrap_or_default();
            let named = std::iter::once("lfn").chain(list.split(',')).map(str::to_owned).collect();
            assert_eq!(kinds, named, "{}", document.display());
            commands += 1;
        }
    }
    assert!(commands > 5, "only {commands} commands");
}

#[test]
fn code_that_is_shown_is_in_the_file_that_it_names() {
    let mut shown = 0;
    for document in documents() {
        let text = read(&document);
        for block in text.split("```rust\n// ").skip(1).filter_map(|rest| rest.split("\n```").next()) {
            let (path, lines) = block.split_once('\n').unwrap();
            let source = read(&Path::new(ROOT).join(path));
            let known: BTreeSet<&str> = source.lines().map(str::trim).collect();
            for line in lines.lines() {
                assert!(known.contains(line.trim()), "{}: {path} has no line\n{line}", document.display());
                shown += 1;
            }
        }
    }
    assert!(shown > 5, "only {shown} lines were found");
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

#[test]
fn the_architecture_names_every_file_of_the_source() {
    let map = read(&Path::new(ROOT).join("docs/architecture.md"));
    let all = below(&Path::new(ROOT).join("src"));
    let sources = all.iter().filter(|path| path.parent().unwrap().file_name().unwrap() != "tests");
    let names = sources.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned());
    let unnamed: Vec<String> = names
        .filter(|name| !["mod", "lib", "main"].contains(&name.as_str()))
        .filter(|name| !map.contains(&format!("`{name}`")))
        .collect();
    assert_eq!(unnamed, [""; 0]);
}

#[test]
fn the_readme_is_read_in_five_minutes() {
    let lines = read(&Path::new(ROOT).join("README.md")).lines().count();
    assert!(lines < 120, "{lines} lines");
}

struct Step {
    place: String,
    step: Value,
}

/// Every step of every job, jobs that are other workflows included.
fn steps() -> Vec<Step> {
    let mut all = Vec::new();
    for path in files(".github/workflows", "yaml") {
        let workflow: Value = serde_saphyr::from_str(&read(&path)).unwrap();
        assert_eq!(workflow["permissions"], serde_json::json!({"contents": "read"}), "{}", path.display());
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            let place = format!("{}: {name}", path.file_name().unwrap().display());
            let own = job.get("uses").map(|_| job.clone());
            let steps = job["steps"].as_array().cloned().unwrap_or_default();
            all.extend(own.into_iter().chain(steps).map(|step| Step { place: place.clone(), step }));
        }
    }
    all
}

#[test]
fn workflows_pin_every_action_by_commit() {
    let steps = steps();
    assert!(steps.len() > 10);
    for Step { place, step } in steps {
        let Some(uses) = step["uses"].as_str().filter(|uses| !uses.starts_with("./")) else { continue };
        let commit = uses.split_once('@').unwrap().1;
        let pinned = commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit());
        assert!(pinned, "{place}: {uses}");
    }
}

#[test]
fn workflows_run_every_required_make_command() {
    let targets = targets();
    let mut called = BTreeSet::new();
    for Step { place, step } in steps() {
        for target in step["run"].as_str().into_iter().flat_map(str::lines).filter_map(target) {
            assert!(targets.contains(target), "{place}: make {target}");
            called.insert(target.to_owned());
        }
    }
    let gate = read(&Path::new(ROOT).join(".ci/run"));
    for target in gate.lines().filter_map(target) {
        assert!(called.contains(target), "CI does not run `make {target}`, and .ci/run does");
    }
}
