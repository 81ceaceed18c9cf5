//! A layer version: its members, the reads that show it, and the writes that publish and delete versions. Pure.

use std::collections::BTreeSet;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::history::LONGEST_CALL;
use crate::api::layer_version::Publishing;
use crate::core::applied::Applied;
use crate::core::attached::{Calls, Model, Words};
use crate::core::operation::Operation;
use crate::core::plan::Write;
use crate::core::staleness::{CLOCK_SKEW, aws_time};
use crate::core::zip_source::Zip;
use crate::kinds::permission::model::Permission;
use crate::kinds::permission::statement::Policy;

/// The noun of messages.
pub const NOUN: &str = "layer version";

/// The members of a layer version beside its package, with the same type on the desired and the observed side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// The runtimes that it is made for.
    pub runtimes: BTreeSet<String>,
    /// The instruction sets that it is made for.
    pub architectures: BTreeSet<String>,
    /// The description.
    pub description: String,
    /// The license.
    pub license: String,
}

/// A member of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named after its member")]
pub enum Member {
    CompatibleRuntimes,
    CompatibleArchitectures,
    Description,
    LicenseInfo,
}

impl Model for Layer {
    type Member = Member;

    const MEMBERS: &'static [Member] =
        &[Member::CompatibleRuntimes, Member::CompatibleArchitectures, Member::Description, Member::LicenseInfo];
    // A version cannot be changed: a change publishes another.
    const CALLS: Calls = Calls {
        create: Operation::PublishLayerVersion,
        update: Operation::PublishLayerVersion,
        delete: Operation::DeleteLayerVersion,
    };
    const WORDS: Words =
        Words { kind: "LambdaLayerVersion", noun: "layer", another: "create one with another spec.layerName" };

    fn name(member: Member) -> &'static str {
        match member {
            Member::CompatibleRuntimes => "CompatibleRuntimes",
            Member::CompatibleArchitectures => "CompatibleArchitectures",
            Member::Description => "Description",
            Member::LicenseInfo => "LicenseInfo",
        }
    }

    fn field(member: Member) -> &'static str {
        match member {
            Member::CompatibleRuntimes => "compatibleRuntimes",
            Member::CompatibleArchitectures => "compatibleArchitectures",
            Member::Description => "description",
            Member::LicenseInfo => "licenseInfo",
        }
    }

    fn text(&self, member: Member) -> String {
        let listed = |all: &BTreeSet<String>| all.iter().cloned().collect::<Vec<_>>().join(", ");
        match member {
            Member::CompatibleRuntimes => listed(&self.runtimes),
            Member::CompatibleArchitectures => listed(&self.architectures),
            Member::Description => self.description.clone(),
            Member::LicenseInfo => self.license.clone(),
        }
    }

    fn with_ignored(self, have: &Self, is_ignored: impl Fn(Member) -> bool) -> Self {
        let Self { runtimes, architectures, description, license } = have.clone();
        Self {
            runtimes: if is_ignored(Member::CompatibleRuntimes) { runtimes } else { self.runtimes },
            architectures: if is_ignored(Member::CompatibleArchitectures) { architectures } else { self.architectures },
            description: if is_ignored(Member::Description) { description } else { self.description },
            license: if is_ignored(Member::LicenseInfo) { license } else { self.license },
        }
    }
}

/// A version of a layer, as AWS shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub number: i64,
    /// Its ARN.
    pub arn: String,
    /// The ARN of the layer.
    pub layer_arn: String,
    /// Its members.
    pub layer: Layer,
    /// CodeSha256 of the package.
    pub code_sha256: String,
    /// Size of the package in bytes.
    pub code_size: i64,
    /// The time of its publication.
    pub created: String,
    /// The signing job of a signed package.
    pub signing_job: Option<String>,
    /// The version of the signing profile of a signed package.
    pub signing_profile: Option<String>,
}

/// A version in the list of a layer's versions, which does not show the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub number: i64,
    /// Its members.
    pub layer: Layer,
}

