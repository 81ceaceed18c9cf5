//! The stories of an object around the function, and the points of each at which the operator is killed.

use std::fmt;

use support::kinds::Entry;
use testbed::Moment;

/// What happens to the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Story {
    Create,
    Update,
    Delete,
}

/// A call or write at which the operator is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// A call to AWS, after so many others of this name.
    Aws(&'static str, u32),
    /// A write of the status, after so many others.
    Status(u32),
    /// A write of the finalizer.
    Finalizer,
}

/// Just before the call or write, or just after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) at: At,
    pub(crate) moment: Moment,
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, moment } = self;
        write!(formatter, "killed {moment:?} {at:?}")
    }
}

impl Point {
    /// Whether something is lost here that was known: AWS did it and no status says so, or a status says what was not done yet. Elsewhere a
    /// crash is only a late start.
    fn forgets(&self) -> bool {
        match self.at {
            At::Aws(operation, _) => {
                let reads = operation.starts_with("Get") || operation.starts_with("List");
                self.moment == Moment::Answer && !reads
            }
            At::Status(_) => true,
            At::Finalizer => self.moment == Moment::Request,
        }
    }
}

impl Story {
    /// What AWS is sent.
    pub(crate) fn writes(self, entry: &Entry) -> &'static [&'static str] {
        match self {
            Self::Create => entry.creates,
            Self::Update => entry.changes,
            Self::Delete => entry.deletes,
        }
    }

    fn status_writes(self) -> u32 {
        match self {
            // The target and the claim ahead, and the result.
            Self::Create => 3,
            Self::Update | Self::Delete => 1,
        }
    }

    fn points(self, entry: &Entry) -> Vec<At> {
        let writes = self.writes(entry);
        let call = |(index, name): (usize, &&'static str)| {
            let before = writes[..index].iter().filter(|other| *other == name).count();
            At::Aws(name, u32::try_from(before).unwrap())
        };
        let calls = writes.iter().enumerate().map(call);
        let finalizer = (self != Self::Update).then_some(At::Finalizer);
        let read = (self == Self::Create).then_some(At::Aws(entry.read, 0));
        read.into_iter().chain(calls).chain(finalizer).chain((0..self.status_writes()).map(At::Status)).collect()
    }
}

/// All points of a kind, or those at which a crash forgets something.
pub(crate) fn points(entry: &Entry, full: bool) -> Vec<(Story, Point)> {
    let stories = [Story::Create, Story::Update, Story::Delete];
    let all = stories.into_iter().flat_map(|story| story.points(entry).into_iter().map(move |at| (story, at)));
    let moments = [Moment::Request, Moment::Answer];
    let all = all.flat_map(|(story, at)| moments.map(|moment| (story, Point { at, moment })));
    all.filter(|(_, point)| full || point.forgets()).collect()
}
