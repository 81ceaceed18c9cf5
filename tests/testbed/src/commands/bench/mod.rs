//! `testbed bench`: many functions, then many families, at once under AWS's quotas and latency; and the cost of doing nothing.

mod load;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::{
    ACCOUNT, Bed, Call, Error, Filter, NAMESPACE, Operator, Options, REGION, Running, by_operation, last_lines, poll,
};

use self::load::{FAMILIES, FUNCTIONS, Load, QUEUE};
use crate::commands::arguments::Product;
use crate::commands::{report, story, up};

/// AWS's quotas in calls a second, and the calls that count against each.
const QUOTAS: [(&str, f64); 3] = [("GetFunction", 100.0), ("GetPolicy", 15.0), ("all other calls", 15.0)];

/// The quota of writes.
const WRITES_PER_SECOND: f64 = 15.0;

/// The most of a quota that idle checks take: a thousand families every ten minutes, which are as many checks a second as the families here.
const MOST_OF_A_QUOTA: f64 = 0.25;

/// Measures and prints, each load on a bed of its own. It fails if idle checks cost more than is promised.
pub(crate) async fn bench(
    options: &Options,
    product: &Product,
    [functions, families]: [usize; 2],
    stop: impl Future<Output = ()>,
) -> Result<ExitCode, Error> {
    tokio::pin!(stop);
    let work = async {
        let mut kept = true;
        for (load, count) in [(FUNCTIONS, functions), (FAMILIES, families)] {
            if count > 0 {
                kept &= run(options, product, &load, count).await?;
            }
        }
        Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    };
    tokio::select! {
        done = work => done,
        () = &mut stop => Ok(ExitCode::FAILURE),
    }
}

async fn run(options: &Options, product: &Product, load: &Load, count: usize) -> Result<bool, Error> {
    let running = Running::start(options).await?;
    let interval = format!("{}s", load.drift_interval.as_secs());
    let args = ["--cluster-name", "bench", "--drift-interval", &interval];
    let mut operator = up::start_operator(&running.bed, product, &args).await?;
    let kept = match measure(&running.bed, &mut operator, load, count).await {
        Ok(kept) => kept,
        Err(error) => {
            eprintln!("the operator's last lines:\n{}\n", last_lines(&operator.log(), 25));
            return Err(operator.check().err().unwrap_or(error));
        }
    };
    operator.terminate().await?;
    Ok(kept)
}

async fn measure(bed: &Bed, operator: &mut Operator, load: &Load, count: usize) -> Result<bool, Error> {
    create(bed, operator, load, count).await?;
    idle(bed, load, count).await
}

async fn create(bed: &Bed, operator: &mut Operator, load: &Load, count: usize) -> Result<(), Error> {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": load::NAMESPACE}});
    bed.apply(&namespace.to_string()).await?;
    bed.aws(ACCOUNT, REGION).create_queue(QUEUE).await?;
    let manifests = (0..count).flat_map(|number| (load.manifests)(&format!("f{number:04}")));
    let manifests: Vec<String> = manifests.map(|manifest| manifest.to_string()).collect();
    let started = Instant::now();
    bed.apply(&manifests.join("\n---\n")).await?;
    let applied = started.elapsed();
    let wanted = count * load.objects;
    poll("all objects to be Ready", Duration::from_secs(1200), async || {
        operator.check()?;
        let ready = ready(bed, load).await?;
        Ok(if ready == wanted { Ok(()) } else { Err(format!("{ready} of {wanted} Ready")) })
    })
    .await?;
    let seconds = started.elapsed().as_secs_f64();
    let floor = float(count * load.writes) / WRITES_PER_SECOND;
    let calls = bed.manners().calls(&Filter::account(ACCOUNT).service("lambda").not_by_tests()).await?;
    let Load { units, writes, .. } = load;
    println!("\n{count} {units} created");
    row("applied by kubectl after", &format!("{:.1} s", applied.as_secs_f64()));
    row("all Ready after", &format!("{seconds:.1} s"));
    row(&format!("floor ({writes} writes each, 15 writes/s)"), &format!("{floor:.1} s"));
    row("ratio", &format!("{:.2}", seconds / floor));
    for (operation, calls) in by_operation(&calls) {
        row(&format!("{operation} for each"), &format!("{:.2}", float(calls) / float(count)));
    }
    row("answered 429", &format!("{} of {} calls", report::throttled(&calls), calls.len()));
    row(
        "memory of the operator",
        &operator.rss_kib().map_or("unknown".to_owned(), |kib| format!("{} MiB", kib / 1024)),
    );
    Ok(())
}

