//! The refusals of a namespace's annotations, rule by rule, and for every map of annotations: an empty, misspelt or unreadable annotation refuses
//! objects.

use proptest::collection::{btree_map, vec};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::annotation::PREFIX;
use super::demands::Concurrency;
use super::*;

fn policy(annotations: &[(&str, &str)], strict: bool) -> Policy {
    let all = annotations.iter().map(|(key, value)| (format!("{PREFIX}{key}"), (*value).to_owned())).collect();
    Policy::of("team-a", &all, strict)
}

fn demands<'a>(role: &'a str, name: &'a str) -> Demands<'a> {
    Demands { named: vec![(Bound::Roles, role), (Bound::FunctionNames, name)], ..Demands::default() }
}

fn names(bound: Bound, value: &str) -> Demands<'_> {
    Demands { named: vec![(bound, value)], ..Demands::default() }
}

/// The sentence of a refusal.
fn said(policy: &Policy, demands: &Demands<'_>) -> String {
    let Some(Blocked::NotAllowed(sentence)) = policy.refuses(demands) else { panic!("{policy:?} allows {demands:?}") };
    sentence
}

const BOUNDS: [Bound; 11] = [
    Bound::Roles,
    Bound::FunctionNames,
    Bound::Regions,
    Bound::Packages,
    Bound::Buckets,
    Bound::Images,
    Bound::Layers,
    Bound::Subnets,
    Bound::SecurityGroups,
    Bound::KmsKeys,
    Bound::CodeSigningConfigs,
];

#[test]
fn the_default_is_allow_unless_a_policy_is_required() {
    assert_eq!(policy(&[], false).refuses(&demands("arn:r", "f")), None);
    let sentence = said(&policy(&[], true), &demands("arn:r", "f"));
    assert!(sentence.contains("the role arn:r") && sentence.contains("lambda-operator.io/allowed-roles"), "{sentence}");
}

#[test]
fn each_list_bounds_what_it_is_named_after_and_an_empty_one_allows_nothing() {
    for bound in BOUNDS {
        let key = bound.annotation().key();
        let name = key.strip_prefix(PREFIX).unwrap();
        for strict in [false, true] {
            let listed = policy(&[(name, "x-*, y")], strict);
            assert_eq!(listed.refuses(&names(bound, "x-1")), None, "{key}");
            assert_eq!(listed.refuses(&names(bound, "y")), None, "{key}");
            let sentence = said(&listed, &names(bound, "z"));
            assert!(
                sentence.contains(&key) && sentence.contains("team-a") && sentence.contains(&bound.named("z")),
                "{sentence}"
            );
            for nothing in ["", " ", ","] {
                let sentence = said(&policy(&[(name, nothing)], strict), &names(bound, "x-1"));
                assert!(sentence.contains("empty") && sentence.contains(&key), "{sentence}");
            }
        }
        let silence_refuses = policy(&[], false).refuses(&names(bound, "x")).is_some();
        assert_eq!(silence_refuses, bound == Bound::CodeSigningConfigs, "{key}");
        assert!(said(&policy(&[], true), &names(bound, "x")).contains(&key));
    }
}

#[test]
fn where_a_policy_is_required_a_namespace_has_its_own_packages_and_its_own_region() {
    let strict = policy(&[("region", "eu-west-1")], true);
    assert_eq!(strict.refuses(&names(Bound::Packages, "team-a/app.zip")), None);
    assert_eq!(strict.refuses(&names(Bound::Packages, "team-a/old/app.zip")), None);
    for other in
        ["team-b/app.zip", "app.zip", "team-a", "team-ab/app.zip", "./team-a/app.zip", "team-a/../team-b/app.zip"]
    {
        assert!(strict.refuses(&names(Bound::Packages, other)).is_some(), "{other}");
    }
    assert_eq!(strict.refuses(&names(Bound::Regions, "eu-west-1")), None);
    assert!(strict.refuses(&names(Bound::Regions, "us-east-1")).is_some());
    assert!(policy(&[], true).refuses(&names(Bound::Regions, "eu-west-1")).is_some());
    let listed = policy(&[("region", "eu-west-1"), ("allowed-regions", "us-east-1")], true);
    assert!(listed.refuses(&names(Bound::Regions, "eu-west-1")).is_some(), "a list is the whole of it");
}

