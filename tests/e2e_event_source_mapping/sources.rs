//! Every source with every setting that it has: all are written at the creation, stay as they are, and have AWS's defaults once they are removed.

use serde_json::{Value, json};
use support::mappings::uuid;
use support::world::writes;

use crate::with_queue;

/// Another account's: the bed accepts its sources without a check, as AWS does where a policy of the source allows it.
const ACCOUNT: &str = "210987654321";

/// A setting.
struct Field {
    /// The field of the spec.
    spec: Value,
    /// The place in AWS's answer.
    pointer: &'static str,
    /// The value there, and AWS's default.
    values: [Value; 2],
}

fn field(spec: Value, pointer: &'static str, value: Value, default: Value) -> Field {
    Field { spec, pointer, values: [value, default] }
}

/// The settings of all sources.
fn of_all() -> Vec<Field> {
    let filter = json!({"filterCriteria": {"filter": [{"pattern": "{\"a\":[1]}"}]}});
    let key = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555");
    vec![
        field(json!({"batchSize": 50}), "/BatchSize", json!(50), json!(100)),
        field(filter, "/FilterCriteria/Filters/0/Pattern", json!("{\"a\":[1]}"), Value::Null),
        field(json!({ "kmsKeyArn": key }), "/KMSKeyArn", json!(key), Value::Null),
        field(
            json!({"metricsConfig": {"metrics": ["EventCount"]}}),
            "/MetricsConfig/Metrics/0",
            json!("EventCount"),
            Value::Null,
        ),
        field(json!({"enabled": false}), "/State", json!("Disabled"), json!("Enabled")),
    ]
}

/// The settings of sources whose events have an order.
fn of_ordered() -> Vec<Field> {
    let dead = format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:dead");
    let types = json!({"functionResponseTypes": ["ReportBatchItemFailures"]});
    vec![
        field(json!({"maximumRecordAgeInSeconds": 60}), "/MaximumRecordAgeInSeconds", json!(60), json!(-1)),
        field(json!({"maximumRetryAttempts": 0}), "/MaximumRetryAttempts", json!(0), json!(-1)),
        field(json!({"bisectBatchOnFunctionError": true}), "/BisectBatchOnFunctionError", json!(true), json!(false)),
        field(types, "/FunctionResponseTypes/0", json!("ReportBatchItemFailures"), Value::Null),
        field(
            json!({"destinationConfig": {"onFailure": {"destinationArn": dead}}}),
            "/DestinationConfig/OnFailure/Destination",
            json!(dead),
            Value::Null,
        ),
    ]
}

/// The settings of Kinesis and of DynamoDB streams.
fn of_streams() -> Vec<Field> {
    let window = json!({"maximumBatchingWindowInSeconds": 5});
    vec![
        field(window, "/MaximumBatchingWindowInSeconds", json!(5), json!(0)),
        field(json!({"parallelizationFactor": 2}), "/ParallelizationFactor", json!(2), json!(1)),
        field(json!({"tumblingWindowInSeconds": 30}), "/TumblingWindowInSeconds", json!(30), json!(0)),
    ]
}

/// The settings of Kafka. `config` is the block of the kind of cluster, in the spec and in AWS's answer.
fn of_kafka(config: &str, registry: &'static str) -> Vec<Field> {
    let schemas = json!({"schemaRegistryConfig": {
        "schemaRegistryUri": "https://registry.example", "eventRecordFormat": "JSON",
        "schemaValidationConfig": [{"attribute": "VALUE"}],
    }});
    let pollers = json!({"minimumPollers": 2, "maximumPollers": 3, "pollerGroupName": "all"});
    vec![
        field(
            json!({"loggingConfig": {"systemLogLevel": "DEBUG"}}),
            "/LoggingConfig/SystemLogLevel",
            json!("DEBUG"),
            Value::Null,
        ),
        field(
            json!({ "provisionedPollerConfig": pollers }),
            "/ProvisionedPollerConfig/PollerGroupName",
            json!("all"),
            Value::Null,
        ),
        field(json!({ config: schemas }), registry, json!("https://registry.example"), Value::Null),
    ]
}

