//! No fault of the test bed is left out by these tests.

use std::collections::BTreeSet;

use testbed::Fault;

use crate::alias::ALIASES;
use crate::behind::BEHIND;
use crate::ends_by_itself::{ON_THE_WAY, OVERLOAD, SLOW, TAGS, TOO_NEW};
use crate::failed::STUCK;
use crate::going::GOING;
use crate::needs_a_person::LASTING;
use crate::parts::PARTS;

#[test]
fn the_operator_is_tested_against_every_fault() {
    let mut tested: BTreeSet<String> =
        [&TOO_NEW[..], &OVERLOAD, &ON_THE_WAY, &SLOW, &STUCK, &LASTING, &BEHIND, &ALIASES, &GOING, &PARTS, &[TAGS]]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect();
    // These have a test each, which names its fault.
    let each =
        [include_str!("alias.rs"), include_str!("behind.rs"), include_str!("going.rs"), include_str!("parts.rs")]
            .concat();
    for fault in ALIASES.iter().chain(&BEHIND).chain(&GOING).chain(&PARTS) {
        let named = each.matches(&format!("\"{fault}\"")).count();
        assert!(named > 1, "{fault} is in no test");
    }
    for code in testbed::STATE_REASONS {
        tested.extend([format!("state-failed-{code}"), format!("update-failed-{code}")]);
    }
    let known: BTreeSet<String> = Fault::all().into_iter().map(|fault| fault.name).collect();
    assert_eq!(known, tested);
}
