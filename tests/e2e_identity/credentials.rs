//! IRSA, EKS Pod Identity, a profile that assumes a role, and keys: each alone in the operator's environment, in front of
//! an AWS that checks signatures, trust and policies.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use testbed::{Bed, Operator, Options, Running};

use crate::agent::{Agent, TOKEN};
use crate::iam;
use support::world::{REGION, World, options, spec_with, status, writes};

const ISSUER: &str = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF";

/// What is the same for all ways.
struct Setting {
    bed: Bed,
    kubeconfig: PathBuf,
    /// Where tokens and profiles are written; removed with the bed.
    folder: PathBuf,
}

/// One way to credentials, and whose they are.
struct Way<'a> {
    namespace: &'static str,
    account: &'static str,
    environment: Vec<(&'a str, String)>,
    /// What status says.
    identity: &'static str,
}

impl Setting {
    async fn new(running: &Running) -> Self {
        let bed = running.bed.clone();
        let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/lambda-operator");
        let kubeconfig = bed.install(&chart).await.unwrap();
        let folder = kubeconfig.parent().unwrap().to_owned();
        Self { bed, kubeconfig, folder }
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn start(&self, way: &Way<'_>) -> Operator {
        let environment: Vec<_> = way.environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let options = options(self.kubeconfig.clone(), "", &["--watch-namespace", way.namespace]);
        Operator::start_as(&self.bed, &options, &environment).unwrap()
    }

    /// An operator with this identity, in a namespace of its own.
    async fn world(&self, way: &Way<'_>) -> World {
        self.bed.kubectl_ok(&["create", "namespace", way.namespace], None).await.unwrap();
        let mut operator = self.start(way);
        operator.wait_until_ready(Duration::from_secs(30)).await.unwrap();
        World::around(self.bed.clone(), way.account, way.namespace, operator).await
    }

    /// Makes a function as this identity, and looks at it as another session of it.
    async fn makes_a_function(&self, way: Way<'_>) {
        let mut world = self.world(&way).await;
        let role = iam::execution_role(&world.aws).await;
        let object = world.settle("hello", &spec_with(&json!({"role": role}))).await;
        assert_eq!(status(&object).common.identity.as_deref(), Some(way.identity));
        assert_eq!(status(&object).common.account.as_deref(), Some(way.account));
        assert!(world.function("hello").await.is_some());
        assert_eq!(writes(&world.calls().await), ["CreateFunction"]);
        let log = world.operator.log();
        let known = log.lines().find(|line| line.contains("AWS identity found")).unwrap_or_default();
        assert!(known.contains(way.account) && known.contains("arn:aws:"), "{log}");

        let mut again = self.start(&way);
        again.wait_until_ready(Duration::from_secs(30)).await.unwrap();
        std::mem::replace(&mut world.operator, again).kill().await;
        let mut again = world.looked("hello").await.status;
        // The look was asked for, and that is told.
        again.as_mut().unwrap().common.last_handled_reconcile_at = None;
        assert_eq!(again, object.status, "another session is no news");
    }
}

/// A token as the API server gives it to a pod; AWS reads it, and here nobody checks who signed it.
fn token(subject: &str) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"iss": format!("https://{ISSUER}"), "sub": subject, "aud": "sts.amazonaws.com", "exp": 4_000_000_000_u64});
    format!("{}.{}.{}", part(json!({"alg": "RS256"})), part(claims), URL_SAFE_NO_PAD.encode("signature"))
}

