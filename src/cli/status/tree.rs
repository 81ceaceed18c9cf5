//! The trees of `lambda-operator status`: each function, with the objects that it uses and those that belong to it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::item::{Belongs, Item, State};
use crate::core::goal::Place;
use crate::core::references::{Kind, Reference};

/// The worst of several counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Health {
    Ready,
    NotReady,
    Unknown,
}

/// Whether an object that others use exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Existence {
    Exists,
    Missing,
    /// It could not be read, for this reason.
    Unknown(String),
}

/// An object in a tree, and the lines about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// Kind and name.
    pub(super) object: String,
    /// Whether it is Ready, or exists, in a word or two.
    pub(super) state: String,
    pub(super) health: Health,
    pub(super) lines: Vec<String>,
    pub(super) children: Vec<Self>,
}

impl Node {
    /// The worst health of a tree.
    pub(super) fn worst(&self) -> Health {
        self.children.iter().map(Self::worst).fold(self.health, Ord::max)
    }
}

/// The objects of a namespace.
pub(super) struct Objects<'a> {
    /// In the order of their kinds, and then of their names.
    pub(super) items: &'a [Item],
    /// The objects that they use.
    pub(super) used: &'a BTreeMap<Reference, Existence>,
}

impl Objects<'_> {
    /// The tree of each of these functions.
    ///
    /// # Errors
    /// The name of a function that has no object.
    pub(super) fn of_functions(&self, names: &[String]) -> Result<Vec<Node>, String> {
        let tree = |name: &String| self.function(name).map(|item| self.node(item)).ok_or_else(|| name.clone());
        names.iter().map(tree).collect()
    }

    /// The tree of every function, and then the objects that are in none of them.
    pub(super) fn of_all(&self) -> Vec<Node> {
        let functions = self.items.iter().filter(|item| matches!(item.belongs, Belongs::Function(_)));
        let mut all: Vec<_> = functions.map(|item| self.node(item)).collect();
        let mut shown = BTreeSet::new();
        all.iter().for_each(|node| objects(node, &mut shown));
        // An alias comes before the objects below it.
        for item in self.items {
            if !shown.contains(&item.title()) {
                let node = self.node(item);
                objects(&node, &mut shown);
                all.push(node);
            }
        }
        all
    }

    fn function(&self, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| matches!(item.belongs, Belongs::Function(_)) && item.name == name)
    }

    fn node(&self, item: &Item) -> Node {
        let uses = item.uses.iter().map(|reference| self.used(reference));
        let members = self.items.iter().filter(|member| is_below(member, item)).map(|member| self.node(member));
        Node {
            object: item.title(),
            state: state(item),
            health: health(&item.state),
            lines: lines(item),
            children: uses.chain(members).collect(),
        }
    }

    /// An object that another uses: one of ours with its state, of any other only whether it exists.
    fn used(&self, reference: &Reference) -> Node {
        let is_it = |item: &&Item| item.reference == Some(reference.kind) && item.name == reference.name;
        if let Some(item) = self.items.iter().find(is_it) {
            return self.node(item);
        }
        let (health, state) = match self.used.get(reference) {
            Some(Existence::Exists) => (Health::Ready, "exists".to_owned()),
            Some(Existence::Missing) => (Health::NotReady, "does not exist".to_owned()),
            Some(Existence::Unknown(why)) => (Health::Unknown, format!("is unknown: {why}")),
            None => (Health::Unknown, "is unknown: it was not read".to_owned()),
        };
        Node { object: reference.to_string(), state, health, lines: Vec::new(), children: Vec::new() }
    }
}

/// Whether an object is shown directly below another.
fn is_below(member: &Item, item: &Item) -> bool {
    match (&member.belongs, &item.belongs) {
        (Belongs::ToFunction(name), Belongs::Function(_)) => *name == item.name,
        (Belongs::ToNamed(named), Belongs::Function(place)) => is_same(named, place),
        (Belongs::ToAlias(name), _) => item.reference == Some(Kind::LambdaAlias) && *name == item.name,
        (Belongs::Function(_) | Belongs::ToFunction(_) | Belongs::ToNamed(_) | Belongs::Nothing, _) => false,
    }
}

/// Whether two places are the same function in AWS. A region that is not known yet can be any.
fn is_same(one: &Place, other: &Place) -> bool {
    let regions = one.region.as_ref().zip(other.region.as_ref());
    one.name == other.name && regions.is_none_or(|(one, other)| one == other)
}

/// The objects of a tree.
fn objects(node: &Node, all: &mut BTreeSet<String>) {
    all.insert(node.object.clone());
    node.children.iter().for_each(|child| objects(child, all));
}

const fn health(state: &State) -> Health {
    match state {
        State::Ready => Health::Ready,
        State::NotReady { condition: _, reason: _, message: _ } | State::Unprocessed(_) => Health::NotReady,
    }
}

fn state(item: &Item) -> String {
    match &item.state {
        State::Ready => "Ready".to_owned(),
        State::NotReady { condition, reason, message: _ } => format!("{condition}, {reason}"),
        State::Unprocessed(_) => "Not Ready".to_owned(),
    }
}