/// The observed layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The newest version that is recorded, if it exists.
    pub current: Option<Version>,
    /// The version of a publication that was not answered.
    pub found: Option<Version>,
    /// The newest version of the layer, whoever published it, for an object that adopts it.
    pub adoptable: Option<Version>,
    /// The number of the newest version of the layer, if it was read.
    pub newest: Option<i64>,
    /// The recorded versions that exist, if the object is being deleted.
    pub remaining: BTreeSet<i64>,
    /// The policy of the object's newest version, if it was read.
    pub policy: Option<Policy>,
}

impl Observed {
    /// The version that is the object's newest: a publication without an answer is newer than the recorded one.
    #[must_use]
    pub fn held(&self) -> Option<&Version> {
        self.found.as_ref().or(self.current.as_ref()).or(self.adoptable.as_ref())
    }

    /// Whether no version is the object's.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.held().is_none() && self.remaining.is_empty()
    }
}

/// The reads that an observation needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Name of the layer.
    pub layer: String,
    /// Number of the newest version that is recorded.
    pub current: Option<i64>,
    /// The publication that was not answered.
    pub search: Option<Search>,
    /// Whether the newest version of the layer is read, because a version is about to be published.
    pub publishes: bool,
    /// Whether the newest version is taken over.
    pub adopts: bool,
    /// Whether the policy of the object's newest version is read, because the spec has permissions or the record has statements.
    pub shares: bool,
    /// The recorded versions, if the object is being deleted.
    pub own: BTreeSet<i64>,
}

impl Query {
    /// Whether the list of versions is needed. `current` is the recorded version, if it exists. An idle check costs one call.
    #[must_use]
    pub fn needs_list(&self, current: Option<&Version>) -> bool {
        let gone = self.current.is_some() && current.is_none();
        gone || self.publishes || self.search.is_some() || !self.own.is_empty()
    }

    /// Whether versions below this one matter. The list begins with the newest.
    #[must_use]
    pub fn goes_below(&self, number: i64) -> bool {
        let least = self.search.as_ref().map(|search| search.after.saturating_add(1));
        least.into_iter().chain(self.own.first().copied()).min().is_some_and(|least| number > least)
    }
}

/// The search for a version whose publication was not answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Number of the newest version before the call.
    pub after: i64,
    /// The time just before the call.
    pub since: Timestamp,
    /// Hash of each member that was sent.
    pub applied: Applied,
    /// CodeSha256 of the package, if it is known.
    pub code_sha256: Option<String>,
}

impl Search {
    /// Whether this version can be the published one, as far as the list shows.
    #[must_use]
    pub fn considers(&self, listed: &Listed) -> bool {
        listed.number > self.after && listed.layer.applied(Layer::MEMBERS) == self.applied
    }

    /// Whether this version is the published one: it has the package, and was made while AWS can have carried out the call. Others can publish an equal
    /// version at another time.
    #[must_use]
    pub fn finds(&self, version: &Version) -> bool {
        let package = self.code_sha256.as_ref().is_none_or(|sha256| *sha256 == version.code_sha256);
        let [early, late] = [CLOCK_SKEW, LONGEST_CALL.saturating_add(CLOCK_SKEW)]
            .map(|most| SignedDuration::try_from(most).unwrap_or_default());
        let made = aws_time(&version.created).map(|created| created.duration_since(self.since));
        package && made.is_some_and(|made| -early <= made && made <= late)
    }
}

/// One AWS write.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Publishes a version.
    Publish(Box<Publication>),
    /// Deletes a version.
    Delete(Deletion),
    /// Adds a statement to the policy of a version.
    AddPermission(Box<Addition>),
    /// Removes a statement from the policy of a version.
    RemovePermission(Removal),
}

/// A version that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Name of the layer.
    pub name: String,
    /// Its members.
    pub layer: Layer,
    /// Source of its package.
    pub source: Zip,
    /// The record by which it is found again, written before the call and after one without an answer.
    pub publishing: Publishing,
    /// Number of the newest version that is recorded, if it no longer exists.
    pub gone: Option<i64>,
}

/// The deletion of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// Name of the layer.
    pub name: String,
    /// Number of the version.
    pub number: i64,
    /// Whether the object has no version after it.
    pub is_last: bool,
}

