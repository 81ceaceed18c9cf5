//! The IAM policy against somebody who holds the operator's credentials: judged as AWS judges, condition by condition.

use std::collections::BTreeMap;

use lambda_operator::core::operation::{Access, Operation, Quota};
use serde_json::Value;

use crate::iam::{made, statements, texts};

const OWN: &str = "123456789012";
const OTHER: &str = "210987654321";
const OWNER: &str = "lambda-operator.io/owner";

/// One request as AWS judges it: the action, what it is about, and the keys of conditions.
struct Request {
    action: &'static str,
    resource: String,
    keys: BTreeMap<String, Vec<String>>,
}

impl Request {
    fn of(action: &'static str, resource: &str) -> Self {
        let keys = [("aws:PrincipalAccount", OWN), ("aws:ResourceAccount", OWN), ("aws:RequestedRegion", "eu-west-1")];
        let keys = keys.map(|(key, value)| (key.to_owned(), vec![value.to_owned()])).into();
        Self { action, resource: resource.to_owned(), keys }
    }

    /// About a function.
    fn on(action: &'static str) -> Self {
        Self::of(action, &format!("arn:aws:lambda:eu-west-1:{OWN}:function:team-a-hello"))
    }

    fn with(mut self, key: &str, values: &[&str]) -> Self {
        self.keys.insert(key.to_owned(), values.iter().map(|value| (*value).to_owned()).collect());
        self
    }

    /// The function has this tag.
    fn tagged(self, key: &str, value: &str) -> Self {
        self.with(&format!("aws:ResourceTag/{key}"), &[value])
    }

    /// The request sets this tag.
    fn tagging(self, key: &str, value: &str) -> Self {
        self.with(&format!("aws:RequestTag/{key}"), &[value]).with("aws:TagKeys", &[key])
    }

    fn is_allowed(&self, policy: &Value) -> bool {
        statements(policy).iter().any(|statement| {
            texts(&statement["Action"]).contains(&self.action)
                && texts(&statement["Resource"]).iter().any(|pattern| like(pattern, &self.resource))
                && statement["Condition"].as_object().is_none_or(|all| {
                    all.iter().all(|(operator, keys)| {
                        keys.as_object().unwrap().iter().all(|(key, wanted)| self.holds(operator, key, wanted))
                    })
                })
        })
    }

    /// One condition. An operator that is not known here fails the test: nobody would judge it.
    fn holds(&self, operator: &str, key: &str, wanted: &Value) -> bool {
        let wanted: Vec<String> = match wanted {
            Value::String(one) => vec![one.clone()],
            more => texts(more).into_iter().map(str::to_owned).collect(),
        };
        let wanted: Vec<_> = wanted.iter().map(|one| one.replace("${aws:PrincipalAccount}", OWN)).collect();
        let values = self.keys.get(key);
        if operator == "Null" {
            return wanted == [values.is_none().to_string()];
        }
        let (for_all, operator) = match operator.strip_prefix("ForAllValues:") {
            Some(operator) => (true, operator),
            None => (false, operator),
        };
        let (if_exists, operator) = match operator.strip_suffix("IfExists") {
            Some(operator) => (true, operator),
            None => (false, operator),
        };
        let Some(values) = values else { return for_all || if_exists };
        assert!(for_all || values.len() == 1, "{key} has several values");
        values.iter().all(|value| match operator {
            "StringEquals" | "Bool" => wanted.contains(value),
            "StringNotEquals" => !wanted.contains(value),
            "StringLike" | "ArnLike" => wanted.iter().any(|pattern| like(pattern, value)),
            other => panic!("{other} is not judged"),
        })
    }
}

/// Whether a text is as a pattern with stars says.
fn like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text
            .strip_prefix(start)
            .is_some_and(|text| (0..=text.len()).any(|at| text.is_char_boundary(at) && like(rest, &text[at..]))),
    }
}

fn fenced(more: &[&str]) -> Value {
    let least = ["--cluster-name", "prod", "--bucket", "team-a-packages", "--region", "eu-west-1"];
    made(&[&least[..], more].concat())
}

/// The ARN of an event source mapping and of a code signing configuration, with the ends of the names of their actions.
const STANDALONE: [(&str, &str); 2] = [
    ("EventSourceMapping", "arn:aws:lambda:eu-west-1:123456789012:event-source-mapping:m"),
    ("CodeSigningConfig", "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-1"),
];

