//! What a release is made of, and how: as far as the workflows, the Dockerfile and the settings beside them say it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn workflow(name: &str) -> Value {
    serde_saphyr::from_str(&read(&format!(".github/workflows/{name}.yaml"))).unwrap()
}

/// All that the steps of a job run, or use.
fn steps(job: &Value) -> Vec<String> {
    let steps = job["steps"].as_array().cloned().unwrap_or_default();
    steps
        .iter()
        .map(|step| step["run"].as_str().or_else(|| step["uses"].as_str()).unwrap_or_default().to_owned())
        .collect()
}

fn position(steps: &[String], words: &str) -> usize {
    steps.iter().position(|step| step.contains(words)).unwrap_or_else(|| panic!("no step with {words}"))
}

/// A tag can be moved by whoever has the registry's password; the digest of what was built cannot.
#[test]
fn what_is_signed_is_what_was_built() {
    let (image, release) = (workflow("image"), workflow("release"));
    let build = &image["jobs"]["build"];
    assert_eq!(image["on"]["workflow_call"]["outputs"]["digest"]["value"], "${{ jobs.build.outputs.digest }}");
    assert_eq!(build["outputs"]["digest"], "${{ steps.push.outputs.digest }}");
    let made = steps(build);
    let order = ["docker build", "docker push", "attest-build-provenance", "cosign attest"];
    let order = order.map(|words| position(&made, words));
    assert!(order.is_sorted(), "built, pushed and attested in one job: {order:?}");

    let publish = &release["jobs"]["publish"];
    for arch in ["amd64", "arm64"] {
        assert_eq!(release["jobs"][arch]["uses"], "./.github/workflows/image.yaml");
        assert!(publish["needs"].as_array().unwrap().contains(&json!(arch)));
        let handed = format!("${{{{ needs.{arch}.outputs.digest }}}}");
        assert_eq!(publish["env"][arch.to_uppercase()], handed);
    }
    let made = steps(publish);
    let index = &made[position(&made, "imagetools create")];
    assert!(index.contains(r#""$IMAGE@$AMD64" "$IMAGE@$ARM64""#), "{index}");
    let all = made.join("\n");
    assert!(!all.contains("$VERSION-amd64") && !all.contains("$VERSION-arm64"), "taken by tag");
    assert!(all.contains("cosign sign --yes --recursive"), "the images under the index are signed too");
    let checked = index.find("sha256sum").unwrap() < index.find("GITHUB_OUTPUT").unwrap();
    assert!(checked && index.contains(".manifests[].digest"), "what the index holds is looked at before it is signed");
}

/// Passwords are given only to jobs that people have agreed to.
#[test]
fn secrets_are_only_in_the_environment_of_releases() {
    let mut seen = 0;
    for name in ["ci", "advisories", "image", "release"] {
        for (job, content) in workflow(name)["jobs"].as_object().unwrap() {
            // A workflow that is called has its own jobs, which are looked at there.
            if content["steps"].to_string().contains("secrets.") {
                assert_eq!(content["environment"], "release", "{name}: {job}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 2, "the job that pushes images and the one that publishes");
}

#[test]
fn advisories_are_looked_for_with_every_change_and_weekly() {
    let advisories = workflow("advisories");
    let on = advisories["on"].as_object().unwrap();
    for event in ["push", "pull_request", "schedule", "workflow_call"] {
        assert!(on.contains_key(event), "{event}");
    }
    let job = &advisories["jobs"]["advisories"];
    let all = steps(job).join("\n");
    assert!(all.contains("cargo deny") && all.ends_with(" advisories"), "{all}");
    let text = read(".github/workflows/advisories.yaml");
    for way_out in ["continue-on-error", "||  true", "|| true", "--disable-fetch", "if:"] {
        assert!(!text.contains(way_out), "it fails closed: {way_out}");
    }
    let release = workflow("release");
    assert_eq!(release["jobs"]["advisories"]["uses"], "./.github/workflows/advisories.yaml");
    assert!(release["jobs"]["amd64"]["needs"].as_array().unwrap().contains(&json!("advisories")));
    let deny = read("deny.toml");
    let rules = deny.split("[advisories]").nth(1).unwrap();
    assert!(rules.contains("ignore = []") && rules.contains("yanked = \"deny\""), "{rules}");
}

/// A static program in an empty image shows nothing else to a scanner.
#[test]
fn the_image_is_built_on_a_pinned_base_and_lists_its_dependencies() {
    let dockerfile = read("Dockerfile");
    let bases = dockerfile.lines().filter_map(|line| line.strip_prefix("FROM "));
    let bases: Vec<_> = bases.filter(|base| *base != "scratch").collect();
    assert!(!bases.is_empty());
    for base in bases {
        let digest = base.split_once("@sha256:").unwrap_or_else(|| panic!("{base} is named by a tag alone")).1;
        let digest = digest.split(' ').next().unwrap();
        assert!(digest.len() == 64 && digest.chars().all(|c| c.is_ascii_hexdigit()), "{base}");
    }
    assert!(dockerfile.contains("cargo install --quiet --locked cargo-auditable@"), "a version");
    assert!(dockerfile.contains("cargo auditable build --release --locked"));
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let skipped = name == "target" || name == ".git";
        if path.is_dir() && !skipped {
            below(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

#[test]
fn updates_are_proposed_for_everything_that_is_pinned() {
    let updates: Value = serde_saphyr::from_str(&read(".github/dependabot.yml")).unwrap();
    let mut covered = BTreeSet::new();
    for one in updates["updates"].as_array().unwrap() {
        let ecosystem = one["package-ecosystem"].as_str().unwrap();
        let folders = one["directories"].as_array().cloned().unwrap_or_else(|| vec![one["directory"].clone()]);
        covered.extend(folders.iter().map(|folder| (ecosystem.to_owned(), folder.as_str().unwrap().to_owned())));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    below(root, &mut files);
    let mut pinned = BTreeSet::from([("github-actions".to_owned(), "/".to_owned())]);
    for file in files {
        let ecosystem = match file.file_name().unwrap().to_str().unwrap() {
            "Cargo.lock" => "cargo",
            "Dockerfile" => "docker",
            "go.mod" => "gomod",
            "requirements.txt" => "pip",
            _ => continue,
        };
        let folder = file.parent().unwrap().strip_prefix(root).unwrap();
        pinned.insert((ecosystem.to_owned(), format!("/{}", folder.display())));
    }
    assert_eq!(covered, pinned);
}

/// An expression that is too wide takes a signature of another repository or workflow for ours.
#[test]
fn the_example_of_verification_names_exactly_our_workflow() {
    let text = read("docs/security.md");
    let expression = text.split("--certificate-identity-regexp '").nth(1).unwrap().split('\'').next().unwrap();
    assert!(expression.starts_with('^') && expression.ends_with('$'), "{expression}");
    let unescaped = expression.replace("\\.", "").replace("[0-9A-Za-z.-]", "");
    assert!(!unescaped.contains('.'), "a dot is any character: {expression}");
    assert!(expression.contains(r"/\.github/workflows/release\.yaml@refs/tags/v"), "{expression}");
}
