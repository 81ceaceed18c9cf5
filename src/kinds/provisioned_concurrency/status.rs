//! The status of a LambdaProvisionedConcurrencyConfig: access to its records.

use crate::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfigStatus;
use crate::api::shared::{ClaimRecord, CommonRecord, CommonStatus};
use crate::core::attached::history::Claimed;
use crate::core::attached::kind::Qualified;
use crate::core::past::Reported;

impl Reported for LambdaProvisionedConcurrencyConfigStatus {
    fn common(&self) -> &CommonStatus {
        &self.common
    }

    fn common_mut(&mut self) -> &mut CommonStatus {
        &mut self.common
    }

    fn record(&self) -> &CommonRecord {
        &self.record.common
    }

    fn record_mut(&mut self) -> &mut CommonRecord {
        &mut self.record.common
    }
}

impl Claimed for LambdaProvisionedConcurrencyConfigStatus {
    fn claim(&self) -> &ClaimRecord {
        &self.record.claim
    }

    fn claim_mut(&mut self) -> &mut ClaimRecord {
        &mut self.record.claim
    }
}

impl Qualified for LambdaProvisionedConcurrencyConfigStatus {
    fn qualifier(&self) -> Option<&String> {
        self.qualifier.as_ref()
    }

    fn qualifier_mut(&mut self) -> &mut Option<String> {
        &mut self.qualifier
    }
}
