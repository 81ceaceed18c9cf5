//! A proxy as companies have them, which writes down what it can read; and the ways of the operator around and through it.

use std::net::Ipv4Addr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use serde_json::{Value, json};
use testbed::{Bed, Operator, command, poll};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::agent::{Agent, TOKEN};
use support::world::{REGION, World, installed, options, spec, writes};

/// A name that only the proxy resolves: to this machine.
const HOST: &str = "behind-the-proxy.test";

/// The proxy, serving until its test ends.
struct Proxy {
    url: String,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Vec<u8>>>::default();
        let written = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let written = Arc::clone(&written);
                // A connection that ends is no fault of the proxy.
                tokio::spawn(async move { pass(client, &written).await.ok() });
            }
        });
        Self { url, seen }
    }

    /// All that clients have sent, as far as a proxy can read it.
    fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).into_owned()
    }

    /// For every kind of request, whatever the environment of this test excludes.
    fn environment(&self) -> Vec<(&str, &str)> {
        let named = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
        let named = named.into_iter().map(|name| (name, self.url.as_str()));
        named.chain([("NO_PROXY", ""), ("no_proxy", "")]).collect()
    }
}

/// One connection, to the port that its first line names.
async fn pass(mut client: TcpStream, seen: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    seen.lock().unwrap().extend(&head);
    let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
    let tunnel = line.starts_with("CONNECT ");
    let address = line.split(' ').nth(1).unwrap_or_default();
    let authority = address.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let port = authority.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).unwrap_or(80);
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    if tunnel {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    } else {
        server.write_all(&head).await?;
    }
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (client.split(), server.split());
    let up = async {
        let mut bytes = [0; 4096];
        loop {
            let count = from_client.read(&mut bytes).await?;
            if count == 0 {
                return to_server.shutdown().await;
            }
            seen.lock().unwrap().extend(&bytes[..count]);
            to_server.write_all(&bytes[..count]).await?;
        }
    };
    tokio::try_join!(up, tokio::io::copy(&mut from_server, &mut to_client)).map(drop)
}

/// The bed's AWS under a name that leads through the proxy.
fn through(endpoint: &str) -> String {
    endpoint.replace("127.0.0.1", HOST)
}

#[tokio::test]
async fn a_proxy_sees_the_calls_to_aws_and_never_the_token_of_the_pod() {
    let bed = Bed::from_env().unwrap();
    let kubeconfig = installed(&bed).await;
    let proxy = Proxy::start().await;
    let account = "310000000001";
    let keys = json!({"AccessKeyId": account, "SecretAccessKey": "test", "Token": "session-token"});
    let agent = Agent::start(keys).await;
    let file = kubeconfig.with_file_name("proxied.token");
    std::fs::write(&file, TOKEN).unwrap();
    let endpoint = through(&bed.endpoint);
    let namespace = "proxied";
    bed.kubectl_ok(&["create", "namespace", namespace], None).await.unwrap();
    for uri in [agent.uri.clone(), agent.uri.replace("127.0.0.1", "localhost")] {
        let own = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri.as_str()),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.to_str().unwrap()),
            ("AWS_REGION", REGION),
        ];
        let environment = [proxy.environment(), own.to_vec()].concat();
        let options = options(kubeconfig.clone(), "", &["--watch-namespace", namespace]);
        let before = agent.gave();
        let mut operator = Operator::start_as(&bed, &options, &environment).unwrap();
        operator.wait_until_ready(Duration::from_secs(30)).await.unwrap();
        assert!(agent.gave() > before, "the agent was asked directly, at {uri}");
        let world = World::around(bed.clone(), account, namespace, operator).await;
        world.settle("hello", &spec()).await;
        assert_eq!(writes(&world.calls().await), ["CreateFunction"]);
    }
    let seen = proxy.seen();
    assert!(seen.contains(&format!("POST {endpoint}/")), "AWS is reached through the proxy: {seen}");
    assert!(!seen.contains(TOKEN) && !seen.contains("/v1/credentials"), "{seen}");
}

/// The kubeconfig of the bed, with changes of its cluster.
fn kubeconfig(bed: &Bed, name: &str, change: impl FnOnce(&mut Value)) -> std::path::PathBuf {
    let mut config: Value = serde_json::from_str(&std::fs::read_to_string(&bed.kubeconfig).unwrap()).unwrap();
    change(&mut config["clusters"][0]["cluster"]);
    let path = bed.kubeconfig.with_file_name(name);
    std::fs::write(&path, config.to_string()).unwrap();
    path
}

