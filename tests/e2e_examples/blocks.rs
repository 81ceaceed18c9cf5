//! The YAML of the documents: the API server takes every manifest, and Helm every file of values.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use testbed::{Bed, poll};

use support::world::installed;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Kinds of tools that the test bed does not have: read as YAML, and no more.
const ELSEWHERE: [&str; 6] = [
    "argoproj.io/",
    "helm.toolkit.fluxcd.io/",
    "kustomize.toolkit.fluxcd.io/",
    "source.toolkit.fluxcd.io/",
    "kustomize.config.k8s.io/",
    "monitoring.coreos.com/",
];

/// One block, and where it is.
struct Block {
    place: String,
    text: String,
}

fn documents() -> Vec<PathBuf> {
    let root = Path::new(ROOT);
    let mut all =
        vec![root.join("README.md"), root.join("CONTRIBUTING.md"), root.join("charts/lambda-operator/README.md")];
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    all.extend(docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    all
}

fn blocks() -> Vec<Block> {
    let mut all = Vec::new();
    for path in documents() {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut open: Option<Block> = None;
        for (number, line) in text.lines().enumerate() {
            match (&mut open, line) {
                (None, "```yaml") => {
                    let place = format!("{}:{}", path.strip_prefix(ROOT).unwrap().display(), number + 2);
                    open = Some(Block { place, text: String::new() });
                }
                (Some(_), "```") => all.extend(open.take()),
                (Some(block), line) => block.text.extend([line, "\n"]),
                (None, _) => {}
            }
        }
        assert!(open.is_none(), "{}: a block does not end", path.display());
    }
    all
}

/// Why it is no manifest that a cluster would take, if it is none.
async fn fault(bed: &Bed, block: &Block) -> Option<String> {
    if block.text.starts_with("# values.yaml\n") {
        return refused_by_helm(bed, &block.text).await;
    }
    let documents: Vec<Value> = match serde_saphyr::from_multiple(&block.text) {
        Ok(documents) => documents,
        Err(error) => return Some(error.to_string()),
    };
    for document in documents {
        let (Some(version), Some(_)) = (document["apiVersion"].as_str(), document["kind"].as_str()) else {
            return Some("it has no apiVersion and kind; a file of values begins with `# values.yaml`".into());
        };
        if ELSEWHERE.iter().any(|group| version.starts_with(group)) {
            continue;
        }
        let arguments = ["apply", "--server-side", "--dry-run=server", "-f", "-"];
        let output = bed.kubectl(&arguments, Some(&document.to_string())).await.unwrap();
        if !output.status.success() {
            return Some(output.stderr);
        }
    }
    None
}

async fn refused_by_helm(bed: &Bed, values: &str) -> Option<String> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let file = std::env::temp_dir().join(format!("lambda-operator-values-{}-{number}.yaml", std::process::id()));
    std::fs::write(&file, values).unwrap();
    let chart = Path::new(ROOT).join("charts/lambda-operator");
    let mut helm = tokio::process::Command::new(&bed.helm);
    helm.args(["template", "lambda-operator"]).arg(chart).args(["--kube-version", "1.37.2", "-f"]).arg(&file);
    let output = helm.output().await.unwrap();
    std::fs::remove_file(file).unwrap();
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn every_manifest_of_the_documents_is_accepted() {
    let bed = Bed::from_env().unwrap();
    installed(&bed).await;
    let blocks = blocks();
    assert!(blocks.len() >= 3, "only {} blocks were found", blocks.len());
    let mut wrong = Vec::new();
    for block in &blocks {
        if let Some(fault) = fault(&bed, block).await {
            wrong.push(format!("{}: {fault}", block.place));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_manifest_that_is_wrong_is_noticed() {
    let bed = Bed::from_env().unwrap();
    installed(&bed).await;
    let block = |text: &str| Block { place: "here".into(), text: text.into() };
    let head = "apiVersion: lambda-operator.io/v1alpha1\nkind: LambdaFunction\nmetadata: {name: hello}\n";
    for (text, words) in [
        (format!("{head}spec: {{role: x}}\n"), "role must be the role's whole ARN"),
        (format!("{head}spec: {{roll: x}}\n"), "roll"),
        ("spec: {}\n".into(), "no apiVersion"),
        ("# values.yaml\nreplica: 2\n".into(), "replica"),
    ] {
        // A schema that was just installed takes a moment until every check knows it.
        let noticed = poll(words, Duration::from_secs(20), async || {
            let fault = fault(&bed, &block(&text)).await.unwrap_or_default();
            Ok(if fault.contains(words) { Ok(()) } else { Err(format!("{text}{fault}")) })
        });
        noticed.await.unwrap();
    }
}
