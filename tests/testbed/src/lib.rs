//! The test bed: a real kube-apiserver and etcd, an AWS emulator, and a proxy in front of it that has AWS's manners.
//!
//! Tests use [`Bed::from_env`]; the program `testbed` starts everything around them:
//!
//! ```no_run
//! # async fn test() -> Result<(), testbed::Error> {
//! use testbed::{Action, Bed, Filter, Rule};
//! let bed = Bed::from_env()?;
//! // tests keep apart by account: the access key of twelve digits is the account
//! let aws = bed.aws("111111111111", "eu-west-1");
//! let lost = Rule::new("lost", Action::LoseAnswer).account("111111111111").operation("CreateFunction").times(1);
//! bed.manners().add(&lost).await?;
//! let (status, _answer) = aws.get_function("hello").await?;
//! let calls = bed.manners().calls(&Filter::account("111111111111").not_by_tests()).await?;
//! # let _ = (status, calls);
//! # Ok(())
//! # }
//! ```

mod aliases;
mod aws;
mod bed;
mod cache;
mod caller;
mod child;
mod control_plane;
mod emulator;
mod error;
mod family;
mod faults;
mod folder;
mod glob;
mod http;
mod install;
mod journal;
mod kubeconfig;
mod kubernetes_proxy;
mod manners;
mod oldest;
mod operator;
mod package;
mod port;
mod programs;
mod prometheus;
mod proxy;
mod rules;
mod running;
mod runtimes;
mod someone;

pub use aws::{Aws, DefaultNetwork};
pub use bed::{Bed, Output};
pub use child::{command, last_lines, poll, terminate};
pub use error::Error;
pub use faults::{BEHIND, Fault, STATE_REASONS, TOO_NEW};
pub use install::NAMESPACE;
pub use journal::{Call, Filter, by_operation};
pub use kubernetes_proxy::{Hold, HoldId, KubernetesProxy, Mishap, MishapId, Moment, Read, Trouble, Write};
pub use manners::{Manners, Settings, SettingsChange};
pub use oldest::Oldest;
pub use operator::{Operator, OperatorOptions};
pub use package::package;
pub use programs::{Tools, helm_3, prepare, tools};
pub use prometheus::{Prometheus, promtool};
pub use rules::{Action, ActiveRule, Coding, Lag, Match, Rule, RuleId};
pub use running::{ACCOUNT, Options, REGION, Running};
