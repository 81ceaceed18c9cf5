//! What goes wrong with what makes a function reachable: permissions, mappings, URLs, configurations, layers, logs.

use serde_json::{Value, json};

use super::{Fault, TOO_NEW, behind, fault, one};
use crate::rules::{Action, Rule};

const CONCURRENT: &str = "The function could not be updated due to a concurrent update operation.";
const INVALID: &str = "InvalidParameterValueException";

/// All of them.
pub(crate) fn all() -> Vec<Fault> {
    [permissions(), mappings(), mapping_states(), urls(), configurations(), beside(), logs()].concat()
}

/// Each of these operations is answered with this error; `times` where it ends by itself.
fn refused(
    name: &str,
    description: &str,
    operations: &[&str],
    times: Option<u32>,
    (status, code, message): (u16, &str, &str),
) -> Fault {
    let refusal = Rule { times, ..Rule::new(name, Action::error(status, code, message)).service("lambda") };
    fault(name, description, operations.iter().map(|operation| refusal.clone().operation(operation)))
}

/// The answer to this operation is lost once; its work is done.
fn lost(name: &str, description: &str, operation: &str) -> Fault {
    one(name, description, Action::LoseAnswer, |rule| rule.operation(operation).times(1))
}

/// Answers to these operations show something else.
fn shown(name: &str, description: &str, operations: &[&str], patch: &Value) -> Fault {
    let patch = Rule::new(name, Action::PatchAnswer(patch.clone())).service("lambda");
    fault(name, description, operations.iter().map(|operation| patch.clone().operation(operation)))
}

fn permissions() -> Vec<Fault> {
    let writes = ["AddPermission", "RemovePermission"];
    let moved = "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the \
                 latest Revision Id";
    vec![
        refused(
            "permission-conflict",
            "the first changes of a policy: 409 because somebody else changes the function at this moment",
            &writes,
            Some(2),
            (409, "ResourceConflictException", CONCURRENT),
        ),
        refused(
            "permission-raced",
            "the first changes of a policy: 412 because somebody else changed it since it was read",
            &writes,
            Some(2),
            (412, "PreconditionFailedException", moved),
        ),
        lost("permission-add-lost", "the statement is added, and the answer is lost", "AddPermission"),
        lost("permission-remove-lost", "the statement is removed, and the answer is lost", "RemovePermission"),
        behind("policy-stale", "GetPolicy shows the policy before its last change", "*Permission"),
        refused(
            "principal-too-new",
            "the principal is too new for the first statements",
            &["AddPermission"],
            Some(TOO_NEW),
            (400, INVALID, "The provided principal was invalid. Please check the principal and try again."),
        ),
        refused(
            "policy-full",
            "AddPermission: PolicyLengthExceededException",
            &["AddPermission"],
            None,
            (400, "PolicyLengthExceededException", "The final policy size (20749) is bigger than the limit (20480)."),
        ),
        refused(
            "public-access-blocked",
            "AddPermission: PublicPolicyException",
            &["AddPermission"],
            None,
            (400, "PublicPolicyException", "Public access is blocked for this function."),
        ),
        refused(
            "policy-throttled",
            "GetPolicy: 429 TooManyRequestsException",
            &["GetPolicy"],
            None,
            (429, "TooManyRequestsException", "Rate exceeded"),
        ),
    ]
}

