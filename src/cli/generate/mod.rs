//! Files that are made from the program itself: the CRDs, plain and as the chart's template, and what others make of them. Each is committed and checked.

mod annotations;
mod crd;
mod docs;
mod iam;
mod json_schema;
mod metrics;
mod reference;

use super::Error;

/// What can be printed.
#[derive(clap::Subcommand)]
pub(super) enum What {
    /// The CustomResourceDefinitions of all kinds.
    Crd,
    /// The same as a template of the Helm chart.
    ChartCrd,
    /// docs/terraform.md.
    Docs,
    /// docs/operations.md.
    Operations,
    /// docs/reference.md, or that of another kind.
    Reference(OfKind),
    /// docs/metrics.md.
    Metrics,
    /// The IAM policy that the operator needs, for deploy/iam-policy.json or narrowed to your roles, functions and buckets.
    Iam(Box<iam::Limits>),
    /// The JSON schema of a kind, for editors and kubeconform.
    JsonSchema(OfKind),
}

/// Which kind.
#[derive(clap::Args)]
pub(super) struct OfKind {
    /// Name of the kind.
    #[arg(default_value = "LambdaFunction")]
    kind: String,
}

/// To standard output.
pub(super) fn print(what: What) -> Result<(), Error> {
    let text = match what {
        What::Crd => crd::yaml(),
        What::ChartCrd => crd::chart_template(),
        What::Operations => Ok(docs::operations()),
        What::Reference(OfKind { kind }) => crd::of(&kind).map(|crd| reference::reference(&crd)),
        What::Metrics => Ok(metrics::document()),
        What::Docs => docs::terraform(&crd::all()?).map_err(|error| failed(&error)),
        What::Iam(limits) => iam::policy(&limits).map_err(|error| failed(&error)),
        What::JsonSchema(OfKind { kind }) => crd::of(&kind).map(|crd| json_schema::of(&crd)),
    };
    // A pipe may be closed before all is read.
    std::io::Write::write_all(&mut std::io::stdout(), text?.as_bytes()).map_err(|error| failed(&error))
}

fn failed(error: &impl ToString) -> Error {
    Error::Print { what: "what is generated", error: error.to_string() }
}
