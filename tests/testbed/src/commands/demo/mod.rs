//! `testbed demo`: the stories of one function, from apply to deleted, and of an application around another.

mod application;
mod function;

use std::process::ExitCode;

use testbed::{ACCOUNT, Bed, Error, Filter, Operator, Options, REGION, Running, last_lines};

use crate::commands::arguments::Product;
use crate::commands::story::Story;
use crate::commands::{report, up};

/// Starts everything, tells the story, stops everything.
pub(crate) async fn demo(
    options: &Options,
    product: &Product,
    stop: impl Future<Output = ()>,
) -> Result<ExitCode, Error> {
    tokio::pin!(stop);
    let mut story = Story::begin();
    let told = async {
        let running = Running::start(options).await?;
        story.tell("a real kube-apiserver (RBAC on), etcd, and an AWS emulator with AWS's manners are up");
        let args = ["--cluster-name", "demo", "--drift-interval", "3s"];
        let mut operator = up::start_operator(&running.bed, product, &args).await?;
        story.tell("the chart is installed, the operator runs with exactly the rights that it grants");
        let result = tell(&running.bed, &mut story).await;
        if let Err(error) = result {
            return Err(blame(error, &mut operator));
        }
        operator.terminate().await.map(drop)
    };
    tokio::select! {
        told = told => told?,
        () = &mut stop => return Ok(ExitCode::FAILURE),
    }
    println!("\nEvery step held, in {:.1} s.", story.total().as_secs_f32());
    Ok(ExitCode::SUCCESS)
}

/// A failed step, with what the operator said about it.
fn blame(error: Error, operator: &mut Operator) -> Error {
    eprintln!("the operator's last lines:\n{}\n", last_lines(&operator.log(), 25));
    // if it is dead, that is the news
    operator.check().err().unwrap_or(error)
}

async fn tell(bed: &Bed, story: &mut Story) -> Result<(), Error> {
    let aws = bed.aws(ACCOUNT, REGION);
    function::tell(bed, &aws, story).await?;
    println!();
    application::tell(bed, &aws, story).await?;
    let calls = bed.manners().calls(&Filter::account(ACCOUNT).not_by_tests()).await?;
    println!("\nAWS calls of the operator: {}", report::operations(&calls));
    Ok(())
}
