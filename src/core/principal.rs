//! The AWS identity of a caller, in a form without the session name, which can change at each start. Also the session names for the role of a
//! namespace.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The prefix of the session names, which CloudTrail shows.
const SESSION: &str = "lambda-operator.";

/// AWS's limit for the name of a session.
const SESSION_LIMIT: usize = 64;

/// The length of the hash that distinguishes two names that were cut.
const MARK: usize = 8;

/// The caller, as STS reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The caller's account, 12 digits.
    pub account: String,
    /// The caller's ARN, including the session name.
    pub arn: String,
}

impl Principal {
    /// The ARN without the part that changes at each start: the ARN of the role, if the caller is a session of a role. STS leaves out
    /// the role's path.
    #[must_use]
    pub fn stable_arn(&self) -> String {
        let parts: Vec<_> = self.arn.splitn(6, ':').collect();
        let [arn, partition, "sts", region, account, resource] = parts[..] else { return self.arn.clone() };
        match resource.split('/').collect::<Vec<_>>()[..] {
            ["assumed-role", role, _session] => format!("{arn}:{partition}:iam:{region}:{account}:role/{role}"),
            _ => self.arn.clone(),
        }
    }
}

/// The name of a namespace's sessions, which CloudTrail shows. AWS allows every character of a namespace's name here. A long name is cut and gets a
/// hash of the whole name, so that it equals no other name.
#[must_use]
pub fn session_name(namespace: &str) -> String {
    let whole = format!("{SESSION}{namespace}");
    if whole.len() <= SESSION_LIMIT {
        return whole;
    }
    let mut mark = String::new();
    for byte in Sha256::digest(namespace.as_bytes()).iter().take(MARK / 2) {
        let _ = write!(mark, "{byte:02x}");
    }
    let cut: String = whole.chars().take(SESSION_LIMIT - MARK - 1).collect();
    format!("{cut}.{mark}")
}

/// The tags of a namespace's sessions, which the conditions of policies can name as `aws:PrincipalTag`.
#[must_use]
pub fn session_tags(cluster: &str, namespace: &str) -> Vec<(String, String)> {
    [("kubernetes-cluster", cluster), ("kubernetes-namespace", namespace)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stable_arn(arn: &str) -> String {
        Principal { account: "123456789012".into(), arn: arn.into() }.stable_arn()
    }

    #[test]
    fn two_sessions_of_one_role_are_one_identity() {
        let role = "arn:aws:iam::123456789012:role/operator";
        assert_eq!(stable_arn("arn:aws:sts::123456789012:assumed-role/operator/web-identity-token-1700000000"), role);
        assert_eq!(stable_arn("arn:aws:sts::123456789012:assumed-role/operator/eks-cluster-pod-7"), role);
        assert_eq!(
            stable_arn("arn:aws-cn:sts::123456789012:assumed-role/operator/s"),
            "arn:aws-cn:iam::123456789012:role/operator"
        );
    }

    #[test]
    fn a_sessions_name_is_one_that_aws_accepts_and_no_other_namespaces() {
        assert_eq!(session_name("team-a"), "lambda-operator.team-a");
        let longest = "n".repeat(63);
        let (name, other) = (session_name(&longest), session_name(&format!("{}m", &longest[..62])));
        assert_eq!((name.len(), other.len()), (64, 64));
        assert_ne!(name, other, "cut names that begin alike");
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        assert!(name.chars().all(allowed), "{name}");
        let most = "n".repeat(48);
        assert_eq!(session_name(&most), format!("lambda-operator.{most}"), "64 characters are not cut");
        // No namespace's name contains a dot, so a cut name never equals a whole name.
        assert!(name["lambda-operator.".len()..].contains('.'));
    }

    #[test]
    fn an_identity_without_a_session_stays_unchanged() {
        for arn in [
            "arn:aws:iam::123456789012:user/team/somebody",
            "arn:aws:iam::123456789012:root",
            "arn:aws:sts::123456789012:federated-user/somebody",
            "nonsense",
            "",
        ] {
            assert_eq!(stable_arn(arn), arn);
        }
    }
}