/// A statement that is added to the policy of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Name of the layer.
    pub name: String,
    /// The statement, and the version that gets it.
    pub given: Given,
    /// Its contents.
    pub permission: Permission,
}

/// A statement of the policy of one version, as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Given {
    /// Number of the version.
    pub number: i64,
    /// Id of the statement.
    pub id: String,
    /// Hash of its contents.
    pub hash: String,
}

/// A statement that is removed from the policy of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Name of the layer.
    pub name: String,
    /// Number of the version.
    pub number: i64,
    /// Id of the statement.
    pub id: String,
    /// The policy's revision; `None`: the policy was not read, or another call precedes this one.
    pub revision: Option<String>,
}

impl Write for Step {
    fn operation(&self) -> Operation {
        match self {
            Self::Publish(_) => Operation::PublishLayerVersion,
            Self::Delete(_) => Operation::DeleteLayerVersion,
            Self::AddPermission(_) => Operation::AddLayerVersionPermission,
            Self::RemovePermission(_) => Operation::RemoveLayerVersionPermission,
        }
    }

    fn ends_reconcile(&self) -> bool {
        match self {
            Self::Publish(_) => true,
            Self::Delete(deletion) => deletion.is_last,
            Self::AddPermission(_) | Self::RemovePermission(_) => false,
        }
    }

    fn settles_later(&self) -> bool {
        match self {
            Self::Publish(_) | Self::Delete(_) | Self::AddPermission(_) | Self::RemovePermission(_) => false,
        }
    }

    fn ends_resource(&self) -> bool {
        match self {
            Self::Delete(deletion) => deletion.is_last,
            Self::Publish(_) | Self::AddPermission(_) | Self::RemovePermission(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(description: &str) -> Layer {
        Layer { description: description.into(), ..Layer::default() }
    }

    #[test]
    fn an_idle_check_reads_no_list() {
        let version = Version { number: 3, ..Version::default() };
        let idle = Query { current: Some(3), ..Query::default() };
        assert!(!idle.needs_list(Some(&version)));
        assert!(idle.needs_list(None), "it is gone");
        assert!(Query { publishes: true, ..idle.clone() }.needs_list(Some(&version)));
        assert!(Query { search: Some(Search::default()), ..idle }.needs_list(Some(&version)));
        assert!(!Query::default().needs_list(None), "nothing was published");
    }

    #[test]
    fn the_list_is_read_down_to_the_oldest_version_that_matters() {
        assert!(!Query::default().goes_below(9));
        let search = Some(Search { after: 4, ..Search::default() });
        let query = Query { search, ..Query::default() };
        assert!(query.goes_below(6) && !query.goes_below(5));
        assert!(Query { own: [2, 7].into(), ..query }.goes_below(3));
    }

    #[test]
    fn a_publication_is_found_by_its_number_its_members_its_package_and_its_time() {
        let since = "2026-01-31T12:00:00Z".parse().unwrap();
        let search =
            Search { after: 4, since, applied: layer("ours").applied(Layer::MEMBERS), code_sha256: Some("a".into()) };
        let listed = |number, description| Listed { number, layer: layer(description) };
        assert!(search.considers(&listed(5, "ours")));
        assert!(!search.considers(&listed(4, "ours")), "it existed before");
        assert!(!search.considers(&listed(5, "theirs")));
        let made = |sha256: &str, created: &str| Version {
            code_sha256: sha256.into(),
            created: created.into(),
            ..Version::default()
        };
        let version = |sha256: &str| made(sha256, "2026-01-31T12:00:07.000+0000");
        assert!(search.finds(&version("a")) && !search.finds(&version("b")));
        let unknown = Search { code_sha256: None, ..search };
        assert!(unknown.finds(&version("b")), "a package in S3");
        for (created, finds) in [("11:56:00", true), ("12:05:30", true), ("11:54:00", false), ("12:07:00", false)] {
            let version = made("b", &format!("2026-01-31T{created}.000+0000"));
            assert_eq!(unknown.finds(&version), finds, "another clock may differ by five minutes: {created}");
        }
        assert!(!unknown.finds(&made("b", "2026-02-01T12:00:00.000+0000")), "somebody else's, a day later");
    }
}
