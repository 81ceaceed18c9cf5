//! What an object asks for that a namespace's policy can refuse. Each kind fills it in. Pure.

use super::annotation::Bound;

/// What an object asks for that a policy can refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demands<'a> {
    /// Each value that a list bounds, with that list.
    pub named: Vec<(Bound, &'a str)>,
    /// The concurrency that it reserves; 0 takes none from other functions.
    pub reserved_concurrency: i32,
    /// Its code, as far as signing is concerned.
    pub code: Code<'a>,
    /// A resource that exists may be taken over.
    pub adopts: bool,
}

/// The code of an object, as far as signing is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Code<'a> {
    /// The kind has none.
    #[default]
    None,
    /// A zip package, checked against the code signing configuration with this ARN; `None`: against none.
    Zip(Option<&'a str>),
    /// An image, which cannot be signed.
    Image,
}