#[test]
fn the_place_is_judged_whoever_names_it() {
    let policy = policy(&[("allowed-regions", "eu-*"), ("allowed-function-names", "team-*")], false);
    assert_eq!(policy.refuses_place("eu-west-1", "team-x"), None);
    assert!(policy.refuses_place("us-east-1", "team-x").is_some());
    assert!(policy.refuses_place("eu-west-1", "payments").is_some());
    assert_eq!(policy.refuses_place("eu-west-1", ""), None, "of no function");
    assert!(policy.refuses_place("us-east-1", "").is_some());
}

#[test]
fn adoption_is_closed_until_the_namespace_or_the_operator_opens_it() {
    let opens = |annotations: &[(&str, &str)], flag| policy(annotations, false).opened(flag).allows_adoption();
    assert!(!opens(&[], false) && !opens(&[("allow-adoption", "false")], true));
    assert!(opens(&[], true) && opens(&[("allow-adoption", "true")], false));
    assert!(!opens(&[("allow-adoption", "yes")], true), "an odd value opens nothing");
}

#[test]
fn adoption_needs_leave_where_it_is_asked_for() {
    let adopting = Demands { adopts: true, ..Demands::default() };
    let sentence = said(&policy(&[("allow-adoption", "false")], false), &adopting);
    assert!(
        sentence.contains("does not allow adoption") && sentence.contains("lambda-operator.io/allow-adoption"),
        "{sentence}"
    );
    assert!(said(&policy(&[], true), &adopting).contains("allow-adoption"));
    assert_eq!(policy(&[("allow-adoption", "true")], true).refuses(&adopting), None);
    assert_eq!(policy(&[], false).refuses(&adopting), None);
}

#[test]
fn provisioned_concurrency_has_the_limit_of_reserved_concurrency() {
    let provisions = |executions| Demands { concurrency: Concurrency::Provisioned(executions), ..Demands::default() };
    let ten = policy(&[("max-reserved-concurrency", "10")], false);
    assert_eq!(ten.refuses(&provisions(10)), None);
    let sentence = said(&ten, &provisions(11));
    assert!(sentence.contains("allows provisionedConcurrentExecutions of at most 10, and it is 11"), "{sentence}");
    assert_eq!(policy(&[], false).refuses(&provisions(900)), None);
    assert!(said(&policy(&[], true), &provisions(1)).contains("provisionedConcurrentExecutions 1"));
}

#[test]
fn a_code_signing_configuration_is_taken_over_only_if_a_list_allows_it() {
    let takes = Demands { adopts: true, ..names(Bound::CodeSigningConfigs, "arn:c") };
    let open = ("allow-adoption", "true");
    for strict in [false, true] {
        let sentence = said(&policy(&[open], strict), &takes);
        assert!(sentence.contains("lambda-operator.io/allowed-code-signing-configs"), "{sentence}");
        let of = |list| policy(&[open, ("allowed-code-signing-configs", list)], strict).refuses(&takes);
        assert!(of("").is_some() && of("arn:other").is_some());
        assert_eq!(of("arn:c"), None);
    }
    let closed = policy(&[("allowed-code-signing-configs", "arn:c"), ("allow-adoption", "false")], false);
    assert!(said(&closed, &takes).contains("allow-adoption"), "it is no consent to adoption");
}

#[test]
fn reserved_concurrency_has_a_limit() {
    let reserves = |executions| Demands { concurrency: Concurrency::Reserved(executions), ..Demands::default() };
    let ten = policy(&[("max-reserved-concurrency", "10")], false);
    assert_eq!((ten.refuses(&reserves(10)), ten.refuses(&reserves(0))), (None, None));
    let sentence = said(&ten, &reserves(900));
    assert!(sentence.contains("at most 10") && sentence.contains("900"), "{sentence}");
    assert_eq!(policy(&[], false).refuses(&reserves(900)), None);
    let strict = policy(&[], true);
    assert_eq!(strict.refuses(&reserves(0)), None, "it takes nothing from others");
    assert!(said(&strict, &reserves(1)).contains("max-reserved-concurrency"));
    for unreadable in ["", "ten", "-1", "1.5", "99999999999"] {
        let policy = policy(&[("max-reserved-concurrency", unreadable)], false);
        assert!(said(&policy, &reserves(0)).contains("whole number"), "{unreadable:?}");
    }
}

