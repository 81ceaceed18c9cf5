//! The manners proxy in front of the real emulator; runs inside `testbed run`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop, its helpers included")]

use std::time::Duration;

use base64::Engine;
use serde_json::{Value, json};
use testbed::{Action, Aws, Bed, Error, Filter, Rule, SettingsChange, poll};

const REGION: &str = "eu-west-1";
const PATIENCE: Duration = Duration::from_secs(20);

fn package(source: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(testbed::package(source))
}

/// Twelve digits that no other run and no other test has.
fn account(test: u64) -> String {
    format!("{:07}{test:05}", std::process::id() % 10_000_000)
}

fn request(name: &str) -> Value {
    json!({
        "FunctionName": name, "Runtime": "python3.13", "Handler": "main.handler",
        "Role": "arn:aws:iam::123456789012:role/hello",
        "Code": {"ZipFile": package("def handler(event, context):\n    return 'hi'\n")},
    })
}

async fn create(aws: &Aws, name: &str) -> Value {
    let (status, answer) = aws.lambda("POST", "/2015-03-31/functions", Some(&request(name))).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    answer
}

async fn wait_until_at_rest(aws: &Aws, name: &str) -> Value {
    poll("the function to be at rest", PATIENCE, async || {
        let (_, answer) = aws.get_function(name).await?;
        let configuration = answer["Configuration"].clone();
        let rest = configuration["State"] == "Active" && configuration["LastUpdateStatus"] == "Successful";
        Ok::<_, Error>(if rest { Ok(configuration) } else { Err(configuration.to_string()) })
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn refuses_changes_while_pending_and_while_in_progress() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(1), REGION);
    let made = create(&aws, "busy").await;
    assert_eq!((&made["State"], &made["StateReasonCode"]), (&json!("Pending"), &json!("Creating")));
    assert!(made.get("LastUpdateStatus").is_none(), "{made}");
    let path = "/2015-03-31/functions/busy/configuration";
    let (status, refused) = aws.lambda("PUT", path, Some(&json!({"MemorySize": 256}))).await.unwrap();
    assert_eq!(status, 409);
    let pending =
        "The operation cannot be performed at this time. The function is currently in the following state: Pending";
    assert_eq!(refused["message"], pending);

    let rest = wait_until_at_rest(&aws, "busy").await;
    assert!(rest.get("StateReason").is_none(), "{rest}");
    let (status, changed) = aws.lambda("PUT", path, Some(&json!({"MemorySize": 256}))).await.unwrap();
    assert_eq!(status, 200, "{changed}");
    assert_eq!((&changed["State"], &changed["LastUpdateStatus"]), (&json!("Active"), &json!("InProgress")));
    assert_eq!(changed["LastUpdateStatusReasonCode"], "Creating");
    for (method, path, body) in [
        ("PUT", path, json!({"MemorySize": 512})),
        ("PUT", "/2015-03-31/functions/busy/code", json!({"ZipFile": package("x = 1")})),
        ("POST", "/2015-03-31/functions/busy/versions", json!({})),
        ("PUT", "/2017-10-31/functions/busy/concurrency", json!({"ReservedConcurrentExecutions": 5})),
    ] {
        let (status, refused) = aws.lambda(method, path, Some(&body)).await.unwrap();
        assert_eq!(status, 409, "{path}: {refused}");
        let arn = made["FunctionArn"].as_str().unwrap();
        let text =
            format!("The operation cannot be performed at this time. An update is in progress for resource: {arn}");
        assert_eq!(refused["message"], text);
    }
    assert_eq!(wait_until_at_rest(&aws, "busy").await["MemorySize"], 256, "no refused change was made");
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_refused() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(2), REGION);
    create(&aws, "race").await;
    wait_until_at_rest(&aws, "race").await;
    let path = "/2015-03-31/functions/race/configuration";
    let (one, two) = (json!({"Timeout": 10}), json!({"Timeout": 20}));
    let (first, second) = tokio::join!(aws.lambda("PUT", path, Some(&one)), aws.lambda("PUT", path, Some(&two)));
    let mut statuses = [first.unwrap().0, second.unwrap().0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn says_429_beyond_the_quota_and_only_there() {
    let bed = Bed::from_env().unwrap();
    let account = account(3);
    let aws = bed.aws(&account, REGION);
    let calls: Vec<_> = (0..40)
        .map(|_| {
            let aws = aws.clone();
            tokio::spawn(async move { aws.lambda("GET", "/2016-08-19/account-settings/", None).await })
        })
        .collect();
    let mut refused = Vec::new();
    for call in calls {
        let (status, answer) = call.await.unwrap().unwrap();
        if status != 200 {
            assert_eq!(status, 429);
            refused.push(answer);
        }
    }
    // 15 at once, and what flows in while the burst lasts
    assert!((10..=25).contains(&refused.len()), "{} of 40 were refused", refused.len());
    assert_eq!(refused[0]["Reason"], "CallerRateLimitExceeded");
    assert_eq!(refused[0]["message"], "Rate exceeded");
    let (status, _) = aws.get_function("none").await.unwrap();
    assert_eq!(status, 404, "GetFunction has a quota of its own");
    let other = bed.aws(&account, "us-east-1");
    let (status, _) = other.lambda("GET", "/2016-08-19/account-settings/", None).await.unwrap();
    assert_eq!(status, 200, "every region has its own");
    let journal = bed.manners().calls(&Filter::account(&account)).await.unwrap();
    let codes = journal.iter().filter(|call| call.error_code.as_deref() == Some("TooManyRequestsException")).count();
    assert_eq!(codes, refused.len());
}

#[tokio::test]
async fn a_lost_answer_did_its_work_and_a_lost_request_did_not() {
    let bed = Bed::from_env().unwrap();
    let account = account(4);
    let aws = bed.aws(&account, REGION);
    let manners = bed.manners();
    let of_creates =
        |name: &str, action| Rule::new(name, action).account(&account).operation("CreateFunction").times(1);
    let lost_request = manners.add(&of_creates("lost request", Action::LoseRequest)).await.unwrap();
    let lost_answer = manners.add(&of_creates("lost answer", Action::LoseAnswer)).await.unwrap();
    let attempt = async || aws.lambda("POST", "/2015-03-31/functions", Some(&request("lost"))).await;

    assert!(attempt().await.is_err(), "the request is lost");
    assert_eq!(aws.get_function("lost").await.unwrap().0, 404);
    assert!(attempt().await.is_err(), "the first rule is exhausted, now the answer is lost");
    assert_eq!(aws.get_function("lost").await.unwrap().0, 200);
    let (status, exists) = attempt().await.unwrap();
    assert_eq!(status, 409, "{exists}");
    assert!(exists.to_string().contains("Function already exist: lost"), "{exists}");

    let journal = manners.calls(&Filter::account(&account).operation("CreateFunction")).await.unwrap();
    let story: Vec<_> = journal.iter().map(|call| (call.status, call.rule.as_deref())).collect();
    assert_eq!(story, [(0, Some("lost request")), (0, Some("lost answer")), (409, None)]);
    manners.remove(lost_request).await.unwrap();
    manners.remove(lost_answer).await.unwrap();
}

#[tokio::test]
async fn answers_can_be_patched_delayed_and_replaced() {
    let bed = Bed::from_env().unwrap();
    let account = account(5);
    let aws = bed.aws(&account, REGION);
    let manners = bed.manners();
    create(&aws, "odd").await;
    let failed = json!({"Configuration": {"State": "Failed", "StateReasonCode": "InvalidSubnet"}});
    let rule =
        Rule::new("failed", Action::PatchAnswer(failed)).account(&account).function("od?").operation("GetFunction");
    let id = manners.add(&rule).await.unwrap();
    let slow = manners.add(&Rule::new("slow", Action::Delay { ms: 120 }).account(&account)).await.unwrap();
    let (_, answer) = aws.get_function("odd").await.unwrap();
    assert_eq!(answer["Configuration"]["State"], "Failed");
    assert_eq!(answer["Configuration"]["FunctionName"], "odd");
    manners.remove(id).await.unwrap();
    manners.remove(slow).await.unwrap();
    let rule = Rule::new("denied", Action::error(403, "AccessDeniedException", "no")).account(&account).times(1);
    manners.add(&rule).await.unwrap();
    let (status, answer) = aws.get_function("odd").await.unwrap();
    assert_eq!((status, &answer["message"]), (403, &json!("no")));
    assert_eq!(aws.get_function("odd").await.unwrap().0, 200);
    let journal = manners.calls(&Filter::account(&account).operation("GetFunction")).await.unwrap();
    assert_eq!(journal[0].rule.as_deref(), Some("failed,slow"));
    assert!(journal[0].duration_ms.unwrap() >= 120);
    assert_eq!(journal[1].error_code.as_deref(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn missing_objects_and_networks_are_refused_in_aws_words() {
    let bed = Bed::from_env().unwrap();
    let account = account(6);
    let aws = bed.aws(&account, REGION);
    let bucket = format!("packages-{account}");
    let attempt = async |change: Value| {
        let mut body = request("refs");
        for (key, value) in change.as_object().unwrap() {
            body[key] = value.clone();
        }
        aws.lambda("POST", "/2015-03-31/functions", Some(&body)).await.unwrap()
    };
    let (status, refused) = attempt(json!({"Code": {"S3Bucket": bucket, "S3Key": "a/b c.zip"}})).await;
    assert_eq!(status, 400);
    assert_eq!(
        refused["message"],
        "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist"
    );
    aws.put_object(&bucket, "a/b c.zip", &testbed::package("x = 1")).await.unwrap();
    let (_, refused) = attempt(json!({"Code": {"S3Bucket": bucket, "S3Key": "a/other.zip"}})).await;
    assert_eq!(
        refused["message"],
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
    );
    let vpc = json!({"VpcConfig": {"SubnetIds": ["subnet-404"], "SecurityGroupIds": ["sg-404"]}});
    let (_, refused) = attempt(vpc).await;
    assert_eq!(
        refused["message"],
        "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'subnet-404' does not exist"
    );
    let network = aws.default_subnet_and_security_group().await.unwrap();
    let (status, made) = attempt(json!({
        "Code": {"S3Bucket": bucket, "S3Key": "a/b c.zip"},
        "VpcConfig": {"SubnetIds": [network.subnet], "SecurityGroupIds": [network.security_group]},
    }))
    .await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["VpcConfig"]["VpcId"], json!(network.vpc));
}

#[tokio::test]
async fn too_much_reserved_concurrency_is_refused() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(7), REGION);
    create(&aws, "hungry").await;
    wait_until_at_rest(&aws, "hungry").await;
    let reserve = async |count: u32| {
        let body = json!({"ReservedConcurrentExecutions": count});
        aws.lambda("PUT", "/2017-10-31/functions/hungry/concurrency", Some(&body)).await.unwrap()
    };
    assert_eq!(reserve(900).await.0, 200);
    let (status, refused) = reserve(901).await;
    assert_eq!(status, 400);
    assert_eq!(
        refused["message"],
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100]."
    );
    assert_eq!(reserve(0).await.0, 200);
}

#[tokio::test]
async fn accounts_and_regions_do_not_see_each_other() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(8), REGION);
    let made = create(&aws, "mine").await;
    assert_eq!(made["FunctionArn"], format!("arn:aws:lambda:{REGION}:{}:function:mine", account(8)));
    assert_eq!(bed.aws(&account(9), REGION).get_function("mine").await.unwrap().0, 404);
    assert_eq!(bed.aws(&account(8), "us-east-1").get_function("mine").await.unwrap().0, 404);
    wait_until_at_rest(&aws, "mine").await;
    let (status, answer) = aws.invoke("mine", &json!({})).await.unwrap();
    assert_eq!((status, answer), (200, json!("hi")));
    let journal = bed.manners().calls(&Filter::account(&account(9))).await.unwrap();
    assert_eq!(journal.len(), 1);
    assert_eq!(journal[0].function.as_deref(), Some("mine"));
}

