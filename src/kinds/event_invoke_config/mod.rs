//! LambdaFunctionEventInvokeConfig, the pure part: the parts in which the kind differs from other kinds without tags. No client, no clock, no
//! environment.

pub mod import;
pub mod model;
mod status;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::condition;
use crate::api::event_invoke_config::{
    Destination, IgnoredEventInvokeConfigField, LambdaFunctionEventInvokeConfig, LambdaFunctionEventInvokeConfigStatus,
};
use crate::api::shared::CommonSpec;
use crate::core::attached;
use crate::core::attached::function::Function;
use crate::core::attached::kind::Attached;
use crate::core::attached::{Model, Observed};
use crate::core::kind::Names;
use crate::core::references::Parent;
use crate::core::values::full;
use model::{EventInvokeConfig, LATEST, Member};

/// One AWS write.
pub type Step = attached::plan::Step<EventInvokeConfig>;

impl Attached for LambdaFunctionEventInvokeConfig {
    type Status = LambdaFunctionEventInvokeConfigStatus;
    type Model = EventInvokeConfig;

    const NAMES: Names = Names {
        controller: "lambdafunctioneventinvokeconfig",
        short: "leic",
        noun: <EventInvokeConfig as Model>::WORDS.noun,
        created: condition::EVENT_INVOKE_CONFIG_CREATED,
        reference: None,
        facts: &["qualifier"],
    };
    const UNQUALIFIED: &'static str = LATEST;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn common(&self) -> &CommonSpec {
        &self.spec.common
    }

    fn reported(&self) -> Option<&LambdaFunctionEventInvokeConfigStatus> {
        self.status.as_ref()
    }

    fn function(&self) -> Function<'_> {
        let noun = <EventInvokeConfig as Model>::WORDS.noun;
        let spec = &self.spec;
        let (reference, alias) = (spec.function_ref.as_ref(), spec.alias_ref.as_ref());
        Function { reference, alias, name: spec.function_name.as_ref(), common: &spec.common, noun }
    }

    fn qualifier(&self) -> Option<&String> {
        self.spec.qualifier.as_ref()
    }

    fn ignored(&self) -> Vec<Member> {
        let members = |field: &IgnoredEventInvokeConfigField| match field {
            IgnoredEventInvokeConfigField::MaximumEventAgeInSeconds => vec![Member::Age],
            IgnoredEventInvokeConfigField::MaximumRetryAttempts => vec![Member::Retries],
            IgnoredEventInvokeConfigField::DestinationConfig => vec![Member::OnSuccess, Member::OnFailure],
        };
        self.spec.ignore_changes.iter().flatten().flat_map(members).collect()
    }

    fn model(&self, _parent: Option<&Parent>) -> EventInvokeConfig {
        let spec = &self.spec;
        let destinations = spec.destination_config.as_ref();
        let arn = |destination: Option<&Destination>| full(destination.map(|one| &one.destination));
        EventInvokeConfig {
            age: spec.maximum_event_age_in_seconds,
            retries: spec.maximum_retry_attempts,
            on_success: arn(destinations.and_then(|all| all.on_success.as_ref())),
            on_failure: arn(destinations.and_then(|all| all.on_failure.as_ref())),
        }
    }

    fn show(_status: &mut LambdaFunctionEventInvokeConfigStatus, _shown: Option<&EventInvokeConfig>) {}

    /// The configuration of `$LATEST` does not apply to invocations of an alias. The message says so, because this is easy to overlook.
    fn settled(seen: Option<&Observed<EventInvokeConfig>>) -> String {
        let noun = <EventInvokeConfig as Model>::WORDS.noun;
        let latest = seen.is_some_and(|seen| seen.arn.ends_with(&format!(":{LATEST}")));
        let limit =
            if latest { " It applies to invocations without a qualifier, not to those of an alias." } else { "" };
        format!("The {noun} in AWS matches the spec.{limit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::event_invoke_config::{DestinationConfig, LambdaFunctionEventInvokeConfigSpec};
    use crate::api::shared::RecordedClaim;
    use crate::core::attached::history::History;
    use crate::core::attached::plan::Wanted;
    use crate::core::attached::{Goal, with_owner};
    use crate::core::goal::Defaults;
    use crate::core::kind::{GoalInput, Kind};
    use crate::core::plan::Plan;
    use crate::core::references::References;
    use crate::core::target::Target;
    use crate::core::values::Knowable;

    const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:failed";

    fn object(change: impl Fn(&mut LambdaFunctionEventInvokeConfigSpec)) -> LambdaFunctionEventInvokeConfig {
        let mut spec = LambdaFunctionEventInvokeConfigSpec {
            function_name: Some("f".into()),
            maximum_retry_attempts: Some(1),
            ..LambdaFunctionEventInvokeConfigSpec::default()
        };
        change(&mut spec);
        LambdaFunctionEventInvokeConfig::new("object", spec)
    }

    fn goal(object: &LambdaFunctionEventInvokeConfig) -> Goal<EventInvokeConfig> {
        let input = GoalInput {
            object,
            target: &Target { account: "1".into(), region: "r".into(), name: "f".into() },
            owner: "c/n/object".into(),
            former_owners: Vec::new(),
            defaults: &Defaults::default(),
            history: &History::default(),
            references: &References::default(),
            now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
            rival: None,
            may_adopt: false,
        };
        with_owner(&Kind::goal(&input).unwrap(), Knowable::Known(Some("c/n/f".into())))
    }

    fn shown(model: EventInvokeConfig) -> Observed<EventInvokeConfig> {
        Observed { model, arn: "arn:$LATEST".into(), revision: None }
    }

    fn owned(accepted: &EventInvokeConfig) -> History {
        History {
            claim: Some(RecordedClaim::Owned),
            applied: accepted.applied(EventInvokeConfig::MEMBERS),
            ..History::default()
        }
    }

    fn sent(goal: &Goal<EventInvokeConfig>, history: &History, held: EventInvokeConfig) -> Wanted<EventInvokeConfig> {
        match <LambdaFunctionEventInvokeConfig as Kind>::plan(goal, history, Some(&shown(held))) {
            Plan::Steps(steps) => match steps.as_slice() {
                [Step::Update(wanted)] => wanted.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_a_qualifier_it_is_the_one_of_latest() {
        let name = |change: fn(&mut LambdaFunctionEventInvokeConfigSpec)| {
            goal(&object(change)).desired().map(|desired| desired.name.clone())
        };
        assert_eq!(name(|_| {}).as_deref(), Some("$LATEST"));
        assert_eq!(name(|spec| spec.qualifier = Some(String::new())).as_deref(), Some("$LATEST"));
        assert_eq!(name(|spec| spec.qualifier = Some("live".into())).as_deref(), Some("live"));
    }

    /// A Put call replaces every member. Members with reported drift, and ignored members, must keep their values in AWS.
    #[test]
    fn a_put_repeats_the_members_that_are_not_sent_as_aws_shows_them() {
        let before = EventInvokeConfig { retries: Some(1), age: Some(60), ..EventInvokeConfig::default() };
        let theirs = EventInvokeConfig { on_failure: Some(QUEUE.into()), ..before.clone() };
        let edited = |change: fn(&mut LambdaFunctionEventInvokeConfigSpec)| {
            object(|spec| {
                (spec.maximum_retry_attempts, spec.maximum_event_age_in_seconds) = (Some(0), Some(60));
                change(spec);
            })
        };
        let reports = edited(|spec| spec.common.drift_policy = Some(crate::api::shared::DriftPolicy::Report));
        let reported = sent(&goal(&reports), &owned(&before), theirs.clone());
        assert_eq!(reported.members, [Member::Retries]);
        assert_eq!(reported.model, EventInvokeConfig { retries: Some(0), ..theirs.clone() });
        let corrected = sent(&goal(&edited(|_| {})), &owned(&before), theirs.clone());
        assert_eq!(corrected.model, EventInvokeConfig { retries: Some(0), ..before.clone() });
        let ignores = edited(|spec| spec.ignore_changes = Some(vec![IgnoredEventInvokeConfigField::DestinationConfig]));
        let left = goal(&ignores);
        let left = attached::left_to_others(&left, &shown(theirs.clone())).unwrap();
        assert_eq!(
            sent(&left, &owned(&before), theirs.clone()).model,
            EventInvokeConfig { retries: Some(0), ..theirs }
        );
    }

    #[test]
    fn empty_destinations_are_none() {
        let destination = |arn: &str| Some(Destination { destination: arn.into() });
        let spec = object(|spec| {
            spec.destination_config =
                Some(DestinationConfig { on_success: destination(""), on_failure: destination(QUEUE) });
        });
        let model = spec.model(None);
        assert_eq!((model.on_success, model.on_failure.as_deref()), (None, Some(QUEUE)));
    }

    /// A Put call overwrites without an error, so another object with the resource has to be seen before the first one.
    #[test]
    fn the_first_reconcile_of_an_object_already_claims_the_resource_of_its_alias() {
        let target = Target { account: "1".into(), region: "r".into(), name: "f".into() };
        let alias = Parent { target: Some(target.clone()), alias: Some("live".into()), ..Parent::default() };
        let known = References { parent: Some(alias), ..References::default() };
        let stake = |object: &LambdaFunctionEventInvokeConfig, references: Option<&References>| {
            Kind::stake(object, references.map(|references| (&target, references))).map(|stake| stake.resource)
        };
        let of_alias = object(|spec| {
            (spec.function_name, spec.alias_ref) = (None, Some(crate::api::shared::AliasRef { name: "live".into() }));
        });
        let of_qualifier = object(|spec| spec.qualifier = Some("live".into()));
        assert_eq!(stake(&of_alias, Some(&known)), Some(format!("{}:live", target.arn())));
        assert_eq!(stake(&of_alias, Some(&known)), stake(&of_qualifier, Some(&References::default())));
        assert_eq!(stake(&of_alias, Some(&References::default())), None);
        let latest = stake(&object(|_| {}), Some(&References::default()));
        assert_eq!(latest, Some(format!("{}:$LATEST", target.arn())));
        assert_eq!(stake(&object(|spec| spec.qualifier = Some(LATEST.into())), Some(&known)), latest);
    }

    #[test]
    fn an_object_that_never_learned_its_alias_deletes_nothing() {
        let mut object = object(|spec| {
            (spec.function_name, spec.alias_ref) = (None, Some(crate::api::shared::AliasRef { name: "live".into() }));
        });
        object.metadata.deletion_timestamp =
            Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(k8s_openapi::jiff::Timestamp::UNIX_EPOCH));
        let goal = goal(&object);
        let Goal::Absent(leaving) = &goal else { panic!("{goal:?}") };
        assert_eq!(leaving.name, "");
        let plan = <LambdaFunctionEventInvokeConfig as Kind>::plan(&goal, &History::default(), None);
        assert_eq!(plan, Plan::Done);
    }
}
