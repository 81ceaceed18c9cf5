//! How the code of a function is packed.

/// How the code is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageType {
    /// A zip archive.
    Zip,
    /// A container image.
    Image,
}