#[tokio::test]
async fn keys_of_an_assumed_role_belong_to_its_account() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(10), REGION);
    let target = account(11);
    let form = format!(
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::{target}:role/deployer&RoleSessionName=test"
    );
    let (status, answer) = aws.query("sts", &form).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    let (_, rest) = answer.split_once("<AccessKeyId>").unwrap();
    let key = rest.split('<').next().unwrap();
    create(&bed.aws(key, REGION), "theirs").await;
    let journal = bed.manners().calls(&Filter::account(&target)).await.unwrap();
    assert_eq!(journal.len(), 1, "the journal names the role's account");
    assert_eq!(bed.aws(&target, REGION).get_function("theirs").await.unwrap().0, 200);
}

#[tokio::test]
async fn versions_and_dry_runs() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(12), REGION);
    let made = create(&aws, "versions").await;
    let arn = made["FunctionArn"].as_str().unwrap();
    wait_until_at_rest(&aws, "versions").await;
    let dry = json!({"ZipFile": package("y = 2"), "DryRun": true});
    let (status, answer) = aws.lambda("PUT", "/2015-03-31/functions/versions/code", Some(&dry)).await.unwrap();
    assert_eq!((status, &answer["CodeSha256"]), (200, &made["CodeSha256"]));
    let rest = wait_until_at_rest(&aws, "versions").await;
    assert_eq!(rest["CodeSha256"], made["CodeSha256"]);
    let path = "/2015-03-31/functions/versions/versions";
    let (status, version) = aws.lambda("POST", path, Some(&json!({}))).await.unwrap();
    assert_eq!(status, 201, "{version}");
    assert_eq!(version["FunctionArn"], format!("{arn}:1"));
    let (_, list) = aws.lambda("GET", path, None).await.unwrap();
    assert_eq!(list["Versions"][0]["FunctionArn"], format!("{arn}:$LATEST"));
    assert!(list["Versions"][1].get("State").is_none(), "{list}");
}

