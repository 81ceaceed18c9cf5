//! LambdaProvisionedConcurrencyConfig, the pure part: the parts in which the kind differs from other kinds without tags. No client, no clock, no
//! environment.

pub mod import;
pub mod model;
mod plan;
mod status;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::condition;
use crate::api::provisioned_concurrency::{
    IgnoredProvisionedConcurrencyField, LambdaProvisionedConcurrencyConfig, LambdaProvisionedConcurrencyConfigStatus,
};
use crate::api::shared::CommonSpec;
use crate::core::attached;
use crate::core::attached::function::Function;
use crate::core::attached::history::History;
use crate::core::attached::kind::Attached;
use crate::core::attached::plan::Plan;
use crate::core::attached::{Desired, Model, Observed};
use crate::core::kind::Names;
use crate::core::namespace_policy::demands::Concurrency;
use crate::core::namespace_policy::in_aws::{InAws, LeftBy, Value};
use crate::core::references::Parent;
use model::{Allocation, Member, ProvisionedConcurrency};

/// One AWS write.
pub type Step = attached::plan::Step<ProvisionedConcurrency>;

impl Attached for LambdaProvisionedConcurrencyConfig {
    type Status = LambdaProvisionedConcurrencyConfigStatus;
    type Model = ProvisionedConcurrency;

    const NAMES: Names = Names {
        controller: "lambdaprovisionedconcurrencyconfig",
        short: "lpcc",
        noun: <ProvisionedConcurrency as Model>::WORDS.noun,
        created: condition::PROVISIONED_CONCURRENCY_CREATED,
        reference: None,
        facts: &["qualifier", "status", "statusReason", "requested", "allocated", "available"],
    };
    const UNQUALIFIED: &'static str = "";

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn common(&self) -> &CommonSpec {
        &self.spec.common
    }

    fn reported(&self) -> Option<&LambdaProvisionedConcurrencyConfigStatus> {
        self.status.as_ref()
    }

    fn function(&self) -> Function<'_> {
        let noun = <ProvisionedConcurrency as Model>::WORDS.noun;
        let spec = &self.spec;
        let (reference, alias) = (spec.function_ref.as_ref(), spec.alias_ref.as_ref());
        Function { reference, alias, name: spec.function_name.as_ref(), common: &spec.common, noun }
    }

    fn qualifier(&self) -> Option<&String> {
        self.spec.qualifier.as_ref()
    }

    fn concurrency(&self) -> Concurrency {
        Concurrency::Provisioned(self.spec.provisioned_concurrent_executions)
    }

    fn in_aws<'a>(
        desired: &Desired<ProvisionedConcurrency>,
        observed: &'a Observed<ProvisionedConcurrency>,
    ) -> Vec<InAws<'a>> {
        // The allocation follows the request.
        let ProvisionedConcurrency { requested, allocation: _, is_shared: _ } = &observed.model;
        let (member, value) = (Member::Requested, Value::Provisioned(*requested));
        let field = ProvisionedConcurrency::field(member);
        let left = desired.leaves(member).then_some(LeftBy::IgnoreChanges(field));
        vec![InAws { field, replaced_as: field, value, left }]
    }

    fn ignored(&self) -> Vec<Member> {
        let member = |field: &IgnoredProvisionedConcurrencyField| match field {
            IgnoredProvisionedConcurrencyField::ProvisionedConcurrentExecutions => Member::Requested,
        };
        self.spec.ignore_changes.iter().flatten().map(member).collect()
    }

    fn model(&self, parent: Option<&Parent>) -> ProvisionedConcurrency {
        let is_shared = parent.is_some_and(|parent| parent.is_shared);
        ProvisionedConcurrency { requested: self.spec.provisioned_concurrent_executions, allocation: None, is_shared }
    }

    fn show(status: &mut LambdaProvisionedConcurrencyConfigStatus, shown: Option<&ProvisionedConcurrency>) {
        let allocation = shown.and_then(|shown| shown.allocation.as_ref());
        status.requested = shown.map(|shown| shown.requested);
        status.allocated = allocation.map(|allocation| allocation.allocated);
        status.available = allocation.map(|allocation| allocation.available);
        status.status = allocation.map(|allocation| allocation.state.name().to_owned());
        status.status_reason = allocation.and_then(|allocation| allocation.reason.clone());
    }

    fn judged(
        plan: Plan<ProvisionedConcurrency>,
        desired: &Desired<ProvisionedConcurrency>,
        history: &History,
        observed: Option<&Observed<ProvisionedConcurrency>>,
    ) -> Plan<ProvisionedConcurrency> {
        plan::judged(plan, desired, history, observed)
    }

    fn working(observed: Option<&Observed<ProvisionedConcurrency>>) -> String {
        match observed.map(|observed| &observed.model) {
            Some(ProvisionedConcurrency {
                requested,
                allocation: Some(Allocation { allocated, available: _, state: model::State::InProgress, reason: _ }),
                is_shared: _,
            }) => format!("AWS has allocated {allocated} of {requested} execution environments."),
            Some(_) => "The alias routes a share of the invocations to a second version, and AWS does not change the provisioned concurrency of such an alias. If AWS is moving the alias to another version, wait. If the LambdaAlias sets routingConfig, remove it.".into(),
            None => "AWS is applying an update.".into(),
        }
    }
}
