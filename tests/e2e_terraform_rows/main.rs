//! Terraform's own acceptance tests of `aws_lambda_function`, one by one, on a real kube-apiserver and an AWS emulator.
//!
//! Each test names Terraform's, says what that one proves, and what we do where we differ. "Beside the rows" are tests
//! of what Terraform does and its acceptance tests do not show. These of Terraform's have no test here:
//!
//! | row | Terraform's test | why not |
//! |---|---|---|
//! | L1-L3 | List_basic, _includeResource, _regionOverride | a query for functions in AWS; what an operator lists are its objects, by `kubectl get` |
//! | G | tags_ComputedTag_OnCreate, _OnUpdate_Add, _OnUpdate_Replace | a tag whose value another resource gives while applying; a manifest holds values |
//! | G | tags_DefaultTags_nullOverlappingResourceTag, _nullNonOverlappingResourceTag | a tag without a value is refused: `tags::a_tag_without_a_value_is_refused` |
//! | 2026 | propagation timeout | `timeouts` bound the wait for a new role: tests/e2e_function/bad_input.rs shows it |
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod basics;
mod code;
mod configuration;
mod destroy;
mod environment;
mod fixed;
mod image;
mod import;
mod network;
mod plan;
mod tags;
mod versions;