fn mappings() -> Vec<Fault> {
    let create = ["CreateEventSourceMapping"];
    let in_use = "Cannot change the event source mapping because it is in use";
    let denied = "User: arn:aws:iam::{account}:user/operator is not authorized to perform: lambda:TagResource on resource: \
                  arn:aws:lambda:eu-west-1:{account}:event-source-mapping:* because no identity-based policy allows the \
                  lambda:TagResource action";
    vec![
        lost("mapping-create-lost", "the mapping is made, and the answer is lost", "CreateEventSourceMapping"),
        refused(
            "mapping-role-too-new",
            "the role may not read the source yet at the first creations",
            &create,
            Some(TOO_NEW),
            (400, INVALID, "The provided execution role does not have permissions to call ReceiveMessage on SQS"),
        ),
        refused(
            "mapping-in-use",
            "the first changes and deletions of a mapping: 400 ResourceInUseException",
            &["UpdateEventSourceMapping", "DeleteEventSourceMapping"],
            Some(2),
            (400, "ResourceInUseException", in_use),
        ),
        refused(
            "mapping-visibility-too-short",
            "CreateEventSourceMapping: the queue shows a message again before the function is done with it",
            &create,
            None,
            (400, INVALID, "Queue visibility timeout: 60 seconds is less than Function timeout: 180 seconds"),
        ),
        one(
            "mapping-tags-denied",
            "CreateEventSourceMapping with Tags: no permission",
            Action::error(403, "AccessDeniedException", denied),
            |rule| rule.operation("CreateEventSourceMapping").member("Tags"),
        ),
        one(
            "mapping-tags-unknown",
            "CreateEventSourceMapping with Tags: this partition has none",
            Action::error(400, INVALID, "Tagging is not supported for event source mappings in this region."),
            |rule| rule.operation("CreateEventSourceMapping").member("Tags"),
        ),
        behind("mapping-not-listed", "lists show the mappings before the last change of one", "*EventSourceMapping"),
    ]
}

fn mapping_states() -> Vec<Fault> {
    let get = ["GetEventSourceMapping"];
    vec![
        shown("mapping-stuck-creating", "the mapping stays Creating", &get, &json!({"State": "Creating"})),
        shown("mapping-stuck-updating", "the mapping stays Updating", &get, &json!({"State": "Updating"})),
        shown(
            "mapping-disabled-by-aws",
            "AWS disabled the mapping for a reason of its own",
            &get,
            &json!({"State": "Disabled", "StateTransitionReason": "Lambda disabled the event source mapping because the \
                                                                    source does not exist any more."}),
        ),
        shown(
            "mapping-problem",
            "the last batch was not processed",
            &get,
            &json!({"LastProcessingResult": "PROBLEM: Function call failed"}),
        ),
        shown(
            "mapping-filters-unreadable",
            "GetEventSourceMapping cannot decrypt the filters",
            &get,
            &json!({"FilterCriteria": null, "FilterCriteriaError": {"ErrorCode": "KMSAccessDeniedException",
                    "Message": "Lambda was unable to decrypt the filter criteria."}}),
        ),
    ]
}

fn urls() -> Vec<Fault> {
    let writes = ["CreateFunctionUrlConfig", "UpdateFunctionUrlConfig", "DeleteFunctionUrlConfig"];
    vec![
        refused(
            "url-conflict",
            "the first changes of a URL: 409 because somebody else changes the function at this moment",
            &writes,
            Some(2),
            (409, "ResourceConflictException", CONCURRENT),
        ),
        lost("url-create-lost", "the URL is made, and the answer is lost", "CreateFunctionUrlConfig"),
        behind("url-stale", "looks show the URLs before the last change of one", "*FunctionUrlConfig"),
    ]
}

fn configurations() -> Vec<Fault> {
    let writes = ["PutFunctionEventInvokeConfig", "DeleteFunctionEventInvokeConfig"];
    let provisioned = ["GetProvisionedConcurrencyConfig"];
    let failed = "FUNCTION_ERROR_INIT_FAILURE";
    vec![
        refused(
            "invoke-config-conflict",
            "the first changes of an event invoke configuration: 409 because another of the function is changed",
            &writes,
            Some(2),
            (
                409,
                "ResourceConflictException",
                "The EventInvokeConfig for function arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST could not be \
                 updated due to a concurrent update operation.",
            ),
        ),
        refused(
            "destination-not-allowed",
            "the role may not write to the destination yet at the first puts",
            &["PutFunctionEventInvokeConfig"],
            Some(TOO_NEW),
            (
                400,
                INVALID,
                "The function's execution role does not have permissions to call SendMessage on \
                 arn:aws:sqs:eu-west-1:123456789012:dead",
            ),
        ),
        behind(
            "invoke-config-stale",
            "looks show the event invoke configurations before the last change of one",
            "*FunctionEventInvokeConfig",
        ),
        lost(
            "provisioned-put-lost",
            "concurrency is provisioned, and the answer is lost",
            "PutProvisionedConcurrencyConfig",
        ),
        shown(
            "provisioned-stuck",
            "provisioned concurrency stays IN_PROGRESS, with less than was requested",
            &provisioned,
            &json!({"Status": "IN_PROGRESS", "AllocatedProvisionedConcurrentExecutions": 0,
                    "AvailableProvisionedConcurrentExecutions": 0}),
        ),
        shown(
            "provisioned-failed",
            "provisioned concurrency is FAILED, since the function does not start",
            &provisioned,
            &json!({"Status": "FAILED", "StatusReason": failed, "AllocatedProvisionedConcurrentExecutions": 0,
                    "AvailableProvisionedConcurrentExecutions": 0}),
        ),
    ]
}

