//! Where runs begin and where they are to lead.

use futures::executor::block_on;
use lambda_operator::api::function::blocks::{RuntimeManagementConfig, SnapStart, VpcConfig};
use lambda_operator::api::function::code::{Architecture, CodeFrom, CodePolicy};
use lambda_operator::api::function::environment::{Environment, KeyRef, ValueFrom};
use lambda_operator::api::function::spec::{LambdaFunction, LambdaFunctionSpec};
use lambda_operator::api::function::status::{FunctionRecord, LambdaFunctionStatus};
use lambda_operator::api::shared::AdoptionPolicy;
use lambda_operator::api::shared::REGRANT_ROLE;
use lambda_operator::core::consent::Owner;
use lambda_operator::core::hand_over::{HandOver, ObjectName};
use lambda_operator::core::operation::Operation;
use lambda_operator::kinds::function::model::Content;

use super::aws::{Aws, Held, Mishap, UnderWay};
use super::operator::Wish;
use super::{GIVER, run};

const SIGNING: &str = "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0";
const ROLE: &str = "arn:aws:iam::123456789012:role/hello";
pub(super) const OTHER_ROLE: &str = "arn:aws:iam::123456789012:role/other";

/// Where a run begins: what AWS holds, and what the object's status says.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) name: &'static str,
    pub(super) function: Option<Held>,
    pub(super) status: Option<LambdaFunctionStatus>,
}

/// Nothing; and these functions, settled, and everything that can have become of them.
pub(super) fn starts(of: &[Wish]) -> Vec<Start> {
    let mut all = vec![Start { name: "absent", function: None, status: None }];
    for wish in of {
        let (published, status) = settled(wish, true);
        let (unpublished, unpublished_status) = settled(wish, false);
        let mut newer = status.clone();
        newer.record.published.iter_mut().for_each(|published| published.version = "7".into());
        all.push(Start { name: "ours, but gone from AWS", function: None, status: Some(newer) });
        all.push(Start {
            name: "ours, never published",
            function: Some(unpublished),
            status: Some(unpublished_status),
        });
        all.extend(SITUATIONS.map(|(name, remembered, change)| {
            let mut held = published.clone();
            change(&mut held);
            Start { name, function: Some(held), status: remembered.then(|| status.clone()) }
        }));
        let born = born(wish);
        let mut only_aws_knows = published.clone();
        only_aws_knows.state = "Failed";
        // No side group was set without a record ahead of it, and this status records none.
        if let Some(born) = &born.function {
            only_aws_knows.shown.sides.clone_from(&born.shown.sides);
            only_aws_knows.runs.sides.clone_from(&born.runs.sides);
        }
        all.push(Start {
            name: "ours, failed, only AWS knows that it worked",
            function: Some(only_aws_knows),
            status: born.status.clone(),
        });
        // The creation's answer was never read.
        let unanswered = Some(LambdaFunctionStatus {
            record: FunctionRecord { ever_active: Some(false), ..FunctionRecord::default() },
            ..LambdaFunctionStatus::default()
        });
        all.push(Start {
            name: "ours, creation not remembered",
            function: born.function.clone(),
            status: unanswered.clone(),
        });
        let mut appeared = published.clone();
        appeared.owner = None;
        let status = unanswered.clone();
        all.push(Start { name: "nobody's, not there before", function: Some(appeared.clone()), status });
        (appeared.state, appeared.last_update) = ("Failed", "Failed");
        all.push(Start { name: "nobody's, failed, not there before", function: Some(appeared), status: unanswered });
        let mut never_worked = born;
        if let Some(held) = &mut never_worked.function {
            (held.state, held.last_update, held.under_way) = ("Failed", "Failed", None);
        }
        all.push(Start { name: "ours, failed while it was created", ..never_worked });
    }
    all
}

