//! The story of one function: created, changed, repaired, refused, deleted.

use std::time::Duration;

use serde_json::json;
use testbed::{Aws, Bed, Error, poll};

use crate::commands::story::{Object, Story, condition, ready, up_to_date, wait_for};

const MANIFEST: &str = r#"apiVersion: lambda-operator.io/v1alpha1
kind: LambdaFunction
metadata:
  name: hello
spec:
  role: arn:aws:iam::123456789012:role/hello
  runtime: python3.13
  handler: main.handler
  codeFrom:
    inline:
      main.py: |
        import os
        def handler(event, context):
            return os.environ["GREETING"] + " " + event["name"]
  environment:
    variables:
      GREETING: Hello
  publish: true
"#;

/// Code and memory in one edit.
const NEW_CODE: &str = r#"def handler(event, context): return "Good evening " + event["name"] + ", with " + str(context.memory_limit_in_mb) + " MB""#;

pub(super) async fn tell(bed: &Bed, aws: &Aws, story: &mut Story) -> Result<(), Error> {
    create(bed, aws, story).await?;
    change(bed, aws, story).await?;
    drift(aws, story).await?;
    mistake(bed, story).await?;
    delete(bed, aws, story).await
}

async fn create(bed: &Bed, aws: &Aws, story: &mut Story) -> Result<(), Error> {
    story.show(MANIFEST);
    bed.kubectl_ok(&["apply", "-f", "-"], Some(MANIFEST)).await?;
    story.tell("applied (of which 2 s are the apiserver's: it holds back the first objects of a new CRD)");
    let wait = ["wait", "--for=condition=Ready", "lfn/hello", "--timeout=60s"];
    if !bed.kubectl(&wait, None).await?.status.success() {
        let seen = bed.kubectl_ok(&["get", "lfn", "hello", "-o", "jsonpath={.status}"], None).await?;
        return Err(Error::unexpected("Ready=True within 60 s", format!("status {seen}")));
    }
    let object = wait_for(bed, "lfn/hello", "Ready=True", ready).await?;
    story.tell(&format!("Ready: {}", object["status"]["arn"].as_str().unwrap_or("without an ARN")));
    story.show(&bed.kubectl_ok(&["get", "lfn"], None).await?);
    expect_version(&object, "1")?;
    invoke(aws, story, "Hello Ada").await
}

async fn change(bed: &Bed, aws: &Aws, story: &mut Story) -> Result<(), Error> {
    let patch = json!({"spec": {"memorySize": 256, "codeFrom": {"inline": {"main.py": NEW_CODE}}}});
    bed.kubectl_ok(&["patch", "lfn", "hello", "--type=merge", "-p", &patch.to_string()], None).await?;
    story.tell("code and memory changed in one edit");
    let object = wait_for(bed, "lfn/hello", "Ready=True at the new generation", ready).await?;
    expect_version(&object, "2")?;
    story.tell("Ready again, version 2 is published");
    invoke(aws, story, "Good evening Ada, with 256 MB").await
}

async fn drift(aws: &Aws, story: &mut Story) -> Result<(), Error> {
    aws.change_configuration("hello", &json!({"Timeout": 60, "MemorySize": 1024})).await?;
    story.tell("somebody sets timeout 60 and memory 1024 directly in AWS");
    poll("the drift to be repaired", Duration::from_secs(30), async || {
        let (_, answer) = aws.get_function("hello").await?;
        let seen = (&answer["Configuration"]["Timeout"], &answer["Configuration"]["MemorySize"]);
        Ok(if seen == (&json!(3), &json!(256)) { Ok(()) } else { Err(format!("timeout and memory {seen:?}")) })
    })
    .await?;
    story.tell("repaired: timeout 3, memory 256");
    Ok(())
}

async fn mistake(bed: &Bed, story: &mut Story) -> Result<(), Error> {
    let runtime = |name: &str| json!({"spec": {"runtime": name}}).to_string();
    bed.kubectl_ok(&["patch", "lfn", "hello", "--type=merge", "-p", &runtime("python3.99")], None).await?;
    let refused = |object: &_| up_to_date(object) && condition(object, "Stalled", "status") == "True";
    let object = wait_for(bed, "lfn/hello", "Stalled=True (AWS knows no python3.99)", refused).await?;
    story.tell("runtime python3.99 is refused by AWS; the object says:");
    let reason = condition(&object, "Ready", "reason");
    story.show(&format!("Ready=False, {reason}: {}", condition(&object, "Ready", "message")));
    bed.kubectl_ok(&["patch", "lfn", "hello", "--type=merge", "-p", &runtime("python3.13")], None).await?;
    wait_for(bed, "lfn/hello", "Ready=True after the mistake is corrected", ready).await?;
    story.tell("corrected, Ready again");
    Ok(())
}

async fn delete(bed: &Bed, aws: &Aws, story: &mut Story) -> Result<(), Error> {
    bed.kubectl_ok(&["delete", "lfn", "hello", "--timeout=60s"], None).await?;
    let (status, _) = aws.get_function("hello").await?;
    if status != 404 {
        return Err(Error::unexpected("404 from GetFunction after the deletion", status.to_string()));
    }
    story.tell("deleted, and gone from AWS");
    Ok(())
}

async fn invoke(aws: &Aws, story: &mut Story, expected: &str) -> Result<(), Error> {
    let (status, answer) = aws.invoke("hello", &json!({"name": "Ada"})).await?;
    if (status, &answer) != (200, &json!(expected)) {
        return Err(Error::unexpected(format!("the answer \"{expected}\""), format!("{status}: {answer}")));
    }
    story.tell(&format!("invoked with {{\"name\": \"Ada\"}}: {answer}"));
    Ok(())
}

fn expect_version(object: &Object, version: &str) -> Result<(), Error> {
    let seen = &object["status"]["version"];
    if seen == version {
        Ok(())
    } else {
        Err(Error::unexpected(format!("version {version} in status"), seen.to_string()))
    }
}