#[tokio::test]
async fn code_signing_and_logging_are_kept_as_aws_keeps_them() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(13), REGION);
    let mut body = request("kept");
    let signing = format!("arn:aws:lambda:{REGION}:{}:code-signing-config:csc-0123456789abcdef0", account(13));
    body["CodeSigningConfigArn"] = json!(signing);
    body["LoggingConfig"] = json!({"LogFormat": "JSON", "LogGroup": "/mine"});
    let (status, made) = aws.lambda("POST", "/2015-03-31/functions", Some(&body)).await.unwrap();
    assert_eq!(status, 201, "{made}");
    let path = "/2020-06-30/functions/kept/code-signing-config";
    let (_, linked) = aws.lambda("GET", path, None).await.unwrap();
    assert_eq!(linked["CodeSigningConfigArn"], signing);
    wait_until_at_rest(&aws, "kept").await;
    aws.change_configuration("kept", &json!({"LoggingConfig": {"SystemLogLevel": "WARN"}})).await.unwrap();
    let levels =
        json!({"LogFormat": "JSON", "LogGroup": "/mine", "SystemLogLevel": "WARN", "ApplicationLogLevel": "INFO"});
    assert_eq!(wait_until_at_rest(&aws, "kept").await["LoggingConfig"], levels);
}

#[tokio::test]
async fn changed_settings_are_returned() {
    let bed = Bed::from_env().unwrap();
    let settings = bed.manners().settings(&SettingsChange::default()).await.unwrap();
    assert!(settings.quotas, "other tests of this file need them");
}
