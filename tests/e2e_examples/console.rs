//! The console blocks of the documents: each is what its commands print in the scene that it names. With UPDATE set they are written.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use futures::{StreamExt, stream};
use lambda_operator::api::function_url::LambdaFunctionUrl;
use serde_json::json;
use testbed::{Action, Rule, command};

use crate::needs;
use support::world::{REGION, World};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const MARK: &str = "<!-- console: ";
const BEGIN: &str = "```console";
const END: &str = "```";
/// As wide as the prose around it.
const WIDTH: usize = 100;
/// Worlds at a time.
const AT_A_TIME: usize = 3;

/// A block, and the lines that it has in its document.
struct Block {
    path: PathBuf,
    /// Of the first line after the opening one.
    first: usize,
    scene: String,
    lines: Vec<String>,
}

impl Block {
    fn commands(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| line.strip_prefix("$ "))
    }
}

fn blocks() -> Vec<Block> {
    let docs = std::fs::read_dir(Path::new(ROOT).join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = docs.filter(|path| path.extension().is_some_and(|found| found == "md")).collect();
    paths.sort();
    paths.iter().flat_map(|path| of(path, &std::fs::read_to_string(path).unwrap())).collect()
}

/// The blocks of one document. One without a scene would show what nobody tested.
fn of(path: &Path, text: &str) -> Vec<Block> {
    let mut all = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.trim() == BEGIN) {
        let before = number.checked_sub(1).map_or("", |before| lines[before]);
        let scene = before.strip_prefix(MARK).and_then(|rest| rest.strip_suffix(" -->"));
        let scene = scene.unwrap_or_else(|| panic!("{}:{}: {line} has no scene", path.display(), number + 1));
        let shown = lines[number + 1..].iter().take_while(|line| **line != END).map(|&line| line.to_owned());
        all.push(Block { path: path.to_owned(), first: number + 1, scene: scene.to_owned(), lines: shown.collect() });
    }
    all
}

/// Where the commands of a block run.
struct Shell {
    folder: PathBuf,
    world: World,
}

impl Shell {
    /// With `hello.yaml`, the examples, and a kubectl that knows the cluster and the namespace.
    async fn open() -> Self {
        let world = World::new().await;
        let folder = std::env::temp_dir().join(format!("lambda-operator-console-{}", world.namespace));
        std::fs::create_dir_all(&folder).unwrap();
        let examples = Path::new(ROOT).join("examples");
        std::fs::copy(examples.join("hello.yaml"), folder.join("hello.yaml")).unwrap();
        std::os::unix::fs::symlink(&examples, folder.join("examples")).unwrap();
        let [program, config] = [&world.bed.kubectl, &world.bed.kubeconfig].map(|path| path.display());
        let script =
            format!("#!/bin/sh\nexec '{program}' --kubeconfig '{config}' --namespace {} \"$@\"\n", world.namespace);
        let kubectl = folder.join("kubectl");
        std::fs::write(&kubectl, script).unwrap();
        let executable = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
        std::fs::set_permissions(&kubectl, executable).unwrap();
        Self { folder, world }
    }

    /// What a command prints, with the names that the documents use.
    async fn run(&self, line: &str) -> String {
        let Self { folder, world } = self;
        let paths = [folder.display().to_string(), support::built().display().to_string()].join(":");
        let mut shell = command("/bin/sh");
        shell.args(["-c", line]).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
        shell.env("PATH", format!("{paths}:{}", std::env::var("PATH").unwrap_or_default()));
        shell.env("KUBECACHEDIR", folder.join("cache")).env("KUBECONFIG", &world.bed.kubeconfig);
        shell.env("LAMBDA_OPERATOR_NAMESPACE", &world.namespace).env("LAMBDA_OPERATOR_CLUSTER_NAME", "test");
        shell.env("AWS_ENDPOINT_URL", &world.bed.endpoint).env("AWS_REGION", REGION);
        shell.env("AWS_ACCESS_KEY_ID", &world.account).env("AWS_SECRET_ACCESS_KEY", "test");
        let output = shell.spawn().unwrap().wait_with_output().await.unwrap();
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        text.replace(&world.namespace, "default").replace(&world.account, "123456789012")
    }

