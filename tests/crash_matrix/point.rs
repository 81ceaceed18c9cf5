//! A point: just before, or just after, the n-th call of a kind; learned from the journals of an undisturbed run.

use std::collections::BTreeMap;
use std::fmt;

use testbed::{Call, Moment, Write};

/// A kind of call of the operator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// By its operation.
    Aws(String),
    /// By verb, resource and subresource.
    Kubernetes(String, String, Option<String>),
}

/// Where the operator is killed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) kind: Kind,
    /// So many calls of the kind come before.
    pub(crate) skip: u32,
    pub(crate) moment: Moment,
}

impl Point {
    fn is_before(&self) -> bool {
        self.moment == Moment::Request
    }

    /// Whether something is lost here that was known: AWS did it and we were not told, or we were and could not write it
    /// down. Elsewhere a crash is only a late start.
    pub(crate) fn forgets(&self) -> bool {
        match &self.kind {
            Kind::Aws(operation) => {
                !operation.starts_with("Get") && !operation.starts_with("List") && !self.is_before()
            }
            Kind::Kubernetes(_, resource, _) => resource != "events" && self.is_before(),
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = if self.is_before() { "before" } else { "after" };
        let number = self.skip + 1;
        match &self.kind {
            Kind::Aws(operation) => write!(formatter, "{when} {operation} number {number}"),
            Kind::Kubernetes(verb, resource, subresource) => {
                let subresource = subresource.iter().map(|name| format!("/{name}")).collect::<String>();
                write!(formatter, "{when} {verb} {resource}{subresource} number {number}")
            }
        }
    }
}

/// Before and after each of the calls and writes, in their order.
pub(crate) fn points(calls: &[Call], writes: &[Write]) -> Vec<Point> {
    let calls = calls.iter().map(|call| Kind::Aws(call.operation.clone()));
    let writes = writes
        .iter()
        .map(|write| Kind::Kubernetes(write.verb.clone(), write.resource.clone(), write.subresource.clone()));
    let mut seen = BTreeMap::new();
    let mut points = Vec::new();
    for kind in calls.chain(writes) {
        let number = seen.entry(kind.clone()).or_insert(0);
        for moment in [Moment::Request, Moment::Answer] {
            points.push(Point { kind: kind.clone(), skip: *number, moment });
        }
        *number += 1;
    }
    points
}
