//! No fault of the test bed is left out by these tests.

use std::collections::BTreeSet;

use testbed::Fault;

use crate::alias::ALIASES;
use crate::behind::BEHIND;
use crate::configurations::CONFIGURATIONS;
use crate::ends_by_itself::{ON_THE_WAY, OVERLOAD, SLOW, TAGS, TOO_NEW};
use crate::failed::STUCK;
use crate::going::GOING;
use crate::logs::LOGS;
use crate::mapping::MAPPINGS;
use crate::needs_a_person::LASTING;
use crate::parts::PARTS;
use crate::permission::PERMISSIONS;
use crate::url::URLS;

/// Of code signing configurations; a target of its own tests them.
const SIGNING: [&str; 2] = ["signing-create-lost", "signing-not-in-region"];

/// Of layers; a target of its own tests them.
const LAYERS: [&str; 3] = ["layer-permission-lost", "layer-publish-lost", "layer-storage-full"];

#[test]
fn the_operator_is_tested_against_every_fault() {
    let mut tested: BTreeSet<String> = [
        &TOO_NEW[..],
        &OVERLOAD,
        &ON_THE_WAY,
        &SLOW,
        &STUCK,
        &LASTING,
        &BEHIND,
        &ALIASES,
        &MAPPINGS,
        &GOING,
        &PARTS,
        &[TAGS],
    ]
    .concat()
    .into_iter()
    .chain(PERMISSIONS)
    .chain(URLS)
    .chain(CONFIGURATIONS)
    .chain(SIGNING)
    .chain(LAYERS)
    .chain(LOGS)
    .map(str::to_owned)
    .collect();
    // These have a test each, which names its fault.
    let each =
        [include_str!("alias.rs"), include_str!("behind.rs"), include_str!("going.rs"), include_str!("parts.rs")]
            .into_iter()
            .chain([
                include_str!("permission.rs"),
                include_str!("url.rs"),
                include_str!("configurations.rs"),
                include_str!("logs.rs"),
            ])
            .chain([include_str!("mapping.rs"), include_str!("../e2e_code_signing_config/ownership.rs")])
            .chain([
                include_str!("../e2e_layer_version/faults.rs"),
                include_str!("../e2e_layer_version/permissions.rs"),
            ])
            .collect::<String>();
    let of_kinds = ALIASES
        .iter()
        .chain(&MAPPINGS)
        .chain(&PERMISSIONS)
        .chain(&URLS)
        .chain(&CONFIGURATIONS)
        .chain(&SIGNING)
        .chain(&LAYERS)
        .chain(&LOGS);
    for fault in of_kinds.chain(&BEHIND).chain(&GOING).chain(&PARTS) {
        let named = each.matches(&format!("\"{fault}\"")).count();
        assert!(named > 1, "{fault} is in no test");
    }
    for code in testbed::STATE_REASONS {
        tested.extend([format!("state-failed-{code}"), format!("update-failed-{code}")]);
    }
    let known: BTreeSet<String> = Fault::all().into_iter().map(|fault| fault.name).collect();
    assert_eq!(known, tested);
}