/// Whether a call is about a resource that exists apart from a function.
fn is_standalone(operation: Operation) -> bool {
    // Layers and log groups have no owner tag, so only their names fence them.
    operation.name().contains("LayerVersion")
        || operation.quota() == Quota::Logs
        || STANDALONE.iter().any(|(name, _)| {
            ["Create", "Update", "Delete"].map(|verb| format!("{verb}{name}")).contains(&operation.name().to_owned())
        })
}

/// The actions by which the operator changes a function that is there.
fn writes() -> Vec<&'static str> {
    let changes = |operation: &&Operation| match operation.access() {
        Access::Read => false,
        // What hangs on a function is created in it.
        Access::Create => **operation != Operation::CreateFunction,
        Access::Write | Access::Put | Access::Delete => true,
    };
    // Executions have no tags.
    let apart = ["TagResource", "UntagResource", "StopDurableExecution"];
    let own = Operation::ALL.iter().filter(changes).filter(|operation| !apart.contains(&operation.name()));
    let own = own.filter(|operation| !is_standalone(**operation));
    own.map(|operation| *operation.permissions().iter().find(|action| action.ends_with(operation.name())).unwrap())
        .collect()
}

#[test]
fn a_fenced_operator_may_do_all_that_it_does_to_its_own_functions() {
    let policy = fenced(&[]);
    for action in ["lambda:CreateFunction", "lambda:TagResource"] {
        let keys = ["team", OWNER];
        let made = Request::on(action).tagging(OWNER, "prod/ns/hello").with("aws:TagKeys", &keys);
        assert!(made.is_allowed(&policy), "{action} while a function is made");
    }
    assert!(writes().len() > 10);
    for action in writes() {
        assert!(Request::on(action).tagged(OWNER, "prod/ns/hello").is_allowed(&policy), "{action}");
    }
    let own = |action| Request::on(action).tagged(OWNER, "prod/ns/hello");
    assert!(own("lambda:TagResource").tagging("team", "blue").is_allowed(&policy));
    assert!(own("lambda:TagResource").tagging(OWNER, "prod/other/hello").is_allowed(&policy), "handed over");
    assert!(own("lambda:UntagResource").with("aws:TagKeys", &["team", "cost"]).is_allowed(&policy));
    assert!(own("lambda:UntagResource").with("aws:TagKeys", &[OWNER]).is_allowed(&policy), "released");
    assert!(Request::on("lambda:GetFunction").is_allowed(&policy), "whose it is has to be read first");
}

#[test]
fn stolen_credentials_reach_no_function_of_others() {
    let policy = fenced(&["--others-tag", "cost-center"]);
    let foreign: [(&str, &str); 4] = [
        ("team", "red"),
        (OWNER, "staging/ns/hello"),
        (OWNER, "prod-2/ns/hello"),
        ("aws:cloudformation:stack-name", "theirs"),
    ];
    for (key, value) in foreign {
        for action in writes() {
            assert!(!Request::on(action).tagged(key, value).is_allowed(&policy), "{action} of {key}={value}");
        }
        let untag = Request::on("lambda:UntagResource").tagged(key, value);
        assert!(!untag.with("aws:TagKeys", &[key]).is_allowed(&policy), "{key}={value}");
    }
    for action in writes() {
        assert!(!Request::on(action).is_allowed(&policy), "{action} of a function without tags");
    }
    let claim = || Request::on("lambda:TagResource").tagging(OWNER, "prod/ns/hello");
    for (key, value) in [(OWNER, "staging/ns/hello"), ("aws:cloudformation:stack-name", "theirs"), ("cost-center", "7")]
    {
        assert!(!claim().tagged(key, value).is_allowed(&policy), "a claim on {key}={value}");
    }
    // IAM cannot tell the tags of a new function from the first tags of an old one; the help and the documents say so.
    assert!(claim().tagged("team", "red").is_allowed(&policy));
    let create = || Request::on("lambda:CreateFunction");
    assert!(!create().is_allowed(&policy), "without an owner");
    assert!(!create().tagging(OWNER, "staging/ns/hello").is_allowed(&policy), "in another's name");
    let own = |action| Request::on(action).tagged(OWNER, "prod/ns/hello");
    assert!(!own("lambda:TagResource").tagging(OWNER, "staging/ns/x").is_allowed(&policy), "given away");
    let both = own("lambda:UntagResource").with("aws:TagKeys", &["team", OWNER]);
    assert!(!both.is_allowed(&policy), "the owner's tag among others");
}

