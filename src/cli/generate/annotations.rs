//! The part of docs/operations.md about the annotations of a Namespace, from their table.

use crate::core::namespace_policy::annotation::Annotation;

/// The section.
pub(super) fn section() -> String {
    let row = |annotation: Annotation| {
        format!(
            "| `{}` | {} | {} | {} |\n",
            annotation.key(),
            annotation.value(),
            annotation.meaning(),
            annotation.absent()
        )
    };
    format!("{HEAD}{}", Annotation::ALL.into_iter().map(row).collect::<String>())
}

const HEAD: &str = "\
## Annotations of a Namespace
These annotations choose the AWS identity of the LambdaFunctions and LambdaAliases in a namespace,
and limit the values that the objects may use. Every user who may edit the Namespace, or update or
patch `namespaces/status` or `namespaces/finalize`, can change them. The sample policy
`deploy/policies/namespace-annotations.yaml` lets only one group change them.

- The operator checks the values that it would send to AWS, with the defaults of the namespace and
  the operator, and with resolved references. If it refuses an object, the object is `Stalled` with
  `NotAllowed`, and the message names the annotation. For a value of the spec, the operator
  makes no AWS calls. `lambda-operator plan` prints the same message.
- If a spec leaves a field to others (`ignoreChanges`, `codePolicy: Initial`), or if
  `driftPolicy: Report` leaves drift, the operator checks the value in AWS before each write. Of
  code in AWS it checks the image, the KMS key, the signing and, if Lambda refers to the package,
  the bucket. AWS does not show the rest.
- An empty list allows nothing. An annotation `lambda-operator.io/…` that is not in this table, or
  that has an invalid value, makes the operator refuse every object of the namespace.
- Without an annotation there is no limit. With `--require-namespace-policy` (the chart's
  `requireNamespacePolicy`), the last column of the table applies instead.
- In a list, `?` matches one character and `*` any number of characters, both without `/`. `**`
  matches any text, and so does a single `*`. A list never allows a path with a part `.` or `..`.
- The deletion of an object uses only `role-arn` and `region`. No other annotation blocks it.

| annotation | value | effect | if absent, with a required policy |
|---|---|---|---|
";
