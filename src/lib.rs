//! An operator that manages AWS Lambda functions from `LambdaFunction` objects and keeps them in sync.
//!
//! Every reconcile starts from nothing: observe, plan, apply until AWS needs time, report.
//! ```text
//!   LambdaFunction ─► desired() ─► Goal ──┐                                        AWS
//!                                         ├─► plan() ─► Plan ─► step by step ─► Lambda API
//!                    observe() ─► Observed ┘                                        │
//!                        ▲                                                          │
//!                        └──────────────────────────────────────────────────────────┘
//!   status ◄─ report ◄─ status(before, conclusion, now)
//! ```
//! Layers, each naming only those to its right: [`cli`] → [`controller`] → [`aws`] → [`kinds`] → [`core`] → [`api`];
//! [`process`] holds the parts that any long-running program needs, and names none of them.

pub mod api;
pub mod aws;
pub mod cli;
pub mod controller;
pub mod core;
pub mod kinds;
pub mod process;
