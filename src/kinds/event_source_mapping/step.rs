//! A step: one AWS write with all its contents.

use std::collections::BTreeMap;

use super::setting::Settings;
use super::source::{Origin, Source, Start};
use crate::core::operation::Operation;
use crate::core::plan::Write;
use crate::kinds::function::plan::step::{Tagging, Untagging};

/// One AWS write.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Creates the mapping.
    Create(Box<Creation>),
    /// Changes the mapping.
    Update(Box<Change>),
    /// Sets tags of the mapping with this UUID.
    Tag(String, Tagging),
    /// Removes tags of the mapping with this UUID.
    Untag(String, Untagging),
    /// Deletes the mapping with this UUID.
    Delete(String),
}

/// A mapping that does not exist yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Creation {
    /// The origin of its events.
    pub origin: Origin,
    /// The settings that AWS uses only at the creation.
    pub start: Start,
    /// The settings that differ from AWS's defaults.
    pub settings: Settings,
    /// Its tags, without the owner tag.
    pub tags: BTreeMap<String, String>,
    /// Value of the owner tag.
    pub owner: String,
}

/// A change of an existing mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its UUID.
    pub uuid: String,
    /// The kind of its source.
    pub source: Source,
    /// The settings that are sent.
    pub settings: Settings,
}

impl Write for Step {
    fn operation(&self) -> Operation {
        match self {
            Self::Create(_) => Operation::CreateEventSourceMapping,
            Self::Update(_) => Operation::UpdateEventSourceMapping,
            Self::Tag(..) => Operation::TagResource,
            Self::Untag(..) => Operation::UntagResource,
            Self::Delete(_) => Operation::DeleteEventSourceMapping,
        }
    }

    fn ends_reconcile(&self) -> bool {
        match self {
            Self::Create(_)
            | Self::Update(_)
            | Self::Tag(_, Tagging::Owner(_))
            | Self::Untag(_, Untagging::Owner)
            | Self::Delete(_) => true,
            Self::Tag(_, Tagging::Set(_)) | Self::Untag(_, Untagging::Remove(_)) => false,
        }
    }

    fn settles_later(&self) -> bool {
        match self {
            Self::Create(_) | Self::Update(_) | Self::Delete(_) => true,
            Self::Tag(..) | Self::Untag(..) => false,
        }
    }
}
