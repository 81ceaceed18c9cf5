//! Statements for functions and everything that belongs to one: aliases, versions, policies, URLs and configurations. Pure.

use super::condition::Condition;
use super::limits::Limits;
use super::statement::{Statement, actions, allow, becomes_ours, owned, text};
use super::{standalone, tags};

/// Statements for functions. AWS checks the tags of a function for every action on the function, its aliases and its versions.
pub(super) fn statements(limits: &Limits) -> Vec<Statement> {
    let functions = limits.functions();
    let apart = [
        "lambda:CreateFunction",
        "lambda:UpdateFunctionConfiguration",
        "lambda:PutFunctionConcurrency",
        "lambda:StopDurableExecution",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:GetLayerVersion",
        "lambda:PassCapacityProvider",
    ];
    let signing_is_compulsory = !limits.code_signing_configs.is_empty();
    let of = |reads: bool| -> Vec<&'static str> {
        let all = actions().into_iter().filter(|action| action.starts_with("lambda:"));
        let all = all.filter(|action| !apart.contains(action) && !standalone::is_of_one(action));
        all.filter(|action| is_read(action) == reads)
            .filter(|action| !(signing_is_compulsory && *action == "lambda:DeleteFunctionCodeSigningConfig"))
            .collect()
    };
    // The condition requires the value, while the other conditions also accept requests without one.
    let signed =
        |condition: Condition| condition.and("ArnLike", "lambda:CodeSigningConfigArn", &limits.code_signing_configs);
    let mut all = vec![
        // Reads have no condition on tags, because the operator has to read first whether a function exists and who owns it.
        allow("Looks", &of(true), functions.clone(), Condition::default()),
        allow("Creation", &["lambda:CreateFunction"], functions.clone(), signed(made_of(limits, becomes_ours(limits)))),
        allow(
            "Configuration",
            &["lambda:UpdateFunctionConfiguration"],
            functions.clone(),
            made_of(limits, owned(limits)),
        ),
        allow("Functions", &of(false), functions.clone(), owned(limits)),
        // Reserved concurrency is taken from all functions of the account.
        allow("Concurrency", &["lambda:PutFunctionConcurrency"], functions.clone(), owned(limits)),
        // Executions have no tags.
        allow("Executions", &["lambda:StopDurableExecution"], functions.clone(), Condition::default()),
    ];
    // Log groups are made by Lambda too, so no tag of ours tells whose they are.
    let logs = ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy"];
    all.push(allow("LogGroups", &logs, limits.log_groups(), Condition::default()));
    all.push(allow("LogGroupList", &["logs:DescribeLogGroups"], text("*"), Condition::default()));
    all.extend(tags::statements(limits, "", &functions));
    all
}

fn is_read(action: &str) -> bool {
    ["lambda:Get", "lambda:List"].iter().any(|verb| action.starts_with(verb))
}

/// The layers and networks that a function may use. A request without them is allowed, because an update sends only the members that differ.
fn made_of(limits: &Limits, condition: Condition) -> Condition {
    condition
        .and("ForAllValues:StringLike", "lambda:Layer", &limits.layers)
        .and("StringEqualsIfExists", "lambda:VpcIds", &limits.vpcs)
        .and("ForAllValues:StringEquals", "lambda:SubnetIds", &limits.subnets)
        .and("ForAllValues:StringEquals", "lambda:SecurityGroupIds", &limits.security_groups)
}