#[test]
fn signed_code_is_required_of_zip_packages_and_images_are_bounded_by_name() {
    let code = |code| Demands { code, ..Demands::default() };
    let any = policy(&[("require-code-signing", "true")], false);
    assert_eq!(any.refuses(&code(Code::Zip(Some("arn:c")))), None);
    assert_eq!(any.refuses(&code(Code::None)), None);
    assert_eq!(any.refuses(&code(Code::Referred)), None, "it is judged when its ARN is known");
    assert!(said(&any, &code(Code::Zip(None))).contains("codeSigningConfigArn"));
    assert!(said(&any, &code(Code::Image)).contains("lambda-operator.io/allowed-images"));
    let images = policy(&[("require-code-signing", "true"), ("allowed-images", "r/*")], false);
    assert_eq!(images.refuses(&code(Code::Image)), None);
    let one = policy(&[("require-code-signing", "arn:c, arn:d-*")], false);
    assert_eq!(one.refuses(&code(Code::Zip(Some("arn:d-1")))), None);
    assert!(said(&one, &code(Code::Zip(Some("arn:e")))).contains("arn:e"));
    assert!(one.refuses(&code(Code::Zip(None))).is_some() && one.refuses(&code(Code::Image)).is_some());
    assert_eq!(policy(&[("require-code-signing", "false")], true).refuses(&code(Code::Zip(None))), None);
    for unreadable in ["", "yes", "True", "arn:c,d"] {
        let sentence = said(&policy(&[("require-code-signing", unreadable)], false), &code(Code::None));
        assert!(sentence.contains("cannot be read"), "{sentence}");
    }
}

#[test]
fn an_unknown_annotation_of_ours_is_refused_by_name() {
    let misspelt = policy(&[("allowed-role", "*"), ("role-arn", "arn:team")], false);
    let sentence = said(&misspelt, &Demands::default());
    for word in
        ["lambda-operator.io/allowed-role of the Namespace team-a", "unknown", "lambda-operator.io/allowed-roles"]
    {
        assert!(sentence.contains(word), "{sentence}");
    }
    assert_eq!(misspelt.role_arn.as_deref(), Some("arn:team"), "an object that leaves needs it");
    let capitals = [("Lambda-Operator.io/allowed-roles".to_owned(), "x".to_owned())].into();
    assert!(
        said(&Policy::of("team-a", &capitals, false), &Demands::default()).contains("Lambda-Operator.io/allowed-roles")
    );
    let others = [("example.com/allowed-role".to_owned(), String::new())].into();
    assert_eq!(Policy::of("team-a", &others, false).refuses(&Demands::default()), None);
}

#[test]
fn an_unreadable_policy_refuses_everything() {
    for (name, value, form) in [
        ("allow-adoption", "yes", "true or false"),
        ("allow-adoption", "", "true or false"),
        ("role-arn", "", "ARN of an IAM role"),
        ("role-arn", "admin", "ARN of an IAM role"),
        ("region", "", "code of an AWS region"),
        ("default-tags", "team", "key=value"),
        ("allowed-roles", "arn:a arn:b", "separated by commas"),
    ] {
        let sentence = said(&policy(&[(name, value)], false), &Demands::default());
        assert!(sentence.contains(form) && sentence.contains(name), "{sentence}");
    }
    assert_eq!(policy(&[("default-tags", "")], false).refuses(&Demands::default()), None, "no tags");
}

