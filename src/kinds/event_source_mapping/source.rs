//! Event sources: their kinds, and the facts by which AWS distinguishes the mappings of one function. Pure.

use std::collections::BTreeSet;

use k8s_openapi::jiff::Timestamp;

/// A kind of event source. It decides which settings a mapping has, and their defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A queue of SQS.
    Queue,
    /// A stream of Kinesis, or a consumer of one.
    Kinesis,
    /// A stream of DynamoDB.
    DynamoDb,
    /// A cluster of Amazon MSK, or a VPC connection to one.
    Msk,
    /// A Kafka cluster outside of AWS.
    SelfManagedKafka,
    /// A broker of Amazon MQ.
    Mq,
    /// A cluster of DocumentDB.
    DocumentDb,
    /// A source that this version does not know.
    Other,
}

impl Source {
    /// Kinesis or DynamoDB.
    #[must_use]
    pub const fn is_stream(self) -> bool {
        matches!(self, Self::Kinesis | Self::DynamoDb)
    }

    /// Kafka of any kind.
    #[must_use]
    pub const fn is_kafka(self) -> bool {
        matches!(self, Self::Msk | Self::SelfManagedKafka)
    }

    /// The kind of the source with this ARN; without one it is a cluster outside of AWS.
    fn of(arn: &str) -> Self {
        match arn.split(':').nth(2) {
            None => Self::SelfManagedKafka,
            Some("sqs") => Self::Queue,
            Some("kinesis") => Self::Kinesis,
            Some("dynamodb") => Self::DynamoDb,
            Some("kafka") => Self::Msk,
            Some("mq") => Self::Mq,
            Some("rds") => Self::DocumentDb,
            Some(_) => Self::Other,
        }
    }
}

/// The origin of the events. It cannot change, and a function has at most one mapping for each origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// ARN of the source; empty for a cluster outside of AWS.
    pub arn: String,
    /// Brokers of a cluster outside of AWS. AWS sorts them.
    pub brokers: BTreeSet<String>,
    /// Topic of Kafka.
    pub topics: BTreeSet<String>,
    /// Queue of Amazon MQ.
    pub queues: BTreeSet<String>,
}

impl Origin {
    /// The kind of the source.
    #[must_use]
    pub fn source(&self) -> Source {
        Source::of(&self.arn)
    }

    /// Whether AWS treats both as the same origin. For clusters outside of AWS, one common broker is enough.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        let Self { arn, brokers, topics, queues } = self;
        let same_cluster = if arn.is_empty() { !brokers.is_disjoint(&other.brokers) } else { true };
        *arn == other.arn && same_cluster && *topics == other.topics && *queues == other.queues
    }

    /// The origin in one line.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { arn, brokers, topics, queues } = self;
        let joined = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(",");
        let place = if arn.is_empty() { joined(brokers) } else { arn.clone() };
        let within = [joined(topics), joined(queues)];
        within.into_iter().filter(|part| !part.is_empty()).fold(place, |text, part| format!("{text} {part}"))
    }
}

/// The settings that AWS uses only at the creation. They cannot change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Where reading begins.
    pub position: Option<String>,
    /// The time at which reading begins.
    pub timestamp: Option<Timestamp>,
    /// Consumer group of Kafka.
    pub consumer_group: Option<String>,
    /// Consumption mode of a cluster outside of AWS.
    pub consumption_mode: Option<String>,
}

/// The position of a mapping that began at a time. AWS does not show the time.
const AT_TIMESTAMP: &str = "AT_TIMESTAMP";

