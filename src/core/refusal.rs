//! Refusals by the Kubernetes API server, classified by its answer alone: a quiet retry, or a message on the object.

use super::reason::Reason;
use super::references::Reference;

/// The request to the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Read the object's namespace.
    Namespace,
    /// Read an object that the spec refers to.
    Reference(Reference),
    /// Read a Secret that the spec refers to, if namespaces grant this right by binding a ClusterRole.
    BoundSecret {
        /// Of the Secret.
        name: String,
        /// The ClusterRole.
        role: String,
    },
    /// The object itself, uncached.
    Object,
    /// Add the finalizer.
    Hold,
    /// Remove the finalizer.
    Release,
    /// Write the status.
    Status,
}

/// An answer that reports a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub code: u16,
    /// The message.
    pub message: &'a str,
    /// `details.causes[].reason`.
    pub causes: Vec<&'a str>,
}

/// The verdict on an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Somebody else wrote first, or the namespace is being deleted: this is not an error and is not reported.
    Quiet,
    /// The API server is down or busy, which is temporary.
    Unavailable,
    /// Action by a person is required.
    Refused(Refusal),
}

/// The cause of a lasting refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// RBAC does not allow it.
    Forbidden,
    /// An admission policy, a webhook or the schema refuses it.
    Admission,
    /// The object is too large for etcd.
    TooLarge,
    /// The CRD lacks a field of status.
    OutdatedCrd,
    /// Another version of the CRD accepted an object that the spec refers to.
    Unreadable,
}

/// A refusal and its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The cause.
    pub cause: Cause,
    /// The message: cause and remedy.
    pub sentence: String,
}

impl Refusal {
    /// A refusal because the CRD lacks these fields of status.
    #[must_use]
    pub fn outdated(crd: &str, fields: &[String]) -> Self {
        let fields = fields.join(", ");
        let sentence = format!(
            "The CRD {crd} is older than the operator and would drop {fields}, so nothing is changed in AWS. Apply the CRD of the operator's version (by the chart, or with `lambda-operator crd`)."
        );
        Self { cause: Cause::OutdatedCrd, sentence }
    }

    /// An object that the spec refers to, and that this version of the operator cannot read.
    #[must_use]
    pub fn unreadable(reference: &Reference) -> Self {
        let cause = Cause::Unreadable;
        let sentence = format!(
            "The operator cannot read the {reference}, which another version of the CRD accepted. {}",
            general_advice(cause)
        );
        Self { cause, sentence }
    }

    /// The reason in conditions and Events.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self.cause {
            Cause::Forbidden => Reason::Forbidden,
            Cause::Admission => Reason::AdmissionDenied,
            Cause::TooLarge => Reason::ObjectTooLarge,
            Cause::OutdatedCrd => Reason::CrdOutdated,
            Cause::Unreadable => Reason::Unreadable,
        }
    }
}

/// Classifies an answer to a request.
#[must_use]
pub fn judge(request: &Request, answer: &Answer<'_>) -> Verdict {
    if answer.code == 409 || is_terminating(answer) {
        return Verdict::Quiet;
    }
    match cause(answer) {
        Some(cause) => {
            let sentence = format!(
                "{} ({}). {}",
                subject(request),
                answer.message.trim_end_matches('.'),
                advice(request, cause, answer)
            );
            Verdict::Refused(Refusal { cause, sentence })
        }
        None => Verdict::Unavailable,
    }
}

/// Whether a new object is refused because its namespace is being deleted.
#[must_use]
pub fn is_terminating(answer: &Answer<'_>) -> bool {
    answer.code == 403 && answer.causes.contains(&"NamespaceTerminating")
}

/// The cause of a lasting refusal, decided by text because the API server has no codes for these; `None` if the failure is temporary.
fn cause(answer: &Answer<'_>) -> Option<Cause> {
    let Answer { code, message, causes: _ } = answer;
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    let admission = [
        "denied request",
        "denied the request",
        "failed calling webhook",
        "failed to call webhook",
        "is not ready to handle request",
    ];
    if *code == 413 || says(&["request is too large", "Request entity too large", "larger than max"]) {
        Some(Cause::TooLarge)
    } else if says(&["not declared in schema"]) {
        Some(Cause::OutdatedCrd)
    } else if says(&admission) {
        Some(Cause::Admission)
    } else {
        match code {
            403 => Some(Cause::Forbidden),
            400 | 422 => Some(Cause::Admission),
            _ => None,
        }
    }
}

fn subject(request: &Request) -> String {
    match request {
        Request::Namespace => "The API server does not let the operator read the object's namespace".into(),
        Request::Reference(reference) => format!("The API server does not let the operator read the {reference}"),
        Request::BoundSecret { name, role: _ } => {
            format!("The API server does not let the operator read the Secret {name}")
        }
        Request::Object => {
            "The API server does not let the operator read the object again before a write to AWS".into()
        }
        Request::Hold => {
            "The API server refuses the operator's finalizer on the object, so nothing is created in AWS".into()
        }
        Request::Release => {
            "The object has nothing left to do in AWS, but the API server refuses to remove the operator's finalizer"
                .into()
        }
        Request::Status => "The API server refuses the object's status".into(),
    }
}

fn advice(request: &Request, cause: Cause, answer: &Answer<'_>) -> String {
    let bound = match request {
        Request::BoundSecret { name: _, role } if cause == Cause::Forbidden => binding(role, answer.message),
        Request::BoundSecret { .. }
        | Request::Namespace
        | Request::Reference(_)
        | Request::Object
        | Request::Hold
        | Request::Release
        | Request::Status => None,
    };
    bound.unwrap_or_else(|| general_advice(cause).to_owned())
}