/// One whole drift interval, after one to come to rest; `false` if it cost more than is promised.
async fn idle(bed: &Bed, load: &Load, count: usize) -> Result<bool, Error> {
    let Load { units, drift_interval, calls_per_check, .. } = load;
    tokio::time::sleep(*drift_interval).await;
    let mark = bed.manners().mark().await?;
    let audit = report::length(&bed.audit_log);
    tokio::time::sleep(*drift_interval).await;
    let calls: Vec<Call> =
        bed.manners().calls(&Filter::account(ACCOUNT).service("lambda").not_by_tests().since(mark)).await?;
    let user = format!("system:serviceaccount:{NAMESPACE}:");
    let (leases, writes): (Vec<_>, Vec<_>) = report::kubernetes_writes(&bed.audit_log, audit, &user)?
        .into_iter()
        .partition(|(what, _)| what.ends_with(" leases"));
    let total = |writes: &[(String, usize)]| writes.iter().map(|(_, count)| count).sum::<usize>();
    let of = |operation: &str| calls.iter().filter(|call| call.operation == operation).count();
    let (checks, policies) = (of("GetFunction"), of("GetPolicy"));
    println!("\nidle for one drift interval ({} s, {count} {units})", drift_interval.as_secs());
    row("AWS calls", &report::operations(&calls));
    let per_check = float(calls.len()) / float(checks.max(1));
    row(&format!("AWS calls per check (want {calls_per_check})"), &format!("{per_check:.2}"));
    row("checks for each", &format!("{:.2}", float(checks) / float(count)));
    let mut most: f64 = 0.0;
    for ((name, quota), calls) in QUOTAS.into_iter().zip([checks, policies, calls.len() - checks - policies]) {
        let share = float(calls) / drift_interval.as_secs_f64() / quota;
        row(&format!("share of the quota, {name}"), &format!("{:.1} %", share * 100.0));
        most = most.max(share);
    }
    row("Kubernetes writes (want 0)", &format!("{} {writes:?}", total(&writes)));
    row("lease renewals beside", &total(&leases).to_string());
    let promises = [
        ("too many AWS calls per check", per_check <= *calls_per_check),
        ("more than a quarter of a quota", most <= MOST_OF_A_QUOTA),
        ("Kubernetes writes", writes.is_empty()),
    ];
    let broken: Vec<_> = promises.into_iter().filter(|(_, kept)| !kept).map(|(promise, _)| promise).collect();
    if !broken.is_empty() {
        eprintln!("broken promises: {}", broken.join(", "));
    }
    Ok(broken.is_empty())
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand calls at most")]
fn float(count: usize) -> f64 {
    count as f64
}

fn row(name: &str, value: &str) {
    println!("  {name:<42} {value}");
}

/// The number of objects that are Ready.
async fn ready(bed: &Bed, load: &Load) -> Result<usize, Error> {
    let text = bed.kubectl_ok(&["get", load.kinds, "-n", load::NAMESPACE, "-o", "json"], None).await?;
    let list: Value = serde_json::from_str(&text).unwrap_or_default();
    Ok(list["items"].as_array().into_iter().flatten().filter(|object| story::ready(object)).count())
}
