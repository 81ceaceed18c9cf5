//! The table of the operator's annotations of a Namespace: every known key, with its value and meaning. The documentation is generated from it. Pure.

/// The prefix of the operator's annotations.
pub const PREFIX: &str = "lambda-operator.io/";

/// An annotation of a Namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Annotation {
    /// The role that acts for the objects.
    RoleArn,
    /// The region of objects that name none.
    Region,
    /// Tags of every function.
    DefaultTags,
    /// The permission to adopt existing resources.
    AllowAdoption,
    /// A list of the values that objects may use.
    Allowed(Bound),
    /// The highest concurrency that a function may reserve.
    MaxReservedConcurrency,
    /// Only signed code.
    RequireCodeSigning,
}

/// A kind of value in a spec that a list of the namespace limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the table below says what each is")]
pub enum Bound {
    Roles,
    FunctionNames,
    Regions,
    Packages,
    Buckets,
    Images,
    Layers,
    Subnets,
    SecurityGroups,
    KmsKeys,
    CodeSigningConfigs,
}

/// A row of the table.
struct Row {
    name: &'static str,
    value: &'static str,
    meaning: &'static str,
    absent: &'static str,
}

/// The form of a list, in documents and in messages.
const LIST: &str = "globs without white space, separated by commas";
const REFUSED: &str = "refused";

const fn list(name: &'static str, meaning: &'static str) -> Row {
    Row { name, value: LIST, meaning, absent: REFUSED }
}

impl Annotation {
    /// Every one, in the order of the documentation.
    pub const ALL: [Self; 17] = [
        Self::RoleArn,
        Self::Region,
        Self::DefaultTags,
        Self::AllowAdoption,
        Self::Allowed(Bound::Roles),
        Self::Allowed(Bound::FunctionNames),
        Self::Allowed(Bound::Regions),
        Self::Allowed(Bound::Packages),
        Self::Allowed(Bound::Buckets),
        Self::Allowed(Bound::Images),
        Self::Allowed(Bound::Layers),
        Self::Allowed(Bound::Subnets),
        Self::Allowed(Bound::SecurityGroups),
        Self::Allowed(Bound::KmsKeys),
        Self::Allowed(Bound::CodeSigningConfigs),
        Self::MaxReservedConcurrency,
        Self::RequireCodeSigning,
    ];

    /// The annotation with this key.
    #[must_use]
    pub fn with_key(key: &str) -> Option<Self> {
        let name = key.strip_prefix(PREFIX)?;
        Self::ALL.into_iter().find(|annotation| annotation.row().name == name)
    }

    /// Its whole key.
    #[must_use]
    pub fn key(self) -> String {
        format!("{PREFIX}{}", self.row().name)
    }

    /// The form of its value.
    #[must_use]
    pub const fn value(self) -> &'static str {
        self.row().value
    }

    /// Its effect.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// The rule without the annotation, if a policy is required.
    #[must_use]
    pub const fn absent(self) -> &'static str {
        self.row().absent
    }

    const fn row(self) -> Row {
        match self {
            Self::RoleArn => Row {
                name: "role-arn",
                value: "ARN of an IAM role",
                meaning: "The operator assumes this role for the objects, with the external id `CLUSTER/NAMESPACE`.",
                absent: "the operator's own identity",
            },
            Self::Region => Row {
                name: "region",
                value: "code of an AWS region",
                meaning: "The region of objects that name none.",
                absent: "the operator's region",
            },
            Self::DefaultTags => Row {
                name: "default-tags",
                value: "key=value,key=value",
                meaning: "Tags of every function. They take precedence over the operator's tags, and the tags of an object take precedence over them.",
                absent: "the operator's tags",
            },
            Self::AllowAdoption => Row {
                name: "allow-adoption",
                value: "true or false",
                meaning: "Objects may take over resources that exist in AWS (`adoptionPolicy`, `adoptFrom`).",
                absent: REFUSED,
            },
            Self::Allowed(bound) => bound.row(),
            Self::MaxReservedConcurrency => Row {
                name: "max-reserved-concurrency",
                value: "a whole number from 0",
                meaning: "The highest `reservedConcurrentExecutions` of one function, and the highest `provisionedConcurrentExecutions` of one LambdaProvisionedConcurrencyConfig. Both come from the account's concurrency.",
                absent: "neither is allowed",
            },
            Self::RequireCodeSigning => Row {
                name: "require-code-signing",
                value: "true, false, or ARNs of code signing configurations (globs, separated by commas)",
                meaning: "Each zip function must have a `codeSigningConfigRef` or `codeSigningConfigArn`; if the value is a list, its ARN must be one of this list. An image cannot be signed: the operator refuses an image unless `allowed-images` allows it.",
                absent: "not required",
            },
        }
    }
}

impl Bound {
    /// The annotation that holds its list.
    #[must_use]
    pub const fn annotation(self) -> Annotation {
        Annotation::Allowed(self)
    }

    /// Whether the absence of the list allows such a value, unless a policy is required. An object that takes a code signing configuration over changes
    /// it for every function that uses it, also in other namespaces.
    #[must_use]
    pub(super) const fn needs_no_list(self) -> bool {
        match self {
            Self::CodeSigningConfigs => false,
            Self::Roles
            | Self::FunctionNames
            | Self::Regions
            | Self::Packages
            | Self::Buckets
            | Self::Images
            | Self::Layers
            | Self::Subnets
            | Self::SecurityGroups
            | Self::KmsKeys => true,
        }
    }

