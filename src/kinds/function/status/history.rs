//! What status remembers from earlier passes. Every record may be missing; then a pass does at most one thing twice.

use std::collections::BTreeMap;

use crate::api::condition;
use crate::api::function::status::{AppliedGeneration, Deployed, FunctionRecord, LambdaFunctionStatus};
use crate::api::shared::Wait;
use crate::core::target::Target;
use crate::kinds::function::observed::Version;
use crate::kinds::function::side;
use crate::kinds::function::side::{Setting, Side};

/// The records of a status that later passes decide by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Where the function lives, fixed before it was created.
    pub target: Option<Target>,
    /// The function was made, or seen, in AWS.
    pub created: bool,
    /// A look has shown it since it was made.
    pub shown: bool,
    /// `LastModified` as AWS answered it last, to a write or to a look.
    pub modified: Option<String>,
    /// The function was invocable once, or may have been.
    pub ever_active: bool,
    /// Which source the live code came from.
    pub deployed: Option<Deployed>,
    /// The newest version that we know.
    pub published: Option<Version>,
    /// The generation, and the references, that were reached last.
    pub last_reconciled: Option<AppliedGeneration>,
    /// The generation, and the references, whose configuration was sent last.
    pub last_configured: Option<AppliedGeneration>,
    /// The value of the regrant annotation that was carried out last.
    pub last_regranted_role: Option<String>,
    /// AWS was asked about all of this function once, or we made it.
    pub familiar: bool,
    /// The last pass found nothing to do.
    pub ready: bool,
    /// What we wait for.
    pub wait: Option<Wait>,
    /// The generation for which we have asked a person for help.
    pub stalled: Option<i64>,
    /// The side groups as AWS named them last, or as they were about to be set; without those that have AWS's default.
    pub sides: BTreeMap<Side, Setting>,
}

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&LambdaFunctionStatus>) -> Self {
        let Some(status) = status else { return Self { ever_active: true, ..Self::default() } };
        let target = match (&status.account, &status.region, &status.function_name) {
            (Some(account), Some(region), Some(name)) => {
                Some(Target { account: account.clone(), region: region.clone(), name: name.clone() })
            }
            _ => None,
        };
        let is_true = |type_| status.conditions.iter().find(|c| c.type_ == type_ && c.status == "True");
        let FunctionRecord {
            ever_active,
            deployed,
            published,
            last_reconciled,
            last_configured,
            last_regranted_role,
            wait,
        } = status.record.clone();
        Self {
            target,
            created: status.arn.is_some() || deployed.is_some(),
            shown: status.arn.is_some(),
            modified: status.last_modified.clone(),
            ever_active: ever_active != Some(false),
            published: published.map(|p| Version { number: p.version, fingerprint: p.fingerprint }),
            last_reconciled,
            last_configured,
            last_regranted_role,
            // Of one that appeared after we had found none, nothing is known.
            familiar: ever_active == Some(true) || (ever_active.is_some() && deployed.is_some()),
            deployed,
            ready: is_true(condition::READY).is_some(),
            wait,
            stalled: is_true(condition::STALLED).and_then(|c| c.observed_generation),
            sides: side::recorded(status),
        }
    }
}