/// Event source mappings and code signing configurations have tags of their own.
#[test]
fn stolen_credentials_reach_no_standalone_resource_of_others() {
    let policy = fenced(&["--part", "standalone", "--name-prefix", "team-a-"]);
    for (name, arn) in STANDALONE {
        let on = |action: &'static str| Request::of(action, arn);
        let writes: Vec<_> = Operation::ALL
            .iter()
            .flat_map(|operation| operation.permissions())
            .filter(|action| ["lambda:Update", "lambda:Delete"].iter().any(|verb| **action == format!("{verb}{name}")))
            .copied()
            .collect();
        assert_eq!(writes.len(), 2, "{name}");
        for action in writes {
            assert!(on(action).tagged(OWNER, "prod/ns/hello").is_allowed(&policy), "{action}");
            for owner in ["staging/ns/hello", "prod-2/ns/hello"] {
                assert!(!on(action).tagged(OWNER, owner).is_allowed(&policy), "{action} of {owner}");
            }
            assert!(!on(action).is_allowed(&policy), "{action} without tags");
        }
        let claim = || on("lambda:TagResource").tagging(OWNER, "prod/ns/hello");
        assert!(claim().is_allowed(&policy), "while a {name} is made");
        assert!(!claim().tagged(OWNER, "staging/ns/hello").is_allowed(&policy), "a claim on a {name} of others");
        let given = on("lambda:TagResource").tagged(OWNER, "prod/ns/hello").tagging(OWNER, "staging/ns/hello");
        assert!(!given.is_allowed(&policy), "a {name} is given away");
    }
    let of = |function: &str| {
        let made = Request::of("lambda:CreateEventSourceMapping", "*").tagging(OWNER, "prod/ns/hello");
        made.with("lambda:FunctionArn", &[&format!("arn:aws:lambda:eu-west-1:{OWN}:function:{function}")])
    };
    assert!(of("team-a-hello").is_allowed(&policy));
    assert!(!of("team-b-hello").is_allowed(&policy), "a mapping of a function of others");
}

#[test]
fn functions_are_taken_over_only_on_request() {
    let claim = || Request::on("lambda:TagResource").tagging(OWNER, "prod/ns/hello");
    let theirs = claim().tagged("cost-center", "7");
    let of_cloud_formation = claim().tagged("aws:cloudformation:stack-name", "theirs");
    let former = claim().tagged(OWNER, "old/ns/hello");
    let never = fenced(&["--others-tag", "cost-center"]);
    let adopting = fenced(&["--others-tag", "cost-center", "--adopt"]);
    let renamed = fenced(&["--former-cluster-name", "old"]);
    for claim in [&theirs, &of_cloud_formation] {
        assert!(!claim.is_allowed(&never) && claim.is_allowed(&adopting));
    }
    assert!(!former.is_allowed(&never) && !former.is_allowed(&adopting) && former.is_allowed(&renamed));
    let update = Request::on("lambda:UpdateFunctionCode").tagged(OWNER, "old/ns/hello");
    assert!(!update.is_allowed(&renamed), "tagged first, then changed");
}

