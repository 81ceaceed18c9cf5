//! A function that this object did not create: the consent that a plan needs, the record of the adoption, and the origin of the code.

use serde_json::json;

use super::{operations, plan_after, same, wanted};
use crate::api::function::spec::LambdaFunction;
use crate::api::function::status::Deployed;
use crate::api::shared::AdoptedFrom;
use crate::core::blocked::Blocked;
use crate::core::kind::Kind;
use crate::core::operation::Operation;
use crate::core::values::Knowable;
use crate::kinds::function::Answer;
use crate::kinds::function::desired::{Desired, Goal};
use crate::kinds::function::left::left_to_others;
use crate::kinds::function::model::Content;
use crate::kinds::function::observed::Observed;
use crate::kinds::function::plan::Plan;
use crate::kinds::function::plan::step::{Step, Tagging};
use crate::kinds::function::status::effects::Effects;
use crate::kinds::function::status::history::History;

fn asks() -> Desired {
    wanted(json!({"adoptFrom": "cluster/other/giver", "codeFrom": {"inline": {"main.py": ""}}}))
}

fn owned_by(owner: Option<&str>, desired: &Desired) -> Observed {
    Observed { owner: Knowable::Known(owner.map(str::to_owned)), ..same(desired) }
}

#[test]
fn only_the_step_that_takes_a_function_over_needs_consent() {
    let desired = asks();
    let observed = owned_by(Some("cluster/other/giver"), &desired);
    let Plan::Steps(steps) = plan_after(&History::default(), &desired, &observed) else { panic!("no steps") };
    let goal = Goal::Present(Box::new(desired));
    let taking = |step: &Step| LambdaFunction::taking(step, &goal, Some(&observed));
    let [step @ Step::TagResource(Tagging::Owner(_))] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(taking(step).and_then(|taking| taking.from), Some("cluster/other/giver"));
    assert_eq!(taking(&Step::PutFunctionConcurrency(1)), None);
}

#[test]
fn a_taking_is_remembered_with_its_former_owner() {
    let desired = asks();
    let spent = Some(AdoptedFrom { owner: "cluster/other/giver".into(), uid: String::new() });
    let taken = |from| {
        let (mut effects, observed) = (Effects::default(), owned_by(from, &desired));
        let tag = Step::TagResource(Tagging::Owner(desired.ownership.owner.clone()));
        effects.record(&tag, Answer::default(), Some(&desired), Some(&observed));
        (effects.adopted, effects.adopted_from)
    };
    assert_eq!(taken(Some("cluster/other/giver")), (true, spent.clone()));
    assert_eq!(taken(None), (true, None), "from nobody, which adoptFrom does not name");
    let proved = Effects::proved(&desired, &History::default(), Some(&same(&desired)));
    assert_eq!(proved.adopted_from, spent, "the answer to TagResource was lost");
}

#[test]
fn planted_code_is_deployed_over_once() {
    let initial = wanted(json!({"codePolicy": "Initial", "codeFrom": {"inline": {"main.py": ""}}}));
    let mut planted = same(&initial);
    planted.function.code.content = Content::Sha256("planted".into());
    let planned = |history: &History| {
        let trusts_code = history.deployed.is_some() || history.adopted;
        let goal = Goal::Present(Box::new(Desired { trusts_code, ..initial.clone() }));
        let goal = left_to_others(&goal, history, &planted).unwrap_or(goal);
        plan_after(history, goal.desired().unwrap(), &planted)
    };
    assert_eq!(operations(&planned(&History::default())), [Operation::UpdateFunctionCode]);
    let deployed = Some(Deployed { source: "inline".into(), code_sha256: "ours".into() });
    assert_eq!(planned(&History { deployed, ..History::default() }), Plan::Done, "then it is another pipeline's");
    assert_eq!(planned(&History { adopted: true, ..History::default() }), Plan::Done);

    let bare = wanted(json!({"codePolicy": "Initial"}));
    match plan_after(&History::default(), &bare, &same(&bare)) {
        Plan::Blocked(Blocked::InvalidSpec(sentence)) => {
            assert!(sentence.contains("adoptionPolicy: Adopt"), "{sentence}");
        }
        other => panic!("{other:?}"),
    }
}
