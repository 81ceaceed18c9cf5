//! What a person sees: `kubectl get`, `describe` and `explain`, field selectors, and nothing of ours in `all`.

use serde_json::json;

use support::world::{World, message, spec, spec_with, status};

async fn kubectl(world: &World, arguments: &[&str]) -> String {
    world.bed.kubectl_ok(&[&["-n", &world.namespace], arguments].concat(), None).await.unwrap()
}

/// A table's lines as cells. The columns are two blanks apart at least.
fn table(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()).collect()
}

#[tokio::test]
async fn kubectl_get_shows_the_useful_columns() {
    let world = World::new().await;
    let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1";
    world.settle("a-zip", &spec_with(&json!({"publish": true}))).await;
    world.settle("an-image", &json!({"role": "arn:aws:iam::123456789012:role/hello", "imageUri": image})).await;
    world.apply("wrong", &spec_with(&json!({"runtime": "python2.9"}))).await;
    world.stalled("wrong", "Rejected").await;

    let text = kubectl(&world, &["get", "lfn"]).await;
    let rows = table(&text);
    assert_eq!(rows[0], ["NAME", "READY", "STATUS", "RUNTIME", "VERSION", "AGE"]);
    let but_age: Vec<_> = rows[1..].iter().map(|row| &row[..row.len() - 1]).collect();
    assert_eq!(but_age[0], ["a-zip", "True", "Available", "python3.13", "1"]);
    assert_eq!(but_age[1], ["an-image", "True", "Available", image, "$LATEST"]);
    assert_eq!(but_age[2], ["wrong", "False", "Rejected", "python2.9"]);

    let text = kubectl(&world, &["get", "lfn", "a-zip", "-o", "wide"]).await;
    let rows = table(&text);
    assert_eq!(rows[0][5..], ["AGE", "REGION", "MEMORY", "MODIFIED"]);
    let modified = status(&world.objects().get("a-zip").await.unwrap()).last_modified.clone().unwrap();
    assert_eq!(rows[1][6..], ["eu-west-1", "128", &modified]);
}

#[tokio::test]
async fn functions_are_found_by_category_and_field_selector() {
    let world = World::new().await;
    world.settle("one", &spec_with(&json!({"functionName": "first", "region": "eu-west-1"}))).await;
    world.settle("two", &spec_with(&json!({"role": "arn:aws:iam::123456789012:role/other"}))).await;
    assert_eq!(kubectl(&world, &["get", "all", "-o", "name"]).await, "");
    let name = |name: &str| format!("lambdafunction.lambda-operator.io/{name}\n");
    assert_eq!(kubectl(&world, &["get", "aws", "-o", "name"]).await, name("one") + &name("two"));
    for (selector, found) in [
        ("spec.functionName=first", "one"),
        ("spec.region=eu-west-1", "one"),
        ("spec.role=arn:aws:iam::123456789012:role/other", "two"),
        ("spec.functionName!=first", "two"),
    ] {
        assert_eq!(
            kubectl(&world, &["get", "lfn", "-o", "name", "--field-selector", selector]).await,
            name(found),
            "{selector}"
        );
    }
}

#[tokio::test]
async fn a_description_tells_the_story_and_its_newest_message() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    world.apply("hello", &spec_with(&json!({"runtime": "python2.9"}))).await;
    let newest = world.stalled("hello", "Rejected").await;
    // The Event comes after the status.
    let text = world
        .until("the Event in the description", async |world: &World| {
            let text = kubectl(world, &["describe", "lfn", "hello"]).await;
            let (_, events) = text.split_once("Events:").unwrap_or_default();
            if events.contains("Rejected") { Ok(text) } else { Err(text) }
        })
        .await;
    let (object, events) = text.split_once("Events:").unwrap();
    let lines: Vec<_> = events.lines().map(|line| line.split_whitespace().take(2).collect::<Vec<_>>()).collect();
    let story = [["Normal", "Creating"], ["Normal", "Available"], ["Warning", "Rejected"]];
    let told: Vec<_> = story.iter().map(|event| lines.iter().position(|line| line == event)).collect();
    assert!(told.iter().all(Option::is_some) && told.is_sorted(), "the newest last:\n{events}");
    assert!(!events.contains("<unknown>") && !events.contains("<invalid>"), "{events}");
    assert!(events.contains(&newest), "the whole sentence:\n{events}");
    for part in ["Observed Generation:", "FunctionCreated", "Stalled", "codeSha256:", "python2.9"] {
        assert!(object.contains(part), "{part}:\n{object}");
    }
    world.settle("hello", &spec()).await;
    assert_eq!(message(&world.objects().get("hello").await.unwrap(), "Stalled"), "");
}

/// That every field at every level has a description is tested on the schema (tests/admission_function). This is how it reads.
#[tokio::test]
async fn explain_reads_well() {
    let world = World::new().await;
    for (field, words) in [
        // By its short name, explain alone does not look for a kind that is newer than what kubectl remembers of the server.
        ("lambdafunction", "LambdaFunction manages one AWS Lambda function"),
        ("lfn", "LambdaFunction manages one AWS Lambda function"),
        ("lfn.spec.memorySize", "Memory in MB, 128 to 32768"),
        ("lfn.spec.codePolicy", "ENUM:"),
        ("lfn.spec.vpcConfig.subnetIds", "Ids of subnets, at most 16"),
        (
            "lfn.spec.environment.valueFrom.secretKeyRef.name",
            "Name of the Secret or ConfigMap, in this object's namespace.",
        ),
        ("lfn.spec.codeFrom.inline", "<map[string]string>"),
        ("lfn.status.conditions.reason", "reason contains a programmatic identifier"),
        ("lfn.status.record.published.version", "Number of the version that was last published."),
    ] {
        let text = kubectl(&world, &["explain", field]).await;
        assert!(text.contains(words) && text.contains("lambda-operator.io"), "{field}:\n{text}");
    }
    let all = kubectl(&world, &["explain", "lfn.spec", "--recursive"]).await;
    assert!(all.contains("role\t<string> -required-"), "{all}");
}