type Situation = (&'static str, bool, fn(&mut Held));

/// What can have become of a settled function; and whether the object's status remembers it.
const SITUATIONS: [Situation; 21] = [
    ("ours", true, |_| {}),
    ("ours, status lost", false, |_| {}),
    ("ours, changed since the last version", true, |held| {
        held.both_memory(512);
        held.modified += 1;
    }),
    ("ours, written to as it was since the last version", true, |held| held.modified += 1),
    ("ours, being updated", true, |held| under_way(held, Operation::UpdateFunctionConfiguration)),
    ("ours, being created, status lost", false, |held| {
        under_way(held, Operation::CreateFunction);
        (held.state, held.worked) = ("Pending", false);
    }),
    ("ours, configuration taken back", true, |held| {
        held.runs.configuration.memory_size = 512;
        (held.last_update, held.reason_code) = ("Failed", Some("InvalidSubnet"));
        held.modified += 1;
    }),
    ("ours, code taken back", true, |held| {
        held.runs.code.content = Content::Sha256("old".into());
        (held.last_update, held.reason_code) = ("Failed", Some("InvalidImage"));
        held.modified += 1;
    }),
    ("ours, code taken back, status lost", false, |held| {
        held.runs.code.content = Content::Sha256("old".into());
        (held.last_update, held.reason_code) = ("Failed", Some("InvalidImage"));
        held.modified += 1;
    }),
    ("ours, failed, AWS knows that it worked, status lost", false, |held| held.state = "Failed"),
    ("ours, failed, status knows that it worked", true, |held| (held.state, held.last_update) = ("Failed", "Failed")),
    ("ours, failed, nobody knows that it worked", false, |held| (held.state, held.last_update) = ("Failed", "Failed")),
    ("ours, tags withheld", true, |held| held.tags_withheld = true),
    ("ours, side groups withheld", true, |held| held.sides_withheld = true),
    ("ours, side groups withheld, status lost", false, |held| held.sides_withheld = true),
    ("ours, being deleted", true, |held| {
        under_way(held, Operation::DeleteFunction);
        held.state = "Deleting";
    }),
    ("nobody's", false, |held| held.owner = None),
    ("nobody's, being updated", false, |held| {
        under_way(held, Operation::UpdateFunctionCode);
        held.owner = None;
    }),
    ("another's", false, |held| held.owner = Some("another".into())),
    ("another's, once ours", true, |held| held.owner = Some("another".into())),
    ("another's, never worked", false, |held| {
        (held.state, held.last_update, held.worked) = ("Failed", "Failed", false);
        held.owner = Some("another".into());
    }),
];

fn under_way(held: &mut Held, what: Operation) {
    (held.last_update, held.under_way) = ("InProgress", Some(UnderWay::on(what)));
}

impl Held {
    fn both_memory(&mut self, memory_size: i32) {
        self.shown.configuration.memory_size = memory_size;
        self.runs.configuration.memory_size = memory_size;
    }
}

/// What AWS and status hold once the wish has been fulfilled.
fn settled(wish: &Wish, publish: bool) -> (Held, LambdaFunctionStatus) {
    let mut wish = wish.clone();
    wish.object.spec.publish = Some(publish);
    let absent = Start { name: "absent", function: None, status: None };
    let end = run(&absent, &wish, Mishap::Nothing);
    (end.function.expect("a function"), end.wish.object.status.expect("a status"))
}

/// What AWS and status hold right after the creation.
fn born(wish: &Wish) -> Start {
    let mut wish = wish.clone();
    let aws = Aws::new(None, &wish, Mishap::Nothing);
    block_on(wish.pass(&aws));
    let function = aws.account().function.clone();
    Start { name: "ours, just created", function, status: wish.object.status }
}

/// What these starts are without the environment.
pub(super) fn environment_withheld(starts: Vec<Start>) -> Vec<Start> {
    let withhold = |mut start: Start| {
        start.function.as_mut()?.environment_withheld = true;
        Some(start)
    };
    starts.into_iter().filter_map(withhold).collect()
}

/// These starts, and each with durable executions that are running, and in a VPC without a default group.
pub(super) fn busy_and_bare(starts: &[Start]) -> Vec<Start> {
    let changed = |change: fn(&mut Held)| {
        starts.iter().cloned().map(move |mut start| {
            start.function.iter_mut().for_each(change);
            start
        })
    };
    let executing = changed(|held| held.executions = vec!["one".into(), "two".into()]);
    let bare = changed(|held| held.has_default_group = false);
    starts.iter().cloned().chain(executing).chain(bare).collect()
}

/// One choice for each group; where two functions choose otherwise, that group differs.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    pub(super) configuration: bool,
    pub(super) code: Code,
    pub(super) signing: bool,
    pub(super) concurrency: bool,
    pub(super) tags: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Code {
    Inline,
    InlineForArm,
    S3ForArm,
}

impl Choice {
    pub(super) const BARE: Self =
        Self { configuration: false, code: Code::Inline, signing: false, concurrency: false, tags: false };
    pub(super) const FULL: Self =
        Self { configuration: true, code: Code::S3ForArm, signing: true, concurrency: true, tags: true };
}

/// Every combination of groups, adoption and publication, and the two ways to end.
pub(super) fn goals() -> Vec<Wish> {
    let mut all = vec![wish(2, Choice::BARE).deletion()];
    all.push(with(wish(2, Choice::BARE).deletion(), |spec| spec.common.skip_destroy = Some(true)));
    for code in [Code::Inline, Code::InlineForArm, Code::S3ForArm] {
        for bits in 0..64_u8 {
            let [configuration, signing, concurrency, tags, publish, adopt] =
                [0, 1, 2, 3, 4, 5].map(|bit| bits & (1 << bit) != 0);
            all.push(with(wish(2, Choice { configuration, code, signing, concurrency, tags }), |spec| {
                spec.publish = Some(publish);
                spec.common.adoption_policy = adopt.then_some(AdoptionPolicy::Adopt);
            }));
        }
    }
    all
}

/// Versions that take time, by number and by name.
pub(super) fn snapshots() -> Vec<Wish> {
    let snap = |spec: &mut LambdaFunctionSpec| {
        (spec.publish, spec.common.adoption_policy) = (Some(true), Some(AdoptionPolicy::Adopt));
        spec.snap_start = Some(SnapStart { apply_on: "PublishedVersions".into() });
    };
    let to_latest = |spec: &mut LambdaFunctionSpec| spec.publish_to = Some("LATEST_PUBLISHED".into());
    let [bare, full] = [Choice::BARE, Choice::FULL].map(|choice| with(wish(2, choice), snap));
    let published = with(wish(2, Choice::BARE), |spec| spec.publish = Some(true));
    vec![with(bare.clone(), to_latest), with(published, to_latest), bare, full]
}

/// Code of another pipeline: brought by the spec the first time, or never.
pub(super) fn initial() -> Vec<Wish> {
    let mut all = Vec::new();
    for bits in 0..16_u8 {
        let [configuration, source, publish, adopt] = [0, 1, 2, 3].map(|bit| bits & (1 << bit) != 0);
        all.push(with(wish(2, Choice { configuration, code: Code::S3ForArm, ..Choice::BARE }), |spec| {
            spec.code_policy = Some(CodePolicy::Initial);
            (spec.publish, spec.common.adoption_policy) = (Some(publish), adopt.then_some(AdoptionPolicy::Adopt));
            if !source {
                (spec.s3_bucket, spec.s3_key) = (None, None);
            }
        }));
    }
    all
}

/// A role to give for a moment.
pub(super) fn regrants() -> Vec<Wish> {
    let mut all = Vec::new();
    for choice in [Choice::BARE, Choice { configuration: true, ..Choice::BARE }, Choice::FULL] {
        for publish in [false, true] {
            let mut wish = with(wish(2, choice), |spec| {
                (spec.publish, spec.common.adoption_policy) = (Some(publish), Some(AdoptionPolicy::Adopt));
            });
            wish.object.metadata.annotations = Some([(REGRANT_ROLE.to_owned(), OTHER_ROLE.to_owned())].into());
            all.push(wish);
        }
    }
    all
}

/// The second owner's function, in every state but one: it works, it is busy, it failed, and the object remembers it as its own or does not. That
/// a creation fails which somebody else began is not told by what AWS shows.
pub(super) fn of_the_giver(starts: Vec<Start>) -> Vec<Start> {
    let given = |mut start: Start| {
        let held = start.function.as_mut().filter(|held| held.state != "Pending")?;
        held.owner = Some(GIVER.into());
        Some(start)
    };
    starts.into_iter().filter_map(given).collect()
}

/// Asking for the second owner's function, or for nobody's, and all that can be said to it; and going.
pub(super) fn takings() -> Vec<Wish> {
    let hand_over = |taker: &str| Owner::Living(ObjectName::parse(taker).map(HandOver::To));
    let answers = [
        Owner::Gone,
        Owner::Living(None),
        Owner::Living(Some(HandOver::Unreadable("hello".into()))),
        hand_over("demo/other"),
        hand_over("other/hello"),
        hand_over("demo/hello"),
        Owner::Unreadable("forbidden".into()),
    ];
    let mut all = vec![wish(2, Choice::BARE).deletion()];
    for giver in answers {
        for bits in 0..8_u8 {
            let [may_adopt, adopt, asks] = [0, 1, 2].map(|bit| bits & (1 << bit) != 0);
            let wish = with(wish(2, Choice::FULL), |spec| {
                spec.common.adoption_policy = adopt.then_some(AdoptionPolicy::Adopt);
                spec.adopt_from = asks.then(|| GIVER.into());
            });
            all.push(Wish { may_adopt, giver: giver.clone(), ..wish });
        }
    }
    all
}

/// Runtime management and recursion, each set or not, published or not.
pub(super) fn sides() -> Vec<Wish> {
    let mut all = Vec::new();
    for bits in 0..8_u8 {
        let [runtime, recursion, publish] = [0, 1, 2].map(|bit| bits & (1 << bit) != 0);
        all.push(with(beside(wish(2, Choice::BARE), [runtime, recursion]), |spec| {
            (spec.publish, spec.common.adoption_policy) = (Some(publish), Some(AdoptionPolicy::Adopt));
        }));
    }
    all
}

/// With runtime management and recursion, or without.
pub(super) fn beside(wish: Wish, [runtime, recursion]: [bool; 2]) -> Wish {
    with(wish, |spec| {
        spec.runtime_management_config = runtime.then(|| RuntimeManagementConfig {
            update_runtime_on: Some("Manual".into()),
            runtime_version_arn: Some("arn:aws:lambda:eu-west-1::runtime:1".into()),
        });
        spec.recursive_loop = recursion.then(|| "Allow".into());
    })
}

/// Nobody's function, with side groups that somebody set: what adoption finds.
pub(super) fn set_by_another() -> Start {
    let (mut held, _) = settled(&beside(wish(1, Choice::BARE), [true; 2]), true);
    held.owner = None;
    Start { name: "nobody's, with side groups", function: Some(held), status: None }
}

/// Ends that are prepared; and a release, which is not.
pub(super) fn farewells() -> Vec<Wish> {
    let pre_delete = |groups: Option<Vec<String>>, keep| {
        with(in_vpc(wish(2, Choice::BARE)).deletion(), |spec| {
            (spec.replace_security_groups_on_destroy, spec.replacement_security_group_ids) = (Some(true), groups);
            spec.common.skip_destroy = Some(keep);
        })
    };
    let named = || Some(vec!["sg-a".to_owned(), "sg-b".to_owned()]);
    vec![
        pre_delete(None, false),
        pre_delete(named(), false),
        pre_delete(named(), true),
        wish(2, Choice::BARE).deletion(),
    ]
}

/// Nothing new, a new Secret, a new generation, and more than that.
pub(super) fn environments() -> Vec<Wish> {
    let secret = |wish: Wish| {
        with(wish, |spec| {
            let password = KeyRef { name: "db".into(), key: "password".into(), optional: None };
            let from = ValueFrom { secret_key_ref: Some(password), config_map_key_ref: None };
            let value_from = Some([("PASSWORD".to_owned(), from)].into());
            spec.environment = Some(Environment { value_from, ..Environment::default() });
            spec.common.adoption_policy = Some(AdoptionPolicy::Adopt);
        })
    };
    let same = secret(wish(1, Choice::BARE));
    let more = secret(wish(2, Choice { configuration: true, concurrency: true, ..Choice::BARE }));
    vec![same.clone(), Wish { secret: "2", ..same }, secret(wish(2, Choice::BARE)), more]
}

pub(super) fn in_vpc(wish: Wish) -> Wish {
    with(wish, |spec| {
        let ids = |id: &str| Some(vec![id.to_owned()]);
        let ipv6_allowed_for_dual_stack = Some(true);
        let (subnet_ids, security_group_ids) = (ids("subnet-a"), ids("sg-own"));
        spec.vpc_config = Some(VpcConfig { subnet_ids, security_group_ids, ipv6_allowed_for_dual_stack });
    })
}

pub(super) fn with(mut wish: Wish, change: impl FnOnce(&mut LambdaFunctionSpec)) -> Wish {
    change(&mut wish.object.spec);
    wish
}

pub(super) fn wish(generation: i64, choice: Choice) -> Wish {
    let inline = || {
        let files = [("main.py".into(), "def handler(e, c): ...".into())].into();
        Some(CodeFrom { inline: Some(files), ..CodeFrom::default() })
    };
    let arm = Some(vec![Architecture::Arm64]);
    let tags = |all: [(&str, &str); 2]| all.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let mut spec = LambdaFunctionSpec {
        role: ROLE.into(),
        runtime: Some("python3.13".into()),
        handler: Some("main.handler".into()),
        memory_size: choice.configuration.then_some(256),
        code_signing_config_arn: choice.signing.then(|| SIGNING.into()),
        reserved_concurrent_executions: choice.concurrency.then_some(0),
        // One key stays with another value, one goes, one comes.
        tags: Some(if choice.tags { tags([("team", "a"), ("old", "1")]) } else { tags([("team", "b"), ("new", "1")]) }),
        ..LambdaFunctionSpec::default()
    };
    match choice.code {
        Code::Inline => spec.code_from = inline(),
        Code::InlineForArm => (spec.code_from, spec.architectures) = (inline(), arm),
        Code::S3ForArm => {
            (spec.s3_bucket, spec.s3_key) = (Some("packages".into()), Some("hello.zip".into()));
            spec.architectures = arm;
        }
    }
    let mut object = LambdaFunction::new("hello", spec);
    object.metadata.generation = Some(generation);
    Wish {
        object,
        secret: "1",
        may_adopt: true,
        giver: Owner::Unreadable("forbidden".into()),
        clock: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
    }
}
