//! Everything that a user reads is plain English: the forms that nobody can read at once are refused, prose fits a screen, and each term is
//! defined once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod banned;
mod sources;

use std::collections::BTreeSet;
use std::path::Path;

use sources::Form::{self, Comments, Crd, Dashboard, Help, Literals, Markdown, Rules, Template};

pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// As wide as prose may be.
const WIDTH: usize = 100;

/// The areas that are clean, and stay so. A pattern ends with `*` for a whole folder.
const CLEAN: &[(Form, &str)] = &[
    (Markdown, "README.md"),
    (Markdown, "SECURITY.md"),
    (Markdown, "CHANGELOG.md"),
    (Markdown, "CONTRIBUTING.md"),
    (Markdown, "deploy/README.md"),
    (Markdown, "docs/README.md"),
    (Markdown, "docs/alias.md"),
    (Markdown, "docs/architecture.md"),
    (Markdown, "docs/code-signing-config.md"),
    (Markdown, "docs/command-line.md"),
    (Markdown, "docs/compare.md"),
    (Markdown, "docs/event-invoke-config.md"),
    (Markdown, "docs/event-source-mapping.md"),
    (Markdown, "docs/function.md"),
    (Markdown, "docs/function-url.md"),
    (Markdown, "docs/gitops.md"),
    (Markdown, "docs/glossary.md"),
    (Markdown, "docs/layer-version.md"),
    (Markdown, "docs/migrate.md"),
    (Markdown, "docs/permission.md"),
    (Markdown, "docs/provisioned-concurrency.md"),
    (Markdown, "docs/quickstart.md"),
    (Markdown, "docs/runbooks.md"),
    (Markdown, "docs/troubleshooting.md"),
    (Comments, "examples/*"),
    (Comments, "deploy/argocd/*"),
    (Comments, "deploy/flux/*"),
    (Comments, "deploy/policies/*"),
    (Markdown, "docs/metrics.md"),
    (Markdown, "docs/operations.md"),
    (Markdown, "docs/reference.md"),
    (Markdown, "docs/reference-alias.md"),
    (Markdown, "docs/reference-functioneventinvokeconfig.md"),
    (Markdown, "docs/reference-eventsourcemapping.md"),
    (Markdown, "docs/reference-codesigningconfig.md"),
    (Markdown, "docs/reference-functionurl.md"),
    (Markdown, "docs/reference-layerversion.md"),
    (Markdown, "docs/reference-permission.md"),
    (Markdown, "docs/reference-provisionedconcurrencyconfig.md"),
    (Markdown, "docs/security.md"),
    (Markdown, "docs/terraform.md"),
    (Markdown, "charts/lambda-operator/README.md"),
    (Comments, "examples/adopt.yaml"),
    (Comments, "charts/lambda-operator/values.yaml"),
    (Template, "charts/lambda-operator/templates/*"),
    (Rules, "charts/lambda-operator/monitoring/rules.yaml"),
    (Dashboard, "charts/lambda-operator/monitoring/dashboard.json"),
    (Crd, "crds/*"),
    (Help, "lambda-operator --help"),
    (Literals, "src/core/*"),
    (Literals, "src/kinds/*"),
    (Literals, "src/controller/*"),
    (Literals, "src/process/*"),
    (Literals, "src/cli/*"),
];

/// The areas that are still to be cleaned. A line moves up when its area is clean.
const PENDING: &[(Form, &str)] = &[];

fn faults(areas: &[(Form, &str)]) -> Vec<String> {
    let waits = |text: &sources::Text| PENDING.iter().any(|(_, path)| text.place.split(':').next() == Some(*path));
    let of = |(form, pattern): &(Form, &str)| {
        let mut texts = sources::texts(*form, pattern);
        // A file with a line of its own is not judged with its folder.
        texts.retain(|text| text.place.starts_with(*pattern) || !waits(text));
        assert!(!texts.is_empty(), "{pattern} has no text: correct the list of areas");
        let fault = |text: sources::Text| {
            let forms = banned::found(&text.words);
            forms.into_iter().map(move |form| format!("{}: {form}: {}", text.place, text.words)).collect::<Vec<_>>()
        };
        texts.into_iter().flat_map(fault).collect::<Vec<_>>()
    };
    areas.iter().flat_map(of).collect()
}

#[test]
fn users_read_no_banned_form() {
    let faults = faults(CLEAN);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_document_is_in_an_area() {
    let listed: BTreeSet<&str> = CLEAN.iter().chain(PENDING).map(|(_, pattern)| *pattern).collect();
    let documents = ["", "docs", "deploy", "charts/lambda-operator"].into_iter().flat_map(|folder| {
        let pattern = if folder.is_empty() { "*".to_owned() } else { format!("{folder}/*") };
        sources::files(&pattern).into_iter().filter(|path| path.ends_with(".md"))
    });
    // A folder is not searched below here: what is deeper has a line of its own.
    let own = documents.filter(|path| path.matches('/').count() <= 2 && !path.starts_with("target"));
    let unlisted: Vec<_> = own.filter(|path| !listed.contains(path.as_str())).collect();
    assert_eq!(unlisted, [""; 0], "add each to CLEAN in tests/docs_language");
}

/// A changelog grows by a line at a time. The reference is not wrapped either: it prints the sentences of the CRD.
const UNWRAPPED: [&str; 1] = ["CHANGELOG.md"];

#[test]
fn prose_is_wrapped() {
    let documents = CLEAN.iter().chain(PENDING).filter(|(form, _)| *form == Markdown).map(|(_, path)| *path);
    let wrapped = documents.filter(|path| {
        !path.starts_with("docs/reference") && !path.starts_with("charts/") && !UNWRAPPED.contains(path)
    });
    let mut wide = Vec::new();
    for path in wrapped {
        let text = std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
        let prose = text.split("```").step_by(2).flat_map(str::lines).filter(|line| !line.starts_with('|'));
        wide.extend(prose.filter(|line| line.chars().count() > WIDTH).map(|line| format!("{path}: {line}")));
    }
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

/// The words that an engineer searches for.
const TERMS: &[&str] = &[
    "reconcile",
    "requeue",
    "backoff",
    "drift",
    "desired state",
    "observed state",
    "plan",
    "step",
    "apply",
    "ownership",
    "adopt",
    "release",
    "orphan",
    "idempotent",
    "eventual consistency",
    "stale read",
    "circuit breaker",
    "rate limit",
    "token bucket",
    "write-ahead",
    "status record",
    "condition",
    "finalizer",
    "owner tag",
];

#[test]
fn the_glossary_defines_each_term_once() {
    let text = std::fs::read_to_string(Path::new(ROOT).join("docs/glossary.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| **"));
    let heads = rows.filter_map(|row| row.split(" | ").next());
    let defined: Vec<&str> =
        heads.flat_map(|head| head.split("**").step_by(2)).filter(|term| !term.is_empty()).collect();
    let once: BTreeSet<&str> = defined.iter().copied().collect();
    assert_eq!(once.len(), defined.len(), "{defined:?}");
    let missing: Vec<_> = TERMS.iter().filter(|term| !once.contains(**term)).collect();
    assert!(missing.is_empty(), "{missing:?} in {once:?}");
}