impl Start {
    /// The field of the spec that contradicts the mapping in AWS. A field that one of them does not name is no contradiction.
    #[must_use]
    pub fn contradicts(&self, held: &Self, source: Source) -> Option<&'static str> {
        let Self { position, timestamp: _, consumer_group, consumption_mode } = self;
        let differ = |want: &Option<String>, have: &Option<String>| want.is_some() && have.is_some() && want != have;
        // `import` writes another position for it.
        let is_timed = held.position.as_deref() == Some(AT_TIMESTAMP);
        if differ(position, &held.position) && !is_timed {
            Some("startingPosition")
        } else if differ(consumer_group, &held.consumer_group) {
            Some(match source {
                Source::SelfManagedKafka => "selfManagedKafkaEventSourceConfig.consumerGroupId",
                _ => "amazonManagedKafkaEventSourceConfig.consumerGroupId",
            })
        } else if differ(consumption_mode, &held.consumption_mode) {
            Some("selfManagedKafkaEventSourceConfig.consumptionMode")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_of_the_creation_contradicts_the_one_that_aws_has() {
        let start = |position: &str, group: &str| Start {
            position: (!position.is_empty()).then(|| position.to_owned()),
            consumer_group: (!group.is_empty()).then(|| group.to_owned()),
            ..Start::default()
        };
        let of = |want: &Start, have: &Start| want.contradicts(have, Source::Msk);
        assert_eq!(of(&start("LATEST", "a"), &start("LATEST", "a")), None);
        assert_eq!(of(&start("LATEST", ""), &start("TRIM_HORIZON", "a")), Some("startingPosition"));
        assert_eq!(of(&start("TRIM_HORIZON", ""), &start("AT_TIMESTAMP", "a")), None, "as imported");
        let group = of(&start("", "a"), &start("LATEST", "b"));
        assert_eq!(group, Some("amazonManagedKafkaEventSourceConfig.consumerGroupId"));
        assert_eq!(of(&start("", ""), &start("LATEST", "b")), None, "AWS chose one");
        let mode = |mode: &str| Start { consumption_mode: Some(mode.into()), ..Start::default() };
        let mode = mode("Queue").contradicts(&mode("Stream"), Source::SelfManagedKafka);
        assert_eq!(mode, Some("selfManagedKafkaEventSourceConfig.consumptionMode"));
    }

    fn set(all: &[&str]) -> BTreeSet<String> {
        all.iter().map(|one| (*one).to_owned()).collect()
    }

    #[test]
    fn the_arn_tells_the_kind_of_source() {
        let of = |arn: &str| Origin { arn: arn.into(), ..Origin::default() }.source();
        assert_eq!(of("arn:aws:sqs:eu-west-1:123456789012:q"), Source::Queue);
        assert_eq!(of("arn:aws-cn:kinesis:cn-north-1:123456789012:stream/s"), Source::Kinesis);
        assert_eq!(of("arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/x"), Source::DynamoDb);
        assert_eq!(of("arn:aws:kafka:eu-west-1:123456789012:cluster/c/x"), Source::Msk);
        assert_eq!(of("arn:aws:mq:eu-west-1:123456789012:broker:b:x"), Source::Mq);
        assert_eq!(of("arn:aws:rds:eu-west-1:123456789012:cluster:c"), Source::DocumentDb);
        assert_eq!(of("arn:aws:new:eu-west-1:123456789012:x"), Source::Other);
        assert_eq!(of(""), Source::SelfManagedKafka);
    }

    #[test]
    fn one_broker_in_common_makes_two_clusters_the_same() {
        let kafka = |brokers: &[&str], topic: &str| Origin {
            brokers: set(brokers),
            topics: set(&[topic]),
            ..Origin::default()
        };
        assert!(kafka(&["a:1", "b:1"], "t").is_same_as(&kafka(&["b:1", "c:1"], "t")));
        assert!(!kafka(&["a:1"], "t").is_same_as(&kafka(&["b:1"], "t")));
        assert!(!kafka(&["a:1"], "t").is_same_as(&kafka(&["a:1"], "u")));
        let queue = |name: &str| Origin { arn: format!("arn:aws:sqs:r:1:{name}"), ..Origin::default() };
        assert!(queue("q").is_same_as(&queue("q")) && !queue("q").is_same_as(&queue("p")));
    }
}
