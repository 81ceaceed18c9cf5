//! Where a run begins, and what the user wants: every past of an alias that matters, and every choice of a spec.

use std::collections::BTreeMap;

use futures::executor::block_on;
use k8s_openapi::jiff::Timestamp;
use lambda_operator::api::alias::{LambdaAlias, LambdaAliasSpec, LambdaAliasStatus, RoutingConfig, VersionSource};
use lambda_operator::api::shared::{AdoptionPolicy, CommonSpec, DriftPolicy, FunctionRef};
use lambda_operator::kinds::alias::model::{Alias, Weights};

use super::aws::{Account, Aws, Mishap};
use super::operator::{Ended, Wish};

/// The kind of object that all starts and goals of a test are of, which no edit can change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// `functionRef` rather than `functionName`.
    pub(super) inside: bool,
    /// `driftPolicy: Report`.
    pub(super) reports: bool,
}

/// Where a run begins: what AWS holds, and what the object's status says.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) name: &'static str,
    pub(super) account: Account,
    pub(super) status: Option<LambdaAliasStatus>,
    /// What AWS once accepted, as far as status knows.
    pub(super) accepted: Option<Alias>,
    /// What the user wanted until now.
    pub(super) wish: Wish,
    /// The version before has weights, as if AWS moved its concurrency: that may be waited for.
    pub(super) moves: bool,
}

impl Start {
    /// While AWS gives weights and takes them, a user's own weights are no goal that can be told from them.
    pub(super) fn meets(&self, goal: &Wish) -> bool {
        self.account.shifts.is_none() || goal.object.spec.routing_config.is_none()
    }
}

/// What the spec of an alias says beside its policies.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    /// `None`: the newest version that the function published.
    pub(super) version: Option<&'static str>,
    pub(super) description: Option<&'static str>,
    pub(super) weight: Option<(&'static str, &'static str)>,
}

impl Choice {
    pub(super) const BARE: Self = Self { version: Some("1"), description: None, weight: None };
    pub(super) const FULL: Self = Self { version: Some("1"), description: Some("old"), weight: Some(("2", "0.50")) };
    const MOVED: Self = Self { version: Some("2"), ..Self::BARE };
}

pub(super) fn wish(frame: Frame, generation: i64, choice: Choice) -> Wish {
    let Choice { version, description, weight } = choice;
    let Frame { inside, reports } = frame;
    let weights = |(version, weight): (&str, &str)| [(version.to_owned(), weight.to_owned())].into();
    let spec = LambdaAliasSpec {
        function_ref: inside.then(|| FunctionRef { name: "hello".into() }),
        function_name: (!inside).then(|| "hello".into()),
        name: None,
        function_version: version.map(str::to_owned),
        function_version_from: version.is_none().then_some(VersionSource::Published),
        description: description.map(str::to_owned),
        routing_config: weight.map(|weight| RoutingConfig { additional_version_weights: Some(weights(weight)) }),
        ignore_changes: None,
        common: CommonSpec { drift_policy: reports.then_some(DriftPolicy::Report), ..CommonSpec::default() },
    };
    let mut object = LambdaAlias::new("live", spec);
    object.metadata.generation = Some(generation);
    Wish { object, published: "2", clock: Timestamp::UNIX_EPOCH }
}

pub(super) fn weights(version: &str, weight: f64) -> Weights {
    Weights::of([(version.to_owned(), weight)])
}

fn with(mut wish: Wish, change: impl FnOnce(&mut CommonSpec)) -> Wish {
    change(&mut wish.object.spec.common);
    wish
}

type Text = Option<&'static str>;

/// Description and weight.
const MEMBERS: [(Text, Option<(&str, &str)>); 5] = [
    (None, None),
    (Some("new"), None),
    (None, Some(("2", "0.5"))),
    (Some("old"), Some(("2", "0.5"))),
    (Some("new"), Some(("2", "0.25"))),
];

/// Every choice of a spec, and the two ways to end.
pub(super) fn goals(frame: Frame) -> Vec<Wish> {
    let leaving = wish(frame, 2, Choice::BARE).deletion();
    let mut all = vec![
        with(leaving.clone(), |common| common.skip_destroy = Some(true)),
        leaving,
        wish(frame, 2, Choice { version: Some("9"), ..Choice::BARE }),
    ];
    let versions = if frame.inside { vec![Some("1"), Some("3"), None] } else { vec![Some("1"), Some("3")] };
    for version in versions {
        for (description, weight) in MEMBERS {
            // A version has no share beside itself.
            let weight = weight.filter(|_| version.is_some());
            let goal = wish(frame, 2, Choice { version, description, weight });
            all.push(with(goal.clone(), |common| common.adoption_policy = Some(AdoptionPolicy::Adopt)));
            all.push(goal);
        }
    }
    all
}

type Change = fn(&mut Account);

/// What can have become of an alias that was ours; and whether status remembers it.
const SITUATIONS: [(&str, bool, Change); 7] = [
    ("ours", true, |_| {}),
    ("ours, status lost", false, |account| account.ours = false),
    ("ours, deleted by somebody else", true, |account| account.alias = None),
    ("ours, moved by somebody else", true, |account| edit(account, |alias| alias.version = "3".into())),
    ("ours, described by somebody else", true, |account| edit(account, |alias| alias.description = "theirs".into())),
    ("ours, weights by somebody else", true, |account| edit(account, |alias| alias.weights = weights("3", 0.1))),
    ("ours, cleared by somebody else", true, |account| {
        edit(account, |alias| (alias.description, alias.weights) = (String::new(), Weights::default()));
    }),
];

