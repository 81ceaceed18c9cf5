//! AWS's refusals of an event source mapping: invalid members, an invalid source, and a queue with a visibility timeout that is too short.

use hyper::Method;
use serde_json::{Value, json};

use super::asked::Asked;
use super::sources::Source;
use super::texts;
use crate::proxy::refusal::Refusal;
use crate::proxy::validate;

/// The range of each number.
const RANGES: [(&str, &str, i64, i64); 9] = [
    ("/BatchSize", "batchSize", 1, 10_000),
    ("/MaximumBatchingWindowInSeconds", "maximumBatchingWindowInSeconds", 0, 300),
    ("/ParallelizationFactor", "parallelizationFactor", 1, 10),
    ("/MaximumRecordAgeInSeconds", "maximumRecordAgeInSeconds", -1, 604_800),
    ("/MaximumRetryAttempts", "maximumRetryAttempts", -1, 10_000),
    ("/TumblingWindowInSeconds", "tumblingWindowInSeconds", 0, 900),
    ("/ScalingConfig/MaximumConcurrency", "scalingConfig.maximumConcurrency", 2, 1_000),
    ("/ProvisionedPollerConfig/MinimumPollers", "provisionedPollerConfig.minimumPollers", 1, 200),
    ("/ProvisionedPollerConfig/MaximumPollers", "provisionedPollerConfig.maximumPollers", 1, 10_000),
];

/// The refusal of a member that violates a constraint, for any source.
pub(crate) fn constraint(request: &Value) -> Option<Refusal> {
    let out_of_range = |(pointer, member, least, most): &(&str, &str, i64, i64)| {
        validate::range(request.pointer(pointer), member, *least, *most)
    };
    let positions = ["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"];
    let empty = |member: &str, shown: &str| {
        let none = request.get(member).and_then(Value::as_array).is_some_and(Vec::is_empty);
        let least = "Member must have length greater than or equal to 1";
        none.then(|| Refusal::constraint("[]", shown, least))
    };
    RANGES
        .iter()
        .find_map(out_of_range)
        .or_else(|| validate::one_of(request, "/StartingPosition", "startingPosition", &positions))
        .or_else(|| empty("Topics", "topics"))
        .or_else(|| empty("Queues", "queues"))
}

/// The refusal of a new mapping of this source, before AWS checks the source itself.
pub(crate) fn of_a_new_one(source: Source, request: &Value) -> Option<Refusal> {
    let said = |member: &str| request.get(member).filter(|value| !value.is_null());
    let position = said("StartingPosition").and_then(Value::as_str);
    let arn = request.get("EventSourceArn").and_then(Value::as_str).unwrap_or_default();
    let text = match (source, position) {
        (Source::Queue, Some(_)) => texts::QUEUE_HAS_NO_POSITION.to_owned(),
        (Source::Kinesis | Source::DynamoDb, None) => texts::NO_STARTING_POSITION.to_owned(),
        (Source::DynamoDb, Some("AT_TIMESTAMP")) => texts::unsupported_position(arn),
        (_, position) if said("StartingPositionTimestamp").is_some() && position != Some("AT_TIMESTAMP") => {
            texts::TIMESTAMP_WITHOUT_POSITION.to_owned()
        }
        (Source::SelfManagedKafka, _) if said("SourceAccessConfigurations").is_none() => {
            texts::NO_ACCESS_CONFIGURATIONS.to_owned()
        }
        _ => return of_any(source, request, &json!({})),
    };
    Some(Refusal::invalid(text))
}

/// The refusal of a new or a changed mapping; `held` has the settings that the change keeps.
pub(crate) fn of_any(source: Source, request: &Value, held: &Value) -> Option<Refusal> {
    let then = |member: &str| request.get(member).filter(|value| !value.is_null()).or_else(|| held.get(member));
    let number = |member: &str| then(member).and_then(Value::as_i64);
    if let Some(member) = source.unsupported(request) {
        return Some(Refusal::invalid(texts::unsupported(member)));
    }
    let batch = number("BatchSize").unwrap_or(0);
    let window = number("MaximumBatchingWindowInSeconds").unwrap_or(0);
    if source == Source::Queue && batch > 10 && window == 0 {
        return Some(Refusal::invalid(texts::BATCH_WITHOUT_WINDOW));
    }
    let filters = request.pointer("/FilterCriteria/Filters").and_then(Value::as_array).into_iter().flatten();
    let pattern = |filter: &Value| filter.get("Pattern").and_then(Value::as_str).map(str::to_owned);
    let broken = |pattern: &String| !matches!(serde_json::from_str(pattern), Ok(Value::Object(_)));
    if filters.filter_map(pattern).any(|pattern| broken(&pattern)) {
        return Some(Refusal::invalid(texts::INVALID_FILTER));
    }
    let failure = request.pointer("/DestinationConfig/OnFailure");
    let nowhere = failure.is_some_and(|failure| failure.get("Destination").is_none_or(Value::is_null));
    // answers show an empty block, but AWS does not accept one in a request
    nowhere.then(|| Refusal::invalid(texts::DESTINATION_REQUIRED))
}