#[test]
fn other_services_give_only_what_is_the_accounts_own_and_for_lambda() {
    let policy = fenced(&["--role-arn", "arn:aws:iam::123456789012:role/team-a-*"]);
    let package = || Request::of("s3:GetObject", "arn:aws:s3:::team-a-packages/x.zip");
    let image = || Request::of("ecr:BatchGetImage", "arn:aws:ecr:eu-west-1:123456789012:repository/x");
    let layer = || Request::of("lambda:GetLayerVersion", "arn:aws:lambda:eu-west-1:123456789012:layer:base:1");
    let key = |action| {
        Request::of(action, "arn:aws:kms:eu-west-1:123456789012:key/k")
            .with("kms:ViaService", &["lambda.eu-west-1.amazonaws.com"])
    };
    let grant = || key("kms:CreateGrant").with("kms:GrantIsForAWSResource", &["true"]);
    for request in [package(), image(), layer(), key("kms:Decrypt"), grant()] {
        let action = request.action;
        assert!(request.is_allowed(&policy), "{action}");
        assert!(!request.with("aws:ResourceAccount", &[OTHER]).is_allowed(&policy), "{action} in another account");
    }
    assert!(!key("kms:CreateGrant").with("kms:GrantIsForAWSResource", &["false"]).is_allowed(&policy));
    assert!(!Request::of("kms:Decrypt", "arn:aws:kms:eu-west-1:123456789012:key/k").is_allowed(&policy), "directly");
    assert!(!package().with("aws:RequestedRegion", &["us-east-1"]).is_allowed(&policy));
    assert!(!Request::of("s3:GetObject", "arn:aws:s3:::state/terraform.tfstate").is_allowed(&policy));
    let set_policy = Request::of("ecr:SetRepositoryPolicy", "arn:aws:ecr:eu-west-1:123456789012:repository/x");
    assert!(!set_policy.is_allowed(&policy) && set_policy.is_allowed(&fenced(&["--set-repository-policy"])));
    let pass = |service| {
        Request::of("iam:PassRole", "arn:aws:iam::123456789012:role/team-a-x").with("iam:PassedToService", &[service])
    };
    assert!(pass("lambda.amazonaws.com").is_allowed(&policy) && !pass("ec2.amazonaws.com").is_allowed(&policy));

    let shared = fenced(&["--resource-account", OTHER, "--layer-account", "017000801446"]);
    assert!(package().with("aws:ResourceAccount", &[OTHER]).is_allowed(&shared));
    assert!(layer().with("aws:ResourceAccount", &["017000801446"]).is_allowed(&shared));
    assert!(!layer().with("aws:ResourceAccount", &[OTHER]).is_allowed(&shared));
}

#[test]
fn functions_are_made_only_of_what_is_listed() {
    let signing = "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-1";
    let policy = fenced(&[
        "--layer",
        "arn:aws:lambda:*:123456789012:layer:base:*",
        "--vpc",
        "vpc-1",
        "--subnet",
        "subnet-1",
        "--security-group",
        "sg-1",
        "--code-signing-config",
        signing,
    ]);
    let create = || {
        let made = Request::on("lambda:CreateFunction").tagging(OWNER, "prod/ns/hello");
        made.with("lambda:CodeSigningConfigArn", &[signing])
    };
    let update = || Request::on("lambda:UpdateFunctionConfiguration").tagged(OWNER, "prod/ns/hello");
    let layer = "arn:aws:lambda:eu-west-1:123456789012:layer:base:7";
    let both: [&dyn Fn() -> Request; 2] = [&create, &update];
    for request in both {
        assert!(request().is_allowed(&policy), "with none of it");
        assert!(request().with("lambda:Layer", &[layer]).is_allowed(&policy));
        let foreign = "arn:aws:lambda:eu-west-1:123456789012:layer:odd:1";
        assert!(!request().with("lambda:Layer", &[layer, foreign]).is_allowed(&policy));
        let network = || request().with("lambda:VpcIds", &["vpc-1"]).with("lambda:SubnetIds", &["subnet-1"]);
        assert!(network().with("lambda:SecurityGroupIds", &["sg-1"]).is_allowed(&policy));
        assert!(!network().with("lambda:SecurityGroupIds", &["sg-1", "sg-2"]).is_allowed(&policy));
        assert!(!network().with("lambda:VpcIds", &["vpc-2"]).is_allowed(&policy));
        assert!(!network().with("lambda:SubnetIds", &["subnet-2"]).is_allowed(&policy));
    }
    let unsigned = Request::on("lambda:CreateFunction").tagging(OWNER, "prod/ns/hello");
    assert!(!unsigned.is_allowed(&policy), "signing is compulsory");
    let own = |action| Request::on(action).tagged(OWNER, "prod/ns/hello");
    assert!(!own("lambda:DeleteFunctionCodeSigningConfig").is_allowed(&policy));
    let configuration = |arn: &str| Request::of("lambda:PutFunctionCodeSigningConfig", arn).is_allowed(&policy);
    assert!(configuration(signing) && !configuration("arn:aws:lambda:eu-west-1:123456789012:code-signing-config:odd"));
}
