//! The AWS identity of the operator in a stable form: the session name changes at each start, the role does not.

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
