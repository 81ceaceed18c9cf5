//! What specs refer to, in AWS and in Kubernetes: made once for each world.

use std::path::PathBuf;

use serde_json::{Value, json};
use testbed::DefaultNetwork;

use crate::world::{World, base64, zip};

/// Everything that a spec of these walks can name.
pub struct Place {
    pub account: String,
    pub network: DefaultNetwork,
    pub layers: [String; 2],
    /// Buckets with an object `p.zip`; the second keeps versions of it.
    pub buckets: [String; 2],
    pub versions: [String; 2],
}

/// The folder of packages, the same for every world.
pub fn packages() -> PathBuf {
    crate::built().with_file_name("tmp").join("walks-packages")
}

pub fn code(answer: &str) -> String {
    format!("def handler(event, context): return '{answer}'")
}

impl Place {
    pub async fn make(world: &World) -> Self {
        for queue in ["one", "two"] {
            let form = format!("Action=CreateQueue&Version=2012-11-05&QueueName={queue}");
            let (status, answer) = world.aws.query("sqs", &form).await.unwrap();
            assert_eq!(status, 200, "{answer}");
        }
        // A bucket's name is taken for all accounts.
        let buckets = ["plain", "versioned"].map(|name| format!("{name}-{}", world.account));
        let [plain, versioned] = &buckets;
        world.aws.put_object(plain, "p.zip", &zip("main.py", &code("plain"))).await.unwrap();
        world.aws.put_object(versioned, "p.zip", b"").await.unwrap();
        world.aws.keep_versions(versioned).await.unwrap();
        let put = async |text: &str| {
            let bytes = zip("main.py", &code(text));
            world.aws.put_object(versioned, "p.zip", &bytes).await.unwrap().unwrap()
        };
        let versions = [put("first").await, put("second").await];
        world
            .bed
            .kubectl_ok(&["apply", "-n", &world.namespace, "-f", "-"], Some(&references().to_string()))
            .await
            .unwrap();
        Self {
            account: world.account.clone(),
            network: world.aws.default_subnet_and_security_group().await.unwrap(),
            layers: [world.aws.publish_layer("lib").await.unwrap(), world.aws.publish_layer("more").await.unwrap()],
            buckets,
            versions,
        }
    }
}

/// Written before an operator starts that is to read them.
pub fn write_packages() {
    std::fs::create_dir_all(packages()).unwrap();
    for name in ["a", "b"] {
        let path = packages().join(format!("{name}.zip"));
        let bytes = zip("main.py", &code(&format!("file {name}")));
        // Worlds start at the same time: whoever reads finds a whole file, and always the same one.
        if std::fs::read(&path).ok().as_ref() != Some(&bytes) {
            let new = packages().join(format!("{name}-{}", fastrand::u64(..)));
            std::fs::write(&new, bytes).unwrap();
            std::fs::rename(new, path).unwrap();
        }
    }
}

fn references() -> Value {
    let package = base64(&zip("main.py", &code("packed")));
    let items = json!([
        {"kind": "Secret", "metadata": {"name": "db"}, "stringData": {"password": "s3cret", "user": "me"}},
        {"kind": "Secret", "metadata": {"name": "keys"}, "stringData": {"ONE": "1", "TWO": "2"}},
        {"kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"level": "high", "EMPTY": ""}},
        {"kind": "ConfigMap", "metadata": {"name": "files"}, "data": {"main.py": code("mapped")}},
        {"kind": "Secret", "metadata": {"name": "package"}, "data": {"code.zip": package}},
    ]);
    let with_version = |item: &Value| {
        let mut item = item.clone();
        item["apiVersion"] = json!("v1");
        item
    };
    let items: Vec<_> = items.as_array().into_iter().flatten().map(with_version).collect();
    json!({"apiVersion": "v1", "kind": "List", "items": items})
}