/// The refusal because of the source itself, which can exist in the emulator. Sources of other accounts are accepted without a check.
pub(crate) async fn of_its_source(asked: &Asked<'_>, source: Source, timeout: i64) -> Result<Option<Refusal>, String> {
    let arn = asked.text("EventSourceArn").unwrap_or_default();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, _, region, account, name] = parts.as_slice() else { return Ok(None) };
    if *account != asked.place.account || *region != asked.place.region {
        return Ok(None);
    }
    match source {
        Source::Queue => of_a_queue(asked, name, timeout).await,
        Source::Kinesis => {
            let question = json!({ "StreamARN": arn });
            let there = ask(asked, "kinesis", "Kinesis_20131202.DescribeStreamSummary", &question).await?;
            Ok(there.is_none().then(|| Refusal::invalid(texts::no_stream(arn))))
        }
        Source::DynamoDb => {
            let question = json!({ "StreamArn": arn });
            let there = ask(asked, "dynamodb", "DynamoDBStreams_20120810.DescribeStream", &question).await?;
            Ok(there.is_none().then(|| Refusal::invalid(texts::no_stream(arn))))
        }
        Source::Msk | Source::SelfManagedKafka | Source::Mq | Source::DocumentDb => Ok(None),
    }
}

/// The refusal if the queue does not exist, or its visibility timeout is shorter than the function's timeout.
async fn of_a_queue(asked: &Asked<'_>, name: &str, timeout: i64) -> Result<Option<Refusal>, String> {
    let url = ask(asked, "sqs", "AmazonSQS.GetQueueUrl", &json!({ "QueueName": name })).await?;
    let Some(url) = url.as_ref().and_then(|answer| answer.get("QueueUrl")) else {
        return Ok(Some(Refusal::invalid(texts::NO_QUEUE)));
    };
    let question = json!({"QueueUrl": url, "AttributeNames": ["VisibilityTimeout"]});
    let attributes = ask(asked, "sqs", "AmazonSQS.GetQueueAttributes", &question).await?.unwrap_or_default();
    let visibility = attributes.pointer("/Attributes/VisibilityTimeout").and_then(Value::as_str);
    let visibility = visibility.and_then(|text| text.parse().ok()).unwrap_or(i64::MAX);
    Ok((visibility < timeout).then(|| Refusal::invalid(texts::visibility(visibility, timeout))))
}

async fn ask(asked: &Asked<'_>, service: &str, target: &str, body: &Value) -> Result<Option<Value>, String> {
    let answer = asked.upstream.ask_target(asked.call, service, target, body).await?;
    Ok((answer.status < 300).then(|| serde_json::from_slice(&answer.body).unwrap_or_default()))
}

/// Method and path of the call that creates, changes or deletes the emulator's own mapping.
pub(crate) fn at_the_emulator(uuid: Option<&str>, delete: bool) -> (Method, String) {
    let collection = "/2015-03-31/event-source-mappings".to_owned();
    match uuid {
        None => (Method::POST, collection),
        Some(uuid) => (if delete { Method::DELETE } else { Method::PUT }, format!("{collection}/{uuid}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Source, constraint, of_a_new_one, of_any};

    const RECORDED: &str = include_str!("../../../../data/aws-recorded-errors.txt");

    #[test]
    fn what_aws_refuses_of_a_new_mapping_is_in_its_words() {
        let new = |source: Source, request: Value| of_a_new_one(source, &request).map(|refusal| refusal.message);
        let stream = "arn:<partition>:dynamodb:<region>:111111111111:table/<table-name>/stream/<stream-name>";
        let recorded = [
            new(Source::Kinesis, json!({})),
            new(Source::DynamoDb, json!({"StartingPosition": "AT_TIMESTAMP", "EventSourceArn": stream})),
            new(Source::Queue, json!({"DestinationConfig": {"OnFailure": {"Destination": "arn:x"}}})),
            new(Source::SelfManagedKafka, json!({"Topics": ["t"]})),
            constraint(&json!({"StartingPosition": "invalid"})).map(|refusal| refusal.message),
        ];
        for text in recorded {
            let text = text.unwrap();
            assert!(RECORDED.contains(&format!("| {text} |")), "AWS never said: {text}");
        }
        let others = [
            (
                Source::Queue,
                json!({"StartingPosition": "LATEST"}),
                "StartingPosition is not valid for SQS event sources.",
            ),
            (
                Source::Kinesis,
                json!({"StartingPosition": "LATEST", "StartingPositionTimestamp": 1}),
                "Timestamp only valid with StartingPosition AT_TIMESTAMP",
            ),
            (
                Source::Queue,
                json!({"BatchSize": 11}),
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            ),
            (
                Source::Queue,
                json!({"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}),
                "Invalid filter pattern definition.",
            ),
        ];
        for (source, request, text) in others {
            assert_eq!(new(source, request).as_deref(), Some(text));
        }
        assert_eq!(new(Source::Kinesis, json!({"StartingPosition": "LATEST", "BatchSize": 100})), None, "a stream");
        assert_eq!(new(Source::Queue, json!({"BatchSize": 11, "MaximumBatchingWindowInSeconds": 1})), None);
    }

    #[test]
    fn what_aws_refuses_of_a_change() {
        let held = json!({"BatchSize": 100, "MaximumBatchingWindowInSeconds": 5});
        let changed = |request: Value| of_any(Source::Queue, &request, &held).map(|refusal| refusal.message);
        assert_eq!(changed(json!({"BatchSize": 1000})), None);
        assert!(changed(json!({"MaximumBatchingWindowInSeconds": 0})).unwrap().starts_with("Maximum batch window"));
        let stream = of_any(Source::Kinesis, &json!({"DestinationConfig": {"OnFailure": {}}}), &json!({}));
        assert_eq!(stream.unwrap().message, "The Destination field is required for an OnFailure configuration");
        assert_eq!(of_any(Source::Kinesis, &json!({"DestinationConfig": {}}), &json!({})), None);
        let refused = constraint(&json!({"BatchSize": 0})).unwrap();
        assert!(refused.message.ends_with("Member must have value greater than or equal to 1"));
        assert!(constraint(&json!({"Topics": []})).is_some());
    }
}
