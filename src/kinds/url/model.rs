//! The model of a function URL, for both the desired and the observed state: the members of the API, and the public access that belongs to its type.

use std::collections::BTreeSet;

use crate::core::attached::{Calls, Model, Words};
use crate::core::operation::Operation;

/// AWS's default of `InvokeMode`.
pub const BUFFERED: &str = "BUFFERED";

/// The authorization type of a public URL.
pub const NONE: &str = "NONE";

/// A function URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// The authorization type.
    pub auth_type: String,
    /// Cross-origin resource sharing; empty for none.
    pub cors: Cors,
    /// `BUFFERED` or `RESPONSE_STREAM`.
    pub invoke_mode: String,
    /// The public statements that the function's policy has.
    pub public: BTreeSet<Public>,
}

/// Cross-origin resource sharing. AWS keeps no order, and names of headers in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cors {
    /// Credentials may be sent.
    pub credentials: bool,
    /// Headers that may be sent.
    pub headers: BTreeSet<String>,
    /// Methods that may be used.
    pub methods: BTreeSet<String>,
    /// Sites that may call.
    pub origins: BTreeSet<String>,
    /// Headers that may be read.
    pub exposed: BTreeSet<String>,
    /// Seconds for which browsers keep the answer.
    pub max_age: Option<i32>,
}

/// A statement that AWS requires of a public URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Public {
    /// Everyone may call the URL.
    Call,
    /// Everyone may invoke the function, through its URL alone.
    Invoke,
}

impl Public {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Call, Self::Invoke];

    /// The action that the statement allows.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::Call => "lambda:InvokeFunctionUrl",
            Self::Invoke => "lambda:InvokeFunction",
        }
    }
}

/// A member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// `AuthType`.
    AuthType,
    /// `Cors`.
    Cors,
    /// `InvokeMode`.
    InvokeMode,
    /// The statements in the function's policy.
    Public,
}

impl Member {
    /// Every member.
    pub const ALL: [Self; 4] = [Self::AuthType, Self::Cors, Self::InvokeMode, Self::Public];
}

impl Cors {
    /// Names of headers, as AWS keeps them.
    #[must_use]
    pub fn headers(names: impl IntoIterator<Item = String>) -> BTreeSet<String> {
        names.into_iter().map(|name| name.to_lowercase()).collect()
    }

    fn text(&self) -> String {
        let Self { credentials, headers, methods, origins, exposed, max_age } = self;
        let list = |field: &str, values: &BTreeSet<String>| {
            let joined = values.iter().cloned().collect::<Vec<_>>().join(" ");
            (!values.is_empty()).then(|| format!("{field}=[{joined}]"))
        };
        let parts = [
            credentials.then(|| "allowCredentials=true".to_owned()),
            list("allowHeaders", headers),
            list("allowMethods", methods),
            list("allowOrigins", origins),
            list("exposeHeaders", exposed),
            max_age.map(|seconds| format!("maxAge={seconds}")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl Model for Url {
    type Member = Member;

    const MEMBERS: &'static [Member] = &Member::ALL;
    const CALLS: Calls = Calls {
        create: Operation::CreateFunctionUrlConfig,
        update: Operation::UpdateFunctionUrlConfig,
        delete: Operation::DeleteFunctionUrlConfig,
    };
    const WORDS: Words =
        Words { kind: "LambdaFunctionUrl", noun: "function URL", another: "create one for another function or alias" };

    fn name(member: Member) -> &'static str {
        match member {
            Member::AuthType => "AuthType",
            Member::Cors => "Cors",
            Member::InvokeMode => "InvokeMode",
            Member::Public => "PublicAccess",
        }
    }

    fn field(member: Member) -> &'static str {
        match member {
            Member::AuthType => "authorizationType",
            Member::Cors => "cors",
            Member::InvokeMode => "invokeMode",
            Member::Public => "statements for everyone",
        }
    }

    fn text(&self, member: Member) -> String {
        let Self { auth_type, cors, invoke_mode, public } = self;
        match member {
            Member::AuthType => auth_type.clone(),
            Member::Cors => cors.text(),
            Member::InvokeMode => invoke_mode.clone(),
            Member::Public => public.iter().map(|one| one.action()).collect::<Vec<_>>().join(", "),
        }
    }

    fn with_ignored(self, have: &Self, is_ignored: impl Fn(Member) -> bool) -> Self {
        let Self { auth_type, cors, invoke_mode, public } = self;
        Self {
            auth_type: if is_ignored(Member::AuthType) { have.auth_type.clone() } else { auth_type },
            cors: if is_ignored(Member::Cors) { have.cors.clone() } else { cors },
            invoke_mode: if is_ignored(Member::InvokeMode) { have.invoke_mode.clone() } else { invoke_mode },
            public: if is_ignored(Member::Public) { have.public.clone() } else { public },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_compared_as_sets_and_names_of_headers_without_case() {
        let set = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        let cors = |headers: &[&str], origins: &[&str]| Cors {
            headers: Cors::headers(set(headers)),
            origins: set(origins).into_iter().collect(),
            ..Cors::default()
        };
        let one = cors(&["X-One", "x-two"], &["https://a", "https://b"]);
        assert_eq!(one, cors(&["X-TWO", "x-one"], &["https://b", "https://a"]));
        assert_eq!(one.text(), "allowHeaders=[x-one x-two], allowOrigins=[https://a https://b]");
        assert_eq!(Cors::default().text(), "");
        assert_ne!(Cors { max_age: Some(0), ..Cors::default() }, Cors::default());
    }
}
