//! The table of event source mappings. They are unique by source and function, their changes take time, and they remain when their function is
//! deleted.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::clock;
use super::mapping::{Change, Mapping};
use super::sources::Source;
use crate::proxy::place::Place;
use crate::proxy::refusal::Refusal;

/// All mappings, in the order of their creation.
#[derive(Debug)]
pub(crate) struct Mappings {
    transition: Duration,
    all: Mutex<Vec<Mapping>>,
}

/// Whether both places have the same account and region.
fn same_side(one: &Place, other: &Place) -> bool {
    one.account == other.account && one.region == other.region
}

impl Mappings {
    pub(crate) fn new(transition: Duration) -> Mappings {
        Mappings { transition, all: Mutex::default() }
    }

    /// The function of a mapping, of any account and region, and the qualifier with which the mapping invokes it.
    pub(crate) fn function_of(&self, uuid: &str) -> Option<(String, Option<String>)> {
        let all = self.all(Instant::now());
        let mapping = all.iter().find(|mapping| mapping.uuid == uuid)?;
        Some((mapping.function.function.clone(), mapping.qualifier.clone()))
    }

    /// A mapping of the account and region of this place.
    pub(crate) fn find(&self, side: &Place, uuid: &str, now: Instant) -> Option<Mapping> {
        let all = self.all(now);
        all.iter().find(|mapping| mapping.uuid == uuid && same_side(&mapping.function, side)).cloned()
    }

    /// All of an account in a region.
    pub(crate) fn list(&self, side: &Place, now: Instant) -> Vec<Mapping> {
        self.all(now).iter().filter(|mapping| same_side(&mapping.function, side)).cloned().collect()
    }

    /// Stores a new mapping, in the state Creating.
    pub(crate) fn insert(&self, mut mapping: Mapping, now: Instant) -> Result<Mapping, Refusal> {
        let mut all = self.all(now);
        refusal_of_a_second(&all, &mapping).map_or(Ok(()), Err)?;
        mapping.change = Some((Change::Creating, now + self.transition));
        all.push(mapping.clone());
        Ok(mapping)
    }

    /// Stores a changed mapping, in the state Updating, Enabling or Disabling.
    pub(crate) fn replace(&self, mut mapping: Mapping, now: Instant) -> Result<Mapping, Refusal> {
        let mut all = self.all(now);
        refusal_of_a_second(&all, &mapping).map_or(Ok(()), Err)?;
        let Some(held) = all.iter_mut().find(|held| held.uuid == mapping.uuid) else { return Ok(mapping) };
        in_use(held, "update", now)?;
        let change = match (held.enabled, mapping.enabled) {
            (false, true) => Change::Enabling,
            (true, false) => Change::Disabling,
            (true, true) | (false, false) => Change::Updating,
        };
        mapping.change = Some((change, now + self.transition));
        mapping.modified = clock::now();
        *held = mapping.clone();
        Ok(mapping)
    }

    /// Sets a mapping to the state Deleting; it disappears after the transition.
    pub(crate) fn delete(&self, uuid: &str, now: Instant) -> Result<Option<Mapping>, Refusal> {
        let mut all = self.all(now);
        let Some(held) = all.iter_mut().find(|held| held.uuid == uuid) else { return Ok(None) };
        in_use(held, "delete", now)?;
        held.change = Some((Change::Deleting, now + self.transition));
        held.modified = clock::now();
        Ok(Some(held.clone()))
    }

    /// Stores the id of the emulator's mapping that polls for this one.
    pub(crate) fn mirrored(&self, uuid: &str, mirror: Option<String>) {
        if let Some(held) = self.all(Instant::now()).iter_mut().find(|held| held.uuid == uuid) {
            held.mirror = mirror;
        }
    }

    /// Changes the tags of the mapping of this ARN; `None` if there is none.
    pub(crate) fn tags<T>(&self, arn: &str, change: impl FnOnce(&mut Map<String, Value>) -> T) -> Option<T> {
        let mut all = self.all(Instant::now());
        all.iter_mut().find(|mapping| mapping.arn() == arn).map(|mapping| change(&mut mapping.tags))
    }

