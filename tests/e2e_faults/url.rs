//! Faults of calls about function URLs: each change is made once all the same.

use lambda_operator::api::function_url::LambdaFunctionUrl;
use serde_json::{Value, json};

use crate::scene::Scene;
use support::world::spec_with;

pub(crate) const URLS: [&str; 4] = ["url-conflict", "url-create-lost", "url-stale", "public-access-blocked"];

const FUNCTION: &str = "hello";

fn url(authorization: &str) -> Value {
    json!({"functionRef": {"name": FUNCTION}, "authorizationType": authorization})
}

impl Scene {
    /// A URL is created, changed and deleted under a fault that ends by itself; the calls about URLs that AWS carried out.
    async fn a_url_lives_under(&self, fault: &str) -> Vec<String> {
        self.world.settle(FUNCTION, &spec_with(&json!({}))).await;
        let urls = self.world.of::<LambdaFunctionUrl>();
        for (authorization, statements) in [("NONE", 2), ("AWS_IAM", 0)] {
            self.on(fault, FUNCTION).await;
            urls.settle("web", &url(authorization)).await;
            self.off(fault, FUNCTION).await;
            let (_, there) = self.world.aws.get_url(FUNCTION, None).await.unwrap();
            assert_eq!(there["AuthType"], authorization, "{fault}");
            assert_eq!(self.world.aws.statements(FUNCTION, None).await.unwrap().len(), statements, "{fault}");
        }
        self.on(fault, FUNCTION).await;
        urls.delete("web").await;
        urls.is_gone("web").await;
        assert_eq!(self.world.aws.get_url(FUNCTION, None).await.unwrap().0, 404, "{fault}");
        assert!(!self.met(fault, FUNCTION).await.is_empty(), "{fault} was there");
        let done = |status: u16| status == 0 || (200..300).contains(&status);
        let calls = self.calls(FUNCTION).await.into_iter().filter(|call| done(call.status));
        let writes =
            calls.map(|call| call.operation).filter(|name| name.ends_with("UrlConfig") && !name.starts_with("Get"));
        writes.collect()
    }
}

const ONCE: [&str; 3] = ["CreateFunctionUrlConfig", "UpdateFunctionUrlConfig", "DeleteFunctionUrlConfig"];

#[tokio::test]
async fn a_url_waits_while_somebody_else_changes_the_function() {
    assert_eq!(Scene::new().await.a_url_lives_under("url-conflict").await, ONCE);
}

#[tokio::test]
async fn a_lost_creation_of_a_url_is_recognised() {
    assert_eq!(Scene::new().await.a_url_lives_under("url-create-lost").await, ONCE);
}

#[tokio::test]
async fn stale_reads_of_a_url_repeat_no_write_and_leave_nothing() {
    assert_eq!(Scene::new().await.a_url_lives_under("url-stale").await, ONCE);
}

/// The URL stays, and the condition says who has to act.
#[tokio::test]
async fn blocked_public_access_is_told_and_the_url_stays() {
    let scene = Scene::new().await;
    scene.world.settle(FUNCTION, &spec_with(&json!({}))).await;
    let urls = scene.world.of::<LambdaFunctionUrl>();
    scene.on("public-access-blocked", FUNCTION).await;
    urls.apply("web", &url("NONE")).await;
    let said = urls.says("web", "Stalled", "Rejected").await;
    assert!(said.contains("allow public access to it in AWS"), "{said}");
    assert_eq!(scene.world.aws.get_url(FUNCTION, None).await.unwrap().0, 200);
    scene.off("public-access-blocked", FUNCTION).await;
    urls.is_looked_at("web").await;
    urls.is_ready("web").await;
    assert_eq!(scene.world.aws.statements(FUNCTION, None).await.unwrap().len(), 2);
}