    async fn set_up(&self, scene: &str) {
        let Self { folder, world } = self;
        match scene {
            "empty" => {}
            "ready" => self.hello().await,
            "edited" => {
                self.hello().await;
                let path = folder.join("hello.yaml");
                let text = std::fs::read_to_string(&path).unwrap();
                std::fs::write(&path, text.replace("  handler:", "  memorySize: 256\n  handler:")).unwrap();
            }
            "refused" => {
                self.hello().await;
                self.run(r#"kubectl patch lfn hello --type=merge -p '{"spec": {"runtime": "python2.9"}}'"#).await;
                world.stalled("hello", "Rejected").await;
            }
            "not-owned" => {
                needs::ownerless_function(world).await;
                world.apply("legacy", &support::world::spec()).await;
                world.stalled("legacy", "NotOwned").await;
            }
            "terminating" => {
                self.hello().await;
                let account = &world.account;
                let denied = format!(
                    "User: arn:aws:sts::{account}:assumed-role/lambda-operator/session is not authorized to perform: lambda:DeleteFunction on resource: arn:aws:lambda:{REGION}:{account}:function:hello because no identity-based policy allows the lambda:DeleteFunction action"
                );
                let action = Action::error(403, "AccessDeniedException", &denied);
                let rule = Rule::new("denied", action).account(&world.account).operation("DeleteFunction");
                world.manners().add(&rule).await.unwrap();
                self.run("kubectl delete lfn hello --wait=false").await;
                world.stalled("hello", "AccessDenied").await;
            }
            "url-refused" => {
                self.hello().await;
                let account = &world.account;
                let denied = format!(
                    "User: arn:aws:sts::{account}:assumed-role/lambda-operator/session is not authorized to perform: lambda:CreateFunctionUrlConfig on resource: arn:aws:lambda:{REGION}:{account}:function:hello"
                );
                let action = Action::error(403, "AccessDeniedException", &denied);
                let rule = Rule::new("denied", action).account(account).operation("CreateFunctionUrlConfig");
                world.manners().add(&rule).await.unwrap();
                let live = json!({"functionRef": {"name": "hello"}, "functionVersion": "$LATEST"});
                world.aliases().settle("live", &live).await;
                let web = json!({"aliasRef": {"name": "live"}, "authorizationType": "AWS_IAM"});
                let urls = world.of::<LambdaFunctionUrl>();
                urls.apply("web", &web).await;
                urls.says("web", "Stalled", "AccessDenied").await;
            }
            "alias-waits" => {
                let alias = json!({
                    "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaAlias", "metadata": {"name": "live"},
                    "spec": {"functionRef": {"name": "checkout"}, "functionVersionFrom": "Published"},
                });
                let apply = ["apply", "--namespace", &world.namespace, "-f", "-"];
                world.bed.kubectl_ok(&apply, Some(&alias.to_string())).await.unwrap();
                self.run("kubectl wait --for=condition=Reconciling lalias/live --timeout=60s").await;
            }
            other => panic!("there is no scene {other}: add it to tests/e2e_examples/console.rs"),
        }
    }

    async fn hello(&self) {
        self.run("kubectl apply -f hello.yaml").await;
        self.world.ready("hello").await;
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The commands of a block, each with what it prints.
async fn played(block: &Block) -> Vec<String> {
    let shell = Shell::open().await;
    shell.set_up(&block.scene).await;
    let mut lines = Vec::new();
    for command in block.commands() {
        lines.push(format!("$ {command}"));
        lines.extend(shown(&shell.run(command).await));
    }
    lines
}

/// Ages are the only times that these commands print. A long line is broken as a terminal breaks it, but between words.
fn shown(output: &str) -> Vec<String> {
    let aged = output.lines().next().is_some_and(|head| head.ends_with("AGE"));
    let age = |line: &str| line.rsplit_once(' ').map_or_else(|| line.to_owned(), |(rest, _)| format!("{rest} 12s"));
    let rows = output.lines().enumerate();
    let lines = rows.map(|(number, line)| if aged && number > 0 { age(line) } else { line.to_owned() });
    lines.flat_map(|line| if aged { vec![line] } else { folded(&line) }).collect()
}

fn folded(line: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for word in line.split_inclusive(' ') {
        let full = |last: &String| !last.is_empty() && last.chars().count() + word.trim_end().chars().count() > WIDTH;
        if all.last().is_some_and(full) {
            all.push(String::new());
        }
        all.last_mut().unwrap().push_str(word);
    }
    all.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Puts the lines of the blocks of one document in the place of those that it has.
fn rewritten(text: &str, blocks: &[(&Block, &[String])]) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    // From the end, so that the numbers of earlier blocks hold.
    for (block, new) in blocks.iter().rev() {
        drop(lines.splice(block.first..block.first + block.lines.len(), new.iter().map(String::as_str)));
    }
    lines.join("\n") + "\n"
}

#[tokio::test]
async fn every_console_block_is_what_its_commands_print() {
    let blocks = blocks();
    assert!(blocks.len() > 5, "only {} blocks were found", blocks.len());
    let played: Vec<_> = stream::iter(&blocks).map(played).buffered(AT_A_TIME).collect().await;
    let all: Vec<(&Block, &[String])> = blocks.iter().zip(played.iter().map(Vec::as_slice)).collect();
    if std::env::var_os("UPDATE").is_some() {
        for document in all.chunk_by(|(one, _), (other, _)| one.path == other.path) {
            let path = &document[0].0.path;
            let text = std::fs::read_to_string(path).unwrap();
            std::fs::write(path, rewritten(&text, document)).unwrap();
        }
        return;
    }
    let mut wrong = String::new();
    for (block, new) in all.iter().filter(|(block, new)| block.lines != *new) {
        let place = format!("{}:{}", block.path.strip_prefix(ROOT).unwrap().display(), block.first + 1);
        writeln!(wrong, "{place} is out of date, run `make generate`; its commands print\n{}", new.join("\n")).unwrap();
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_console_block_is_found_shown_and_rewritten() {
    let text = "Text\n<!-- console: ready -->\n```console\n$ kubectl get lfn\nold\n```\nmore\n";
    let blocks = of(Path::new("x.md"), text);
    assert_eq!((blocks.len(), blocks[0].scene.as_str(), blocks[0].first), (1, "ready", 3));
    assert_eq!(blocks[0].commands().collect::<Vec<_>>(), ["kubectl get lfn"]);
    let new = shown("NAME    AGE\nhello   3m20s\n");
    assert_eq!(new, ["NAME    AGE", "hello   12s"]);
    let lines = [vec!["$ kubectl get lfn".to_owned()], new].concat();
    let expected = text.replace("old", "NAME    AGE\nhello   12s");
    assert_eq!(rewritten(text, &[(&blocks[0], lines.as_slice())]), expected);
    assert_eq!(folded(&"word ".repeat(25)).len(), 2, "a hundred columns hold twenty of them");
}
