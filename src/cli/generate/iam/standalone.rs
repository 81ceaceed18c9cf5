//! Statements for resources that exist apart from a function: event source mappings and code signing configurations, which have tags of their own, and layers, which have none. Pure.

use super::condition::Condition;
use super::limits::Limits;
use super::statement::{Statement, actions, allow, becomes_ours, owned, text};
use super::tags;

/// The resources, as IAM names them.
const RESOURCES: [&str; 2] = ["arn:aws:lambda:*:*:event-source-mapping:*", "arn:aws:lambda:*:*:code-signing-config:*"];

/// The ends of the names of all actions on them.
const NAMES: [&str; 5] =
    ["EventSourceMapping", "EventSourceMappings", "CodeSigningConfig", "CodeSigningConfigs", "LayerVersions"];

/// Actions on layers. A function's layers are read by an action of their own, which other accounts can allow too.
const OF_LAYERS: [&str; 5] = [
    "lambda:PublishLayerVersion",
    "lambda:DeleteLayerVersion",
    "lambda:GetLayerVersionPolicy",
    "lambda:AddLayerVersionPermission",
    "lambda:RemoveLayerVersionPermission",
];

/// Actions whose names end like those above, but which set the configuration of a function.
const OF_A_FUNCTION: [&str; 3] = [
    "lambda:GetFunctionCodeSigningConfig",
    "lambda:PutFunctionCodeSigningConfig",
    "lambda:DeleteFunctionCodeSigningConfig",
];

/// Whether the action is about a resource that exists apart from a function.
pub(super) fn is_of_one(action: &str) -> bool {
    let named = NAMES.iter().any(|name| action.ends_with(name)) && !OF_A_FUNCTION.contains(&action);
    named || OF_LAYERS.contains(&action)
}

/// AWS has no resource for a list, nor for what does not exist yet.
pub(super) fn statements(limits: &Limits) -> Vec<Statement> {
    let resources = || RESOURCES.map(str::to_owned).to_vec();
    let of = |verbs: &[&str]| -> Vec<&'static str> {
        let begins = |action: &str| verbs.iter().any(|verb| action.starts_with(&format!("lambda:{verb}")));
        let of_one = |action: &str| is_of_one(action) && !OF_LAYERS.contains(&action);
        actions().into_iter().filter(|action| of_one(action) && begins(action)).collect()
    };
    // One of the lists is of the functions of a configuration.
    let (lists, of_a_config): (Vec<_>, Vec<_>) = of(&["List"]).into_iter().partition(|action| action.ends_with('s'));
    let looks = [of(&["Get"]), of_a_config, vec!["lambda:ListTags"]].concat();
    let of_functions = becomes_ours(limits).and("ArnLike", "lambda:FunctionArn", &limits.functions());
    let mut all = vec![
        allow("Lists", &lists, text("*"), Condition::default()),
        allow("OtherLooks", &looks, resources(), Condition::default()),
        allow("MappingCreation", &["lambda:CreateEventSourceMapping"], text("*"), of_functions),
        allow("SigningCreation", &["lambda:CreateCodeSigningConfig"], text("*"), becomes_ours(limits)),
        allow("Others", &of(&["Update", "Delete"]), resources(), owned(limits)),
        // Layers have no tags, so only their names can be limited.
        allow("LayerVersions", &OF_LAYERS, limits.published_layers(), Condition::default()),
    ];
    all.extend(tags::statements(limits, "Other", &resources()));
    all
}
