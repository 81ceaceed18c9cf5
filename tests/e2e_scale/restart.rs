//! A restart over very many settled objects: an edit does not queue behind them, memory is small, and at rest nothing is written.

use std::path::Path;
use std::time::{Duration, Instant};

use testbed::{Bed, NAMESPACE, Operator, Options, Running, poll};

use crate::audit::{self, Request};
use crate::crowd::{self, MODEL};
use crate::{alone, is_full, say};
use support::world::{World, options};

/// None of the crowd is looked at while we measure: their functions do not exist.
const ARGUMENTS: [&str; 2] = ["--drift-interval", "1000h"];

/// What the design promises for 10,000 objects: 60 MiB, of which the program itself takes a third. (A build for debugging
/// is a larger program, so the promise is measured by what comes on top.)
const MOST_MIB_EACH: f64 = 40.0 / 10_000.0;
/// What reading them takes, however many they are.
const PAGE_MIB: f64 = 4.0;

/// The chart's Role knows this lease.
const ELECTING: [&str; 3] = ["--leader-elect=true", "--lease-namespace", NAMESPACE];

const PATIENCE: Duration = Duration::from_secs(30);

/// Long enough that whatever came back too often would come.
const REST: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_restart_serves_edits_at_once_in_little_memory() {
    let _alone = alone().await;
    let count: u32 = if is_full() { 10_000 } else { 2_000 };
    let running = Running::start(&Options::default()).await.unwrap();
    let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/lambda-operator");
    let kubeconfig = running.bed.install(&chart).await.unwrap();
    let mut world = World::on(running.bed.clone(), kubeconfig.clone(), &ARGUMENTS).await;
    // The same program as with the crowd.
    world.operator.kill().await;
    world.operator = start(&world.bed, &kubeconfig, &world.account, &world.namespace, &[]).await;
    world.settle(MODEL, &crowd::model(512)).await;
    let alone = mib(world.operator.rss_kib());
    let objects = world.objects();
    world.operator.kill().await;
    let written = Instant::now();
    crowd::gather(&objects, count).await;
    let written = written.elapsed();

    let started = Instant::now();
    world.operator = start(&world.bed, &kubeconfig, &world.account, &world.namespace, &[]).await;
    let ready = started.elapsed();
    let edited = edit(&world, 640).await;
    let (rss, peak) = (mib(world.operator.rss_kib()), mib(world.operator.peak_rss_kib()));
    say(&format!(
        "{count} settled objects (written in {written:.0?}): ready {ready:.1?} after the start, an edit done {edited:.2?} \
         after that; RSS {rss:.1} MiB, at most {peak:.1} MiB, with one object {alone:.1} MiB"
    ));
    assert!(edited < at_most(), "an edit took {edited:?}");
    let most = alone + f64::from(count) * MOST_MIB_EACH + PAGE_MIB;
    assert!(rss <= most, "RSS {rss} MiB, and {most} MiB is promised");

    assert_eq!(world.operator.terminate().await.unwrap().code(), Some(0));
    world.operator = start(&world.bed, &kubeconfig, &world.account, &world.namespace, &ELECTING).await;
    edit(&world, 768).await;
    let requests = at_rest(&world.bed).await;
    let (writes, reads): (Vec<_>, Vec<_>) = requests.into_iter().partition(Request::is_write);
    say(&format!("{count} settled objects at rest for {REST:.0?}: {} writes, {} reads", writes.len(), reads.len()));
    assert!(writes.iter().all(|write| write.resource == "leases"), "{writes:?}");
    assert!(!writes.is_empty(), "the lease is renewed, or nobody counts");
    assert_eq!(reads.len(), 0, "{reads:?}");
}

/// What the design promises; a build for debugging, beside other tests, has to be far from queueing behind the reads of all.
fn at_most() -> Duration {
    Duration::from_secs(if is_full() { 2 } else { 10 })
}

/// The operator of the world, with what the tests on the cluster give it beside.
async fn start(bed: &Bed, kubeconfig: &Path, account: &str, namespace: &str, more: &[&str]) -> Operator {
    let arguments = [&["--watch-namespace", namespace], &ARGUMENTS[..], more].concat();
    let mut options = options(kubeconfig.to_owned(), account, &arguments);
    if let Some(other) = std::env::var_os("SCALE_OPERATOR") {
        options.binary = other.into();
    }
    // A line for each object would be measured too.
    let level = options.args.iter().position(|argument| argument.contains("lambda_operator=debug")).unwrap();
    options.args[level] = "info".into();
    Operator::start(bed, options).await.unwrap()
}

/// How long it takes until an edit of the one real function is done in AWS.
async fn edit(world: &World, memory: i32) -> Duration {
    let started = Instant::now();
    world.apply(MODEL, &crowd::model(memory)).await;
    world.function_until(MODEL, |answer| answer["Configuration"]["MemorySize"] == memory).await;
    started.elapsed()
}

/// What the operator asks for while there is nothing to do.
async fn at_rest(bed: &Bed) -> Vec<Request> {
    let quiet = poll("the operator to be at rest", PATIENCE, async || {
        let since = audit::end(&bed.audit_log);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let busy = audit::requests(&bed.audit_log, since).into_iter().filter(|one| one.resource != "leases").count();
        Ok(if busy == 0 { Ok(()) } else { Err(format!("{busy} requests in a second")) })
    });
    quiet.await.unwrap();
    let since = audit::end(&bed.audit_log);
    tokio::time::sleep(REST).await;
    audit::requests(&bed.audit_log, since)
}

fn mib(kib: Option<u64>) -> f64 {
    let kib = kib.unwrap_or_else(|| panic!("/proc has no VmRSS: this test measures memory and needs Linux"));
    f64::from(u32::try_from(kib).unwrap()) / 1024.0
}
