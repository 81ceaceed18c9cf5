//! The resource as users see it: `lambda-operator.io/v1alpha1 LambdaFunction`. Types, schema and rules; no logic.

pub mod condition;
mod schema;
pub mod spec;
pub mod status;

pub use spec::{Architecture, CodeFrom, Environment, LambdaFunction, LambdaFunctionSpec, Timeouts, VpcConfig};
pub use status::{Deployed, LambdaFunctionStatus, Published, Settled, SnapStartStatus, Waiting};

/// The API group of every resource, annotation, tag and finalizer of ours.
pub const GROUP: &str = "lambda-operator.io";

/// Held on every object until its function is deleted or released.
pub const FINALIZER: &str = "lambda-operator.io/finalizer";
