//! What stands beside a function's configuration: executions, code signing, keys, networks, errors inside an answer.

use serde_json::{Value, json};
use testbed::{Action, Bed, Filter, Rule, package};

use crate::{KEY, REGION, account, aws, settled};

#[tokio::test]
async fn executions_run_until_they_are_stopped() {
    let aws = aws(7);
    aws.create_function("steps", &json!({"DurableConfig": {"ExecutionTimeout": 60}})).await.unwrap();
    let manners = Bed::from_env().unwrap().manners();
    let arns = manners.start_executions(&account(7), REGION, "steps", 2).await.unwrap();
    let list = "/2025-12-01/functions/steps/durable-executions?Statuses=RUNNING";
    let (status, running) = aws.lambda("GET", list, None).await.unwrap();
    assert_eq!(status, 200, "{running}");
    let of = |member: &str| -> Vec<Value> {
        running["DurableExecutions"].as_array().unwrap().iter().map(|execution| execution[member].clone()).collect()
    };
    assert_eq!(of("DurableExecutionArn"), arns);
    assert_eq!(of("Status"), ["RUNNING", "RUNNING"]);
    for arn in &arns {
        let encoded = arn.replace('/', "%2F").replace(':', "%3A").replace('$', "%24");
        let path = format!("/2025-12-01/durable-executions/{encoded}/stop");
        let (status, stopped) = aws.lambda("POST", &path, None).await.unwrap();
        assert_eq!((status, stopped["StopTimestamp"].is_f64()), (200, true), "{stopped}");
    }
    let (_, none) = aws.lambda("GET", list, None).await.unwrap();
    assert_eq!(none["DurableExecutions"], json!([]));
    let (status, unknown) = aws.lambda("GET", &list.replace("steps", "none"), None).await.unwrap();
    assert!(status == 404 && unknown.to_string().contains("Function not found"), "{status}: {unknown}");
    let stops = manners.calls(&Filter::account(&account(7)).operation("StopDurableExecution")).await.unwrap();
    assert_eq!((stops.len(), stops[0].function.as_deref()), (2, Some("steps")));
}

#[tokio::test]
async fn code_signing_is_linked_and_unlinked() {
    let aws = aws(8);
    let arn =
        |end: &str| format!("arn:aws:lambda:{REGION}:{}:code-signing-config:csc-0123456789abcde{end}", account(8));
    aws.create_function("signed", &json!({"CodeSigningConfigArn": arn("f0")})).await.unwrap();
    let path = "/2020-06-30/functions/signed/code-signing-config";
    let linked = async || aws.lambda("GET", path, None).await.unwrap();
    assert_eq!(linked().await, (200, json!({"FunctionName": "signed", "CodeSigningConfigArn": arn("f0")})));
    let (status, _) = aws.lambda("PUT", path, Some(&json!({"CodeSigningConfigArn": arn("f1")}))).await.unwrap();
    assert_eq!((status, &linked().await.1["CodeSigningConfigArn"]), (200, &json!(arn("f1"))));
    assert_eq!(aws.lambda("DELETE", path, None).await.unwrap().0, 204);
    assert_eq!(linked().await, (200, json!({})), "the SDKs understand an empty ARN");
    for method in ["GET", "PUT", "DELETE"] {
        let (status, answer) = aws.lambda(method, &path.replace("signed", "none"), Some(&json!({}))).await.unwrap();
        assert_eq!(status, 404, "{method}: {answer}");
    }
}

#[tokio::test]
async fn the_key_of_a_package_comes_and_goes_with_it() {
    let aws = aws(9);
    let bucket = format!("packages-{}", account(9));
    aws.put_object(&bucket, "a.zip", &package("x = 1")).await.unwrap();
    let code = json!({"S3Bucket": bucket, "S3Key": "a.zip", "SourceKMSKeyArn": KEY});
    let made = aws.create_function("key", &json!({"Code": code})).await.unwrap();
    aws.wait_until_at_rest("key").await.unwrap();
    assert_eq!(aws.get_function("key").await.unwrap().1["Code"]["SourceKMSKeyArn"], KEY);
    let without = json!({"S3Bucket": bucket, "S3Key": "a.zip"});
    let (status, updated) = settled(&aws, "PUT", "/2015-03-31/functions/key/code", &without).await;
    assert_eq!((status, &updated["CodeSha256"]), (200, &made["CodeSha256"]));
    assert!(aws.get_function("key").await.unwrap().1["Code"].get("SourceKMSKeyArn").is_none());
}

#[tokio::test]
async fn the_default_group_of_a_vpc_is_found() {
    let aws = aws(10);
    let network = aws.default_subnet_and_security_group().await.unwrap();
    let (_, made) = aws.query("ec2", "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.1.0.0%2F16").await.unwrap();
    let (_, rest) = made.split_once("<vpcId>").unwrap();
    let other = rest.split('<').next().unwrap();
    let groups = async |vpc: &str| {
        let form = format!(
            "Action=DescribeSecurityGroups&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}\
             &Filter.2.Name=group-name&Filter.2.Value.1=default"
        );
        let (status, xml) = aws.query("ec2", &form).await.unwrap();
        assert_eq!(status, 200, "{xml}");
        let ids = xml.split("<groupId>").skip(1).filter_map(|rest| rest.split('<').next());
        ids.map(str::to_owned).collect::<Vec<_>>()
    };
    let default = groups(&network.vpc).await;
    assert!(default.contains(&network.security_group), "{default:?}");
    let of_other = groups(other).await;
    assert!(!of_other.is_empty() && !of_other.contains(&network.security_group), "{of_other:?}");
}

#[tokio::test]
async fn an_environment_that_aws_cannot_decrypt() {
    let aws = aws(11);
    aws.create_function("locked", &json!({"Environment": {"Variables": {"A": "b"}}})).await.unwrap();
    let error = json!({"ErrorCode": "AccessDeniedException", "Message": "no"});
    let patch = json!({"Configuration": {"Environment": {"Variables": null, "Error": error}}});
    let rule = Rule::new("locked", Action::PatchAnswer(patch)).account(&account(11)).operation("GetFunction");
    Bed::from_env().unwrap().manners().add(&rule.qualifier("-")).await.unwrap();
    let (_, answer) = aws.get_function("locked").await.unwrap();
    assert_eq!(answer["Configuration"]["Environment"], json!({"Error": error}));
    let qualified = "/2015-03-31/functions/locked?Qualifier=%24LATEST";
    let (_, answer) = aws.lambda("GET", qualified, None).await.unwrap();
    assert_eq!(answer["Configuration"]["Environment"], json!({"Variables": {"A": "b"}}));
}
