//! Builds, reads and starts an image with buildah, in a store of its own where it is built here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";

/// A folder of one test; removed with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("lambda-operator-image-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn there_is_a_builder() -> bool {
    Command::new("buildah").arg("--version").output().is_ok_and(|output| output.status.success())
}

fn output(program: &str, arguments: &[String]) -> Output {
    Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn done(program: &str, arguments: &[String]) -> String {
    let output = output(program, arguments);
    assert!(output.status.success(), "{program} {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// An image that buildah can find.
pub(crate) struct Image {
    name: String,
    /// Options that say which store it is in.
    store: Vec<String>,
}

impl Image {
    /// In the user's own store.
    pub(crate) fn named(name: String) -> Self {
        Self { name, store: Vec::new() }
    }

    /// The last stage of the Dockerfile, which copies from the stage before what is put in its place here.
    pub(crate) fn last_stage(folder: &Folder) -> Self {
        let dockerfile = std::fs::read_to_string(Path::new(ROOT).join("Dockerfile")).unwrap();
        let at = dockerfile.rfind("\nFROM scratch").unwrap_or_else(|| panic!("the Dockerfile ends with FROM scratch"));
        let stage = dockerfile[at..].replace("COPY --from=build /", "COPY /");
        std::fs::write(folder.path("Dockerfile"), stage).unwrap();
        std::fs::create_dir_all(folder.0.join(CERTIFICATES).parent().unwrap()).unwrap();
        std::fs::write(folder.path(CERTIFICATES), "no certificates").unwrap();
        link(&folder.path("lambda-operator"));

        let store = ["--storage-driver", "vfs", "--root", &folder.path("store"), "--runroot", &folder.path("run")];
        let image = Self { name: "lambda-operator:test".into(), store: store.map(str::to_owned).into() };
        image.buildah(&["bud", "--isolation", "chroot", "--tag", &image.name, &folder.path("")]);
        image
    }

    fn buildah(&self, arguments: &[&str]) -> String {
        let arguments = arguments.iter().map(|&argument| argument.to_owned());
        done("buildah", &self.store.iter().cloned().chain(arguments).collect::<Vec<_>>())
    }

    /// Writes it out and reads what is in it.
    pub(crate) fn read(self, folder: &Folder) -> Reading {
        let out = folder.path("out");
        self.buildah(&["push", "--disable-compression", &self.name, &format!("dir:{out}")]);
        let manifest: Value = json(&format!("{out}/manifest.json"));
        let blob = |digest: &Value| format!("{out}/{}", digest.as_str().unwrap().trim_start_matches("sha256:"));
        let config = json(&blob(&manifest["config"]["digest"]))["config"].take();
        let (mut files, mut writable, mut size) = (BTreeSet::new(), Vec::new(), 0);
        for layer in manifest["layers"].as_array().unwrap() {
            size += layer["size"].as_u64().unwrap();
            // As in `-rwxr-xr-x 0/0 13000000 2026-01-01 00:00 lambda-operator`.
            for line in done("tar", &["-tvf".into(), blob(&layer["digest"])]).lines() {
                let mode = line.split_whitespace().next().unwrap();
                let path = line.split_whitespace().last().unwrap().to_owned();
                if mode.as_bytes()[5] == b'w' || mode.as_bytes()[8] == b'w' || !line.contains(" 0/0 ") {
                    writable.push(line.to_owned());
                }
                if !path.ends_with('/') {
                    files.insert(path);
                }
            }
        }
        Reading {
            container: self.buildah(&["from", "--pull-never", &self.name]).trim().to_owned(),
            image: self,
            files,
            writable,
            size,
            config,
        }
    }
}

fn json(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A static program from the library that cargo has compiled for this test, as the Dockerfile's flag makes it one.
fn link(to: &str) {
    let here = std::env::current_exe().unwrap();
    let compiled = here.parent().unwrap();
    let library = newest_library(compiled);
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let arguments = [
        format!("{ROOT}/src/main.rs"),
        "--edition=2024".into(),
        format!("--extern=lambda_operator={}", library.display()),
        format!("-Ldependency={}", compiled.display()),
        "-Ctarget-feature=+crt-static".into(),
        "-Cstrip=symbols".into(),
        "-o".into(),
        to.into(),
    ];
    done(&rustc, &arguments);
}

/// Of those that cargo keeps, the one that this test was linked with was written last.
fn newest_library(folder: &Path) -> PathBuf {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("liblambda_operator-") && name.ends_with(".rlib")
    };
    let written = |path: &PathBuf| path.metadata().and_then(|metadata| metadata.modified()).unwrap();
    files.filter(ours).max_by_key(written).unwrap_or_else(|| panic!("no library in {}", folder.display()))
}

/// What is in an image, and a container of it.
pub(crate) struct Reading {
    image: Image,
    container: String,
    pub(crate) files: BTreeSet<String>,
    /// What others than root may change.
    pub(crate) writable: Vec<String>,
    /// Of all layers, not compressed.
    pub(crate) size: u64,
    pub(crate) config: Value,
}

impl Reading {
    /// As the image's user, in a root of its own: whether it went well, and all that it said.
    pub(crate) fn run(&self, command: &[&str]) -> (bool, String) {
        let options = ["run", "--isolation", "chroot", &self.container, "--"];
        let words = options.iter().chain(command).map(|&word| word.to_owned());
        let output = output("buildah", &self.image.store.iter().cloned().chain(words).collect::<Vec<_>>());
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let words = ["rm", &self.container].map(str::to_owned);
        let _ = output("buildah", &self.image.store.iter().cloned().chain(words).collect::<Vec<_>>());
    }
}
