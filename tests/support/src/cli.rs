//! Our program as somebody runs it on the command line.

use std::path::Path;

use testbed::command;
use tokio::io::AsyncWriteExt;

use crate::world::{REGION, World};

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Our program as somebody runs it, with this kubeconfig.
pub async fn cli_with(world: &World, kubeconfig: &Path, arguments: &[&str], stdin: &str) -> Ran {
    let mut program = command(crate::built().join("lambda-operator"));
    program.args(arguments).env("KUBECONFIG", kubeconfig).env("AWS_ENDPOINT_URL", &world.bed.endpoint);
    program.env("AWS_ACCESS_KEY_ID", &world.account).env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_REGION", REGION);
    program.stdin(std::process::Stdio::piped());
    program.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = program.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    // A program that reads nothing has ended by now.
    let _ = pipe.write_all(stdin.as_bytes()).await;
    drop(pipe);
    let output = child.wait_with_output().await.unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    Ran { code: output.status.code(), stdout, stderr }
}

pub async fn cli(world: &World, arguments: &[&str], stdin: &str) -> Ran {
    cli_with(world, &world.bed.kubeconfig, arguments, stdin).await
}

/// A manifest of these functions.
pub async fn imported(world: &World, arguments: &[&str]) -> String {
    let arguments = [&["import", "--namespace", &world.namespace], arguments].concat();
    let ran = cli(world, &arguments, "").await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.stdout
}

pub async fn plan(world: &World, manifest: &str) -> Ran {
    cli(world, &["plan", "-f", "-", "--cluster-name", "test", "--namespace", &world.namespace], manifest).await
}
