//! `testbed bench`: many functions at once under AWS's quotas and latency, then the cost of doing nothing.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::{
    ACCOUNT, Bed, Call, Error, Filter, NAMESPACE, Operator, Options, Running, by_operation, last_lines, poll,
};

use super::arguments::Product;
use super::{report, story, up};

/// AWS allows 15 creations a second.
const CREATIONS_PER_SECOND: f64 = 15.0;
const DRIFT_INTERVAL: Duration = Duration::from_secs(10);
const FUNCTIONS_NAMESPACE: &str = "bench";

/// Measures and prints.
pub(crate) async fn bench(
    options: &Options,
    product: &Product,
    count: usize,
    stop: impl Future<Output = ()>,
) -> Result<ExitCode, Error> {
    tokio::pin!(stop);
    let work = async {
        let running = Running::start(options).await?;
        let interval = format!("{}s", DRIFT_INTERVAL.as_secs());
        let args = ["--cluster-name", "bench", "--drift-interval", &interval];
        let mut operator = up::start_operator(&running.bed, product, &args).await?;
        let measured = measure(&running.bed, &operator, count).await;
        if let Err(error) = measured {
            eprintln!("the operator's last lines:\n{}\n", last_lines(&operator.log(), 25));
            return Err(operator.check().err().unwrap_or(error));
        }
        operator.terminate().await.map(drop)
    };
    tokio::select! {
        done = work => done.map(|()| ExitCode::SUCCESS),
        () = &mut stop => Ok(ExitCode::FAILURE),
    }
}

async fn measure(bed: &Bed, operator: &Operator, count: usize) -> Result<(), Error> {
    create(bed, operator, count).await?;
    idle(bed, count).await
}

async fn create(bed: &Bed, operator: &Operator, count: usize) -> Result<(), Error> {
    bed.apply(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": FUNCTIONS_NAMESPACE}}).to_string())
        .await?;
    let manifests: Vec<String> = (0..count).map(|number| manifest(number).to_string()).collect();
    let started = Instant::now();
    bed.apply(&manifests.join("\n---\n")).await?;
    let applied = started.elapsed();
    poll("all functions to be Ready", Duration::from_secs(600), async || {
        let ready = ready(bed).await?;
        Ok(if ready == count { Ok(()) } else { Err(format!("{ready} of {count} Ready")) })
    })
    .await?;
    let seconds = started.elapsed().as_secs_f64();
    let floor = float(count) / CREATIONS_PER_SECOND;
    let calls = bed.manners().calls(&Filter::account(ACCOUNT).service("lambda").not_by_tests()).await?;
    println!("{count} functions created");
    row("applied by kubectl after", &format!("{:.1} s", applied.as_secs_f64()));
    row("all Ready after", &format!("{seconds:.1} s"));
    row("floor (15 creations/s)", &format!("{floor:.1} s"));
    row("ratio", &format!("{:.2}", seconds / floor));
    for (operation, calls) in by_operation(&calls) {
        row(&format!("{operation} per function"), &format!("{:.2}", float(calls) / float(count)));
    }
    row("answered 429", &format!("{} of {} calls", report::throttled(&calls), calls.len()));
    row(
        "memory of the operator",
        &operator.rss_kib().map_or("unknown".to_owned(), |kib| format!("{} MiB", kib / 1024)),
    );
    Ok(())
}

/// One whole drift interval, after one to come to rest.
async fn idle(bed: &Bed, count: usize) -> Result<(), Error> {
    tokio::time::sleep(DRIFT_INTERVAL).await;
    let mark = bed.manners().mark().await?;
    let audit = report::length(&bed.audit_log);
    tokio::time::sleep(DRIFT_INTERVAL).await;
    let calls: Vec<Call> =
        bed.manners().calls(&Filter::account(ACCOUNT).service("lambda").not_by_tests().since(mark)).await?;
    let user = format!("system:serviceaccount:{NAMESPACE}:");
    let (leases, writes): (Vec<_>, Vec<_>) = report::kubernetes_writes(&bed.audit_log, audit, &user)?
        .into_iter()
        .partition(|(what, _)| what.ends_with(" leases"));
    let total = |writes: &[(String, usize)]| writes.iter().map(|(_, count)| count).sum::<usize>();
    let checks = calls.iter().filter(|call| call.operation == "GetFunction").count();
    println!("\nidle for one drift interval ({} s, {count} functions)", DRIFT_INTERVAL.as_secs());
    row("AWS calls", &report::operations(&calls));
    row("AWS calls per check (want 1)", &format!("{:.2}", float(calls.len()) / float(checks.max(1))));
    row("checks per function", &format!("{:.2}", float(checks) / float(count)));
    row("Kubernetes writes (want 0)", &format!("{} {writes:?}", total(&writes)));
    row("lease renewals beside", &total(&leases).to_string());
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand calls at most")]
fn float(count: usize) -> f64 {
    count as f64
}

fn row(name: &str, value: &str) {
    println!("  {name:<42} {value}");
}

fn manifest(number: usize) -> Value {
    json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction",
        "metadata": {"name": format!("f{number:04}"), "namespace": FUNCTIONS_NAMESPACE},
        "spec": {
            "role": format!("arn:aws:iam::{ACCOUNT}:role/bench"), "runtime": "python3.13", "handler": "main.handler",
            "codeFrom": {"inline": {"main.py": "def handler(event, context): return 'hi'"}},
        },
    })
}

async fn ready(bed: &Bed) -> Result<usize, Error> {
    let text = bed.kubectl_ok(&["get", "lfn", "-n", FUNCTIONS_NAMESPACE, "-o", "json"], None).await?;
    let list: Value = serde_json::from_str(&text).unwrap_or_default();
    Ok(list["items"].as_array().into_iter().flatten().filter(|object| story::ready(object)).count())
}
