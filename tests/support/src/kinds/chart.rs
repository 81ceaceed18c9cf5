//! The kinds that the chart installs. A table that lacks one is found by this list.

use kube::core::{ApiResource, GroupVersionKind};

/// Each kind of the chart's CustomResourceDefinitions.
#[must_use]
pub fn resources() -> Vec<ApiResource> {
    let path = crate::project().join("charts/lambda-operator/templates/crd.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let values = |key: &str| {
        let key = format!("    {key}: ");
        text.lines().filter_map(move |line| line.strip_prefix(&key).map(str::to_owned)).collect::<Vec<_>>()
    };
    let (kinds, plurals) = (values("kind"), values("plural"));
    assert_eq!(kinds.len(), plurals.len(), "{kinds:?} {plurals:?}");
    let resource = |(kind, plural): (&String, &String)| {
        ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk("lambda-operator.io", "v1alpha1", kind), plural)
    };
    kinds.iter().zip(&plurals).map(resource).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_of_the_chart_has_an_entry() {
        let kinds = |all: Vec<kube::core::ApiResource>| all.into_iter().map(|one| one.kind).collect::<BTreeSet<_>>();
        let table = crate::kinds::table::all().into_iter().map(|entry| entry.resource).collect();
        assert_eq!(kinds(table), kinds(super::resources()));
    }
}