/// The RoleBinding that gives the right; the API server's message names the account and the namespace.
fn binding(role: &str, message: &str) -> Option<String> {
    let after = |mark: &str| message.split_once(mark)?.1.split_once('"').map(|(text, _)| text);
    let (account, namespace) = (after("User \"system:serviceaccount:")?, after("in the namespace \"")?);
    Some(format!(
        "Create a RoleBinding in the namespace {namespace} that binds the ClusterRole {role} to the operator's ServiceAccount: kubectl create rolebinding {role} --namespace {namespace} --clusterrole={role} --serviceaccount={account}. It is tried again within a minute."
    ))
}

const fn general_advice(cause: Cause) -> &'static str {
    match cause {
        Cause::Forbidden => {
            "Grant the operator's ServiceAccount the permission that the message names; the chart's roles have it. Retried within a minute."
        }
        Cause::Admission => {
            "Change the admission policy or webhook that the message names, so that the operator can write finalizers and status, or change the object to satisfy it. Retried within a minute."
        }
        Cause::TooLarge => {
            "The object is too close to etcd's size limit: make it smaller, for instance by moving code from the spec to an S3 bucket."
        }
        Cause::OutdatedCrd => "Apply the CRD of the operator's version (the chart does, or `lambda-operator crd`).",
        Cause::Unreadable => "Apply that object again with the CRD of the operator's version.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::references::Kind;

    fn judged(request: &Request, code: u16, message: &str) -> Verdict {
        judge(request, &Answer { code, message, causes: Vec::new() })
    }

    fn refused(request: &Request, code: u16, message: &str) -> Refusal {
        match judged(request, code, message) {
            Verdict::Refused(refusal) => refusal,
            other => panic!("{code} {message}: {other:?}"),
        }
    }

    #[test]
    fn a_forbidden_secret_names_the_secret_and_the_missing_right() {
        let request = Request::Reference(Reference { kind: Kind::Secret, name: "db".into() });
        let said = "secrets \"db\" is forbidden: User \"system:serviceaccount:a:b\" cannot get resource \"secrets\" in API group \"\" in the namespace \"n\"";
        let refusal = refused(&request, 403, said);
        assert_eq!((refusal.cause, refusal.reason()), (Cause::Forbidden, Reason::Forbidden));
        assert!(
            refusal.sentence.contains("Secret db") && refusal.sentence.contains("cannot get resource"),
            "{refusal:?}"
        );
        assert!(refusal.sentence.contains("Grant the operator's ServiceAccount"), "{refusal:?}");
    }

    #[test]
    fn a_secret_of_a_namespace_without_consent_names_the_binding_to_create() {
        let request = Request::BoundSecret { name: "db".into(), role: "lambda-operator-reader".into() };
        let said = "secrets \"db\" is forbidden: User \"system:serviceaccount:ops:lambda-operator\" cannot get resource \"secrets\" in API group \"\" in the namespace \"team-a\"";
        let sentence = refused(&request, 403, said).sentence;
        let command = "kubectl create rolebinding lambda-operator-reader --namespace team-a --clusterrole=lambda-operator-reader --serviceaccount=ops:lambda-operator.";
        assert!(sentence.contains(command) && sentence.contains("Secret db"), "{sentence}");
        let other = refused(&request, 403, "no").sentence;
        assert!(other.contains("Grant the operator's ServiceAccount"), "{other}");
    }

    #[test]
    fn a_refused_finalizer_says_which_way_and_who_refused() {
        let policy = "lambdafunctions.lambda-operator.io \"f\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: no label";
        let webhook = "admission webhook \"w.example.com\" denied the request: no label";
        let broken = "Internal error occurred: failed calling webhook \"w.example.com\": connection refused";
        for (code, said) in [(422, policy), (403, policy), (400, webhook), (403, webhook), (500, broken)] {
            let on = refused(&Request::Hold, code, said);
            let off = refused(&Request::Release, code, said);
            assert_eq!([on.cause, off.cause], [Cause::Admission; 2], "{code} {said}");
            assert!(on.sentence.contains("nothing is created in AWS") && on.sentence.contains(said), "{on:?}");
            assert!(off.sentence.contains("remove the operator's finalizer"), "{off:?}");
        }
    }

    #[test]
    fn an_object_too_large_and_an_older_crd_are_told_apart_from_an_outage() {
        for (code, said) in
            [(413, "Request entity too large: limit is 3145728"), (500, "etcdserver: request is too large")]
        {
            assert_eq!(refused(&Request::Hold, code, said).reason(), Reason::ObjectTooLarge);
        }
        let pruned = "failed to create typed patch object: .status.record: field not declared in schema";
        assert_eq!(refused(&Request::Status, 500, pruned).reason(), Reason::CrdOutdated);
        for code in [429, 500, 502, 503, 504, 401] {
            assert_eq!(judged(&Request::Status, code, "etcdserver: leader changed"), Verdict::Unavailable, "{code}");
        }
    }

    #[test]
    fn an_unreadable_parent_is_named() {
        let refusal = Refusal::unreadable(&Reference { kind: Kind::LambdaFunction, name: "app".into() });
        assert_eq!(refusal.reason(), Reason::Unreadable);
        assert!(refusal.sentence.contains("LambdaFunction app") && refusal.sentence.contains("Apply"), "{refusal:?}");
    }

    #[test]
    fn a_conflict_and_a_terminating_namespace_are_quiet() {
        assert_eq!(judged(&Request::Hold, 409, "the object has been modified"), Verdict::Quiet);
        let causes = vec!["NamespaceTerminating"];
        let answer = Answer { code: 403, message: "unable to create new content in namespace", causes };
        assert_eq!(judge(&Request::Status, &answer), Verdict::Quiet);
    }
}
