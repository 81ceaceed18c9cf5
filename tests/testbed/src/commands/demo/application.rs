//! The story of an application: a queue and a URL invoke a function through an alias, the alias moves, and all of it is deleted at once.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::{Aws, Bed, Error, poll};

use crate::commands::story::{Story, ready, wait_for};

/// In no useful order, so that each object waits for those that it needs.
const MANIFEST: &str = r#"apiVersion: lambda-operator.io/v1alpha1
kind: LambdaEventSourceMapping
metadata:
  name: orders
spec:
  aliasRef: {name: live}
  eventSourceArn: arn:aws:sqs:eu-west-1:123456789012:orders
---
apiVersion: lambda-operator.io/v1alpha1
kind: LambdaFunctionUrl
metadata:
  name: shop
spec:
  aliasRef: {name: live}
  authorizationType: NONE
---
apiVersion: lambda-operator.io/v1alpha1
kind: LambdaPermission
metadata:
  name: uploads
spec:
  aliasRef: {name: live}
  action: lambda:InvokeFunction
  principal: s3.amazonaws.com
  sourceArn: arn:aws:s3:::uploads
  sourceAccount: "123456789012"
---
apiVersion: lambda-operator.io/v1alpha1
kind: LambdaAlias
metadata:
  name: live
spec:
  functionRef: {name: shop}
  functionVersionFrom: Published
---
apiVersion: lambda-operator.io/v1alpha1
kind: LambdaFunction
metadata:
  name: shop
spec:
  role: arn:aws:iam::123456789012:role/shop
  runtime: python3.13
  handler: main.handler
  codeFrom:
    inline:
      main.py: "def handler(event, context): return 'The shop is open'"
  publish: true
"#;

const NEW_CODE: &str = "def handler(event, context): return 'The shop is open until ten'";

/// The objects of the manifest.
const ALL: [&str; 5] = ["lfn/shop", "lalias/live", "lperm/uploads", "lurl/shop", "lesm/orders"];

pub(super) async fn tell(bed: &Bed, aws: &Aws, story: &mut Story) -> Result<(), Error> {
    aws.create_queue("orders").await?;
    let url = apply(bed, story).await?;
    visit(aws, story, &url, "The shop is open").await?;
    order(aws, story).await?;
    deploy(bed, story).await?;
    visit(aws, story, &url, "The shop is open until ten").await?;
    delete(bed, aws, story).await
}

/// Applies everything; returns the URL.
async fn apply(bed: &Bed, story: &mut Story) -> Result<Value, Error> {
    story.show(MANIFEST);
    bed.kubectl_ok(&["apply", "-f", "-"], Some(MANIFEST)).await?;
    story.tell("applied at once: a queue, a URL and a bucket are to invoke the alias of a function");
    for object in ALL {
        wait_for(bed, object, "Ready=True", ready).await?;
    }
    story.tell("all are Ready");
    story.show(&bed.kubectl_ok(&[&["get"], ALL.as_slice()].concat(), None).await?);
    let url = wait_for(bed, "lurl/shop", "a URL in status", |url| url["status"]["functionUrl"].is_string()).await?;
    Ok(json!({"FunctionUrl": url["status"]["functionUrl"]}))
}

/// Puts a message into the queue, and waits until the function has handled it.
async fn order(aws: &Aws, story: &mut Story) -> Result<(), Error> {
    let (_, queue) = aws.target("sqs", "AmazonSQS.GetQueueUrl", &json!({"QueueName": "orders"})).await?;
    let message = json!({"QueueUrl": queue["QueueUrl"], "MessageBody": "one book"});
    let (status, answer) = aws.target("sqs", "AmazonSQS.SendMessage", &message).await?;
    if status != 200 {
        return Err(Error::unexpected("200 from SendMessage", format!("{status}: {answer}")));
    }
    let question = json!({"QueueUrl": queue["QueueUrl"], "AttributeNames": ["All"]});
    // A message that the emulator's worker fails to handle is hidden for 30 s.
    poll("the message to be handled", Duration::from_secs(90), async || {
        let (_, answer) = aws.target("sqs", "AmazonSQS.GetQueueAttributes", &question).await?;
        let left = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let is_empty = left.iter().all(|name| answer["Attributes"][*name] == "0");
        Ok(if is_empty { Ok(()) } else { Err(answer.to_string()) })
    })
    .await?;
    story.tell("a message came into the queue, and the function has handled it");
    Ok(())
}

/// New code: a version is published, and the alias moves to it.
async fn deploy(bed: &Bed, story: &mut Story) -> Result<(), Error> {
    let patch = json!({"spec": {"codeFrom": {"inline": {"main.py": NEW_CODE}}}});
    bed.kubectl_ok(&["patch", "lfn", "shop", "--type=merge", "-p", &patch.to_string()], None).await?;
    let moved = |alias: &Value| ready(alias) && alias["status"]["functionVersion"] == "2";
    wait_for(bed, "lalias/live", "the alias at version 2", moved).await?;
    story.tell("new code: version 2 is published, and the alias has moved to it");
    Ok(())
}

async fn visit(aws: &Aws, story: &mut Story, url: &Value, expected: &str) -> Result<(), Error> {
    let (status, answer) = aws.visit(url).await?;
    if (status, &answer) != (200, &json!(expected)) {
        return Err(Error::unexpected(format!("the answer \"{expected}\""), format!("{status}: {answer}")));
    }
    story.tell(&format!("the URL answers: {answer}"));
    Ok(())
}

async fn delete(bed: &Bed, aws: &Aws, story: &mut Story) -> Result<(), Error> {
    bed.kubectl_ok(&["delete", "-f", "-", "--timeout=60s"], Some(MANIFEST)).await?;
    let (status, _) = aws.get_function("shop").await?;
    let mappings = aws.list_mappings().await?;
    if status != 404 || !mappings.is_empty() {
        let seen = format!("{status} from GetFunction, and the mappings {mappings:?}");
        return Err(Error::unexpected("nothing left in AWS after the deletion", seen));
    }
    story.tell("deleted at once, and nothing is left in AWS");
    Ok(())
}
