//! The kinds of resources, one folder for each. A module that is one file in a small kind can be a folder in a large kind. Pure.

pub mod alias;
pub mod code_signing_config;
pub mod event_invoke_config;
pub mod event_source_mapping;
pub mod function;
pub mod layer_version;
pub mod permission;
pub mod provisioned_concurrency;
pub mod url;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::api::code_signing_config::LambdaCodeSigningConfig;
    use crate::api::event_source_mapping::spec::LambdaEventSourceMapping;
    use crate::api::function::spec::LambdaFunction;
    use crate::core::kind::Kind;

    fn adopts<K: Kind>(spec: &Value, required: &Value) -> bool {
        let mut spec = spec.clone();
        spec.as_object_mut().unwrap().extend(required.as_object().unwrap().clone());
        let object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "metadata": {"name": "x", "namespace": "own"}, "spec": spec,
        });
        serde_json::from_value::<K>(object).unwrap().demands().adopts
    }

    /// `allow-adoption` of a namespace counts for `adoptFrom` of each kind that has the field.
    #[test]
    fn a_namespace_is_asked_only_where_it_gains_a_resource() {
        for (spec, expected) in [
            (json!({"adoptionPolicy": "Adopt"}), true),
            (json!({"adoptFrom": "c/n/x"}), true),
            (json!({"adoptionPolicy": "Refuse", "adoptFrom": "c/n/x"}), true),
            (json!({"adoptionPolicy": "Refuse", "adoptFrom": ""}), false),
            (json!({"adoptFrom": "c/own/x"}), false),
            (json!({}), false),
        ] {
            let signers = json!({"allowedPublishers": {"signingProfileVersionArns": ["arn:p"]}});
            let all = [
                adopts::<LambdaFunction>(&spec, &json!({"role": "arn:r"})),
                adopts::<LambdaEventSourceMapping>(&spec, &json!({})),
                adopts::<LambdaCodeSigningConfig>(&spec, &signers),
            ];
            assert_eq!(all, [expected; 3], "{spec}");
        }
    }
}
