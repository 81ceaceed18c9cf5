//! The image: nothing in it but the program and the certificate authorities, no root, and the program starts in there.
//!
//! It is built by buildah; where there is none, one loud line says that nothing was proved. By default only the last stage of the
//! Dockerfile is built, around a static program that is linked here from what cargo has compiled already: that takes seconds. With
//! `IMAGE=NAME` an image that buildah holds is looked at instead, its size too: `make image-test` builds it from the whole Dockerfile.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod build;

use std::collections::BTreeSet;

use build::{Folder, Image, Reading};
use serde_json::{Value, json};

/// What we promise.
const LARGEST: u64 = 20_000_000;

/// The files of the image, without folders.
const FILES: [&str; 2] = ["etc/ssl/certs/ca-certificates.crt", "lambda-operator"];

/// Says why nothing is proved, loudly: a test's output is hidden while it passes.
fn say(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "\n*** tests/deploy_image: {text}\n");
}

#[test]
fn the_image_holds_only_the_program_which_starts_without_rights() {
    if !build::there_is_a_builder() {
        say(
            "NOT PROVED, there is no buildah here: that the image can be built, holds no more than it should, and starts. Install buildah.",
        );
        return;
    }
    let folder = Folder::new();
    let (image, whole) = match std::env::var("IMAGE") {
        Ok(name) => (Image::named(name), true),
        Err(_) => (Image::last_stage(&folder), false),
    };
    let image = image.read(&folder);
    only_what_is_expected(&image);
    no_root(&image.config);
    it_starts(&image);
    if whole {
        assert!(image.size <= LARGEST, "the image has {} bytes", image.size);
        say(&format!("the whole image: {} bytes", image.size));
    } else {
        say(
            "proved around a program linked here; NOT PROVED: that cargo builds it inside the Dockerfile, and its size. `make image-test` does.",
        );
    }
}

fn only_what_is_expected(image: &Reading) {
    let files: BTreeSet<&str> = image.files.iter().map(String::as_str).collect();
    assert_eq!(files, FILES.into());
    assert!(image.writable.is_empty(), "others than root may write {:?}", image.writable);
}

fn no_root(config: &Value) {
    assert_eq!(config["User"], "65532:65532");
    assert_eq!(config["Entrypoint"], json!(["/lambda-operator"]));
    assert_eq!(config["Cmd"], json!(["run"]));
    assert_eq!(config["Labels"]["org.opencontainers.image.licenses"], "Apache-2.0");
}

/// As its user, who may write nothing in there.
fn it_starts(image: &Reading) {
    let (done, said) = image.run(&["/lambda-operator", "--version"]);
    assert!(done && said.trim() == concat!("lambda-operator ", env!("CARGO_PKG_VERSION")), "{said}");
    let (done, said) = image.run(&["/lambda-operator", "crd"]);
    assert!(done && said.contains("kind: CustomResourceDefinition"), "{said}");
    // As far as it gets without a cluster: it asks for one, and for nothing else.
    let (done, said) = image.run(&["/lambda-operator", "run", "--http-addr", "127.0.0.1:0"]);
    assert!(!done && said.contains("no Kubernetes cluster is configured"), "{said}");
}
