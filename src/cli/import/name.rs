//! The names of resources in AWS on the command line of `import`. Pure.

use std::fmt;

use crate::kinds::event_invoke_config::model::LATEST;

/// A resource in AWS, as the command line names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) enum Name {
    /// FUNCTION
    Function(String),
    /// FUNCTION/ALIAS
    Alias { function: String, alias: String },
    /// FUNCTION/UUID of an event source mapping
    Mapping { function: String, uuid: String },
    /// permission:FUNCTION[:QUALIFIER]/ID of a statement
    Permission { function: String, qualifier: Option<String>, id: String },
    /// url:FUNCTION[:ALIAS]
    Url { function: String, alias: Option<String> },
    /// event-invoke-config:FUNCTION[:QUALIFIER]; `None` is `$LATEST`
    EventInvokeConfig { function: String, qualifier: Option<String> },
    /// provisioned-concurrency:FUNCTION:QUALIFIER
    ProvisionedConcurrency { function: String, qualifier: String },
    /// The id of a code signing configuration
    SigningConfig(String),
    /// layer:NAME[:VERSION]; `None` is the newest version
    Layer { layer: String, version: Option<i64> },
}

impl Name {
    /// The resource that a text names.
    ///
    /// # Errors
    /// If it names none.
    pub(in crate::cli) fn parse(text: &str) -> Result<Self, String> {
        read(text).filter(Self::is_plain).ok_or_else(|| {
            "is not the name of a function: write the name alone, FUNCTION/ALIAS, FUNCTION/UUID, permission:FUNCTION[:QUALIFIER]/ID, url:FUNCTION[:ALIAS], event-invoke-config:FUNCTION[:QUALIFIER], provisioned-concurrency:FUNCTION:QUALIFIER or layer:NAME[:VERSION], not an ARN or a version".into()
        })
    }

    /// Whether it is a function, whose family comes along.
    pub(super) const fn is_function(&self) -> bool {
        matches!(self, Self::Function(_))
    }

    /// The function that it belongs to, or is; empty for a resource of no function.
    pub(super) fn function(&self) -> &str {
        match self {
            Self::Function(function)
            | Self::Alias { function, alias: _ }
            | Self::Mapping { function, uuid: _ }
            | Self::Permission { function, qualifier: _, id: _ }
            | Self::Url { function, alias: _ }
            | Self::EventInvokeConfig { function, qualifier: _ }
            | Self::ProvisionedConcurrency { function, qualifier: _ } => function,
            Self::SigningConfig(_) | Self::Layer { layer: _, version: _ } => "",
        }
    }

    /// The version or alias that it belongs to.
    pub(super) const fn qualifier(&self) -> Option<&String> {
        match self {
            Self::Permission { function: _, qualifier, id: _ }
            | Self::Url { function: _, alias: qualifier }
            | Self::EventInvokeConfig { function: _, qualifier } => qualifier.as_ref(),
            Self::ProvisionedConcurrency { function: _, qualifier } => Some(qualifier),
            Self::Function(_)
            | Self::Alias { function: _, alias: _ }
            | Self::Mapping { function: _, uuid: _ }
            | Self::SigningConfig(_)
            | Self::Layer { layer: _, version: _ } => None,
        }
    }

    /// Its own name or id; empty for a resource of which the function, version or alias has only one.
    pub(super) fn own(&self) -> &str {
        match self {
            Self::Function(own)
            | Self::SigningConfig(own)
            | Self::Layer { layer: own, version: _ }
            | Self::Alias { function: _, alias: own }
            | Self::Mapping { function: _, uuid: own }
            | Self::Permission { function: _, qualifier: _, id: own } => own,
            Self::Url { function: _, alias: _ }
            | Self::EventInvokeConfig { function: _, qualifier: _ }
            | Self::ProvisionedConcurrency { function: _, qualifier: _ } => "",
        }
    }

    /// Whether each part can be part of a name in AWS.
    fn is_plain(&self) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let is_name = |text: &String| !text.is_empty() && text.len() <= 140 && text.chars().all(plain);
        let is_qualifier = |text: &Option<String>| text.as_ref().is_none_or(is_name);
        match self {
            Self::Function(name) | Self::SigningConfig(name) | Self::Layer { layer: name, version: _ } => is_name(name),
            Self::Alias { function, alias: part }
            | Self::Mapping { function, uuid: part }
            | Self::ProvisionedConcurrency { function, qualifier: part } => is_name(function) && is_name(part),
            Self::Permission { function, qualifier, id } => is_name(function) && is_qualifier(qualifier) && is_name(id),
            Self::Url { function, alias: qualifier } | Self::EventInvokeConfig { function, qualifier } => {
                is_name(function) && is_qualifier(qualifier)
            }
        }
    }
}

