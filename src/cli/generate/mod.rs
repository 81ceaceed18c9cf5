//! Files that are generated from the program: the CRDs, plain and as a template of the chart, and documents and schemas. Each is committed and checked.

mod annotations;
mod crd;
mod docs;
mod iam;
mod json_schema;
mod metrics;
mod reference;

use super::Error;

/// The files that can be printed.
#[derive(clap::Subcommand)]
pub(super) enum What {
    /// The CustomResourceDefinitions of all kinds.
    Crd,
    /// The CustomResourceDefinitions as a template of the Helm chart.
    ChartCrd,
    /// The document docs/terraform.md.
    Docs,
    /// The document docs/operations.md.
    Operations,
    /// The document docs/reference.md, or the reference of another kind.
    Reference(OfKind),
    /// The document docs/metrics.md.
    Metrics,
    /// The IAM policy that the operator needs, for deploy/iam-policy.json or narrowed to your roles, functions and buckets.
    Iam(Box<iam::Limits>),
    /// The JSON schema of a kind, for editors and kubeconform.
    JsonSchema(OfKind),
}

/// The choice of a kind.
#[derive(clap::Args)]
pub(super) struct OfKind {
    /// Name of the kind.
    #[arg(default_value = "LambdaFunction")]
    kind: String,
}

/// Prints the file to standard output.
pub(super) fn print(what: What) -> Result<(), Error> {
    let text = match what {
        What::Crd => crd::yaml(),
        What::ChartCrd => crd::chart_template(),
        What::Operations => Ok(docs::operations()),
        What::Reference(OfKind { kind }) => crd::of(&kind).map(|crd| reference::reference(&crd)),
        What::Metrics => Ok(metrics::document()),
        What::Docs => docs::terraform(&crd::all()?).map_err(|error| failed(&error)),
        What::Iam(limits) => iam::policy(&limits).map_err(|error| failed(&error)).map(noted),
        What::JsonSchema(OfKind { kind }) => crd::of(&kind).map(|crd| json_schema::of(&crd)),
    };
    // The write fails if a pipe is closed before all is read.
    std::io::Write::write_all(&mut std::io::stdout(), text?.as_bytes()).map_err(|error| failed(&error))
}

/// The text, after its note went to standard error.
fn noted((text, note): (String, Option<String>)) -> String {
    if let Some(note) = note {
        eprintln!("lambda-operator: {note}");
    }
    text
}

fn failed(error: &impl ToString) -> Error {
    Error::Print { what: "the generated file", error: error.to_string() }
}
