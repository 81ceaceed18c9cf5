//! Each kind as the tests see it that run for every kind: the kill matrix, the walk of a family, the deletion matrix and the witness. Whoever adds
//! a kind adds one entry to the table.

pub mod chart;
pub mod seen;
pub mod table;

use std::collections::BTreeMap;

use futures::future::LocalBoxFuture;
use kube::core::{ApiResource, DynamicObject};
use serde_json::{Value, json};
use testbed::Aws;

use crate::objects::Objects;
use crate::world::World;

/// The function that everything belongs to, as an object and in AWS.
pub const FUNCTION: &str = "hello";
/// The alias, as an object and in AWS.
pub const ALIAS: &str = "live";

/// What an object belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    Nothing,
    Function,
    /// An alias where the object names objects, version 1 where it names what is in AWS.
    Alias,
}

/// How an object names what it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By an object of its namespace.
    Object,
    /// By names in AWS, in a region of its own.
    Name,
}

/// What tests do with a resource in one account and region.
type Does<T> = fn(Aws) -> LocalBoxFuture<'static, T>;

/// One kind.
pub struct Entry {
    pub resource: ApiResource,
    /// The name of its object where there is one of each kind.
    pub name: &'static str,
    pub parent: Parent,
    /// Three specs, without what the object belongs to; each gives another resource.
    pub specs: fn(&Aws, By) -> [Value; 3],
    /// The read that comes before its creation.
    pub read: &'static str,
    /// AWS's writes that create it as the first spec says,
    pub creates: &'static [&'static str],
    /// that change it from the first to the second, or put another in its place where AWS changes none,
    pub changes: &'static [&'static str],
    /// and that delete it. The last one needs no other.
    pub deletes: &'static [&'static str],
    /// All resources of this kind in AWS, in a form that is the same for the same specs.
    pub held: Does<Vec<Value>>,
    /// Somebody else changes it.
    pub change: Does<()>,
    /// Somebody else deletes it.
    pub remove: Does<()>,
    /// What in a spec names something in the cluster that is not there, beside what the object belongs to.
    pub unresolved: Option<Value>,
    /// AWS keeps it when the function is deleted.
    pub outlives_function: bool,
}

impl Entry {
    /// The whole spec of this number.
    #[must_use]
    pub fn spec(&self, aws: &Aws, by: By, number: usize) -> Value {
        let mut spec = (self.specs)(aws, by)[number].clone();
        let named = match (by, self.parent) {
            (By::Object, Parent::Nothing) => json!({}),
            (By::Object, Parent::Function) => json!({"functionRef": {"name": FUNCTION}}),
            (By::Object, Parent::Alias) => json!({"aliasRef": {"name": ALIAS}}),
            (By::Name, Parent::Nothing) => json!({"region": aws.region()}),
            (By::Name, Parent::Function) => json!({"region": aws.region(), "functionName": FUNCTION}),
            (By::Name, Parent::Alias) => {
                json!({"region": aws.region(), "functionName": FUNCTION, "qualifier": "1"})
            }
        };
        spec.as_object_mut().unwrap().extend(named.as_object().unwrap().clone());
        spec
    }

    /// The same with these fields too.
    #[must_use]
    pub fn spec_with(&self, aws: &Aws, number: usize, change: &Value) -> Value {
        let mut spec = self.spec(aws, By::Object, number);
        spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        spec
    }

    /// Its objects in a world.
    #[must_use]
    pub fn of<'w>(&self, world: &'w World) -> Objects<'w, DynamicObject> {
        world.of_resource(&self.resource)
    }

    /// The objects that have to be there before its own, the first one first.
    #[must_use]
    pub fn before(&self) -> Vec<Entry> {
        match self.parent {
            Parent::Nothing => Vec::new(),
            Parent::Function => vec![table::function()],
            Parent::Alias => vec![table::function(), table::alias()],
        }
    }
}

/// Makes the queue and whatever else specs name.
pub async fn prepare(aws: &Aws) {
    aws.create_queue(table::QUEUE).await.unwrap();
}

/// Everything in AWS, by the names of the entries.
pub async fn held(aws: &Aws) -> BTreeMap<&'static str, Vec<Value>> {
    let mut all = BTreeMap::new();
    for entry in table::all() {
        all.insert(entry.name, (entry.held)(aws.clone()).await);
    }
    all
}
