//! From a schema of the CRD to values that it lets through; its CEL rules only give hints.

use proptest::collection::{btree_map, vec};
use proptest::option::weighted;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use serde_json::{Map, Value};

use crate::texts;

/// How often a field is there that may be left out.
const PRESENT: f64 = 0.2;

/// Values that a schema lets through. `at` is the path of the schema within the root.
pub(crate) fn values(schema: &Value, at: &str) -> BoxedStrategy<Value> {
    if let Some(known) = schema["enum"].as_array() {
        // The derive says that an absent field is null; Kubernetes drops a null before anybody sees it.
        return select(known.iter().filter(|value| !value.is_null()).cloned().collect::<Vec<_>>()).boxed();
    }
    match schema["type"].as_str() {
        Some("object") if schema["additionalProperties"].is_object() => map(schema, at),
        Some("object") => object(schema, at),
        Some("array") => {
            let items = values(&schema["items"], at);
            vec(items, 0..=most(schema, "maxItems", 4)).prop_map(Value::Array).boxed()
        }
        Some("string") => string(schema, at).prop_map(Value::String).boxed(),
        Some("integer") => integer(schema).prop_map(Value::from).boxed(),
        Some("number") => {
            let most = schema["maximum"].as_f64().unwrap_or(f64::MAX);
            integer(schema).prop_map(move |whole| Value::from((whole as f64 + 0.5).min(most))).boxed()
        }
        Some("boolean") => any::<bool>().prop_map(Value::Bool).boxed(),
        other => panic!("the schema of {at} has the type {other:?}, which nobody has taught this test"),
    }
}

fn most(schema: &Value, bound: &str, cap: usize) -> usize {
    schema[bound].as_u64().map_or(cap, |most| usize::try_from(most).unwrap().min(cap))
}

fn object(schema: &Value, at: &str) -> BoxedStrategy<Value> {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let field = |(name, schema): (&String, &Value)| {
        let value = values(schema, &format!("{at}.{name}"));
        let needed = required.contains(&name.as_str());
        let value = if needed { value.prop_map(Some).boxed() } else { weighted(PRESENT, value).boxed() };
        let name = name.clone();
        value.prop_map(move |value| value.map(|value| (name.clone(), value)))
    };
    let fields: Vec<_> = schema["properties"].as_object().into_iter().flatten().map(field).collect();
    fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect())).boxed()
}

fn map(schema: &Value, at: &str) -> BoxedStrategy<Value> {
    let keys = match at {
        ".environment.variables" | ".environment.valueFrom" => texts::variable(),
        _ => texts::text(100),
    };
    let entries = btree_map(keys, values(&schema["additionalProperties"], at), 0..=most(schema, "maxProperties", 6));
    entries.prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())).boxed()
}

fn string(schema: &Value, at: &str) -> BoxedStrategy<String> {
    if schema["format"] == "date-time" {
        return (0..2_000_000_000_i64)
            .prop_map(|at| k8s_openapi::jiff::Timestamp::from_second(at).unwrap().to_string())
            .boxed();
    }
    if at == ".environment.variables" {
        return texts::secret();
    }
    // Without `minLength` the empty text is one of them: it means absent.
    let least = usize::from(schema["minLength"].as_u64().unwrap_or_default() > 0);
    let any_text = texts::text(most(schema, "maxLength", 100_000))
        .prop_map(move |text| if text.chars().count() < least { "x".to_owned() } else { text });
    match hints(schema) {
        hints if hints.is_empty() => any_text.boxed(),
        hints => prop_oneof![3 => select(hints), 1 => any_text].boxed(),
    }
}

/// What a field's rules compare it with.
fn hints(schema: &Value) -> Vec<String> {
    let rules = schema["x-kubernetes-validations"].as_array().into_iter().flatten();
    let lists =
        rules.filter_map(|rule| rule["rule"].as_str()?.strip_prefix("self in [")?.strip_suffix(']').map(str::to_owned));
    lists.flat_map(|list| list.split(", ").map(|word| word.trim_matches('\'').to_owned()).collect::<Vec<_>>()).collect()
}

fn integer(schema: &Value) -> BoxedStrategy<i64> {
    let whole =
        if schema["format"] == "int32" { i64::from(i32::MIN)..=i64::from(i32::MAX) } else { i64::MIN..=i64::MAX };
    let bound = |name: &str, or| schema[name].as_f64().map_or(or, |bound| bound as i64);
    let (least, most) = (bound("minimum", *whole.start()), bound("maximum", *whole.end()));
    prop_oneof![4 => least..=most, 1 => Just(least), 1 => Just(most)].boxed()
}
