//! Faults of AWS that come and go, several at a time, and how often they struck.

use fastrand::Rng;
use testbed::{Action, Manners, Rule, RuleId};

/// So many at a time, at most.
const AT_A_TIME: usize = 3;

/// Those that are on, and how many calls they have struck.
#[derive(Default)]
pub(crate) struct Faults {
    on: Vec<RuleId>,
    pub(crate) injected: usize,
}

impl Faults {
    /// Switches one on, or one off.
    pub(crate) async fn change(&mut self, manners: &Manners, account: &str, rng: &mut Rng) {
        if self.on.len() == AT_A_TIME || (!self.on.is_empty() && rng.bool()) {
            let id = self.on.swap_remove(rng.usize(..self.on.len()));
            self.remove(manners, id).await;
        } else {
            self.on.push(manners.add(&fault(rng).account(account).service("lambda")).await.unwrap());
        }
    }

    /// Switches all off.
    pub(crate) async fn end(&mut self, manners: &Manners) {
        for id in std::mem::take(&mut self.on) {
            self.remove(manners, id).await;
        }
    }

    async fn remove(&mut self, manners: &Manners, id: RuleId) {
        let rules = manners.rules().await.unwrap();
        let acted = rules.iter().find(|active| active.id == id).map_or(0, |active| active.acted);
        self.injected += acted as usize;
        manners.remove(id).await.unwrap();
    }
}

fn fault(rng: &mut Rng) -> Rule {
    let (name, action) = match rng.u8(..8) {
        0 => ("throttled", Action::error(429, "TooManyRequestsException", "Rate exceeded")),
        1 => ("throttled-400", Action::error(400, "ThrottlingException", "Rate exceeded")),
        2 => {
            ("broken", Action::error(500, "ServiceException", "An error occurred and the request cannot be processed."))
        }
        3 => ("gateway", Action::error(502, "", "Bad Gateway")),
        4 => ("slow", Action::Delay { ms: rng.u64(100..3000) }),
        5 => ("request-lost", Action::LoseRequest),
        _ => ("answer-lost", Action::LoseAnswer),
    };
    Rule::new(name, action).times(rng.u32(1..=12))
}
