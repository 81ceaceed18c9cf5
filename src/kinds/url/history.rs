//! The records of earlier reconciles in the status of a function URL.

use super::model::{Member, Url};
use crate::api::function_url::LambdaFunctionUrlStatus;
use crate::api::shared::RecordedClaim;
use crate::core::applied::{Applied, hash};
use crate::core::attached::Model;
use crate::core::attached::history as attached;

/// The records of a status that later reconciles use. Each can be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The records of every resource without tags.
    pub attached: attached::History,
    /// The qualifier, which cannot change.
    pub qualifier: Option<String>,
}

/// Why neither none nor all of the statements may be there. What is missing is then an edit and no drift, whatever the spec says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// Some may have been added.
    Addition,
    /// Some may have been removed.
    Removal,
    /// They are left to others.
    Others,
}

impl Unfinished {
    /// Records it in place of the statements.
    pub(super) fn record(self, applied: &mut Applied) {
        applied.insert(Url::name(Member::Public).to_owned(), hash(self.text()));
    }

    fn text(self) -> &'static str {
        match self {
            Self::Addition => "half way",
            Self::Removal => "removed",
            Self::Others => "left to others",
        }
    }
}

/// What the records say of the object's statements in the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Nothing. The URL may have been taken over together with statements under the same ids, or others may have changed them.
    Unknown,
    /// There are none.
    None,
    /// Some are there, or may be.
    Some,
    /// Some may be there, and others may have been removed that a late read still shows.
    Removed,
}

impl Recorded {
    /// Whether a read that shows all of the desired statements, or none if none is desired, can predate our last write.
    #[must_use]
    pub fn contradicts(self, public: bool) -> bool {
        match self {
            Self::Unknown => false,
            Self::None => public,
            Self::Some => !public,
            Self::Removed => true,
        }
    }
}

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&LambdaFunctionUrlStatus>) -> Self {
        let qualifier = status.and_then(|status| status.qualifier.clone());
        Self { attached: attached::History::of(status), qualifier }
    }

    /// Whether the policy may hold statements of the object. Those of a URL that is not the object's yet decide whether it becomes so.
    #[must_use]
    pub fn may_have_statements(&self) -> bool {
        !self.owns() || self.statements(&Applied::default()) != Recorded::None
    }

    /// Whether the URL is recorded as the object's, and some of its statements as there.
    #[must_use]
    pub fn expects_statements(&self) -> bool {
        self.owns() && matches!(self.statements(&Applied::default()), Recorded::Some | Recorded::Removed)
    }

    /// Whether the URL is recorded as the object's.
    #[must_use]
    pub fn owns(&self) -> bool {
        self.attached.claim == Some(RecordedClaim::Owned)
    }

    /// What the records say of the statements, once these are added to them.
    #[must_use]
    pub fn statements(&self, added: &Applied) -> Recorded {
        let name = Url::name(Member::Public);
        match added.get(name).or_else(|| self.attached.applied.get(name)) {
            None => Recorded::Unknown,
            Some(recorded) if *recorded == hash("") => Recorded::None,
            Some(recorded) if *recorded == hash(Unfinished::Removal.text()) => Recorded::Removed,
            Some(recorded) if *recorded == hash(Unfinished::Others.text()) => Recorded::Unknown,
            Some(_) => Recorded::Some,
        }
    }

    /// Whether AWS accepted these statements last.
    #[must_use]
    pub fn has_accepted(&self, url: &Url) -> bool {
        self.attached.applied.get(Url::name(Member::Public)) == Some(&hash(&url.text(Member::Public)))
    }
}
