//! The model of an event invoke configuration, for both the desired and the observed state: the members that a Put call writes.

use crate::core::attached::{Calls, Model, Words};
use crate::core::operation::Operation;

/// The qualifier of invocations that name none.
pub const LATEST: &str = "$LATEST";

/// AWS's default age limit, in seconds.
const DEFAULT_AGE: i32 = 21_600;

/// AWS's default number of retries.
const DEFAULT_RETRIES: i32 = 2;

/// The members that `PutFunctionEventInvokeConfig` writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventInvokeConfig {
    /// Longest time in Lambda's queue, in seconds.
    pub age: Option<i32>,
    /// Retries of an invocation that failed.
    pub retries: Option<i32>,
    /// Destination of records of invocations that succeeded.
    pub on_success: Option<String>,
    /// Destination of records of invocations that failed.
    pub on_failure: Option<String>,
}

impl EventInvokeConfig {
    /// The retries to send. AWS requires at least one setting in a Put call, so its default is sent if nothing else is.
    #[must_use]
    pub fn sent_retries(&self) -> Option<i32> {
        let Self { age, retries, on_success, on_failure } = self;
        let is_empty = age.is_none() && on_success.is_none() && on_failure.is_none();
        retries.or(is_empty.then_some(DEFAULT_RETRIES))
    }
}

/// A member of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// `MaximumEventAgeInSeconds`.
    Age,
    /// `MaximumRetryAttempts`.
    Retries,
    /// `DestinationConfig.OnSuccess`.
    OnSuccess,
    /// `DestinationConfig.OnFailure`.
    OnFailure,
}

impl Model for EventInvokeConfig {
    type Member = Member;

    const MEMBERS: &'static [Member] = &[Member::Age, Member::Retries, Member::OnSuccess, Member::OnFailure];
    const CALLS: Calls = Calls {
        create: Operation::PutFunctionEventInvokeConfig,
        update: Operation::PutFunctionEventInvokeConfig,
        delete: Operation::DeleteFunctionEventInvokeConfig,
    };
    const WORDS: Words = Words {
        kind: "LambdaFunctionEventInvokeConfig",
        noun: "event invoke configuration",
        another: "create one with another qualifier",
    };

    fn name(member: Member) -> &'static str {
        match member {
            Member::Age => "MaximumEventAgeInSeconds",
            Member::Retries => "MaximumRetryAttempts",
            Member::OnSuccess => "DestinationConfig.OnSuccess",
            Member::OnFailure => "DestinationConfig.OnFailure",
        }
    }

    fn field(member: Member) -> &'static str {
        match member {
            Member::Age => "maximumEventAgeInSeconds",
            Member::Retries => "maximumRetryAttempts",
            Member::OnSuccess => "destinationConfig.onSuccess.destination",
            Member::OnFailure => "destinationConfig.onFailure.destination",
        }
    }

    /// A default and an unset member have the same text, because AWS does not show a member that was never sent.
    fn text(&self, member: Member) -> String {
        let Self { age, retries, on_success, on_failure } = self;
        let number = |number: &Option<i32>, default: i32| {
            number.filter(|number| *number != default).map(|number| number.to_string()).unwrap_or_default()
        };
        match member {
            Member::Age => number(age, DEFAULT_AGE),
            Member::Retries => number(retries, DEFAULT_RETRIES),
            Member::OnSuccess => on_success.clone().unwrap_or_default(),
            Member::OnFailure => on_failure.clone().unwrap_or_default(),
        }
    }

    fn with_ignored(self, have: &Self, is_ignored: impl Fn(Member) -> bool) -> Self {
        let Self { age, retries, on_success, on_failure } = self;
        Self {
            age: if is_ignored(Member::Age) { have.age } else { age },
            retries: if is_ignored(Member::Retries) { have.retries } else { retries },
            on_success: if is_ignored(Member::OnSuccess) { have.on_success.clone() } else { on_success },
            on_failure: if is_ignored(Member::OnFailure) { have.on_failure.clone() } else { on_failure },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_at_least_one_setting() {
        let none = EventInvokeConfig::default();
        assert_eq!(none.sent_retries(), Some(2), "AWS's default");
        assert_eq!(EventInvokeConfig { age: Some(60), ..none.clone() }.sent_retries(), None);
        assert_eq!(EventInvokeConfig { on_failure: Some("arn".into()), ..none.clone() }.sent_retries(), None);
        assert_eq!(EventInvokeConfig { retries: Some(0), ..none }.sent_retries(), Some(0));
    }

    #[test]
    fn an_explicit_default_equals_an_unset_member() {
        let unset = EventInvokeConfig { retries: Some(0), ..EventInvokeConfig::default() };
        let explicit = EventInvokeConfig { age: Some(21_600), ..unset.clone() };
        assert!(unset.differences(&explicit).is_empty());
        let retries = EventInvokeConfig { retries: Some(2), ..unset.clone() };
        assert_eq!(retries.differences(&unset), [Member::Retries], "no retries are not AWS's retries");
        assert!(retries.differences(&EventInvokeConfig::default()).is_empty());
    }
}