/// The messages, and then the facts.
fn lines(item: &Item) -> Vec<String> {
    let mut lines = match &item.state {
        State::Ready => Vec::new(),
        State::NotReady { condition: _, reason: _, message } => vec![message.clone()],
        State::Unprocessed(generation) => {
            vec![format!("The operator has not processed generation {generation} of the object yet.")]
        }
    };
    let facts: Vec<_> = item.facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
    lines.extend((!facts.is_empty()).then(|| facts.join(", ")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: &str, name: &str, belongs: Belongs) -> Item {
        let reference = match kind {
            "LambdaFunction" => Some(Kind::LambdaFunction),
            "LambdaAlias" => Some(Kind::LambdaAlias),
            "LambdaCodeSigningConfig" => Some(Kind::LambdaCodeSigningConfig),
            _ => None,
        };
        let (uses, facts) = (BTreeSet::new(), Vec::new());
        Item { kind: kind.into(), name: name.into(), reference, belongs, uses, state: State::Ready, facts }
    }

    fn place(region: Option<&str>, name: &str) -> Place {
        Place { region: region.map(str::to_owned), name: name.into() }
    }

    fn family() -> Vec<Item> {
        vec![
            item("LambdaFunction", "a", Belongs::Function(place(Some("r"), "hello"))),
            item("LambdaFunction", "b", Belongs::Function(place(Some("r"), "other"))),
            item("LambdaAlias", "live", Belongs::ToFunction("a".into())),
            item("LambdaPermission", "p", Belongs::ToAlias("live".into())),
            item("LambdaFunctionUrl", "u", Belongs::ToNamed(place(None, "hello"))),
            item("LambdaFunctionUrl", "far", Belongs::ToNamed(place(Some("q"), "hello"))),
            item("LambdaEventSourceMapping", "lost", Belongs::ToAlias("none".into())),
        ]
    }

    /// The objects of a tree, each with the number of those above it.
    fn outline(nodes: &[Node], depth: usize) -> Vec<String> {
        let of = |node: &Node| {
            let mut all = vec![format!("{}{}", " ".repeat(depth), node.object)];
            all.extend(outline(&node.children, depth + 1));
            all
        };
        nodes.iter().flat_map(of).collect()
    }

    #[test]
    fn members_are_below_their_alias_or_function_and_others_are_left_out() {
        let (items, used) = (family(), BTreeMap::new());
        let objects = Objects { items: &items, used: &used };
        let tree = objects.of_functions(&["a".into()]).unwrap();
        let expected = ["LambdaFunction a", " LambdaAlias live", "  LambdaPermission p", " LambdaFunctionUrl u"];
        assert_eq!(outline(&tree, 0), expected);
        assert_eq!(objects.of_functions(&["a".into(), "none".into()]), Err("none".to_owned()));
    }

    #[test]
    fn without_a_name_every_object_is_shown_once() {
        let (items, used) = (family(), BTreeMap::new());
        let all = outline(&Objects { items: &items, used: &used }.of_all(), 0);
        let (roots, below): (Vec<_>, Vec<_>) = all.iter().partition(|line| !line.starts_with(' '));
        assert_eq!(
            roots,
            ["LambdaFunction a", "LambdaFunction b", "LambdaFunctionUrl far", "LambdaEventSourceMapping lost"]
        );
        assert_eq!(below.len(), 3);
    }

    #[test]
    fn what_a_function_uses_is_shown_with_its_state_or_its_existence() {
        let reference = |kind, name: &str| Reference { kind, name: name.to_owned() };
        let mut items = family();
        items.push(item("LambdaCodeSigningConfig", "csc", Belongs::Nothing));
        let (db, code) = (reference(Kind::Secret, "db"), reference(Kind::ConfigMap, "code"));
        let locked = reference(Kind::Secret, "locked");
        items[0].uses =
            [db.clone(), code.clone(), locked.clone(), reference(Kind::LambdaCodeSigningConfig, "csc")].into();
        let used = [
            (db, Existence::Exists),
            (code, Existence::Missing),
            (locked, Existence::Unknown("secrets is forbidden".into())),
        ]
        .into();
        let tree = Objects { items: &items, used: &used }.of_functions(&["a".into()]).unwrap().remove(0);
        let shown: Vec<_> =
            tree.children.iter().take(4).map(|node| format!("{}: {}", node.object, node.state)).collect();
        for line in [
            "Secret db: exists",
            "ConfigMap code: does not exist",
            "Secret locked: is unknown: secrets is forbidden",
            "LambdaCodeSigningConfig csc: Ready",
        ] {
            assert!(shown.contains(&line.to_owned()), "{line} is not in {shown:?}");
        }
        assert_eq!(tree.worst(), Health::Unknown);
    }

    #[test]
    fn the_worst_member_decides_about_a_family() {
        let (mut items, used) = (family(), BTreeMap::new());
        let worst = |items: &[Item]| Objects { items, used: &used }.of_functions(&["a".into()]).unwrap()[0].worst();
        assert_eq!(worst(&items), Health::Ready);
        items[3].state = State::NotReady { condition: "Stalled", reason: "AccessDenied".into(), message: "m".into() };
        assert_eq!(worst(&items), Health::NotReady, "below an alias");
        items[3].state = State::Unprocessed(2);
        assert_eq!(worst(&items), Health::NotReady);
    }
}
