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
and bound the values that the objects may name. Whoever may edit the Namespace, or update or patch
`namespaces/status` or `namespaces/finalize`, may change them.
`deploy/policies/namespace-annotations.yaml` leaves them to one group.

- The operator judges the values that it would send to AWS: after the defaults of the namespace and
  the operator, and after references. A refused object is `Stalled` with `NotAllowed`, and the
  message names the annotation. The operator makes no AWS calls for it. `lambda-operator plan` says
  the same.
- An empty list allows nothing. An annotation `lambda-operator.io/…` that is not in this table, or
  that cannot be read, refuses every object of the namespace.
- Without an annotation there is no bound. With `--require-namespace-policy` (the chart's
  `requireNamespacePolicy`) the last column applies.
- In a list `?` is one character and `*` any number of them, both without `/`; `**` is any text, and
  so is `*` alone. A list never allows a path with a part `.` or `..`.
- A deletion needs `role-arn` and `region` alone; no other annotation holds it.

| annotation | value | effect | if absent, with a required policy |
|---|---|---|---|
";