/// What `plan` says of a function, with this kubeconfig and environment.
async fn plan(bed: &Bed, kubeconfig: &std::path::Path, environment: &[(&str, &str)]) -> String {
    let mut program = command(support::built().join("lambda-operator"));
    program.args(["plan", "-f", "-", "--namespace", "default"]).env("KUBECONFIG", kubeconfig);
    program.env("AWS_ACCESS_KEY_ID", "310000000002").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_REGION", REGION);
    program.env("AWS_ENDPOINT_URL", &bed.endpoint).envs(environment.iter().copied());
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().unwrap();
    let object = json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction", "metadata": {"name": "hello"}, "spec": spec(),
    });
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(object.to_string().as_bytes()).await.unwrap();
    drop(pipe);
    let output = child.wait_with_output().await.unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn an_api_server_behind_a_proxy_is_reached_as_kubectl_reaches_it() {
    let bed = Bed::from_env().unwrap();
    let crds = bed.kubectl_ok(&["kustomize", concat!(env!("CARGO_MANIFEST_DIR"), "/crds")], None).await.unwrap();
    bed.apply(&crds).await.unwrap();
    let proxy = Proxy::start().await;
    let renamed = |cluster: &mut Value| {
        cluster["server"] = json!(through(cluster["server"].as_str().unwrap()));
        cluster["tls-server-name"] = json!("localhost");
    };
    let behind = kubeconfig(&bed, "behind.kubeconfig", renamed);
    let asked_nobody = "the plan does not use a cluster";
    let told = plan(&bed, &behind, &proxy.environment()).await;
    assert!(told.contains("hello") && !told.contains(asked_nobody), "{told}");
    assert!(proxy.seen().contains(&format!("CONNECT {HOST}:")), "{}", proxy.seen());

    let excluded = [proxy.environment(), vec![("NO_PROXY", HOST), ("no_proxy", HOST)]].concat();
    let told = plan(&bed, &behind, &excluded).await;
    assert!(told.contains(asked_nobody), "the name leads nowhere without the proxy: {told}");

    let named = kubeconfig(&bed, "named.kubeconfig", |cluster| {
        renamed(cluster);
        cluster["proxy-url"] = json!(proxy.url);
    });
    let told = plan(&bed, &named, &[]).await;
    assert!(told.contains("hello") && !told.contains(asked_nobody), "{told}");

    let before = proxy.seen().len();
    let told = plan(&bed, &bed.kubeconfig, &proxy.environment()).await;
    assert!(told.contains("hello") && !told.contains(asked_nobody), "{told}");
    assert_eq!(proxy.seen().len(), before, "neither AWS nor an API server of this machine is behind the proxy");
}

/// The API server of the bed answers for AWS: its certificate is of an authority that nobody else trusts.
#[tokio::test]
async fn authorities_of_a_bundle_are_trusted_for_aws() {
    let bed = Bed::from_env().unwrap();
    let config: Value = serde_json::from_str(&std::fs::read_to_string(&bed.kubeconfig).unwrap()).unwrap();
    let cluster = &config["clusters"][0]["cluster"];
    let server = cluster["server"].as_str().unwrap();
    let authority = cluster["certificate-authority-data"].as_str().unwrap();
    let bundle = bed.kubeconfig.with_file_name("bundle.pem");
    std::fs::write(&bundle, base64::engine::general_purpose::STANDARD.decode(authority).unwrap()).unwrap();
    let kubeconfig = installed(&bed).await;
    let start = |more: &[(&str, &str)]| {
        let keys = [("AWS_ACCESS_KEY_ID", "310000000003"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", REGION)];
        let environment = [&keys[..], &[("AWS_ENDPOINT_URL", server)], more].concat();
        Operator::start_as(&bed, &options(kubeconfig.clone(), "", &["--watch-namespace", "default"]), &environment)
            .unwrap()
    };
    let says = async |operator: &Operator, words: &str| {
        let said = poll(words, Duration::from_secs(30), async || {
            let log = operator.log();
            Ok(if log.contains(words) { Ok(()) } else { Err(log) })
        });
        said.await.unwrap();
    };
    says(&start(&[]), "UnknownIssuer").await;
    let trusting = start(&[("AWS_CA_BUNDLE", bundle.to_str().unwrap())]);
    says(&trusting, "HTTP status 40").await;
    assert!(!trusting.log().contains("UnknownIssuer"), "{}", trusting.log());
    let mut refusing = start(&[("AWS_CA_BUNDLE", "/nowhere/ca.pem")]);
    assert!(refusing.ended().await.to_string().contains("AWS_CA_BUNDLE is /nowhere/ca.pem"));
}