fn federated(account: &str, subject: &str) -> Value {
    json!({
        "Principal": {"Federated": format!("arn:aws:iam::{account}:oidc-provider/{ISSUER}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {format!("{ISSUER}:sub"): subject}},
    })
}

const SUBJECT: &str = "system:serviceaccount:lambda-operator-system:lambda-operator";

#[tokio::test]
async fn every_credential_source_creates_a_function() {
    let running = Running::start(&Options { signatures: true, ..Options::default() }).await.unwrap();
    let setting = Setting::new(&running).await;
    tokio::join!(
        irsa(&setting),
        pod_identity(&setting),
        a_profile(&setting),
        keys(&setting),
        a_token_is_read_again(&setting),
        a_wrong_secret_is_refused(&setting),
    );
}

/// IRSA: a token of the API server, for a role.
async fn irsa(setting: &Setting) {
    let aws = setting.bed.aws("100000000001", REGION);
    let role = iam::role(&aws, "web", &federated(aws.account(), SUBJECT)).await;
    let file = setting.write("web.token", &token(SUBJECT));
    let way = Way {
        namespace: "web",
        account: "100000000001",
        environment: vec![
            ("AWS_ROLE_ARN", role),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", file),
            ("AWS_REGION", REGION.to_owned()),
        ],
        identity: "arn:aws:iam::100000000001:role/web",
    };
    setting.makes_a_function(way).await;
}

/// EKS Pod Identity: an agent beside the pod.
async fn pod_identity(setting: &Setting) {
    let aws = setting.bed.aws("100000000002", REGION);
    let role = iam::role(&aws, "pod", &iam::account(aws.account())).await;
    let agent = Agent::start(iam::session(&aws, &role, "eks-cluster-pod-1").await).await;
    let file = setting.write("pod.token", TOKEN);
    let environment = vec![
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.uri.clone()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file),
        ("AWS_REGION", REGION.to_owned()),
    ];
    let identity = "arn:aws:iam::100000000002:role/pod";
    setting.makes_a_function(Way { namespace: "pod", account: "100000000002", environment, identity }).await;
    assert!(agent.gave() >= 2, "once for each process");
}

/// A profile whose role another profile assumes.
async fn a_profile(setting: &Setting) {
    let aws = setting.bed.aws("100000000003", REGION);
    let role = iam::role(&aws, "profile", &iam::account(aws.account())).await;
    let config = format!("[profile operator]\nrole_arn = {role}\nsource_profile = base\nregion = {REGION}\n");
    let keys = "[base]\naws_access_key_id = 100000000003\naws_secret_access_key = test\n";
    let environment = vec![
        ("AWS_PROFILE", "operator".to_owned()),
        ("AWS_CONFIG_FILE", setting.write("config", &config)),
        ("AWS_SHARED_CREDENTIALS_FILE", setting.write("credentials", keys)),
    ];
    let identity = "arn:aws:iam::100000000003:role/profile";
    setting.makes_a_function(Way { namespace: "profile", account: "100000000003", environment, identity }).await;
}

/// Keys of a user.
async fn keys(setting: &Setting) {
    let aws = setting.bed.aws("100000000004", REGION);
    let (key, secret) = iam::user(&aws, "somebody").await;
    let environment =
        vec![("AWS_ACCESS_KEY_ID", key), ("AWS_SECRET_ACCESS_KEY", secret), ("AWS_REGION", REGION.to_owned())];
    let identity = "arn:aws:iam::100000000004:user/somebody";
    setting.makes_a_function(Way { namespace: "keys", account: "100000000004", environment, identity }).await;
}

/// A token that AWS does not take: not ready, in its words. Replaced in its file it is read again.
async fn a_token_is_read_again(setting: &Setting) {
    let aws = setting.bed.aws("100000000005", REGION);
    let role = iam::role(&aws, "rotated", &federated(aws.account(), SUBJECT)).await;
    let file = setting.write("rotated.token", &token("system:serviceaccount:elsewhere:somebody"));
    let mut waiting = setting.start(&Way {
        namespace: "rotated",
        account: "100000000005",
        environment: vec![
            ("AWS_ROLE_ARN", role),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", file),
            ("AWS_REGION", REGION.to_owned()),
        ],
        identity: "",
    });
    says(&waiting, "the role cannot be assumed: Not authorized to perform sts:AssumeRoleWithWebIdentity").await;
    assert_eq!(waiting.probe("/readyz").await.unwrap(), 503);
    assert_eq!(waiting.probe("/livez").await.unwrap(), 200);
    setting.write("rotated.token", &token(SUBJECT));
    waiting.wait_until_ready(Duration::from_secs(30)).await.unwrap();
}

/// Proves that signatures are checked here, and that a wrong secret is shown nowhere.
async fn a_wrong_secret_is_refused(setting: &Setting) {
    let (key, _) = iam::user(&setting.bed.aws("100000000006", REGION), "somebody").await;
    let guessing = setting.start(&Way {
        namespace: "guessed",
        account: "100000000006",
        environment: vec![
            ("AWS_ACCESS_KEY_ID", key),
            ("AWS_SECRET_ACCESS_KEY", "guessed-secret".to_owned()),
            ("AWS_REGION", REGION.to_owned()),
        ],
        identity: "",
    });
    says(&guessing, "The request signature we calculated does not match").await;
    assert_eq!(guessing.probe("/readyz").await.unwrap(), 503);
    assert!(!guessing.log().contains("guessed-secret"), "{}", guessing.log());
}

async fn says(operator: &Operator, words: &str) {
    testbed::poll(words, Duration::from_secs(30), async || {
        let log = operator.log();
        Ok(if log.contains(words) { Ok(()) } else { Err(log) })
    })
    .await
    .unwrap();
}
