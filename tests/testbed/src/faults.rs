//! The world made hostile: each fault that AWS, or the way to it, is known for, by a name that a test or a person switches on.

mod family;

use std::time::Duration;

use serde_json::{Value, json};

use crate::error::Error;
use crate::manners::Manners;
use crate::rules::{Action, Lag, Match, Rule};

/// A fault that can be switched on by its name.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Its name: small letters and dashes, and AWS's reason code at the end where there is one.
    pub name: String,
    /// What goes wrong.
    pub description: String,
    /// What it is made of.
    pub rules: Vec<Rule>,
}

/// How long reads are behind in the faults about that, and for how many looks at most.
pub const BEHIND: (Duration, u32) = (Duration::from_secs(3), 20);

/// How many creations find a role, key or permission too new.
pub const TOO_NEW: u32 = 3;

/// AWS's `StateReasonCode`s of a function that cannot be, in the order of its API reference.
pub const STATE_REASONS: [&str; 24] = [
    "EniLimitExceeded",
    "InsufficientRolePermissions",
    "InvalidConfiguration",
    "InternalError",
    "SubnetOutOfIPAddresses",
    "InvalidSubnet",
    "InvalidSecurityGroup",
    "ImageDeleted",
    "ImageAccessDenied",
    "InvalidImage",
    "KMSKeyAccessDenied",
    "KMSKeyNotFound",
    "InvalidStateKMSKey",
    "DisabledKMSKey",
    "EFSIOError",
    "EFSMountConnectivityError",
    "EFSMountFailure",
    "EFSMountTimeout",
    "InvalidRuntime",
    "InvalidZipFileException",
    "FunctionError",
    "FunctionError.InitTimeout",
    "FunctionError.InvalidEntryPoint",
    "DisallowedByVpcEncryptionControl",
];

impl Fault {
    /// All of them.
    pub fn all() -> Vec<Fault> {
        [
            permissions(),
            overload(),
            network(),
            states(),
            reads(),
            aliases(),
            family::all(),
            refusals(),
            parts(),
            denials(),
            credentials(),
        ]
        .concat()
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Fault> {
        Fault::all().into_iter().find(|fault| fault.name == name)
    }

    /// Its rules for these calls alone; what a rule says itself stands.
    pub fn rules_for(&self, scope: &Match) -> Vec<Rule> {
        self.rules.iter().map(|rule| Rule { matching: narrowed(&rule.matching, scope), ..rule.clone() }).collect()
    }
}

impl Manners {
    /// Switches a fault on for these calls.
    pub async fn switch_on(&self, name: &str, scope: &Match) -> Result<(), Error> {
        let unknown = || Error::unexpected("the name of a fault (`testbed fault list` shows them)", name.to_owned());
        for rule in Fault::named(name).ok_or_else(unknown)?.rules_for(scope) {
            self.add(&rule).await?;
        }
        Ok(())
    }

