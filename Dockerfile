# The operator in an image that holds nothing but the program and the certificate authorities that it trusts.
# The tag names the toolchain, the digest is what is used: the certificate authorities come from it too. Dependabot proposes newer ones; by
# hand: docker buildx imagetools inspect rust:1.95-bookworm. rust-toolchain.toml is left out of the build: it also asks for clippy and rustfmt, which would be downloaded.
FROM rust:1.95-bookworm@sha256:6258907abe69656e41cd992e0b705cdcfabcbbe3db374f92ed2d47121282d4a1 AS build
# Only for a network whose proxy signs with a certificate authority of its own: a file, mounted into the build, that cargo trusts.
ARG CARGO_HTTP_CAINFO
# Writes down in the program what it is linked with: a scanner finds nothing else in an empty image.
RUN cargo install --quiet --locked cargo-auditable@0.7.7
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY src src
# Members of the workspace: cargo reads their manifests, though nothing of them is compiled here.
COPY tests/setup tests/setup
COPY tests/support tests/support
COPY tests/testbed tests/testbed
# Linked statically, since an empty image has no libc. With --target, the flag is for the program only and not for build scripts and
# procedural macros, which cannot be static. The target is this machine's, so that the same file builds on x86_64 and on aarch64. Packed
# relocations save 1.5 MB of a program that may be loaded anywhere; a linker that cannot pack them only says so.
RUN target="$(uname -m)-unknown-linux-gnu" \
    && RUSTFLAGS="-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs" cargo auditable build --release --locked --target "$target" --package lambda-operator \
    && cp "target/$target/release/lambda-operator" /lambda-operator

FROM scratch
LABEL org.opencontainers.image.title="lambda-operator" \
      org.opencontainers.image.description="A Kubernetes operator that manages AWS Lambda functions and aliases from custom resources." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /lambda-operator /
# A number, because an empty image has no user names and Kubernetes cannot tell whether a name is root.
USER 65532:65532
ENTRYPOINT ["/lambda-operator"]
CMD ["run"]
