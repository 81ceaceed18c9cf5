//! The Event about a resource that stays in AWS after its object is gone.

use super::reason::Reason;
use crate::api::shared::HAND_OVER_TO;

/// The way in which an object ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// AWS shows no such resource.
    Absent,
    /// The spec says `skipDestroy`.
    Kept,
    /// The object hands the resource over to another object, by annotation.
    HandedOver,
    /// AWS shows a resource that is not this object's.
    NotOwned,
    /// AWS was not read, because according to status the resource never existed.
    Unknown,
    /// Somebody else removed the finalizer.
    FinalizerRemoved,
}

/// A resource that outlives its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Reason of the Event.
    pub reason: Reason,
    /// Message of the Event: it names the ARN and says what to do.
    pub sentence: String,
}

/// The resource that stays, if one does. `recorded` is the ARN in status, which is set only if the object had a resource. `place` is the ARN of the
/// function that the resource is or belongs to; for a resource that belongs to no function, it names account and region. With [`End::FinalizerRemoved`] it is set only while a creation is in progress.
#[must_use]
pub fn leftover(end: End, noun: &str, recorded: Option<&str>, place: Option<&str>) -> Option<Leftover> {
    let (reason, sentence) = match (end, recorded) {
        (End::Absent | End::Unknown, _) | (End::Kept | End::HandedOver, None) => return None,
        (End::Kept, Some(arn)) => {
            (Reason::Released, format!("The object is gone; its {noun} {arn} stays in AWS, as skipDestroy says."))
        }
        (End::HandedOver, Some(arn)) => (
            Reason::Released,
            format!("The object is gone; the {noun} {arn} stays in AWS, as its annotation {HAND_OVER_TO} says."),
        ),
        (End::NotOwned, Some(arn)) => (
            Reason::Orphaned,
            format!(
                "The object is deleted; the {noun} {arn} stays in AWS because its owner tag no longer names this object. Delete it in AWS if nobody needs it. If the cluster's name has changed, add the old name to --former-cluster-name (formerClusterNames of the chart) and create the object again."
            ),
        ),
        (End::NotOwned, None) => {
            let place = place?;
            (
                Reason::Released,
                format!(
                    "The object is deleted; the {noun} that AWS shows for {place} never belonged to it and stays there."
                ),
            )
        }
        (End::FinalizerRemoved, None) => {
            let place = place?;
            (
                Reason::Orphaned,
                format!(
                    "The object is deleted because somebody removed its finalizer while its {noun} ({place}) was being created. AWS may hold it, with its owner tag if it has one. Look for it in AWS and delete it there, or create the object again under the same name to manage it."
                ),
            )
        }
        (End::FinalizerRemoved, Some(arn)) => (
            Reason::Orphaned,
            format!(
                "The object is deleted because somebody removed its finalizer; its {noun} {arn} stays in AWS, with its owner tag if it has one. Delete it in AWS, or create the object again under the same name to manage it."
            ),
        ),
    };
    Some(Leftover { reason, sentence })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:f";

    #[test]
    fn whatever_stays_in_aws_is_named_by_its_arn() {
        let told =
            |end, recorded| leftover(end, "function", recorded, Some(ARN)).map(|left| (left.reason, left.sentence));
        for (end, recorded, reason) in [
            (End::Kept, Some(ARN), Reason::Released),
            (End::HandedOver, Some(ARN), Reason::Released),
            (End::NotOwned, Some(ARN), Reason::Orphaned),
            (End::NotOwned, None, Reason::Released),
            (End::FinalizerRemoved, Some(ARN), Reason::Orphaned),
            (End::FinalizerRemoved, None, Reason::Orphaned),
        ] {
            let (said, sentence) = told(end, recorded).unwrap();
            assert_eq!(said, reason, "{end:?}");
            assert!(sentence.contains(ARN), "{sentence}");
        }
    }

    #[test]
    fn what_was_deleted_or_never_made_leaves_nothing() {
        for end in [End::Absent, End::Unknown] {
            assert_eq!(leftover(end, "function", Some(ARN), Some(ARN)), None, "{end:?}");
        }
        for end in [End::Kept, End::HandedOver] {
            assert_eq!(leftover(end, "function", None, Some(ARN)), None, "{end:?}");
        }
        assert_eq!(leftover(End::FinalizerRemoved, "function", None, None), None);
    }

    #[test]
    fn an_orphan_is_a_warning_and_a_release_is_not() {
        assert_eq!(Reason::Orphaned.event_type(), "Warning");
        assert_eq!(Reason::Released.event_type(), "Normal");
    }
}
