//! Files that are made from the program or the chart are what they would be if they were made now. `make generate` writes them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use testbed::Bed;

mod values;

/// Some files are made from others.
static FILES: Mutex<()> = Mutex::new(());

/// Compares, or with UPDATE set writes.
fn is_current(path: &str, made: &str) {
    let _one_at_a_time = FILES.lock();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == made, "{} is out of date: run `make generate` and commit what it writes", path.display());
}

fn output(program: PathBuf, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn operator(arguments: &[&str]) -> String {
    output(env!("CARGO_BIN_EXE_lambda-operator").into(), arguments)
}

/// The value after a key of a CRD that is printed; its names stand there once with this indentation.
fn value_of<'a>(crd: &'a str, key: &str) -> &'a str {
    crd.lines().find_map(|line| line.strip_prefix(key)).unwrap().trim()
}

/// One file for each kind, all named by the kustomization.
#[test]
fn the_crd_is_current() {
    let all = operator(&["crd"]);
    let mut files = Vec::new();
    for crd in all.split("---\n") {
        files.push(format!("{}.yaml", value_of(crd, "  name:")));
        is_current(&format!("crds/{}", files.last().unwrap()), crd);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds");
    let there = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut there: Vec<_> = there.filter(|name| name != "kustomization.yaml").collect();
    let text = std::fs::read_to_string(folder.join("kustomization.yaml")).unwrap();
    let mut named: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("  - ")).map(str::to_owned).collect();
    for files in [&mut files, &mut there, &mut named] {
        files.sort();
    }
    assert_eq!((&there, &named), (&files, &files), "in the folder, in its kustomization, and as the program prints");
}

#[test]
fn the_charts_crd_is_current() {
    is_current("charts/lambda-operator/templates/crd.yaml", &operator(&["generate", "chart-crd"]));
}

#[test]
fn the_document_for_terraform_users_is_current() {
    is_current("docs/terraform.md", &operator(&["generate", "docs"]));
}

#[test]
fn the_document_for_operators_is_current() {
    is_current("docs/operations.md", &operator(&["generate", "operations"]));
}

#[test]
fn the_document_of_metrics_is_current() {
    is_current("docs/metrics.md", &operator(&["generate", "metrics"]));
}

#[test]
fn the_reference_is_current() {
    for crd in operator(&["crd"]).split("---\n") {
        let kind = value_of(crd, "    kind:");
        let file = match kind.strip_prefix("Lambda").unwrap().to_lowercase().as_str() {
            "function" => "docs/reference.md".to_owned(),
            other => format!("docs/reference-{other}.md"),
        };
        is_current(&file, &operator(&["generate", "reference", kind]));
    }
}

/// Compares, or writes, what is between the two marks of a file.
fn part_is_current(path: &str, made: &str) {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let (begin, end) = ("<!-- generated: `make generate` -->\n", "<!-- end -->");
    let (before, rest) = text.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    is_current(path, &format!("{before}{begin}{made}{end}{after}"));
}

#[test]
fn the_charts_readme_describes_every_value() {
    let yaml =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/charts/lambda-operator/values.yaml")).unwrap();
    part_is_current("charts/lambda-operator/README.md", &values::table(&yaml).unwrap());
    let forgotten = yaml.replacen("# -- Maximum number of concurrent", "# Maximum number of concurrent", 1);
    assert!(values::table(&forgotten).unwrap_err().contains("concurrency"), "a value without a description is refused");
}

/// Whatever the chart can be told is checked, and whatever is checked can be told.
#[test]
fn the_charts_schema_knows_the_same_values_as_its_readme() {
    let read = |name: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/lambda-operator").join(name))
            .unwrap()
    };
    let table = values::table(&read("values.yaml")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&read("values.schema.json")).unwrap();
    let unknown: Vec<_> =
        values::names(&table).into_iter().filter(|name| schema.pointer(&values::pointer(name)).is_none()).collect();
    assert_eq!(unknown, [""; 0], "values.yaml has them, the schema has not");
    let described =
        |path: &str| values::names(&table).iter().any(|name| *name == path || path.starts_with(&format!("{name}.")));
    let undescribed: Vec<_> = values::leaves(&schema, "").into_iter().filter(|path| !described(path)).collect();
    // Helm's own.
    assert_eq!(undescribed, ["global"], "the schema has them, values.yaml has not");
}

#[test]
fn the_iam_policies_are_current() {
    is_current("deploy/iam-policy.json", &operator(&["generate", "iam", "--bucket", "*"]));
    let narrow = ["--cluster-name", "prod", "--name-prefix", "team-a-", "--bucket", "team-a-packages"];
    let limits = ["--role-arn", "arn:aws:iam::123456789012:role/team-a-*", "--region", "eu-west-1"];
    let narrow = [&["generate", "iam"][..], &narrow, &limits].concat();
    for part in ["functions", "standalone", "dependencies"] {
        let policy = operator(&[&narrow[..], &["--part", part]].concat());
        is_current(&format!("deploy/iam-policy-prefix-{part}.json"), &policy);
    }
}

#[test]
fn the_json_schema_is_current() {
    for crd in operator(&["crd"]).split("---\n") {
        let kind = value_of(crd, "    kind:");
        let file = format!("deploy/schema/{}_v1alpha1.json", kind.to_lowercase());
        is_current(&file, &operator(&["generate", "json-schema", kind]));
    }
}

/// What only Helm needs is left out, and blank lines, which its versions set differently.
#[test]
fn the_install_manifest_is_current() {
    // Rendered from a chart whose CRD may just have been written.
    the_charts_crd_is_current();
    let writing = FILES.lock();
    let arguments = ["template", "lambda-operator", "charts/lambda-operator", "--namespace", "lambda-operator-system"];
    let options = ["--kube-version", "1.33.0", "--set", "crds.keep=false"];
    let rendered = output(Bed::from_env().unwrap().helm, &[arguments.as_slice(), options.as_slice()].concat());
    drop(writing);
    let helms = |line: &str| {
        line.is_empty()
            || line.starts_with("# Source: ")
            || line.contains("helm.sh/chart: ")
            || line.ends_with("app.kubernetes.io/managed-by: Helm")
    };
    let kept: String = rendered.lines().filter(|line| !helms(line)).map(|line| format!("{line}\n")).collect();
    is_current("deploy/install.yaml", &format!("{INSTALL_HEAD}{NAMESPACE}{kept}"));
    // deploy/base has the CRDs from their own folder.
    let crd = |document: &&str| !document.contains("\nkind: CustomResourceDefinition\n");
    let operators: Vec<_> = kept.split("---\n").filter(crd).collect();
    is_current("deploy/base/operator.yaml", &format!("{OPERATOR_HEAD}{NAMESPACE}{}", operators.join("---\n")));
}

const INSTALL_HEAD: &str = "\
# Generated from charts/lambda-operator with its default values. Do not edit.
# Apply it with `kubectl apply --server-side -f`. Before you delete it, delete the LambdaAliases and LambdaFunctions
# and wait until they are gone: with this file the CRDs go too, and every object with them, while nobody is left to remove
# their finalizers.
";
const OPERATOR_HEAD: &str = "# Generated: deploy/install.yaml without the CRDs. Do not edit.\n";
const NAMESPACE: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: lambda-operator-system
  labels:
    pod-security.kubernetes.io/enforce: restricted
";
