//! The IAM policies: every right that a call of the program needs, nothing else, and nothing wider than it must be.

use std::collections::BTreeSet;
use std::process::Command;

use lambda_operator::core::operation::Operation;
use serde_json::{Value, json};

fn committed(name: &str) -> Value {
    let path = format!("{}/deploy/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The parts of the narrow policy, each a managed policy in AWS.
const PARTS: [&str; 3] =
    ["iam-policy-prefix-functions.json", "iam-policy-prefix-standalone.json", "iam-policy-prefix-dependencies.json"];

/// All parts of the narrow policy as one.
fn narrow() -> Value {
    let statements: Vec<_> = PARTS.iter().flat_map(|part| statements(&committed(part)).clone()).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

pub(crate) fn made(arguments: &[&str]) -> Value {
    let program = env!("CARGO_BIN_EXE_lambda-operator");
    let output = Command::new(program).args(["generate", "iam"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) fn statements(policy: &Value) -> &Vec<Value> {
    policy["Statement"].as_array().unwrap()
}

pub(crate) fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn of<'a>(policy: &'a Value, action: &str) -> &'a Value {
    statements(policy).iter().find(|statement| texts(&statement["Action"]).contains(&action)).unwrap()
}

#[test]
fn the_policies_hold_every_right_of_every_call_and_nothing_else() {
    let of_import = [
        "ListFunctions",
        "ListAliases",
        "ListFunctionUrlConfigs",
        "ListFunctionEventInvokeConfigs",
        "ListProvisionedConcurrencyConfigs",
    ];
    let operations = Operation::ALL.iter().filter(|operation| !of_import.contains(&operation.name()));
    let needed: BTreeSet<&str> = operations.flat_map(|operation| operation.permissions()).copied().collect();
    assert!(needed.len() > 25);
    // Only on request: it is a write to what belongs to whoever owns the repository.
    let on_request = BTreeSet::from(["ecr:SetRepositoryPolicy"]);
    for policy in [committed("iam-policy.json"), narrow()] {
        assert_eq!(policy["Version"], "2012-10-17");
        let granted: BTreeSet<&str> =
            statements(&policy).iter().flat_map(|statement| texts(&statement["Action"])).collect();
        assert_eq!(granted, &needed - &on_request);
        assert!(granted.iter().all(|action| !action.contains('*')));
    }
}

#[test]
fn each_statement_is_one_that_aws_accepts() {
    for policy in [
        committed("iam-policy.json"),
        narrow(),
        made(&["--no-bucket", "--assume-role-arn", "arn:aws:iam::123456789012:role/x"]),
    ] {
        let mut sids = BTreeSet::new();
        for statement in statements(&policy) {
            assert_eq!(statement["Effect"], "Allow");
            let sid = statement["Sid"].as_str().unwrap();
            assert!(sid.chars().all(|character| character.is_ascii_alphanumeric()) && sids.insert(sid), "{sid}");
            assert!(!texts(&statement["Action"]).is_empty() && !texts(&statement["Resource"]).is_empty(), "{sid}");
            for resource in texts(&statement["Resource"]) {
                // AWS knows no resource for what EC2 describes, for lists and for what does not exist yet; everything else is narrowed.
                let wide = ["Network", "Lists", "LogGroupList", "MappingCreation", "SigningCreation"].contains(&sid);
                assert_eq!(resource == "*", wide, "{sid}: {resource}");
                assert!(resource == "*" || resource.split(':').count() >= 6, "{sid}: {resource}");
            }
        }
    }
}

fn length(policy: &Value) -> usize {
    policy.to_string().split_whitespace().map(str::len).sum()
}

/// A managed policy may have 6,144 characters, and the policies inside a role 10,240.
#[test]
fn each_part_fits_into_a_managed_policy_and_all_of_them_into_a_role() {
    for part in PARTS {
        let length = length(&committed(part));
        assert!(length <= 6144, "{part}: {length}");
    }
    assert!(length(&committed("iam-policy.json")) <= 10_240 && length(&narrow()) <= 10_240);
    let program = env!("CARGO_BIN_EXE_lambda-operator");
    let noted = |arguments: &[&str]| {
        let output = Command::new(program).args(["generate", "iam", "--bucket", "b"]).args(arguments).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let fence = ["--cluster-name", "prod", "--region", "eu-west-1"];
    let said = noted(&fence);
    assert!(said.contains("6144") && said.contains("--part functions"), "{said}");
    assert_eq!(noted(&[&fence[..], &["--part", "standalone"]].concat()), "");
}

#[test]
fn a_role_is_passed_to_lambda_alone_and_only_if_it_is_listed() {
    let roles = ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/b-*"];
    let policy = made(&["--no-bucket", "--role-arn", roles[0], "--role-arn", roles[1]]);
    let statement = of(&policy, "iam:PassRole");
    assert_eq!(texts(&statement["Action"]), ["iam:PassRole"]);
    assert_eq!(texts(&statement["Resource"]), roles);
    assert_eq!(statement["Condition"]["StringEquals"]["iam:PassedToService"], "lambda.amazonaws.com");
    let placeholder = of(&committed("iam-policy.json"), "iam:PassRole").clone();
    assert!(texts(&placeholder["Resource"]).iter().all(|arn| arn.starts_with("arn:aws:iam::123456789012:role/")));
}

#[test]
fn a_prefix_and_buckets_narrow_the_policy() {
    let policy = narrow();
    assert_eq!(texts(&of(&policy, "lambda:CreateFunction")["Resource"]), ["arn:aws:lambda:*:*:function:team-a-*"]);
    assert_eq!(texts(&of(&policy, "lambda:DeleteLayerVersion")["Resource"]), ["arn:aws:lambda:*:*:layer:team-a-*"]);
    let signing = "lambda:PutFunctionCodeSigningConfig";
    let signs = statements(&policy).iter().filter(|statement| texts(&statement["Action"]).contains(&signing));
    let resources: Vec<_> = signs.flat_map(|statement| texts(&statement["Resource"])).collect();
    assert_eq!(
        resources,
        ["arn:aws:lambda:*:*:function:team-a-*", "arn:aws:lambda:*:*:code-signing-config:*"],
        "AWS checks the configuration and the function"
    );
    assert_eq!(texts(&of(&policy, "s3:GetObject")["Resource"]), ["arn:aws:s3:::team-a-packages/*"]);
    assert!(!policy.to_string().contains("function:*"));
}

/// Every bucket of an account holds more than packages.
#[test]
fn buckets_have_to_be_named() {
    let program = env!("CARGO_BIN_EXE_lambda-operator");
    let output = Command::new(program).args(["generate", "iam"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty() && said.contains("--bucket"), "{said}");
    assert!(!made(&["--no-bucket"]).to_string().contains("s3:GetObject"));
    let all = made(&["--bucket", "*"]);
    assert_eq!(of(&all, "s3:GetObject")["Condition"]["StringEquals"]["aws:ResourceAccount"], "${aws:PrincipalAccount}");
}

/// Reserved concurrency is taken from all functions of the account, so it can be taken out.
#[test]
fn reserved_concurrency_is_a_statement_of_its_own() {
    for policy in [committed("iam-policy.json"), narrow()] {
        assert_eq!(texts(&of(&policy, "lambda:PutFunctionConcurrency")["Action"]), ["lambda:PutFunctionConcurrency"]);
    }
}

#[test]
fn keys_are_used_only_through_lambda_and_s3() {
    let policy = committed("iam-policy.json");
    let statement = of(&policy, "kms:Decrypt");
    assert!(texts(&statement["Action"]).iter().all(|action| action.starts_with("kms:")));
    let through = texts(&statement["Condition"]["StringLike"]["kms:ViaService"]);
    assert_eq!(through, ["lambda.*.amazonaws.com", "s3.*.amazonaws.com"]);
}

#[test]
fn roles_of_namespaces_are_assumed_only_where_they_are_listed() {
    assert!(!made(&["--no-bucket"]).to_string().contains("sts:"));
    let tenants = ["--no-bucket", "--assume-role-arn", "arn:aws:iam::123456789012:role/tenant-*"];
    let policy = made(&tenants);
    assert_eq!(texts(&of(&policy, "sts:AssumeRole")["Resource"]), ["arn:aws:iam::123456789012:role/tenant-*"]);
    assert!(!policy.to_string().contains("sts:TagSession"));
    let tagging = made(&[&tenants[..], &["--session-tags"]].concat());
    assert_eq!(texts(&of(&tagging, "sts:TagSession")["Action"]), ["sts:AssumeRole", "sts:TagSession"]);
}
