//! The way in which an imported spec names the function, version or alias of its resource: by names in AWS, or by objects of the same manifest. Pure.

use crate::api::shared::{AdoptionPolicy, AliasRef, CommonSpec, FunctionRef};

/// The qualifier of the unpublished version, which a spec names by leaving the qualifier out.
const LATEST: &str = "$LATEST";

/// The function, version or alias of an imported resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Belonging {
    /// By names in AWS, for objects without a LambdaFunction of their namespace.
    InAws {
        /// Region of the function.
        region: String,
        /// Name of the function.
        function: String,
        /// Version or alias.
        qualifier: Option<String>,
    },
    /// By the LambdaFunction of the namespace.
    Function {
        /// Name of the object.
        object: String,
        /// Version, or an alias without an object.
        qualifier: Option<String>,
    },
    /// By the LambdaAlias of the namespace.
    Alias {
        /// Name of the object.
        object: String,
    },
}

/// The fields of a spec that follow from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields {
    /// The LambdaFunction.
    pub function_ref: Option<FunctionRef>,
    /// The LambdaAlias.
    pub alias_ref: Option<AliasRef>,
    /// Name of the function in AWS.
    pub function_name: Option<String>,
    /// Version or alias in AWS.
    pub qualifier: Option<String>,
    /// The region, and the adoption.
    pub common: CommonSpec,
}

impl Belonging {
    /// The fields of the spec. An object that refers to another has that one's region.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let named = |qualifier: &Option<String>| qualifier.clone().filter(|qualifier| qualifier != LATEST);
        match self {
            Self::InAws { region, function, qualifier } => Fields {
                function_name: Some(function.clone()),
                qualifier: named(qualifier),
                common: adopted(Some(region)),
                ..Fields::default()
            },
            Self::Function { object, qualifier } => Fields {
                function_ref: Some(FunctionRef { name: object.clone() }),
                qualifier: named(qualifier),
                common: adopted(None),
                ..Fields::default()
            },
            Self::Alias { object } => Fields {
                alias_ref: Some(AliasRef { name: object.clone() }),
                common: adopted(None),
                ..Fields::default()
            },
        }
    }
}

/// The common fields of an imported object: its region and the adoption; everything else is the operator's default.
#[must_use]
pub fn adopted(region: Option<&str>) -> CommonSpec {
    CommonSpec {
        region: region.map(str::to_owned),
        adoption_policy: Some(AdoptionPolicy::Adopt),
        skip_destroy: None,
        deletion_protection: None,
        timeouts: None,
        suspend: None,
        drift_policy: None,
        drift_check_interval: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imported_spec_names_its_function_in_exactly_one_way() {
        let ways = [
            Belonging::InAws { region: "r".into(), function: "f".into(), qualifier: Some("live".into()) },
            Belonging::Function { object: "f".into(), qualifier: Some("7".into()) },
            Belonging::Alias { object: "f-live".into() },
        ];
        for way in ways {
            let Fields { function_ref, alias_ref, function_name, qualifier, common } = way.fields();
            let named = [function_ref.is_some(), alias_ref.is_some(), function_name.is_some()];
            assert_eq!(named.iter().filter(|named| **named).count(), 1, "{way:?}");
            assert_eq!(common.region.is_some(), function_name.is_some(), "a reference brings the region: {way:?}");
            assert!(alias_ref.is_none() || qualifier.is_none(), "{way:?}");
            assert_eq!(common.adoption_policy, Some(AdoptionPolicy::Adopt));
        }
        let latest = Belonging::Function { object: "f".into(), qualifier: Some(LATEST.into()) };
        assert_eq!(latest.fields().qualifier, None);
    }
}
