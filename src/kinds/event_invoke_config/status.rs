//! The status of a LambdaFunctionEventInvokeConfig: access to its records.

use crate::api::event_invoke_config::LambdaFunctionEventInvokeConfigStatus;
use crate::api::shared::{ClaimRecord, CommonRecord, CommonStatus};
use crate::core::attached::history::Claimed;
use crate::core::attached::kind::Qualified;
use crate::core::past::Reported;

impl Reported for LambdaFunctionEventInvokeConfigStatus {
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

impl Claimed for LambdaFunctionEventInvokeConfigStatus {
    fn claim(&self) -> &ClaimRecord {
        &self.record.claim
    }

    fn claim_mut(&mut self) -> &mut ClaimRecord {
        &mut self.record.claim
    }
}

impl Qualified for LambdaFunctionEventInvokeConfigStatus {
    fn qualifier(&self) -> Option<&String> {
        self.qualifier.as_ref()
    }

    fn qualifier_mut(&mut self) -> &mut Option<String> {
        &mut self.qualifier
    }
}