#[test]
fn default_tags_cannot_have_a_reserved_key() {
    for tags in ["lambda-operator.io/owner=c/n/f", "a=b, Lambda-Operator.io/team=x", " AWS:x=y", "=v"] {
        let policy = policy(&[("default-tags", tags), ("role-arn", "arn:team")], false);
        let sentence = said(&policy, &demands("arn:r", "f"));
        assert!(sentence.contains("default-tags") && sentence.contains("rename the key"), "{sentence}");
        assert_eq!(policy.default_tags, BTreeMap::new());
        assert_eq!(policy.role_arn.as_deref(), Some("arn:team"), "an object that leaves needs it");
    }
}

#[test]
fn a_deletion_needs_no_annotation_but_role_and_region() {
    let odd = [
        ("allow-adoption", "yes"),
        ("default-tags", "x"),
        ("unknown", ""),
        ("role-arn", "arn:r"),
        ("region", "eu-west-1"),
    ];
    let policy = policy(&odd, true);
    assert!(policy.refuses(&demands("arn:any", "any")).is_some());
    assert_eq!((policy.role_arn.as_deref(), policy.region.as_deref()), (Some("arn:r"), Some("eu-west-1")));
}

/// A valid value for each annotation, which allows all requests of [`everything`].
fn right(annotation: Annotation) -> &'static str {
    match annotation {
        Annotation::RoleArn => "arn:aws:iam::123456789012:role/team",
        Annotation::Region => "eu-west-1",
        Annotation::DefaultTags => "team=a",
        Annotation::AllowAdoption => "true",
        Annotation::Allowed(_) => "x-*, team-a/**",
        Annotation::MaxReservedConcurrency => "10",
        Annotation::RequireCodeSigning => "arn:x",
    }
}

/// A request of each kind.
fn everything() -> Demands<'static> {
    Demands {
        named: BOUNDS.into_iter().map(|bound| (bound, "x-1")).collect(),
        concurrency: Concurrency::Reserved(10),
        code: Code::Zip(Some("arn:x")),
        adopts: true,
    }
}

/// The part of [`everything`] that only this annotation allows or refuses.
fn part(annotation: Annotation) -> Option<Demands<'static>> {
    match annotation {
        Annotation::RoleArn | Annotation::Region | Annotation::DefaultTags => None,
        Annotation::AllowAdoption => Some(Demands { adopts: true, ..Demands::default() }),
        Annotation::Allowed(bound) => Some(names(bound, "x-1")),
        Annotation::MaxReservedConcurrency => {
            Some(Demands { concurrency: Concurrency::Reserved(10), ..Demands::default() })
        }
        Annotation::RequireCodeSigning => Some(Demands { code: Code::Zip(None), ..Demands::default() }),
    }
}

type Annotations = BTreeMap<String, String>;

/// Any valid annotations.
fn right_maps() -> impl Strategy<Value = Annotations> {
    let all = Annotation::ALL.to_vec();
    subsequence(all, 0..=Annotation::ALL.len())
        .prop_map(|some| some.into_iter().map(|annotation| (annotation.key(), right(annotation).to_owned())).collect())
}

/// A key with the operator's prefix that is not in the table: a misspelt known key, or any text.
fn wrong_keys() -> impl Strategy<Value = String> {
    let known = || select(Annotation::ALL.to_vec()).prop_map(Annotation::key);
    let cut = (known(), any::<proptest::sample::Index>()).prop_map(|(mut key, place)| {
        key.remove(PREFIX.len() + place.index(key.len() - PREFIX.len()));
        key
    });
    let doubled = (known(), any::<proptest::sample::Index>()).prop_map(|(mut key, place)| {
        let at = PREFIX.len() + place.index(key.len() - PREFIX.len());
        key.insert(at, 'q');
        key
    });
    let capital = known().prop_map(|key| key.to_uppercase());
    let other = "[a-z.-]{0,20}".prop_map(|name| format!("{PREFIX}{name}"));
    prop_oneof![cut, doubled, capital, other].prop_filter("it is known", |key| Annotation::with_key(key).is_none())
}

/// A text that is no valid value of any annotation except the tags.
fn wrong_values() -> impl Strategy<Value = String> {
    select(vec!["", " ", ",", "yes", "TRUE", "a b", "-1", "\u{7f}", "none", "x=1 2"]).prop_map(str::to_owned)
}

