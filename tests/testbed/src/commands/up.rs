//! `testbed up`: the playground, until Ctrl-C.

use std::process::ExitCode;
use std::time::Instant;

use testbed::{ACCOUNT, Bed, Error, NAMESPACE, Operator, OperatorOptions, Options, REGION, Running};

use super::arguments::Product;

/// Starts everything and stays.
pub(crate) async fn up(
    options: &Options,
    product: &Product,
    with_operator: bool,
    stop: impl Future<Output = ()>,
) -> Result<ExitCode, Error> {
    tokio::pin!(stop);
    let started = Instant::now();
    let start = async {
        let running = Running::start(options).await?;
        let operator = if with_operator {
            Some(start_operator(&running.bed, product, &["--cluster-name", "playground"]).await?)
        } else {
            None
        };
        Ok::<_, Error>((running, operator))
    };
    let (mut running, mut operator) = tokio::select! {
        both = start => both?,
        () = &mut stop => return Ok(ExitCode::SUCCESS),
    };
    let mut words: Vec<String> = running
        .environment()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("TESTBED_") && *name != "KUBECACHEDIR")
        .map(|(name, value)| format!("{name}={}", value.to_string_lossy()))
        .collect();
    // Of AWS's SDKs and tools, some read only this name of it.
    words.push(format!("AWS_DEFAULT_REGION={REGION}"));
    words.extend(path(&running.bed));
    println!("export {}", words.join(" "));
    eprintln!("testbed: up after {:.1} s; run the line above in another shell", started.elapsed().as_secs_f32());
    eprintln!("testbed: AWS calls: curl -s {}/_testbed/calls   Ctrl-C ends everything", running.bed.endpoint);
    eprintln!(
        "testbed: make it hostile: {} fault list --endpoint {}",
        std::env::current_exe().unwrap_or_default().display(),
        running.bed.endpoint
    );
    if std::env::var_os("AWS_CA_BUNDLE").is_some() {
        eprintln!("testbed: unset AWS_CA_BUNDLE, with it some AWS SDKs refuse a plain-http endpoint");
    }
    tokio::select! {
        error = running.ended() => Err(error),
        error = operator_ended(operator.as_mut()) => Err(error),
        () = &mut stop => {
            if let Some(operator) = operator {
                operator.terminate().await?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// helm and kubectl for a shell that has none.
fn path(bed: &Bed) -> Option<String> {
    let tools = bed.kubectl.parent()?;
    let known = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).any(|folder| folder == tools);
    (!known).then(|| format!("PATH={}:$PATH", tools.display()))
}

/// Installs the chart and runs the operator, with the rights that the chart gives it.
pub(crate) async fn start_operator(bed: &Bed, product: &Product, more: &[&str]) -> Result<Operator, Error> {
    let kubeconfig = bed.install_by_helm(&product.chart).await?;
    let binary = product.operator.clone();
    // a lease in the chart's namespace, where its rights are
    let args = ["--lease-namespace", NAMESPACE].iter().chain(more).map(|word| (*word).to_owned()).collect();
    let options = OperatorOptions { binary, kubeconfig, account: ACCOUNT.to_owned(), region: REGION.to_owned(), args };
    Operator::start(bed, options).await
}

async fn operator_ended(operator: Option<&mut Operator>) -> Error {
    match operator {
        Some(operator) => operator.ended().await,
        None => std::future::pending().await,
    }
}