    /// Switches a fault off wherever it is on; `None`: every fault.
    pub async fn switch_off(&self, name: Option<&str>, scope: &Match) -> Result<(), Error> {
        let all = Fault::all();
        for active in self.rules().await? {
            let rule = &active.rule;
            let meant = name.map_or_else(|| all.iter().any(|fault| fault.name == rule.name), |name| name == rule.name);
            // within the scope, if it says what the scope says
            if meant && narrowed(scope, &rule.matching) == rule.matching {
                self.remove(active.id).await?;
            }
        }
        Ok(())
    }
}

fn narrowed(own: &Match, scope: &Match) -> Match {
    let either = |own: &Option<String>, scope: &Option<String>| own.clone().or_else(|| scope.clone());
    let Match { service, operation, account, region, function, qualifier, member, agent } = own;
    Match {
        service: either(service, &scope.service),
        operation: either(operation, &scope.operation),
        account: either(account, &scope.account),
        region: either(region, &scope.region),
        function: either(function, &scope.function),
        qualifier: either(qualifier, &scope.qualifier),
        member: either(member, &scope.member),
        agent: either(agent, &scope.agent),
    }
}

fn fault(name: &str, description: &str, rules: impl IntoIterator<Item = Rule>) -> Fault {
    Fault { name: name.to_owned(), description: description.to_owned(), rules: rules.into_iter().collect() }
}

/// One rule, of the fault's name, for all Lambda calls.
fn one(name: &str, description: &str, action: Action, narrow: impl Fn(Rule) -> Rule) -> Fault {
    fault(name, description, [narrow(Rule::new(name, action).service("lambda"))])
}

fn invalid(message: &str) -> Action {
    Action::error(400, "InvalidParameterValueException", message)
}

/// What AWS does not see yet.
fn permissions() -> Vec<Fault> {
    let too_new = |name: &str, description: &str, message: &str| {
        one(name, description, invalid(message), |rule| rule.operation("CreateFunction").times(TOO_NEW))
    };
    vec![
        too_new(
            "role-not-assumable",
            "the role is too new for the first creations",
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        too_new(
            "grant-not-possible",
            "the key's permissions are too new for the first creations",
            "Lambda was unable to configure access to your environment variables because the KMS key is invalid for \
             CreateGrant. Please check your KMS key settings. KMS Exception: InvalidArnException KMS Message: ARN does \
             not refer to a valid principal",
        ),
        too_new(
            "interface-not-allowed",
            "the role's network permissions are too new for the first creations",
            "The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
        ),
        too_new(
            "mount-targets-creating",
            "the mount targets are not available at the first creations",
            "EFS file system arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1 referenced by access point \
             arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1 has mount targets created in all \
             availability zones the function will execute in, but not all are in the available life cycle state yet. \
             Please wait for them to become available and try the request again.",
        ),
        one(
            "image-not-pushed",
            "the image is in its repository only after the first creation",
            invalid(
                "Source image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:v2 does not exist. Provide a valid source image.",
            ),
            |rule| rule.operation("CreateFunction").times(1),
        ),
    ]
}

/// AWS has too much to do, or is out of order.
fn overload() -> Vec<Fault> {
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502 Bad Gateway</body>\r\n</html>\r\n";
    let bad_gateway = Action::Answer { status: 502, form: "text/html".to_owned(), body: page.to_owned() };
    vec![
        one(
            "throttled",
            "every call: 429 TooManyRequestsException with Retry-After",
            Action::error(429, "TooManyRequestsException", "Rate exceeded"),
            |rule| rule,
        ),
        one(
            "throttled-after-create",
            "each creation does its work and answers 429 TooManyRequestsException",
            Action::ErrorAfter {
                status: 429,
                code: "TooManyRequestsException".to_owned(),
                message: "Rate exceeded".to_owned(),
            },
            |rule| rule.operation("Create*"),
        ),
        one(
            "throttled-400",
            "every call: 400 ThrottlingException",
            Action::error(400, "ThrottlingException", "Rate exceeded"),
            |rule| rule,
        ),
        one(
            "throttled-by-ec2",
            "the first creations: Lambda is throttled by EC2",
            invalid(
                "Your request has been throttled by EC2, please make sure you have enough API rate limit. EC2 Error \
                 Code: RequestLimitExceeded. EC2 Error Message: Request limit exceeded.",
            ),
            |rule| rule.operation("CreateFunction").times(2),
        ),
        one(
            "service-exception",
            "every call: 500 ServiceException",
            Action::error(500, "ServiceException", "An error occurred and the request cannot be processed."),
            |rule| rule,
        ),
        one("bad-gateway", "every call: 502 with a page in HTML", bad_gateway, |rule| rule),
        one(
            "snapshot-limit",
            "the first creations: 429, since too many snapshots are in the making",
            Action::error(
                429,
                "TooManyRequestsException",
                "Lambda was unable to create new snapshot because you have reached your concurrent snapshot creation limit.",
            ),
            |rule| rule.operation("CreateFunction").times(2),
        ),
        one(
            "tags-unreadable",
            "GetFunction cannot read the tags, for a reason that is not the caller's",
            Action::PatchAnswer(
                json!({"Tags": null, "TagsError": {"ErrorCode": "ServiceException", "Message": "no tags"}}),
            ),
            |rule| rule.operation("GetFunction"),
        ),
    ]
}

/// The way to AWS.
fn network() -> Vec<Fault> {
    vec![
        one("slow-headers", "every answer comes byte by byte", Action::Dribble { ms: 1 }, |rule| rule),
        one("slow", "every call takes two seconds longer", Action::Delay { ms: 2000 }, |rule| rule),
        one("reset", "every connection is reset", Action::Reset, |rule| rule),
        one("request-lost", "every request is lost on its way", Action::LoseRequest, |rule| rule),
        one("answer-lost", "every call does its work, and its answer is lost", Action::LoseAnswer, |rule| rule),
    ]
}

/// What becomes of a function that AWS works on.
fn states() -> Vec<Fault> {
    let shown = |name: &str, description: &str, configuration: Value| {
        let patch = Action::PatchAnswer(json!({ "Configuration": configuration }));
        one(name, description, patch, |rule| rule.operation("GetFunction").qualifier("-"))
    };
    let pending = json!({"State": "Pending", "StateReasonCode": "Creating", "StateReason": "The function is being created.", "LastUpdateStatus": null});
    let in_progress = json!({"LastUpdateStatus": "InProgress", "LastUpdateStatusReasonCode": "Creating", "LastUpdateStatusReason": "The function is being created."});
    let mut all = vec![
        shown("stuck-pending", "the function stays Pending", pending),
        shown("stuck-in-progress", "the update stays InProgress", in_progress),
    ];
    for code in STATE_REASONS {
        let reason = format!("the test bed says {code}");
        let failed = json!({"State": "Failed", "StateReasonCode": code, "StateReason": reason, "LastUpdateStatus": "Failed",
            "LastUpdateStatusReasonCode": code, "LastUpdateStatusReason": reason});
        all.push(shown(&format!("state-failed-{code}"), &format!("the function is Failed: {code}"), failed));
        let failed =
            json!({"LastUpdateStatus": "Failed", "LastUpdateStatusReasonCode": code, "LastUpdateStatusReason": reason});
        all.push(shown(&format!("update-failed-{code}"), &format!("the last update is Failed: {code}"), failed));
    }
    all
}

/// Reads that are behind the writes.
fn reads() -> Vec<Fault> {
    vec![
        behind("not-found-after-create", "GetFunction finds nothing just after the creation", "CreateFunction"),
        behind("stale-after-update", "GetFunction shows the time before the last update", "UpdateFunction*"),
        behind("stale-after-tag", "GetFunction shows the time before the last tag was set or taken", "*agResource"),
        behind("visible-after-delete", "GetFunction shows the function just after its deletion", "DeleteFunction"),
        behind("stale", "GetFunction shows the time before the last write, whatever it was", "*"),
        one("revision-moves", "RevisionId is another in each look", Action::MoveRevision, |rule| {
            rule.operation("GetFunction")
        }),
    ]
}

/// Looks show for a while what there was before these writes.
fn behind(name: &str, description: &str, after: &str) -> Fault {
    let (for_ms, looks) = BEHIND;
    let ms = u64::try_from(for_ms.as_millis()).unwrap_or(u64::MAX);
    one(name, description, Action::Lag(Lag { after: after.to_owned(), ms, looks }), |rule| rule)
}

/// What goes wrong with calls about aliases alone.
fn aliases() -> Vec<Fault> {
    let of_all = |name: &str, description: &str, action: Action| {
        one(name, description, action, |rule| rule.operation("*Alias*"))
    };
    let concurrent = "The function could not be updated due to a concurrent update operation.";
    let conflict = |operation: &str| {
        let action = Action::error(409, "ResourceConflictException", concurrent);
        Rule::new("alias-conflict", action).operation(operation)
    };
    let shifting = json!({"RoutingConfig": {"AdditionalVersionWeights": {"1": 0.5}}});
    vec![
        fault(
            "alias-conflict",
            "each change of an alias: 409 because somebody else changes the function at this moment",
            ["CreateAlias", "UpdateAlias", "DeleteAlias"].map(conflict),
        ),
        of_all(
            "alias-throttled",
            "each call about aliases: 429 TooManyRequestsException",
            Action::error(429, "TooManyRequestsException", "Rate exceeded"),
        ),
        of_all(
            "alias-denied",
            "each call about aliases: no permission",
            Action::error(
                403,
                "AccessDeniedException",
                "User: arn:aws:iam::{account}:user/operator is not authorized to perform this action on an alias \
                 because no identity-based policy allows it",
            ),
        ),
        one(
            "alias-shifting",
            "GetAlias shows weights that nobody set, as while AWS moves an alias with provisioned concurrency",
            Action::PatchAnswer(shifting),
            |rule| rule.operation("GetAlias"),
        ),
        behind("alias-stale", "looks show the time before the last change of an alias", "*Alias"),
    ]
}

/// What AWS refuses for good reason.
fn refusals() -> Vec<Fault> {
    let refused = |name: &str, operations: &[&str], code: &str, message: &str| {
        let rule = |operation: &&str| Rule::new(name, Action::error(400, code, message)).operation(operation);
        fault(name, &format!("{}: {code}", operations.join(", ")), operations.iter().map(rule))
    };
    let deployments = ["CreateFunction", "UpdateFunctionCode"];
    vec![
        refused("code-storage-full", &deployments, "CodeStorageExceededException", "Code storage limit exceeded."),
        refused(
            "concurrency-taken",
            &["PutFunctionConcurrency"],
            "InvalidParameterValueException",
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below \
             its minimum value of [100].",
        ),
        refused(
            "code-not-verified",
            &deployments,
            "CodeVerificationFailedException",
            "The code signature failed one or more of the validation checks for signature mismatch or expiry, and the \
             code signing policy is set to ENFORCE. Lambda blocks the deployment.",
        ),
        refused(
            "signature-invalid",
            &deployments,
            "InvalidCodeSignatureException",
            "The code signature failed the integrity check. Lambda blocks the deployment, even if the code signing \
             policy is set to WARN.",
        ),
        refused(
            "replicated",
            &["DeleteFunction"],
            "InvalidParameterValueException",
            "Lambda was unable to delete the function because it is a replicated function. Please see our documentation \
             for Deleting Lambda@Edge Functions and Replicas.",
        ),
        one(
            "key-disabled",
            "StopDurableExecution: 502 KMSDisabledException",
            Action::error(
                502,
                "KMSDisabledException",
                "Lambda couldn't decrypt the environment variables because the KMS key used is disabled. Check the Lambda \
                 function's KMS key settings.",
            ),
            |rule| rule.operation("StopDurableExecution"),
        ),
        refused(
            "key-alias",
            &["CreateFunction"],
            "InvalidParameterValueException",
            "Lambda was unable to configure access to your environment variables because the KMS key is invalid for \
             CreateGrant. Please check your KMS key settings. KMS Exception: InvalidArnException KMS Message: Key Aliases \
             are not supported for this operation.",
        ),
        refused(
            "memory-limited",
            &["CreateFunction"],
            "ValidationException",
            "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 3008",
        ),
    ]
}

/// What AWS refuses, or hides, of one part of a function, and leaves the others alone.
fn parts() -> Vec<Fault> {
    let configuration = |name: &str, member: &str, message: &str| {
        let description = format!("UpdateFunctionConfiguration with {member}: InvalidParameterValueException");
        one(name, &description, invalid(message), |rule| rule.operation("UpdateFunctionConfiguration").member(member))
    };
    let error = json!({"ErrorCode": "KMSAccessDeniedException", "Message": "Lambda was unable to decrypt the image configuration."});
    let hidden = json!({"Configuration": {"ImageConfigResponse": {"ImageConfig": null, "Error": error}}});
    vec![
        configuration(
            "layer-gone",
            "Layers",
            "Layer version arn:aws:lambda:eu-west-1:123456789012:layer:libs:1 does not exist.",
        ),
        configuration(
            "layers-too-large",
            "Layers",
            "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is \
             262144001 bytes.",
        ),
        one(
            "image-deleted",
            "UpdateFunctionConfiguration: the image that runs is not in its repository any more",
            invalid(
                "Source image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1 does not exist. Provide a valid source image.",
            ),
            |rule| rule.operation("UpdateFunctionConfiguration"),
        ),
        one(
            "tags-refused",
            "TagResource: InvalidParameterValueException",
            invalid("Tag value contains invalid characters."),
            |rule| rule.operation("TagResource"),
        ),
        one(
            "image-config-hidden",
            "GetFunction does not show imageConfig, because the key cannot be used",
            Action::PatchAnswer(hidden),
            |rule| rule.operation("GetFunction"),
        ),
    ]
}

/// What AWS denies although the caller has every permission of its own.
fn denials() -> Vec<Fault> {
    let denied = |name: &str, description: &str, message: &str| {
        let action = Action::error(403, "AccessDeniedException", message);
        one(name, description, action, |rule| rule.operation("CreateFunction"))
    };
    vec![
        denied(
            "role-of-another-account",
            "CreateFunction: the role is another account's",
            "Cross-account pass role is not allowed.",
        ),
        denied(
            "layer-not-shared",
            "CreateFunction: the layer's own policy does not allow it",
            "User: arn:aws:iam::{account}:user/operator is not authorized to perform: lambda:GetLayerVersion on \
             resource: arn:aws:lambda:eu-west-1:210987654321:layer:libs:3 because no resource-based policy allows the \
             lambda:GetLayerVersion action",
        ),
        denied(
            "image-not-allowed",
            "CreateFunction: the repository's own policy does not allow it",
            "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
        ),
    ]
}

/// Who we are, to AWS.
fn credentials() -> Vec<Fault> {
    let refused = |name: &str, description: &str, code: &str, message: &str| {
        one(name, description, Action::error(403, code, message), |rule| rule)
    };
    vec![
        refused(
            "token-expired",
            "every call: the credentials have expired",
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        refused(
            "credentials-unknown",
            "every call: AWS does not know the credentials",
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        refused(
            "clock-skewed",
            "every call: the caller's clock is wrong",
            "InvalidSignatureException",
            "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z (20260101T001500Z - 5 min.)",
        ),
        refused(
            "access-denied",
            "every call: no permission",
            "AccessDeniedException",
            "User: arn:aws:iam::{account}:user/operator is not authorized to perform this action because no \
             identity-based policy allows it",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Fault, Match};

    #[test]
    fn each_fault_has_a_unique_name_and_matching_rules() {
        let all = Fault::all();
        let names: BTreeSet<&str> = all.iter().map(|fault| fault.name.as_str()).collect();
        assert_eq!(names.len(), all.len());
        for Fault { name, description, rules } in &all {
            assert!(!description.is_empty() && !rules.is_empty(), "{name}");
            assert!(rules.iter().all(|rule| rule.name == *name), "{name}: switched off by its name");
        }
    }

    #[test]
    fn a_scope_only_narrows_a_fault() {
        let scope = Match { operation: Some("GetFunction".into()), function: Some("f".into()), ..Match::default() };
        let rules = Fault::named("replicated").unwrap().rules_for(&scope);
        assert_eq!(rules[0].matching.operation.as_deref(), Some("DeleteFunction"));
        assert_eq!(rules[0].matching.function.as_deref(), Some("f"));
    }
}
