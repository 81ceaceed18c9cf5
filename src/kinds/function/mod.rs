//! LambdaFunction, the pure part: what a function is, what it should become, and which AWS calls lead there. No client, no clock, no environment.

pub mod desired;
pub mod import;
pub mod model;
pub mod observed;
pub mod plan;
pub mod side;
pub mod staleness;
pub mod status;

use crate::core::error::CallError;
use crate::core::operation::Operation;
use observed::Observed;
use observed::query::Query;
use plan::step::Step;

/// What a write answered that is worth remembering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// CodeSha256 of the code that the call deployed.
    pub code_sha256: Option<String>,
    /// Number of the version that the call published.
    pub version: Option<String>,
    /// `LastModified` of the function after the call.
    pub modified: Option<String>,
}

/// The only seam to AWS: look at one function, or do one step to it.
pub trait Lambda {
    /// Keeps room for a write that is sure to come: asked before a read is spent.
    ///
    /// # Errors
    /// How long until there is room.
    fn reserve(&self, _operation: Operation) -> Result<(), CallError> {
        Ok(())
    }

    /// What AWS says about the function; `None` where there is none.
    fn observe(&self, query: &Query) -> impl Future<Output = Result<Option<Observed>, CallError>> + Send;
    /// Does one write. `package` holds the bytes of a step that carries code from Kubernetes.
    fn execute(&self, step: &Step, package: Option<Vec<u8>>) -> impl Future<Output = Result<Answer, CallError>> + Send;
}