    /// The noun for such a value, for messages.
    #[must_use]
    pub fn named(self, value: &str) -> String {
        let noun = match self {
            Self::Roles => "the role",
            Self::FunctionNames => "a function named",
            Self::Regions => "the region",
            Self::Packages => "the package",
            Self::Buckets => "the bucket",
            Self::Images => "the image",
            Self::Layers => "the layer",
            Self::Subnets => "the subnet",
            Self::SecurityGroups => "the security group",
            Self::KmsKeys => "the KMS key",
            Self::CodeSigningConfigs => "an object to take over the code signing configuration",
        };
        format!("{noun} {value}")
    }

    const fn row(self) -> Row {
        match self {
            Self::Roles => list(
                "allowed-roles",
                "ARNs of the roles that functions may run as (`role`, and the annotation `regrant-role`).",
            ),
            Self::FunctionNames => list(
                "allowed-function-names",
                "Names that functions may have in AWS, including the functions of aliases.",
            ),
            Self::Regions => Row {
                absent: "only the region of the annotation `region`",
                ..list(
                    "allowed-regions",
                    "Regions of functions and aliases, whoever names them: the object, the namespace or the operator.",
                )
            },
            Self::Packages => Row {
                absent: "only the folder `NAMESPACE/`, as `NAMESPACE/**` says it",
                ..list("allowed-packages", "Files of the operator's package folder (`filename`).")
            },
            Self::Buckets => list("allowed-buckets", "S3 buckets of packages (`s3Bucket`)."),
            Self::Images => list("allowed-images", "Container images, with their tag or digest (`imageUri`)."),
            Self::Layers => list(
                "allowed-layers",
                "ARNs of layer versions (`layers`), and names of the layers that the namespace may publish (`layerName`) and that its functions may name by objects (`layerRefs`).",
            ),
            Self::Subnets => list("allowed-subnets", "Ids of subnets (`vpcConfig`)."),
            Self::SecurityGroups => list(
                "allowed-security-groups",
                "Ids of security groups (`vpcConfig`, `replacementSecurityGroupIds`). `default` allows the default group of each VPC, for `replaceSecurityGroupsOnDestroy`.",
            ),
            Self::KmsKeys => {
                list("allowed-kms-keys", "ARNs of KMS keys (`kmsKeyArn`, `sourceKmsKeyArn`, `durableConfig`).")
            }
            Self::CodeSigningConfigs => Row {
                absent: "refused, also if no policy is required",
                ..list(
                    "allowed-code-signing-configs",
                    "ARNs of existing code signing configurations that objects may take over (`arn` of a LambdaCodeSigningConfig), beside `allow-adoption`. Such an object changes the configuration for every function that uses it, also in other namespaces.",
                )
            },
        }
    }
}

/// Whether a key is meant for the operator. The prefix is compared without case, because Kubernetes accepts capitals.
#[must_use]
pub fn is_ours(key: &str) -> bool {
    key.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// The highest edit distance at which a key counts as a misspelling of another.
const NEAR: usize = 3;

/// The known keys that are similar to an unknown key, the most similar first.
#[must_use]
pub fn like(key: &str) -> Vec<String> {
    let name = key.get(PREFIX.len()..).unwrap_or_default().to_ascii_lowercase();
    let near = |annotation: Annotation| {
        let known = annotation.row().name;
        let contained = name.len() > NEAR && (known.contains(&name) || name.contains(known));
        let edits = edits(&name, known);
        (edits <= NEAR || contained).then(|| (edits, annotation.key()))
    };
    let mut all: Vec<_> = Annotation::ALL.into_iter().filter_map(near).collect();
    all.sort();
    all.into_iter().map(|(_, key)| key).take(NEAR).collect()
}

/// The edit distance: the number of letters to add, remove or replace to get from one text to the other.
fn edits(one: &str, other: &str) -> usize {
    // For each prefix of `other`: its edit distance from the prefix of `one` that the loop has read.
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (seen, letter) in one.chars().enumerate() {
        let mut diagonal = seen;
        let mut left = seen + 1;
        let mut next = vec![left];
        for (wanted, above) in other.chars().zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(wanted != letter);
            left = replaced.min(above + 1).min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_known_annotation_is_found_by_its_key_and_no_other_is() {
        let keys: std::collections::BTreeSet<_> = Annotation::ALL.into_iter().map(Annotation::key).collect();
        assert_eq!(keys.len(), Annotation::ALL.len());
        for annotation in Annotation::ALL {
            assert_eq!(Annotation::with_key(&annotation.key()), Some(annotation));
        }
        for unknown in ["lambda-operator.io/allowed-role", "lambda-operator.io/", "allowed-roles"] {
            assert_eq!(Annotation::with_key(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_misspelt_key_is_answered_with_those_like_it() {
        let like = |name: &str| like(&format!("{PREFIX}{name}"));
        assert_eq!(like("allowed-role"), ["lambda-operator.io/allowed-roles"]);
        assert_eq!(like("Allowed-Roles"), ["lambda-operator.io/allowed-roles"]);
        assert_eq!(like("regions").first().map(String::as_str), Some("lambda-operator.io/region"));
        assert_eq!(like("something-else"), [""; 0]);
        assert_eq!((edits("", "abc"), edits("kitten", "sitting"), edits("abc", "")), (3, 3, 3));
    }

    #[test]
    fn a_prefix_in_capitals_is_meant_for_the_operator_too() {
        assert!(is_ours("Lambda-Operator.io/allowed-roles") && is_ours("lambda-operator.io/x"));
        assert!(!is_ours("lambda-operator.io") && !is_ours("my.lambda-operator.io/x") && !is_ours("ö"));
    }
}