/// A source: its name, what its mapping cannot do without, and its settings.
struct Case(&'static str, Value, Vec<Field>);

fn access(type_: &str) -> Value {
    json!({"type": type_, "uri": format!("arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:{}", type_.to_lowercase())})
}

fn streams() -> [Case; 2] {
    let arn = |service: &str, name: &str| format!("arn:aws:{service}:eu-west-1:{ACCOUNT}:{name}");
    let kinesis = json!({
        "eventSourceArn": arn("kinesis", "stream/s"), "startingPosition": "AT_TIMESTAMP",
        "startingPositionTimestamp": "2026-11-01T00:00:00Z",
    });
    let table = json!({"eventSourceArn": arn("dynamodb", "table/t/stream/2026-11-01T00:00:00.000"), "startingPosition": "TRIM_HORIZON"});
    let fields = || [of_all(), of_ordered(), of_streams()].into_iter().flatten().collect();
    [Case("kinesis", kinesis, fields()), Case("dynamodb", table, fields())]
}

fn kafka() -> [Case; 2] {
    let cluster = format!("arn:aws:kafka:eu-west-1:{ACCOUNT}:cluster/c/11111111-2222-3333-4444-555555555555-1");
    let managed = json!({"eventSourceArn": cluster, "topics": ["orders"], "startingPosition": "LATEST"});
    let brokers = json!({"endpoints": {"KAFKA_BOOTSTRAP_SERVERS": "b.example:9092,a.example:9092"}});
    let own = json!({
        "selfManagedEventSource": brokers, "topics": ["orders"], "startingPosition": "TRIM_HORIZON",
        "sourceAccessConfiguration": [access("BASIC_AUTH")],
    });
    let fields = |config, registry| [of_all(), of_ordered(), of_kafka(config, registry)].into_iter().flatten();
    let scram = json!({"sourceAccessConfiguration": [access("SASL_SCRAM_512_AUTH")]});
    let scram = field(scram, "/SourceAccessConfigurations/0/Type", json!("SASL_SCRAM_512_AUTH"), Value::Null);
    let of_managed = fields(
        "amazonManagedKafkaEventSourceConfig",
        "/AmazonManagedKafkaEventSourceConfig/SchemaRegistryConfig/SchemaRegistryURI",
    );
    let of_own = fields(
        "selfManagedKafkaEventSourceConfig",
        "/SelfManagedKafkaEventSourceConfig/SchemaRegistryConfig/SchemaRegistryURI",
    );
    [Case("msk", managed, of_managed.chain([scram]).collect()), Case("own-kafka", own, of_own.collect())]
}

fn others() -> [Case; 2] {
    let broker = json!({
        "eventSourceArn": format!("arn:aws:mq:eu-west-1:{ACCOUNT}:broker:b:b-11111111-2222-3333-4444-555555555555"),
        "queues": ["orders"], "sourceAccessConfiguration": [access("BASIC_AUTH")],
    });
    let database = json!({
        "eventSourceArn": format!("arn:aws:rds:eu-west-1:{ACCOUNT}:cluster:documents"), "startingPosition": "LATEST",
        "sourceAccessConfiguration": [access("BASIC_AUTH")], "documentDbEventSourceConfig": {"databaseName": "shop"},
    });
    let documents = |member: &str, value: &str, pointer, default| {
        let spec = json!({"documentDbEventSourceConfig": {"databaseName": "shop", member: value}});
        field(spec, pointer, json!(value), default)
    };
    let [collection, full] = [
        ("collectionName", "orders", "/DocumentDBEventSourceConfig/CollectionName", Value::Null),
        ("fullDocument", "UpdateLookup", "/DocumentDBEventSourceConfig/FullDocument", json!("Default")),
    ]
    .map(|(member, value, pointer, default)| documents(member, value, pointer, default));
    let of_database = of_all().into_iter().chain([collection, full]).collect();
    [Case("broker", broker, of_all()), Case("database", database, of_database)]
}

/// The spec with these fields too. Blocks are merged.
fn with(spec: &Value, fields: &[Field]) -> Value {
    let mut all = spec.clone();
    all["functionRef"] = json!({"name": "hello"});
    for Field { spec, .. } in fields {
        for (member, value) in spec.as_object().unwrap() {
            match (all.get_mut(member).and_then(Value::as_object_mut), value.as_object()) {
                (Some(held), Some(more)) => held.extend(more.clone()),
                _ => all[member] = value.clone(),
            }
        }
    }
    all
}

#[tokio::test]
async fn every_setting_of_every_source_is_written_kept_and_restored() {
    let (world, _) = with_queue().await;
    for Case(name, spec, fields) in streams().into_iter().chain(kafka()).chain(others()) {
        let start = world.manners().mark().await.unwrap();
        let uuid = uuid(&world.mappings().settle(name, &with(&spec, &fields)).await);
        let mapping = world.mapping(&uuid).await.unwrap();
        for Field { pointer, values: [value, _], .. } in &fields {
            assert_eq!(mapping.pointer(pointer), Some(value), "{name}: {pointer} of {mapping:#}");
        }
        world.mappings().is_looked_at(name).await;
        assert_eq!(writes(&world.calls_since(start).await), ["CreateEventSourceMapping"], "{name}: nothing differs");

        let change = world.manners().mark().await.unwrap();
        world.mappings().settle(name, &with(&spec, &[])).await;
        let mapping = world.mapping(&uuid).await.unwrap();
        for Field { pointer, values: [_, default], .. } in &fields {
            let shown = mapping.pointer(pointer).unwrap_or(&Value::Null);
            assert!(shown.is_null() || shown == default, "{name}: {pointer} was removed, and is {shown}");
        }
        world.mappings().is_looked_at(name).await;
        assert_eq!(writes(&world.calls_since(change).await), ["UpdateEventSourceMapping"], "{name}: nothing is left");
    }
}

#[tokio::test]
async fn kafka_as_a_queue_has_no_position() {
    let (world, _) = with_queue().await;
    let [_, Case(_, mut spec, _)] = kafka();
    spec.as_object_mut().unwrap().remove("startingPosition");
    spec["selfManagedKafkaEventSourceConfig"] = json!({"consumptionMode": "Queue", "consumerGroupId": "orders"});
    let start = world.manners().mark().await.unwrap();
    let uuid = uuid(&world.mappings().settle("queue", &with(&spec, &[])).await);
    let mapping = world.mapping(&uuid).await.unwrap();
    let config = json!({"ConsumptionMode": "Queue", "ConsumerGroupId": "orders"});
    assert_eq!(mapping["SelfManagedKafkaEventSourceConfig"], config, "{mapping:#}");
    world.mappings().is_looked_at("queue").await;
    assert_eq!(writes(&world.calls_since(start).await), ["CreateEventSourceMapping"]);
}