/// Layers and code signing, which stand beside the functions.
fn beside() -> Vec<Fault> {
    let denied = "User: arn:aws:iam::{account}:user/operator is not authorized to perform this action because Code Signing \
                  is not supported in this region";
    vec![
        lost(
            "layer-publish-lost",
            "the version of the layer is published, and the answer is lost",
            "PublishLayerVersion",
        ),
        lost(
            "layer-permission-lost",
            "the statement is added to the policy of the layer version, and the answer is lost",
            "AddLayerVersionPermission",
        ),
        refused(
            "layer-storage-full",
            "PublishLayerVersion: CodeStorageExceededException",
            &["PublishLayerVersion"],
            None,
            (400, "CodeStorageExceededException", "Code storage limit exceeded."),
        ),
        lost(
            "signing-create-lost",
            "the code signing configuration is made, and the answer is lost",
            "CreateCodeSigningConfig",
        ),
        refused(
            "signing-not-in-region",
            "each call about code signing configurations: the region has none",
            &["*CodeSigningConfig"],
            None,
            (403, "AccessDeniedException", denied),
        ),
    ]
}

fn logs() -> Vec<Fault> {
    let retention = ["PutRetentionPolicy", "DeleteRetentionPolicy"];
    let of_logs = |mut fault: Fault| {
        fault.rules.iter_mut().for_each(|rule| rule.matching.service = Some("logs".to_owned()));
        fault
    };
    [
        refused(
            "log-group-busy",
            "the first changes of a retention: OperationAbortedException",
            &retention,
            Some(2),
            (400, "OperationAbortedException", "A conflicting operation is currently in progress against this resource."),
        ),
        refused(
            "log-group-missing",
            "each change of a retention: the function was not invoked yet, and has no log group",
            &retention,
            None,
            (400, "ResourceNotFoundException", "The specified log group does not exist."),
        ),
        refused(
            "log-group-exists",
            "CreateLogGroup: Lambda made the group in the meantime",
            &["CreateLogGroup"],
            None,
            (400, "ResourceAlreadyExistsException", "The specified log group already exists"),
        ),
        refused(
            "retention-denied",
            "each change of a retention: no permission",
            &retention,
            None,
            (
                400,
                "AccessDeniedException",
                "User: arn:aws:iam::{account}:user/operator is not authorized to perform: logs:PutRetentionPolicy because \
                 no identity-based policy allows the logs:PutRetentionPolicy action",
            ),
        ),
        refused(
            "log-groups-denied",
            "each read of a log group: no permission",
            &["DescribeLogGroups"],
            None,
            (
                400,
                "AccessDeniedException",
                "User: arn:aws:iam::{account}:user/operator is not authorized to perform: logs:DescribeLogGroups because \
                 no identity-based policy allows the logs:DescribeLogGroups action",
            ),
        ),
        refused(
            "logs-throttled",
            "each call of CloudWatch Logs: 400 ThrottlingException",
            &["*Log*", "*Retention*"],
            None,
            (400, "ThrottlingException", "Rate exceeded"),
        ),
    ]
    .map(of_logs)
    .to_vec()
}