/// And what can have become of one that was moved from version 2 to version 1.
const AFTER_A_MOVE: [(&str, bool, Change); 3] = [
    ("ours, moved", true, |_| {}),
    ("ours, AWS moves its concurrency", true, |account| {
        edit(account, |alias| alias.weights = weights("2", 0.5));
        account.shifts = Some(2);
    }),
    ("ours, somebody else gives calls back to the version before", true, |account| {
        edit(account, |alias| alias.weights = weights("2", 0.5));
    }),
];

fn edit(account: &mut Account, change: fn(&mut Alias)) {
    account.alias.iter_mut().for_each(change);
}

/// Nothing; these aliases, settled, and everything that can have become of them; creations that were begun; what is somebody else's.
pub(super) fn starts(frame: Frame) -> Vec<Start> {
    let bare = wish(frame, 1, Choice::BARE);
    let nothing = Start {
        name: "absent",
        account: on(frame.inside.then_some("cluster/demo/hello")),
        status: None,
        accepted: None,
        wish: bare.clone(),
        moves: false,
    };
    let mut all = vec![nothing.clone()];
    for wish in [bare.clone(), wish(frame, 1, Choice::FULL)] {
        let settled = run_to_the_end(&nothing, wish.clone());
        all.extend(became(&settled, &SITUATIONS));
        all.extend(begun(&nothing, &wish));
        let alias = settled.account.alias.clone();
        let account = Account { alias, ..nothing.account.clone() };
        all.push(Start { name: "somebody else's", account, ..nothing.clone() });
    }
    let before = run_to_the_end(&nothing, wish(frame, 0, Choice::MOVED));
    all.extend(became(&run_to_the_end(&before, bare), &AFTER_A_MOVE));
    let shared = Choice { weight: Some(("2", "0.5")), ..Choice::BARE };
    all.push(Start { name: "ours, shared with the version before", ..run_to_the_end(&before, wish(frame, 1, shared)) });
    let own = |owner| Start { name: "absent, on a function with an owner", account: on(owner), ..nothing.clone() };
    all.extend([None, Some("cluster/other/hello"), Some("cluster/demo/hello")].map(own));
    // The function was deleted and created again, or handed over, and the record of the alias is still there.
    let ours = |start: &&Start| start.name.starts_with("ours") && start.account.alias.is_some() && !start.moves;
    let elsewhere = all.iter().filter(ours).cloned().map(|mut start| {
        (start.name, start.account.owner) = ("ours, on a function of another namespace", Some("cluster/other/hello"));
        start
    });
    let elsewhere: Vec<_> = elsewhere.collect();
    all.extend(elsewhere);
    all
}

fn on(owner: Option<&'static str>) -> Account {
    Account { owner, ..Account::new(None, false) }
}

fn became(settled: &Start, situations: &[(&'static str, bool, Change)]) -> Vec<Start> {
    let one = |(name, remembered, change): &(&'static str, bool, Change)| {
        let mut start = Start { name, ..settled.clone() };
        change(&mut start.account);
        start.moves = start.account.alias != settled.account.alias && settled.status.as_ref().is_some_and(moved);
        (start.status, start.accepted) = (start.status.filter(|_| *remembered), start.accepted.filter(|_| *remembered));
        start
    };
    situations.iter().map(one).collect()
}

fn moved(status: &LambdaAliasStatus) -> bool {
    status.record.moved_from.is_some()
}

/// Creations that a crash cut off.
fn begun(nothing: &Start, wish: &Wish) -> [Start; 3] {
    let cut = |name, mishap| {
        let mut wish = wish.clone();
        let aws = Aws::new(nothing.account.clone().with(mishap, false));
        assert_eq!(block_on(wish.pass(&aws)), Ended::Died);
        let accepted = wish.goal().desired().map(|desired| desired.model.clone());
        let account = Account { ours: true, ..aws.into_account() };
        Start { name, account, status: wish.object.status.clone(), accepted, wish, moves: false }
    };
    let absent = cut("creation begun, absent", Mishap::DiesBefore(1));
    let sent = cut("creation begun, as sent", Mishap::DiesAfter(1));
    let mut other = Start { name: "creation begun, somebody else was faster", ..sent.clone() };
    other.account.ours = false;
    edit(&mut other.account, |alias| alias.description = "theirs".into());
    [absent, sent, other].map(|mut start| {
        (start.account.tried, start.account.looks) = (0, 0);
        start.account.done.clear();
        start
    })
}

/// What AWS and status hold once the wish has been fulfilled.
fn run_to_the_end(start: &Start, mut wish: Wish) -> Start {
    (wish.object.status, wish.clock) = (start.status.clone(), start.wish.clock);
    let aws = Aws::new(start.account.clone().with(Mishap::Nothing, false));
    assert_eq!(block_on(wish.drive(&aws, Mishap::Nothing)), Ended::Done);
    let mut account = Account { ours: true, ..aws.into_account() };
    (account.tried, account.looks) = (0, 0);
    account.done.clear();
    let (status, accepted) = (wish.object.status.clone(), account.alias.clone());
    Start { name: "ours", status, accepted, account, wish, moves: false }
}

/// The versions that share the calls, for people.
pub(super) fn shown(alias: &Alias) -> BTreeMap<String, String> {
    alias.weights.iter().map(|(version, weight)| (version.clone(), weight.clone())).collect()
}
