//! IAM and STS as an administrator uses them: roles with a trust policy, a user with a key, and the operator's own policy.

use std::collections::BTreeSet;

use lambda_operator::core::operation::Operation;
use serde_json::{Value, json};
use testbed::Aws;

/// The least that the operator needs.
fn operators_policy() -> String {
    let actions: BTreeSet<_> = Operation::ALL.iter().flat_map(|operation| operation.permissions()).collect();
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// A role with the operator's policy; returns its ARN. `trusted` is the rest of the one statement of its trust policy.
pub(crate) async fn role(aws: &Aws, name: &str, trusted: &Value) -> String {
    let mut statement = json!({"Effect": "Allow"});
    statement.as_object_mut().unwrap().extend(trusted.as_object().unwrap().clone());
    let trust = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    call(aws, &[("Action", "CreateRole"), ("RoleName", name), ("AssumeRolePolicyDocument", &trust)]).await;
    let policy = operators_policy();
    let put = [("Action", "PutRolePolicy"), ("RoleName", name), ("PolicyName", "own"), ("PolicyDocument", &policy)];
    call(aws, &put).await;
    format!("arn:aws:iam::{}:role/{name}", aws.account())
}

/// The role that functions run as; where signatures are checked it has to exist.
pub(crate) async fn execution_role(aws: &Aws) -> String {
    role(aws, "function", &json!({"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})).await
}

/// Trusts an account, for AssumeRole.
pub(crate) fn account(account: &str) -> Value {
    json!({"Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Action": "sts:AssumeRole"})
}

/// A user with the operator's policy; returns access key and secret.
pub(crate) async fn user(aws: &Aws, name: &str) -> (String, String) {
    user_with(aws, name, &operators_policy()).await
}

/// A user with this policy.
pub(crate) async fn user_with(aws: &Aws, name: &str, policy: &str) -> (String, String) {
    call(aws, &[("Action", "CreateUser"), ("UserName", name)]).await;
    let put = [("Action", "PutUserPolicy"), ("UserName", name), ("PolicyName", "own"), ("PolicyDocument", policy)];
    call(aws, &put).await;
    let key = call(aws, &[("Action", "CreateAccessKey"), ("UserName", name)]).await;
    (element(&key, "AccessKeyId"), element(&key, "SecretAccessKey"))
}

/// Temporary credentials of a role, as the agent of EKS gives them to a pod.
pub(crate) async fn session(aws: &Aws, role: &str, name: &str) -> Value {
    let form =
        form(&[("Action", "AssumeRole"), ("Version", "2011-06-15"), ("RoleArn", role), ("RoleSessionName", name)]);
    let (status, answer) = aws.query("sts", &form).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    json!({
        "AccessKeyId": element(&answer, "AccessKeyId"), "SecretAccessKey": element(&answer, "SecretAccessKey"),
        "Token": element(&answer, "SessionToken"), "Expiration": element(&answer, "Expiration"),
        "AccountId": aws.account(),
    })
}

async fn call(aws: &Aws, parameters: &[(&str, &str)]) -> String {
    let form = form(&[parameters, &[("Version", "2010-05-08")]].concat());
    let (status, answer) = aws.query("iam", &form).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    answer
}

fn form(parameters: &[(&str, &str)]) -> String {
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
}

fn element(xml: &str, name: &str) -> String {
    let text = xml.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once('<'));
    text.unwrap_or_else(|| panic!("no {name} in {xml}")).0.to_owned()
}