fn check<S: Strategy>(strategy: S, test: impl Fn(S::Value) -> Result<(), String>) {
    let mut runner = TestRunner::new(Config { failure_persistence: None, cases: 500, ..Config::default() });
    runner.run(&strategy, |value| test(value).map_err(TestCaseError::fail)).unwrap();
}

fn must(truth: bool, what: impl std::fmt::Debug) -> Result<(), String> {
    if truth { Ok(()) } else { Err(format!("{what:?}")) }
}

#[test]
fn every_map_with_an_unknown_annotation_of_ours_refuses_everything_and_names_it() {
    check((right_maps(), wrong_keys(), wrong_values(), any::<bool>()), |(mut map, key, value, strict)| {
        map.insert(key.clone(), value);
        let policy = Policy::of("team-a", &map, strict);
        let sentence = policy.refuses(&Demands::default());
        must(matches!(&sentence, Some(Blocked::NotAllowed(sentence)) if sentence.contains(&key)), (key, sentence))?;
        must(policy.role_arn.is_some() == map.contains_key("lambda-operator.io/role-arn"), "a deletion has its role")
    });
}

#[test]
fn every_map_with_an_empty_or_unreadable_annotation_refuses_what_it_is_about() {
    let one = select(Annotation::ALL.to_vec());
    check((right_maps(), one, wrong_values(), any::<bool>()), |(mut map, annotation, value, strict)| {
        let are_tags = annotation == Annotation::DefaultTags && (value.trim().is_empty() || value.contains('='));
        // Any word is accepted as a region here; a region that does not exist is refused later, when it is used.
        let names_one = annotation == Annotation::Region && !value.trim().is_empty();
        map.insert(annotation.key(), value);
        let policy = Policy::of("team-a", &map, strict);
        let asked = part(annotation).unwrap_or_default();
        must(are_tags || names_one || policy.refuses(&asked).is_some(), (annotation, policy))
    });
}

#[test]
fn where_a_policy_is_required_every_map_refuses_what_it_does_not_speak_of() {
    check((right_maps(), any::<bool>()), |(map, strict)| {
        let policy = Policy::of("team-a", &map, strict);
        for annotation in Annotation::ALL {
            let (Some(asked), said) = (part(annotation), map.contains_key(&annotation.key())) else { continue };
            let refused = policy.refuses(&asked).is_some();
            let expected = match annotation {
                // Code signing is required only if the annotation is set.
                Annotation::RequireCodeSigning => said,
                Annotation::Allowed(bound) if !bound.needs_no_list() => !said,
                _ => strict && !said,
            };
            must(refused == expected, (annotation, strict, said))?;
        }
        let silent = |annotation: &Annotation| part(*annotation).is_some() && !map.contains_key(&annotation.key());
        let signs = Annotation::RequireCodeSigning;
        let complete = !Annotation::ALL.iter().any(|annotation| *annotation != signs && silent(annotation));
        let lists_signing = !silent(&Annotation::Allowed(Bound::CodeSigningConfigs));
        must(policy.refuses(&everything()).is_none() == (complete || !strict && lists_signing), &map)
    });
}

#[test]
fn no_map_of_annotations_and_no_demand_is_too_odd_to_be_judged() {
    let key = prop_oneof![wrong_keys(), select(Annotation::ALL.to_vec()).prop_map(Annotation::key), any::<String>()];
    let asked = (vec((select(BOUNDS.to_vec()), any::<String>()), 0..5), any::<i32>(), any::<bool>());
    check((btree_map(key, any::<String>(), 0..8), asked, any::<bool>()), |(map, asked, strict)| {
        let (named, reserved_concurrency, adopts) = asked;
        let named: Vec<_> = named.iter().map(|(bound, text)| (*bound, text.as_str())).collect();
        let demands =
            Demands { named, concurrency: Concurrency::Reserved(reserved_concurrency), code: Code::Image, adopts };
        let (lax, strict) = (Policy::of("team-a", &map, false), Policy::of("team-a", &map, strict));
        must(lax.refuses(&demands).is_none() || strict.refuses(&demands).is_some(), "strict allows less")
    });
}
