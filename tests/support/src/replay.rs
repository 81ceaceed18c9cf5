//! Replays AWS's recorded answers: a small server gives them in their order, and the real client looks at each. Loopback only.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use std::{env, thread};

use lambda_operator::api::function::spec::LambdaFunction;
use lambda_operator::aws::client::budget::{Holder, Rates};
use lambda_operator::aws::client::{Clients, Gate, Identity, Meter, Settings};
use lambda_operator::aws::lambda::remote::Remote;
use lambda_operator::core::error::CallError;
use lambda_operator::core::kind::Aws;
use lambda_operator::core::operation::Operation;
use lambda_operator::core::target::Target;
use lambda_operator::core::withheld::Withheld;
use lambda_operator::kinds::function::observed::Observed;
use lambda_operator::kinds::function::observed::query::Query;
use serde_json::Value;

/// Real answers of AWS, one a line; tests/data/README.md names where they are from.
pub const ANSWERS: &str = include_str!("../../data/aws-recorded-answers.jsonl");

/// AWS's endpoint comes from the environment, which a process can only be started with: a test starts itself again.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";
const INSIDE: &str = "RECORDED_ANSWERS_ARE_SERVED";

/// Runs `check` with what the client makes of each answer. The calling test is named by `test`.
pub fn replay(test: &str, answers: Vec<Value>, check: impl FnMut(usize, Target, Observed)) {
    if env::var_os(INSIDE).is_some() {
        return look_at_each(&answers, check);
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        listener.incoming().zip(answers).for_each(|(stream, answer)| respond(stream.unwrap(), &answer));
    });
    let again = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env_clear()
        .env(INSIDE, "yes")
        .env(ENDPOINT, endpoint)
        .envs([("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
        .output()
        .unwrap();
    let said = [again.stdout, again.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).join("\n");
    assert!(again.status.success() && said.contains("1 passed"), "{said}");
}

fn respond(mut stream: TcpStream, answer: &Value) {
    let head = BufReader::new(&stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty());
    assert!(head.count() > 1, "a request has headers");
    let body = answer.to_string();
    let length = body.len();
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .unwrap();
}

struct Silent;

impl Gate for Silent {
    fn is_open(&self) -> bool {
        true
    }
}

impl Meter for Silent {
    fn called(&self, _: Operation, _: &str, _: Duration) {}
}

#[tokio::main(flavor = "current_thread")]
async fn look_at_each(answers: &[Value], mut check: impl FnMut(usize, Target, Observed)) {
    let settings = Settings { rates: Rates { reads: 100.0, writes: 15.0 } };
    let clients = Clients::load(settings, Arc::new(Silent), Arc::new(Silent)).await.unwrap();
    let caller = clients.caller(&Identity::default()).await;
    for (number, answer) in answers.iter().enumerate() {
        let name = answer["Configuration"]["FunctionName"].as_str().unwrap().to_owned();
        let target = Target { account: "123456789012".into(), region: "us-east-1".into(), name };
        let holder = Holder { namespace: "test".into(), object: "test".into() };
        let observed = look(&clients.remote(&caller, target.clone(), holder, Withheld::nothing())).await;
        check(number, target, observed);
    }
}

async fn look(function: &Remote) -> Observed {
    loop {
        match Aws::<LambdaFunction>::observe(function, &Query::default()).await {
            Ok(observed) => return observed.unwrap(),
            Err(CallError::Postponed(due)) => tokio::time::sleep(due).await,
            Err(CallError::Failed(error)) => panic!("{error}"),
        }
    }
}
