//! The trait of kinds that a controller can manage.

use k8s_openapi::NamespaceResourceScope;
use kube::{CustomResourceExt, Resource};

use crate::aws::lambda::remote::Adapter;
use crate::core::preview::Preview;

/// A kind that a controller can manage: a namespaced custom resource with an adapter to AWS.
pub trait Managed:
    Adapter + Preview + Resource<DynamicType = (), Scope = NamespaceResourceScope> + CustomResourceExt
{
}

impl<K: Adapter + Preview + Resource<DynamicType = (), Scope = NamespaceResourceScope> + CustomResourceExt> Managed
    for K
{
}
