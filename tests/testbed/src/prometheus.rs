//! Prometheus, which scrapes what a test runs, and promtool, which judges metrics and rules.

use std::path::Path;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::bed::{Output, feed};
use crate::child::{Child, command, last_lines, poll};
use crate::error::Error;
use crate::folder::TempFolder;
use crate::http::Http;
use crate::{port, programs};

/// A running Prometheus; killed when dropped.
#[derive(Debug)]
pub struct Prometheus {
    child: Child,
    url: String,
    _folder: TempFolder,
}

/// Runs promtool in `folder`. A failing promtool is `Ok` with its status.
pub async fn promtool(folder: &Path, args: &[&str], stdin: Option<&str>) -> Result<Output, Error> {
    let mut promtool = command(programs::prometheus().await?.promtool);
    promtool.current_dir(folder).args(args);
    feed(promtool, "promtool", stdin).await
}

impl Prometheus {
    /// Scrapes `targets`, each `HOST:PORT`, every second, evaluates `rules` as often, and waits until it has
    /// seen each of them: the first look comes some seconds after the start.
    pub async fn start(targets: &[&str], rules: &Path) -> Result<Prometheus, Error> {
        let program = programs::prometheus().await?.prometheus;
        let folder = TempFolder::create("prometheus")?;
        let config = serde_json::json!({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [rules],
            "scrape_configs": [{"job_name": "lambda-operator", "static_configs": [{"targets": targets}]}],
        });
        // JSON is YAML
        let config = folder.write("prometheus.yml", &config.to_string())?;
        let [port] = port::free()?;
        let address = format!("127.0.0.1:{port}");
        let mut server = command(&program);
        server.arg("--config.file").arg(config).arg("--storage.tsdb.path").arg(folder.path().join("data"));
        server.args(["--web.listen-address", &address]);
        let child = Child::start("prometheus", server, folder.path().join("prometheus.log"))?;
        let mut prometheus = Prometheus { child, url: format!("http://{address}"), _folder: folder };
        prometheus.wait_until_ready().await?;
        prometheus.wait_until_seen(targets.len()).await?;
        Ok(prometheus)
    }

    async fn wait_until_ready(&mut self) -> Result<(), Error> {
        let http = Http::new();
        let url = format!("{}/-/ready", self.url);
        poll("Prometheus to be ready", Duration::from_secs(30), async || {
            self.child.check()?;
            match http.get(&url).await {
                Ok(answer) if answer.status == 200 => Ok(Ok(())),
                _ => Ok(Err(last_lines(&self.child.log(), 10))),
            }
        })
        .await
    }

    async fn wait_until_seen(&self, targets: usize) -> Result<(), Error> {
        poll("Prometheus to see its targets", Duration::from_secs(30), async || {
            let seen = self.query("up == 1").await?.len();
            Ok(if seen == targets { Ok(()) } else { Err(format!("{seen} of {targets}")) })
        })
        .await
    }

    /// The values of the series that a query gives now, as Prometheus writes them.
    pub async fn query(&self, expression: &str) -> Result<Vec<String>, Error> {
        let query = utf8_percent_encode(expression, NON_ALPHANUMERIC);
        let answer = self.get(&format!("query?query={query}")).await?;
        let series = answer["data"]["result"].as_array().cloned().unwrap_or_default();
        Ok(series.iter().filter_map(|series| series["value"][1].as_str().map(str::to_owned)).collect())
    }

    /// An answer of the API, `path` below /api/v1.
    pub async fn get(&self, path: &str) -> Result<Value, Error> {
        let url = format!("{}/api/v1/{path}", self.url);
        let answer = Http::new().get(&url).await?;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if body["status"] == "success" {
            return Ok(body);
        }
        Err(Error::unexpected(format!("success from {url}"), String::from_utf8_lossy(&answer.body).into_owned()))
    }
}