fn read(text: &str) -> Option<Name> {
    let of = |resource: &str| match resource.split_once(':') {
        Some((function, qualifier)) => (function.to_owned(), Some(qualifier.to_owned())),
        None => (resource.to_owned(), None),
    };
    if let Some(rest) = text.strip_prefix("permission:") {
        let (resource, id) = rest.split_once('/')?;
        let (function, qualifier) = of(resource);
        return Some(Name::Permission { function, qualifier, id: id.to_owned() });
    }
    if let Some(resource) = text.strip_prefix("layer:") {
        let (layer, version) = of(resource);
        let version = match version {
            Some(version) => Some(version.parse().ok().filter(|number| *number > 0)?),
            None => None,
        };
        return Some(Name::Layer { layer, version });
    }
    if let Some(resource) = text.strip_prefix("url:") {
        let (function, alias) = of(resource);
        return Some(Name::Url { function, alias });
    }
    if let Some(resource) = text.strip_prefix("event-invoke-config:") {
        let (function, qualifier) = of(resource);
        return Some(Name::EventInvokeConfig { function, qualifier: qualifier.filter(|one| one != LATEST) });
    }
    if let Some(resource) = text.strip_prefix("provisioned-concurrency:") {
        let (function, qualifier) = of(resource);
        return Some(Name::ProvisionedConcurrency { function, qualifier: qualifier? });
    }
    Some(match text.split_once('/') {
        Some((function, uuid)) if is_uuid(uuid) => {
            Name::Mapping { function: function.to_owned(), uuid: uuid.to_owned() }
        }
        Some((function, alias)) => Name::Alias { function: function.to_owned(), alias: alias.to_owned() },
        None if is_signing_config(text) => Name::SigningConfig(text.to_owned()),
        None => Name::Function(text.to_owned()),
    })
}

/// Whether a text has the form of a mapping's UUID, which no alias has in practice.
fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len).collect::<Vec<_>>();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// Whether a text is the id of a code signing configuration, as AWS assigns it.
fn is_signing_config(text: &str) -> bool {
    text.strip_prefix("csc-")
        .is_some_and(|rest| rest.len() == 17 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = |qualifier: &Option<String>| qualifier.as_ref().map(|one| format!(":{one}")).unwrap_or_default();
        match self {
            Self::Function(name) | Self::SigningConfig(name) => f.write_str(name),
            Self::Alias { function, alias: part } | Self::Mapping { function, uuid: part } => {
                write!(f, "{function}/{part}")
            }
            Self::Permission { function, qualifier, id } => {
                write!(f, "permission:{function}{}/{id}", after(qualifier))
            }
            Self::Url { function, alias } => write!(f, "url:{function}{}", after(alias)),
            Self::Layer { layer, version } => {
                write!(f, "layer:{layer}{}", version.map(|version| format!(":{version}")).unwrap_or_default())
            }
            Self::EventInvokeConfig { function, qualifier } => {
                write!(f, "event-invoke-config:{function}{}", after(qualifier))
            }
            Self::ProvisionedConcurrency { function, qualifier } => {
                write!(f, "provisioned-concurrency:{function}:{qualifier}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_resource_has_one_name_that_is_read_as_it_is_written() {
        let (function, live) = ("f".to_owned(), Some("live".to_owned()));
        let cases = [
            ("f", Name::Function(function.clone())),
            ("f/live", Name::Alias { function: function.clone(), alias: "live".into() }),
            (
                "f/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
                Name::Mapping { function: function.clone(), uuid: "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0".into() },
            ),
            ("permission:f/s3", Name::Permission { function: function.clone(), qualifier: None, id: "s3".into() }),
            (
                "permission:f:live/s3",
                Name::Permission { function: function.clone(), qualifier: live.clone(), id: "s3".into() },
            ),
            ("url:f", Name::Url { function: function.clone(), alias: None }),
            ("url:f:live", Name::Url { function: function.clone(), alias: live.clone() }),
            ("event-invoke-config:f", Name::EventInvokeConfig { function: function.clone(), qualifier: None }),
            ("event-invoke-config:f:live", Name::EventInvokeConfig { function: function.clone(), qualifier: live }),
            ("provisioned-concurrency:f:7", Name::ProvisionedConcurrency { function, qualifier: "7".into() }),
            ("layer:common", Name::Layer { layer: "common".into(), version: None }),
            ("layer:common:3", Name::Layer { layer: "common".into(), version: Some(3) }),
            ("csc-0123456789abcdef0", Name::SigningConfig("csc-0123456789abcdef0".into())),
        ];
        for (text, name) in cases {
            assert_eq!(Name::parse(text).as_ref(), Ok(&name), "{text}");
            assert_eq!(name.to_string(), text);
        }
        let latest = Name::parse("event-invoke-config:f:$LATEST").unwrap();
        assert_eq!(latest.to_string(), "event-invoke-config:f");
    }

    #[test]
    fn an_arn_a_version_and_half_a_name_are_refused() {
        let arn = "arn:aws:lambda:eu-west-1:1:function:x";
        for text in [
            arn,
            "f:7",
            "",
            "f/",
            "permission:f",
            "provisioned-concurrency:f",
            "url:",
            "f/0f1e2d3c/x",
            "layer:common:0",
            "layer:common:live",
        ] {
            assert!(Name::parse(text).is_err(), "{text}");
        }
        assert!(
            Name::parse("f/zzzzzzzz-4b5a-6978-8796-a5b4c3d2e1f0").is_ok_and(|name| matches!(name, Name::Alias { .. }))
        );
    }
}
