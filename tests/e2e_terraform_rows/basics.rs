//! A function as such: what it has without being told, and what is refused before AWS is asked.

use serde_json::json;

use crate::plan::{apply, configuration, empty_plan, refused};
use support::world::{REGION, World, operations, spec, spec_with, status, writes};

/// Row 1 (basic). A function of the required arguments alone has AWS's defaults, and every attribute is known;
/// `skip_destroy` and the like are not filled in, for the operator never writes a spec.
#[tokio::test]
async fn required_arguments_alone_give_aws_defaults() {
    let world = World::new().await;
    let object = apply(&world, "hello", &json!({}), &["CreateFunction"]).await;
    let function = world.function("hello").await.unwrap();
    let configuration = &function["Configuration"];
    for (field, value) in [
        ("Architectures", json!(["x86_64"])),
        ("EphemeralStorage", json!({"Size": 512})),
        ("LoggingConfig", json!({"LogFormat": "Text", "LogGroup": "/aws/lambda/hello"})),
        ("PackageType", json!("Zip")),
        ("MemorySize", json!(128)),
        ("Timeout", json!(3)),
        ("TracingConfig", json!({"Mode": "PassThrough"})),
        ("Version", json!("$LATEST")),
    ] {
        assert_eq!(configuration[field], value, "{field}");
    }
    assert_eq!(function.get("Concurrency"), None);

    let arn = format!("arn:aws:lambda:{REGION}:{}:function:hello", world.account);
    let gateway = format!("arn:aws:apigateway:{REGION}:lambda:path");
    let status = status(&object);
    assert_eq!(status.common.arn.as_ref(), Some(&arn));
    assert_eq!(status.version.as_deref(), Some("$LATEST"));
    assert_eq!(status.qualified_arn.as_ref(), Some(&format!("{arn}:$LATEST")));
    assert_eq!(status.invoke_arn.as_ref(), Some(&format!("{gateway}/2015-03-31/functions/{arn}/invocations")));
    assert_eq!(
        status.qualified_invoke_arn.as_ref(),
        Some(&format!("{gateway}/2015-03-31/functions/{arn}:$LATEST/invocations"))
    );
    assert_eq!(
        status.response_streaming_invoke_arn.as_ref(),
        Some(&format!("{gateway}/2021-11-15/functions/{arn}/response-streaming-invocations"))
    );
    assert_eq!(json!(status.code_sha256), configuration["CodeSha256"]);
    assert_eq!(json!(status.source_code_size), configuration["CodeSize"]);
    assert_eq!(json!(status.last_modified), configuration["LastModified"]);
    assert_eq!(status.vpc_id, None);
    assert_eq!(object.spec, serde_json::from_value(spec()).unwrap(), "the spec is the user's");
    empty_plan(&world, "hello", &json!({})).await;
}

/// Row 2 (disappears). Terraform plans to make a function anew that was deleted outside; we make it.
#[tokio::test]
async fn a_function_deleted_outside_is_recreated() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let before = world.manners().mark().await.unwrap();
    world.aws.lambda("DELETE", "/2015-03-31/functions/hello", None).await.unwrap();
    world.look_now("hello").await;
    world.function_until("hello", |function| function["Configuration"]["State"] == "Active").await;
    world.ready("hello").await;
    assert_eq!(world.invoke("hello").await, "one");
    assert_eq!(writes(&world.calls_since(before).await), ["CreateFunction"]);
}

/// Row 7 (expectFilenameAndS3Attributes). A function without a source of code is refused; here by the API server.
#[tokio::test]
async fn a_function_without_a_source_of_code_is_refused() {
    let world = World::new().await;
    let refusal = refused(&world, "hello", &json!({"codeFrom": null})).await;
    assert!(refusal.contains("set exactly one source of code"), "{refusal}");
}

/// Row 11 (nameValidation). A name with a dot is refused; here by the API server.
#[tokio::test]
async fn a_name_with_a_dot_is_refused() {
    let world = World::new().await;
    let refusal = refused(&world, "hello", &json!({"functionName": "hello.world"})).await;
    assert!(refusal.contains("without dots"), "{refusal}");
}

/// Row 49 (runtimes), first half. A runtime that does not exist is refused. Terraform holds a list of them; we ask AWS,
/// so that a new one needs no new operator.
#[tokio::test]
async fn a_runtime_that_does_not_exist_is_refused_by_aws() {
    let world = World::new().await;
    world.apply("hello", &spec_with(&json!({"runtime": "python0.1"}))).await;
    let message = world.stalled("hello", "Rejected").await;
    assert!(message.contains("python0.1"), "{message}");
    assert_eq!(world.function("hello").await, None);
}

/// Row 49 (runtimes), second half. One function goes from runtime to runtime in place.
#[tokio::test]
async fn every_runtime_is_deployed_in_place() {
    const RUNTIMES: [&str; 14] = [
        "dotnet8",
        "dotnet10",
        "java17",
        "java21",
        "java25",
        "nodejs22.x",
        "nodejs24.x",
        "provided.al2",
        "provided.al2023",
        "python3.12",
        "python3.13",
        "python3.14",
        "ruby3.3",
        "ruby3.4",
    ];
    let world = World::new().await;
    // Side by side, for each needs AWS's time; each becomes its right neighbour.
    for (index, runtime) in RUNTIMES.iter().enumerate() {
        world.apply(&format!("f{index}"), &spec_with(&json!({"runtime": runtime}))).await;
    }
    for index in 0..RUNTIMES.len() {
        world.ready(&format!("f{index}")).await;
    }
    let before = world.manners().mark().await.unwrap();
    for (index, runtime) in RUNTIMES.iter().cycle().skip(1).take(RUNTIMES.len()).enumerate() {
        world.apply(&format!("f{index}"), &spec_with(&json!({"runtime": runtime}))).await;
    }
    for (index, runtime) in RUNTIMES.iter().cycle().skip(1).take(RUNTIMES.len()).enumerate() {
        let name = format!("f{index}");
        world.ready(&name).await;
        assert_eq!(configuration(&world, &name).await["Runtime"], **runtime);
    }
    let calls = world.calls_since(before).await;
    assert_eq!(writes(&calls), ["UpdateFunctionConfiguration"; RUNTIMES.len()], "{:?}", operations(&calls));
}

/// Row 50 (Zip_validation). A zip without handler or without runtime is refused; here by the API server.
#[tokio::test]
async fn a_zip_without_handler_or_runtime_is_refused() {
    let world = World::new().await;
    for missing in [json!({"handler": null}), json!({"runtime": null}), json!({"handler": null, "runtime": null})] {
        let refusal = refused(&world, "hello", &missing).await;
        assert!(refusal.contains("a zip package needs both"), "{refusal}");
    }
}

/// Beside the rows: another name, like every other ForceNew argument, makes Terraform replace the function. We refuse
/// the change and say what to do.
#[tokio::test]
async fn a_changed_name_is_refused_instead_of_replaced() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let refusal = refused(&world, "hello", &json!({"functionName": "world"})).await;
    assert!(refusal.contains("spec.functionName cannot be changed"), "{refusal}");
    empty_plan(&world, "hello", &json!({"functionName": "hello"})).await;
}