    fn all(&self, now: Instant) -> MutexGuard<'_, Vec<Mapping>> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|mapping| !mapping.is_gone(now));
        all
    }
}

/// The refusal of a change while another one is in progress. AWS documents the refusal; its message is known only for a deletion.
fn in_use(mapping: &Mapping, verb: &str, now: Instant) -> Result<(), Refusal> {
    if mapping.busy(now).is_none() {
        return Ok(());
    }
    let text = format!("Cannot {verb} the event source mapping because it is in use");
    Err(Refusal::new(400, "ResourceInUseException", text))
}

/// The refusal if there is a mapping of the same source and function already.
fn refusal_of_a_second(all: &[Mapping], new: &Mapping) -> Option<Refusal> {
    let function = new.function_arn();
    let other = |mapping: &&Mapping| mapping.uuid != new.uuid && mapping.function_arn() == function;
    let held = all.iter().filter(other).find(|held| is_of_the_same_source(held, new))?;
    let uuid = &held.uuid;
    let source = |mapping: &Mapping| text(mapping, "EventSourceArn");
    Some(Refusal::conflict(match new.source {
        Source::Queue => format!(
            "An event source mapping with SQS arn (\" {} \") and function (\" {} \") already exists. Please update or \
             delete the existing mapping with UUID {uuid}",
            source(new),
            new.function.function
        ),
        Source::SelfManagedKafka => format!(
            "An event source mapping with event source (\"{}\"), function (\"{function}\"), topics (\"{}\") already \
             exists. Please update or delete the existing mapping with UUID {uuid}",
            brokers(new).join(","),
            topics(new).join(",")
        ),
        Source::Kinesis | Source::DynamoDb | Source::Msk | Source::Mq | Source::DocumentDb => format!(
            "The event source arn (\" {} \") and function (\" {} \") provided mapping already exists. Please update or \
             delete the existing mapping with UUID {uuid}",
            source(new),
            new.function.function
        ),
    }))
}

/// Whether both have the same source. For self-managed Kafka, one common broker is enough.
fn is_of_the_same_source(one: &Mapping, other: &Mapping) -> bool {
    if topics(one) != topics(other) {
        return false;
    }
    match (one.source, other.source) {
        (Source::SelfManagedKafka, Source::SelfManagedKafka) => {
            let theirs = brokers(other);
            brokers(one).iter().any(|broker| theirs.contains(broker))
        }
        (one_source, other_source) => {
            one_source == other_source && text(one, "EventSourceArn") == text(other, "EventSourceArn")
        }
    }
}

fn text(mapping: &Mapping, member: &str) -> String {
    mapping.settings.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn topics(mapping: &Mapping) -> Vec<String> {
    texts(mapping.settings.get("Topics"))
}

fn brokers(mapping: &Mapping) -> Vec<String> {
    let source = mapping.settings.get("SelfManagedEventSource");
    texts(source.and_then(|source| source.pointer("/Endpoints/KAFKA_BOOTSTRAP_SERVERS")))
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::{Mapping, Mappings};
    use crate::proxy::family::clock;
    use crate::proxy::family::mapping::tests::made;

    const TRANSITION: Duration = Duration::from_secs(10);

    fn queue(name: &str) -> Mapping {
        let request = json!({"EventSourceArn": format!("arn:aws:sqs:eu-west-1:111111111111:{name}")});
        Mapping { uuid: clock::uuid(), ..made(&request) }
    }

    fn kafka(brokers: &[&str], topic: &str) -> Mapping {
        let source = json!({"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": brokers}});
        Mapping { uuid: clock::uuid(), ..made(&json!({"SelfManagedEventSource": source, "Topics": [topic]})) }
    }

    fn state(mappings: &Mappings, mapping: &Mapping, now: Instant) -> Option<String> {
        let found = mappings.find(&mapping.function, &mapping.uuid, now)?;
        found.show(now, false)["State"].as_str().map(str::to_owned)
    }

    #[test]
    fn a_mapping_goes_through_its_states_and_is_gone() {
        let mappings = Mappings::new(TRANSITION);
        let start = Instant::now();
        let at = |transitions: u32| start + TRANSITION * transitions;
        let mapping = mappings.insert(queue("q"), start).unwrap();
        let mut seen = vec![state(&mappings, &mapping, start), state(&mappings, &mapping, at(1))];
        for (enabled, when) in [(true, 2), (false, 4), (true, 6)] {
            mappings.replace(Mapping { enabled, ..mapping.clone() }, at(when)).unwrap();
            seen.extend([state(&mappings, &mapping, at(when)), state(&mappings, &mapping, at(when + 1))]);
        }
        mappings.delete(&mapping.uuid, at(8)).unwrap().unwrap();
        seen.extend([state(&mappings, &mapping, at(8)), state(&mappings, &mapping, at(9))]);
        let seen: Vec<String> = seen.into_iter().map(Option::unwrap_or_default).collect();
        let expected = [
            "Creating",
            "Enabled",
            "Updating",
            "Enabled",
            "Disabling",
            "Disabled",
            "Enabling",
            "Enabled",
            "Deleting",
            "",
        ];
        assert_eq!(seen, expected);
        assert!(mappings.delete(&mapping.uuid, at(9)).unwrap().is_none());
    }

    #[test]
    fn a_mapping_that_is_changed_takes_no_other_change() {
        let mappings = Mappings::new(TRANSITION);
        let start = Instant::now();
        let mapping = mappings.insert(queue("q"), start).unwrap();
        let refused = mappings.replace(mapping.clone(), start).unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (400, "ResourceInUseException"));
        assert_eq!(mappings.delete(&mapping.uuid, start).unwrap_err().code, "ResourceInUseException");
        mappings.delete(&mapping.uuid, start + TRANSITION).unwrap();
        assert_eq!(mappings.delete(&mapping.uuid, start + TRANSITION).unwrap_err().code, "ResourceInUseException");
    }

    #[test]
    fn a_second_mapping_of_one_source_and_function_is_refused_with_the_uuid_of_the_first() {
        let recorded = include_str!("../../../../data/aws-recorded-errors.txt");
        let mappings = Mappings::new(Duration::ZERO);
        let now = Instant::now();
        let first = mappings.insert(queue("q"), now).unwrap();
        let refused = mappings.insert(queue("q"), now).unwrap_err();
        assert_eq!(refused.status, 409);
        assert_eq!(
            refused.message,
            format!(
                "An event source mapping with SQS arn (\" arn:aws:sqs:eu-west-1:111111111111:q \") and function (\" f \") \
                 already exists. Please update or delete the existing mapping with UUID {}",
                first.uuid
            )
        );
        mappings.insert(queue("other"), now).unwrap();
        let alias = Mapping { qualifier: Some("live".into()), ..queue("q") };
        mappings.insert(alias.clone(), now).unwrap();
        let moved = Mapping { qualifier: None, ..alias };
        assert_eq!(mappings.replace(moved, now).unwrap_err().status, 409, "moved to where there is one");

        let first = mappings.insert(kafka(&["kafka:1000"], "topic"), now).unwrap();
        let refused = mappings.insert(kafka(&["kafka:1000", "kafka:2000"], "topic"), now).unwrap_err();
        let placeholders = refused
            .message
            .replace(&first.uuid, "<uuid:1>")
            .replace(&first.function_arn(), "arn:<partition>:lambda:<region>:111111111111:function:<resource:1>");
        assert!(recorded.contains(&placeholders), "AWS never said: {placeholders}");
        mappings.insert(kafka(&["kafka:1000"], "other"), now).unwrap();
    }

    #[test]
    fn an_account_in_a_region_sees_its_own() {
        let mappings = Mappings::new(Duration::ZERO);
        let now = Instant::now();
        let mapping = mappings.insert(queue("q"), now).unwrap();
        let mut elsewhere = mapping.function.clone();
        elsewhere.region = "us-east-1".into();
        assert!(mappings.find(&elsewhere, &mapping.uuid, now).is_none());
        assert_eq!((mappings.list(&elsewhere, now).len(), mappings.list(&mapping.function, now).len()), (0, 1));
        assert_eq!(mappings.function_of(&mapping.uuid), Some(("f".to_owned(), None)));
    }
}
